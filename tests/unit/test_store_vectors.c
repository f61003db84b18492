/* test_store_vectors.c - indexes over columns: when they are made and believed, what they see, and
 * that every answer is what the rows give. */
#include "store_vectors_case.h"

#include <sys/stat.h>

static void make_hnsw(struct store *s, struct store_index *out)
{
    struct err e = ERR_INIT;
    struct store_index spec = {
        .name = "i", .table = "t", .column = "v", .metric = METRIC_L2, .graph = true};
    snprintf(spec.declared, sizeof spec.declared, "{\"type\":\"hnsw\"}");
    assert_ok(store_index_create(s, &spec, false, out, &e), &e);
}

static void first_search_of_a_declared_column_prepares_it(void **state)
{
    struct vectors_case *c = *state;
    case_fill(c->s, &c->seed, "t", ROWS);
    case_from_rows(c, c->s, "not declared");
    assert_int_equal(case_int(c->s, "SELECT count(*) FROM sqlite_schema WHERE type='trigger'"), 0);
    case_declare(c->s, "t");
    case_found(c, c->s, "t");
    assert_int_equal(case_int(c->s, "SELECT count(*) FROM sqlite_schema WHERE type='trigger'"), 3);
    assert_int_equal(case_int(c->s, "SELECT count(*) FROM fovea_log"), 1);
    case_again(c);
    case_found(c, c->s, "t");
    assert_int_equal(case_int(c->s, "SELECT count(*) FROM fovea_indexes"), 1);
}

/* A search that may use a graph, and none answers. */
static void search_exactly(struct vectors_case *c)
{
    struct err e = ERR_INIT;
    float query[DIM];
    struct vec_ask ask = {.k = K};
    struct store_vectors *v = case_get(c, c->s, "t", METRIC_L2);
    assert_non_null(v);
    case_vector(&c->seed, query);
    assert_ok(store_vectors_search(v, query, &ask, &c->answer, &e), &e);
    assert_true(c->answer.path < VEC_PATH_GRAPH);
    assert_true(c->answer.recall == 1);
}

/* Exact by default: neither a first search nor an index that is only declared makes a graph, nor
 * does a rebuild. */
static void no_graph_before_it_is_asked_for(void **state)
{
    struct vectors_case *c = *state;
    struct err e = ERR_INIT;
    struct store_index *all, ix;
    struct store_index_state st;
    size_t count;
    case_begin(c);
    assert_ok(store_index_list(c->s, &all, &count, &e), &e);
    assert_int_equal(count, 1);
    for (int i = 0; i < 3; i++) {
        assert_ok(store_index_state(c->s, &all[0], &st, &e), &e);
        assert_string_equal(st.state, "ready");
        assert_false(st.has_graph);
        search_exactly(c);
        case_exec(c->s, "DELETE FROM t WHERE id % 30 = 7");
        if (i == 0) assert_ok(store_index_compact(c->s, &all[0], NULL, &e), &e);
        if (i == 1) assert_ok(store_index_materialize(c->s, &all[0], NULL, &e), &e);
    }
    mem_free(all);
    make_hnsw(c->s, &ix);
    search_exactly(c);
    store_vectors_wait(c->s);
    assert_ok(store_index_state(c->s, &ix, &st, &e), &e);
    assert_false(st.has_graph);
    search_exactly(c);
    assert_ok(store_index_materialize(c->s, &ix, NULL, &e), &e);
    assert_ok(store_index_state(c->s, &ix, &st, &e), &e);
    assert_true(st.has_graph);
}

static void few_rows_are_left_alone(void **state)
{
    struct vectors_case *c = *state;
    case_declare(c->s, "t");
    case_fill(c->s, &c->seed, "t", 100);
    case_from_rows(c, c->s, "few rows");
    assert_int_equal(case_int(c->s, "SELECT count(*) FROM sqlite_schema WHERE type='trigger'"), 0);
}

static void all_metrics(void **state)
{
    struct vectors_case *c = *state;
    case_begin(c);
    for (int m = 0; m < METRIC_COUNT; m++)
        for (int i = 0; i < 3; i++)
            if (!case_search(c, c->s, "t", (enum metric)m)) fail_msg("%s", c->why);
    assert_int_equal(case_int(c->s, "SELECT count(*) FROM fovea_indexes"), METRIC_COUNT);
    case_try(c->s, &c->seed, "UPDATE t SET v=?1 WHERE id=?2", 7);
    for (int m = 0; m < METRIC_COUNT; m++) assert_true(case_search(c, c->s, "t", (enum metric)m));
}

static void search_inside_a_statement_prepares_as_well(void **state)
{
    struct vectors_case *c = *state;
    struct err e = ERR_INIT;
    struct store_stmt *st;
    bool row;
    case_declare(c->s, "t");
    case_fill(c->s, &c->seed, "t", ROWS);
    assert_ok(store_prepare(c->s, "SELECT id FROM t ORDER BY id", &st, &e), &e);
    assert_ok(store_step(st, &row, &e), &e);
    int64_t last = case_int(c->s, "SELECT last_insert_rowid()");
    case_found(c, c->s, "t");
    assert_int_equal(case_int(c->s, "SELECT last_insert_rowid()"), last);
    for (int i = 2; i <= ROWS; i++) {
        assert_ok(store_step(st, &row, &e), &e);
        assert_true(row && store_int(st, 0) == i);
    }
    store_finalize(st);
}

static void in_a_transaction_nothing_is_prepared(void **state)
{
    struct vectors_case *c = *state;
    case_declare(c->s, "t");
    case_fill(c->s, &c->seed, "t", ROWS);
    case_exec(c->s, "BEGIN");
    case_from_rows(c, c->s, "in a transaction");
    case_exec(c->s, "COMMIT");
    case_found(c, c->s, "t");
}

static void busy_is_no_error(void **state)
{
    struct vectors_case *c = *state;
    case_declare(c->s, "t");
    case_fill(c->s, &c->seed, "t", ROWS);
    struct store *other = case_open(c->path);
    case_exec(other, "BEGIN IMMEDIATE");
    case_from_rows(c, c->s, "locked");
    case_exec(other, "COMMIT");
    case_found(c, c->s, "t");
    store_close(other);
}

static void changes_are_seen_at_once(void **state)
{
    struct vectors_case *c = *state;
    case_begin(c);
    case_try(c->s, &c->seed, "INSERT INTO t(id,v) VALUES(?2,?1)", 90000);
    case_found(c, c->s, "t");
    case_try(c->s, &c->seed, "UPDATE t SET v=?1 WHERE id=?2", 90000);
    case_found(c, c->s, "t");
    case_exec(c->s, "UPDATE t SET id=id+100000 WHERE id BETWEEN 5 AND 20");
    case_found(c, c->s, "t");
    case_exec(c->s, "UPDATE t SET v=NULL WHERE id BETWEEN 30 AND 60");
    case_found(c, c->s, "t");
    case_exec(c->s, "DELETE FROM t WHERE id % 30 = 7");
    case_found(c, c->s, "t");
    case_try(c->s, &c->seed, "INSERT OR REPLACE INTO t(id,v) VALUES(?2,?1)", 100);
    case_found(c, c->s, "t");
    case_again(c);
    case_found(c, c->s, "t");
    case_exec(c->s, "DELETE FROM t");
    case_found(c, c->s, "t");
    assert_int_equal(c->answer.hits.count, 0);
}

static void updates_of_other_columns_log_nothing(void **state)
{
    struct vectors_case *c = *state;
    case_begin(c);
    case_exec(c->s, "UPDATE t SET u=u||'x'");
    assert_int_equal(case_int(c->s, "SELECT count(*) FROM fovea_log"), 1);
}

static void rollbacks_are_seen(void **state)
{
    struct vectors_case *c = *state;
    case_begin(c);
    for (int i = 0; i < 4; i++) {
        case_exec(c->s, "BEGIN");
        case_try(c->s, &c->seed, "INSERT INTO t(id,v) VALUES(?2,?1)", 90000 + i);
        case_found(c, c->s, "t");
        case_exec(c->s, "SAVEPOINT a; DELETE FROM t WHERE id < 400");
        case_found(c, c->s, "t");
        case_exec(c->s, "ROLLBACK TO a");
        if (i % 2 == 0) case_found(c, c->s, "t");
        case_try(c->s, &c->seed, "UPDATE t SET v=?1 WHERE id=?2", 3);
        case_found(c, c->s, "t");
        case_exec(c->s, i < 2 ? "ROLLBACK" : "COMMIT");
        if (i % 2 == 0) case_found(c, c->s, "t");
        case_try(c->s, &c->seed, "UPDATE t SET v=?1 WHERE id=?2", 4);
        case_found(c, c->s, "t");
    }
}

static int64_t nearest(struct vectors_case *c, float x)
{
    struct err e = ERR_INIT;
    float query[DIM] = {x};
    struct vec_ask ask = {.k = 1, .exact = true};
    struct store_vectors *v = case_get(c, c->s, "t", METRIC_L2);
    assert_non_null(v);
    assert_ok(store_vectors_search(v, query, &ask, &c->answer, &e), &e);
    assert_int_equal(c->answer.hits.count, 1);
    return c->answer.hits.at[0].rowid;
}

static void move(struct store *s, int id, float x)
{
    struct err e = ERR_INIT;
    struct store_stmt *st;
    float v[DIM] = {x};
    assert_ok(store_prepare(s, "UPDATE t SET v=?1 WHERE id=?2", &st, &e), &e);
    store_bind_blob(st, 1, v, sizeof v);
    store_bind_int(st, 2, id);
    assert_ok(store_run(st, &e), &e);
    store_finalize(st);
}

/* After a rollback the log's next row has the number of the one that is no more. */
static void a_place_in_the_log_taken_by_another(void **state)
{
    struct vectors_case *c = *state;
    case_begin(c);
    move(c->s, 3, 100);
    assert_int_equal(nearest(c, 100), 3);
    case_exec(c->s, "BEGIN");
    move(c->s, 4, 200);
    assert_int_equal(nearest(c, 200), 4);
    case_exec(c->s, "ROLLBACK");
    move(c->s, 5, 300);
    assert_int_equal(nearest(c, 300), 5);
    assert_int_equal(nearest(c, 190), 3);
    case_exec(c->s, "SAVEPOINT a");
    move(c->s, 6, 400);
    assert_int_equal(nearest(c, 400), 6);
    case_exec(c->s, "ROLLBACK TO a");
    move(c->s, 7, 500);
    assert_int_equal(nearest(c, 500), 7);
    assert_int_equal(nearest(c, 390), 5);
    case_exec(c->s, "RELEASE a");
}

/* Without recursive_triggers REPLACE fires no delete trigger: the rows in its way leave no trace.
 */
static void replaced_rows_are_no_hits(void **state)
{
    struct vectors_case *c = *state;
    case_begin(c);
    struct store *plain = case_open(c->path);
    case_exec(plain, "PRAGMA recursive_triggers=OFF");
    for (int i = 0; i < 1500; i++) {
        int64_t u = (int64_t)(test_random(&c->seed) % ROWS);
        assert_int_equal(case_try(plain, &c->seed, "REPLACE INTO t(v,u) VALUES(?1,?2)", u), ST_OK);
        if (i % 100 == 0) case_found(c, c->s, "t");
    }
    case_found(c, c->s, "t");
    store_vectors_wait(c->s);
    case_found(c, c->s, "t");
    case_exec(plain, "UPDATE OR REPLACE t SET u=CAST(u+1 AS TEXT) WHERE id % 2 = 0");
    case_found(c, c->s, "t");
    store_close(plain);
    case_again(c);
    case_found(c, c->s, "t");
    struct err e = ERR_INIT;
    assert_ok(
        store_index_compact(c->s, store_vectors_index(case_get(c, c->s, "t", METRIC_L2)), NULL, &e),
        &e);
    case_found(c, c->s, "t");
    struct store_vectors *v = case_get(c, c->s, "t", METRIC_L2);
    assert_int_equal(
        vec_index_rows(store_vectors_state(v)), case_int(c->s, "SELECT count(v) FROM t"));
}

static void writing_around_the_triggers_is_found_out(void **state)
{
    struct vectors_case *c = *state;
    struct err e = ERR_INIT;
    case_begin(c);
    char text[1024];
    struct store_stmt *st;
    bool row;
    assert_ok(
        store_prepare(c->s, "SELECT sql FROM sqlite_schema WHERE name='fovea_1_update'", &st, &e),
        &e);
    assert_ok(store_step(st, &row, &e), &e);
    snprintf(text, sizeof text, "%s", store_text(st, 0));
    store_finalize(st);
    /* The trigger is away and comes back as it was, and the log knows nothing. */
    case_exec(c->s, "DROP TRIGGER fovea_1_update; UPDATE t SET v=zeroblob(32)");
    case_exec(c->s, text);
    float query[DIM] = {1};
    struct vec_ask ask = {.k = K};
    struct store_vectors *v = case_get(c, c->s, "t", METRIC_L2);
    assert_non_null(v);
    assert_fails(store_vectors_search(v, query, &ask, &c->answer, &e), ST_CORRUPT, &e,
        "another than the log says");
    store_vectors_wait(c->s);
    case_found(c, c->s, "t");
}

static void a_bad_row_sends_to_the_rows(void **state)
{
    struct vectors_case *c = *state;
    case_begin(c);
    case_exec(c->s, "UPDATE t SET v=x'00000000' WHERE id=7");
    case_from_rows(c, c->s, "t.v, row 7: has 1 dimensions, not 8");
    case_exec(c->s, "UPDATE t SET v='[1,2]' WHERE id=8");
    case_exec(c->s, "DELETE FROM t WHERE id=7");
    case_from_rows(c, c->s, "row");
    case_try(c->s, &c->seed, "UPDATE t SET v=?1 WHERE id=?2", 8);
    case_found(c, c->s, "t");
    case_exec(c->s,
        "UPDATE t SET v=x'0000c07f' || zeroblob(28) WHERE id=9"); /* text by ||; still no vector */
    case_from_rows(c, c->s, "row 9");
    case_exec(c->s, "UPDATE t SET v=CAST(x'0000c07f' || zeroblob(28) AS BLOB) WHERE id=9");
    case_from_rows(c, c->s, "row 9");
    case_exec(c->s, "DELETE FROM t WHERE id=9");
    case_found(c, c->s, "t");
    case_exec(c->s, "UPDATE t SET v=x'00' WHERE id BETWEEN 100 AND 200");
    case_from_rows(c, c->s, "row");
    case_exec(c->s, "DELETE FROM t WHERE id BETWEEN 100 AND 200");
    case_found(c, c->s, "t");
}

static void a_bad_row_at_first_search(void **state)
{
    struct vectors_case *c = *state;
    struct err e = ERR_INIT;
    case_declare(c->s, "t");
    case_fill(c->s, &c->seed, "t", ROWS);
    case_exec(c->s, "UPDATE t SET v=x'0000803f0000803f' WHERE id=1234");
    case_from_rows(c, c->s, "row 1234");
    case_from_rows(c, c->s, "has 2 dimensions, not 8");
    struct store_index ix;
    make_hnsw(c->s, &ix);
    assert_fails(store_index_materialize(c->s, &ix, NULL, &e), ST_INVALID, &e,
        "t.v, row 1234: has 2 dimensions, not 8");
    case_exec(c->s, "DELETE FROM t WHERE id=1234");
    case_found(c, c->s, "t");
}

static void vacuum_and_tables_without_a_key(void **state)
{
    struct vectors_case *c = *state;
    case_exec(c->s, "DROP TABLE t; CREATE TABLE t(v BLOB, u)");
    case_begin(c);
    case_fill(c->s, &c->seed, "t", ROWS);
    case_exec(c->s, "DELETE FROM t WHERE rowid % 2 = 0");
    case_found(c, c->s, "t");
    case_exec(c->s, "VACUUM");
    case_found(c, c->s, "t");
    case_exec(c->s, "ALTER TABLE t ADD COLUMN rowid"); /* the triggers' name for it is taken */
    case_exec(c->s, "INSERT INTO t(rowid) VALUES(5)");
    case_again(c);
    struct store_vectors *v = case_get(c, c->s, "t", METRIC_L2);
    assert_non_null(v);
    assert_int_equal(case_int(c->s,
                         "SELECT sql LIKE '%new._rowid_,%' FROM sqlite_schema WHERE "
                         "name='fovea_1_insert'"),
        1);
}

static void renames_by_anybody(void **state)
{
    struct vectors_case *c = *state;
    struct err e = ERR_INIT;
    case_begin(c);
    struct store *plain = case_open(c->path);
    case_exec(plain, "ALTER TABLE t RENAME TO \"a \"\" b\"");
    case_try(plain, &c->seed, "UPDATE \"a \"\" b\" SET v=?1 WHERE id=?2", 5);
    assert_null(case_get(c, c->s, "t", METRIC_L2));
    struct store_vectors_ask ask = {.table = "A \" B", .column = "v", .metric = METRIC_L2};
    struct store_vectors *v;
    assert_ok(store_vectors_get(c->s, &ask, &v, &e), &e);
    assert_non_null(v);
    assert_int_equal(vec_index_tail(store_vectors_state(v)), 1);
    case_exec(plain, "ALTER TABLE \"a \"\" b\" RENAME TO t; ALTER TABLE t RENAME v TO \"w\"\"w\"");
    case_exec(plain, "ALTER TABLE t RENAME id TO key; ALTER TABLE t RENAME \"w\"\"w\" TO v");
    case_found(c, c->s, "t");
    assert_int_equal(case_int(c->s, "SELECT count(*) FROM fovea_indexes"), 1);
    store_close(plain);
}

static void a_table_made_anew(void **state)
{
    struct vectors_case *c = *state;
    case_begin(c);
    case_exec(c->s,
        "CREATE TABLE n AS SELECT * FROM t; DROP TABLE t;" CASE_TABLE ";"
        "INSERT INTO t SELECT id, v, u FROM n; DROP TABLE n");
    case_try(c->s, &c->seed, "UPDATE t SET v=?1 WHERE id=?2", 5);
    case_found(c, c->s, "t");
    assert_int_equal(case_int(c->s, "SELECT count(*) FROM fovea_indexes"), 1);
}

static void what_can_have_no_index(void **state)
{
    struct vectors_case *c = *state;
    struct err e = ERR_INIT;
    struct store_index spec = {.name = "i", .column = "v", .graph = true, .dim = DIM}, out;
    case_exec(c->s,
        "CREATE TABLE w(id INTEGER PRIMARY KEY, v BLOB) WITHOUT ROWID;"
        "CREATE VIEW q AS SELECT * FROM t; CREATE TEMP TABLE m(v)");
    const char *tables[] = {"w", "q"}, *why[] = {"WITHOUT ROWID", "a view"};
    for (int i = 0; i < 2; i++) {
        snprintf(spec.table, sizeof spec.table, "%s", tables[i]);
        assert_fails(store_index_create(c->s, &spec, false, &out, &e), ST_UNSUPPORTED, &e, why[i]);
        assert_null(case_get(c, c->s, tables[i], METRIC_L2));
        assert_non_null(strstr(c->why, why[i]));
    }
    snprintf(spec.table, sizeof spec.table, "nope");
    assert_fails(
        store_index_create(c->s, &spec, false, &out, &e), ST_NOT_FOUND, &e, "no such table");
    snprintf(spec.table, sizeof spec.table, "t");
    snprintf(spec.column, sizeof spec.column, "nope");
    assert_fails(store_index_create(c->s, &spec, false, &out, &e), ST_NOT_FOUND, &e, "no column");
    struct store_vectors_ask ask = {"temp", "m", "v", METRIC_L2, NULL, ""};
    struct store_vectors *v;
    assert_ok(store_vectors_get(c->s, &ask, &v, &e), &e);
    assert_null(v);
    assert_string_equal(ask.why, "it is temporary");
}

static void indexes_by_name(void **state)
{
    struct vectors_case *c = *state;
    struct err e = ERR_INIT;
    struct store_index ix, found, spec;
    struct store_index_name name = {.table = "T", .name = "I"};
    struct store_index_state st;
    spec = (struct store_index){.name = "i", .table = "t", .column = "v", .graph = true};
    assert_fails(store_index_create(c->s, &spec, false, &ix, &e), ST_INVALID, &e, "dimension");
    case_begin(c);
    assert_int_equal(case_int(c->s, "SELECT count(*) FROM fovea_indexes WHERE kind='codes'"), 1);
    make_hnsw(c->s, &ix);
    assert_int_equal(case_int(c->s, "SELECT count(*) FROM fovea_indexes"), 1);
    assert_fails(store_index_create(c->s, &ix, false, &found, &e), ST_EXISTS, &e, "already has");
    assert_ok(store_index_create(c->s, &ix, true, &found, &e), &e);
    assert_int_equal(found.ix, ix.ix);
    assert_ok(store_index_find(c->s, &name, &found, &e), &e);
    assert_int_equal(found.ix, ix.ix);
    assert_string_equal(found.declared, "{\"type\":\"hnsw\"}");
    assert_ok(store_index_state(c->s, &ix, &st, &e), &e);
    assert_string_equal(st.state, "declared");
    assert_ok(store_index_materialize(c->s, &ix, NULL, &e), &e);
    case_found(c, c->s, "t");
    assert_ok(store_index_state(c->s, &ix, &st, &e), &e);
    assert_string_equal(st.state, "ready");
    assert_true(st.has_graph && st.rows == ROWS && st.file_bytes > 0);
    assert_ok(store_index_verify(c->s, &ix, NULL, &e), &e);
    assert_ok(store_index_drop(c->s, &ix, &e), &e);
    assert_ok(store_index_find(c->s, &name, &found, &e), &e);
    assert_int_equal(found.ix, 0);
    assert_int_equal(case_int(c->s, "SELECT count(*) FROM sqlite_schema WHERE type='trigger'"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(first_search_of_a_declared_column_prepares_it),
        CASE(no_graph_before_it_is_asked_for),
        CASE(few_rows_are_left_alone),
        CASE(all_metrics),
        CASE(search_inside_a_statement_prepares_as_well),
        CASE(in_a_transaction_nothing_is_prepared),
        CASE(busy_is_no_error),
        CASE(changes_are_seen_at_once),
        CASE(updates_of_other_columns_log_nothing),
        CASE(rollbacks_are_seen),
        CASE(a_place_in_the_log_taken_by_another),
        CASE(replaced_rows_are_no_hits),
        CASE(writing_around_the_triggers_is_found_out),
        CASE(a_bad_row_sends_to_the_rows),
        CASE(a_bad_row_at_first_search),
        CASE(vacuum_and_tables_without_a_key),
        CASE(renames_by_anybody),
        CASE(a_table_made_anew),
        CASE(what_can_have_no_index),
        CASE(indexes_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

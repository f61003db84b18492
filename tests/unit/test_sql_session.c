/* test_sql_session.c - sessions: SQLite's SQL passing through, table functions, functions,
 * stopping. */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "sql/tabfn.h"
#include "sql_fake_model.h"
#include "test.h"

static struct sql_session *open_memory(void)
{
    struct sql_session *s;
    struct err e = ERR_INIT;
    assert_ok(sql_session_open(":memory:", &(struct store_options){.create = true}, &s, &e), &e);
    return s;
}

/* Runs one statement; its rows as "a|b;c|d". Errors come back as words. */
static const char *ask(struct sql_session *s, const char *sql)
{
    static char out[4096];
    struct err e = ERR_INIT;
    struct sql_stmt *st = NULL;
    const char *tail;
    bool row = true;
    out[0] = '\0';
    enum status rc = sql_prepare(s, sql, strlen(sql), &st, &tail, &e);
    while (rc == ST_OK && st != NULL && (rc = sql_step(st, &row, &e)) == ST_OK && row) {
        for (int i = 0; i < sql_column_count(st); i++) {
            const char *text = sql_column_text(st, i);
            snprintf(out + strlen(out), sizeof out - strlen(out), "%s%s", i > 0 ? "|" : "",
                text != NULL ? text : "NULL");
        }
        strncat(out, ";", sizeof out - strlen(out) - 1);
    }
    if (rc != ST_OK) snprintf(out, sizeof out, "%s: %s", status_row(rc)->name, e.text);
    sql_finalize(st);
    return out;
}

static void test_pass_through(void **state)
{
    (void)state;
    struct sql_session *s = open_memory();
    assert_string_equal(ask(s, "SELECT 1, 'two', NULL"), "1|two|NULL;");
    assert_string_equal(
        ask(s, "SELEC 1"), "SYNTAX: near \"SELEC\": syntax error; did you mean SELECT");
    assert_string_equal(ask(s, "SELECT * FROM nosuch"), "NOT_FOUND: no such table: nosuch");
    sql_session_close(s);
}

static void test_tail_and_blanks(void **state)
{
    (void)state;
    struct sql_session *s = open_memory();
    struct sql_stmt *st;
    struct err e = ERR_INIT;
    const char *text = "SELECT 1; -- one\n SELECT 2", *tail;
    assert_ok(sql_prepare(s, text, strlen(text), &st, &tail, &e), &e);
    assert_string_equal(tail, " -- one\n SELECT 2");
    sql_finalize(st);
    text = " ; ; -- nothing\n/* here */ ;";
    assert_ok(sql_prepare(s, text, strlen(text), &st, &tail, &e), &e);
    assert_null(st);
    text = "; SELECT 3";
    assert_ok(sql_prepare(s, text, strlen(text), &st, &tail, &e), &e);
    assert_non_null(st);
    sql_finalize(st);
    sql_session_close(s);
}

static void test_places(void **state)
{
    (void)state;
    struct sql_session *s = open_memory();
    struct sql_stmt *st;
    struct err e = ERR_INIT;
    const char *text = "SELECT 1,\n  '\xea\xb0\x80', nosuch", *tail;
    assert_fails(sql_prepare(s, text, strlen(text), &st, &tail, &e), ST_NOT_FOUND, &e,
        "no such column: nosuch");
    assert_int_equal(e.line, 2);
    assert_int_equal(e.column, 8);
    sql_session_close(s);
}

static void test_parameters(void **state)
{
    (void)state;
    struct sql_session *s = open_memory();
    struct sql_stmt *st;
    struct err e = ERR_INIT;
    bool row;
    const char *text = "SELECT ?2, :name", *tail;
    assert_ok(sql_prepare(s, text, strlen(text), &st, &tail, &e), &e);
    assert_int_equal(sql_bind_count(st), 3);
    assert_int_equal(sql_bind_index(st, ":name"), 3);
    assert_string_equal(sql_bind_name(st, 3), ":name");
    assert_ok(sql_bind_text(st, 2, "x", -1, &e), &e);
    assert_ok(sql_bind_int(st, 3, 7, &e), &e);
    assert_fails(sql_bind_int(st, 4, 7, &e), ST_INVALID, &e, "no parameter 4");
    for (int turn = 0; turn < 2; turn++) {
        assert_ok(sql_step(st, &row, &e), &e);
        assert_true(row);
        assert_fails(sql_bind_int(st, 3, 8, &e), ST_INVALID, &e, "running");
        assert_string_equal(sql_column_text(st, 0), "x");
        assert_int_equal(sql_column_int(st, 1), 7);
        assert_ok(sql_step(st, &row, &e), &e);
        assert_false(row);
    }
    sql_finalize(st);
    sql_session_close(s);
}

/* --- table functions -------------------------------------------------------------------------- */

struct count_cursor {
    int64_t at, to;
};
static int count_open_cursors;

static enum status count_open(
    struct sql_session *s, struct sql_value *const *args, int count, void **cursor, struct err *e)
{
    (void)s;
    assert_int_equal(count, 2);
    if (sql_value_int(args[0]) < 0)
        return err_set(e, ST_LIMIT, "%lld is below 0", (long long)sql_value_int(args[0]));
    struct count_cursor *c = mem_zalloc(1, sizeof *c);
    if (c == NULL) return mem_err(e, 0);
    count_open_cursors++;
    c->to = sql_value_int(args[0]);
    c->at = args[1] != NULL ? sql_value_int(args[1]) - 1 : 0;
    *cursor = c;
    return ST_OK;
}

static enum status count_next(void *cursor, bool *row, struct err *e)
{
    (void)e;
    struct count_cursor *c = cursor;
    *row = ++c->at <= c->to;
    return ST_OK;
}

static void count_column(void *cursor, int column, struct sql_result *out)
{
    const struct count_cursor *c = cursor;
    if (column == 0)
        sql_result_int(out, c->at);
    else
        sql_result_text(out, c->at % 2 != 0 ? "odd" : "even", -1);
}

static void count_close(void *cursor)
{
    count_open_cursors--;
    mem_free(cursor);
}

static const struct sql_tabfn COUNT = {.name = "counted",
    .columns = "n INTEGER, kind VARCHAR(10, 2)",
    .args = "upto, start",
    .args_required = 1,
    .direct_only = true,
    .open = count_open,
    .next = count_next,
    .column = count_column,
    .close = count_close};

static void test_tabfn(void **state)
{
    (void)state;
    struct sql_session *s = open_memory();
    struct err e = ERR_INIT;
    assert_ok(sql_tabfn_add(s, &COUNT, &e), &e);
    assert_string_equal(ask(s, "SELECT * FROM counted(3)"), "1|odd;2|even;3|odd;");
    assert_string_equal(ask(s, "SELECT n, upto, start FROM counted(3, 2)"), "2|3|2;3|3|2;");
    assert_string_equal(ask(s, "SELECT * FROM counted(0)"), "");
    assert_string_equal(ask(s, "SELECT * FROM counted"),
        "INVALID: counted() needs its argument upto: counted(upto, start)");
    assert_string_equal(ask(s, "SELECT * FROM counted(-1)"), "LIMIT: -1 is below 0");
    assert_string_equal(
        ask(s, "SELECT a.n, b.n FROM counted(b.n) a JOIN counted(2) b ORDER BY 2, 1"),
        "1|1;1|2;2|2;");
    assert_string_equal(
        ask(s, "SELECT (SELECT sum(n) FROM counted(x.n)) FROM counted(3) x"), "1;3;6;");
    assert_string_equal(ask(s, "CREATE VIEW v AS SELECT * FROM counted(3)"), "");
    assert_string_equal(
        ask(s, "SELECT * FROM v"), "INVALID: unsafe use of virtual table \"counted\"");
    assert_string_equal(ask(s, "SELECT * FROM counted(3) LIMIT 1"), "1|odd;");
    assert_int_equal(count_open_cursors, 0);
    sql_session_close(s);
}

/* --- aggregates ------------------------------------------------------------------------------- */

struct product {
    char *memory; /* something to lose */
    double value;
};

static enum status product_step(
    struct sql_session *s, void *state, struct sql_value *const *args, int count, struct err *e)
{
    (void)s, (void)count;
    struct product *p = state;
    if (p->memory == NULL) {
        p->memory = mem_alloc(10);
        p->value = 1;
    }
    if (sql_value_type(args[0]) == SQL_TEXT)
        return err_set(e, ST_MISMATCH, "product() takes numbers");
    p->value *= sql_value_double(args[0]);
    return ST_OK;
}

static enum status product_final(
    struct sql_session *s, void *state, struct sql_result *out, struct err *e)
{
    (void)s, (void)e;
    struct product *p = state;
    if (out != NULL && p->memory != NULL) sql_result_double(out, p->value);
    mem_free(p->memory);
    return ST_OK;
}

static void test_aggregate(void **state)
{
    (void)state;
    static const struct sql_aggregate PRODUCT = {.name = "product",
        .args_min = 1,
        .args_max = 1,
        .state_bytes = sizeof(struct product),
        .step = product_step,
        .final = product_final};
    struct sql_session *s = open_memory();
    struct err e = ERR_INIT;
    assert_ok(sql_aggregate_add(s, &PRODUCT, &e), &e);
    assert_ok(sql_tabfn_add(s, &COUNT, &e), &e);
    assert_string_equal(ask(s, "SELECT product(n) FROM counted(5)"), "120.0;");
    assert_string_equal(ask(s, "SELECT product(n) FROM counted(0)"), "NULL;");
    assert_string_equal(
        ask(s, "SELECT product(kind) FROM counted(5)"), "MISMATCH: product() takes numbers");
    assert_string_equal(ask(s, "SELECT product(n, 2) FROM counted(5)"),
        "INVALID: product() takes 1 arguments, not 2");
    sql_session_close(s);
}

/* --- functions -------------------------------------------------------------------------------- */

static void test_distances(void **state)
{
    (void)state;
    static const struct {
        const char *sql, *want;
    } CASES[] = {
        {"SELECT L2Distance('[1,2,3]', '[1,2,5]'), L1Distance('[1,2]', '[3,5]')", "2.0|5.0;"},
        {"SELECT LinfDistance('[1,2]', '[3,5]'), dotProduct('[1,2]', '[3,5]')", "3.0|13.0;"},
        {"SELECT cosineDistance('[1,0]', '[0,2]'), cosineDistance('[1,0]', '[-3,0]')", "1.0|2.0;"},
        {"SELECT cosineDistance('[0,0]', '[0,2]'), L2Distance(NULL, '[1]')", "NULL|NULL;"},
        {"SELECT vector_text(vector(' [ 1, -2.5e-3 ,\n0.1] ')), vector_dims('[1,2]')",
            "[1,-0.0025,0.1]|2;"},
        {"SELECT hex(vector('[1]')), vector_norm('[3,4]')", "0000803F|5.0;"},
        {"SELECT vector_text(l2_normalize('[3,4]')), vector_text(l2_normalize('[0,0]'))",
            "[0.6,0.8]|[0,0];"},
        {"SELECT L2Distance('[1,2]', '[1]')",
            "MISMATCH: L2Distance(): different vector dimensions 2 and 1"},
        {"SELECT L2Distance(x'00', '[1]')",
            "INVALID: L2Distance(): a blob of 1 bytes is no vector of 4-byte floats"},
        {"SELECT L2Distance(x'0000C07F', '[1]')",
            "INVALID: L2Distance(): dimension 1 of the vector is not a number"},
        {"SELECT vector(x'0000807F')", "INVALID: vector(): dimension 1 of the vector is infinite"},
        {"SELECT vector('[nan]')", "INVALID: a vector needs a number at character 2"},
        {"SELECT vector('[1e39]')", "INVALID: 1e39 is out of a float's range"},
        {"SELECT vector('[]')", "INVALID: a vector has at least 1 dimension"},
        {"SELECT vector('[1,2')", "INVALID: a vector ends without its ]"},
        {"SELECT vector('[1 2]')", "INVALID: a vector needs , or ] at character 4"},
        {"SELECT vector('[1] x')", "INVALID: something follows a vector's ] at character 5"},
        {"SELECT vector('')", "INVALID: a vector is written '[1, 2, 3]': no [ at its start"},
        {"SELECT vector(5)", "INVALID: vector() takes vectors, not a number"},
        {"SELECT L2Distance('[1]')", "INVALID: L2Distance() takes 2 arguments, not 1"},
    };
    struct sql_session *s = open_memory();
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++)
        assert_string_equal(ask(s, CASES[i].sql), CASES[i].want);
    sql_session_close(s);
}

static void test_embed(void **state)
{
    (void)state;
    struct sql_session *s = open_memory();
    fake_texts_embedded = 0;
    assert_string_equal(
        ask(s, "SELECT vector_dims(embed_text('mini', 'a cat')), embed_text('mini', NULL)"),
        "16|NULL;");
    assert_string_equal(
        ask(s,
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 9)"
            " SELECT count(embed_text('mini', 'a cat')) FROM n"),
        "9;");
    assert_int_equal(fake_texts_embedded, 1);
    assert_string_equal(ask(s,
                            "SELECT round(cosine_similarity(embed_text('mini', 'black cat'),"
                            " embed_image('mini', CAST('picture black cat' AS BLOB))), 4)"),
        "1.0;");
    assert_string_equal(ask(s, "SELECT embed_image('mini', x'00')"), "CORRUPT: not a picture");
    assert_string_equal(
        ask(s, "SELECT embed_text('nosuch', 'x')"), "NOT_FOUND: no model nosuch on this machine");
    assert_string_equal(
        ask(s, "SELECT embed_text(1, 'x')"), "INVALID: embed_text() takes a model's name first");
    assert_string_equal(
        ask(s, "SELECT cosineDistance(embed_text('mini','a'), embed_text('wide','a'))"),
        "MISMATCH: cosineDistance(): different vector dimensions 16 and 32");
    sql_session_close(s);
}

static void test_vector_type(void **state)
{
    (void)state;
    struct sql_session *s = open_memory();
    struct sql_stmt *st;
    struct err e = ERR_INIT;
    bool row;
    const char *text = "SELECT vector('[1]'), x'00000000', NULL", *tail;
    assert_ok(sql_prepare(s, text, strlen(text), &st, &tail, &e), &e);
    assert_ok(sql_step(st, &row, &e), &e);
    assert_int_equal(sql_column_type(st, 0), SQL_VECTOR);
    assert_int_equal(sql_column_type(st, 1), SQL_BLOB);
    assert_int_equal(sql_column_type(st, 2), SQL_NULL);
    sql_finalize(st);
    sql_session_close(s);
}

/* --- stopping --------------------------------------------------------------------------------- */

static const char ENDLESS[] = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n)"
                              " SELECT count(*) FROM n";

static void *cancel_soon(void *user)
{
    usleep(20000);
    sql_cancel(user);
    return NULL;
}

static void test_cancel(void **state)
{
    (void)state;
    struct sql_session *s = open_memory();
    pthread_t t;
    pthread_create(&t, NULL, cancel_soon, s);
    assert_string_equal(ask(s, ENDLESS), "CANCELLED: cancelled");
    pthread_join(t, NULL);
    assert_string_equal(ask(s, "SELECT 1"), "1;");
    sql_session_close(s);
}

static void test_deadline(void **state)
{
    (void)state;
    struct sql_session *s = open_memory();
    sql_session_run(s)->deadline_ms = run_now_ms() + 20;
    assert_string_equal(ask(s, ENDLESS), "TIMEOUT: the deadline has passed");
    sql_session_run(s)->deadline_ms = 0;
    assert_string_equal(ask(s, "SELECT 1"), "1;");
    sql_session_close(s);
}

/* --- steps at work
 * -------------------------------------------------------------------------------- */

static void fill_pictures(struct sql_session *s)
{
    assert_string_equal(ask(s,
                            "CREATE TABLE p AS WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL"
                            " SELECT id+1 FROM n WHERE id < 100) SELECT id,"
                            " CAST('picture cat ' || id AS BLOB) AS path FROM n"),
        "");
}

static void cancel_at_first(void *user, const struct run_progress *p)
{
    if (p->done > 0) sql_cancel(user);
}

static void keep_total(void *user, const struct run_progress *p)
{
    if (p->done > 0) *(uint64_t *)user = p->total;
}

static void test_progress_of_a_step(void **state)
{
    (void)state;
    struct sql_session *s = open_memory();
    uint64_t total = 0;
    fill_pictures(s);
    sql_session_run(s)->progress = keep_total;
    sql_session_run(s)->user = &total;
    ask(s, "CONVERT USING mini AS SELECT * FROM p WHERE path IS NOT NULL LIMIT 90");
    assert_int_equal(total, 90);
    ask(s, "SELECT count(*) FROM (CONVERT USING mini AS (SELECT * FROM p))");
    assert_int_equal(total, 100);
    /* With a call in it q is not counted. */
    ask(s, "CONVERT USING mini AS SELECT * FROM p WHERE length(path) > 0");
    assert_int_equal(total, 0);
    sql_session_close(s);
}

static void test_cancel_a_step(void **state)
{
    (void)state;
    static const char SEARCH[] = "SELECT count(*) FROM (SEARCH IMAGE text='cat' USING mini AS"
                                 " (SELECT * FROM p))";
    struct sql_session *s = open_memory();
    fill_pictures(s);
    fake_pictures_embedded = 0;
    sql_session_run(s)->progress = cancel_at_first;
    sql_session_run(s)->user = s;
    assert_string_equal(ask(s, SEARCH), "CANCELLED: cancelled");
    assert_int_equal(fake_pictures_embedded, MODEL_BATCH_MAX);
    sql_session_run(s)->progress = NULL;
    assert_string_equal(ask(s, SEARCH), "100;");
    assert_int_equal(fake_pictures_embedded, 100);
    sql_session_close(s);
}

/* A row another connection adds while a statement runs is not seen by a step that begins later. */
static void test_one_snapshot(void **state)
{
    (void)state;
    char path[] = "/tmp/fovea-snapshot-XXXXXX";
    struct sql_session *a, *b;
    struct err e = ERR_INIT;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    assert_ok(sql_session_open(path, &(struct store_options){.create = true}, &a, &e), &e);
    fill_pictures(a);
    assert_ok(sql_session_open(path, &(struct store_options){.create = true}, &b, &e), &e);
    static const char COUNTS[] =
        "SELECT column1, (SELECT count(*) FROM (SEARCH IMAGE text='cat' USING mini AS"
        " (SELECT * FROM p WHERE id > v.column1))) FROM (VALUES (0), (0)) v";
    struct sql_stmt *st;
    const char *tail;
    bool row;
    assert_ok(sql_prepare(a, COUNTS, strlen(COUNTS), &st, &tail, &e), &e);
    assert_ok(sql_step(st, &row, &e), &e);
    assert_int_equal(sql_column_int(st, 1), 100);
    assert_string_equal(ask(b, "INSERT INTO p VALUES (101, CAST('picture x' AS BLOB))"), "");
    assert_ok(sql_step(st, &row, &e), &e);
    assert_int_equal(sql_column_int(st, 1), 100);
    assert_ok(sql_reset(st, &e), &e);
    assert_ok(sql_step(st, &row, &e), &e);
    assert_int_equal(sql_column_int(st, 1), 101);
    sql_finalize(st);
    sql_session_close(b);
    sql_session_close(a);
    unlink(path);
}

static void test_steps_leave_nothing(void **state)
{
    (void)state;
    struct sql_session *s = open_memory();
    fill_pictures(s);
    for (int i = 0; i < 3; i++)
        assert_string_equal(ask(s,
                                "SELECT count(*) FROM (CONVERT USING mini AS (SELECT * FROM p)) a,"
                                " (CONVERT USING twin AS (SELECT * FROM p WHERE id < 3)) b"),
            "200;");
    assert_string_equal(ask(s,
                            "SELECT count(*) FROM pragma_module_list WHERE name LIKE"
                            " 'fovea_step%'"),
        "0;");
    sql_session_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pass_through),
        cmocka_unit_test(test_tail_and_blanks),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_parameters),
        cmocka_unit_test(test_tabfn),
        cmocka_unit_test(test_aggregate),
        cmocka_unit_test(test_distances),
        cmocka_unit_test(test_embed),
        cmocka_unit_test(test_vector_type),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_deadline),
        cmocka_unit_test(test_progress_of_a_step),
        cmocka_unit_test(test_cancel_a_step),
        cmocka_unit_test(test_one_snapshot),
        cmocka_unit_test(test_steps_leave_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

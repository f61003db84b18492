/* test_store_sqlite.c - opening in every state a file can be in; transactions; fovea_columns. */
#include "test.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "store/columns.h"
#include "store/store.h"

static char dir[64];
static const struct store_options CREATE = {.create = true};

static int set_up(void **state)
{
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/fovea-test-XXXXXX");
    return mkdtemp(dir) == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    char command[256];
    snprintf(command, sizeof command, "chmod -R u+w %s; rm -rf %s", dir, dir);
    return system(command);
}

static int64_t one_int(struct store *s, const char *sql)
{
    struct err e = ERR_INIT;
    struct store_stmt *st;
    bool row;
    assert_ok(store_prepare(s, sql, &st, &e), &e);
    assert_ok(store_step(st, &row, &e), &e);
    int64_t v = row ? store_int(st, 0) : -1;
    store_finalize(st);
    return v;
}

static void test_new_file_is_set_up(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct store *s;
    char *path = file_join(dir, "new/folder/a?b#c%.db");
    assert_ok(store_open(path, &CREATE, &s, &e), &e);
    assert_ok(store_exec(s, "CREATE TABLE t(x); INSERT INTO t VALUES(7)", &e), &e);
    assert_int_equal(one_int(s, "PRAGMA page_size"), 65536);
    assert_int_equal(one_int(s, "PRAGMA synchronous"), 2);
    assert_int_equal(one_int(s, "PRAGMA recursive_triggers"), 1);
    assert_int_equal(one_int(s, "SELECT x FROM t"), 7);
    assert_false(store_is_read_only(s));
    store_close(s);
    assert_true(file_exists(path));
    mem_free(path);
}

static void test_what_is_no_database_is_said(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct store *s;
    char *text = file_join(dir, "text.db"), *gone = file_join(dir, "gone.db");
    char junk[4096];
    memset(junk, 'x', sizeof junk);
    assert_ok(file_write_atomic(text, junk, sizeof junk, &e), &e);
    assert_fails(store_open(text, &CREATE, &s, &e), ST_CORRUPT, &e, "is not a database");
    assert_fails(store_open(dir, &CREATE, &s, &e), ST_INVALID, &e, "is a folder");
    assert_fails(store_open(gone, &(struct store_options){.read_only = true}, &s, &e), ST_NOT_FOUND,
        &e, "no such file");
    assert_false(file_exists(gone));
    mem_free(text);
    mem_free(gone);
}

static void test_read_only_file_is_searched(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct store *s;
    char *path = file_join(dir, "ro.db");
    assert_ok(store_open(path, &CREATE, &s, &e), &e);
    assert_ok(store_exec(s, "CREATE TABLE t(x); INSERT INTO t VALUES(7)", &e), &e);
    store_close(s);
    assert_ok(store_open(path, &(struct store_options){.read_only = true}, &s, &e), &e);
    assert_true(store_is_read_only(s));
    assert_int_equal(one_int(s, "SELECT x FROM t"), 7);
    assert_fails(store_exec(s, "INSERT INTO t VALUES(8)", &e), ST_READ_ONLY, &e, "readonly");
    store_close(s);
    mem_free(path);
}

static void test_transactions_nest(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct store *s;
    assert_ok(store_open(":memory:", &CREATE, &s, &e), &e);
    assert_ok(store_exec(s, "CREATE TABLE t(x)", &e), &e);
    assert_ok(store_begin(s, &e), &e);
    assert_ok(store_exec(s, "INSERT INTO t VALUES(1)", &e), &e);
    assert_ok(store_begin(s, &e), &e);
    assert_ok(store_exec(s, "INSERT INTO t VALUES(2)", &e), &e);
    store_rollback(s);
    assert_ok(store_commit(s, &e), &e);
    assert_int_equal(one_int(s, "SELECT sum(x) FROM t"), 1);
    assert_ok(store_exec(s, "BEGIN", &e), &e);
    assert_ok(store_begin(s, &e), &e);
    assert_ok(store_exec(s, "INSERT INTO t VALUES(4)", &e), &e);
    assert_ok(store_commit(s, &e), &e);
    assert_ok(store_exec(s, "ROLLBACK", &e), &e);
    assert_int_equal(one_int(s, "SELECT sum(x) FROM t"), 1);
    store_close(s);
}

static void test_errors_carry_an_offset(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct store *s;
    struct store_stmt *st;
    assert_ok(store_open(":memory:", &CREATE, &s, &e), &e);
    assert_fails(store_prepare(s, "SELECT nope FROM sqlite_schema", &st, &e), ST_INVALID, &e,
        "no such column: nope");
    assert_int_equal(e.offset, 7);
    assert_fails(store_prepare(s, "SELECT 1; SELECT 2", &st, &e), ST_SYNTAX, &e, "more than one");
    assert_ok(store_prepare(s, "SELECT 1 ;\n", &st, &e), &e);
    store_finalize(st);
    store_close(s);
}

static void test_columns_remember_their_model(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct store *s;
    struct store_column c = {.model = "mini",
                            .fingerprint = "00ff",
                            .dim = 256,
                            .metric = "cosine"},
                        back;
    assert_ok(store_open(":memory:", &CREATE, &s, &e), &e);
    assert_ok(store_column_find(s, "images", "embedding", &back, &e), &e);
    assert_int_equal(back.dim, 0);
    assert_ok(store_column_set(s, "images", "embedding", &c, &e), &e);
    assert_ok(store_column_find(s, "IMAGES", "Embedding", &back, &e), &e);
    assert_string_equal(back.model, "mini");
    assert_int_equal(back.dim, 256);
    assert_ok(store_columns_remove(s, "Images", &e), &e);
    assert_ok(store_column_find(s, "images", "embedding", &back, &e), &e);
    assert_int_equal(back.dim, 0);
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_new_file_is_set_up, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_no_database_is_said, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_read_only_file_is_searched, set_up, tear_down),
        cmocka_unit_test(test_transactions_nest),
        cmocka_unit_test(test_errors_carry_an_offset),
        cmocka_unit_test(test_columns_remember_their_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

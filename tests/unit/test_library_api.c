/* test_library_api.c - include/fovea.h as a caller meets it, misuse included. */
#include <pthread.h>

#include "library_case.h"

static void opening(void **state)
{
    struct library_case *c = *state;
    struct fovea *f = NULL;
    assert_int_equal(fovea_open(case_path(c, "no.db"), 0, &f), FOVEA_NOT_FOUND);
    assert_non_null(f);
    assert_non_null(strstr(fovea_error(f).text, "no.db"));
    struct fovea_stmt *s;
    assert_int_equal(fovea_prepare(f, "SELECT 1", -1, &s, NULL), FOVEA_INVALID);
    assert_null(s);
    fovea_close(f);
    write_file(case_path(c, "text.db"),
        "this is not a database, but long enough to be looked at as one .......", 70);
    assert_int_equal(fovea_open(case_path(c, "text.db"), 0, &f), FOVEA_CORRUPT);
    fovea_close(f);
    assert_int_equal(fovea_open(":memory:", 64, &f), FOVEA_INVALID);
    fovea_close(f);
    assert_int_equal(fovea_open(case_path(c, "deep/er/new.db"), FOVEA_OPEN_CREATE, &f), FOVEA_OK);
    fovea_close(f);
    assert_int_equal(fovea_open(case_path(c, "x.db"), 0, NULL), FOVEA_INVALID);
    fovea_close(NULL);
}

static void default_place(void **state)
{
    struct library_case *c = *state;
    struct fovea *f;
    setenv("XDG_DATA_HOME", case_path(c, "data"), 1);
    assert_int_equal(fovea_open(NULL, FOVEA_OPEN_CREATE, &f), FOVEA_OK);
    fovea_close(f);
    assert_int_equal(access(case_path(c, "data/fovea/library.db"), F_OK), 0);
    unsetenv("XDG_DATA_HOME");
    char home[200];
    const char *old = getenv("HOME");
    snprintf(home, sizeof home, "%s", old != NULL ? old : "");
    unsetenv("HOME");
    assert_int_equal(fovea_open(NULL, FOVEA_OPEN_CREATE, &f), FOVEA_NOT_FOUND);
    fovea_close(f);
    if (old != NULL) setenv("HOME", home, 1);
}

/* What a statement says beside its rows. */
static void beside_rows(void **state)
{
    struct library_case *c = *state;
    struct fovea_stmt *s;
    assert_int_equal(
        fovea_prepare(c->f, "CREATE TABLE d(a \"Array(Float32)\", b TEXT)", -1, &s, NULL),
        FOVEA_OK);
    assert_int_equal(fovea_step(s), FOVEA_DONE);
    assert_null(fovea_message(s));
    assert_null(fovea_format(s));
    assert_int_equal(fovea_picture_column(s), -1);
    fovea_finalize(s);
    assert_int_equal(
        fovea_prepare(c->f, "SELECT a, b, 1 FROM d FORMAT jsoneachrow", -1, &s, NULL), FOVEA_OK);
    assert_string_equal(fovea_format(s), "JSONEachRow");
    assert_string_equal(fovea_column_declared(s, 0), "Array(Float32)");
    assert_string_equal(fovea_column_declared(s, 1), "TEXT");
    assert_string_equal(fovea_column_declared(s, 2), "");
    assert_string_equal(fovea_column_declared(s, 3), "");
    fovea_finalize(s);
    assert_int_equal(
        fovea_prepare(c->f, "PRINT IMAGE AS SELECT 1, 'a.png' AS image_path", -1, &s, NULL),
        FOVEA_OK);
    assert_int_equal(fovea_picture_column(s), 1);
    fovea_finalize(s);
    assert_null(fovea_message(NULL));
    assert_null(fovea_format(NULL));
    assert_int_equal(fovea_picture_column(NULL), -1);
    assert_string_equal(fovea_column_declared(NULL, 0), "");
}

/* {name:Type}: SET gives a value, binding another. */
static void typed_parameters(void **state)
{
    struct library_case *c = *state;
    struct fovea_stmt *s;
    assert_int_equal(fovea_prepare(c->f, "SELECT {a:Int8} + 1 AS b", -1, &s, NULL), FOVEA_OK);
    assert_int_equal(fovea_step(s), FOVEA_NOT_FOUND);
    assert_non_null(strstr(fovea_error(c->f).text, "SET param_a"));
    struct fovea_stmt *set;
    assert_int_equal(fovea_prepare(c->f, "SET param_a = 41", -1, &set, NULL), FOVEA_OK);
    assert_int_equal(fovea_step(set), FOVEA_DONE);
    fovea_finalize(set);
    assert_int_equal(fovea_step(s), FOVEA_ROW);
    assert_int_equal(fovea_column_int(s, 0), 42);
    fovea_reset(s);
    assert_int_equal(fovea_bind_index(s, "a"), 1);
    assert_string_equal(fovea_bind_name(s, 1), "a");
    assert_int_equal(fovea_bind_text(s, 1, "300", -1), FOVEA_INVALID);
    assert_int_equal(fovea_bind_text(s, 1, "7", -1), FOVEA_OK);
    assert_int_equal(fovea_step(s), FOVEA_ROW);
    assert_int_equal(fovea_column_int(s, 0), 8);
    fovea_finalize(s);
}

static void statements(void **state)
{
    struct library_case *c = *state;
    struct fovea_stmt *s;
    const char *tail, *sql = " SELECT 1 AS a, 'x', 2.5, NULL, x'0102' ; SELECT 2 -- end";
    assert_int_equal(fovea_prepare(c->f, sql, -1, &s, &tail), FOVEA_OK);
    assert_int_equal(fovea_column_count(s), 5);
    assert_string_equal(fovea_column_name(s, 0), "a");
    assert_null(fovea_column_name(s, 5));
    assert_int_equal(fovea_column_int(s, 0), 0); /* no row yet */
    assert_null(fovea_column_text(s, 1));
    assert_int_equal(fovea_step(s), FOVEA_ROW);
    static const enum fovea_type TYPES[] = {
        FOVEA_INTEGER, FOVEA_TEXT, FOVEA_FLOAT, FOVEA_NULL, FOVEA_BLOB};
    for (int i = 0; i < 5; i++) assert_int_equal(fovea_column_type(s, i), TYPES[i]);
    assert_int_equal(fovea_column_int(s, 0), 1);
    assert_string_equal(fovea_column_text(s, 1), "x");
    assert_true(fovea_column_double(s, 2) == 2.5);
    assert_null(fovea_column_text(s, 3));
    assert_int_equal(fovea_column_bytes(s, 4), 2);
    assert_int_equal(fovea_column_int(s, 99), 0);
    assert_int_equal(fovea_column_int(s, -1), 0);
    assert_int_equal(fovea_step(s), FOVEA_DONE);
    assert_int_equal(fovea_column_type(s, 0), FOVEA_NULL);
    assert_int_equal(fovea_reset(s), FOVEA_OK);
    assert_int_equal(fovea_step(s), FOVEA_ROW);
    fovea_finalize(s);
    assert_int_equal(fovea_prepare(c->f, tail, -1, &s, &tail), FOVEA_OK);
    assert_int_equal(fovea_step(s), FOVEA_ROW);
    fovea_finalize(s);
    assert_int_equal(fovea_prepare(c->f, " -- nothing\n /* at all */ ", -1, &s, NULL), FOVEA_OK);
    assert_null(s);
}

static void errors(void **state)
{
    struct library_case *c = *state;
    struct fovea_stmt *s;
    assert_int_equal(fovea_prepare(c->f, "SELECT 1,\n  nosuch FROM sqlite_schema", -1, &s, NULL),
        FOVEA_NOT_FOUND);
    struct fovea_error e = fovea_error(c->f);
    assert_int_equal(e.line, 2);
    assert_int_equal(e.column, 3);
    assert_int_equal(e.offset, 12);
    assert_int_equal(fovea_prepare(c->f, "SELEC 1", -1, &s, NULL), FOVEA_SYNTAX);
    assert_int_equal(fovea_prepare(c->f, "SELECT 1", -1, &s, NULL), FOVEA_OK);
    assert_int_equal(fovea_error(c->f).status, FOVEA_OK);
    assert_string_equal(fovea_error(c->f).text, "");
    fovea_finalize(s);
    assert_int_equal(fovea_error(NULL).status, FOVEA_INVALID);
}

static void parameters(void **state)
{
    struct library_case *c = *state;
    static const float v[] = {1, 2, 3};
    struct fovea_stmt *s = prepare(c->f, "SELECT ?1, :b, @c, $d, length(?9)", NULL);
    assert_int_equal(fovea_bind_count(s), 9);
    assert_int_equal(fovea_bind_index(s, ":nosuch"), 0);
    int b = fovea_bind_index(s, ":b");
    assert_true(b > 0);
    assert_string_equal(fovea_bind_name(s, b), ":b");
    assert_int_equal(fovea_bind_int(s, 1, 5), FOVEA_OK);
    assert_int_equal(fovea_bind_double(s, b, 1.5), FOVEA_OK);
    assert_int_equal(fovea_bind_text(s, fovea_bind_index(s, "@c"), "abc", 2), FOVEA_OK);
    assert_int_equal(fovea_bind_null(s, fovea_bind_index(s, "$d")), FOVEA_OK);
    assert_int_equal(fovea_bind_vector(s, 9, v, 3), FOVEA_OK);
    assert_int_equal(fovea_bind_int(s, 99, 5), FOVEA_INVALID);
    assert_int_equal(fovea_bind_vector(s, 9, v, 0), FOVEA_INVALID);
    assert_int_equal(fovea_bind_blob(s, 9, v, -4), FOVEA_INVALID);
    assert_int_equal(fovea_bind_vector(s, 9, v, 3), FOVEA_OK);
    assert_int_equal(fovea_step(s), FOVEA_ROW);
    assert_int_equal(fovea_column_int(s, 0), 5);
    assert_string_equal(fovea_column_text(s, 2), "ab");
    assert_int_equal(fovea_column_int(s, 4), 12);
    assert_int_equal(fovea_bind_int(s, 1, 5), FOVEA_INVALID); /* while it runs */
    fovea_finalize(s);
}

static void misuse(void **state)
{
    (void)state;
    struct fovea_stmt *s;
    assert_int_equal(fovea_prepare(NULL, "SELECT 1", -1, &s, NULL), FOVEA_INVALID);
    assert_int_equal(fovea_step(NULL), FOVEA_INVALID);
    assert_int_equal(fovea_reset(NULL), FOVEA_INVALID);
    assert_int_equal(fovea_bind_int(NULL, 1, 1), FOVEA_INVALID);
    assert_int_equal(fovea_bind_text(NULL, 1, NULL, 0), FOVEA_INVALID);
    assert_int_equal(fovea_column_count(NULL), 0);
    assert_int_equal(fovea_column_type(NULL, 0), FOVEA_NULL);
    assert_int_equal(fovea_changes(NULL), 0);
    fovea_finalize(NULL);
    fovea_cancel(NULL);
    fovea_on_progress(NULL, NULL, NULL);
    assert_string_equal(fovea_status_text(FOVEA_ROW), "row");
    assert_string_equal(fovea_status_text((enum fovea_status)77), "internal error");
    assert_true(strlen(fovea_version()) > 0);
}

/* The callback may not use the handle: it is told so, and the statement goes on. */
static void call_inside(void *user, const struct fovea_progress *p)
{
    (void)p;
    struct fovea_stmt *s;
    struct library_case *c = user;
    assert_int_equal(fovea_prepare(c->f, "SELECT 1", -1, &s, NULL), FOVEA_INVALID);
}

static void progress(void **state)
{
    struct library_case *c = *state;
    picture_in(c, "pics/a.bmp", 1);
    fovea_on_progress(c->f, call_inside, c);
    assert_string_equal(index_pics(c, "{}"), "1|1|0|0|0|0");
}

static void *cancel_soon(void *f)
{
    usleep(50000);
    fovea_cancel(f);
    return NULL;
}

static void cancelling(void **state)
{
    struct library_case *c = *state;
    pthread_t thread;
    fovea_cancel(c->f); /* nothing runs: nothing happens */
    assert_answer(c->f, "SELECT 1", "1");
    pthread_create(&thread, NULL, cancel_soon, c->f);
    failure(c->f,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
        NULL, FOVEA_CANCELLED);
    pthread_join(thread, NULL);
    assert_answer(c->f, "SELECT 1", "1");
}

static void closing_with_statements(void **state)
{
    struct library_case *c = *state;
    struct fovea_stmt *a = prepare(c->f, "SELECT 1 UNION SELECT 2", NULL),
                      *b = prepare(c->f, "SELECT 3", NULL);
    assert_int_equal(fovea_step(a), FOVEA_ROW);
    fovea_finalize(b);
    fovea_close(c->f); /* finalizes a */
    open_library(c, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(opening),
        CASE(default_place),
        CASE(statements),
        CASE(beside_rows),
        CASE(typed_parameters),
        CASE(errors),
        CASE(parameters),
        CASE(misuse),
        CASE(progress),
        CASE(cancelling),
        CASE(closing_with_statements),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

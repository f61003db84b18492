/* test_sql_import.c - imports that don't end well: a cancel, a file that may not grow, memory that
 * runs out at every allocation. The table is as before, and the file is in WAL mode again. */
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/file.h"
#include "sql/session.h"
#include "sql_fake_model.h"
#include "test.h"

enum { DIM = 1024, ROWS = 24000 }; /* 98 MB: enough for the WAL to be put aside */

static char folder[] = "/tmp/fovea-test-import-XXXXXX";

struct watch {
    struct sql_session *session;
    uint64_t cancel_at, done; /* bytes */
};

static void on_progress(void *user, const struct run_progress *p)
{
    struct watch *w = user;
    w->done = p->done;
    if (w->cancel_at > 0 && p->done >= w->cancel_at) sql_cancel(w->session);
}

/* The first value of the last row, or -1. */
static enum status run(struct sql_session *s, const char *sql, int64_t *out, struct err *e)
{
    struct sql_stmt *st = NULL;
    const char *tail;
    bool row = true;
    *out = -1;
    enum status rc = sql_prepare(s, sql, strlen(sql), &st, &tail, e);
    while (rc == ST_OK && row) {
        rc = sql_step(st, &row, e);
        if (rc == ST_OK && row) *out = sql_column_int(st, 0);
    }
    sql_finalize(st);
    return rc;
}

static int64_t ask(struct sql_session *s, const char *sql)
{
    struct err e = ERR_INIT;
    int64_t value;
    assert_ok(run(s, sql, &value, &e), &e);
    return value;
}

static bool is_wal(struct sql_session *s)
{
    return ask(s, "SELECT journal_mode = 'wal' FROM pragma_journal_mode") == 1;
}

static struct sql_session *open_db(const char *name)
{
    struct err e = ERR_INIT;
    struct sql_session *s;
    struct store_options how = {.create = true};
    assert_ok(sql_session_open(name, &how, &s, &e), &e);
    return s;
}

static struct sql_session *open_with_table(const char *name)
{
    struct sql_session *s = open_db(name);
    ask(s, "CREATE TABLE t (id Int64, v Array(Float32)) ENGINE = MergeTree ORDER BY id");
    ask(s, "INSERT INTO t (id) VALUES (7)");
    return s;
}

static int setup(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL || chdir(folder) != 0) return -1;
    static float row[DIM];
    FILE *f = fopen("emb_1.npy", "wb");
    char dict[80];
    int bytes = snprintf(dict, sizeof dict,
        "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }\n", ROWS, DIM);
    if (f == NULL) return -1;
    fwrite("\x93NUMPY\x01\x00", 1, 8, f);
    fputc(bytes, f);
    fputc(0, f);
    fwrite(dict, 1, (size_t)bytes, f);
    for (int i = 0; i < ROWS; i++) {
        row[i % DIM] = (float)i;
        fwrite(row, sizeof row, 1, f);
    }
    return fclose(f);
}

static int teardown(void **state)
{
    (void)state;
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

static void test_whole(void **state)
{
    (void)state;
    struct sql_session *s = open_with_table("whole.db");
    ask(s, "INSERT INTO t (v) FROM INFILE 'emb_1.npy'");
    assert_int_equal(ask(s, "SELECT count(*) FROM t WHERE length(v) = 1024"), ROWS);
    assert_true(is_wal(s));
    assert_int_equal(ask(s, "SELECT dim FROM fovea_columns WHERE tbl = 't' AND col = 'v'"), DIM);
    sql_session_close(s);
}

static void test_cancel(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    int64_t value;
    struct sql_session *s = open_with_table("cancel.db");
    struct watch w = {s, (uint64_t)ROWS * DIM * 2, 0};
    sql_session_run(s)->progress = on_progress;
    sql_session_run(s)->user = &w;
    assert_fails(
        run(s, "INSERT INTO t (v) FROM INFILE 'emb_1.npy'", &value, &e), ST_CANCELLED, &e, "");
    assert_true(w.done >= w.cancel_at);
    w.cancel_at = 0;
    assert_int_equal(ask(s, "SELECT count(*) FROM t"), 1);
    assert_true(is_wal(s));
    /* COPY would have made the table. */
    w.cancel_at = 1;
    assert_fails(run(s, "COPY made FROM 'emb_1.npy'", &value, &e), ST_CANCELLED, &e, "");
    w.cancel_at = 0;
    assert_int_equal(ask(s, "EXISTS TABLE made"), 0);
    sql_session_close(s);
}

/* Another connection has the file open: it is read meanwhile, and the WAL stays. */
static void test_beside(void **state)
{
    (void)state;
    struct sql_session *s = open_with_table("beside.db"), *other = open_db("beside.db");
    assert_int_equal(ask(other, "SELECT count(*) FROM t"), 1);
    ask(s, "INSERT INTO t (v) FROM INFILE 'emb_1.npy'");
    assert_int_equal(ask(other, "SELECT count(*) FROM t"), ROWS + 1);
    assert_true(is_wal(other));
    sql_session_close(other);
    sql_session_close(s);
}

static void test_full(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    int64_t value;
    struct rlimit before, less;
    struct sql_session *s = open_with_table("full.db");
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    less = before;
    less.rlim_cur = 40 << 20;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &less), 0);
    enum status st = run(s, "INSERT INTO t (v) FROM INFILE 'emb_1.npy'", &value, &e);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_not_equal(st, ST_OK);
    assert_int_equal(ask(s, "SELECT count(*) FROM t"), 1);
    assert_int_equal(ask(s,
                         "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check ="
                         " 'ok'"),
        1);
    sql_session_close(s);
    s = open_db("full.db");
    assert_int_equal(ask(s, "SELECT count(*) FROM t"), 1);
    assert_true(is_wal(s));
    sql_session_close(s);
}

static void test_memory(void **state)
{
    (void)state;
    static const char CSV[] = "1,\"[1,2]\"\n2,\"[3,4]\"\n";
    static const char *const STATEMENTS[] = {
        "INSERT INTO t FROM INFILE 'x.csv'",
        "COPY made OPTIONS (if_exists='replace') FROM 'x.csv'",
        "INSERT INTO t FORMAT CSV\n1,\"[1,2]\"\n",
        "INSERT INTO t VALUES (1, '[1,2]')",
        "CREATE OR REPLACE TABLE u (id Int64, v Array(Float32), INDEX i v TYPE"
        " vector_similarity('hnsw', 'L2Distance', 2)) ENGINE = MergeTree ORDER BY id",
        "SHOW CREATE TABLE t",
    };
    struct err e = ERR_INIT;
    assert_ok(file_write_atomic("x.csv", CSV, strlen(CSV), &e), &e);
    struct sql_session *s = open_with_table(":memory:");
    for (size_t i = 0; i < sizeof STATEMENTS / sizeof STATEMENTS[0]; i++) {
        enum status st = ST_NO_MEMORY;
        for (uint64_t n = 1; st != ST_OK; n++) {
            int64_t value, rows = ask(s, "SELECT count(*) FROM t");
            mem_fault_set(n, true);
            st = run(s, STATEMENTS[i], &value, &e);
            mem_fault_set(0, false);
            if (st != ST_OK && st != ST_NO_MEMORY) fail_msg("%s: %s", STATEMENTS[i], e.text);
            if (st != ST_OK) assert_int_equal(ask(s, "SELECT count(*) FROM t"), rows);
            if (n > 5000) fail_msg("%s never succeeds", STATEMENTS[i]);
        }
    }
    sql_session_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_beside),
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

/* bench_sql.c - what our layer costs: statements of SQLite's own through it and without it, and the
 * share of parsing and planning in a search.
 *
 * usage: bench_sql ROUNDS
 * Everything in memory-sized files of its own, made in a temporary folder. Both sides of "plain"
 * run on the same file with the same pragmas, in turns. Lines:
 *   plain,NAME,SQLITE_US,FOVEA_US,RATIO      prepare, every row, finalize; median of a round
 *   plan,NAME,PREPARE_US,WHOLE_US,SHARE      prepare alone, and prepare to the last row
 *   open,memory,SQLITE_US,FOVEA_US,RATIO     a database in memory opened and closed
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/run.h"
#include "fovea.h"
#include "store/sqlite_api.h"

enum { REPEATS = 15, PLAN_REPEATS = 41, ROWS = 200000 };

static const struct {
    const char *name, *sql;
} PLAIN[] = {
    {"sum", "SELECT count(*), sum(b), avg(c) FROM t WHERE a % 3 = 1"},
    {"group", "SELECT a % 100 AS g, count(*), sum(c) FROM t GROUP BY g ORDER BY 2 DESC, 1"},
    {"join", "SELECT count(*) FROM t JOIN u ON u.id = t.b WHERE u.name LIKE '%7%'"},
    {"rows", "SELECT a, b, c, d FROM t WHERE a < 20000"},
    {"window",
        "SELECT sum(x) FROM (SELECT sum(c) OVER (ORDER BY a ROWS 5 PRECEDING) AS x FROM t"
        " WHERE a < 20000)"},
    {"order", "SELECT d FROM t ORDER BY d DESC LIMIT 100"},
};
enum { PLAINS = sizeof PLAIN / sizeof PLAIN[0] };

/* Of the searches each kind serves the cheapest: few rows, vectors there, the text's embedding
 * known after the first run. A statement that is prepared again is kept (src/sql/kept.h); with a
 * number in it, it is new each time. */
static const struct {
    const char *name, *sql;
} PLANNED[] = {
    {"nearest, prepared before",
        "SELECT id FROM v ORDER BY cosineDistance(e, (SELECT e FROM v WHERE id = 7))"
        " LIMIT 10"},
    {"nearest, a parameter, prepared before", "SELECT id FROM v ORDER BY e <=> ?1 LIMIT 10"},
    {"nearest, a new statement", "SELECT id, %d FROM v ORDER BY e <=> ?1 LIMIT 10"},
    {"SEARCH IMAGE, prepared before",
        "SEARCH IMAGE text='a black cat' USING mini AS SELECT id, e"
        " AS mini_clip FROM v WHERE id < 200"},
    {"SEARCH IMAGE, a new statement",
        "SEARCH IMAGE text='a black cat %d' USING mini AS SELECT id, e AS"
        " mini_clip FROM v WHERE id < 200"},
};
enum { PLANS = sizeof PLANNED / sizeof PLANNED[0] };

static void die(const char *what)
{
    fprintf(stderr, "bench_sql: %s\n", what);
    exit(1);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *v, int count)
{
    qsort(v, (size_t)count, sizeof *v, by_value);
    return v[count / 2];
}

static double fovea_us(struct fovea *f, const char *sql, double *prepare_us)
{
    struct fovea_stmt *s;
    enum fovea_status st;
    int64_t start = run_now_us();
    if (fovea_prepare(f, sql, -1, &s, NULL) != FOVEA_OK) die(fovea_error(f).text);
    *prepare_us = (double)(run_now_us() - start);
    if (fovea_bind_count(s) > 0) {
        float v[256] = {1};
        if (fovea_bind_vector(s, 1, v, 256) != FOVEA_OK) die(fovea_error(f).text);
    }
    while ((st = fovea_step(s)) == FOVEA_ROW)
        for (int i = 0; i < fovea_column_count(s); i++) (void)fovea_column_type(s, i);
    if (st != FOVEA_DONE) die(fovea_error(f).text);
    fovea_finalize(s);
    return (double)(run_now_us() - start);
}

static double sqlite_us(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *s;
    int64_t start = run_now_us();
    if (sqlite3_prepare_v3(db, sql, -1, 0, &s, NULL) != SQLITE_OK) die(sqlite3_errmsg(db));
    while (sqlite3_step(s) == SQLITE_ROW)
        for (int i = 0; i < sqlite3_column_count(s); i++) (void)sqlite3_column_type(s, i);
    sqlite3_finalize(s);
    return (double)(run_now_us() - start);
}

static void run_all(struct fovea *f, const char *sql)
{
    double prepare;
    fovea_us(f, sql, &prepare);
}

static void fill(struct fovea *f)
{
    char sql[1024];
    run_all(f, "CREATE TABLE t(a INTEGER PRIMARY KEY, b INTEGER, c REAL, d TEXT)");
    run_all(f, "CREATE TABLE u(id INTEGER PRIMARY KEY, name TEXT)");
    snprintf(sql, sizeof sql,
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT INTO "
        "t "
        "SELECT i, (i * 7919) %% 5000, i * 0.37, 'name ' || ((i * 104729) %% 99991) FROM n",
        ROWS - 1);
    run_all(f, sql);
    run_all(f, "INSERT INTO u SELECT DISTINCT b, 'u' || b FROM t");
    run_all(f, "CREATE TABLE v(id INTEGER PRIMARY KEY, e)");
    run_all(f,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) "
        "INSERT INTO v SELECT i, embed_text('mini', 'picture number ' || (i % 500)) FROM n");
    run_all(f, "CREATE TABLE w AS SELECT id, embed_text('mini', 'x' || (id % 500)) AS e FROM v");
    run_all(f, "DROP TABLE v");
    run_all(f, "CREATE TABLE v AS SELECT * FROM w");
    run_all(f, "CREATE INDEX v_e ON v USING hnsw (e vector_cosine_ops)");
}

static void plain(struct fovea *f, sqlite3 *db, int round)
{
    for (int i = 0; i < PLAINS; i++) {
        double ours[REPEATS], theirs[REPEATS], prepare;
        for (int k = 0; k < REPEATS; k++) {
            bool first = (k + round) % 2 == 0;
            if (first) ours[k] = fovea_us(f, PLAIN[i].sql, &prepare);
            theirs[k] = sqlite_us(db, PLAIN[i].sql);
            if (!first) ours[k] = fovea_us(f, PLAIN[i].sql, &prepare);
        }
        double a = median(theirs, REPEATS), b = median(ours, REPEATS);
        printf("plain,%s,%.1f,%.1f,%.4f\n", PLAIN[i].name, a, b, b / a);
    }
}

static void plan(struct fovea *f, int round)
{
    for (int i = 0; i < PLANS; i++) {
        double prepares[PLAN_REPEATS], wholes[PLAN_REPEATS];
        char sql[512];
        for (int k = -2; k < PLAN_REPEATS; k++) {
            double prepare;
            snprintf(sql, sizeof sql, PLANNED[i].sql, round * 1000 + k);
            double whole = fovea_us(f, sql, &prepare);
            if (k < 0) continue;
            prepares[k] = prepare;
            wholes[k] = whole;
        }
        double a = median(prepares, PLAN_REPEATS), b = median(wholes, PLAN_REPEATS);
        printf("plan,\"%s\",%.1f,%.1f,%.4f\n", PLANNED[i].name, a, b, a / b);
    }
}

static void time_open(void)
{
    double ours[REPEATS], theirs[REPEATS];
    for (int k = 0; k < REPEATS; k++) {
        struct fovea *f;
        sqlite3 *db;
        int64_t start = run_now_us();
        if (fovea_open(":memory:", FOVEA_OPEN_CREATE, &f) != FOVEA_OK) die(fovea_error(f).text);
        fovea_close(f);
        ours[k] = (double)(run_now_us() - start);
        start = run_now_us();
        if (sqlite3_open(":memory:", &db) != SQLITE_OK) die(sqlite3_errmsg(db));
        sqlite3_close(db);
        theirs[k] = (double)(run_now_us() - start);
    }
    double a = median(theirs, REPEATS), b = median(ours, REPEATS);
    printf("open,memory,%.1f,%.1f,%.4f\n", a, b, b / a);
}

int main(int argc, char **argv)
{
    char dir[] = "/tmp/fovea-bench-sql-XXXXXX";
    struct fovea *f;
    sqlite3 *db;
    int rounds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 5;
    if (mkdtemp(dir) == NULL) die("no temporary folder");
    char *path = file_join(dir, "b.db");
    if (fovea_open(path, FOVEA_OPEN_CREATE, &f) != FOVEA_OK) die(fovea_error(f).text);
    fill(f);
    if (sqlite3_open(path, &db) != SQLITE_OK) die(sqlite3_errmsg(db));
    sqlite3_exec(db, "PRAGMA cache_size = -65536; PRAGMA mmap_size = 268435456", NULL, NULL, NULL);
    for (int i = 0; i < rounds; i++) {
        plain(f, db, i);
        plan(f, i);
        time_open();
        fflush(stdout);
    }
    sqlite3_close(db);
    fovea_close(f);
    mem_free(path);
    return file_remove_tree(dir, NULL) == ST_OK ? 0 : 1;
}

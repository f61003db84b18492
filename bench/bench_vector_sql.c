/* bench_vector_sql.c - the same searches through SQL and through C, and the first of a process.
 *
 * usage: bench_vector_sql DATA SET ROUNDS
 * DATA/sql/SET.db holds the set as a table t(id, v) with a graph; it is made when it is not there.
 * Both sides read the same files. Lines, one a round:
 *   sql,SET,ROWS,PATH,C_US,SQL_US,SQL_OVER_C     medians, in turns: questions that were not asked
 *                                                before; "PATH again": the same once more
 *   first,SET,PATH,STEP,US,MINOR_FAULTS          a new process, files in the OS's cache: each step
 *   insert,SET,sql|sql_plain,ROWS,ADDED,US_ROW   INSERT in a transaction, with the index and into a
 *                                                table without one
 */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "fovea.h"
#include "vector_generation.h"

enum { QUERIES = 200, INSERTS = 1000, PATHS = 2, WARM = 30 };

static const char *const PATH_NAMES[PATHS] = {"exact", "graph"};
static const char *const PATH_SETTINGS[PATHS] = {"SET exact = 1", "SET exact = 0"};

struct bench {
    struct vector_data *data;
    char file[512];
    struct fovea *f;
    struct vec_generation *generation;
    struct vec_index *index;
    struct fovea_stmt *ask;
};

static void sql_must(struct fovea *f, enum fovea_status st)
{
    if (st != FOVEA_OK && st != FOVEA_ROW && st != FOVEA_DONE)
        vector_die("sql: %s", fovea_error(f).text);
}

static void run_sql(struct fovea *f, const char *sql)
{
    struct fovea_stmt *s;
    sql_must(f, fovea_prepare(f, sql, -1, &s, NULL));
    enum fovea_status st;
    while ((st = fovea_step(s)) == FOVEA_ROW) continue;
    sql_must(f, st);
    fovea_finalize(s);
}

/* Into table: rows of the set from a row on, with ids from one on. */
static void insert_rows(
    struct bench *b, const char *table, uint32_t from, uint32_t count, int64_t first_id)
{
    char sql[128];
    struct fovea_stmt *s;
    snprintf(sql, sizeof sql, "INSERT INTO %s(id, v) VALUES (?1, ?2)", table);
    sql_must(b->f, fovea_prepare(b->f, sql, -1, &s, NULL));
    for (uint32_t i = 0; i < count; i++) {
        const float *v = b->data->base + (size_t)(from + i) * (size_t)b->data->dim;
        sql_must(b->f, fovea_bind_int(s, 1, first_id + i));
        sql_must(b->f, fovea_bind_blob(s, 2, v, (int64_t)b->data->dim * 4));
        sql_must(b->f, fovea_step(s));
        sql_must(b->f, fovea_reset(s));
    }
    fovea_finalize(s);
}

static void make(struct bench *b)
{
    char sql[256];
    double begin = vector_now();
    snprintf(sql, sizeof sql, "CREATE TABLE t(id INTEGER PRIMARY KEY, v vector(%d))", b->data->dim);
    run_sql(b->f, sql);
    snprintf(sql, sizeof sql, "CREATE TABLE u(id INTEGER PRIMARY KEY, v BLOB)");
    run_sql(b->f, sql);
    run_sql(b->f, "BEGIN");
    insert_rows(b, "t", 0, b->data->rows, 1);
    run_sql(b->f, "COMMIT");
    fprintf(stderr, "%s: rows inserted in %.1f s\n", b->file, vector_now() - begin);
    snprintf(sql, sizeof sql, "CREATE INDEX near ON t USING hnsw (v vector_%s_ops)",
        b->data->metric == VECTOR_L2 ? "l2" : "cosine");
    run_sql(b->f, sql);
    fprintf(stderr, "%s: with the index after %.1f s\n", b->file, vector_now() - begin);
}

static void prepare(struct bench *b)
{
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT id FROM t ORDER BY %s(v, ?1) LIMIT %d",
        b->data->metric == VECTOR_L2 ? "L2Distance" : "cosineDistance", VECTOR_K);
    sql_must(b->f, fovea_prepare(b->f, sql, -1, &b->ask, NULL));
}

static const float *query_of(const struct bench *b, uint32_t i)
{
    uint32_t q = i % b->data->queries;
    return b->data->query + (size_t)q * (size_t)b->data->dim;
}

static double ask_sql(struct bench *b, uint32_t i, int64_t *last)
{
    double begin = vector_now();
    sql_must(b->f, fovea_bind_blob(b->ask, 1, query_of(b, i), (int64_t)b->data->dim * 4));
    enum fovea_status st;
    int rows = 0;
    while ((st = fovea_step(b->ask)) == FOVEA_ROW) {
        *last = fovea_column_int(b->ask, 0);
        rows++;
    }
    sql_must(b->f, st);
    sql_must(b->f, fovea_reset(b->ask));
    double us = (vector_now() - begin) * 1e6;
    if (rows != VECTOR_K) vector_die("sql: %d rows", rows);
    return us;
}

static double ask_c(struct bench *b, uint32_t i, bool exact, struct vec_answer *out)
{
    struct err e = ERR_INIT;
    struct vec_ask ask = {.k = VECTOR_K, .exact = exact};
    double begin = vector_now();
    vector_must(vec_index_search(b->index, query_of(b, i), &ask, out, &e), &e);
    return (vector_now() - begin) * 1e6;
}

/* --- SQL beside C ----------------------------------------------------------------------------- */

static void open_files(struct bench *b)
{
    char dir[600];
    struct err e = ERR_INIT;
    int64_t *ids = NULL;
    size_t count = 0;
    snprintf(dir, sizeof dir, "%s-vec", b->file);
    vector_must(vec_generation_list(dir, &ids, &count, &e), &e);
    for (size_t i = 0; i < count && b->generation == NULL; i++) {
        vector_must(vec_generation_open(dir, ids[i], 0, &b->generation, &e), &e);
        if (!b->generation->has_graph) {
            vec_generation_close(b->generation);
            b->generation = NULL;
        }
    }
    mem_free(ids);
    if (b->generation == NULL) vector_die("%s: no graph", dir);
    vector_must(vec_index_open(b->generation, &b->index, &e), &e);
}

struct times {
    uint32_t n;
    double c[QUERIES], sql[QUERIES];
};

static void print_ratio(const struct bench *b, int path, const char *which, struct times *t)
{
    double c_us = vector_median(t->c, (int)t->n), sql_us = vector_median(t->sql, (int)t->n);
    printf("sql,%s,%u,%s%s,%.1f,%.1f,%.3f\n", b->data->name, b->data->rows, PATH_NAMES[path], which,
        c_us, sql_us, sql_us / c_us);
    fflush(stdout);
}

/* C asks one question while SQL asks one half the set away, so that neither finds the other's lines
 * in the cache. Each round has questions of its own, which neither side was asked before; then they
 * are asked again. */
static void compare(struct bench *b, int path, uint32_t round)
{
    uint32_t queries = path == 0 ? QUERIES / 4 : QUERIES, first = (round + 1) * QUERIES;
    struct times t = {.n = queries};
    struct vec_answer answer = {.complete = false};
    int64_t last = 0;
    run_sql(b->f, PATH_SETTINGS[path]);
    for (uint32_t i = 0; i < queries; i++) { /* warm, and the same */
        ask_c(b, i, path == 0, &answer);
        ask_sql(b, i, &last);
        if (answer.hits.at[VECTOR_K - 1].rowid != last && path == 0)
            fprintf(stderr, "sql and C disagree on query %u\n", i);
    }
    for (int again = 0; again < 2; again++) {
        for (uint32_t i = 0; i < queries; i++) {
            t.c[i] = ask_c(b, first + i, path == 0, &answer);
            t.sql[i] = ask_sql(b, first + (i + queries / 2) % queries, &last);
        }
        print_ratio(b, path, again ? " again" : "", &t);
    }
    vec_answer_deinit(&answer);
}

static void time_inserts(struct bench *b)
{
    static const char *const TABLE[] = {"u", "t"};
    static const char *const NAME[] = {"sql_plain", "sql"};
    for (int i = 0; i < 2; i++) {
        run_sql(b->f, "BEGIN");
        insert_rows(b, TABLE[i], 0, INSERTS, 1000000000);
        double begin = vector_now();
        insert_rows(b, TABLE[i], INSERTS, INSERTS, 1000000000 + INSERTS);
        double us = (vector_now() - begin) * 1e6 / INSERTS;
        run_sql(b->f, "ROLLBACK");
        printf("insert,%s,%s,%u,%d,%.2f\n", b->data->name, NAME[i], b->data->rows, INSERTS, us);
    }
    fflush(stdout);
}

/* --- the first query of a process ------------------------------------------------------------- */

static long faults(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_minflt;
}

struct mark {
    double at;
    long faults;
};

static struct mark mark_now(void)
{
    return (struct mark){vector_now(), faults()};
}

static void print_step(const struct bench *b, int path, const char *step, struct mark from)
{
    double us = (vector_now() - from.at) * 1e6;
    printf("first,%s,%s,%s,%.1f,%ld\n", b->data->name, PATH_NAMES[path], step, us,
        faults() - from.faults);
}

static void first_query(struct bench *b, int path)
{
    int64_t last;
    struct mark m = mark_now();
    sql_must(b->f, fovea_open(b->file, 0, &b->f));
    print_step(b, path, "open", m);
    run_sql(b->f, PATH_SETTINGS[path]);
    m = mark_now();
    prepare(b);
    print_step(b, path, "prepare", m);
    m = mark_now();
    ask_sql(b, 0, &last);
    print_step(b, path, "query 1", m);
    m = mark_now();
    ask_sql(b, 1, &last);
    print_step(b, path, "query 2", m);
    for (uint32_t i = 2; i < 2 + WARM; i++) ask_sql(b, i, &last);
    double us[WARM];
    m = mark_now();
    for (uint32_t i = 0; i < WARM; i++) us[i] = ask_sql(b, 2 + i, &last);
    printf("first,%s,%s,warm,%.1f,%ld\n", b->data->name, PATH_NAMES[path], vector_median(us, WARM),
        (faults() - m.faults) / WARM);

    struct vec_answer answer = {.complete = false};
    m = mark_now();
    open_files(b);
    print_step(b, path, "C: open files", m);
    m = mark_now();
    ask_c(b, 0, path == 0, &answer);
    print_step(b, path, "C: query 1", m);
    m = mark_now();
    ask_c(b, 1, path == 0, &answer);
    print_step(b, path, "C: query 2", m);
    vec_answer_deinit(&answer);
    fflush(stdout);
}

/* In a process of its own: the queries alone are loaded there before the clock starts. */
static void spawn_first(char **argv, int path)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        char number[16];
        snprintf(number, sizeof number, "%d", path);
        execl(argv[0], argv[0], argv[1], argv[2], "first", number, (char *)NULL);
        _exit(1);
    }
    int status;
    waitpid(child, &status, 0);
    if (status != 0) fprintf(stderr, "the new process failed\n");
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: bench_vector_sql DATA SET ROUNDS\n");
        return 2;
    }
    static struct bench b;
    b.data = vector_data_load(argv[1], argv[2]);
    snprintf(b.file, sizeof b.file, "%s/sql", argv[1]);
    mkdir(b.file, 0777);
    snprintf(b.file, sizeof b.file, "%s/sql/%s.db", argv[1], argv[2]);
    if (strcmp(argv[3], "first") == 0) {
        vector_pin(1);
        first_query(&b, argc > 4 && strcmp(argv[4], "1") == 0);
        return 0;
    }
    bool there = access(b.file, F_OK) == 0;
    sql_must(b.f, fovea_open(b.file, FOVEA_OPEN_CREATE, &b.f));
    if (!there) make(&b);
    prepare(&b);
    int64_t last;
    ask_sql(&b, 0, &last);
    open_files(&b);
    long rounds = strtol(argv[3], NULL, 10);
    for (long round = 0; round < rounds; round++)
        for (int path = 0; path < PATHS; path++) {
            compare(&b, path, (uint32_t)round);
            spawn_first(argv, path);
        }
    time_inserts(&b);
    fovea_finalize(b.ask);
    vec_index_close(b.index);
    vec_generation_close(b.generation);
    fovea_close(b.f);
    return 0;
}

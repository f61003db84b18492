/* bench_ingest_laion.c - one part of an import at a time, for ingest_laion.py to take turns with
 * other ways.
 *
 * usage: bench_ingest_laion {read | convert | sqlite | all} DB PATTERN...
 *   read     the bytes of the files, into one buffer
 *   convert  the files as batches of columns, as the import takes them; nothing is written
 *   sqlite   the rows of the first batch, again and again until there are as many as the files
 * have: what SQLite takes for the rows alone, in one transaction, WAL as always all      INSERT
 * INTO laion FROM INFILE Before each run the kernel is asked to forget the files' pages, so read is
 * the disk's. One line: seconds, seconds of CPU (all threads), rows, peak memory in KiB.
 */
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "sql/session.h"
#include "table/table.h"

static const char CREATE[] =
    "CREATE TABLE laion(url String, caption String, NSFW String, similarity Float32, width Int32,"
    " hash Int64, image_embedding Array(Float32), text_embedding Array(Float32))"
    " ENGINE = MergeTree ORDER BY tuple()";

struct bench {
    const char *db;
    struct table_paths paths;
    struct sql_session *session;
    uint64_t rows;
};

/* --- files ------------------------------------------------------------------------------------ */

static void read_file(const char *path, char *block, size_t bytes)
{
    int fd = open(path, O_RDONLY);
    ssize_t n = 1;
    while (fd >= 0 && n > 0) n = read(fd, block, bytes);
    if (fd >= 0) close(fd);
}

static void forget_file(const char *path)
{
    int fd = open(path, O_RDONLY);
    if (fd < 0) return;
    fdatasync(fd);
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    close(fd);
}

static void each_file(const struct bench *b, char *block, size_t bytes)
{
    for (size_t i = 0; i < b->paths.count; i++) {
        glob_t found;
        if (glob(b->paths.patterns[i], 0, NULL, &found) != 0) continue;
        for (size_t k = 0; k < found.gl_pathc; k++) {
            if (block == NULL)
                forget_file(found.gl_pathv[k]);
            else
                read_file(found.gl_pathv[k], block, bytes);
        }
        globfree(&found);
    }
}

static enum status run_read(struct bench *b, struct err *e)
{
    enum { BLOCK = 4 << 20 };
    char *block = mem_alloc(BLOCK);
    if (block == NULL) return mem_err(e, BLOCK);
    each_file(b, block, BLOCK);
    mem_free(block);
    return ST_OK;
}

static enum status run_convert(struct bench *b, struct err *e)
{
    struct table *t = NULL;
    struct table_batch batch = {.rows = 1};
    enum status st = table_open(&b->paths, NULL, NULL, &t, e);
    while (st == ST_OK && batch.rows > 0) {
        st = table_next(t, &batch, e);
        b->rows += batch.rows;
    }
    table_close(t);
    return st;
}

/* --- SQLite ----------------------------------------------------------------------------------- */

static enum status execute(struct bench *b, const char *sql, struct err *e)
{
    struct sql_stmt *st = NULL;
    const char *tail;
    bool row = true;
    enum status rc = sql_prepare(b->session, sql, strlen(sql), &st, &tail, e);
    while (rc == ST_OK && row) rc = sql_step(st, &row, e);
    sql_finalize(st);
    return rc;
}

static enum status open_db(struct bench *b, struct err *e)
{
    char path[4096];
    static const char *const ENDS[] = {"", "-wal", "-shm", "-journal"};
    struct store_options how = {.create = true};
    for (size_t i = 0; i < sizeof ENDS / sizeof ENDS[0]; i++) {
        snprintf(path, sizeof path, "%s%s", b->db, ENDS[i]);
        unlink(path);
    }
    enum status st = sql_session_open(b->db, &how, &b->session, e);
    return st == ST_OK ? execute(b, CREATE, e) : st;
}

static void bind_row(struct store_stmt *st, const struct table_column *columns,
    const struct table_batch *batch, size_t row)
{
    for (int i = 0; i < 8; i++) {
        const struct table_values *v = &batch->columns[i];
        int p = i + 1, dim = columns[i].dim;
        if (v->null != NULL && v->null[row] != 0)
            store_bind_null(st, p);
        else if (columns[i].type == TABLE_TEXT)
            store_bind_text(st, p, v->texts[row].data, (int64_t)v->texts[row].bytes);
        else if (columns[i].type == TABLE_INT)
            store_bind_int(st, p, v->ints[row]);
        else if (columns[i].type == TABLE_REAL)
            store_bind_double(st, p, v->reals[row]);
        else
            store_bind_blob(st, p, v->vectors + row * (size_t)dim, dim * 4);
    }
}

static enum status run_sqlite(struct bench *b, uint64_t rows, struct err *e)
{
    struct table *t = NULL;
    struct store_stmt *insert = NULL;
    struct table_batch batch;
    struct store *store = sql_session_store(b->session);
    enum status st = table_open(&b->paths, NULL, NULL, &t, e);
    if (st == ST_OK) st = table_next(t, &batch, e);
    if (st == ST_OK)
        st = store_prepare(store, "INSERT INTO laion VALUES(?1,?2,?3,?4,?5,?6,?7,?8)", &insert, e);
    if (st == ST_OK) st = store_exec(store, "PRAGMA journal_mode=DELETE", e);
    if (st == ST_OK) st = store_begin(store, e);
    for (; st == ST_OK && b->rows < rows; b->rows++) {
        bind_row(insert, table_columns(t), &batch, b->rows % batch.rows);
        st = store_run(insert, e);
    }
    if (st == ST_OK) st = store_commit(store, e);
    store_finalize(insert);
    table_close(t);
    return st;
}

static enum status run_all(struct bench *b, struct err *e)
{
    struct buf sql;
    buf_init(&sql);
    buf_add_str(&sql, "INSERT INTO laion FROM INFILE ");
    for (size_t i = 0; i < b->paths.count; i++)
        buf_printf(&sql, "%s'%s'", i > 0 ? ", " : "", b->paths.patterns[i]);
    enum status st = buf_check(&sql, e);
    if (st == ST_OK) st = execute(b, sql.data, e);
    buf_deinit(&sql);
    return st;
}

static uint64_t count_rows(const struct bench *b)
{
    struct table *t = NULL;
    struct table_batch batch = {.rows = 1};
    struct table_paths first = {b->paths.patterns, 1};
    uint64_t rows = 0;
    bool keep[64] = {false};
    if (table_open(&first, NULL, NULL, &t, NULL) != ST_OK) return 0;
    if (table_column_count(t) <= 64) table_keep(t, keep);
    while (batch.rows > 0 && table_next(t, &batch, NULL) == ST_OK) rows += batch.rows;
    table_close(t);
    return rows;
}

int main(int argc, char **argv)
{
    struct err e = ERR_INIT;
    if (argc < 4) return 2;
    const char *mode = argv[1];
    struct bench b = {.db = argv[2], .paths = {(const char *const *)argv + 3, (size_t)argc - 3}};
    bool writes = strcmp(mode, "sqlite") == 0 || strcmp(mode, "all") == 0;
    uint64_t rows = strcmp(mode, "convert") != 0 ? count_rows(&b) : 0;
    enum status st = writes ? open_db(&b, &e) : ST_OK;
    each_file(&b, NULL, 0);
    struct timespec cpu, before;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    int64_t start = run_now_us();
    if (st == ST_OK && strcmp(mode, "read") == 0) st = run_read(&b, &e);
    if (st == ST_OK && strcmp(mode, "convert") == 0) st = run_convert(&b, &e);
    if (st == ST_OK && strcmp(mode, "sqlite") == 0) st = run_sqlite(&b, rows, &e);
    if (st == ST_OK && strcmp(mode, "all") == 0) st = run_all(&b, &e);
    sql_session_close(b.session);
    int64_t end = run_now_us();
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    if (st != ST_OK) fprintf(stderr, "bench_ingest_laion: %s\n", e.text);
    printf("%.6f %.6f %llu %ld\n", (double)(end - start) / 1e6,
        (double)(cpu.tv_sec - before.tv_sec) + (double)(cpu.tv_nsec - before.tv_nsec) / 1e9,
        (unsigned long long)(b.rows > 0 ? b.rows : rows), usage.ru_maxrss);
    return st == ST_OK ? 0 : 1;
}

/* fuzz_sql.c - any bytes as SQL: lexer, grammar, plans, steps, functions, over a database in
 * memory.
 *
 * Bounded in memory, time and reach (sql_harness.h). Models and pictures are those of
 * sql_fake_model.h. What is checked: nothing crashes, a statement is finalized, an error has words
 * and its place lies in the text, what was prepared can be stepped twice, and columns can be asked
 * for whatever they are.
 */
#include "sql_harness.h"

enum { STATEMENTS_MAX = 24, ROWS_MAX = 200, TIME_MS = 200 };

static struct sql_session *open_bounded(void)
{
    struct sql_session *s = sql_fuzz_open();
    sql_session_run(s)->deadline_ms = run_now_ms() + TIME_MS;
    return s;
}

static void check_error(const struct err *e, size_t bytes)
{
    if (e->code == ST_OK || e->text[0] == '\0') abort();
    if (e->line > 0 && (e->offset < 0 || (size_t)e->offset > bytes || e->column < 1)) abort();
}

static void read_row(struct sql_stmt *st)
{
    for (int i = 0; i < sql_column_count(st); i++) {
        if (sql_column_name(st, i) == NULL) return; /* memory is out */
        if (sql_column_type(st, i) == SQL_VECTOR && sql_column_bytes(st, i) % 4 != 0) abort();
        if (sql_column_type_text(st, i) == NULL) abort();
        (void)sql_column_text(st, i);
    }
}

static void run_twice(struct sql_stmt *st, size_t bytes)
{
    for (int turn = 0; turn < 2; turn++) {
        struct err e = ERR_INIT;
        bool row = true;
        enum status rc = ST_OK;
        for (int i = 1; rc == ST_OK && i <= sql_bind_count(st) && i < 10; i++)
            rc = sql_bind_text(st, i, turn == 0 ? "black cat" : "[1,2]", -1, &e);
        for (int i = 0; rc == ST_OK && row && i < ROWS_MAX; i++) {
            rc = sql_step(st, &row, &e);
            if (rc == ST_OK && row) read_row(st);
        }
        if (rc != ST_OK) check_error(&e, bytes);
        if (sql_reset(st, &e) != ST_OK) abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (sql_fuzz_leaves((const char *)data, size)) return 0;
    struct sql_session *s = open_bounded();
    const char *at = (const char *)data, *end = at + size;
    for (int i = 0; i < STATEMENTS_MAX && at < end; i++) {
        struct sql_stmt *st = NULL;
        struct err e = ERR_INIT;
        const char *tail = at;
        enum status rc = sql_prepare(s, at, (size_t)(end - at), &st, &tail, &e);
        if (tail < at || tail > end) abort();
        if (rc != ST_OK) check_error(&e, (size_t)(end - at));
        if (rc != ST_OK && st != NULL) abort();
        if (st != NULL) run_twice(st, (size_t)(end - at));
        sql_finalize(st);
        if (tail == at) break;
        at = tail;
    }
    sql_session_close(s);
    return 0;
}

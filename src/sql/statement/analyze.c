/* analyze.c - EXPLAIN ANALYZE: the statement behind it is prepared as it would be alone, bound
 * through this one, run to its end when the first row is asked for, and its rows dropped.
 *
 * What the steps did they have counted themselves (struct sql_work), which they do only meanwhile;
 * what SQLite did, SQLite has counted (sqlite3_stmt_status). The answer is a VALUES query made
 * then. What the statement writes it writes, as in PostgreSQL. Times are of the wall; a step's hold
 * those of the steps in its q.
 */
#include "sql/statement/analyze.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "sql/nearest/nearest.h"
#include "sql/plan/plan.h"
#include "sql/statement/command.h"
#include "sql/statement/statement.h"
#include "sql/text/ends.h"

/* --- is it one? ------------------------------------------------------------------------------- */

struct reader {
    const char *text;
    int bytes, at; /* at: behind the token */
};

static struct sql_token next_token(struct reader *r)
{
    struct sql_token t;
    do {
        t = lex_next(r->text, r->bytes, r->at, LEX_FLAT); /* nesting ones are read over and over */
        r->at = t.end;
    } while (t.kind == LEX_SPACE || t.kind == LEX_COMMENT);
    return t;
}

/* ANALYZE, VERBOSE, BUFFERS OFF) behind a bracket: does it ask for a run? */
static bool read_options(struct reader *r)
{
    struct sql_token t = next_token(r), before = {.kind = LEX_END};
    bool analyze = false, off = false;
    for (; t.kind < LEX_SPACE && t.kind != TK_RP && t.kind != TK_SEMI;
         before = t, t = next_token(r)) {
        bool behind = before.kind != LEX_END && lex_is(r->text, before, "ANALYZE");
        if (lex_is(r->text, t, "ANALYZE")) analyze = true;
        if (behind && (lex_is(r->text, t, "OFF") || lex_is(r->text, t, "FALSE"))) off = true;
    }
    return t.kind == TK_RP && analyze && !off;
}

size_t sql_analyze_find(const char *text, size_t bytes)
{
    struct reader r = {.text = text, .bytes = bytes < INT32_MAX ? (int)bytes : INT32_MAX};
    struct sql_token t = next_token(&r);
    while (t.kind == TK_SEMI) t = next_token(&r);
    if (t.kind >= LEX_SPACE || !lex_is(text, t, "EXPLAIN")) return 0;
    t = next_token(&r);
    if (t.kind >= LEX_SPACE) return 0;
    bool options = t.kind == TK_LP;
    if (options ? !read_options(&r) : !lex_is(text, t, "ANALYZE")) return 0;
    t = next_token(&r);
    if (t.kind >= LEX_SPACE || (!options && !sql_ends_is_word(text, t))) return 0;
    struct sql_token behind = next_token(&r);
    bool name = behind.kind >= LEX_SPACE || behind.kind == TK_SEMI || behind.kind == TK_DOT;
    return options || !name ? (size_t)t.start : 0;
}

/* --- the statement ---------------------------------------------------------------------------- */

void sql_analyze_close(struct sql_analysis *a)
{
    if (a == NULL) return;
    sql_finalize(a->child);
    mem_free(a);
}

enum status sql_analyze_open(
    struct sql_session *s, struct sql_analysis about, struct sql_stmt **out, struct err *e)
{
    static const char COLUMNS[] =
        "SELECT NULL AS step, NULL AS detail, NULL AS rows, NULL AS ms LIMIT 0";
    struct sql_stmt *st = mem_zalloc(1, sizeof *st);
    struct sql_analysis *a = mem_zalloc(1, sizeof *a);
    *out = NULL;
    if (st == NULL || a == NULL) {
        mem_free(st);
        mem_free(a);
        sql_finalize(about.child);
        return mem_err(e, sizeof *st);
    }
    *a = about;
    st->session = s;
    st->analysis = a;
    st->format = sql_format(a->child);
    arena_init(&st->arena, 0);
    int rc = sqlite3_prepare_v2(s->db, COLUMNS, -1, &st->plain, NULL);
    if (rc == SQLITE_OK) {
        *out = st;
        return ST_OK;
    }
    enum status status = sql_word(s, rc, e);
    sql_finalize(st);
    return status;
}

/* --- the run ---------------------------------------------------------------------------------- */

/* What a run came to. */
struct outcome {
    int64_t us, rows, changed;
    struct sql_embedded embedded;
    bool writes;
};

static struct sql_embedded embedded_since(
    const struct sql_session *s, const struct sql_embedded *before)
{
    const struct sql_embedded *now = &s->embedded;
    return (struct sql_embedded){.pictures = now->pictures - before->pictures,
        .texts = now->texts - before->texts,
        .remembered = now->remembered - before->remembered,
        .asked = now->asked - before->asked,
        .decode_us = now->decode_us - before->decode_us,
        .model_us = now->model_us - before->model_us};
}

static void reset_counts(const struct sql_stmt *child)
{
    static const int COUNTS[] = {SQLITE_STMTSTATUS_VM_STEP, SQLITE_STMTSTATUS_FULLSCAN_STEP,
        SQLITE_STMTSTATUS_SORT, SQLITE_STMTSTATUS_AUTOINDEX};
    sqlite3_stmt *stmt = stmt_prepared(child);
    for (size_t i = 0; stmt != NULL && i < sizeof COUNTS / sizeof COUNTS[0]; i++)
        sqlite3_stmt_status(stmt, COUNTS[i], 1);
    if (child->plan == NULL) return;
    for (struct sql_step *s = child->plan->steps; s != NULL; s = s->next_of_plan)
        s->work = (struct sql_work){0};
}

static enum status run_child(struct sql_stmt *child, struct outcome *out, struct err *e)
{
    struct sql_session *s = child->session;
    struct sql_embedded before = s->embedded;
    bool row = true, outer = s->analyzes;
    int64_t total = sqlite3_total_changes64(s->db), began_us = run_now_us();
    enum status st = sql_reset(child, e);
    reset_counts(child);
    *out = (struct outcome){.rows = -1};
    s->analyzes = true;
    s->changed = -1;
    while (st == ST_OK && row) {
        st = sql_step(child, &row, e);
        out->rows++;
    }
    s->analyzes = outer;
    out->us = run_now_us() - began_us;
    out->embedded = embedded_since(s, &before);
    const struct sql_save *save = child->plan != NULL ? child->plan->save : NULL;
    bool alone = child->command == NULL && child->after.behind == NULL; /* no notes of ours in it */
    out->writes =
        child->command != NULL || save != NULL || sqlite3_stmt_readonly(stmt_prepared(child)) == 0;
    out->changed = save != NULL ? save->rows : s->changed;
    if (save == NULL && alone) out->changed = sqlite3_total_changes64(s->db) - total;
    return st;
}

/* --- its rows --------------------------------------------------------------------------------- */

struct table {
    struct buf sql;
    struct buf detail; /* of the row under way */
    int count;
};

/* rows, us below 0: not known. */
static void add_row(struct table *t, const char *step, int64_t rows, int64_t us)
{
    char numbers[64];
    const char *detail = t->detail.data != NULL ? t->detail.data : "";
    int at = snprintf(numbers, sizeof numbers, rows < 0 ? "NULL" : "%lld", (long long)rows);
    snprintf(
        numbers + at, sizeof numbers - (size_t)at, us < 0 ? ",NULL" : ",%.3f", (double)us / 1000);
    char *row = sqlite3_mprintf(
        "%s(%d,%Q,%Q,%s)", t->count > 0 ? "," : "", t->count + 1, step, detail, numbers);
    if (row == NULL || t->detail.failed)
        t->sql.failed = true;
    else
        buf_add_str(&t->sql, row);
    sqlite3_free(row);
    t->count++;
    buf_clear(&t->detail);
}

static void add_count(struct buf *out, const char *before, uint64_t n, const char *one)
{
    if (n > 0) buf_printf(out, "%s%llu %s%s", before, (unsigned long long)n, one, n > 1 ? "s" : "");
}

static void add_embedded(struct buf *out, const struct sql_embedded *d)
{
    add_count(out, ", ", d->texts, "text");
    if (d->texts > 0) buf_add_str(out, " computed");
    add_count(out, ", ", d->pictures, "picture");
    if (d->pictures > 0) buf_add_str(out, " computed");
    if (d->remembered > 0) buf_printf(out, ", %llu remembered", (unsigned long long)d->remembered);
    if (d->asked > 0) buf_printf(out, ", read and decoded in %.3f ms", (double)d->decode_us / 1000);
    if (d->texts + d->pictures > 0)
        buf_printf(out, ", in the model %.3f ms", (double)d->model_us / 1000);
}

static void add_nearest(struct table *t, const struct sql_step *s)
{
    const struct sql_work *w = &s->work;
    if (s->plan->rows_only)
        buf_add_str(&t->detail, "rows: SQLite takes no step here");
    else if (w->runs == 0)
        buf_add_str(&t->detail, "not run");
    else
        buf_add_str(&t->detail, w->detail);
    if (w->runs > 1) buf_printf(&t->detail, ", the last of %llu runs", (unsigned long long)w->runs);
}

static void add_step(struct table *t, const struct sql_step *s)
{
    const struct sql_work *w = &s->work;
    buf_printf(&t->detail, "%s: ", s->module);
    s->statement->describe(s, &t->detail);
    if (s->nearest != NULL) {
        add_nearest(t, s);
    } else if (w->runs == 0) {
        buf_add_str(&t->detail, "; not run");
    } else {
        add_count(&t->detail, "; ", w->query_rows, "row");
        if (w->query_rows == 0) buf_add_str(&t->detail, "; no rows");
        buf_printf(&t->detail, " of q in %.3f ms", (double)w->query_us / 1000);
        add_embedded(&t->detail, &w->embedded);
        add_count(&t->detail, ", ", w->unreadable, "unreadable picture");
        if (w->runs > 1) buf_printf(&t->detail, ", in %llu runs", (unsigned long long)w->runs);
    }
    add_row(t, s->statement->name, (int64_t)w->rows, w->us);
}

static void add_plan(struct table *t, const struct sql_plan *p)
{
    for (const struct sql_step *s = p->steps; s != NULL; s = s->next_of_plan) add_step(t, s);
    for (const struct sql_note *n = p->notes; n != NULL; n = n->next) {
        buf_printf(&t->detail, "rows: %s", n->why);
        add_row(t, statement_nearest.name, -1, -1);
    }
    if (p->save == NULL) return;
    buf_add_str(&t->detail, p->save->table);
    add_row(t, p->save->create ? "CREATE TABLE" : "UPDATE", p->save->rows, p->save->write_us);
}

/* Less what the steps have embedded: what functions did. */
static struct sql_embedded embedded_outside(const struct sql_stmt *child, struct sql_embedded all)
{
    const struct sql_step *s = child->plan != NULL ? child->plan->steps : NULL;
    for (; s != NULL; s = s->next_of_plan) {
        const struct sql_embedded *d = &s->work.embedded;
        all.pictures -= d->pictures;
        all.texts -= d->texts;
        all.remembered -= d->remembered;
        all.asked -= d->asked;
        all.decode_us -= d->decode_us;
        all.model_us -= d->model_us;
    }
    return all;
}

static uint64_t count_of(sqlite3_stmt *stmt, int what)
{
    int n = sqlite3_stmt_status(stmt, what, 0);
    return n > 0 ? (uint64_t)n : 0;
}

static void add_query(struct table *t, const struct sql_stmt *child, const struct outcome *o)
{
    struct sql_embedded outside = embedded_outside(child, o->embedded);
    sqlite3_stmt *stmt = stmt_prepared(child);
    struct buf *d = &t->detail;
    if (stmt != NULL) {
        buf_printf(
            d, "%llu VM steps", (unsigned long long)count_of(stmt, SQLITE_STMTSTATUS_VM_STEP));
        uint64_t scanned = count_of(stmt, SQLITE_STMTSTATUS_FULLSCAN_STEP);
        add_count(d, ", ", scanned, "row");
        if (scanned > 0) buf_add_str(d, " scanned");
        add_count(d, ", ", count_of(stmt, SQLITE_STMTSTATUS_SORT), "sort");
        add_count(d, ", an index made of ", count_of(stmt, SQLITE_STMTSTATUS_AUTOINDEX), "row");
    }
    add_embedded(d, &outside);
    if (o->writes) buf_printf(d, "%sit was run", d->bytes > 0 ? ", " : "");
    if (o->writes && o->changed > 0)
        buf_printf(d, ": %lld row%s changed", (long long)o->changed, o->changed > 1 ? "s" : "");
    const char *sql = child->plan != NULL ? child->plan->query.sql.data : sqlite3_sql(child->plain);
    size_t bytes = sql != NULL ? strlen(sql) : 0;
    while (bytes > 0 && strchr("; \t\r\n", sql[bytes - 1]) != NULL) bytes--;
    if (stmt != NULL && bytes > 0) {
        buf_add_str(d, ": ");
        buf_add(d, sql, bytes);
    }
    add_row(t, stmt != NULL ? "query" : "command", o->rows, o->us);
}

static enum status prepare_rows(struct sql_stmt *st, const struct outcome *o, struct err *e)
{
    const struct sql_stmt *child = st->analysis->child;
    struct table t = {.count = 0};
    buf_init(&t.sql);
    buf_init(&t.detail);
    buf_add_str(&t.sql,
        "SELECT column2 AS step, column3 AS detail, column4 AS rows, column5 AS ms FROM (VALUES ");
    if (child->plan != NULL) add_plan(&t, child->plan);
    add_query(&t, child, o);
    buf_add_str(&t.detail, "parsing and planning");
    add_row(&t, "plan", -1, st->analysis->plan_us);
    buf_add_str(&t.sql, ") ORDER BY column1");
    enum status status = buf_check(&t.sql, e);
    sqlite3_stmt *rows = NULL;
    if (status == ST_OK) {
        int rc = sqlite3_prepare_v2(st->session->db, t.sql.data, -1, &rows, NULL);
        if (rc != SQLITE_OK) status = sql_word(st->session, rc, e);
    }
    if (status == ST_OK) {
        sqlite3_finalize(st->plain);
        st->plain = rows;
    }
    buf_deinit(&t.sql);
    buf_deinit(&t.detail);
    return status;
}

/* The child's places are of its own text. */
static void move_place(const struct sql_analysis *a, struct err *e)
{
    if (e == NULL || e->line == 0) return;
    if (e->line == 1) e->column += a->columns;
    e->line += a->lines;
}

enum status sql_analyze_run(struct sql_stmt *st, struct err *e)
{
    struct outcome o;
    enum status status = run_child(st->analysis->child, &o, e);
    if (status != ST_OK) {
        move_place(st->analysis, e);
        return status;
    }
    return prepare_rows(st, &o, e);
}

/* prepare.c - text to a statement that can run.
 *
 * Text that holds nothing of ours goes to SQLite as written and ends where SQLite says. The rest is
 * planned (plan.h) into one SQLite query, and from there on both are the same to step, bind and
 * column (stmt.c).
 */
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "sql/dialect/translate.h"
#include "sql/dialect/vectors.h"
#include "sql/kept.h"
#include "sql/plan/after.h"
#include "sql/plan/plain.h"
#include "sql/plan/plan.h"
#include "sql/plan/save.h"
#include "sql/statement/analyze.h"
#include "sql/statement/command.h"
#include "sql/statement/commands.h"
#include "sql/text/ends.h"
#include "sql/text/format.h"
#include "sql/text/tail.h"

/* Tokens of a text that are read before it is known whether its statement is longer. */
enum { ARENA_BYTES_MAX = 256 << 20, PART_TOKENS = 64 };

/* The SELECT of CREATE TABLE AS, for its columns' origins. */
static enum status follow(struct sql_stmt *st, const struct sql_scan *scan, struct err *e)
{
    struct rewrite r;
    enum status status = ST_OK;
    int as = 0;
    rewrite_init(&r);
    while (
        (scan->holds & HOLDS_CREATE_AS) != 0 && as < scan->count && scan->tokens[as].kind != TK_AS)
        as++;
    if (st->plan != NULL && st->plan->ast.create_as_first > 0) {
        struct emit m = {.plan = st->plan, .out = &r, .tracing = true, .e = e};
        status = emit_tokens(&m, st->plan->ast.create_as_first, scan->count - 1);
    } else if (st->plan == NULL && as > 0 && as + 1 < scan->count) {
        rewrite_add_source(
            &r, scan->text, scan->tokens[as + 1].start, scan->tokens[scan->count - 1].end);
    }
    if (status == ST_OK) status = buf_check(&r.sql, e);
    if (status == ST_OK) status = sql_after_open(st->session, scan, r.sql.data, &st->after, e);
    rewrite_deinit(&r);
    return status;
}

/* The plan keeps pointing into the text, so it gets a copy. The arena moves into the plan. */
static enum status prepare_plan(
    struct sql_stmt *st, struct sql_scan *scan, struct arena *arena, struct err *e)
{
    mem_free(st->text);
    st->text = mem_strndup(scan->text, (size_t)scan->end);
    if (st->text == NULL) return mem_err(e, (size_t)scan->end);
    st->text_bytes = scan->end;
    scan->text = st->text;
    return sql_plan_open(st->session, scan, arena, &st->plan, e);
}

/* A statement of SQLite's that holds a distance and an order: the rows in that order may be found
 * by the vector engine. */
static enum status try_plan(struct sql_stmt *st, const struct sql_scan *scan, struct err *e)
{
    struct arena arena;
    struct sql_scan own;
    mem_free(st->text);
    st->text = mem_strndup(scan->text, (size_t)scan->end);
    if (st->text == NULL) return mem_err(e, (size_t)scan->end);
    st->text_bytes = scan->end;
    arena_init(&arena, ARENA_BYTES_MAX);
    enum status status = sql_scan_next(st->text, (size_t)scan->end, &arena, &own, e);
    if (status == ST_OK) status = sql_plan_try(st->session, &own, &arena, &st->plan, e);
    arena_deinit(&arena);
    if (status != ST_OK || st->plan == NULL) return status;
    sqlite3_finalize(st->plain);
    st->plain = NULL;
    return ST_OK;
}

static bool is_show(const struct sql_scan *scan)
{
    return scan->count > 0 && lex_is(scan->text, scan->tokens[0], "SHOW");
}

/* SHOW is a SELECT from fovea_settings(). */
static enum status prepare_show(struct sql_stmt *st, const struct sql_scan *scan, struct err *e)
{
    char *sql;
    enum status status = sql_show_parse(scan, &sql, e);
    if (status != ST_OK) return status;
    int rc = sqlite3_prepare_v2(st->session->db, sql, -1, &st->plain, NULL);
    mem_free(sql);
    return rc == SQLITE_OK ? ST_OK : sql_word(st->session, rc, e);
}

static enum status prepare_ours(struct sql_stmt *st, const struct sql_scan *scan, struct err *e)
{
    struct arena arena;
    struct sql_scan own;
    arena_init(&arena, ARENA_BYTES_MAX);
    enum status status = sql_scan_next(scan->text, (size_t)scan->end, &arena, &own, e);
    if (status == ST_OK) status = prepare_plan(st, &own, &arena, e);
    arena_deinit(&arena);
    return status == ST_OK && own.holds != 0 ? follow(st, &own, e) : status;
}

static enum status prepare_theirs(
    struct sql_stmt *st, struct sql_scan *scan, size_t bytes, const char **tail, struct err *e)
{
    enum status status = sql_plain_prepare(st, scan, bytes, tail, e);
    if (status == ST_OK && (scan->holds & HOLDS_DISTANCE) != 0)
        status = sql_plan_check(st->session, scan, e);
    bool nearest = (scan->holds & HOLDS_NEAREST) == HOLDS_NEAREST;
    bool sums = (scan->holds & HOLDS_SUMS) != 0 && dialect_names_vectors(st->session, scan);
    bool encode = (scan->holds & HOLDS_ENCODE) != 0;
    if (status == ST_OK && (nearest || sums || encode) && *tail == scan->text + scan->end)
        status = try_plan(st, scan, e);
    return status == ST_OK && scan->holds != 0 ? follow(st, scan, e) : status;
}

/* The other way round for $1 and {name:Type}: columns keep the names they have by their text, and
 * what our grammar doesn't take is SQLite's. */
static enum status prepare_numbered(
    struct sql_stmt *st, struct sql_scan *scan, size_t bytes, const char **tail, struct err *e)
{
    struct err why = ERR_INIT;
    enum status status = prepare_ours(st, scan, &why);
    if (status == ST_SYNTAX && st->plan == NULL) return prepare_theirs(st, scan, bytes, tail, e);
    if (status != ST_OK) *e = why;
    return status;
}

/* What SQLite may know otherwise it is asked about first. */
static enum status prepare_query(
    struct sql_stmt *st, struct sql_scan *scan, size_t bytes, const char **tail, struct err *e)
{
    st->holds |= scan->holds;
    if (is_show(scan)) return prepare_show(st, scan, e);
    if ((scan->holds & HOLDS_OURS) != 0) return prepare_ours(st, scan, e);
    if ((scan->holds & HOLDS_NUMBERED) != 0) return prepare_numbered(st, scan, bytes, tail, e);
    enum status status = prepare_theirs(st, scan, bytes, tail, e);
    if (status == ST_OK || (scan->holds & (HOLDS_MAYBE | HOLDS_FORMS)) == 0) return status;
    struct err refusal = *e;
    err_clear(e);
    *tail = scan->text + scan->end;
    status = prepare_ours(st, scan, e);
    if (status == ST_SYNTAX && (scan->holds & HOLDS_MAYBE) == 0) *e = refusal;
    return status;
}

/* What is wrong with FORMAT and SETTINGS at the end counts only where they end this statement: the
 * text may be several, of which they end the last. */
static enum status prepare_scanned(
    struct sql_stmt *st, struct sql_scan *scan, size_t bytes, const char **tail, struct err *e)
{
    struct sql_overlay overlay;
    struct err refused = ERR_INIT;
    enum status status = sql_command_open(st->session, scan, &st->command, e);
    if (status != ST_OK || st->command != NULL) return status;
    enum status ends = sql_format_take(scan, &st->format, &refused);
    if (ends == ST_OK) ends = sql_overlay_take(st->session, scan, &overlay, &refused);
    status = prepare_query(st, scan, bytes, tail, e);
    if (ends == ST_OK || status == ST_SYNTAX) return status;
    *e = refused;
    return ends;
}

/* A plan tells places of its own text while it runs too: how that was made of the user's. */
static enum status keep_moved(
    struct sql_stmt *st, const struct sql_scan *scan, struct rewrite *how, struct err *e)
{
    struct stmt_moved *m = mem_zalloc(1, sizeof *m), **last = &st->moved;
    if (m == NULL) return mem_err(e, sizeof *m);
    m->source = mem_strndup(scan->text, (size_t)scan->end);
    m->how = *how;
    buf_deinit(&m->how.sql); /* places are all that is asked of it */
    rewrite_init(how);
    while (*last != NULL) last = &(*last)->next;
    *last = m;
    return m->source != NULL ? ST_OK : mem_err(e, (size_t)scan->end);
}

static enum status translate(struct sql_session *s, const struct sql_scan *scan,
    struct rewrite *text, bool *again, struct err *e)
{
    sql_tail_translate(scan, text);
    *again = text->sql.bytes > 0;
    return *again ? buf_check(&text->sql, e) : sql_translate(s, scan, text, again, e);
}

/* Forms of other dialects become statements of SQLite's and ours first; places are told of the
 * user's text. */
static enum status prepare_translated(
    struct sql_stmt *st, struct sql_scan *scan, size_t bytes, const char **tail, struct err *e)
{
    struct rewrite text;
    struct arena arena;
    struct sql_scan own;
    bool again;
    rewrite_init(&text);
    enum status status = translate(st->session, scan, &text, &again, e);
    if (status != ST_OK || text.sql.bytes == 0) {
        rewrite_deinit(&text);
        return status == ST_OK ? prepare_scanned(st, scan, bytes, tail, e) : status;
    }
    const char *behind = text.sql.data;
    st->translated = true;
    arena_init(&arena, ARENA_BYTES_MAX);
    status = sql_scan_next(text.sql.data, text.sql.bytes, &arena, &own, e);
    if (status == ST_OK)
        status = again ? prepare_translated(st, &own, text.sql.bytes, &behind, e)
                       : prepare_scanned(st, &own, text.sql.bytes, &behind, e);
    if (status == ST_OK && st->format == NULL) /* the translation may have left it out */
        status = sql_format_take(scan, &st->format, e);
    if (status != ST_OK && e != NULL && e->line > 0)
        err_place(e, scan->text, rewrite_source(&text, e->offset));
    if (status == ST_OK && st->plan != NULL) status = keep_moved(st, scan, &text, e);
    arena_deinit(&arena);
    rewrite_deinit(&text);
    return status;
}

struct text {
    const char *s;
    size_t bytes;
    int tokens; /* so many are read at first (sql_scan_part); 0: all */
    bool part;  /* there are more, which may make another statement of it */
};

static enum status prepare_analysis(struct sql_session *s, struct text *given,
    struct sql_stmt **out, const char **tail, struct err *e);

static enum status scan_text(
    struct text *given, struct arena *arena, struct sql_scan *out, struct err *e)
{
    struct sql_scan_text text = {given->s, given->bytes, given->tokens};
    enum status st = sql_scan_part(&text, arena, out, e);
    given->part = st == ST_OK && out->part;
    return st;
}

static enum status prepare_one(struct sql_session *s, struct text *given, struct sql_stmt **out,
    const char **tail, struct err *e)
{
    const char *text = given->s;
    size_t bytes = given->bytes;
    given->part = false;
    *out = NULL;
    *tail = text;
    struct arena arena;
    struct sql_scan scan;
    struct sql_inline data;
    if (sql_analyze_find(text, bytes) > 0) return prepare_analysis(s, given, out, tail, e);
    arena_init(&arena, ARENA_BYTES_MAX);
    s->fault = ERR_INIT;
    enum status status = sql_inline_open(s, text, bytes, &data, e);
    bool whole = data.end > 0; /* it is a statement with its data */
    struct sql_stmt *st = NULL;
    if (!whole) status = scan_text(given, &arena, &scan, e);
    if (given->part) bytes = (size_t)scan.end;
    if (whole || status == ST_OK)
        *tail = text + (whole ? data.end : (size_t)scan.end); /* of one that fails too */
    if (status == ST_OK && (whole || scan.count > 0)) {
        st = mem_zalloc(1, sizeof *st);
        if (st == NULL) status = mem_err(e, sizeof *st);
        if (st == NULL) sql_command_close(data.command);
    }
    if (st != NULL) {
        st->session = s;
        st->version = sql_data_version(s);
        st->command = data.command;
        arena_init(&st->arena, ARENA_BYTES_MAX);
        if (!whole) status = prepare_translated(st, &scan, bytes, tail, e);
        if (!whole && status == ST_OK && !given->part && *tail == text + bytes)
            sql_kept_mark(st, &scan, text, bytes);
    }
    /* What has no place of its own lies in this statement. */
    if (status != ST_OK && st != NULL && e->line == 0) err_place(e, text, scan.tokens[0].start);
    arena_deinit(&arena);
    if (status != ST_OK) {
        sql_finalize(st);
        return status;
    }
    err_clear(e);
    *out = st;
    return ST_OK;
}

static enum status refuse_explain(
    struct text given, size_t before, const char **tail, struct err *e)
{
    struct arena arena;
    struct sql_scan scan;
    arena_init(&arena, ARENA_BYTES_MAX);
    enum status st = sql_scan_next(given.s + before, given.bytes - before, &arena, &scan, e);
    if (st == ST_OK) {
        *tail = given.s + before + scan.end;
        err_set(e, ST_UNSUPPORTED, "EXPLAIN ANALYZE runs a statement; EXPLAIN is none that runs");
        st = err_place(e, given.s, (int)before);
    }
    arena_deinit(&arena);
    return st;
}

/* EXPLAIN ANALYZE and the statement behind it. */
static enum status prepare_analysis(struct sql_session *s, struct text *given,
    struct sql_stmt **out, const char **tail, struct err *e)
{
    struct sql_analysis about = {.child = NULL};
    size_t before = sql_analyze_find(given->s, given->bytes);
    struct text behind = {given->s + before, given->bytes - before, given->tokens, false};
    struct err place = ERR_INIT;
    err_place(&place, given->s, (int)before);
    about.lines = place.line - 1;
    about.columns = place.column - 1;
    if (behind.bytes >= 7 && strncasecmp(behind.s, "EXPLAIN", 7) == 0)
        return refuse_explain(*given, before, tail, e);
    int64_t began_us = run_now_us();
    enum status status = prepare_one(s, &behind, &about.child, tail, e);
    given->part = behind.part;
    about.plan_us = run_now_us() - began_us;
    if (status != ST_OK && e->line > 0) err_place(e, given->s, e->offset + (int)before);
    if (status != ST_OK && e->line == 0 && e->offset >= 0) e->offset += (int)before;
    if (status != ST_OK && *tail == behind.s) *tail = given->s;
    return status == ST_OK ? sql_analyze_open(s, about, out, e) : status;
}

/* The statement before a line that begins another one; *e is the failure without that. */
static enum status prepare_before(struct sql_session *s, struct text *given, struct sql_stmt **out,
    const char **tail, struct err *e)
{
    struct arena arena;
    struct sql_scan scan;
    int ends[ENDS_MAX], count = 0;
    size_t before = sql_analyze_find(given->s, given->bytes);
    enum status status = e->code;
    arena_init(&arena, ARENA_BYTES_MAX);
    if (scan_text(given, &arena, &scan, NULL) == ST_OK)
        count = sql_ends_find(&scan, e->offset, ends);
    given->part = count < 0;
    for (int i = 0; i < count; i++) {
        struct err why = ERR_INIT;
        const char *end = given->s;
        int start = scan.tokens[ends[i]].start;
        if ((size_t)start <= before) continue; /* what EXPLAIN ANALYZE stands before */
        struct text head = {.s = given->s, .bytes = (size_t)start};
        enum status st = prepare_one(s, &head, out, &end, &why);
        if (st == ST_SYNTAX) continue;
        *tail = given->s + start;
        *e = why;
        status = st;
        break;
    }
    arena_deinit(&arena);
    return status;
}

enum status sql_prepare(struct sql_session *s, const char *text, size_t bytes,
    struct sql_stmt **out, const char **tail, struct err *e)
{
    struct err own = ERR_INIT;
    struct text given = {.s = text, .bytes = bytes, .tokens = PART_TOKENS};
    enum status status;
    if (e == NULL) e = &own;
    *tail = text + bytes;
    *out = sql_kept_take(s, text, bytes);
    err_clear(e);
    if (*out != NULL) return ST_OK;
    do {
        sql_finalize(*out);
        err_clear(e);
        status = prepare_one(s, &given, out, tail, e);
        if (status == ST_SYNTAX && e->offset >= 0) status = prepare_before(s, &given, out, tail, e);
        given.tokens *= 4;
    } while (given.part);
    return status;
}

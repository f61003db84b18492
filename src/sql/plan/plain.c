/* plain.c - a statement that is SQLite's goes to SQLite as it is written.
 *
 * What its language has no word for is left out or written over in a copy of the same length, so
 * that every place stays: SETTINGS and FORMAT at the end; $1 and {name:Type}, which become ?1; and,
 * when SQLite has refused the text, comments behind # and in comments.
 */
#include "sql/plan/plain.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "sql/text/expect.h"

/* [start, end) of the statement's text, or of its copy, given to SQLite. */
struct piece {
    const char *text;
    size_t end;
    bool comments; /* a copy without comments */
};

static enum status prepare_piece(struct sql_stmt *st, const struct sql_scan *scan,
    struct piece piece, const char **tail, struct err *e)
{
    const char *behind;
    int start = scan->tokens[0].start, room = (int)(piece.end - (size_t)start);
    int rc = sqlite3_prepare_v3(st->session->db, piece.text + start, room, 0, &st->plain, &behind);
    if (rc == SQLITE_OK) {
        *tail = scan->text + (behind - piece.text);
        return ST_OK;
    }
    enum status status = sql_word(st->session, rc, e);
    /* SQLite gives no place for a text that ends too early: that place is its end. */
    if (strcmp(e->text, "incomplete input") == 0) e->offset = (int)piece.end - start;
    if (e->offset >= 0) err_place(e, scan->text, start + e->offset);
    sql_scan_place(scan, e);
    return status;
}

/* --- a copy of the same length ---------------------------------------------------------------- */

static void blank_comments(const struct sql_scan *scan, int from, int to, char *copy)
{
    for (int at = from; at < to;) {
        struct sql_token t = lex_next(scan->text, to, at, LEX_SQL);
        for (int i = t.start; i < t.end && t.kind != LEX_SPACE; i++)
            if (copy[i] != '\n') copy[i] = ' ';
        at = t.end;
    }
}

static enum status write_number(
    const struct sql_scan *scan, int token, int number, char *copy, struct err *e)
{
    char words[16];
    struct sql_token t = scan->tokens[token];
    int bytes = snprintf(words, sizeof words, "?%d", number);
    if (bytes > t.end - t.start) {
        err_set(e, ST_LIMIT, "too many parameters for so short a name");
        return err_place(e, scan->text, t.start);
    }
    memset(copy + t.start, ' ', (size_t)(t.end - t.start));
    memcpy(copy + t.start, words, (size_t)bytes);
    return ST_OK;
}

/* Every parameter gets its number: they count over all of them. */
static enum status number_all(
    struct sql_stmt *st, const struct sql_scan *scan, char *copy, struct err *e)
{
    enum status status = sql_parameters_number(scan, &st->arena, &st->parameters, e);
    for (int i = 0; status == ST_OK && i < scan->count; i++) {
        char c = scan->text[scan->tokens[i].start];
        if (scan->tokens[i].kind == TK_VARIABLE && (c == '$' || c == '{'))
            status = write_number(scan, i, st->parameters.of[i], copy, e);
    }
    return status;
}

static enum status prepare_copy(struct sql_stmt *st, const struct sql_scan *scan,
    struct piece piece, const char **tail, struct err *e)
{
    size_t end = piece.end;
    bool comments = piece.comments;
    char *copy = mem_strndup(scan->text, end);
    if (copy == NULL) return mem_err(e, end);
    enum status status = ST_OK;
    for (int i = 1; comments && i <= scan->count; i++) {
        int to = i < scan->count ? scan->tokens[i].start : (int)end;
        if (to > (int)end) to = (int)end;
        if (i == scan->count && to > scan->tokens[i - 1].end && scan->text[to - 1] == ';') to--;
        blank_comments(scan, scan->tokens[i - 1].end, to, copy);
    }
    if ((scan->holds & HOLDS_NUMBERED) != 0) status = number_all(st, scan, copy, e);
    if (status == ST_OK)
        status = prepare_piece(st, scan, (struct piece){.text = copy, .end = end}, tail, e);
    mem_free(copy);
    return status;
}

/* --- the whole -------------------------------------------------------------------------------- */

/* Where our cutting and SQLite's differ, SQLite's counts: it gets the whole text then. */
enum status sql_plain_prepare(struct sql_stmt *st, const struct sql_scan *scan, size_t bytes,
    const char **tail, struct err *e)
{
    bool cut = scan->settings > 0 || scan->format > 0;
    size_t end = cut ? (size_t)scan->tokens[scan->count - 1].end : (size_t)scan->end;
    struct piece piece = {.text = scan->text, .end = end};
    enum status status = (scan->holds & HOLDS_NUMBERED) != 0
        ? prepare_copy(st, scan, piece, tail, e)
        : prepare_piece(st, scan, piece, tail, e);
    if (status != ST_OK && !cut && strcmp(e->text, "incomplete input") == 0 &&
        (size_t)scan->end < bytes) {
        piece.end = bytes;
        status = prepare_piece(st, scan, piece, tail, e);
    }
    if (status != ST_OK && (scan->holds & HOLDS_COMMENT) != 0)
        status = prepare_copy(st, scan, (struct piece){.end = end, .comments = true}, tail, e);
    if (status != ST_OK) {
        sql_expect_plain(scan, e);
        sql_suggest(st->session, scan, e);
    }
    if (status == ST_OK && cut) *tail = scan->text + scan->end;
    if (status == ST_OK && st->plain == NULL) {
        err_set(e, ST_SYNTAX, "a zero byte inside the text");
        return err_place(e, scan->text, scan->tokens[0].start);
    }
    return status;
}

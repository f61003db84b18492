/* script.c - statement after statement. What stands between two of them may be a line of a dot
 * command. A statement ends where the engine says, at \G, and before the next cell of a notebook.
 *
 * With --json only one result may go out, the last; which one that is shows only at the end, so a
 * result that may not be the last waits in memory. FORMAT in a statement wins over that too.
 */
#include "cli/script.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/run.h"
#include "base/utf8.h"
#include "cli/dot.h"
#include "cli/engine.h"
#include "cli/footer.h"
#include "cli/interrupt.h"
#include "cli/text.h"
#include "cli/typed.h"

enum { PLACE_COLUMNS = 72 }; /* shown of a line, before and behind the caret together */

struct running {
    struct cli *cli;
    const struct script *script;
    struct typed_go go; /* the next one */
    struct buf held;    /* the last result, as JSON, when it could not go out yet */
    bool printed;       /* a result went straight out */
};

/* A statement of the script. */
struct piece {
    struct fovea_stmt *st;
    size_t at, end; /* its bytes of the text */
    bool vertical;  /* \G ends it */
    bool last;      /* nothing comes behind it */
};

static size_t line_number(const struct script *s, size_t offset)
{
    size_t line = 1;
    for (size_t i = 0; i < offset; i++) line += s->text[i] == '\n';
    return line;
}

void script_add_place(struct buf *out, const struct script *s, size_t offset)
{
    if (offset > s->bytes) offset = s->bytes;
    size_t begin = offset, end = offset;
    while (begin > 0 && s->text[begin - 1] != '\n') begin--;
    while (end < s->bytes && s->text[end] != '\n') end++;
    size_t head = text_tail_bytes(s->text + begin, offset - begin, PLACE_COLUMNS * 2 / 3);
    size_t tail = text_head_bytes(s->text + offset, end - offset, PLACE_COLUMNS / 3);
    struct buf line;
    buf_init(&line);
    if (head < offset - begin) buf_add_str(&line, "…");
    text_add_visible(&line, s->text + offset - head, head);
    size_t caret = utf8_width(line.data, line.bytes);
    text_add_visible(&line, s->text + offset, tail);
    if (tail < end - offset) buf_add_str(&line, "…");
    char number[32];
    int width = snprintf(number, sizeof number, "%6zu", line_number(s, offset));
    if (s->name != NULL) buf_printf(out, "%*s in %s\n", width, "", s->name);
    buf_printf(out, "%s | %s\n%*s | ", number, line.data != NULL ? line.data : "", width, "");
    text_add_spaces(out, caret);
    buf_add_char(out, '^');
    buf_deinit(&line);
}

/* Says the engine's last error, and its place when it has one. at: where in the text the statement
 * begins, from which the engine counts. */
static int fail_at(struct cli *c, const struct script *s, size_t at)
{
    struct fovea_error e = fovea_error(c->engine);
    struct buf place;
    int offset = e.offset;
    engine_fail(c);
    if (offset < 0 || at + (size_t)offset > s->bytes) return CLI_ERROR;
    buf_init(&place);
    script_add_place(&place, s, at + (size_t)offset);
    if (!place.failed) fprintf(stderr, "%s\n", place.data);
    buf_deinit(&place);
    return CLI_ERROR;
}

/* --- a statement's rows ----------------------------------------------------------------------- */

/* The form of its rows: its own FORMAT, \G, then what was chosen. NULL: said that there is none. */
static const struct format *form_of(struct running *r, const struct piece *p)
{
    const char *name = fovea_format(p->st);
    const struct format *chosen = cli_format(r->cli);
    if (name != NULL) {
        const struct format *own = format_find(name);
        if (own == NULL) cli_fail(r->cli, "rows can't be printed as FORMAT %s", name);
        return own;
    }
    bool expand = r->cli->expanded && chosen->drawn;
    return p->vertical || expand ? &format_click_vertical : chosen;
}

/* Rows a statement changed, by its first word; -1: none could be. */
static int64_t changed_by(const struct running *r, const struct piece *p)
{
    static const char *const words[] = {"INSERT", "UPDATE", "DELETE", "REPLACE", "COPY"};
    const char *text = r->script->text + p->at;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strncasecmp(text, words[i], strlen(words[i])) == 0)
            return fovea_changes(r->cli->engine);
    return -1;
}

/* What is said behind a statement that went well. */
static void say_done(
    struct running *r, const struct piece *p, int64_t rows, const struct output_cost *cost)
{
    const char *message = fovea_message(p->st);
    if (message != NULL) cli_talk(r->cli, "%s", message);
    if (!r->cli->timer) return;
    struct buf line;
    buf_init(&line);
    if (rows < 0 && message != NULL) rows = FOOTER_SAID;
    footer_add(&line, rows, rows < 0 ? changed_by(r, p) : -1, cost);
    if (!line.failed) cli_talk(r->cli, "%s", line.data);
    buf_deinit(&line);
}

/* PRINT IMAGE, where nobody asked for rows in a form. */
static int print_pictures(struct running *r, const struct piece *p, int column)
{
    struct cli *c = r->cli;
    int64_t rows = 0, started_us = run_now_us();
    pictures_clear(&c->pictures);
    if (!pictures_print(c, p->st, column, &rows)) return CLI_ERROR;
    struct fovea_statistics read = fovea_statistics(p->st);
    struct output_cost cost = {run_now_us() - started_us, read.rows_read, read.bytes_read};
    r->printed = true;
    say_done(r, p, rows, &cost);
    return CLI_OK;
}

static int print_rows(struct running *r, const struct piece *p, const struct format *form)
{
    struct cli *c = r->cli;
    struct output o;
    struct err e = ERR_INIT;
    bool has_rows = fovea_column_count(p->st) > 0, json = form == &format_json;
    bool hold = r->script->only_last && !p->last && json && fovea_format(p->st) == NULL;
    cli_output_init(c, &o);
    o.how = form;
    if (has_rows) {
        buf_clear(&r->held);
        r->printed = !hold;
        o.held = hold ? &r->held : NULL;
    }
    bool ok = engine_rows(c, p->st, &o, &c->pictures);
    int code = ok ? CLI_OK : fail_at(c, r->script, p->at);
    if (output_check(&o, &e) != ST_OK && ok) code = cli_fail_err(c, &e);
    if (code == CLI_OK && has_rows && form->drawn) pictures_show_below(c);
    if (code == CLI_OK) say_done(r, p, has_rows ? o.rows : FOOTER_OK, &o.cost);
    output_deinit(&o);
    return code;
}

/* --- before it runs --------------------------------------------------------------------------- */

/* .explain: the plan's lines. Of what can't be explained there are none. */
static void show_plan(struct running *r, const struct piece *p)
{
    static const char *const heads[] = {"EXPLAIN ", "EXPLAIN QUERY PLAN "};
    struct cli *c = r->cli;
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        struct fovea_stmt *s = NULL;
        struct buf sql;
        buf_init(&sql);
        buf_add_str(&sql, heads[i]);
        buf_add(&sql, r->script->text + p->at, p->end - p->at);
        if (!sql.failed) (void)fovea_prepare(c->engine, sql.data, (int64_t)sql.bytes, &s, NULL);
        buf_deinit(&sql);
        int detail = s != NULL ? fovea_column_count(s) - 1 : -1;
        bool opcodes = detail >= 0 && strcmp(fovea_column_name(s, 0), "addr") == 0;
        while (detail >= 0 && !opcodes && fovea_step(s) == FOVEA_ROW)
            cli_talk(c, "%s %s", i == 0 ? fovea_column_text(s, 0) : "PLAN",
                fovea_column_text(s, detail));
        fovea_finalize(s);
        if (!opcodes) return;
    }
}

static void announce(struct running *r, const struct piece *p)
{
    const char *text = r->script->text + p->at;
    if (r->cli->echo && !r->cli->quiet) {
        struct buf line;
        buf_init(&line);
        text_add_lines(&line, text, p->end - p->at);
        fflush(stdout);
        if (!line.failed) fprintf(stderr, "%s\n", line.data);
        buf_deinit(&line);
    }
    if (r->cli->explain) show_plan(r, p);
}

static int run_one(struct running *r, struct piece *p)
{
    progress_restart(&r->cli->progress);
    announce(r, p);
    int pictures = fovea_picture_column(p->st);
    bool plain = fovea_format(p->st) == NULL && !p->vertical && !r->cli->format_chosen;
    if (pictures >= 0 && plain) return print_pictures(r, p, pictures);
    const struct format *form = form_of(r, p);
    return form != NULL ? print_rows(r, p, form) : CLI_ERROR;
}

/* --- piece by piece --------------------------------------------------------------------------- */

/* Is there only a line's beginning before this byte? */
static bool begins_line(const char *text, size_t at)
{
    while (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\t')) at--;
    return at == 0 || text[at - 1] == '\n';
}

static int run_dot_line(struct running *r, size_t *at)
{
    const struct script *s = r->script;
    const char *line = s->text + *at, *newline = memchr(line, '\n', s->bytes - *at);
    size_t bytes = newline != NULL ? (size_t)(newline - line) : s->bytes - *at;
    *at += bytes;
    int code = dot_run(r->cli, line, bytes);
    if (code == CLI_OK || s->name == NULL) return code;
    struct buf place;
    buf_init(&place);
    script_add_place(&place, s, (size_t)(line - s->text));
    if (!place.failed) fprintf(stderr, "%s\n", place.data);
    buf_deinit(&place);
    return code;
}

/* The statement at *at, which moves behind it. */
static int run_statement(struct running *r, size_t *at)
{
    const struct script *s = r->script;
    if (r->go.at < *at || (r->go.at == 0 && *at == 0)) {
        r->go = typed_find_go(s->text + *at, s->bytes - *at);
        r->go.at += *at;
    }
    const char *text = s->text + *at, *tail = text;
    struct piece p = {.at = *at};
    if (fovea_prepare(r->cli->engine, text, (int64_t)(r->go.at - *at), &p.st, &tail) != FOVEA_OK)
        return fail_at(r->cli, s, *at);
    p.end = (size_t)(tail - s->text);
    size_t next = p.end;
    bool go = r->go.at < s->bytes && typed_blank(tail, r->go.at - p.end);
    if (go) {
        p.vertical = r->go.vertical;
        next = r->go.at + r->go.bytes;
    }
    p.last = typed_blank(s->text + next, s->bytes - next);
    int code = p.st != NULL ? run_one(r, &p) : CLI_OK;
    fovea_finalize(p.st);
    *at = next > *at ? next : s->bytes;
    return code;
}

static int run_all(struct running *r)
{
    const struct script *s = r->script;
    int code = CLI_OK;
    for (size_t at = 0; code == CLI_OK && !r->cli->done;) {
        at += typed_skip(s->text + at, s->bytes - at);
        if (at >= s->bytes) break;
        if (interrupt_seen()) return cli_fail(r->cli, "interrupted");
        bool dot = begins_line(s->text, at) && dot_begins(s->text + at, s->bytes - at);
        code = dot ? run_dot_line(r, &at) : run_statement(r, &at);
    }
    return code;
}

int script_run(struct cli *c, const struct script *s)
{
    struct running r = {.cli = c, .script = s};
    buf_init(&r.held);
    int code = run_all(&r);
    if (code == CLI_OK && s->only_last && !r.printed && cli_format(c) == &format_json)
        fputs(r.held.bytes > 0 ? r.held.data : "[]\n", c->out); /* JSON text holds no NUL */
    buf_deinit(&r.held);
    return code;
}

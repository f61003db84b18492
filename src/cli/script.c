/* script.c - statement after statement. Only one result may go out as JSON, the last; which one
 * that is shows only at the end, so a result that may not be the last waits in memory. */
#include "cli/script.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/run.h"
#include "base/utf8.h"
#include "cli/engine.h"
#include "cli/interrupt.h"
#include "cli/text.h"
#include "cli/typed.h"

enum { PLACE_COLUMNS = 72 }; /* shown of a line, before and behind the caret together */

struct running {
    struct cli *cli;
    const struct script *script;
    struct buf held; /* the last result, as JSON, when it could not go out yet */
    bool printed;    /* a result went straight out */
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

static void say_done(
    struct running *r, const struct fovea_stmt *st, int64_t rows, int64_t started_us)
{
    double ms = (double)(run_now_us() - started_us) / 1000;
    if (fovea_column_count(st) > 0)
        cli_talk(r->cli, "%" PRId64 " %s, %.*f ms", rows, rows == 1 ? "row" : "rows",
            ms < 10 ? 1 : 0, ms);
    else
        cli_talk(r->cli, "done, %.*f ms", ms < 10 ? 1 : 0, ms);
}

/* last: nothing comes behind it. */
static int run_one(struct running *r, struct fovea_stmt *st, size_t at, bool last)
{
    struct output o;
    struct err e = ERR_INIT;
    int64_t started_us = run_now_us();
    bool has_rows = fovea_column_count(st) > 0, hold = r->script->only_last && !last;
    cli_output_init(r->cli, &o);
    if (has_rows) {
        buf_clear(&r->held);
        r->printed = !hold;
        o.held = hold ? &r->held : NULL;
    }
    bool ok = engine_rows(r->cli, st, &o);
    int code = ok ? CLI_OK : fail_at(r->cli, r->script, at);
    if (output_check(&o, &e) != ST_OK && ok) code = cli_fail_err(r->cli, &e);
    if (code == CLI_OK && r->script->times) say_done(r, st, o.rows, started_us);
    output_deinit(&o);
    return code;
}

static int run_all(struct running *r)
{
    const char *text = r->script->text, *end = text + r->script->bytes;
    int code = CLI_OK;
    for (const char *at = text; at < end && code == CLI_OK;) {
        struct fovea_stmt *st = NULL;
        const char *tail = end;
        if (interrupt_seen()) return cli_fail(r->cli, "interrupted");
        if (fovea_prepare(r->cli->engine, at, end - at, &st, &tail) != FOVEA_OK)
            return fail_at(r->cli, r->script, (size_t)(at - text));
        if (st != NULL)
            code = run_one(r, st, (size_t)(at - text), typed_blank(tail, (size_t)(end - tail)));
        fovea_finalize(st);
        if (tail <= at) break;
        at = tail;
    }
    return code;
}

int script_run(struct cli *c, const struct script *s)
{
    struct running r = {.cli = c, .script = s};
    buf_init(&r.held);
    int code = run_all(&r);
    if (code == CLI_OK && s->only_last && !r.printed)
        fputs(r.held.bytes > 0 ? r.held.data : "[]\n", stdout); /* JSON text holds no NUL */
    buf_deinit(&r.held);
    return code;
}

/* pictures.c - pictures are the engine's work (thumbnail, picture_size, contact_sheet: SQL
 * functions); here they are only asked for and sent to the terminal. */
#include "cli/pictures.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "cli/engine.h"
#include "cli/graphics.h"
#include "cli/text.h"

enum { PRINT_SIDE = 320, BELOW_SIDE = 750 };

void pictures_clear(struct pictures *p)
{
    buf_clear(&p->paths);
    p->count = 0;
    p->any = false;
}

static bool is_named_picture(const char *path)
{
    static const char *const ends[] = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp"};
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot != NULL && i < sizeof ends / sizeof ends[0]; i++)
        if (strcasecmp(dot, ends[i]) == 0) return true;
    return false;
}

void pictures_add(struct pictures *p, const char *path)
{
    if (path == NULL) path = "";
    if (p->count++ < PICTURES_KEPT_MAX) buf_add(&p->paths, path, strlen(path) + 1);
    p->any = p->any || is_named_picture(path);
}

const char *pictures_path(const struct fovea_stmt *s, int column)
{
    return fovea_column_type(s, column) == FOVEA_TEXT ? fovea_column_text(s, column) : NULL;
}

int pictures_column(const struct fovea_stmt *s)
{
    static const char *const names[] = {"image_path", "image", "path"};
    int said = fovea_picture_column(s), count = fovea_column_count(s);
    if (said >= 0) return said;
    for (size_t n = 0; n < sizeof names / sizeof names[0]; n++)
        for (int i = 0; i < count; i++)
            if (strcasecmp(fovea_column_name(s, i), names[n]) == 0) return i;
    return -1;
}

/* --- asking the engine ------------------------------------------------------------------------ */

/* SELECT before (?first), (?second), … after, with a parameter for each of the first count kept
 * paths. */
static bool add_values(
    struct buf *sql, const struct pictures *p, int64_t count, const char **params)
{
    const char *path = p->paths.data;
    if (sql->failed || p->paths.failed) return false;
    for (int64_t i = 0; i < count; i++, path += strlen(path) + 1) {
        buf_printf(sql, "%s(?%" PRId64 ")", i > 0 ? "," : "", i + 2);
        params[i + 1] = path;
    }
    buf_add_char(sql, ')');
    return !sql->failed;
}

/* A statement over the first count paths; its ?1 is first. NULL: said why. */
static struct fovea_stmt *start_over(
    struct cli *c, const char *head, const char *first, int64_t count)
{
    struct fovea_stmt *s = NULL;
    struct buf sql;
    const char **params = mem_zalloc((size_t)count + 1, sizeof *params);
    buf_init(&sql);
    buf_add_str(&sql, head);
    if (params == NULL || !add_values(&sql, &c->pictures, count, params)) {
        cli_fail(c, "out of memory");
    } else {
        params[0] = first;
        if (!engine_start(c, sql.data, params, (int)count + 1, &s)) s = NULL;
    }
    mem_free(params);
    buf_deinit(&sql);
    return s;
}

int pictures_draw_sheet(struct cli *c, const char *file)
{
    bool row = false;
    int64_t count = c->pictures.count;
    if (count == 0)
        return cli_fail(c, "the last result has no pictures: no column image_path, image or path");
    if (count > PICTURES_KEPT_MAX)
        return cli_fail(c, "a contact sheet holds %d pictures, the last result has %" PRId64,
            PICTURES_KEPT_MAX, count);
    struct fovea_stmt *s =
        start_over(c, "SELECT contact_sheet(?1, column1) FROM (VALUES ", file, count);
    bool ok = s != NULL && engine_step(c, s, &row);
    fovea_finalize(s);
    if (ok) cli_talk(c, "%s shows them, five a row", file);
    return ok ? CLI_OK : CLI_ERROR;
}

/* Sends the picture in a statement's first column to the terminal. */
static void show(struct cli *c, const struct graphics *g, struct fovea_stmt *s)
{
    struct buf drawn;
    if (fovea_column_type(s, 0) == FOVEA_NULL) return;
    buf_init(&drawn);
    g->add(&drawn, fovea_column_blob(s, 0), (size_t)fovea_column_bytes(s, 0));
    if (drawn.bytes > 0) buf_add_char(&drawn, '\n');
    if (!drawn.failed && drawn.bytes > 0) fwrite(drawn.data, 1, drawn.bytes, c->out);
    buf_deinit(&drawn);
}

static const struct graphics *graphics_of(const struct cli *c)
{
    return c->pictures_shown && c->out_terminal && c->out == stdout ? graphics_find() : NULL;
}

void pictures_show_below(struct cli *c)
{
    bool row = false;
    int64_t count = c->pictures.count;
    if (count > PICTURES_BELOW_MAX) count = PICTURES_BELOW_MAX;
    if (count == 0 || !c->pictures.any) return;
    const struct graphics *g = graphics_of(c);
    if (g == NULL) return;
    char head[120];
    snprintf(head, sizeof head,
        "SELECT thumbnail(contact_sheet(?1, column1), %d, '%s') FROM (VALUES ", BELOW_SIDE,
        g->pixels ? "rgb" : "png");
    struct fovea_stmt *s = start_over(c, head, NULL, count);
    if (s != NULL && engine_step(c, s, &row) && row) show(c, g, s);
    fovea_finalize(s);
}

/* --- PRINT IMAGE ------------------------------------------------------------------------------ */

/* How PRINT shows one picture on a terminal. */
struct printer {
    struct cli *cli;
    const struct graphics *graphics; /* NULL: lines only */
    struct fovea_stmt *look;         /* picture ?1: what to draw, its size */
};

static bool open_printer(struct printer *p)
{
    char sql[80] = "SELECT NULL, picture_size(?1)";
    if (p->graphics != NULL)
        snprintf(sql, sizeof sql, "SELECT thumbnail(?1, %d, '%s'), picture_size(?1)", PRINT_SIDE,
            p->graphics->pixels ? "rgb" : "png");
    return engine_start(p->cli, sql, NULL, 0, &p->look);
}

/* False: the engine failed. */
static bool print_on_terminal(const struct printer *p, const struct fovea_stmt *s, int column)
{
    const char *path = pictures_path(s, column);
    bool blob = fovea_column_type(s, column) == FOVEA_BLOB;
    struct buf line;
    buf_init(&line);
    if (path != NULL) text_add_visible(&line, path, strlen(path));
    buf_add_str(&line, path != NULL ? " (" : "(");
    bool ok = (blob ? fovea_bind_blob(
                          p->look, 1, fovea_column_blob(s, column), fovea_column_bytes(s, column))
                    : fovea_bind_text(p->look, 1, path, -1)) == FOVEA_OK &&
        fovea_step(p->look) == FOVEA_ROW;
    const char *size = ok ? fovea_column_text(p->look, 1) : NULL;
    buf_printf(&line, "%s)\n", size != NULL ? size : "can't be read");
    if (!line.failed) fwrite(line.data, 1, line.bytes, p->cli->out);
    buf_deinit(&line);
    if (ok && p->graphics != NULL) show(p->cli, p->graphics, p->look);
    return ok && fovea_reset(p->look) == FOVEA_OK;
}

static void print_path(struct cli *c, const char *path)
{
    struct output o;
    struct cell cell = {.kind = CELL_TEXT, .data = path, .bytes = strlen(path)};
    output_init(&o, c->out, &format_tsv);
    output_begin(&o, (const char *const[]){"path"}, NULL, 1);
    output_row(&o, &cell);
    output_end(&o);
    output_deinit(&o);
}

bool pictures_print(struct cli *c, struct fovea_stmt *s, int column, int64_t *rows)
{
    struct printer p = {.cli = c, .graphics = graphics_of(c)};
    bool terminal = c->out_terminal && c->out == stdout, ok = true;
    enum fovea_status st = FOVEA_ROW;
    if (terminal && !open_printer(&p)) return false;
    while (ok && !ferror(c->out) && (st = fovea_step(s)) == FOVEA_ROW) {
        const char *path = pictures_path(s, column);
        progress_clear(&c->progress);
        pictures_add(&c->pictures, path);
        ++*rows;
        if (terminal)
            ok = print_on_terminal(&p, s, column);
        else
            print_path(c, path != NULL ? path : "");
    }
    progress_clear(&c->progress);
    ok = ok && (st == FOVEA_ROW || st == FOVEA_DONE);
    if (!ok) engine_fail(c);
    fovea_finalize(p.look);
    if (ok && terminal && p.graphics == NULL && *rows > 0)
        cli_talk(c, "This terminal shows no pictures; .sheet FILE.png or --sheet draws them.");
    return ok;
}

/* sheet.c - contact_sheet(file, path): an aggregate that draws pictures onto a contact sheet, in
 * the order of its rows, and writes the PNG whole or not at all. Its value is the number of cells;
 * with NULL for a file it is the PNG itself.
 */
#include "image/sheet.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "library/library.h"

struct state {
    struct sheet *sheet;
    char *file;
    int64_t cells;
};

static enum status start(struct state *s, const struct sql_value *file, struct err *e)
{
    const char *path = sql_value_text(file);
    if (path != NULL && path[0] == '\0')
        return err_set(e, ST_INVALID, "contact_sheet: the file's name is empty");
    s->file = path != NULL ? mem_strdup(path) : NULL;
    if (path != NULL && s->file == NULL) return mem_err(e, 0);
    return sheet_open(&s->sheet, e);
}

/* A picture that can't be read leaves a grey cell: the others keep their places. */
static enum status step(struct sql_session *session, void *state, struct sql_value *const *args,
    int count, struct err *e)
{
    (void)session, (void)count;
    struct state *s = state;
    struct buf file;
    const char *path = sql_value_text(args[1]);
    enum status st = s->sheet == NULL ? start(s, args[0], e) : ST_OK;
    if (st != ST_OK) return st;
    if (s->cells == SHEET_CELLS_MAX)
        return err_set(e, ST_LIMIT, "contact_sheet: more than %d pictures", SHEET_CELLS_MAX);
    buf_init(&file);
    if (path != NULL && file_read(path, LIMIT_PICTURE_FILE_BYTES, &file, e) != ST_OK)
        buf_clear(&file);
    st = sheet_add(s->sheet, (const uint8_t *)file.data, file.bytes, e);
    buf_deinit(&file);
    s->cells++;
    return st == ST_NO_MEMORY ? st : ST_OK;
}

static enum status final(
    struct sql_session *session, void *state, struct sql_result *out, struct err *e)
{
    (void)session;
    struct state *s = state;
    struct buf png;
    enum status st = ST_OK;
    buf_init(&png);
    if (out != NULL && s->sheet != NULL) {
        st = sheet_encode_png(s->sheet, &png, e);
        if (st == ST_OK && s->file != NULL)
            st = file_write_atomic(s->file, png.data, png.bytes, e);
    }
    if (out != NULL && st == ST_OK && s->sheet != NULL && s->file == NULL)
        sql_result_blob(out, png.data, (int64_t)png.bytes);
    else if (out != NULL && st == ST_OK)
        sql_result_int(out, s->cells);
    buf_deinit(&png);
    sheet_close(s->sheet);
    mem_free(s->file);
    *s = (struct state){0};
    return st;
}

const struct sql_aggregate SHEET_FUNCTION = {
    .name = "contact_sheet",
    .args_min = 2,
    .args_max = 2,
    .direct_only = true,
    .state_bytes = sizeof(struct state),
    .step = step,
    .final = final,
};

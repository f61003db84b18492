/* changes.c - the merge. Both sides come in the byte order of paths; the smaller one is looked at.
 */
#include "library/changes.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "library/known.h"
#include "library/walk.h"

struct changes {
    struct changes_options how;
    size_t root;       /* the next one to open */
    struct walk *walk; /* NULL between roots */
    struct known *known;
    struct walk_entry entry;
    struct known_row row;
    bool has_entry, has_row;
    bool drop_entry, drop_row; /* given by the last call, and borrowed until this one */
    struct buf closed;         /* a folder that can't be read: what is known below it stays */
    struct err reason;
};

enum status changes_open(const struct changes_options *how, struct changes **out, struct err *e)
{
    struct changes *c = mem_zalloc(1, sizeof *c);
    *out = c;
    if (c == NULL) return mem_err(e, sizeof *c);
    c->how = *how;
    buf_init(&c->closed);
    return ST_OK;
}

static void root_close(struct changes *c)
{
    walk_close(c->walk);
    known_close(c->known);
    c->walk = NULL;
    c->known = NULL;
}

void changes_close(struct changes *c)
{
    if (c == NULL) return;
    root_close(c);
    buf_deinit(&c->closed);
    mem_free(c);
}

static enum status advance(struct changes *c, bool entry, bool row, struct err *e)
{
    enum status st = ST_OK;
    if (entry) st = walk_next(c->walk, &c->entry, &c->has_entry, e);
    if (st == ST_OK && row) st = known_next(c->known, &c->row, &c->has_row, e);
    return st;
}

/* *opened false: the root can't be read, and c->reason says why. */
static enum status root_open(struct changes *c, size_t index, bool *opened, struct err *e)
{
    const char *root = c->how.roots[index];
    struct buf folder;
    enum status st = walk_open(c->how.roots, c->how.count, index, &c->walk, &c->reason);
    *opened = st == ST_OK;
    if (st == ST_NO_MEMORY && e != NULL) *e = c->reason;
    if (st != ST_OK) return st == ST_NO_MEMORY ? st : ST_OK;
    buf_clear(&c->closed);
    buf_init(&folder);
    buf_printf(&folder, strcmp(root, "/") == 0 ? "%s" : "%s/", root);
    st = buf_check(&folder, e);
    if (st == ST_OK) st = known_open(c->how.store, folder.data, c->how.column, &c->known, e);
    buf_deinit(&folder);
    return st == ST_OK ? advance(c, true, true, e) : st;
}

/* Below another of the folders given, which answers for it. */
static bool is_of_another_root(const struct changes *c, const char *path)
{
    const char *own = c->how.roots[c->root - 1];
    for (size_t i = 0; i < c->how.count; i++) {
        size_t bytes = strlen(c->how.roots[i]);
        if (bytes > strlen(own) && strncmp(path, c->how.roots[i], bytes) == 0 && path[bytes] == '/')
            return true;
    }
    return false;
}

static bool is_below_closed(const struct changes *c, const char *path)
{
    return c->closed.bytes > 0 && strncmp(path, c->closed.data, c->closed.bytes) == 0;
}

static enum change_kind file_kind(const struct changes *c, bool known)
{
    const struct known_row *r = &c->row;
    const struct walk_entry *w = &c->entry;
    if (known && r->embedded && r->bytes == w->bytes && r->mtime == w->mtime) return CHANGE_NONE;
    if (known && r->failed && r->failed_bytes == w->bytes && r->failed_mtime == w->mtime &&
        !c->how.retry)
        return CHANGE_FAILED;
    return CHANGE_WORK;
}

/* The walk's entry, with or without the known row of its path. */
static enum status take_entry(struct changes *c, bool known, struct change *out, struct err *e)
{
    static const enum change_kind KINDS[] = {
        [WALK_BROKEN] = CHANGE_BROKEN, [WALK_FOLDER] = CHANGE_BROKEN, [WALK_NOTE] = CHANGE_NOTE};
    const struct walk_entry *w = &c->entry;
    *out = (struct change){.kind = KINDS[w->kind],
        .path = w->path,
        .reason = w->reason,
        .id = known ? c->row.id : 0,
        .bytes = w->bytes,
        .mtime = w->mtime};
    if (w->kind == WALK_FILE) out->kind = file_kind(c, known);
    if (w->kind != WALK_FOLDER) return ST_OK;
    buf_clear(&c->closed);
    buf_add(&c->closed, w->path, w->path_bytes);
    return buf_check(&c->closed, e);
}

/* Compares the heads of both sides and gives what comes first; *given false: nothing to tell of it.
 */
static enum status merge(struct changes *c, struct change *out, bool *given, struct err *e)
{
    int order = !c->has_entry ? -1 : !c->has_row ? 1 : strcmp(c->row.path, c->entry.path);
    if (order == 0 && c->entry.kind == WALK_NOTE) order = 1;
    *given = true;
    c->drop_entry = order >= 0;
    c->drop_row = order <= 0;
    if (order >= 0) return take_entry(c, order == 0, out, e);
    if (is_below_closed(c, c->row.path) || is_of_another_root(c, c->row.path)) {
        *given = c->drop_row = false;
        return advance(c, false, true, e);
    }
    *out = (struct change){.kind = CHANGE_GONE, .path = c->row.path, .id = c->row.id};
    return ST_OK;
}

enum status changes_next(struct changes *c, struct change *out, bool *more, struct err *e)
{
    bool given = false;
    enum status st = advance(c, c->drop_entry, c->drop_row, e);
    c->drop_entry = c->drop_row = false;
    while (st == ST_OK && !given) {
        if (c->walk != NULL && !c->has_entry && !c->has_row) root_close(c);
        if (c->walk == NULL && c->root == c->how.count) break;
        if (c->walk != NULL) {
            st = merge(c, out, &given, e);
            continue;
        }
        bool opened;
        st = root_open(c, c->root, &opened, e);
        c->root++;
        given = st == ST_OK && !opened;
        if (!given) continue;
        *out = (struct change){
            .kind = CHANGE_ROOT, .reason = c->reason.text, .status = c->reason.code};
        out->path = c->how.roots[c->root - 1];
    }
    *more = given;
    return st;
}

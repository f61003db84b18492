/* xml.c - expat's events to nodes in an arena. */
#include "base/xml.h"

#include <expat.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"

struct xml_node {
    struct xml_node *parent, *first, *last, *next;
    char *name;
    struct buf text; /* while it is read */
    char *kept;
    int line;
};

struct xml_doc {
    struct arena arena;
    struct xml_node *root;
};

struct reading {
    XML_Parser parser;
    struct xml_doc *doc;
    struct xml_node *at;
    int depth;
    enum status st; /* what went wrong beside the syntax */
    struct err *e;
    const char *path;
};

static void stop(struct reading *r, enum status st)
{
    r->st = st;
    XML_StopParser(r->parser, XML_FALSE);
}

static void begin(void *user, const char *name, const char **attributes)
{
    (void)attributes;
    struct reading *r = user;
    struct xml_node *n = arena_alloc(&r->doc->arena, sizeof *n);
    if (++r->depth > LIMIT_XML_DEPTH) {
        stop(r, err_set(r->e, ST_LIMIT, "%s is nested deeper than %d", r->path, LIMIT_XML_DEPTH));
        return;
    }
    if (n != NULL) n->name = arena_strndup(&r->doc->arena, name, strlen(name));
    if (n == NULL || n->name == NULL) {
        stop(r, mem_err(r->e, sizeof *n));
        return;
    }
    n->parent = r->at;
    n->line = (int)XML_GetCurrentLineNumber(r->parser);
    buf_init(&n->text);
    if (r->at == NULL)
        r->doc->root = n;
    else if (r->at->last == NULL)
        r->at->first = r->at->last = n;
    else
        r->at->last = r->at->last->next = n;
    r->at = n;
}

/* Moves the text to the arena. */
static void keep_text(struct reading *r, struct xml_node *n)
{
    static const char BLANKS[] = " \t\r\n";
    const char *text = n->text.data != NULL ? n->text.data : "";
    text += strspn(text, BLANKS);
    size_t bytes = strlen(text);
    while (bytes > 0 && strchr(BLANKS, text[bytes - 1]) != NULL) bytes--;
    n->kept = arena_strndup(&r->doc->arena, text, bytes);
    if (n->kept == NULL || n->text.failed) stop(r, mem_err(r->e, bytes));
    buf_deinit(&n->text);
}

static void end(void *user, const char *name)
{
    (void)name;
    struct reading *r = user;
    struct xml_node *n = r->at;
    keep_text(r, n);
    r->at = n->parent;
    r->depth--;
}

static void text(void *user, const char *s, int bytes)
{
    struct reading *r = user;
    if (r->at != NULL) buf_add(&r->at->text, s, (size_t)bytes);
}

static enum status parse(struct reading *r, const struct buf *file)
{
    bool whole = XML_Parse(r->parser, file->data, (int)file->bytes, 1) == XML_STATUS_OK;
    for (struct xml_node *n = r->at; n != NULL; n = n->parent) buf_deinit(&n->text);
    if (r->st != ST_OK || whole) return r->st;
    return err_set(r->e, ST_CORRUPT, "%s, line %lu: %s", r->path,
        (unsigned long)XML_GetCurrentLineNumber(r->parser),
        XML_ErrorString(XML_GetErrorCode(r->parser)));
}

enum status xml_read_file(const char *path, struct xml_doc **out, struct err *e)
{
    struct buf file;
    *out = NULL;
    buf_init(&file);
    enum status st = file_read(path, LIMIT_XML_BYTES, &file, e);
    if (st == ST_OK && file.bytes == 0) st = err_set(e, ST_CORRUPT, "%s is empty", path);
    struct xml_doc *d = mem_zalloc(1, sizeof *d);
    struct reading r = {.doc = d, .e = e, .path = path, .st = ST_OK};
    r.parser = XML_ParserCreate(NULL);
    if (st == ST_OK && (d == NULL || r.parser == NULL)) st = mem_err(e, sizeof *d);
    if (d != NULL) arena_init(&d->arena, 0);
    if (st == ST_OK) {
        XML_SetUserData(r.parser, &r);
        XML_SetElementHandler(r.parser, begin, end);
        XML_SetCharacterDataHandler(r.parser, text);
        st = parse(&r, &file);
    }
    if (r.parser != NULL) XML_ParserFree(r.parser);
    buf_deinit(&file);
    if (st == ST_OK)
        *out = d;
    else
        xml_close(d);
    return st;
}

void xml_close(struct xml_doc *d)
{
    if (d == NULL) return;
    arena_deinit(&d->arena);
    mem_free(d);
}

const struct xml_node *xml_root(const struct xml_doc *d)
{
    return d->root;
}

const char *xml_text(const struct xml_node *n)
{
    return n->kept;
}

int xml_line(const struct xml_node *n)
{
    return n->line;
}

const struct xml_node *xml_child(
    const struct xml_node *n, const char *name, const struct xml_node *after)
{
    const struct xml_node *c = after != NULL ? after->next : n->first;
    while (c != NULL && name != NULL && strcmp(c->name, name) != 0) c = c->next;
    return c;
}

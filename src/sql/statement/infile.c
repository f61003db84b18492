/* infile.c - ClickHouse's INSERT from files.
 *
 *   INSERT INTO [TABLE] t [(a, b, …)] FROM INFILE 'glob' [, 'glob' …] [COMPRESSION 'name']
 *       [SETTINGS name = value, …] [FORMAT name]
 *
 * Several globs are files side by side, paired by the number in their names (ours). The format is
 * that of the name's end unless FORMAT says it. Settings are those that ClickHouse has for formats:
 * what ours does anyway is taken, any other is an error.
 */
#include <string.h>

#include "base/mem.h"
#include "base/near.h"
#include "sql/statement/commands.h"
#include "sql/statement/ddl.h"
#include "sql/statement/import.h"

static const char USAGE[] =
    "INSERT INTO t [(column, ...)] FROM INFILE 'path' [, ...] [COMPRESSION 'name'] [FORMAT name]";

/* The token behind INSERT INTO [TABLE] [schema.]t [(…)]; -1: it is none. */
static int behind_table(const struct sql_scan *scan)
{
    int at = 2;
    if (!ddl_spells(scan, 0, "INSERT") || !ddl_spells(scan, 1, "INTO")) return -1;
    if (ddl_spells(scan, at, "TABLE")) at++;
    at++;
    if (at < scan->count && scan->tokens[at].kind == TK_DOT) at += 2;
    if (at < scan->count && scan->tokens[at].kind == TK_LP)
        while (at < scan->count && scan->tokens[at++].kind != TK_RP) {
        }
    return at;
}

static bool is_infile(struct sql_session *s, const struct sql_scan *scan)
{
    (void)s;
    int at = behind_table(scan);
    return at > 0 && ddl_spells(scan, at, "FROM") && ddl_spells(scan, at + 1, "INFILE");
}

/* --- reading ---------------------------------------------------------------------------------- */

enum status import_read_table(struct ddl *d, struct import *im, struct err *e)
{
    int token = d->at;
    char *name = sql_ast_text(&d->ast, d->at++);
    if (name == NULL) return mem_err(e, 0);
    if (ddl_kind(d, TK_DOT)) {
        im->schema = name;
        token = d->at;
        name = sql_ast_text(&d->ast, d->at++);
        if (name == NULL) return mem_err(e, 0);
    }
    im->table = name;
    if (ddl_names(d->scan, token)) return ST_OK;
    d->at = token;
    return ddl_near(d, e);
}

enum status import_read_columns(struct ddl *d, struct import *im, struct err *e)
{
    if (!ddl_kind(d, TK_LP)) return ST_OK;
    const char **names =
        arena_array(im->arena, (size_t)(d->scan->count - d->at) + 1, sizeof *names);
    if (names == NULL) return mem_err(e, 0);
    enum status st = ST_OK;
    do {
        char *name = sql_ast_text(&d->ast, d->at);
        if (name == NULL) return mem_err(e, 0);
        names[im->column_count++] = name;
        if (!ddl_names(d->scan, d->at)) return ddl_near(d, e);
        d->at++;
    } while (ddl_kind(d, TK_COMMA));
    if (st == ST_OK) st = ddl_expect(d, TK_RP, e);
    im->columns = names;
    return st;
}

static enum status read_paths(struct ddl *d, struct import *im, struct err *e)
{
    const char **paths =
        arena_array(im->arena, (size_t)(d->scan->count - d->at) + 1, sizeof *paths);
    im->places = arena_array(im->arena, (size_t)(d->scan->count - d->at) + 1, sizeof *im->places);
    if (paths == NULL || im->places == NULL) return mem_err(e, 0);
    do {
        int token = d->at;
        enum status st = ddl_expect(d, TK_STRING, e);
        if (st != ST_OK) return st;
        im->places[im->paths.count] = ddl_place(d, token);
        paths[im->paths.count] = sql_ast_text(&d->ast, token);
        if (paths[im->paths.count++] == NULL) return mem_err(e, 0);
    } while (ddl_kind(d, TK_COMMA));
    im->paths.patterns = paths;
    return ST_OK;
}

static enum status read_compression(struct ddl *d, struct import *im, struct err *e)
{
    char name[32];
    enum status st = ddl_name(d, name, sizeof name, e);
    if (st != ST_OK) return st;
    if (import_compression_set(im, name)) return ST_OK;
    return ddl_fail(d, d->at - 1,
        err_set(e, ST_UNSUPPORTED,
            "the compression %s is not read: gzip, zstd and none are, and Parquet has its own",
            name),
        e);
}

enum status import_read_format(struct ddl *d, struct import *im, struct err *e)
{
    char name[64];
    const char *near;
    enum status st = ddl_name(d, name, sizeof name, e);
    if (st != ST_OK) return st;
    const struct import_format *f = import_format_find(name, &near);
    if (f == NULL)
        return ddl_fail(d, d->at - 1,
            err_set(e, ST_NOT_FOUND,
                "there is no format %s to read%s%s: there are CSV, CSVWithNames, TSV, TSVWithNames,"
                " JSON, JSONEachRow, Parquet, Npy",
                name, near != NULL ? "; did you mean " : "", near != NULL ? near : ""),
            e);
    im->options.format = f->format;
    im->options.header = f->header;
    im->options.escapes = true; /* of tsv */
    return ST_OK;
}

/* name = value, …: about what a reader does anyway, or may be told. */
static enum status read_settings(struct ddl *d, struct import *im, struct err *e)
{
    static const char *const TAKEN[] = {"input_format_csv_empty_as_default",
        "input_format_null_as_default", "input_format_csv_detect_header",
        "input_format_skip_unknown_fields", "input_format_parallel_parsing",
        "input_format_defaults_for_omitted_fields", "input_format_with_names_use_header",
        "max_insert_block_size", "max_insert_threads", "max_threads", "async_insert",
        "max_memory_usage", "min_insert_block_size_rows", "min_insert_block_size_bytes", NULL};
    do {
        char name[64];
        const char *near = NULL;
        int token = d->at;
        struct sql_literal *value = NULL;
        enum status st = ddl_name(d, name, sizeof name, e);
        if (st == ST_OK) st = ddl_expect(d, TK_EQ, e);
        if (st == ST_OK) st = ddl_value(d, &value, e);
        if (st != ST_OK) return st;
        int i = 0;
        while (TAKEN[i] != NULL && strcmp(TAKEN[i], name) != 0)
            near_consider(name, TAKEN[i++], &near);
        bool delimiter = strcmp(name, "format_csv_delimiter") == 0;
        if (delimiter && value->text != NULL) im->options.delimiter = value->text[0];
        if (TAKEN[i] == NULL && !delimiter)
            return ddl_fail(d, token,
                err_set(e, ST_NOT_FOUND, "there is no setting %s for files%s%s", name,
                    near != NULL ? "; did you mean " : "", near != NULL ? near : ""),
                e);
    } while (ddl_kind(d, TK_COMMA));
    return ST_OK;
}

static enum status read_rest(struct ddl *d, struct import *im, struct err *e)
{
    enum status st = ST_OK;
    while (st == ST_OK && d->at < d->scan->count) {
        if (ddl_word(d, "COMPRESSION"))
            st = read_compression(d, im, e);
        else if (ddl_word(d, "SETTINGS"))
            st = read_settings(d, im, e);
        else if (ddl_word(d, "FORMAT"))
            st = import_read_format(d, im, e);
        else
            return ddl_near(d, e);
    }
    return st;
}

static enum status read_infile(struct ddl *d, struct err *e)
{
    struct import *im = arena_alloc(&d->command->arena, sizeof *im);
    if (im == NULL) return mem_err(e, sizeof *im);
    *im = (struct import){.session = d->session, .arena = &d->command->arena};
    im->options.escapes = true;
    d->command->data = im;
    d->usage = USAGE;
    d->at = ddl_spells(d->scan, 2, "TABLE") ? 3 : 2;
    int token = d->at;
    enum status st = import_read_table(d, im, e);
    if (st == ST_OK) st = import_read_columns(d, im, e);
    if (st == ST_OK) st = ddl_expect_word(d, "FROM", e);
    if (st == ST_OK) st = ddl_expect_word(d, "INFILE", e);
    if (st == ST_OK) st = read_paths(d, im, e);
    /* SETTINGS and FORMAT at the end were cut off. */
    struct sql_scan all = *d->scan;
    while (all.tokens[all.count].kind != LEX_END) all.count++;
    const struct sql_scan *cut = d->scan;
    d->scan = d->ast.scan = &all;
    if (st == ST_OK) st = read_rest(d, im, e);
    d->scan = d->ast.scan = cut;
    d->at = cut->count;
    if (st != ST_OK) return st;
    st = import_targets(im, e);
    return st == ST_NOT_FOUND ? ddl_fail(d, token, st, e) : st;
}

static enum status run_infile(struct sql_session *s, const struct sql_command *c, struct err *e)
{
    const struct import *read = c->data;
    struct arena arena;
    struct import im = *read;
    arena_init(&arena, 0);
    im.arena = &arena;
    im.session = s;
    enum status st = import_run(&im, e);
    arena_deinit(&arena);
    return st;
}

const struct sql_command_kind sql_command_infile = {
    .is = is_infile, .read = read_infile, .run = run_infile};

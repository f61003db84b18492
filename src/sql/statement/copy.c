/* copy.c - COPY: files into a table that may not be there yet.
 *
 *   COPY t [OPTIONS (if_exists='fail'|'replace'|'append', overwrite=False, chunksize=1000)] FROM x
 *   COPY t [(a, b, …)] FROM 'path' [WITH] (FORMAT csv, HEADER, DELIMITER ';', NULL 'x', …)
 *
 * The first is ThanoSQL's: x is a path or glob of csv, tsv, JSON, JSON lines, Parquet or npy, JSON
 * itself, or a folder. The table is made with the files' columns (types of csv and JSON are found
 * in their first 16 MiB); arrays of numbers of one length become a vector column. A folder gives a
 * row for each picture below it: image_path, filename. The second is PostgreSQL's: the table is
 * there.
 */
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/mem.h"
#include "sql/dialect/types.h"
#include "sql/statement/commands.h"
#include "sql/statement/ddl.h"
#include "sql/statement/import.h"
#include "store/columns.h"

static const char USAGE[] = "COPY table [OPTIONS (if_exists='append')] FROM 'path'";

enum if_exists { EXISTS_FAIL, EXISTS_REPLACE, EXISTS_APPEND };

struct copy {
    struct import what;
    enum if_exists if_exists;
    bool postgres; /* the table must be there */
    bool folder;
};

static bool is_copy(struct sql_session *s, const struct sql_scan *scan)
{
    (void)s;
    return ddl_spells(scan, 0, "COPY");
}

/* --- reading ---------------------------------------------------------------------------------- */

/* What neither of us reads, and what to do. */
static enum status check_path(const struct ddl *d, int token, const char *path, struct err *e)
{
    // clang-format off
    static const struct { const char *end, *what, *instead; } REFUSED[] = {
        {".pkl", "a pickle", "it can run any code: save it with df.to_parquet()"},
        {".pickle", "a pickle", "it can run any code: save it with df.to_parquet()"},
        {".xls", "a spreadsheet", "save it as csv"}, {".xlsx", "a spreadsheet", "save it as csv"},
        {".xlsm", "a spreadsheet", "save it as csv"}, {".xlsb", "a spreadsheet", "save it as csv"},
        {".feather", "Arrow's format", "save it as Parquet"},
        {".arrow", "Arrow's format", "save it as Parquet"},
        {".npz", "an archive of arrays", "save each with numpy.save()"},
    };
    // clang-format on
    size_t length = strlen(path);
    for (size_t i = 0; i < sizeof REFUSED / sizeof REFUSED[0]; i++) {
        size_t end = strlen(REFUSED[i].end);
        if (length < end || strcasecmp(path + length - end, REFUSED[i].end) != 0) continue;
        return ddl_fail(d, token,
            err_set(e, ST_UNSUPPORTED, "%s is %s, which is not read: %s", path, REFUSED[i].what,
                REFUSED[i].instead),
            e);
    }
    return ST_OK;
}

static enum status read_options(struct ddl *d, struct copy *c, struct err *e)
{
    static const char *const EXISTS[] = {"fail", "replace", "append", NULL};
    static const struct sql_option OPTIONS[] = {
        {.name = "if_exists", .type = OPTION_TEXT, .fallback = "fail"},
        {.name = "overwrite", .type = OPTION_BOOLEAN, .fallback = "False"},
        {.name = "chunksize", .type = OPTION_INTEGER, .fallback = "1000", .min = 1, .max = 1 << 30},
    };
    struct sql_option_values v;
    int token = d->at;
    enum status st = ddl_options(d, OPTIONS, 3, &v, e);
    if (st != ST_OK) return st;
    const char *text = sql_option_text(&v, "if_exists");
    int i = 0;
    while (EXISTS[i] != NULL && strcasecmp(EXISTS[i], text) != 0) i++;
    if (EXISTS[i] == NULL)
        return ddl_fail(d, sql_option_given(&v, "if_exists")->first,
            err_set(e, ST_INVALID, "if_exists takes 'fail', 'replace' or 'append', not %s", text),
            e);
    c->if_exists = (enum if_exists)i;
    if (sql_option_boolean(&v, "overwrite")) {
        if (sql_option_given(&v, "if_exists") != NULL && c->if_exists != EXISTS_REPLACE)
            return ddl_fail(d, token,
                err_set(
                    e, ST_INVALID, "overwrite=True and if_exists='%s' say different things", text),
                e);
        c->if_exists = EXISTS_REPLACE;
    }
    return ST_OK;
}

static enum status read_input(struct ddl *d, struct copy *c, struct err *e)
{
    struct sql_literal *input = NULL;
    int token = d->at;
    if (ddl_word(d, "STDIN"))
        return ddl_fail(d, token,
            err_set(e, ST_UNSUPPORTED, "COPY FROM STDIN needs PostgreSQL's protocol: give a path"),
            e);
    if (ddl_word(d, "PROGRAM"))
        return ddl_fail(d, token,
            err_set(e, ST_UNSUPPORTED, "COPY FROM PROGRAM is not supported: give a path"), e);
    enum status st = ddl_value(d, &input, e);
    if (st != ST_OK) return st;
    if (input->kind != LITERAL_TEXT)
        return ddl_fail(
            d, token, err_set(e, ST_SYNTAX, "a path or JSON in quotes is missing: %s", USAGE), e);
    const char **paths = arena_array(&d->command->arena, 1, sizeof *paths);
    c->what.places = arena_array(&d->command->arena, 1, sizeof *c->what.places);
    if (paths == NULL || c->what.places == NULL) return mem_err(e, 0);
    c->what.places[0] = ddl_place(d, token);
    paths[0] = input->text;
    c->what.paths = (struct table_paths){paths, 1};
    if (table_is_json(paths[0])) return ST_OK;
    c->folder = file_is_dir(paths[0]);
    return check_path(d, token, paths[0], e);
}

/* --- PostgreSQL's options --------------------------------------------------------------------- */

static enum status take_text(struct ddl *d, struct copy *c, char **out, struct err *e)
{
    int token = d->at;
    enum status st = ddl_expect(d, TK_STRING, e);
    (void)c;
    if (st == ST_OK) *out = sql_ast_text(&d->ast, token);
    return st == ST_OK && *out == NULL ? mem_err(e, 0) : st;
}

static enum status take_format(struct ddl *d, struct copy *c, struct err *e)
{
    struct table_options *o = &c->what.options;
    if (ddl_word(d, "csv")) {
        o->format = TABLE_CSV;
    } else if (ddl_word(d, "text")) {
        o->format = TABLE_TSV;
        o->escapes = true;
    } else if (ddl_word(d, "binary")) {
        return ddl_fail(d, d->at - 1,
            err_set(e, ST_UNSUPPORTED, "COPY's binary format is not read: use csv"), e);
    } else {
        return import_read_format(d, &c->what, e);
    }
    return ST_OK;
}

static enum status take_header(struct ddl *d, struct copy *c, struct err *e)
{
    bool no = ddl_word(d, "false") || ddl_word(d, "off") || ddl_word(d, "0");
    if (!no && !ddl_word(d, "true") && !ddl_word(d, "on") && !ddl_word(d, "1"))
        ddl_word(d, "match");
    (void)e;
    c->what.options.header = no ? TABLE_HEADER_NO : TABLE_HEADER_YES;
    return ST_OK;
}

static enum status take_delimiter(struct ddl *d, struct copy *c, struct err *e)
{
    char *text = NULL;
    ddl_word(d, "AS");
    enum status st = take_text(d, c, &text, e);
    if (st == ST_OK && strlen(text) != 1)
        return ddl_fail(
            d, d->at - 1, err_set(e, ST_INVALID, "a delimiter is one byte, not '%s'", text), e);
    if (st == ST_OK) c->what.options.delimiter = text[0];
    return st;
}

static enum status take_null(struct ddl *d, struct copy *c, struct err *e)
{
    char *text = NULL;
    ddl_word(d, "AS");
    enum status st = take_text(d, c, &text, e);
    if (st != ST_OK) return st;
    const char **nulls = arena_array(&d->command->arena, 2, sizeof *nulls);
    if (nulls == NULL) return mem_err(e, 0);
    nulls[0] = text;
    c->what.options.nulls = nulls;
    return ST_OK;
}

/* Whatever else there is must say what is done anyway. */
static enum status take_fixed(
    struct ddl *d, struct copy *c, const char *const *words, struct err *e)
{
    char *text = NULL;
    ddl_word(d, "AS");
    enum status st = take_text(d, c, &text, e);
    if (st != ST_OK) return st;
    for (int i = 0; words[i] != NULL; i++)
        if (strcasecmp(words[i], text) == 0) return ST_OK;
    return ddl_fail(d, d->at - 1,
        err_set(e, ST_UNSUPPORTED, "'%s' is not supported here: only '%s' is", text, words[0]), e);
}

static enum status take_option(struct ddl *d, struct copy *c, struct err *e)
{
    static const char *const QUOTE[] = {"\"", NULL};
    static const char *const UTF8[] = {"UTF8", "UTF-8", NULL};
    if (ddl_word(d, "FORMAT")) return take_format(d, c, e);
    if (ddl_word(d, "CSV")) {
        c->what.options.format = TABLE_CSV;
        return ST_OK;
    }
    if (ddl_word(d, "HEADER")) return take_header(d, c, e);
    if (ddl_word(d, "DELIMITER")) return take_delimiter(d, c, e);
    if (ddl_word(d, "NULL")) return take_null(d, c, e);
    if (ddl_word(d, "QUOTE") || ddl_word(d, "ESCAPE")) return take_fixed(d, c, QUOTE, e);
    if (ddl_word(d, "ENCODING")) return take_fixed(d, c, UTF8, e);
    if (ddl_word(d, "FREEZE")) return ST_OK;
    d->usage = "COPY table FROM 'path' WITH (FORMAT csv, HEADER, DELIMITER ',', NULL '')";
    return ddl_near(d, e);
}

static enum status read_postgres(struct ddl *d, struct copy *c, struct err *e)
{
    bool with = ddl_word(d, "WITH");
    if (!with && d->at >= d->scan->count) return ST_OK;
    enum status st = ST_OK;
    c->postgres = true;
    c->if_exists = EXISTS_APPEND;
    c->what.options.format = TABLE_TSV;
    c->what.options.escapes = true;
    c->what.options.header = TABLE_HEADER_NO;
    bool brackets = ddl_kind(d, TK_LP);
    while (st == ST_OK && d->at < d->scan->count) {
        st = take_option(d, c, e);
        if (st == ST_OK && brackets && ddl_kind(d, TK_RP)) return ST_OK;
        if (st == ST_OK && brackets) st = ddl_expect(d, TK_COMMA, e);
    }
    return st;
}

static enum status read_copy(struct ddl *d, struct err *e)
{
    struct copy *c = arena_alloc(&d->command->arena, sizeof *c);
    if (c == NULL) return mem_err(e, sizeof *c);
    struct import *im = &c->what;
    *c = (struct copy){.what = {.session = d->session, .arena = &d->command->arena}};
    d->command->data = c;
    d->usage = USAGE;
    d->at = 1;
    int token = d->at;
    enum status st = import_read_table(d, im, e);
    if (st == ST_OK) st = import_read_columns(d, im, e);
    c->postgres = im->columns != NULL;
    if (c->postgres) c->if_exists = EXISTS_APPEND;
    if (st == ST_OK && !c->postgres) st = read_options(d, c, e);
    if (st == ST_OK && ddl_word(d, "TO"))
        return ddl_fail(d, d->at - 1,
            err_set(e, ST_UNSUPPORTED, "COPY TO is not supported: SELECT ... FORMAT CSV"), e);
    if (st == ST_OK) st = ddl_expect_word(d, "FROM", e);
    if (st == ST_OK) st = read_input(d, c, e);
    if (st == ST_OK) st = read_postgres(d, c, e);
    if (st == ST_OK && c->postgres) st = import_targets(im, e);
    return st == ST_NOT_FOUND ? ddl_fail(d, token, st, e) : st;
}

/* --- running ---------------------------------------------------------------------------------- */

static bool exists(const struct import *im)
{
    return sqlite3_table_column_metadata(im->session->db, im->schema, im->table, NULL, NULL, NULL,
               NULL, NULL, NULL) == SQLITE_OK;
}

static void add_column(struct buf *sql, const struct table_column *c)
{
    static const char *const TYPES[TABLE_TYPE_COUNT] = {[TABLE_BOOL] = "INTEGER \"boolean\"",
        [TABLE_INT] = "INTEGER",
        [TABLE_REAL] = "REAL",
        [TABLE_TEXT] = "TEXT",
        [TABLE_BLOB] = "BLOB"};
    if (c->type != TABLE_VECTOR) {
        store_sql(sql, "\"%w\" %s", c->name, TYPES[c->type]);
        return;
    }
    store_sql(sql, "\"%w\" BLOB \"vector", c->name);
    if (c->dim > 0) buf_printf(sql, "(%d)", c->dim);
    buf_add_char(sql, '"');
    dialect_vector_check(sql, c->name, c->dim);
}

static enum status make_table(struct import *im, struct err *e)
{
    struct buf sql;
    buf_init(&sql);
    store_sql(&sql, "CREATE TABLE \"%w\".\"%w\"(", im->schema, im->table);
    for (size_t i = 0; i < table_column_count(im->files); i++) {
        buf_add_str(&sql, i > 0 ? ",\n  " : "\n  ");
        add_column(&sql, &table_columns(im->files)[i]);
    }
    buf_add_char(&sql, ')');
    enum status st = buf_check(&sql, e);
    if (st == ST_OK) st = store_exec(im->session->store, sql.data, e);
    buf_deinit(&sql);
    return st;
}

static enum status drop_table(struct import *im, struct err *e)
{
    struct store *store = im->session->store;
    enum status st =
        store_execf(store, e, "DROP TABLE IF EXISTS \"%w\".\"%w\"", im->schema, im->table);
    if (st == ST_OK && sqlite3_stricmp(im->schema, "main") == 0)
        st = store_columns_remove(store, im->table, e);
    return st;
}

/* A row for each picture below a folder. */
static enum status copy_folder(struct import *im, bool make, struct err *e)
{
    struct store *store = im->session->store;
    enum status st = ST_OK;
    if (make)
        st = store_execf(store, e, "CREATE TABLE \"%w\".\"%w\"(image_path TEXT, filename TEXT)",
            im->schema, im->table);
    if (st != ST_OK) return st;
    st = store_execf(store, e,
        "INSERT INTO \"%w\".\"%w\"(image_path, filename) SELECT path,"
        " replace(path, rtrim(path, replace(path, '/', '')), '') FROM picture_files(%Q)",
        im->schema, im->table, im->paths.patterns[0]);
    if (st != ST_OK || sqlite3_changes(im->session->db) > 0) return st;
    return err_set(e, ST_NOT_FOUND,
        "%s: no picture lies in this folder; files with rows are a path or a pattern: '%s/*.csv'",
        im->paths.patterns[0], im->paths.patterns[0]);
}

static enum status copy_files(struct import *im, bool make, struct err *e)
{
    enum status st = make ? make_table(im, e) : ST_OK;
    if (st == ST_OK && make) st = import_targets(im, e);
    if (st == ST_OK) st = import_match(im, e);
    if (st == ST_OK) st = import_rows(im, e);
    return st == ST_OK ? import_declare(im, e) : st;
}

static enum status copy_all(const struct copy *c, struct import *im, struct err *e)
{
    bool there = exists(im);
    if (there && c->if_exists == EXISTS_FAIL)
        return err_set(e, ST_EXISTS,
            "the table %s is there already: OPTIONS (if_exists='append') or 'replace'", im->table);
    bool make = !there || c->if_exists == EXISTS_REPLACE;
    enum status st = c->folder || make ? ST_OK : import_targets(im, e);
    if (st == ST_OK && !c->folder) st = import_open(im, e);
    if (st != ST_OK) return st;
    st = import_begin(im, e);
    if (st != ST_OK) return st;
    if (there && make) st = drop_table(im, e);
    if (st == ST_OK) st = c->folder ? copy_folder(im, make, e) : copy_files(im, make, e);
    return import_end(im, st, e);
}

static enum status run_copy(struct sql_session *s, const struct sql_command *command, struct err *e)
{
    const struct copy *c = command->data;
    struct arena arena;
    struct import im = c->what;
    arena_init(&arena, 0);
    im.arena = &arena;
    im.session = s;
    im.target_count = 0;
    if (im.schema == NULL) im.schema = "main";
    enum status st = copy_all(c, &im, e);
    if (st != ST_OK) st = import_fail(&im, st, e);
    import_close(&im);
    arena_deinit(&arena);
    return st;
}

const struct sql_command_kind sql_command_copy = {
    .is = is_copy, .read = read_copy, .run = run_copy, .message = "Success"};

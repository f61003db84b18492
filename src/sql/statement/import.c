/* import.c - the table's side of an import: its columns, which of the files' go where, the
 * transaction.
 */
#include "sql/statement/import.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/near.h"
#include "sql/dialect/types.h"
#include "store/columns.h"

/* --- formats ---------------------------------------------------------------------------------- */

static const struct import_format FORMATS[] = {
    {"CSV", TABLE_CSV, TABLE_HEADER_AUTO},
    {"CSVWithNames", TABLE_CSV, TABLE_HEADER_YES},
    {"TSV", TABLE_TSV, TABLE_HEADER_AUTO},
    {"TabSeparated", TABLE_TSV, TABLE_HEADER_AUTO},
    {"TSVWithNames", TABLE_TSV, TABLE_HEADER_YES},
    {"TabSeparatedWithNames", TABLE_TSV, TABLE_HEADER_YES},
    {"JSON", TABLE_JSON, TABLE_HEADER_AUTO},
    {"JSONEachRow", TABLE_JSONL, TABLE_HEADER_AUTO},
    {"JSONLines", TABLE_JSONL, TABLE_HEADER_AUTO},
    {"NDJSON", TABLE_JSONL, TABLE_HEADER_AUTO},
    {"Parquet", TABLE_PARQUET, TABLE_HEADER_AUTO},
    {"Npy", TABLE_NPY, TABLE_HEADER_AUTO},
};

const struct import_format *import_format_find(const char *name, const char **near)
{
    *near = NULL;
    for (size_t i = 0; i < sizeof FORMATS / sizeof FORMATS[0]; i++) {
        if (strcasecmp(FORMATS[i].name, name) == 0) return &FORMATS[i];
        near_consider(name, FORMATS[i].name, near);
    }
    return NULL;
}

/* --- the table's columns ---------------------------------------------------------------------- */

static enum table_type type_of(const char *declared)
{
    if (declared == NULL) return TABLE_TEXT;
    if (strncmp(declared, "INTEGER", 7) == 0 || sqlite3_strlike("%INT%", declared, 0) == 0)
        return sqlite3_strlike("%BOOL%", declared, 0) == 0 ? TABLE_BOOL : TABLE_INT;
    if (sqlite3_strlike("BOOL%", declared, 0) == 0) return TABLE_BOOL;
    bool real = sqlite3_strlike("%REAL%", declared, 0) == 0 ||
        sqlite3_strlike("%FLOA%", declared, 0) == 0 || sqlite3_strlike("%DOUB%", declared, 0) == 0;
    return real && strncmp(declared, "TEXT", 4) != 0 ? TABLE_REAL : TABLE_TEXT;
}

/* Of a vector column: its type says the length, or fovea_columns does. */
static enum status find_dim(struct import *im, struct import_target *t, struct err *e)
{
    struct store_column c = {.dim = 0};
    bool main = sqlite3_stricmp(im->schema, "main") == 0;
    enum status st =
        main ? store_column_find(im->session->store, im->table, t->name, &c, e) : ST_OK;
    if (c.dim > 0) {
        t->dim = c.dim;
        t->vector = true;
    }
    if (t->vector) t->type = TABLE_VECTOR;
    t->declared = c.dim > 0 || !main;
    return st;
}

static bool has_table(const struct import *im, const char *schema)
{
    return sqlite3_table_column_metadata(
               im->session->db, schema, im->table, NULL, NULL, NULL, NULL, NULL, NULL) == SQLITE_OK;
}

static enum status add_target(struct import *im, sqlite3_stmt *stmt, struct err *e)
{
    const char *name = (const char *)sqlite3_column_text(stmt, 0);
    const char *type = (const char *)sqlite3_column_text(stmt, 1);
    struct import_target *t = &im->targets[im->target_count];
    if (name == NULL) return mem_err(e, 0);
    *t = (struct import_target){.name = arena_strndup(im->arena, name, strlen(name))};
    if (t->name == NULL) return mem_err(e, strlen(name));
    t->type = type_of(type);
    t->vector = dialect_type_is_vector(type, &t->dim);
    t->half = dialect_type_is_half(type);
    t->hex = type != NULL && sqlite3_strlike("BLOB \"bytea%", type, 0) == 0;
    if (t->hex) t->type = TABLE_BLOB;
    im->target_count++;
    return find_dim(im, t, e);
}

/* Those that were listed, in their order. */
static enum status choose_targets(struct import *im, struct err *e)
{
    struct import_target *all = im->targets;
    int count = im->target_count;
    im->targets = arena_array(im->arena, (size_t)im->column_count + 1, sizeof *im->targets);
    if (im->targets == NULL) return mem_err(e, 0);
    for (im->target_count = 0; im->target_count < im->column_count; im->target_count++) {
        const char *name = im->columns[im->target_count];
        int i = 0;
        while (i < count && sqlite3_stricmp(all[i].name, name) != 0) i++;
        if (i == count)
            return err_set(e, ST_NOT_FOUND, "table %s has no column named %s", im->table, name);
        im->targets[im->target_count] = all[i];
    }
    return ST_OK;
}

enum status import_targets(struct import *im, struct err *e)
{
    sqlite3_stmt *stmt = NULL;
    enum status st = ST_OK;
    if (im->schema == NULL) im->schema = has_table(im, "temp") ? "temp" : "main";
    if (!has_table(im, im->schema)) return err_set(e, ST_NOT_FOUND, "no such table: %s", im->table);
    int rc = sqlite3_prepare_v2(im->session->db,
        "SELECT name, type FROM pragma_table_xinfo(?1,?2) WHERE hidden=0", -1, &stmt, NULL);
    if (rc != SQLITE_OK) return sql_word(im->session, rc, e);
    sqlite3_bind_text(stmt, 1, im->table, -1, SQLITE_STATIC);
    sqlite3_bind_text(stmt, 2, im->schema, -1, SQLITE_STATIC);
    im->target_count = 0;
    im->targets = arena_array(im->arena, LIMIT_TABLE_COLUMNS, sizeof *im->targets);
    if (im->targets == NULL) st = mem_err(e, 0);
    while (
        st == ST_OK && im->target_count < LIMIT_TABLE_COLUMNS && sqlite3_step(stmt) == SQLITE_ROW)
        st = add_target(im, stmt, e);
    sqlite3_finalize(stmt);
    return st == ST_OK && im->columns != NULL ? choose_targets(im, e) : st;
}

/* --- files ------------------------------------------------------------------------------------ */

enum status import_open(struct import *im, struct err *e)
{
    struct table_want *want = arena_array(im->arena, (size_t)im->target_count + 1, sizeof *want);
    if (want == NULL) return mem_err(e, 0);
    for (int i = 0; i < im->target_count; i++)
        want[i] = (struct table_want){.name = im->targets[i].name,
            .type = im->targets[i].type,
            .dim = im->targets[i].dim,
            .hex = im->targets[i].hex};
    im->options.want = want;
    im->options.want_count = (size_t)im->target_count;
    enum status st = import_expand(im, e);
    if (st != ST_OK) return st;
    im->run = im->session->run;
    im->run.progress = NULL;
    return table_open(&im->paths, &im->options, &im->run, &im->files, e);
}

void import_close(struct import *im)
{
    table_close(im->files);
    im->files = NULL;
    import_remove(im);
}

/* --- what goes where -------------------------------------------------------------------------- */

static int find_target(const struct import *im, const char *name)
{
    for (int i = 0; i < im->target_count; i++)
        if (strcmp(im->targets[i].name, name) == 0) return i;
    for (int i = 0; i < im->target_count; i++)
        if (sqlite3_stricmp(im->targets[i].name, name) == 0) return i;
    return -1;
}

static bool is_taken(const struct import *im, size_t columns, int target)
{
    for (size_t i = 0; i < columns; i++)
        if (im->target_of[i] == target) return true;
    return false;
}

/* The next target that nothing goes to, of the column's kind. */
static enum status match_next(struct import *im, size_t column, size_t count, struct err *e)
{
    const struct table_column *c = &table_columns(im->files)[column];
    bool vector = c->type == TABLE_VECTOR;
    for (int i = 0; i < im->target_count; i++) {
        if (im->targets[i].vector != vector || is_taken(im, count, i)) continue;
        im->target_of[column] = i;
        return ST_OK;
    }
    return err_set(e, ST_MISMATCH, "the table %s has no %scolumn left for %s", im->table,
        vector ? "vector " : "", c->name);
}

static void note_left_out(const struct import *im, size_t count)
{
    struct buf note;
    int left = 0;
    buf_init(&note);
    for (size_t i = 0; i < count; i++)
        if (im->target_of[i] < 0)
            buf_printf(&note, "%s%s",
                left++ > 0 ? ", "
                           : "left out, as the table has no such "
                             "column: ",
                table_columns(im->files)[i].name);
    if (left > 0 && !note.failed)
        run_report(&im->session->run, &(struct run_progress){"reading", 0, 0, note.data});
    buf_deinit(&note);
}

static enum status check_kinds(const struct import *im, size_t count, struct err *e)
{
    for (size_t i = 0; i < count; i++) {
        const struct table_column *c = &table_columns(im->files)[i];
        bool number = c->type == TABLE_BOOL || c->type == TABLE_INT || c->type == TABLE_REAL;
        if (im->target_of[i] >= 0 && number && im->targets[im->target_of[i]].vector)
            return err_set(e, ST_MISMATCH, "%s.%s takes vectors, %s holds numbers", im->table,
                im->targets[im->target_of[i]].name, c->name);
    }
    return ST_OK;
}

static enum status check_dims(const struct import *im, size_t count, struct err *e)
{
    for (size_t i = 0; i < count; i++) {
        const struct table_column *c = &table_columns(im->files)[i];
        if (im->target_of[i] < 0) continue;
        const struct import_target *t = &im->targets[im->target_of[i]];
        if (!t->vector || c->type != TABLE_VECTOR || c->dim == 0 || t->dim == 0) continue;
        if (c->dim != t->dim)
            return err_set(e, ST_MISMATCH, "%s.%s has %d dimensions, the vectors of %s have %d",
                im->table, t->name, t->dim, c->name, c->dim);
    }
    return ST_OK;
}

enum status import_match(struct import *im, struct err *e)
{
    const struct table_column *columns = table_columns(im->files);
    size_t count = table_column_count(im->files), unnamed = 0;
    bool *keep = arena_array(im->arena, count + 1, sizeof *keep);
    int matched = 0;
    enum status st = ST_OK;
    im->target_of = arena_array(im->arena, count + 1, sizeof *im->target_of);
    if (keep == NULL || im->target_of == NULL) return mem_err(e, 0);
    for (size_t i = 0; i < count; i++) unnamed += !columns[i].named;
    bool placed = unnamed == count && (int)count == im->target_count;
    for (size_t i = 0; i < count; i++) {
        int target = placed ? (int)i : find_target(im, columns[i].name);
        im->target_of[i] = is_taken(im, i, target) ? -1 : target;
        matched += im->target_of[i] >= 0;
    }
    for (size_t i = 0; st == ST_OK && i < count; i++) {
        if (columns[i].named || im->target_of[i] >= 0) continue;
        st = match_next(im, i, count, e);
        matched++;
    }
    if (st == ST_OK && matched == 0)
        st =
            err_set(e, ST_MISMATCH, "the table %s has none of the files' columns (the first is %s)",
                im->table, columns[0].name);
    if (st == ST_OK) st = check_kinds(im, count, e);
    if (st == ST_OK) st = check_dims(im, count, e);
    if (st != ST_OK) return st;
    for (size_t i = 0; i < count; i++) keep[i] = im->target_of[i] >= 0;
    note_left_out(im, count);
    table_keep(im->files, keep);
    return ST_OK;
}

/* --- the transaction -------------------------------------------------------------------------- */

/* Lengths that nobody declared are those of what came. */
enum status import_declare(struct import *im, struct err *e)
{
    enum status st = ST_OK;
    for (int i = 0; st == ST_OK && i < im->target_count; i++) {
        const struct import_target *t = &im->targets[i];
        if (!t->vector || t->declared || t->dim == 0) continue;
        struct store_column c = {.dim = t->dim, .metric = "cosine"};
        st = store_column_set(im->session->store, im->table, t->name, &c, e);
    }
    return st;
}

enum status import_fail(const struct import *im, enum status st, struct err *e)
{
    size_t longest = 0;
    if (e == NULL) return st;
    e->offset = -1;
    e->line = e->column = 0;
    if (im->places == NULL || (st != ST_NOT_FOUND && st != ST_DENIED)) return st;
    for (size_t i = 0; i < im->paths.count; i++) {
        const char *path = im->paths.patterns[i];
        if (strlen(path) <= longest || strstr(e->text, path) == NULL) continue;
        longest = strlen(path);
        e->offset = im->places[i].offset;
        e->line = im->places[i].line;
        e->column = im->places[i].column;
    }
    return st;
}

enum status import_run(struct import *im, struct err *e)
{
    enum status st = import_targets(im, e);
    if (st == ST_OK) st = import_open(im, e);
    if (st == ST_OK) st = import_match(im, e);
    if (st == ST_OK) st = import_begin(im, e);
    if (st == ST_OK) {
        st = import_rows(im, e);
        if (st == ST_OK) st = import_declare(im, e);
        st = import_end(im, st, e);
    }
    import_close(im);
    return st == ST_OK ? ST_OK : import_fail(im, st, e);
}

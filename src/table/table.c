/* table.c - see table.h: files after each other and beside each other.
 *
 * A part is one pattern: its files and the reader of the current one. Each part gives batches of
 * its own size; a batch of the table is as many rows as the part with the fewest has left, and its
 * columns point into those of the parts. Side by side, the files of all parts change together.
 */
#include "table/table.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/team.h"
#include "table/pattern.h"
#include "table/reader.h"

enum { THREADS_MAX = 16, PARTS_MAX = 64 };

struct part {
    struct file_list files;
    size_t at;                    /* the file that reader reads */
    struct reader *reader;        /* NULL: not opened yet */
    struct table_options options; /* as later files are opened */
    size_t first, count;          /* columns of the table */
    struct table_values *values;  /* the part's batch */
    size_t rows, used;            /* of it */
    uint64_t bytes_done;          /* of files that were closed */
};

struct table {
    struct arena arena;
    const struct run *run;
    struct team *team;
    struct part *parts;
    size_t part_count;
    const char *memory; /* text that is no file; copied */
    const char *memory_name;
    size_t memory_bytes;
    struct table_column *columns;
    struct table_values *values;
    size_t column_count;
    bool *keep;
    uint64_t rows, bytes_total;
    size_t batch_rows;
    struct err failed; /* code OK: it did not */
};

/* --- a part's files --------------------------------------------------------------------------- */

static enum status part_open_file(struct table *t, struct part *p, struct err *e)
{
    struct input in;
    enum status st = ST_OK;
    if (t->memory != NULL)
        input_open_memory(t->memory, t->memory_bytes, t->memory_name, &in);
    else
        st = input_open(p->files.paths[p->at], &in, e);
    if (st != ST_OK) return st;
    enum table_format format = p->options.format;
    if (format == TABLE_AUTO && t->memory != NULL) format = TABLE_JSON;
    if (format == TABLE_AUTO) st = reader_format(&in, &format, e);
    if (st != ST_OK) {
        input_close(&in);
        return st;
    }
    p->options.format = format;
    struct reader_options o = {&p->options, t->run, t->team};
    return reader_open(&in, format, &o, &p->reader, e);
}

/* A later file must have the columns of the first. */
static enum status columns_same(const struct table *t, const struct part *p, struct err *e)
{
    const struct reader *r = p->reader;
    if (r->column_count != p->count)
        return err_set(e, ST_MISMATCH, "%s has %zu columns, %s has %zu", r->in.name,
            r->column_count, p->files.paths[0], p->count);
    for (size_t i = 0; i < p->count; i++) {
        const struct table_column *a = &t->columns[p->first + i], *b = &r->columns[i];
        if (r->named && p->options.format != TABLE_NPY &&
            strcmp(p->options.want[i].name, b->name) != 0)
            return err_set(e, ST_MISMATCH, "%s: column %zu is %s, in %s it is %s", r->in.name,
                i + 1, b->name, p->files.paths[0], p->options.want[i].name);
        if (a->type != b->type)
            return err_set(e, ST_MISMATCH, "%s: the column %s is %s, in %s it is %s", r->in.name,
                a->name, table_type_name(b->type), p->files.paths[0], table_type_name(a->type));
        if (a->dim != b->dim && a->dim != 0 && b->dim != 0)
            return err_set(e, ST_MISMATCH, "%s: the vectors of %s have %d numbers, in %s %d",
                r->in.name, a->name, b->dim, p->files.paths[0], a->dim);
    }
    return ST_OK;
}

static void part_close_file(struct part *p)
{
    if (p->reader == NULL) return;
    p->bytes_done += p->reader->in.bytes;
    reader_close(p->reader);
    p->reader = NULL;
}

/* Side by side files whose counts are known must agree before a row of them is given. */
static enum status totals_check(const struct table *t, struct err *e)
{
    const struct reader *first = NULL;
    for (size_t i = 0; i < t->part_count; i++) {
        const struct reader *r = t->parts[i].reader;
        if (r == NULL || !r->total_known) continue;
        if (first != NULL && r->total != first->total)
            return err_set(e, ST_MISMATCH, "%s has %" PRIu64 " rows, %s beside it has %" PRIu64,
                r->in.name, r->total, first->in.name, first->total);
        first = first == NULL ? r : first;
    }
    return ST_OK;
}

/* All parts go to their next file. false: there is none. */
static enum status files_next(struct table *t, bool *any, struct err *e)
{
    enum status st = ST_OK;
    *any = false;
    for (size_t i = 0; st == ST_OK && i < t->part_count; i++) {
        struct part *p = &t->parts[i];
        part_close_file(p);
        if (p->at + 1 >= p->files.count) continue;
        p->at++;
        *any = true;
        p->rows = p->used = 0;
        st = part_open_file(t, p, e);
        if (st == ST_OK) st = columns_same(t, p, e);
        if (st == ST_OK) p->reader->keep = t->keep + p->first;
    }
    return st == ST_OK ? totals_check(t, e) : st;
}

/* --- opening ---------------------------------------------------------------------------------- */

/* What later files must be like: the first one's names, types and header. */
static enum status part_settle(struct table *t, struct part *p, struct err *e)
{
    const struct reader *r = p->reader;
    struct table_want *want = arena_array(&t->arena, r->column_count + 1, sizeof *want);
    p->values = arena_array(&t->arena, r->column_count + 1, sizeof *p->values);
    if (want == NULL || p->values == NULL) return mem_err(e, r->column_count * sizeof *want);
    for (size_t i = 0; i < r->column_count; i++) {
        const char *name = r->columns[i].name;
        want[i].name = arena_strndup(&t->arena, name, strlen(name));
        if (want[i].name == NULL) return mem_err(e, strlen(name));
        want[i].type = r->columns[i].type;
        want[i].dim = r->columns[i].dim;
    }
    p->options.want = want;
    p->options.want_count = r->column_count;
    p->options.header = r->named ? TABLE_HEADER_YES : TABLE_HEADER_NO;
    p->count = r->column_count;
    return ST_OK;
}

static bool name_taken(const struct table *t, size_t before, const char *name)
{
    for (size_t i = 0; i < before; i++)
        if (strcmp(t->columns[i].name, name) == 0) return true;
    return false;
}

/* The table's columns are those of the parts, one after the other. */
static enum status columns_join(struct table *t, struct err *e)
{
    for (size_t i = 0; i < t->part_count; i++) {
        t->parts[i].first = t->column_count;
        t->column_count += t->parts[i].count;
    }
    t->columns = arena_array(&t->arena, t->column_count + 1, sizeof *t->columns);
    t->values = arena_array(&t->arena, t->column_count + 1, sizeof *t->values);
    t->keep = arena_array(&t->arena, t->column_count + 1, sizeof *t->keep);
    if (t->columns == NULL || t->values == NULL || t->keep == NULL)
        return mem_err(e, t->column_count * sizeof *t->columns);
    for (size_t i = 0; i < t->part_count; i++) {
        struct part *p = &t->parts[i];
        p->reader->keep = t->keep + p->first;
        for (size_t c = 0; c < p->count; c++) {
            size_t at = p->first + c;
            t->keep[at] = true;
            t->columns[at] = p->reader->columns[c];
            t->columns[at].name = p->options.want[c].name;
            t->columns[at].named = p->reader->named;
            if (name_taken(t, at, t->columns[at].name))
                t->columns[at].name =
                    arena_printf(&t->arena, "%s_%zu", t->columns[at].name, at + 1);
            if (t->columns[at].name == NULL) return mem_err(e, 0);
        }
    }
    return ST_OK;
}

/* Text that is given instead of a file. */
static enum status memory_take(struct table *t, const char *const *patterns,
    const struct table_options *o, struct file_list *list, struct err *e)
{
    const char *text = o->memory != NULL ? o->memory : patterns[0];
    const char *name = o->memory != NULL ? patterns[0] : "the JSON text";
    t->memory_bytes = o->memory != NULL ? o->memory_bytes : strlen(text);
    t->memory = arena_strndup(&t->arena, text, t->memory_bytes);
    t->memory_name = arena_strndup(&t->arena, name, strlen(name));
    list->paths = arena_array(&t->arena, 1, sizeof *list->paths);
    if (t->memory == NULL || t->memory_name == NULL || list->paths == NULL)
        return mem_err(e, t->memory_bytes);
    list->paths[0] = t->memory_name;
    list->count = 1;
    list->bytes = t->memory_bytes;
    return ST_OK;
}

static enum status parts_find(
    struct table *t, const char *const *patterns, const struct table_options *o, struct err *e)
{
    enum status st = ST_OK;
    struct file_list lists[PARTS_MAX] = {0};
    bool memory = t->part_count == 1 && (o->memory != NULL || table_is_json(patterns[0]));
    if (memory) st = memory_take(t, patterns, o, &lists[0], e);
    for (size_t i = 0; !memory && st == ST_OK && i < t->part_count; i++)
        st = pattern_find(patterns[i], &t->arena, &lists[i], e);
    if (st == ST_OK && t->part_count > 1) st = pattern_pair(lists, t->part_count, e);
    for (size_t i = 0; i < t->part_count; i++) {
        t->parts[i].files = lists[i];
        t->parts[i].options = *o;
        t->bytes_total += lists[i].bytes;
    }
    return st;
}

/* A copy that lives as long as the table; want is the first file's only. */
static enum status nulls_copy(struct table *t, struct table_options *o, struct err *e)
{
    size_t count = 0;
    if (o->nulls == NULL) return ST_OK;
    while (o->nulls[count] != NULL) count++;
    const char **copy = arena_array(&t->arena, count + 1, sizeof *copy);
    if (copy == NULL) return mem_err(e, count * sizeof *copy);
    for (size_t i = 0; i < count; i++) {
        copy[i] = arena_strndup(&t->arena, o->nulls[i], strlen(o->nulls[i]));
        if (copy[i] == NULL) return mem_err(e, strlen(o->nulls[i]));
    }
    o->nulls = copy;
    return ST_OK;
}

static enum status open_all(
    struct table *t, const char *const *patterns, struct table_options *o, struct err *e)
{
    int threads = run_threads(t->run);
    enum status st = nulls_copy(t, o, e);
    if (st == ST_OK) st = run_check(t->run, e);
    if (st == ST_OK) st = parts_find(t, patterns, o, e);
    if (st == ST_OK) st = team_open(threads > THREADS_MAX ? THREADS_MAX : threads, &t->team, e);
    for (size_t i = 0; st == ST_OK && i < t->part_count; i++) {
        st = part_open_file(t, &t->parts[i], e);
        if (st == ST_OK) st = part_settle(t, &t->parts[i], e);
    }
    if (st == ST_OK) st = totals_check(t, e);
    if (st == ST_OK) st = columns_join(t, e);
    return st;
}

enum status table_open(const struct table_paths *paths, const struct table_options *options,
    const struct run *run, struct table **out, struct err *e)
{
    struct table_options o = options != NULL ? *options : (struct table_options){0};
    size_t pattern_count = paths->count;
    *out = NULL;
    if (pattern_count == 0 || pattern_count > PARTS_MAX)
        return err_set(
            e, ST_INVALID, "%zu files side by side, 1 to %d are read", pattern_count, PARTS_MAX);
    struct table *t = mem_zalloc(1, sizeof *t);
    if (t == NULL) return mem_err(e, sizeof *t);
    arena_init(&t->arena, 0);
    t->run = run;
    t->batch_rows = o.batch_rows != 0 ? o.batch_rows : TABLE_BATCH_ROWS;
    t->parts = arena_array(&t->arena, pattern_count, sizeof *t->parts);
    enum status st = t->parts != NULL ? ST_OK : mem_err(e, pattern_count * sizeof *t->parts);
    if (st == ST_OK) {
        t->part_count = pattern_count;
        st = open_all(t, paths->patterns, &o, e);
    }
    if (st != ST_OK) {
        table_close(t);
        return st;
    }
    *out = t;
    return ST_OK;
}

void table_close(struct table *t)
{
    if (t == NULL) return;
    for (size_t i = 0; i < t->part_count; i++) reader_close(t->parts[i].reader);
    team_close(t->team);
    arena_deinit(&t->arena);
    mem_free(t);
}

/* --- reading ---------------------------------------------------------------------------------- */

size_t table_column_count(const struct table *t)
{
    return t->column_count;
}

const struct table_column *table_columns(const struct table *t)
{
    return t->columns;
}

void table_keep(struct table *t, const bool *keep)
{
    memcpy(t->keep, keep, t->column_count * sizeof *keep);
}

void table_get_progress(const struct table *t, struct table_progress *out)
{
    *out = (struct table_progress){.rows = t->rows, .bytes_total = t->bytes_total};
    for (size_t i = 0; i < t->part_count; i++) {
        const struct part *p = &t->parts[i];
        out->bytes += p->bytes_done + (p->reader != NULL ? p->reader->bytes : 0);
        out->files += p->at + 1;
        out->files_total += p->files.count;
    }
}

static enum status part_fill(struct table *t, struct part *p, struct err *e)
{
    if (p->used < p->rows || p->reader == NULL) return ST_OK;
    p->used = p->rows = 0;
    enum status st = reader_next(p->reader, t->batch_rows, p->values, &p->rows, e);
    for (size_t i = 0; i < p->count; i++)
        if (t->columns[p->first + i].dim == 0)
            t->columns[p->first + i].dim = p->reader->columns[i].dim;
    return st;
}

/* The rows that all parts have; 0 when all files ended. */
static enum status rows_common(const struct table *t, size_t *rows, struct err *e)
{
    const struct part *fewest = &t->parts[0], *most = &t->parts[0];
    for (size_t i = 1; i < t->part_count; i++) {
        const struct part *p = &t->parts[i];
        if (p->rows - p->used < fewest->rows - fewest->used) fewest = p;
        if (p->rows - p->used > most->rows - most->used) most = p;
    }
    *rows = fewest->rows - fewest->used;
    if (*rows > 0 || most->rows == most->used) return ST_OK;
    return err_set(e, ST_MISMATCH, "%s ends after %" PRIu64 " rows, %s beside it has more",
        fewest->reader->in.name, fewest->reader->rows, most->reader->in.name);
}

static size_t value_bytes(const struct table_column *c)
{
    static const size_t bytes[TABLE_TYPE_COUNT] = {[TABLE_BOOL] = 1,
        [TABLE_INT] = sizeof(int64_t),
        [TABLE_REAL] = sizeof(double),
        [TABLE_TEXT] = sizeof(struct table_bytes),
        [TABLE_BLOB] = sizeof(struct table_bytes)};
    return c->type == TABLE_VECTOR ? (size_t)c->dim * sizeof(float) : bytes[c->type];
}

static void batch_give(struct table *t, struct table_batch *batch)
{
    for (size_t i = 0; i < t->part_count; i++) {
        struct part *p = &t->parts[i];
        for (size_t c = 0; c < p->count; c++) {
            struct table_values v = p->values[c];
            if (v.null != NULL) v.null += p->used;
            if (v.bools != NULL) v.bools += p->used * value_bytes(&t->columns[p->first + c]);
            t->values[p->first + c] = v;
        }
        p->used += batch->rows;
    }
}

static enum status next(struct table *t, struct table_batch *batch, struct err *e)
{
    bool any = true;
    enum status st = run_check(t->run, e);
    while (st == ST_OK && any) {
        for (size_t i = 0; st == ST_OK && i < t->part_count; i++)
            st = part_fill(t, &t->parts[i], e);
        if (st == ST_OK && t->parts[0].reader != NULL) st = rows_common(t, &batch->rows, e);
        if (st != ST_OK || batch->rows > 0) break;
        st = files_next(t, &any, e);
    }
    if (batch->rows == 0) memset(t->values, 0, t->column_count * sizeof *t->values);
    if (st == ST_OK && batch->rows > 0) batch_give(t, batch);
    return st;
}

enum status table_next(struct table *t, struct table_batch *batch, struct err *e)
{
    *batch = (struct table_batch){.first_row = t->rows, .columns = t->values};
    if (t->failed.code != ST_OK) {
        if (e != NULL) *e = t->failed;
        return t->failed.code;
    }
    t->failed = ERR_INIT;
    enum status st = next(t, batch, &t->failed);
    if (st != ST_OK) {
        batch->rows = 0;
        t->failed.code = st;
        if (e != NULL) *e = t->failed;
        return st;
    }
    t->rows += batch->rows;
    struct table_progress done;
    table_get_progress(t, &done);
    run_report(t->run, &(struct run_progress){"reading", done.bytes, done.bytes_total, NULL});
    return ST_OK;
}

bool table_is_json(const char *text)
{
    text += strspn(text, " \t\r\n");
    char first = *text;
    if (first != '[' && first != '{') return false;
    text++;
    text += strspn(text, " \t\r\n");
    if (first == '{') return *text == '"' || *text == '}';
    return *text == '{' || *text == '[' || *text == ']';
}

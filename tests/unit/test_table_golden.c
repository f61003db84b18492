/* test_table_golden.c - every file that pyarrow, pandas and NumPy wrote (tools/golden/table.py),
 * value by value. */
#include <math.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "table/table.h"
#include "test.h"

#define FOLDER FOVEA_SOURCE_DIR "/tests/golden/table/"

struct check {
    const char *file;
    struct table *table;
    const struct json_node *all;    /* values by column */
    const struct json_node *values; /* of the column */
    const struct table_column *column;
    size_t row;
};

static void wrong(const struct check *c, const char *what)
{
    fail_msg("%s, column %s, row %zu: %s", c->file, c->column->name, c->row, what);
}

static void check_text(const struct check *c, const struct json_node *want, struct table_bytes got)
{
    const char *text = json_str(want, NULL);
    if (text == NULL) wrong(c, "no text is expected");
    struct buf hex;
    buf_init(&hex);
    if (c->column->type == TABLE_BLOB)
        for (size_t i = 0; i < got.bytes; i++) buf_printf(&hex, "%02x", (unsigned char)got.data[i]);
    else
        buf_add(&hex, got.data, got.bytes);
    bool same = hex.bytes == json_str_bytes(want) &&
        (hex.bytes == 0 || memcmp(hex.data, text, hex.bytes) == 0);
    if (!same)
        fail_msg("%s, column %s, row %zu: \"%.*s\" is not \"%s\"", c->file, c->column->name, c->row,
            (int)hex.bytes, hex.bytes > 0 ? hex.data : "", text);
    buf_deinit(&hex);
}

static void check_vector(const struct check *c, const struct json_node *want, const float *got)
{
    if (json_count(want) != (size_t)c->column->dim) wrong(c, "another length");
    for (size_t i = 0; i < json_count(want); i++)
        if ((float)json_num(json_at(want, i), NAN) != got[i]) wrong(c, "another number");
}

static void check_value(const struct check *c, const struct table_values *v, size_t at)
{
    const struct json_node *want = json_at(c->values, c->row);
    bool null = v->null != NULL && v->null[at];
    if (null != json_is_null(want)) wrong(c, null ? "is NULL" : "should be NULL");
    if (null) return;
    double real;
    switch (c->column->type) {
    case TABLE_BOOL:
        if (json_bool(want, !v->bools[at]) != (v->bools[at] != 0)) wrong(c, "another boolean");
        break;
    case TABLE_INT:
        if (json_int(want, ~v->ints[at]) != v->ints[at]) wrong(c, "another integer");
        break;
    case TABLE_REAL:
        real = json_num(want, NAN);
        if (memcmp(&real, &v->reals[at], sizeof real) != 0) wrong(c, "another number");
        break;
    case TABLE_VECTOR: check_vector(c, want, v->vectors + at * (size_t)c->column->dim); break;
    default: check_text(c, want, v->texts[at]);
    }
}

static void check_columns(const struct check *c, const struct json_node *columns)
{
    const struct table_column *got = table_columns(c->table);
    if (json_count(columns) != table_column_count(c->table))
        fail_msg("%s: %zu columns", c->file, table_column_count(c->table));
    for (size_t i = 0; i < json_count(columns); i++) {
        const struct json_node *want = json_at(columns, i);
        if (strcmp(json_str(json_at(want, 0), ""), got[i].name) != 0 ||
            strcmp(json_str(json_at(want, 1), ""), table_type_name(got[i].type)) != 0 ||
            json_int(json_at(want, 2), -1) != got[i].dim)
            fail_msg("%s: column %zu is %s, %s, %d", c->file, i, got[i].name,
                table_type_name(got[i].type), got[i].dim);
    }
}

static void check_file(const struct json_node *root, const char *file, size_t batch_rows)
{
    const struct json_node *want = json_get(root, file);
    const char *like = json_str(json_get(want, "like"), file);
    char path[512];
    struct err e = ERR_INIT;
    struct check c = {.file = file, .all = json_get(json_get(root, like), "values")};
    snprintf(path, sizeof path, FOLDER "%s", file);
    const char *patterns[] = {path};
    struct table_options o = {.batch_rows = batch_rows};
    assert_ok(table_open(&(struct table_paths){patterns, 1}, &o, NULL, &c.table, &e), &e);
    check_columns(&c, json_get(want, "columns"));
    size_t rows = 0;
    for (struct table_batch batch;;) {
        assert_ok(table_next(c.table, &batch, &e), &e);
        if (batch.rows == 0) break;
        assert_int_equal(batch.first_row, rows);
        for (size_t i = 0; i < table_column_count(c.table); i++) {
            c.column = &table_columns(c.table)[i];
            c.values = json_get(c.all, c.column->name);
            for (size_t r = 0; r < batch.rows; r++) {
                c.row = rows + r;
                check_value(&c, &batch.columns[i], r);
            }
        }
        rows += batch.rows;
    }
    if ((int64_t)rows != json_int(json_get(want, "rows"), -1)) fail_msg("%s: %zu rows", file, rows);
    struct table_progress done;
    table_get_progress(c.table, &done);
    assert_int_equal(done.rows, rows);
    assert_true(done.bytes <= done.bytes_total);
    table_close(c.table);
}

static void every_file(void **state)
{
    (void)state;
    struct json_doc *doc = NULL;
    struct err e = ERR_INIT;
    int files = 0;
    assert_ok(json_read_file(FOLDER "expected.json", &doc, &e), &e);
    const struct json_node *root = json_root(doc);
    for (const struct json_iter *it = json_next(root, NULL); it != NULL; it = json_next(root, it)) {
        check_file(root, json_iter_key(it), 0);
        check_file(root, json_iter_key(it), 7);
        files++;
    }
    assert_true(files > 60);
    json_close(doc);
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *file, *words;
        enum status st;
    } cases[] = {
        {"refused_brotli.parquet", "BROTLI", ST_UNSUPPORTED},
        {"refused_lz4.parquet", "LZ4_RAW", ST_UNSUPPORTED},
        {"refused_nested.parquet", "the column s is nested", ST_UNSUPPORTED},
        {"refused_ragged.parquet", "row 2, column v: a list of 1 numbers, not 2", ST_MISMATCH},
        {"refused_big.npy", ">f4", ST_UNSUPPORTED},
        {"refused_fortran.npy", "Fortran", ST_UNSUPPORTED},
        {"refused_cube.npy", "1 or 2 dimensions", ST_UNSUPPORTED},
        {"refused_record.npy", "records", ST_UNSUPPORTED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char path[512];
        struct err e = ERR_INIT;
        struct table *t = NULL;
        struct table_batch batch;
        snprintf(path, sizeof path, FOLDER "%s", cases[i].file);
        const char *patterns[] = {path};
        enum status st = table_open(&(struct table_paths){patterns, 1}, NULL, NULL, &t, &e);
        if (st == ST_OK) st = table_next(t, &batch, &e);
        assert_fails(st, cases[i].st, &e, cases[i].words);
        assert_non_null(strstr(e.text, cases[i].file));
        table_close(t);
    }
}

/* What can't be read is no harm when it is dropped. */
static void dropped(void **state)
{
    (void)state;
    const char *patterns[] = {FOLDER "refused_nested.parquet"};
    const bool keep[] = {true, false, false, false};
    struct err e = ERR_INIT;
    struct table *t = NULL;
    struct table_batch batch;
    assert_ok(table_open(&(struct table_paths){patterns, 1}, NULL, NULL, &t, &e), &e);
    assert_int_equal(table_column_count(t), 4);
    table_keep(t, keep);
    assert_ok(table_next(t, &batch, &e), &e);
    assert_int_equal(batch.rows, 2);
    assert_int_equal(batch.columns[0].ints[1], 2);
    assert_null(batch.columns[1].texts);
    table_close(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_file),
        cmocka_unit_test(refused),
        cmocka_unit_test(dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

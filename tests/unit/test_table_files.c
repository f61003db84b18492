/* test_table_files.c - several files: after each other, beside each other, and broken ones. */
#include <stdlib.h>

#include <snappy-c.h>
#include <zlib.h>
#include <zstd.h>

#include "base/mem.h"
#include "base/sys.h"
#include "table/codec.h"
#include "table/pattern.h"
#include "table/table.h"
#include "test.h"
#include "vector_case.h"

/* An npy of rows x dim floats that count up from first; dim 0: a column of integers. */
static void npy_write(const char *path, int rows, int dim, int first)
{
    char shape[40], head[128];
    snprintf(shape, sizeof shape, dim > 0 ? "(%d, %d)" : "(%d,)", rows, dim);
    uint8_t *file = calloc(1, 128 + (size_t)rows * (size_t)(dim + 2) * 4);
    memset(head, ' ', sizeof head);
    int n = snprintf(head, sizeof head, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }",
        dim > 0 ? "<f4" : "<i8", shape);
    head[n] = ' ';
    head[117] = '\n';
    memcpy(file, "\x93NUMPY\x01\0\x76\0", 10);
    memcpy(file + 10, head, 118);
    size_t bytes = 128;
    for (int i = 0; i < rows * (dim > 0 ? dim : 1); i++) {
        float f = (float)(first + i);
        int64_t whole = first + i;
        memcpy(file + bytes, dim > 0 ? (void *)&f : (void *)&whole, dim > 0 ? 4 : 8);
        bytes += dim > 0 ? 4 : 8;
    }
    case_write(path, file, bytes);
    free(file);
}

static void csv_write(const char *path, int rows, int first)
{
    char text[8192];
    size_t n = (size_t)snprintf(text, sizeof text, "id,url\n");
    for (int i = 0; i < rows; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%d,u%d\n", first + i, first + i);
    case_write(path, text, n);
}

static enum status open3(struct vector_case *c, struct table **t, struct err *e)
{
    const char *patterns[] = {
        case_path(c, "meta_*.csv"), case_path(c, "img_emb_*.npy"), case_path(c, "key_*.npy")};
    return table_open(&(struct table_paths){patterns, 3}, NULL, NULL, t, e);
}

static void beside(void **state)
{
    struct vector_case *c = *state;
    struct err e = ERR_INIT;
    struct table *t = NULL;
    struct table_batch b;
    static const int rows[] = {5, 0, 90}, names[] = {2, 9, 10};
    for (int i = 0, first = 0; i < 3; first += rows[i++]) {
        char name[64];
        snprintf(name, sizeof name, "meta_%04d.csv", names[i]);
        csv_write(case_path(c, name), rows[i], first);
        snprintf(name, sizeof name, "img_emb_%d.npy", names[i]);
        npy_write(case_path(c, name), rows[i], 3, first * 3);
        snprintf(name, sizeof name, "key_%d.npy", names[i]);
        npy_write(case_path(c, name), rows[i], 0, first);
    }
    assert_ok(open3(c, &t, &e), &e);
    assert_int_equal(table_column_count(t), 4);
    assert_string_equal(table_columns(t)[2].name, "img_emb");
    assert_int_equal(table_columns(t)[2].dim, 3);
    size_t seen = 0;
    for (;;) {
        assert_ok(table_next(t, &b, &e), &e);
        if (b.rows == 0) break;
        for (size_t i = 0; i < b.rows; i++, seen++) {
            assert_int_equal(b.columns[0].ints[i], seen);
            assert_true(b.columns[2].vectors[3 * i + 2] == (float)(3 * seen + 2));
            assert_int_equal(b.columns[3].ints[i], seen);
        }
    }
    assert_int_equal(seen, 95);
    struct table_progress done;
    table_get_progress(t, &done);
    assert_int_equal(done.bytes, done.bytes_total);
    assert_int_equal(done.files, 9);
    table_close(t);
}

static void beside_wrong(void **state)
{
    struct vector_case *c = *state;
    struct err e = ERR_INIT;
    struct table *t = NULL;
    struct table_batch b;
    csv_write(case_path(c, "meta_1.csv"), 4, 0);
    npy_write(case_path(c, "img_emb_1.npy"), 5, 3, 0);
    npy_write(case_path(c, "key_1.npy"), 4, 0, 0);
    assert_fails(open3(c, &t, &e), ST_MISMATCH, &e, "key_1.npy has 4 rows");
    npy_write(case_path(c, "key_1.npy"), 5, 0, 0);
    assert_ok(open3(c, &t, &e), &e);
    assert_ok(table_next(t, &b, &e), &e);
    assert_int_equal(b.rows, 4);
    assert_fails(table_next(t, &b, &e), ST_MISMATCH, &e, "meta_1.csv ends after 4 rows");
    table_close(t);
    csv_write(case_path(c, "meta_2.csv"), 4, 0);
    assert_fails(open3(c, &t, &e), ST_NOT_FOUND, &e, "meta_2.csv has no partner");
    csv_write(case_path(c, "meta_02.csv"), 4, 0);
    assert_fails(open3(c, &t, &e), ST_INVALID, &e, "have the same number");
}

static void after(void **state)
{
    struct vector_case *c = *state;
    struct err e = ERR_INIT;
    struct table *t = NULL;
    struct table_batch b;
    csv_write(case_path(c, "p_2.csv"), 3, 0);
    csv_write(case_path(c, "p_10.csv"), 4, 3);
    const char *pattern = case_path(c, "p_*.csv");
    assert_ok(table_open(&(struct table_paths){&pattern, 1}, NULL, NULL, &t, &e), &e);
    for (size_t seen = 0;; seen += b.rows) {
        assert_ok(table_next(t, &b, &e), &e);
        assert_int_equal(b.first_row, seen);
        if (b.rows == 0) break;
        assert_int_equal(b.columns[0].ints[0], seen);
    }
    table_close(t);
    case_write(case_path(c, "p_11.csv"), "id,name\n1,x\n", 12);
    pattern = case_path(c, "p_*.csv");
    assert_ok(table_open(&(struct table_paths){&pattern, 1}, NULL, NULL, &t, &e), &e);
    enum status st;
    while ((st = table_next(t, &b, &e)) == ST_OK && b.rows > 0) continue;
    assert_fails(st, ST_MISMATCH, &e, "p_11.csv: column 2 is name");
    table_close(t);
    pattern = case_path(c, "q*.csv");
    assert_fails(table_open(&(struct table_paths){&pattern, 1}, NULL, NULL, &t, &e), ST_NOT_FOUND,
        &e, "no file matches");
    pattern = c->dir;
    assert_fails(table_open(&(struct table_paths){&pattern, 1}, NULL, NULL, &t, &e), ST_INVALID, &e,
        "is a folder");
}

/* Columns that are dropped stay so in later files; types are those of the first. */
static void after_kept(void **state)
{
    struct vector_case *c = *state;
    struct err e = ERR_INIT;
    struct table *t = NULL;
    struct table_batch b;
    const bool keep[] = {false, true};
    csv_write(case_path(c, "p_1.csv"), 2, 0);
    case_write(case_path(c, "p_2.csv"), "id,url\nx,77\n", 12);
    const char *pattern = case_path(c, "p_*.csv");
    assert_ok(table_open(&(struct table_paths){&pattern, 1}, NULL, NULL, &t, &e), &e);
    table_keep(t, keep);
    assert_ok(table_next(t, &b, &e), &e);
    assert_int_equal(b.rows, 2);
    assert_null(b.columns[0].ints);
    assert_ok(table_next(t, &b, &e), &e); /* "x" in a column of integers is not looked at */
    assert_int_equal(b.rows, 1);
    assert_int_equal(b.columns[1].texts[0].bytes, 2);
    assert_memory_equal(b.columns[1].texts[0].data, "77", 2);
    table_close(t);
}

/* Bytes that decompress to more or fewer than they should are refused. */
static void codecs(void **state)
{
    (void)state;
    char in[1000] = {1, 2, 3}, out[1001];
    uint8_t packed[3][1200];
    size_t snappy = sizeof packed[0];
    uLongf gzip = sizeof packed[1];
    assert_int_equal(snappy_compress(in, sizeof in, (char *)packed[0], &snappy), SNAPPY_OK);
    assert_int_equal(compress(packed[1], &gzip, (const Bytef *)in, sizeof in), Z_OK);
    size_t zstd = ZSTD_compress(packed[2], sizeof packed[2], in, sizeof in, 1);
    const int codec[] = {1, 2, 6};
    const size_t bytes[] = {snappy, gzip, zstd};
    for (int i = 0; i < 3; i++) {
        assert_true(codec_decompress(codec[i], packed[i], bytes[i], out, sizeof in));
        assert_memory_equal(in, out, sizeof in);
        assert_false(codec_decompress(codec[i], packed[i], bytes[i], out, sizeof in + 1));
        assert_false(codec_decompress(codec[i], packed[i], bytes[i], out, sizeof in - 1));
        assert_false(codec_decompress(codec[i], packed[i], bytes[i] / 2, out, sizeof in));
    }
    assert_true(codec_decompress(0, in, 5, out, 5) && !codec_decompress(0, in, 5, out, 6));
    assert_false(codec_known(3) || codec_known(99) || codec_known(-1) || codec_name(8) != NULL);
}

static void npy_short(void **state)
{
    struct vector_case *c = *state;
    struct err e = ERR_INIT;
    struct table *t = NULL;
    const char *path = case_path(c, "v_1.npy");
    npy_write(path, 10, 4, 0);
    size_t bytes;
    uint8_t *data = case_read(path, &bytes);
    case_write(path, data, bytes - 1);
    assert_fails(table_open(&(struct table_paths){&path, 1}, NULL, NULL, &t, &e), ST_CORRUPT, &e,
        "it says 10 rows, its 287 bytes hold 9");
    free(data);
}

static void patterns(void **state)
{
    struct vector_case *c = *state;
    struct err e = ERR_INIT;
    static const char *const names[] = {"a1", "a2", "a10", "b1", "c[1]"};
    for (size_t i = 0; i < 5; i++) case_write(case_path(c, names[i]), "x", 1);
    // clang-format off
    static const struct {
        const char *pattern;
        size_t count;
        const char *last;
    } cases[] = {{"a*", 3, "a10"}, {"{a,b}1", 2, "b1"}, {"a{1..3}", 2, "a2"}, {"a{09..10}", 1,
            "a10"},
        {"{a{1,2},b*}", 3, "b1"}, {"?[12]", 3, "b1"}, {"c[1]", 1, "c[1]"}, {"{a1,a*}", 3, "a10"}};
    // clang-format on
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena a;
        struct file_list l;
        arena_init(&a, 0);
        assert_ok(pattern_find(case_path(c, cases[i].pattern), &a, &l, &e), &e);
        if (l.count != cases[i].count) fail_msg("%s: %zu files", cases[i].pattern, l.count);
        assert_string_equal(strrchr(l.paths[l.count - 1], '/') + 1, cases[i].last);
        assert_int_equal(l.bytes, l.count);
        arena_deinit(&a);
    }
    assert_int_equal(pattern_number("x/img_emb_0012.npy"), 12);
    assert_int_equal(pattern_number("x9/meta.csv"), -1);
    assert_int_equal(pattern_number("vit-b-32_img_0.npy"), 0);
}

/* Every file of the golden set cut at many places: an error or fewer rows, and never a crash. */
static void cut(void **state)
{
    struct vector_case *c = *state;
    static const char *const files[] = {"wide_f2.npy", "types_null_v2_zstd.parquet", "laion.csv",
        "vectors_v1.parquet", "records.jsonl", "columns.json"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char from[512];
        size_t bytes;
        snprintf(from, sizeof from, FOVEA_SOURCE_DIR "/tests/golden/table/%s", files[i]);
        uint8_t *data = case_read(from, &bytes);
        for (size_t n = 0; n < bytes; n += bytes / 150 + 1) {
            struct err e = ERR_INIT;
            struct table *t = NULL;
            struct table_batch b;
            const char *path = case_path(c, files[i]);
            case_write(path, data, n);
            enum status st = table_open(&(struct table_paths){&path, 1}, NULL, NULL, &t, &e);
            while (st == ST_OK && (st = table_next(t, &b, &e)) == ST_OK && b.rows > 0) continue;
            if (i == 0 || i == 1 || i == 3) assert_int_not_equal(st, ST_OK);
            if (st != ST_OK) assert_non_null(strstr(e.text, files[i]));
            table_close(t);
        }
        free(data);
    }
}

/* Opens and reads all, whatever comes of it. */
static enum status read_all(const char *path, struct err *e)
{
    struct table *t = NULL;
    struct table_batch b;
    struct run one = {.threads = 1};
    enum status st = table_open(&(struct table_paths){&path, 1}, NULL, &one, &t, e);
    while (st == ST_OK && (st = table_next(t, &b, e)) == ST_OK && b.rows > 0) continue;
    table_close(t);
    return st;
}

/* The n-th allocation fails, for every n: an error that says so, and nothing is lost or leaked. */
static void out_of_memory(void **state)
{
    (void)state;
    static const char *const files[] = {"wide_f2.npy", "types_null_v2_zstd.parquet", "laion.csv",
        "vectors_v1.parquet", "records.jsonl", "columns.json", "delta_byte_array_null_v1.parquet"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char path[512];
        enum status st = ST_NO_MEMORY;
        snprintf(path, sizeof path, FOVEA_SOURCE_DIR "/tests/golden/table/%s", files[i]);
        for (uint64_t n = 1; st != ST_OK; n++) {
            struct err e = ERR_INIT;
            mem_fault_set(n, true);
            st = read_all(path, &e);
            mem_fault_set(0, false);
            if (st != ST_OK && st != ST_NO_MEMORY && st != ST_CORRUPT)
                fail_msg("%s, allocation %d: %s", files[i], (int)n, e.text);
            assert_true(n < 20000);
        }
    }
}

/* The n-th read fails. */
static int failing_calls;

static int fail_read(void *user, const char *call)
{
    (void)user;
    if (strcmp(call, "read") != 0) return 0;
    return --failing_calls == 0 ? 5 : 0; /* EIO */
}

static void read_errors(void **state)
{
    (void)state;
    static const char *const files[] = {"wide_f2.npy", "types_null_v2_zstd.parquet", "laion.csv"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char path[512];
        snprintf(path, sizeof path, FOVEA_SOURCE_DIR "/tests/golden/table/%s", files[i]);
        for (int n = 1;; n++) {
            struct err e = ERR_INIT;
            failing_calls = n;
            sys_hook_set(fail_read, NULL);
            enum status st = read_all(path, &e);
            sys_hook_set(NULL, NULL);
            if (st == ST_OK) break;
            assert_fails(st, ST_IO, &e, files[i]);
            assert_true(n < 1000);
        }
    }
}

static void cancel(void **state)
{
    struct vector_case *c = *state;
    struct err e = ERR_INIT;
    struct table *t = NULL;
    struct table_batch b;
    atomic_int stop = 0;
    struct run run = {.cancel = &stop};
    const char *path = case_path(c, "x.csv");
    csv_write(path, 100, 0);
    struct table_options o = {.batch_rows = 10};
    assert_ok(table_open(&(struct table_paths){&path, 1}, &o, &run, &t, &e), &e);
    assert_ok(table_next(t, &b, &e), &e);
    assert_int_equal(b.rows, 10);
    stop = 1;
    assert_int_equal(table_next(t, &b, &e), ST_CANCELLED);
    table_close(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(beside),
        CASE(beside_wrong),
        CASE(after),
        CASE(after_kept),
        cmocka_unit_test(codecs),
        CASE(npy_short),
        CASE(patterns),
        CASE(cut),
        CASE(out_of_memory),
        CASE(read_errors),
        CASE(cancel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

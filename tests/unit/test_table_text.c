/* test_table_text.c - csv and JSON: what is taken, what becomes of it, what errors say. */
#include <stdlib.h>

#include "table/table.h"
#include "test.h"
#include "vector_case.h"

static enum status open_text(struct vector_case *c, const char *name, const char *text,
    const struct table_options *o, struct table **t)
{
    static struct err e;
    const char *path = case_path(c, name);
    case_write(path, text, strlen(text));
    return table_open(&(struct table_paths){&path, 1}, o, NULL, t, &e);
}

/* The whole table as one text: header, then rows; a vector in brackets, NULL as ~. */
static void show(struct table *t, char *out, size_t room, struct err *e)
{
    size_t n = 0;
    const struct table_column *cols = table_columns(t);
    for (size_t i = 0; i < table_column_count(t); i++)
        n += (size_t)snprintf(
            out + n, room - n, "%s:%c ", cols[i].name, table_type_name(cols[i].type)[0]);
    struct table_batch b;
    while (table_next(t, &b, e) == ST_OK && b.rows > 0) {
        for (size_t r = 0; r < b.rows; r++) {
            n += (size_t)snprintf(out + n, room - n, "|");
            for (size_t i = 0; i < table_column_count(t); i++) {
                const struct table_values *v = &b.columns[i];
                if (v->null != NULL && v->null[r])
                    n += (size_t)snprintf(out + n, room - n, "~ ");
                else if (cols[i].type == TABLE_BOOL)
                    n += (size_t)snprintf(out + n, room - n, "%d ", v->bools[r]);
                else if (cols[i].type == TABLE_INT)
                    n += (size_t)snprintf(out + n, room - n, "%lld ", (long long)v->ints[r]);
                else if (cols[i].type == TABLE_REAL)
                    n += (size_t)snprintf(out + n, room - n, "%g ", v->reals[r]);
                else if (cols[i].type == TABLE_VECTOR)
                    n += (size_t)snprintf(out + n, room - n, "[%g..%d] ",
                        (double)v->vectors[r * (size_t)cols[i].dim], cols[i].dim);
                else
                    n += (size_t)snprintf(
                        out + n, room - n, "%.*s ", (int)v->texts[r].bytes, v->texts[r].data);
            }
        }
    }
}

struct text_case {
    const char *name, *text, *want; /* want: the table, or a piece of the error */
    enum status st;
    struct table_options o;
};

static void run(struct vector_case *c, const struct text_case *x)
{
    char got[4096] = "";
    struct err e = ERR_INIT;
    struct table *t = NULL;
    const char *path = case_path(c, x->name);
    case_write(path, x->text, strlen(x->text));
    enum status st = table_open(&(struct table_paths){&path, 1}, &x->o, NULL, &t, &e);
    if (st == ST_OK) {
        show(t, got, sizeof got, &e);
        struct table_batch b;
        st = table_next(t, &b, &e);
    }
    table_close(t);
    if (st != x->st) fail_msg("%s: %s: gave %s %s", x->text, got, status_row(st)->name, e.text);
    if (st == ST_OK && strcmp(got, x->want) != 0)
        fail_msg("%s: \"%s\" is not \"%s\"", x->text, got, x->want);
    if (st != ST_OK && strstr(e.text, x->want) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", e.text, x->want);
}

static void csv(void **state)
{
    // clang-format off
    static const struct text_case cases[] = {
        {"a.csv", "id,name\n1,cat\n2,dog\n", "id:i name:t |1 cat |2 dog ", ST_OK, {0}},
        {"a.csv", "\xef\xbb\xbfid,name\r\n1,cat\r\n\r\n2,\"d\r\n\"\"og\"\r\n",
            "id:i name:t |1 cat |2 d\r\n\"og ", ST_OK, {0}},
        {"a.csv", "1,cat\n2,dog", "c1:i c2:t |1 cat |2 dog ", ST_OK, {0}},
        {"a.csv", "name\ncat\ndog", "name:t |cat |dog ", ST_OK, {0}},
        {"a.csv", "name\ncat\ndog", "c1:t |name |cat |dog ", ST_OK, {.header = TABLE_HEADER_NO}},
        {"a.csv", "1\n2\n", "1:i |2 ", ST_OK, {.header = TABLE_HEADER_YES}},
        {"a.csv", "a,b,c,d\n1,1.5,true,\"[1, 2]\"\n,,,\n\\N,NULL,NA,\n3,-2e3,FALSE,[3 4]\n",
            "a:i b:n c:b d:v |1 1.5 1 [1..2] |~ ~ ~ ~ |~ ~ ~ ~ |3 -2000 0 [3..2] ", ST_OK, {0}},
        {"a.csv", "a,b\n1,x\n2.5,\n", "a:n b:t |1 x |2.5 ~ ", ST_OK, {0}},
        {"a.csv", "a,b\n1,\"\"\n2,NA\n", "a:i b:t |1  |2 NA ", ST_OK, {0}},
        {"a.csv", "zip,big\n00123,1\n9,12345678901234567890\n",
            "zip:t big:t |00123 1 |9 12345678901234567890 ", ST_OK, {0}},
        {"a.csv", "v,w\n[1],1\n\"[1,2]\",2\n", "v:t w:i |[1] 1 |[1,2] 2 ", ST_OK, {0}},
        {"a.csv", "a;b\n1;x,y\n", "a:i b:t |1 x,y ", ST_OK, {0}},
        {"a.tsv", "a\tb\n1\tx,y\n", "a:i b:t |1 x,y ", ST_OK, {0}},
        {"a.csv", "a#b\n1#2\n", "a:i b:i |1 2 ", ST_OK, {.delimiter = '#'}},
        {"a.csv", "id,id,\n1,2,3\n", "id:i id_2:i c3:i |1 2 3 ", ST_OK,
            {.header = TABLE_HEADER_YES}},
        {"a.csv", ",name\n0,x\n", "c1:i name:t |0 x ", ST_OK, {0}},
        {"a.csv", "", "a.csv is empty", ST_INVALID, {0}},
        {"a.csv", "a,b\n1,2\n3\n", "row 2 has 1 fields, not 2", ST_CORRUPT, {0}},
        {"a.csv", "a,b\n1,2\n3,4,5\n", "row 2 has 3 fields, not 2", ST_CORRUPT, {0}},
        {"a.csv", "a,b\n1,\"2\n3,4\n", "row 1: a quote that opens a field is never closed",
            ST_CORRUPT, {0}},
        {"a.csv", "a,b\n1,\"2\"3\n", "row 1: text stands behind the closing quote", ST_CORRUPT,
            {0}},
        {"a.csv", "a,b\n1,\xb0\xed\xbe\xe7\xc0\xcc\n",
            "row 1, column b: the text is not UTF-8; it looks like EUC-KR", ST_INVALID, {0}},
        {"a.csv", "a,b\n1,x\n2,caf\xe9\n",
            "row 2, column b: the text is not UTF-8; it looks like Latin-1", ST_INVALID, {0}},
        {"a.csv", "\xff\xfe" "a", "UTF-16 (little-endian)", ST_INVALID, {0}},
    };
    // clang-format on
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) run(*state, &cases[i]);
}

static void csv_wanted(void **state)
{
    // clang-format off
    static const struct table_want three[] = {{"id", TABLE_INT, 0, false},
        {"n", TABLE_TEXT, 0, false}, {"v", TABLE_VECTOR, 2, false}};
    static const char *const nulls[] = {"-", NULL};
    const struct table_options o = {.want = three, .want_count = 3};
    const struct text_case cases[] = {
        {"a.csv", "1.0,007,\"[1,2]\"\n,x,\n", "id:i n:t v:v |1 007 [1..2] |~ x ~ ", ST_OK, o},
        {"a.csv", "v,ID,n\n\"[1,2]\",1,5\n", "v:v ID:i n:t |[1..2] 1 5 ", ST_OK, o},
        {"a.csv", "1,x\n", "a.csv has 2 columns, 3 are wanted", ST_MISMATCH, o},
        {"a.csv", "1,x,[1]\n", "row 1, column v: an array of 1 numbers, not 2", ST_MISMATCH, o},
        {"a.csv", "1.5,x,\n", "row 1, column id: \"1.5\" is no integer, which the column is",
            ST_MISMATCH, o},
        {"a.csv", "1,x,\n2,y,no\n", "row 2, column v: \"no\" is no vector", ST_MISMATCH, o},
        {"a.csv", "a,b\n-,NULL\n1,\n", "a:i b:t |~ NULL |1  ", ST_OK, {.nulls = nulls}},
    };
    // clang-format on
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) run(*state, &cases[i]);
}

static void json(void **state)
{
    // clang-format off
    static const struct text_case cases[] = {
        {"a.json", "[{\"a\":1,\"b\":\"x\"},{\"b\":\"\\u00e9\\ud83d\\ude00\\n\",\"c\":true}]",
            "a:i b:t c:b |1 x ~ |~ \xc3\xa9\xf0\x9f\x98\x80\n 1 ", ST_OK, {0}},
        {"a.jsonl", "{\"a\":1}\n{\"a\":2.5}\n\n{\"a\":null}", "a:n |1 |2.5 |~ ", ST_OK, {0}},
        {"a.jsonl", "{\"v\":[1,2]}\n{\"v\":[3,4.5]}", "v:v |[1..2] |[3..2] ", ST_OK, {0}},
        {"a.jsonl", "{\"v\":[1,2],\"n\":\"12\"}\n{\"v\":[3],\"n\":{\"x\":[]}}",
            "v:t n:t |[1,2] 12 |[3] {\"x\":[]} ", ST_OK, {0}},
        {"a.json", "{\"a\":[1,2],\"b\":[\"x\",null]}", "a:i b:t |1 x |2 ~ ", ST_OK, {0}},
        {"a.json", "{\"a\":{\"0\":1,\"1\":2},\"b\":{\"0\":\"x\",\"1\":\"y\"}}",
            "a:i b:t |1 x |2 y ", ST_OK, {0}},
        {"a.jsonl", "{\"a\":[1,2]}", "a:v |[1..2] ", ST_OK, {0}},
        {"a.json", "{\"a\":1,\"v\":[1,2]}", "a:i v:v |1 [1..2] ", ST_OK, {0}},
        {"a.json", "{\"a\":1}\n{\"a\":2}", "a:i |1 |2 ", ST_OK, {0}},
        {"a.json", "{\"A\":1,\"a\":2}\n{\"a\":3,\"A\":4}", "A:i a_2:i |1 2 |4 3 ", ST_OK, {0}},
        {"a.json", "[]", "holds no records", ST_INVALID, {0}},
        {"a.json", " ", "holds no records", ST_INVALID, {0}},
        {"a.json", "{\"a\":[1,2],\"b\":[1]}", "the column \"b\" has 1 values, others 2",
            ST_MISMATCH, {0}},
        {"a.json", "[{\"a\":1},{\"a\":2]", "row 2 is no valid JSON", ST_CORRUPT, {0}},
        {"a.json", "[{\"a\":1}", "no valid JSON", ST_CORRUPT, {0}},
        {"a.json", "[{\"a\":01}]", "no valid JSON", ST_CORRUPT, {0}},
        {"a.json", "[{\"a\":\"x\ny\"}]", "no valid JSON", ST_CORRUPT, {0}},
        {"a.json", "[{\"a\":1}] x", "no valid JSON", ST_CORRUPT, {0}},
        {"a.json", "[{\"a\":\"\\q\"}]", "row 1, column a: a wrong escape", ST_CORRUPT, {0}},
        {"a.jsonl", "{\"a\":1}\n{\"a\":2}{\"a\"", "row 3 is no valid JSON", ST_CORRUPT, {0}},
    };
    // clang-format on
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) run(*state, &cases[i]);
    char deep[512] = "[{\"a\":";
    memset(deep + strlen(deep), '[', 200);
    run(*state, &(struct text_case){"a.json", deep, "nested deeper than 64", ST_LIMIT, {0}});
}

static void json_text(void **state)
{
    (void)state;
    char got[256];
    struct err e = ERR_INIT;
    struct table *t = NULL;
    const char *text = " [{\"a\": 1}]";
    assert_true(table_is_json(text) && table_is_json("{\"a\":[]}") && table_is_json("[]"));
    assert_false(table_is_json("{a,b}.csv") || table_is_json("[ab].csv") || table_is_json("x"));
    assert_ok(table_open(&(struct table_paths){&text, 1}, NULL, NULL, &t, &e), &e);
    show(t, got, sizeof got, &e);
    assert_string_equal(got, "a:i |1 ");
    table_close(t);
}

/* Types come from the sample; what does not fit further down is an error that says all. */
static void sample(void **state)
{
    struct vector_case *c = *state;
    struct table_options o = {.sample_bytes = 1};
    struct err e = ERR_INIT;
    struct table *t = NULL;
    size_t bytes = 0;
    static char text[12 << 20]; /* more than a block */
    bytes += (size_t)snprintf(text, sizeof text, "id,price\n");
    int rows = 0;
    while (bytes < sizeof text - 100) {
        bytes += (size_t)snprintf(text + bytes, sizeof text - bytes, "%d,%d.5\n", rows, rows);
        rows++;
    }
    bytes += (size_t)snprintf(text + bytes, sizeof text - bytes, "%d,free\n", rows++);
    assert_int_equal(open_text(c, "big.csv", text, &o, &t), ST_OK);
    struct table_batch b;
    enum status st;
    int read = 0;
    while ((st = table_next(t, &b, &e)) == ST_OK && b.rows > 0) {
        for (size_t i = 0; i < b.rows; i++) assert_int_equal(b.columns[0].ints[i], read + (int)i);
        read += (int)b.rows;
    }
    char want[128];
    snprintf(
        want, sizeof want, "row %d, column price: \"free\" is no number, which all sampled", rows);
    assert_fails(st, ST_MISMATCH, &e, want);
    assert_int_equal(table_next(t, &b, &e), ST_MISMATCH); /* and again */
    table_close(t);
    o.sample_bytes = UINT64_MAX;
    assert_int_equal(open_text(c, "big.csv", text, &o, &t), ST_OK);
    assert_int_equal(table_columns(t)[1].type, TABLE_TEXT);
    table_close(t);
}

/* Fields with backslashes at every place of the block's end. */
static void tsv_blocks(void **state)
{
    static char text[5 << 20];
    static const char WANT[] = "a\tb\\c\nd\te";
    size_t bytes = 0;
    uint64_t rows = 0, seen = 0;
    for (; bytes < sizeof text - 100; rows++)
        bytes += (size_t)snprintf(text + bytes, sizeof text - bytes, "%llu\ta\\tb\\\\c\\\nd\\\te\n",
            (unsigned long long)rows * 1000003);
    const char *path = case_path(*state, "t.tsv");
    struct table_options o = {.escapes = true};
    struct err e = ERR_INIT;
    struct table *t = NULL;
    struct table_batch b;
    case_write(path, text, bytes);
    assert_ok(table_open(&(struct table_paths){&path, 1}, &o, NULL, &t, &e), &e);
    for (;; seen += b.rows) {
        assert_ok(table_next(t, &b, &e), &e);
        if (b.rows == 0) break;
        for (size_t i = 0; i < b.rows; i++) {
            assert_int_equal(b.columns[0].ints[i], (seen + i) * 1000003);
            assert_int_equal(b.columns[1].texts[i].bytes, sizeof WANT - 1);
            assert_memory_equal(b.columns[1].texts[i].data, WANT, sizeof WANT - 1);
        }
    }
    assert_int_equal(seen, rows);
    table_close(t);
}

/* A million numbers on one thread and on two: the same. */
static void threads(void **state)
{
    struct vector_case *c = *state;
    static char text[6 << 20];
    size_t bytes = 0;
    uint64_t seed = 1;
    for (int i = 0; bytes < sizeof text - 400; i++)
        bytes += (size_t)snprintf(text + bytes, sizeof text - bytes,
            "%d,\"[%.9g, %.17g, -0.%llu]\",\"a\"\"%d\"\n", i,
            (double)(test_random(&seed) % 1000) / 7, (double)i / 3,
            (unsigned long long)test_random(&seed), i);
    double sums[2] = {0, 0};
    for (int threads = 1; threads <= 2; threads++) {
        struct run run = {.threads = threads};
        const char *path = case_path(c, "t.csv");
        struct err e = ERR_INIT;
        struct table *t = NULL;
        struct table_batch b;
        case_write(path, text, bytes);
        assert_ok(table_open(&(struct table_paths){&path, 1}, NULL, &run, &t, &e), &e);
        for (uint64_t row = 0;; row += b.rows) {
            assert_ok(table_next(t, &b, &e), &e);
            if (b.rows == 0) break;
            for (size_t i = 0; i < b.rows * 3; i++)
                sums[threads - 1] += (double)b.columns[1].vectors[i];
            for (size_t i = 0; i < b.rows; i++) {
                char want[32];
                snprintf(want, sizeof want, "a\"%llu", (unsigned long long)(row + i));
                assert_int_equal(b.columns[2].texts[i].bytes, strlen(want));
                assert_memory_equal(b.columns[2].texts[i].data, want, strlen(want));
            }
        }
        table_close(t);
    }
    assert_memory_equal(&sums[0], &sums[1], sizeof sums[0]);
    assert_true(sums[0] > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(csv),
        CASE(csv_wanted),
        CASE(json),
        CASE(json_text),
        CASE(sample),
        CASE(threads),
        CASE(tsv_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

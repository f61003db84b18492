/* test_model_tokenizer.c - token ids against Hugging Face tokenizers on hard texts, both file
 * forms, and tokenizers that are refused. Goldens: tools/golden/tokenizer.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/run.h"
#include "model/tokenizer.h"

#define GOLDEN FOVEA_SOURCE_DIR "/tests/golden/tokenizer"
enum { CONTEXT = 77 };

static struct tokenizer *open_golden(const char *dir)
{
    struct tokenizer *t = NULL;
    struct err e = ERR_INIT;
    char path[512];
    snprintf(path, sizeof path, GOLDEN "/%s", dir);
    if (tokenizer_open(path, &t, &e) != ST_OK) fail_msg("%s", e.text);
    return t;
}

static int encode(const struct tokenizer *t, const char *text, size_t bytes, int32_t *ids)
{
    struct tokenizer_work w;
    struct token_list out = {.ids = ids, .room = CONTEXT};
    struct err e = ERR_INIT;
    tokenizer_work_init(&w);
    struct tokenizer_text in = {text, bytes};
    if (tokenizer_encode(t, &w, in, &out, &e) != ST_OK) fail_msg("%s", e.text);
    tokenizer_work_deinit(&w);
    return out.count;
}

/* How many ids differ from the row [text, [ids]]; says which. */
static int compare(const struct tokenizer *t, const struct json_node *row)
{
    const struct json_node *text = json_at(row, 0), *want = json_at(row, 1);
    int32_t ids[CONTEXT];
    int count = encode(t, json_str(text, ""), json_str_bytes(text), ids);
    bool same = (size_t)count == json_count(want);
    for (int i = 0; same && i < count; i++) same = ids[i] == json_int(json_at(want, (size_t)i), -1);
    if (same) return 0;
    print_message("differs: \"%.200s\"\n  got ", json_str(text, ""));
    for (int i = 0; i < count; i++) print_message(" %d", ids[i]);
    print_message("\n  want");
    for (size_t i = 0; i < json_count(want); i++)
        print_message(" %d", (int)json_int(json_at(want, i), -1));
    print_message("\n");
    return 1;
}

static struct json_doc *read_golden(const char *path)
{
    struct json_doc *doc = NULL;
    struct err e = ERR_INIT;
    if (json_read_file(path, &doc, &e) != ST_OK) fail_msg("%s", e.text);
    return doc;
}

static const struct json_node *find_row(const struct json_node *rows, const struct json_node *text)
{
    for (size_t i = 0; i < json_count(rows); i++)
        if (strcmp(json_str(json_at(json_at(rows, i), 0), ""), json_str(text, "")) == 0)
            return json_at(rows, i);
    return NULL;
}

static void ids_equal_the_reference(void **state)
{
    (void)state;
    static const char *const dirs[] = {"new", "old", "plain"};
    struct json_doc *cases = read_golden(GOLDEN "/cases.json");
    struct json_doc *other = read_golden(GOLDEN "/plain.json");
    for (size_t d = 0; d < 3; d++) {
        struct tokenizer *t = open_golden(dirs[d]);
        int wrong = 0;
        for (size_t i = 0; i < json_count(json_root(cases)); i++) {
            const struct json_node *row = json_at(json_root(cases), i), *instead = NULL;
            if (d == 2) instead = find_row(json_root(other), json_at(row, 0));
            wrong += compare(t, instead ? instead : row);
        }
        tokenizer_close(t);
        assert_int_equal(wrong, 0);
    }
    json_close(cases);
    json_close(other);
}

/* A tokenizer from elsewhere, $FOVEA_TOKENIZER_DIR with its own cases.json: tests/clients makes one
 * of CLIP's real vocabulary. */
static void ids_equal_elsewhere(void **state)
{
    (void)state;
    const char *dir = getenv("FOVEA_TOKENIZER_DIR");
    if (!dir) skip();
    char path[512];
    struct tokenizer *t = NULL;
    struct err e = ERR_INIT;
    int64_t start = run_now_us();
    if (tokenizer_open(dir, &t, &e) != ST_OK) fail_msg("%s", e.text);
    print_message("opened in %d us\n", (int)(run_now_us() - start));
    snprintf(path, sizeof path, "%s/cases.json", dir);
    struct json_doc *cases = read_golden(path);
    size_t count = json_count(json_root(cases));
    int wrong = 0;
    for (size_t i = 0; i < count; i++) wrong += compare(t, json_at(json_root(cases), i));
    print_message("%zu texts\n", count);
    assert_true(count > 100);
    assert_int_equal(wrong, 0);
    json_close(cases);
    tokenizer_close(t);
}

static void both_forms_are_one(void **state)
{
    (void)state;
    struct tokenizer *new = open_golden("new"), *old = open_golden("old"),
                     *plain = open_golden("plain");
    assert_string_equal(tokenizer_hash(new), tokenizer_hash(old));
    assert_int_equal(strlen(tokenizer_hash(new)), 32);
    assert_string_not_equal(tokenizer_hash(new), tokenizer_hash(plain)); /* its end token differs */
    assert_int_equal(tokenizer_sot(new), 908);
    assert_int_equal(tokenizer_eot(plain), 909);
    assert_int_equal(tokenizer_id_max(old), 909);
    tokenizer_close(new);
    tokenizer_close(old);
    tokenizer_close(plain);
}

/* Each byte that is not UTF-8 counts as U+FFFD. */
static void repairs_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *broken, *repaired;
    } rows[] = {
        {"a\xff", "a\xef\xbf\xbd"},
        {"\x80 dog", "\xef\xbf\xbd dog"},
        {"\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},
    };
    struct tokenizer *t = open_golden("new");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int32_t a[CONTEXT], b[CONTEXT];
        int n = encode(t, rows[i].broken, strlen(rows[i].broken), a);
        assert_int_equal(n, encode(t, rows[i].repaired, strlen(rows[i].repaired), b));
        assert_memory_equal(a, b, (size_t)n * sizeof *a);
    }
    tokenizer_close(t);
}

/* The longest text allowed as one word: bounded time, the right end. Longer: refused. */
static void copes_with_long_words(void **state)
{
    (void)state;
    struct tokenizer *t = open_golden("new");
    char *text = mem_alloc(LIMIT_QUERY_BYTES + 1);
    memset(text, 'o', LIMIT_QUERY_BYTES + 1);
    int32_t ids[CONTEXT];
    int64_t start = run_now_ms();
    assert_int_equal(encode(t, text, LIMIT_QUERY_BYTES, ids), CONTEXT);
    print_message("a word of %zu bytes: %d ms\n", LIMIT_QUERY_BYTES, (int)(run_now_ms() - start));
    assert_int_equal(ids[0], tokenizer_sot(t));
    assert_int_equal(ids[CONTEXT - 1], tokenizer_eot(t));
    struct tokenizer_work w;
    struct token_list out = {.ids = ids, .room = 2};
    struct err e = ERR_INIT;
    tokenizer_work_init(&w);
    struct tokenizer_text in = {text, LIMIT_QUERY_BYTES + 1};
    assert_int_equal(tokenizer_encode(t, &w, in, &out, &e), ST_LIMIT);
    in.bytes = 10;
    assert_int_equal(tokenizer_encode(t, &w, in, &out, &e), ST_OK);
    assert_int_equal(out.count, 2);
    tokenizer_work_deinit(&w);
    mem_free(text);
    tokenizer_close(t);
}

#define PRE                                                                                        \
    "\"pre_tokenizer\":{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Split\",\"pattern\":" \
    "{"                                                                                            \
    "\"Regex\":\"'s|'t|'re|'ve|'m|'ll|'d|[\\\\p{L}]+|[\\\\p{N}]|[^\\\\s\\\\p{L}\\\\p{N}]+\"},"     \
    "\"behavior\":\"Removed\",\"invert\":true},{\"type\":\"ByteLevel\",\"add_prefix_space\":"      \
    "false}]}"
#define POST                                                                                       \
    "\"post_processor\":{\"type\":\"RobertaProcessing\",\"sep\":[\"e\",3],\"cls\":[\"s\",2]}"
#define MODEL(vocab, merges, more)                                                                 \
    "\"model\":{\"type\":\"BPE\",\"vocab\":" vocab ",\"merges\":" merges more "}"
#define SOUND MODEL(" {\"a\" : 0 ,\n \"b\":1,\"ab\":4 } \n", "[ \"a b\" ] ", "")

static void refuses_other_tokenizers(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        enum status st;
        const char *says;
    } rows[] = {
        {"{" SOUND "," PRE "," POST "}", ST_OK, ""},
        {"{}", ST_CORRUPT, "no vocabulary"},
        {"{\"model\":{\"type\":\"Unigram\"}}", ST_UNSUPPORTED, "Unigram"},
        {"{" MODEL("{}", "[]", "") "}", ST_CORRUPT, "no vocabulary"},
        {"{" MODEL("{\"a\":-1}", "[]", "") "}", ST_CORRUPT, "no sound id"},
        {"{" MODEL("{\"a\":9999999}", "[]", "") "}", ST_CORRUPT, "no sound id"},
        {"{" MODEL("{\"a\":0}", "{}", "") "}", ST_CORRUPT, "merges"},
        {"{" MODEL("{\"a\":0}", "[\"a\"]", "") "}", ST_CORRUPT, "merge 0 is not two"},
        {"{" MODEL("{\"a\":0}", "[\"a b c\"]", "") "}", ST_CORRUPT, "merge 0 is not two"},
        {"{" MODEL("{\"a\":0}", "[[\"a\",\"b\",\"c\"]]", "") "}", ST_CORRUPT, "merge 0 is not two"},
        {"{" MODEL("{\"a\":0}", "[[\"a\",3]]", "") "}", ST_CORRUPT, "merge 0 is not two"},
        {"{" MODEL("{\"a\":0}", "[\"a b\"]", "") "}", ST_CORRUPT, "no token \"b\""},
        {"{" MODEL("{\"a\":0}", "[\"a a\"]", "") "}", ST_CORRUPT, "no token \"aa\""},
        {"{" MODEL("{\"a\":0}", "[]", ",\"unk_token\":\"?\"") "}", ST_CORRUPT, "unk_token"},
        {"{" MODEL("{\"a\":0}", "[]", ",\"byte_fallback\":true") "}", ST_UNSUPPORTED,
            "byte_fallback"},
        {"{" MODEL("{\"a\":0}", "[]", ",\"continuing_subword_prefix\":\"#\"") "}", ST_UNSUPPORTED,
            "continuing_subword_prefix"},
        {"{" SOUND ",\"normalizer\":{\"type\":\"NFKC\"}}", ST_UNSUPPORTED, "NFKC"},
        {"{" SOUND "}", ST_UNSUPPORTED, "pre_tokenizer"},
        {"{" SOUND "," PRE "}", ST_UNSUPPORTED, "post_processor none"},
        {"{" SOUND "," PRE ",\"post_processor\":{\"type\":\"RobertaProcessing\"}}", ST_UNSUPPORTED,
            "RobertaProcessing"},
        {"{" SOUND "," PRE "," POST ",\"added_tokens\":[{}]}", ST_CORRUPT, "without content"},
        {"{" SOUND "," PRE "," POST
         ",\"added_tokens\":[{\"content\":\"x\",\"id\":9,\"lstrip\":true}]}",
            ST_UNSUPPORTED, "lstrip"},
        {"{\"model\":{\"vocab\":{\n\"a\":0\n},\"merges\":[\n\n]},\nx", ST_CORRUPT, "line 6"},
        {"{\"model\":{\"vocab\":{\"a\":0} x,\"merges\":[]}}", ST_CORRUPT, "line 1"},
        {"[]", ST_CORRUPT, ""},
        {"", ST_CORRUPT, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tokenizer *t = NULL;
        struct err e = ERR_INIT;
        enum status st = tokenizer_open_json(rows[i].json, strlen(rows[i].json), "t.json", &t, &e);
        if (st != rows[i].st || !strstr(e.text, rows[i].says))
            fail_msg("%s: %s", rows[i].json, e.text);
        tokenizer_close(t);
    }
    struct tokenizer *t = NULL;
    struct err e = ERR_INIT;
    assert_int_equal(tokenizer_open("/nowhere", &t, &e), ST_NOT_FOUND);
}

/* Without unk_token bytes the vocabulary lacks vanish, as in the reference. */
static void unknown_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *more;
        int count;
    } rows[] = {
        {"", 3}, {",\"unk_token\":\"u\"", 5}, {",\"unk_token\":\"u\",\"fuse_unk\":true", 4}};
    for (size_t i = 0; i < 3; i++) {
        char json[1024];
        snprintf(json, sizeof json,
            "{\"model\":{\"vocab\":{\"a\":0,\"b\":1,\"ab\":4,\"u\":5},\"merges\":[[\"a\",\"b\"]]%s}"
            "," PRE "," POST "}",
            rows[i].more);
        struct tokenizer *t = NULL;
        struct err e = ERR_INIT;
        assert_int_equal(tokenizer_open_json(json, strlen(json), "t", &t, &e), ST_OK);
        int32_t ids[CONTEXT];
        assert_int_equal(encode(t, "abxy", 4, ids), rows[i].count);
        assert_int_equal(ids[1], 4);
        tokenizer_close(t);
    }
}

/* The n-th allocation fails, for every n: an error, nothing leaked. */
static void survives_lack_of_memory(void **state)
{
    (void)state;
    enum status st = ST_NO_MEMORY;
    for (uint64_t n = 1; st == ST_NO_MEMORY; n++) {
        struct tokenizer *t = NULL;
        struct err e = ERR_INIT;
        mem_fault_set(n, true);
        st = tokenizer_open(GOLDEN "/new", &t, &e);
        mem_fault_set(0, false);
        assert_true((st == ST_OK) == (t != NULL));
        tokenizer_close(t);
        assert_true(n < 1000);
    }
    assert_int_equal(st, ST_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_equal_the_reference),
        cmocka_unit_test(ids_equal_elsewhere),
        cmocka_unit_test(both_forms_are_one),
        cmocka_unit_test(repairs_bytes),
        cmocka_unit_test(copes_with_long_words),
        cmocka_unit_test(refuses_other_tokenizers),
        cmocka_unit_test(unknown_bytes),
        cmocka_unit_test(survives_lack_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_base_json.c - the JSON door: look-ups that forgive, texts that are refused, bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"

static struct json_doc *parse(const char *text)
{
    struct json_doc *d = NULL;
    struct err e = ERR_INIT;
    assert_int_equal(json_parse(text, strlen(text), "test.json", &d, &e), ST_OK);
    return d;
}

static void finds_values_and_falls_back(void **state)
{
    (void)state;
    struct json_doc *d = parse("{\"a\":{\"b\":[1,2.5,\"x\",true,null]},\"z\":\"a\\u0000b\"}");
    const struct json_node *root = json_root(d), *b = json_get(json_get(root, "a"), "b");
    assert_true(json_is_object(root));
    assert_true(json_is_array(b));
    assert_int_equal(json_count(b), 5);
    assert_int_equal(json_int(json_at(b, 0), -1), 1);
    assert_int_equal(json_int(json_at(b, 1), -1), -1);
    assert_true(json_num(json_at(b, 0), 0) == 1.0);
    assert_true(json_num(json_at(b, 1), 0) == 2.5);
    assert_string_equal(json_str(json_at(b, 2), "?"), "x");
    assert_true(json_bool(json_at(b, 3), false));
    assert_true(json_is_null(json_at(b, 4)));
    assert_true(json_is_null(json_at(b, 5)));
    assert_int_equal(json_str_bytes(json_get(root, "z")), 3);
    /* absent all along the path */
    assert_null(json_at(json_get(json_get(root, "no"), "no"), 3));
    assert_string_equal(json_str(json_get(NULL, "no"), "fallback"), "fallback");
    assert_true(json_bool(json_get(root, "z"), true));
    assert_int_equal(json_count(json_get(root, "z")), 0);
    json_close(d);
}

static void walks_objects_in_order(void **state)
{
    (void)state;
    struct json_doc *d = parse("{\"z\":1,\"a\":2,\"m\":3}");
    const struct json_node *root = json_root(d);
    char keys[8] = "";
    int64_t sum = 0;
    for (const struct json_iter *it = json_next(root, NULL); it; it = json_next(root, it)) {
        strncat(keys, json_iter_key(it), 1);
        sum = sum * 10 + json_int(json_iter_value(root, it), 0);
    }
    assert_string_equal(keys, "zam");
    assert_int_equal(sum, 123);
    assert_null(json_next(NULL, NULL));
    json_close(d);
}

static void refuses(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum status st;
        const char *says;
    } rows[] = {
        {"", ST_CORRUPT, "test.json, line 1"},
        {"{\"a\":1,\"a\":2}", ST_CORRUPT, "duplicate"},
        {"{\"a\":1} x", ST_CORRUPT, "line 1"},
        {"[1,\n 2,\n oops]", ST_CORRUPT, "line 3"},
        {"\"\xff\"", ST_CORRUPT, "byte 0xff"},
        {"[99999999999999999999]", ST_CORRUPT, "integer"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct json_doc *d = NULL;
        struct err e = ERR_INIT;
        enum status st = json_parse(rows[i].text, strlen(rows[i].text), "test.json", &d, &e);
        assert_int_equal(st, rows[i].st);
        assert_null(d);
        assert_non_null(strstr(e.text, rows[i].says));
    }
}

static void bounds_depth(void **state)
{
    (void)state;
    char text[2 * (LIMIT_JSON_DEPTH + 1) + 3];
    for (int depth = LIMIT_JSON_DEPTH; depth <= LIMIT_JSON_DEPTH + 1; depth++) {
        memset(text, '[', (size_t)depth);
        memset(text + depth, ']', (size_t)depth);
        struct json_doc *d = NULL;
        struct err e = ERR_INIT;
        enum status st = json_parse(text, 2 * (size_t)depth, "deep", &d, &e);
        assert_int_equal(st, depth <= LIMIT_JSON_DEPTH ? ST_OK : ST_LIMIT);
        json_close(d);
    }
    /* brackets in strings don't count */
    struct json_doc *d = parse("\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
                               "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[\"");
    json_close(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_values_and_falls_back),
        cmocka_unit_test(walks_objects_in_order),
        cmocka_unit_test(refuses),
        cmocka_unit_test(bounds_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

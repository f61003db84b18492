/* test_library_query.c - cutting queries into terms. */
#include "base/limits.h"
#include "library/query.h"
#include "test.h"

/* "+2:t(text) -1:p(path)": sign and weight, t or p, the item. */
static void shown(const char *text, const char *want)
{
    struct query q;
    struct err e = ERR_INIT;
    char out[512] = "";
    assert_ok(query_parse(text, strlen(text), &q, &e), &e);
    for (int i = 0; i < q.count; i++) {
        size_t used = strlen(out);
        snprintf(out + used, sizeof out - used, "%s%+g:%c(%s)", i > 0 ? " " : "", q.terms[i].weight,
            q.terms[i].is_picture ? 'p' : 't', q.terms[i].text);
    }
    assert_string_equal(out, want);
    query_deinit(&q);
}

static void sums(void **state)
{
    (void)state;
    shown("horse", "+1:t(horse)");
    shown("  a dog on a beach\n", "+1:t(a dog on a beach)");
    shown("horse + stripes", "+1:t(horse) +1:t(stripes)");
    shown("./a.jpg - text", "+1:p(./a.jpg) -1:t(text)");
    shown("2:beach + dog", "+2:t(beach) +1:t(dog)");
    shown("- 0.5:dog + cat", "-0.5:t(dog) +1:t(cat)");
    shown("+ dog", "+1:t(dog)");
    shown("t-shirt", "+1:t(t-shirt)");
    shown("c++ -x", "+1:t(c++ -x)");
    shown("a\t+\nb", "+1:t(a) +1:t(b)");
    shown("2: /p.png - ~/x", "+2:p(/p.png) -1:p(~/x)");
    shown("16:9", "+16:t(9)");
    shown("a:b", "+1:t(a:b)");
    shown("말 + 줄무늬", "+1:t(말) +1:t(줄무늬)");
}

static void quotes(void **state)
{
    (void)state;
    shown("\"a + b\"", "+1:t(a + b)");
    shown("\"./a.jpg\"", "+1:t(./a.jpg)");
    shown("2:\"16:9 - wide\" - \"x\"", "+2:t(16:9 - wide) -1:t(x)");
    shown("5\" disk", "+1:t(5\" disk)");
    shown("\"open - end", "+1:t(\"open) -1:t(end)");
    shown("say \"hi\"", "+1:t(say \"hi\")");
}

static void files(void **state)
{
    (void)state;
    FILE *f = fopen("/tmp/fovea query - a + b.png", "w");
    assert_non_null(f);
    fclose(f);
    shown("/tmp/fovea query - a + b.png", "+1:p(/tmp/fovea query - a + b.png)");
    remove("/tmp/fovea query - a + b.png");
    shown("nosuch.png", "+1:t(nosuch.png)");
}

static void mistakes(void **state)
{
    (void)state;
    static const struct {
        const char *text, *piece;
    } ROWS[] = {
        {"", "the query is empty"},
        {" \n", "the query is empty"},
        {"horse +", "term 2 of the query"},
        {"a + + b", "term 2 of the query"},
        {"-", "term 1 of the query"},
        {"0:a", "weight"},
        {"2:", "term 1 of the query"},
        {"1.2.3:a", "weight"},
        {"\"a\" b", "sign (+ or -) is missing"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct query q;
        struct err e = ERR_INIT;
        assert_fails(
            query_parse(ROWS[i].text, strlen(ROWS[i].text), &q, &e), ST_INVALID, &e, ROWS[i].piece);
    }
}

static void bounds(void **state)
{
    (void)state;
    static char text[LIMIT_QUERY_BYTES + 2];
    struct query q;
    struct err e = ERR_INIT;
    memset(text, 'a', sizeof text - 1);
    assert_fails(query_parse(text, sizeof text - 1, &q, &e), ST_LIMIT, &e, "bytes");
    for (size_t i = 0; i < 40; i++) memcpy(text + i * 4, "a + ", 4);
    assert_fails(query_parse(text, 40 * 4 - 3, &q, &e), ST_LIMIT, &e, "more than 32 terms");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums),
        cmocka_unit_test(quotes),
        cmocka_unit_test(files),
        cmocka_unit_test(mistakes),
        cmocka_unit_test(bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

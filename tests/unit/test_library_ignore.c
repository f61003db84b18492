/* test_library_ignore.c - patterns of .foveaignore, one by one and as files. */
#include "library/ignore.h"
#include "test.h"

static bool match(const char *pattern, const char *text)
{
    return ignore_pattern_match(pattern, strlen(pattern), text);
}

static void patterns(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *text;
        bool want;
    } ROWS[] = {
        {"a.png", "a.png", true},
        {"a.png", "b.png", false},
        {"*.png", "a.png", true},
        {"*.png", "x/a.png", false},
        {"*", "a", true},
        {"*", "a/b", false},
        {"a*b*c", "aXXbYYc", true},
        {"a*b*c", "aXXbYY", false},
        {"?", "a", true},
        {"?", "/", false},
        {"?", "", false},
        {"**/b", "b", true},
        {"**/b", "a/b", true},
        {"**/b", "x/a/b", true},
        {"**/b", "ab", false},
        {"a/**", "a/b", true},
        {"a/**", "a/b/c", true},
        {"a/**", "a", false},
        {"a/**/b", "a/b", true},
        {"a/**/b", "a/x/y/b", true},
        {"a/**/b", "a/xb", false},
        {"a**b", "aXb", true},
        {"a**b", "a/b", false},
        {"**", "abc", true},
        {"[ab]c", "ac", true},
        {"[ab]c", "cc", false},
        {"[a-c]x", "bx", true},
        {"[!a-c]x", "bx", false},
        {"[!a-c]x", "dx", true},
        {"[]x", "[]x", true},
        {"[]a]", "]", true},
        {"[^a]", "b", true},
        {"[!a]", "/", false},
        {"\\*", "*", true},
        {"\\*", "a", false},
        {"\\[a]", "[a]", true},
        {"a\\", "a\\", true},
        {"", "", true},
        {"", "a", false},
        {"\xff*", "\xff\xfe", true},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
        if (match(ROWS[i].pattern, ROWS[i].text) != ROWS[i].want)
            fail_msg("%s against %s is not %d", ROWS[i].pattern, ROWS[i].text, ROWS[i].want);
}

/* A backtracking matcher would need longer than anyone waits. */
static void stars_cost_no_time(void **state)
{
    (void)state;
    char pattern[512], text[2048];
    for (size_t i = 0; i + 1 < sizeof pattern; i++) pattern[i] = i % 2 == 0 ? 'a' : '*';
    pattern[sizeof pattern - 1] = 'b';
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_false(ignore_pattern_match(pattern, sizeof pattern, text));
}

static void files(void **state)
{
    (void)state;
    static const char TEXT[] =
        "# a comment\n\n*.tmp.png\n!keep.tmp.png\n/top\nsub/only\nfolder/\n\\#odd\n\\!odd\n"
        "trailing   \r\n";
    static const struct {
        const char *path;
        bool is_dir;
        enum ignore_answer want;
    } ROWS[] = {
        {"a.tmp.png", false, IGNORE_YES},
        {"x/y/a.tmp.png", false, IGNORE_YES},
        {"keep.tmp.png", false, IGNORE_NO},
        {"top", false, IGNORE_YES},
        {"x/top", false, IGNORE_UNSAID},
        {"sub/only", false, IGNORE_YES},
        {"x/sub/only", false, IGNORE_UNSAID},
        {"folder", true, IGNORE_YES},
        {"x/folder", true, IGNORE_YES},
        {"folder", false, IGNORE_UNSAID},
        {"#odd", false, IGNORE_YES},
        {"!odd", false, IGNORE_YES},
        {"trailing", false, IGNORE_YES},
        {"a comment", false, IGNORE_UNSAID},
    };
    struct ignore *ig;
    struct err e = ERR_INIT;
    assert_ok(ignore_open(TEXT, sizeof TEXT - 1, 6, &ig, &e), &e);
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        char path[64];
        snprintf(path, sizeof path, "/base/%s", ROWS[i].path);
        if (ignore_match(ig, path, ROWS[i].is_dir) != ROWS[i].want) fail_msg("%s", ROWS[i].path);
    }
    ignore_close(ig);
    assert_ok(ignore_open("# nothing\n\n", 11, 0, &ig, &e), &e);
    assert_null(ig);
    assert_int_equal(ignore_match(NULL, "a", false), IGNORE_UNSAID);
}

static void bounds(void **state)
{
    (void)state;
    struct ignore *ig;
    struct err e = ERR_INIT;
    char text[2000];
    memset(text, 'a', sizeof text);
    assert_fails(ignore_open(text, sizeof text, 0, &ig, &e), ST_LIMIT, &e, "2000 bytes");
    assert_null(ig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns),
        cmocka_unit_test(stars_cost_no_time),
        cmocka_unit_test(files),
        cmocka_unit_test(bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

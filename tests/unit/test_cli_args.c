/* test_cli_args.c - command lines against a table: every way to write an option, every way to err.
 */
#include "base/near.h"
#include "cli/args.h"
#include "test.h"

static const struct arg_option table[] = {
    {"db", 0, "FILE", "a file"},
    {"count", 'n', "K", "a number"},
    {"relevant", 'r', NULL, "a flag"},
    {NULL, 0, NULL, NULL},
};

enum { WORDS_MAX = 8 };

/* Splits line at blanks (no quoting needed here) and parses it. */
static enum status parse(const char *line, struct args *a, struct err *e)
{
    static char copy[256];
    static char *words[WORDS_MAX];
    int count = 0;
    snprintf(copy, sizeof copy, "%s", line);
    for (char *save, *w = strtok_r(copy, " ", &save); w != NULL; w = strtok_r(NULL, " ", &save))
        words[count++] = w;
    *a = (struct args){.options = table};
    *e = ERR_INIT;
    return args_parse(a, "search", count, words, e);
}

static void reads_every_form(void **state)
{
    (void)state;
    static const char *const lines[] = {"cat --db a.db -n 5 -r dir",
        "--db=a.db -n5 cat dir --relevant", "cat -rn5 --db a.db dir",
        "cat --count=5 -r --db a.db -- dir"};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct args a;
        struct err e;
        int64_t k = 10;
        assert_ok(parse(lines[i], &a, &e), &e);
        assert_string_equal(args_get(&a, "db"), "a.db");
        assert_ok(args_get_count(&a, "count", 100, &k, &e), &e);
        assert_int_equal(k, 5);
        assert_true(args_has(&a, "relevant"));
        assert_false(args_has(&a, "quiet"));
        assert_int_equal(a.word_count, 2);
        assert_string_equal(a.words[0], "cat");
        assert_string_equal(a.words[1], "dir");
    }
}

static void dashes_end_options(void **state)
{
    (void)state;
    struct args a;
    struct err e;
    assert_ok(parse("-q -- -n --db -", &a, &e), &e);
    assert_true(args_has(&a, "quiet"));
    assert_int_equal(a.word_count, 3);
    assert_string_equal(a.words[1], "--db");
    assert_null(args_get(&a, "db"));
    assert_ok(parse("- x", &a, &e), &e); /* a lone dash is a word */
    assert_int_equal(a.word_count, 2);
}

static void refuses(void **state)
{
    (void)state;
    static const struct {
        const char *line, *says;
    } rows[] = {
        {"--relevent", "did you mean --relevant?"},
        {"--zzzzzzzz", "fovea help search lists them"},
        {"--db", "--db needs a value: --db FILE"},
        {"-n", "-n needs a value: -n K"},
        {"-x", "no option -x"},
        {"--relevant=yes", "--relevant takes no value"},
        {"--db a --db b", "--db is given twice"},
        {"--help-me-with-a-very-long-name-that-no-buffer-expects=1", "has no option"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct args a;
        struct err e;
        assert_fails(parse(rows[i].line, &a, &e), ST_INVALID, &e, rows[i].says);
    }
}

static void counts_have_bounds(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "-n 0", "-n -1", "-n 101", "-n 5x", "-n=", "-n 99999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct args a;
        struct err e;
        int64_t k;
        assert_ok(parse(bad[i], &a, &e), &e);
        assert_fails(args_get_count(&a, "count", 100, &k, &e), ST_INVALID, &e, "from 1 to 100");
    }
}

static void measures_distances(void **state)
{
    (void)state;
    assert_int_equal(near_distance("search", "search"), 0);
    assert_int_equal(near_distance("serach", "search"), 1); /* neighbours swapped */
    assert_int_equal(near_distance("serch", "search"), 1);
    assert_int_equal(near_distance("kitten", "sitting"), 3);
    assert_int_equal(near_distance("", "abc"), 3);
    const char *best = NULL;
    near_consider("idnex", "search", &best);
    assert_null(best);
    near_consider("idnex", "index", &best);
    assert_string_equal(best, "index");
    best = NULL;
    near_consider("err", "errors", &best); /* a beginning is near */
    assert_string_equal(best, "errors");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_form),
        cmocka_unit_test(dashes_end_options),
        cmocka_unit_test(refuses),
        cmocka_unit_test(counts_have_bounds),
        cmocka_unit_test(measures_distances),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

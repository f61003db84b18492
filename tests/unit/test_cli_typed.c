/* test_cli_typed.c - where a typed statement ends. */
#include <stdlib.h>

#include "cli/typed.h"
#include "test.h"

static void knows_a_whole_statement(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool complete;
    } rows[] = {
        {"", false},
        {"SELECT 1", false},
        {"SELECT 1;", true},
        {"SELECT 1; -- done", true},
        {"SELECT 1; SELECT 2", false},
        {"SELECT ';", false},
        {"SELECT ';';", true},
        {"SELECT 'it''s;';", true},
        {"SELECT \"a;b\", `c;`, [d;];", true},
        {"SELECT [a;", false},
        {"SELECT 1 -- ;", false},
        {"SELECT 1 /* ; */", false},
        {"SELECT 1 /* ; */ ;", true},
        {"SELECT 1; /* open", false},
        {"CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b;", false},
        {"create temp trigger t after insert on a begin delete from b; end;", true},
        {"CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT CASE WHEN 1 THEN 2 END; END;", true},
        {"CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT CASE WHEN 1 THEN 2 END;", false},
        {"CREATE TABLE t(a); CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1;", false},
        {"CREATE TABLE trigger_list(a);", true},
        {"SEARCH IMAGE text='a; b' USING m AS (SELECT 1);", true},
        {"SELECT 1 \\G", true},
        {"SELECT 1\n\\g\n", true},
        {"SELECT 1 \\Go", false},
        {"SELECT '\\G", false},
        {"SELECT 1 # isn't it;", false},
        {"SELECT 1 # isn't it\n;", true},
        {"SELECT a #> '$.b;' ;", true},
        {"SELECT 1 /* a /* b; */ ; */", false},
        {"SELECT 1 /* a /* b; */ ; */;", true},
        {"SELECT [1, ';'];", true},
        {"SELECT ['a]', ';'];", true},
        {"SELECT E'it\\'s;';", true},
        {"SELECT E'it\\'s;", false},
        {"SELECT 'C:\\';", true},
        {"SEARCH IMAGE text='it\\'s' USING m AS SELECT 'C:\\';", true},
        {"SEARCH IMAGE text='it\\';", false},
        {"SELECT * FROM (PREDICT USING m OPTIONS (a='\\'', b='c') AS SELECT '\\');", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (typed_complete(rows[i].text, strlen(rows[i].text)) != rows[i].complete)
            fail_msg("%s", rows[i].text);
}

static void knows_blanks(void **state)
{
    (void)state;
    static const char *const blank[] = {"", " \n\t", ";;", "-- words", "/* words */ ;\n-- more"};
    static const char *const not_blank[] = {"a", "/* a */ b", "'", "; 1"};
    for (size_t i = 0; i < sizeof blank / sizeof blank[0]; i++)
        assert_true(typed_blank(blank[i], strlen(blank[i])));
    for (size_t i = 0; i < sizeof not_blank / sizeof not_blank[0]; i++)
        assert_false(typed_blank(not_blank[i], strlen(not_blank[i])));
}

static void finds_the_vertical_end(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t at;
        bool vertical;
    } rows[] = {
        {"SELECT 1", 8, false},
        {"SELECT 1\\G", 8, true},
        {"SELECT 1 \\g SELECT 2 \\G", 9, false},
        {"SELECT '\\G' \\G;", 12, true},
        {"-- \\G\nSELECT 1 \\G", 15, true},
        {"SELECT 1\n%%thanosql\nSELECT 2 \\G", 9, false}, /* a notebook's next cell */
        {"%%psql\nSELECT 1 %%a \\G", 20, true},
        {"SELECT '\n%%psql\n' \\G", 18, true},
        {"SELECT 5\n%% 3", 13, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct typed_go go = typed_find_go(rows[i].text, strlen(rows[i].text));
        assert_int_equal(go.at, rows[i].at);
        assert_int_equal(go.vertical, rows[i].vertical);
    }
    assert_int_equal(typed_skip(" -- a\n; # b\n  SELECT", 20), 14);
}

/* Whatever is typed: answers lie inside the text, and a text that is whole stays so with a blank.
 */
static void any_text(void **state)
{
    (void)state;
    static const char *const pieces[] = {"SELECT", " ", ";", "'", "\"", "`", "[", "]", "(", ")",
        "--", "#", "\n", "/*", "*/", "\\", "\\G", "E'", "OPTIONS", "SEARCH", "AS", "CREATE",
        "TRIGGER", "END", "1", "%%", "고", "\xff", "\0"};
    srand(11);
    for (int round = 0; round < 50000; round++) {
        char text[256];
        size_t bytes = 0;
        for (int i = rand() % 20; i > 0; i--) {
            const char *piece = pieces[(size_t)rand() % (sizeof pieces / sizeof pieces[0])];
            size_t n = piece[0] == '\0' ? 1 : strlen(piece);
            memcpy(text + bytes, piece, n);
            bytes += n;
        }
        char *exact = malloc(bytes + 1); /* so that a sanitizer sees a step too far */
        memcpy(exact, text, bytes);
        struct typed_go go = typed_find_go(exact, bytes);
        assert_true(go.at <= bytes && typed_skip(exact, bytes) <= bytes);
        assert_int_equal(typed_blank(exact, bytes), typed_skip(exact, bytes) == bytes);
        bool whole = typed_complete(exact, bytes);
        exact[bytes] = ' ';
        if (whole) assert_true(typed_complete(exact, bytes + 1));
        free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_a_whole_statement),
        cmocka_unit_test(knows_blanks),
        cmocka_unit_test(finds_the_vertical_end),
        cmocka_unit_test(any_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

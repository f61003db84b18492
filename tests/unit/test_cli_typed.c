/* test_cli_typed.c - where a typed statement ends. */
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_a_whole_statement),
        cmocka_unit_test(knows_blanks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

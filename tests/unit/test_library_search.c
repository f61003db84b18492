/* test_library_search.c - exact answers under every condition, and relevance. */
#include <math.h>

#include "library_case.h"

enum { PICTURES = 60 };

static void fill(const struct library_case *c)
{
    char name[64], want[64];
    mkdir(case_path(c, "pics/even"), 0777);
    for (uint64_t i = 0; i < PICTURES; i++) {
        snprintf(name, sizeof name, "pics/%s%02llu.bmp", i % 2 == 0 ? "even/" : "",
            (unsigned long long)i);
        picture_in(c, name, i / 2 * 2 + (i % 10 == 0 ? 0 : i % 2)); /* some are twins: scores tie */
    }
    snprintf(want, sizeof want, "%d|%d|0|0|0", PICTURES, PICTURES);
    assert_string_equal(
        answer(c->f, "SELECT found, indexed, unchanged, removed, failed FROM fovea_index(?1)",
            PARAMS(case_path(c, "pics"))),
        want);
}

/* SQL's own way, row by row, is the specification. */
static void exact(void **state)
{
    struct library_case *c = *state;
    static const char *const WHERE[] = {"1", "id % 3 = 0", "path LIKE '%even%'", "0",
        "width = 24 AND id < 5", "path LIKE '%''%' -- a comment\n OR id > 50"};
    fill(c);
    for (size_t w = 0; w < sizeof WHERE / sizeof WHERE[0]; w++) {
        for (int k = 0; k <= 70; k += 7) {
            char sql[1200];
            snprintf(sql, sizeof sql,
                "WITH naive AS (SELECT path, dotProduct(embedding, embed_text('mini', 'a red "
                "square')) AS d FROM images"
                " WHERE (%s\n) ORDER BY d DESC, path LIMIT %d), ours AS (SELECT * FROM "
                "fovea_search('a red square', %d,"
                " json_object('where', ?1))) SELECT (SELECT group_concat(path) FROM (SELECT path "
                "FROM naive)) IS"
                " (SELECT group_concat(path) FROM (SELECT path FROM ours ORDER BY rank)),"
                " (SELECT count(*) FROM ours) = (SELECT count(*) FROM naive)",
                WHERE[w], k, k);
            const char *said = answer(c->f, sql, PARAMS(WHERE[w]));
            if (strcmp(said, "1|1") != 0) fail_msg("k %d where %s: %s", k, WHERE[w], said);
        }
    }
}

static void under(void **state)
{
    struct library_case *c = *state;
    char sql[400];
    fill(c);
    snprintf(sql, sizeof sql,
        "SELECT count(*), sum(path LIKE '%%even%%') FROM fovea_search('x', 100, "
        "'{\"under\":\"%s/pics/even\"}')",
        c->dir);
    assert_answer(c->f, sql, "30|30");
    snprintf(sql, sizeof sql,
        "SELECT count(*) FROM fovea_search('x', 100, "
        "'{\"under\":[\"%s/pics/eve\",\"%s/pics/even/\"]}')",
        c->dir, c->dir);
    assert_answer(c->f, sql, "30");
    assert_answer(c->f, "SELECT count(*) FROM fovea_search('x', 100, '{\"under\":[]}')", "0");
    assert_answer(c->f, "SELECT count(*) FROM fovea_search('x', 100, '{\"under\":\"/\"}')", "60");
    failure(c->f, "SELECT * FROM fovea_search('x', 1, '{\"under\":\"nosuch\"}')", NULL,
        FOVEA_NOT_FOUND);
}

static void pictures_and_sums(void **state)
{
    struct library_case *c = *state;
    char query[300];
    fill(c);
    snprintf(query, sizeof query, "%s/pics/even/04.bmp", c->dir);
    assert_string_equal(
        answer(c->f,
            "SELECT path LIKE '%/04.bmp', score > 0.99, relevance > 0.5 FROM fovea_search(?1, 1)",
            PARAMS(query)),
        "1|1|1");
    snprintf(query, sizeof query, "%s/pics/even/04.bmp - %s/pics/07.bmp + 0.5:red", c->dir, c->dir);
    assert_string_equal(
        answer(
            c->f, "SELECT count(*), max(score) <= 1.0001 FROM fovea_search(?1, 5)", PARAMS(query)),
        "5|1");
    assert_non_null(
        strstr(failure(c->f, "SELECT * FROM fovea_search('horse - horse')", NULL, FOVEA_INVALID),
            "cancel"));
    assert_non_null(strstr(
        failure(c->f, "SELECT * FROM fovea_search('./nosuch.jpg + x')", NULL, FOVEA_NOT_FOUND),
        "./nosuch.jpg"));
    write_file(case_path(c, "broken.png"), "no picture", 10);
    snprintf(query, sizeof query, "x + %s/broken.png", c->dir);
    assert_non_null(
        strstr(failure(c->f, "SELECT * FROM fovea_search(?1)", PARAMS(query), FOVEA_UNSUPPORTED),
            "broken.png"));
}

static void mistakes(void **state)
{
    struct library_case *c = *state;
    fill(c);
    assert_non_null(
        strstr(failure(c->f, "SELECT * FROM fovea_search('x', -1)", NULL, FOVEA_INVALID), "-1"));
    failure(c->f, "SELECT * FROM fovea_search('x', 100000000)", NULL, FOVEA_LIMIT);
    failure(c->f, "SELECT * FROM fovea_search(NULL)", NULL, FOVEA_INVALID);
    failure(c->f, "SELECT * FROM fovea_search('x', 1, '{\"were\":1}')", NULL, FOVEA_INVALID);
    failure(c->f, "SELECT * FROM fovea_search('x', 1, '[]')", NULL, FOVEA_INVALID);
    assert_string_equal(
        failure(c->f,
            "SELECT * FROM fovea_search('x', 1, '{\"where\":\"id > 1 AND\\n widht = 3\"}')", NULL,
            FOVEA_INVALID),
        "in the condition, line 2, column 2: no such column: widht");
    answer(c->f, "UPDATE images SET embedding = x'00000000' WHERE id = 7", NULL);
    assert_non_null(strstr(
        failure(c->f, "SELECT * FROM fovea_search('x')", NULL, FOVEA_MISMATCH), "images row 7"));
    assert_answer(
        c->f, "SELECT count(*) FROM fovea_search('x', 5, '{\"where\":\"id <> 7\"}')", "5");
}

/* A vector with NaN is found last, and says so. */
static void not_a_number(void **state)
{
    struct library_case *c = *state;
    fill(c);
    answer(c->f,
        "UPDATE images SET embedding = CAST(x'0000c07f' || substr(embedding, 5) AS BLOB) WHERE id "
        "= 3",
        NULL);
    assert_answer(c->f,
        "SELECT id, score IS NULL, relevance IS NULL FROM fovea_search('x', 100) ORDER BY rank "
        "DESC LIMIT 1",
        "3|1|1");
    assert_answer(c->f, "SELECT count(*) FROM fovea_search('x', 60)", "60");
    assert_answer(c->f, "SELECT count(*) FROM fovea_search('x', 59) WHERE score IS NULL", "0");
}

static void relevance(void **state)
{
    struct library_case *c = *state;
    fill(c);
    assert_answer(c->f,
        "SELECT min(relevance) >= 0 AND max(relevance) <= 1 FROM fovea_search('a cat', 100)", "1");
    assert_answer(c->f,
        "SELECT count(*) = (SELECT count(*) FROM fovea_search('a cat', 100) WHERE relevance >= 0.5)"
        " FROM fovea_search('a cat', 100, '{\"relevant\":true}')",
        "1");
    /* the filter changes who answers, not what a score is worth */
    assert_answer(c->f,
        "SELECT count(*), max(abs(a.relevance - b.relevance)) < 1e-12 FROM fovea_search('a cat', "
        "100) a JOIN"
        " fovea_search('a cat', 100, '{\"where\":\"id % 2 = 0\"}') b USING(id)",
        "30|1");
    /* for one picture a higher score is never less relevant: twins have equal both */
    assert_answer(c->f,
        "SELECT count(*) FROM fovea_search('a cat', 100) a JOIN fovea_search('a cat', 100) b"
        " ON a.score = b.score WHERE abs(a.relevance - b.relevance) > 1e-9",
        "0");
    /* without the kept background it is made in memory, the same */
    char before[64];
    snprintf(before, sizeof before, "%s",
        answer(c->f, "SELECT round(sum(relevance), 9) FROM fovea_search('a cat', 100)", NULL));
    answer(c->f, "DELETE FROM fovea_library WHERE key LIKE 'background:%'", NULL);
    assert_answer(c->f, "SELECT round(sum(relevance), 9) FROM fovea_search('a cat', 100)", before);
}

/* The function gives what fovea_search gives beside the score, for its queries and for vectors. */
static void relevance_of_rows(void **state)
{
    struct library_case *c = *state;
    static const char *const QUERIES[] = {"a cat", "a cat + 2:red - night", "pics/even/04.bmp"};
    fill(c);
    for (size_t i = 0; i < sizeof QUERIES / sizeof QUERIES[0]; i++) {
        const char *query = i < 2 ? QUERIES[i] : case_path(c, QUERIES[i]);
        assert_string_equal(
            answer(c->f,
                "SELECT count(*), max(abs(s.relevance - relevance(embedding, ?1))) < 1e-12 FROM"
                " fovea_search(?1, 100) s JOIN images USING (id)",
                PARAMS(query)),
            "60|1");
        assert_string_equal(
            answer(c->f,
                "SELECT count(*) FROM fovea_search(?1, 100, '{\"relevant\":true}') s FULL JOIN"
                " (SELECT id FROM images WHERE relevance(embedding, ?1) >= 0.5) r USING (id)"
                " WHERE s.id IS NULL OR r.id IS NULL",
                PARAMS(query)),
            "0");
    }
    assert_string_equal(
        answer(c->f,
            "SELECT max(abs(s.relevance - relevance(embedding, embed_image('mini', ?1),"
            " '{\"of\":\"picture\"}'))) < 1e-12 FROM fovea_search(?1, 100) s JOIN images USING "
            "(id)",
            PARAMS(case_path(c, QUERIES[2]))),
        "1");
    assert_answer(c->f,
        "SELECT max(abs(relevance(embedding, 'a cat') - relevance(embedding, embed_text('mini',"
        " 'a cat'), '{\"model\":\"mini\"}'))) < 1e-9 FROM images",
        "1");
    /* a query and options of each row's own */
    assert_answer(c->f,
        "SELECT count(DISTINCT relevance(embedding, 'id ' || (id % 2), CASE WHEN id % 2 THEN"
        " '{\"of\":\"text\"}' END)) > 2 FROM images",
        "1");
    assert_answer(c->f,
        "SELECT relevance(NULL, 'x') IS NULL, relevance(embedding, NULL) IS NULL,"
        " relevance(zeroblob(4 * vector_dims(embedding)), 'x') IS NULL FROM images LIMIT 1",
        "1|1|1");
    /* with the nearest rows: the same first ones */
    assert_answer(c->f,
        "SELECT (SELECT group_concat(id) FROM (SELECT id, relevance(embedding, 'a cat') AS r FROM"
        " images ORDER BY cosineDistance(embedding, encode_text('a cat')), path LIMIT 5)) ="
        " (SELECT group_concat(id) FROM fovea_search('a cat', 5))",
        "1");
}

/* Each failure says what was wrong. */
static void relevance_refuses(void **state)
{
    struct library_case *c = *state;
    assert_non_null(strstr(
        failure(c->f, "SELECT relevance(x'00', 'x')", NULL, FOVEA_NOT_FOUND), "fovea index"));
    fill(c);
    static const struct {
        const char *sql;
        enum fovea_status want;
        const char *words;
    } BAD[] = {
        {"SELECT relevance(x'00000000', 'x')", FOVEA_MISMATCH, "column embedding holds vectors"},
        {"SELECT relevance(embedding, x'00') FROM images", FOVEA_MISMATCH, "the query has 1 bytes"},
        {"SELECT relevance('cat', 'x')", FOVEA_INVALID, "the vector is no vector"},
        {"SELECT relevance(embedding, 3) FROM images", FOVEA_INVALID, "the query is no vector"},
        {"SELECT relevance(embedding, '') FROM images", FOVEA_INVALID, "empty"},
        {"SELECT relevance(embedding, 'x', '{\"of\":\"song\"}') FROM images", FOVEA_INVALID,
            "song"},
        {"SELECT relevance(embedding, 'x', '{\"kind\":1}') FROM images", FOVEA_INVALID,
            "model, of"},
        {"SELECT relevance(embedding, 'x', '{\"model\":\"nosuch\"}') FROM images", FOVEA_NOT_FOUND,
            "nosuch"},
    };
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        const char *words = failure(c->f, BAD[i].sql, NULL, BAD[i].want);
        if (strstr(words, BAD[i].words) == NULL) fail_msg("%s: %s", BAD[i].sql, words);
    }
}

static void correlated(void **state)
{
    struct library_case *c = *state;
    fill(c);
    assert_answer(c->f,
        "SELECT count(*), count(DISTINCT q.value) FROM json_each('[\"a\",\"b\"]') q, "
        "fovea_search(q.value, 3)",
        "6|2");
}

static void sheets(void **state)
{
    struct library_case *c = *state;
    fill(c);
    assert_string_equal(answer(c->f,
                            "SELECT contact_sheet(?1, path) FROM (SELECT path FROM "
                            "fovea_search('x', 7) ORDER BY rank)",
                            PARAMS(case_path(c, "sheet.png"))),
        "7");
    struct stat info;
    assert_int_equal(stat(case_path(c, "sheet.png"), &info), 0);
    assert_true(info.st_size > 100);
    assert_string_equal(
        answer(c->f, "SELECT contact_sheet(?1, value) FROM json_each('[\"/nosuch.png\"]')",
            PARAMS(case_path(c, "sheet.png"))),
        "1");
    failure(
        c->f, "SELECT contact_sheet('/nosuch/dir/s.png', path) FROM images", NULL, FOVEA_NOT_FOUND);
}

/* Pictures of 24 pixels' side: never made larger, made smaller, whole as pixels. */
static void shown_pictures(void **state)
{
    struct library_case *c = *state;
    fill(c);
    const char *one = "(SELECT path FROM images ORDER BY path LIMIT 1)";
    char sql[600], want[64];
    snprintf(sql, sizeof sql,
        "SELECT picture_size(%s) = width || '×' || height FROM images ORDER BY path LIMIT 1", one);
    assert_answer(c->f, sql, "1");
    snprintf(sql, sizeof sql,
        "SELECT hex(substr(thumbnail(%s, 12, 'rgb'), 1, 4)), length(thumbnail(%s, 12, 'rgb')) < "
        "8 + 12 * 12 * 3 + 1, picture_size(thumbnail(%s, 4000)) = picture_size(%s)",
        one, one, one, one);
    assert_answer(c->f, sql, "0C000000|1|1");
    snprintf(sql, sizeof sql, "SELECT picture_size(contact_sheet(NULL, path)) FROM images");
    snprintf(want, sizeof want, "750×%d", PICTURES / 5 * 150);
    assert_answer(c->f, sql, want);
    assert_answer(c->f,
        "SELECT picture_size('/nosuch.png') IS NULL, thumbnail(x'00', 5) IS NULL, "
        "picture_size(NULL) IS NULL, thumbnail('/dev/zero', 5) IS NULL",
        "1|1|1|1");
    failure(c->f, "SELECT thumbnail('a', 0)", NULL, FOVEA_INVALID);
    failure(c->f, "SELECT thumbnail('a', 5000)", NULL, FOVEA_INVALID);
    failure(c->f, "SELECT thumbnail('a', 5, 'bmp')", NULL, FOVEA_INVALID);
    failure(c->f, "SELECT contact_sheet('', path) FROM images", NULL, FOVEA_INVALID);
}

static void doctor_and_models(void **state)
{
    struct library_case *c = *state;
    fill(c);
    assert_answer(c->f, "SELECT count(*) FROM fovea_doctor() WHERE status = 'bad'", "0");
    assert_answer(c->f,
        "SELECT count(*) FROM fovea_doctor() WHERE \"check\" IN ('cpu', 'kernels', 'integrity', "
        "'vectors', 'pictures')",
        "5");
    assert_answer(c->f,
        "SELECT dim > 0, parameters > 1000, note LIKE 'here%' FROM fovea_models() WHERE name = "
        "'mini'",
        "1|1|1");
    answer(c->f, "UPDATE images SET embedding = x'00' WHERE id = 2", NULL);
    assert_answer(c->f, "SELECT status FROM fovea_doctor() WHERE \"check\" = 'vectors'", "bad");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(exact),
        CASE(under),
        CASE(pictures_and_sums),
        CASE(mistakes),
        CASE(not_a_number),
        CASE(relevance),
        CASE(relevance_of_rows),
        CASE(relevance_refuses),
        CASE(correlated),
        CASE(sheets),
        CASE(shown_pictures),
        CASE(doctor_and_models),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

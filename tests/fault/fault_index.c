/* fault_index.c - the n-th allocation fails, for every n, through an index and a search.
 *
 * Nothing may crash or leak (ASan tells, in `make asan`), every failure must be said, and the
 * library must be whole: a later run without faults makes it complete.
 */
#include "base/mem.h"
#include "library_case.h"

enum { STEP_SEARCH = 3 };

static enum fovea_status run_once(struct fovea *f, const char *sql, const char *text)
{
    struct fovea_stmt *s = NULL;
    enum fovea_status st = fovea_prepare(f, sql, -1, &s, NULL);
    if (st == FOVEA_OK) st = fovea_bind_text(s, 1, text, -1);
    if (st == FOVEA_OK) st = fovea_step(s);
    fovea_finalize(s);
    return st;
}

static void make_pictures(const struct library_case *c)
{
    picture_in(c, "pics/a.bmp", 1);
    picture_in(c, "pics/b.bmp", 2);
    picture_in(c, "pics/copy.bmp", 1);
    mkdir(case_path(c, "pics/sub"), 0777);
    picture_in(c, "pics/sub/c.bmp", 3);
    write_file(case_path(c, "pics/bad.png"), "no picture", 10);
    write_file(case_path(c, "pics/.foveaignore"), "skip*\n", 6);
}

/* One index into a new file with the n-th allocation failing; true when the fault was not reached.
 */
static bool index_with_fault(const struct library_case *c, uint64_t nth)
{
    struct fovea *f = NULL;
    const char *db = case_path(c, "fault.db");
    mem_fault_set(nth, false);
    enum fovea_status st = fovea_open(db, FOVEA_OPEN_CREATE, &f);
    if (st == FOVEA_OK) st = run_once(f, "SELECT * FROM fovea_index(?1)", case_path(c, "pics"));
    uint64_t made = mem_fault_set(0, false);
    bool said = f == NULL || st == FOVEA_ROW || strlen(fovea_error(f).text) > 0;
    fovea_close(f);
    assert_true(said);
    return made < nth;
}

static void index_sweep(void **state)
{
    struct library_case *c = *state;
    setenv("FOVEA_THREADS", "1", 1); /* so that the n-th allocation is the same one again */
    make_pictures(c);
    bool ended = false;
    uint64_t nth = 1;
    for (; !ended;
         nth += 1 + nth / 150) { /* every early one, then ever fewer: models allocate much */
        unlink(case_path(c, "fault.db"));
        unlink(case_path(c, "fault.db-wal"));
        unlink(case_path(c, "fault.db-shm"));
        ended = index_with_fault(c, nth);
        struct fovea *f;
        assert_int_equal(fovea_open(case_path(c, "fault.db"), FOVEA_OPEN_CREATE, &f), FOVEA_OK);
        assert_string_equal(
            answer(f, "SELECT found, failed FROM fovea_index(?1, '{\"retry\":true}')",
                PARAMS(case_path(c, "pics"))),
            "5|1");
        assert_string_equal(
            answer(f, "SELECT count(*), count(embedding) FROM images", NULL), "4|4");
        assert_string_equal(answer(f, "PRAGMA quick_check", NULL), "ok");
        fovea_close(f);
    }
    print_message("%llu allocations\n", (unsigned long long)nth);
}

static void search_sweep(void **state)
{
    struct library_case *c = *state;
    static const char *const SEARCHES[] = {"SELECT * FROM fovea_search(?1, 3, '{\"where\":\"id > "
                                           "0\",\"under\":\"/\",\"relevant\":false}')",
        "SELECT * FROM fovea_search('x + ' || ?1, 3)",
        "SELECT count(*) FROM fovea_doctor() WHERE ?1 <> ''"};
    make_pictures(c);
    index_pics(c, "{}");
    for (int i = 0; i < STEP_SEARCH; i++) {
        const char *query = i == 0 ? "a cat" : case_path(c, "pics/a.bmp");
        bool ended = false;
        for (uint64_t nth = 1; !ended; nth += 1 + nth / 60) {
            mem_fault_set(nth, false);
            enum fovea_status st = run_once(c->f, SEARCHES[i], query);
            ended = mem_fault_set(0, false) < nth;
            if (st != FOVEA_ROW) assert_true(strlen(fovea_error(c->f).text) > 0);
            assert_int_equal(run_once(c->f, SEARCHES[i], query), FOVEA_ROW);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {CASE(index_sweep), CASE(search_sweep)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* fault_vector.c - each allocation and each call about files fails in turn while a generation and
 * its graph are made from the one before, and while they are opened and searched.
 *
 * Every failure must be said, nothing may leak (ASan tells) or crash, and what opens afterwards is
 * the old generation or the new one, whole.
 */
#include <errno.h>

#include "base/mem.h"
#include "base/sys.h"
#include "vector_life.h"

struct fault {
    uint64_t nth, calls;
    int errnum;
    bool sticky;
};

static int refuse(void *user, const char *call)
{
    struct fault *f = user;
    (void)call;
    f->calls++;
    return f->calls == f->nth || (f->sticky && f->calls > f->nth) ? f->errnum : 0;
}

static const char *const NAMES[] = {"5-1.full", "5-1.codes", "5-1.graph"};

/* The first generation's files, made once. */
struct first {
    uint8_t *data[3];
    size_t bytes[3];
};

static void first_make(struct first *f, struct life *l, struct vector_case *c)
{
    struct err e = ERR_INIT;
    life_init(l);
    assert_ok(life_begin(l, c->dir, &e), &e);
    for (int i = 0; i < 3; i++) f->data[i] = case_read(case_path(c, NAMES[i]), &f->bytes[i]);
}

static void first_deinit(struct first *f, struct life *l)
{
    for (int i = 0; i < 3; i++) free(f->data[i]);
    life_deinit(l);
}

static void fresh(const struct first *f, struct vector_case *c)
{
    case_files(c, true);
    for (int i = 0; i < 3; i++) case_write(case_path(c, NAMES[i]), f->data[i], f->bytes[i]);
}

/* What a disturbed step left: old or new, and the next one makes it new. */
static void assert_recovers(struct life *l, struct vector_case *c, enum status st, bool swept)
{
    struct err e = ERR_INIT;
    bool graph;
    uint64_t number = life_check(l, c->dir, &graph);
    assert_true(number == 1 || number == 2);
    if (number == 1) assert_true(graph);
    if (st == ST_OK) assert_int_equal(number, 2);
    if (swept) vec_generation_sweep(c->dir, LIFE_IX, 1);
    if (st != ST_OK && number == 1) assert_true(case_files(c, false) <= 5); /* 3, lock, graph.tmp */
    assert_ok(life_step(l, c->dir, &e), &e);
    assert_int_equal(life_check(l, c->dir, &graph), 2);
    assert_true(graph);
    vec_generation_sweep(c->dir, LIFE_IX, 2);
    assert_int_equal(case_files(c, false), 4);
}

static void allocations(void **state)
{
    struct vector_case *c = *state;
    struct life l;
    struct first first;
    uint64_t nth = 1;
    first_make(&first, &l, c);
    for (bool ended = false; !ended; nth += 1 + nth / 60) {
        struct err e = ERR_INIT;
        fresh(&first, c);
        mem_fault_set(nth, false);
        enum status st = life_step(&l, c->dir, &e);
        ended = mem_fault_set(0, false) < nth;
        /* a graph that can't be opened is left aside, all else is said */
        assert_true(st == ST_OK || (st == ST_NO_MEMORY && e.text[0] != '\0'));
        assert_recovers(&l, c, st, false);
    }
    print_message("%llu allocations\n", (unsigned long long)nth);
    first_deinit(&first, &l);
}

static void calls(void **state)
{
    struct vector_case *c = *state;
    static const struct {
        int errnum;
        bool sticky;
        enum status st;
    } WAYS[] = {{EIO, false, ST_IO}, {ENOSPC, false, ST_DISK_FULL}, {EIO, true, ST_IO},
        {EROFS, true, ST_READ_ONLY}};
    struct life l;
    struct first first;
    first_make(&first, &l, c);
    for (size_t way = 0; way < sizeof WAYS / sizeof WAYS[0]; way++) {
        struct fault f = {.nth = 1, .errnum = WAYS[way].errnum, .sticky = WAYS[way].sticky};
        for (bool ended = false; !ended; f.nth++) {
            struct err e = ERR_INIT;
            fresh(&first, c);
            f.calls = 0;
            sys_hook_set(refuse, &f);
            enum status st = life_step(&l, c->dir, &e);
            sys_hook_set(NULL, NULL);
            ended = f.calls < f.nth;
            if (ended) assert_int_equal(st, ST_OK);
            /* an old generation that does not open is NOT_FOUND, with why */
            if (st != ST_OK) assert_true(e.text[0] != '\0');
            if (st != ST_OK) assert_true(st == WAYS[way].st || st == ST_NOT_FOUND);
            assert_recovers(&l, c, st, f.sticky);
        }
        print_message("%llu calls fail with %s%s\n", (unsigned long long)f.nth - 2,
            strerror(f.errnum), f.sticky ? " and all after them" : "");
    }
    first_deinit(&first, &l);
}

/* Searches: under each allocation that fails, the right answer or the failure. */
static void searches(void **state)
{
    struct vector_case *c = *state;
    struct life l;
    struct err e = ERR_INIT;
    struct vec_generation *g;
    life_init(&l);
    assert_ok(life_begin(&l, c->dir, &e), &e);
    assert_ok(vec_generation_open(c->dir, LIFE_IX, 0, &g, &e), &e);
    for (uint32_t k = 1; k < 400; k = k * 3 + 1) {
        struct naive want;
        naive_search(&l.before,
            &(struct naive_ask){.metric = METRIC_L2, .query = rows_vector(&l.after, 3), .k = k},
            &want);
        bool ended = false;
        for (uint64_t nth = 1; !ended; nth++) {
            struct vec_index *ix = NULL;
            struct vec_answer answer = {0};
            struct vec_ask ask = {.k = k, .exact = k % 2 == 0};
            mem_fault_set(nth, false);
            enum status st = vec_index_open(g, &ix, &e);
            if (st == ST_OK) st = vec_index_change(ix, 1001, rows_vector(&l.before, 0), &e);
            if (st == ST_OK) st = vec_index_change(ix, 1001, NULL, &e);
            if (st == ST_OK) st = vec_index_search(ix, rows_vector(&l.after, 3), &ask, &answer, &e);
            ended = mem_fault_set(0, false) < nth;
            assert_true(st == ST_OK || st == ST_NO_MEMORY);
            if (st == ST_OK && answer.path < VEC_PATH_GRAPH) assert_hits(&answer.hits, &want);
            if (ended) assert_int_equal(st, ST_OK);
            vec_answer_deinit(&answer);
            vec_index_close(ix);
        }
        free(want.at);
    }
    vec_generation_close(g);
    life_deinit(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {CASE(allocations), CASE(calls), CASE(searches)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

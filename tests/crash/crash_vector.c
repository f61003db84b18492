/* crash_vector.c - killed at each call about files while a generation and its graph are made: what
 * opens is the old generation or the new one, and the next process finishes; and each byte of a
 * small generation flipped: the right answer or a clear error.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/sys.h"
#include "vector/index_parts.h"
#include "vector_life.h"

struct death {
    uint64_t nth, calls;
};

static int die(void *user, const char *call)
{
    struct death *d = user;
    (void)call;
    if (++d->calls == d->nth) kill(getpid(), SIGKILL);
    return 0;
}

/* The step in a process of its own, killed at the n-th call; true when it came through. */
static bool step_killed(struct life *l, const char *dir, uint64_t nth)
{
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct death d = {.nth = nth};
        struct err e = ERR_INIT;
        sys_hook_set(die, &d);
        enum status st = life_step(l, dir, &e);
        if (st != ST_OK) fprintf(stderr, "call %llu: %s\n", (unsigned long long)nth, e.text);
        _exit(st == ST_OK ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status)) assert_int_equal(WEXITSTATUS(status), 0);
    return WIFEXITED(status);
}

static void killed(void **state)
{
    struct vector_case *c = *state;
    struct err e = ERR_INIT;
    struct life l;
    int old = 0, half = 0;
    bool graph, through = false;
    life_init(&l);
    for (uint64_t nth = 1; !through; nth++) {
        case_files(c, true);
        assert_ok(life_begin(&l, c->dir, &e), &e);
        through = step_killed(&l, c->dir, nth);
        uint64_t number = life_check(&l, c->dir, &graph);
        old += number == 1;
        half += number == 2 && !graph;
        if (through) assert_true(number == 2 && graph);
        if (nth % 3 == 0) vec_generation_sweep(c->dir, LIFE_IX, 1);
        /* and killed again, early or late, before one comes through */
        (void)step_killed(&l, c->dir, 1 + nth * 7 % 50);
        assert_ok(life_step(&l, c->dir, &e), &e);
        assert_int_equal(life_check(&l, c->dir, &graph), 2);
        assert_true(graph);
        vec_generation_sweep(c->dir, LIFE_IX, 2);
        assert_int_equal(case_files(c, false), 4);
    }
    print_message(
        "%d kills left the old generation, %d the new one without its graph\n", old, half);
    assert_true(old > 0 && half > 0);
    life_deinit(&l);
}

/* --- flipped bytes ------------------------------------------------------------------------------
 */

enum { SMALL_ROWS = 32, QUESTIONS = 2 };

/* A small index, and what is true of it. */
struct small {
    struct life l; /* only before */
    struct naive want[QUESTIONS];
};

static struct vec_ask question(int i)
{
    return (struct vec_ask){.k = i == 1 ? SMALL_ROWS : 5, .exact = true};
}

static const float *query_of(const struct small *s, int i)
{
    return rows_vector(&s->l.before, (uint32_t)i * 15);
}

static void small_open(struct small *s, const char *dir)
{
    struct err e = ERR_INIT;
    uint64_t seed = 12;
    float v[LIFE_DIM];
    *s = (struct small){.l.before.dim = LIFE_DIM};
    for (uint32_t i = 0; i < SMALL_ROWS; i++) {
        rows_random(&seed, LIFE_DIM, v);
        rows_put(&s->l.before, i * 2, v);
    }
    assert_ok(life_begin(&s->l, dir, &e), &e);
    for (int i = 0; i < QUESTIONS; i++)
        naive_search(&s->l.before,
            &(struct naive_ask){.metric = METRIC_L2, .query = query_of(s, i), .k = question(i).k},
            &s->want[i]);
}

static void small_close(struct small *s)
{
    for (int i = 0; i < QUESTIONS; i++) free(s->want[i].at);
    rows_deinit(&s->l.before);
}

/* Hits that are no rows of the table, or at another distance. */
static uint64_t untrue(const struct small *s, const float *query, const struct vec_list *hits)
{
    uint64_t wrong = 0;
    for (size_t j = 0; j < hits->count; j++) {
        const struct vec_hit *h = &hits->at[j];
        bool is = h->rowid >= 0 && h->rowid % 2 == 0 && h->rowid < 2 * SMALL_ROWS;
        wrong += !is ||
            h->distance !=
                metric_distance(
                    METRIC_L2, query, rows_vector(&s->l.before, (uint32_t)h->rowid / 2), LIFE_DIM);
    }
    return wrong;
}

/* What searches of the files in the folder say: exactly the naive list, and from the graph true
 * rows, as many as were asked for. */
static enum status ask(
    const struct small *s, const char *dir, uint64_t *wrong, uint64_t *graph, struct err *e)
{
    struct vec_generation *g = NULL;
    struct vec_index *ix = NULL;
    struct vec_answer answer = {0};
    enum status st = vec_generation_open(dir, LIFE_IX, 0, &g, e);
    if (st == ST_OK) st = vec_index_open(g, &ix, e);
    for (int i = 0; st == ST_OK && i < QUESTIONS; i++) {
        const struct naive *want = &s->want[i];
        struct vec_ask how = question(i);
        int64_t slot, row = i * 17;
        st = vec_index_search(ix, query_of(s, i), &how, &answer, e);
        for (uint32_t j = 0; st == ST_OK && j < want->count; j++)
            *wrong += j >= answer.hits.count || answer.hits.at[j].rowid != want->at[j].rowid ||
                answer.hits.at[j].distance != want->at[j].distance;
        if (st == ST_OK) st = vec_generation_slot(g, s->l.before.rowid[row], &slot, e);
        if (st == ST_OK) *wrong += slot != row;
        how = (struct vec_ask){.k = how.k, .recall_target = i == 0 ? 0.9 : 0};
        ix->costs.row = ix->costs.code = ix->costs.full = 1e9; /* the graph, if there is one */
        if (st == ST_OK) st = vec_index_search(ix, query_of(s, i), &how, &answer, e);
        if (st == ST_OK) *graph += answer.path == VEC_PATH_GRAPH;
        if (st == ST_OK) *wrong += answer.hits.count < how.k;
        if (st == ST_OK) *wrong += untrue(s, query_of(s, i), &answer.hits);
    }
    vec_answer_deinit(&answer);
    vec_index_close(ix);
    vec_generation_close(g);
    return st;
}

struct tally {
    uint64_t errors, right, graph;
};

/* One byte of the file is another while it is asked. */
static void flip(
    const struct small *s, struct vector_case *c, const char *name, size_t at, struct tally *t)
{
    struct err e = ERR_INIT;
    uint64_t wrong = 0;
    uint8_t byte, other;
    int fd = open(case_path(c, name), O_RDWR);
    assert_true(fd >= 0 && pread(fd, &byte, 1, (off_t)at) == 1);
    other = byte ^ (uint8_t)(1 << at % 8);
    assert_int_equal(pwrite(fd, &other, 1, (off_t)at), 1);
    enum status st = ask(s, c->dir, &wrong, &t->graph, &e);
    assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
    close(fd);
    if (wrong > 0) fail_msg("byte %zu of %s: wrong rows", at, name);
    if (st != ST_OK && ((st != ST_CORRUPT && st != ST_NOT_FOUND) || e.text[0] == '\0'))
        fail_msg("byte %zu of %s: %s", at, name, e.text);
    t->right += st == ST_OK;
    t->errors += st != ST_OK;
}

/* Each byte of each file. */
static void flipped(void **state)
{
    struct vector_case *c = *state;
    static const char *const NAMES[] = {"5-1.full", "5-1.codes", "5-1.graph"};
    struct small s;
    small_open(&s, c->dir);
    for (int file = 0; file < 3; file++) {
        struct tally t = {.errors = 0};
        struct stat is;
        assert_int_equal(stat(case_path(c, NAMES[file]), &is), 0);
        for (size_t at = 0; at < (size_t)is.st_size; at++) flip(&s, c, NAMES[file], at, &t);
        print_message("%s: %llu bytes, %llu said, %llu right, the graph walked %llu times\n",
            NAMES[file], (unsigned long long)is.st_size, (unsigned long long)t.errors,
            (unsigned long long)t.right, (unsigned long long)t.graph);
        assert_true(t.errors > 0 && t.right > 0 && t.graph > 0);
    }
    small_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {CASE(killed), CASE(flipped)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

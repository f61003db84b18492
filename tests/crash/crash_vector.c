/* crash_vector.c - killed at each call about files while a generation and its graph are made: what
 * opens is the old generation or the new one, and the next process finishes; and each byte of a
 * small generation flipped: the right answer or a clear error.
 */
#include <signal.h>
#include <sys/wait.h>

#include "base/sys.h"
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

/* What a search of the files in the folder says. */
static enum status ask(const struct life *l, const char *dir, uint64_t *wrong, struct err *e)
{
    struct vec_generation *g = NULL;
    struct vec_index *ix = NULL;
    struct vec_answer answer = {0};
    enum status st = vec_generation_open(dir, LIFE_IX, 0, &g, e);
    if (st == ST_OK) st = vec_index_open(g, &ix, e);
    for (uint32_t i = 0; st == ST_OK && i < 4; i++) {
        struct naive want;
        const float *query = rows_vector(&l->before, i * 70);
        struct vec_ask how = {.k = i == 3 ? LIFE_ROWS : 8, .exact = true};
        int64_t slot;
        naive_search(&l->before,
            &(struct naive_ask){.metric = METRIC_L2, .query = query, .k = how.k}, &want);
        st = vec_index_search(ix, query, &how, &answer, e);
        for (uint32_t j = 0; st == ST_OK && j < want.count; j++)
            *wrong += j >= answer.hits.count || answer.hits.at[j].rowid != want.at[j].rowid ||
                answer.hits.at[j].distance != want.at[j].distance;
        if (st == ST_OK) st = vec_generation_slot(g, l->before.rowid[i * 50], &slot, e);
        if (st == ST_OK) *wrong += slot != (int64_t)(i * 50);
        how.exact = false;
        if (st == ST_OK) st = vec_index_search(ix, query, &how, &answer, e);
        for (size_t j = 0; st == ST_OK && j < answer.hits.count; j++) {
            const struct vec_hit *h = &answer.hits.at[j];
            *wrong += h->rowid % 2 != 0 || h->rowid >= 2 * LIFE_ROWS ||
                h->distance !=
                    metric_distance(METRIC_L2, query,
                        rows_vector(&l->before, (uint32_t)h->rowid / 2), LIFE_DIM);
        }
        free(want.at);
    }
    vec_answer_deinit(&answer);
    vec_index_close(ix);
    vec_generation_close(g);
    return st;
}

static void flipped(void **state)
{
    struct vector_case *c = *state;
    struct err e = ERR_INIT;
    static const char *const NAMES[] = {"5-1.full", "5-1.codes", "5-1.graph"};
    struct life l;
    uint64_t wrong = 0, errors = 0, right = 0;
    life_init(&l);
    assert_ok(life_begin(&l, c->dir, &e), &e);
    for (int file = 0; file < 3; file++) {
        size_t bytes;
        const char *path = case_path(c, NAMES[file]);
        char kept[512];
        memcpy(kept, path, sizeof kept);
        uint8_t *data = case_read(kept, &bytes);
        /* every byte of the head's facts, then ever another one of each stretch */
        for (size_t at = 0; at < bytes; at += at < 1200 ? 1 : 97) {
            data[at] ^= (uint8_t)(1 << at % 8);
            case_write(kept, data, bytes);
            data[at] ^= (uint8_t)(1 << at % 8);
            e = ERR_INIT;
            enum status st = ask(&l, c->dir, &wrong, &e);
            if (st == ST_OK)
                right++;
            else
                errors += (st == ST_CORRUPT || st == ST_NOT_FOUND) && e.text[0] != '\0';
            if (st != ST_OK && st != ST_CORRUPT && st != ST_NOT_FOUND)
                fail_msg("byte %zu of %s: %s", at, NAMES[file], e.text);
            if (wrong > 0) fail_msg("byte %zu of %s: wrong rows", at, NAMES[file]);
        }
        case_write(kept, data, bytes);
        free(data);
    }
    print_message("%llu flips: said, %llu: right answer\n", (unsigned long long)errors,
        (unsigned long long)right);
    assert_true(errors > 0 && right > 0);
    life_deinit(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {CASE(killed), CASE(flipped)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

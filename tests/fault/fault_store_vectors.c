/* fault_store_vectors.c - the n-th allocation fails, for many n, in a first search, in one that
 * follows changes, and in a compaction: nothing leaks or crashes (ASan tells, in `make asan`), the
 * answer is that of the rows or "out of memory", and afterwards everything works.
 *
 * SQLite has its own allocator; ours is what fails. The same for the n-th call that makes, maps or
 * keeps a file.
 */
#include "store_vectors_case.h"

#include <errno.h>

#include "base/sys.h"

enum { EVERY = 60 }; /* so many early allocations one by one; a build makes many alike */

static void check(enum status rc, const struct err *e)
{
    if (rc != ST_OK && rc != ST_NO_MEMORY) fail_msg("%s: %s", status_row(rc)->name, e->text);
}

/* How many allocations it took. */
static uint64_t search(struct vectors_case *c, uint64_t nth)
{
    struct err e = ERR_INIT;
    struct store_vectors_ask ask = {.table = "t", .column = "v", .metric = METRIC_L2};
    struct store_vectors *v;
    struct vec_ask how = {.k = K, .exact = true};
    const float query[DIM] = {1, 2, 3};
    mem_fault_set(nth, false);
    enum status rc = store_vectors_get(c->s, &ask, &v, &e);
    bool index = rc == ST_OK && v != NULL;
    if (index) rc = store_vectors_search(v, query, &how, &c->answer, &e);
    store_vectors_wait(c->s);
    uint64_t made = mem_fault_set(0, false);
    check(rc, &e);
    if (!index || rc != ST_OK) return made;
    struct case_pair *want;
    size_t n = case_brute(c->s, "t", METRIC_L2, query, &want);
    case_compare(c, want, n);
    mem_free(want);
    return made;
}

static uint64_t compact(struct vectors_case *c, uint64_t nth)
{
    struct err e = ERR_INIT;
    struct store_index *all = NULL;
    size_t count = 0;
    mem_fault_set(nth, false);
    enum status rc = store_index_list(c->s, &all, &count, &e);
    if (rc == ST_OK) rc = store_index_compact(c->s, &all[0], NULL, &e);
    uint64_t made = mem_fault_set(0, false);
    mem_free(all);
    check(rc, &e);
    return made;
}

static void restore(struct vectors_case *c)
{
    char command[256];
    store_close(c->s);
    snprintf(command, sizeof command, "cd %s && rm -rf a.db* && cp base.db a.db", c->dir);
    assert_int_equal(system(command), 0);
    c->s = case_open(c->path);
}

static void nothing(struct vectors_case *c)
{
    (void)c;
}

static void change(struct vectors_case *c)
{
    case_exec(c->s,
        "UPDATE t SET v=zeroblob(32) WHERE id % 50 = 7;"
        "DELETE FROM t WHERE id=(SELECT max(id) FROM t)");
}

static void sweep(struct vectors_case *c, void (*before)(struct vectors_case *c),
    uint64_t (*act)(struct vectors_case *c, uint64_t nth))
{
    uint64_t nth = 0, made;
    do {
        nth += nth < EVERY ? 1 : nth / 12;
        before(c);
        made = act(c, nth);
    } while (made >= nth);
    print_message("%llu allocations\n", (unsigned long long)made);
    case_found(c, c->s, "t");
}

static void every_allocation(void **state)
{
    struct vectors_case *c = *state;
    char copy[160];
    setenv("FOVEA_THREADS", "1", 1); /* so that the n-th allocation is the same one again */
    case_declare(c->s, "t");
    case_fill(c->s, &c->seed, "t", ROWS);
    snprintf(copy, sizeof copy, "VACUUM INTO '%s/base.db'", c->dir);
    case_exec(c->s, copy);
    sweep(c, restore, search);
    sweep(c, nothing, search);
    sweep(c, change, search);
    sweep(c, change, compact);
}

/* --- files ---------------------------------------------------------------------------------------
 */

struct failing {
    int left, error;
};

static int fail_at(void *user, const char *call)
{
    struct failing *f = user;
    (void)call;
    return --f->left == 0 ? f->error : 0;
}

/* A call that fails is no error of a search, and an error of a compaction that says what it was. */
static void every_call(void **state)
{
    struct vectors_case *c = *state;
    char copy[160];
    setenv("FOVEA_THREADS", "1", 1);
    case_declare(c->s, "t");
    case_fill(c->s, &c->seed, "t", ROWS);
    snprintf(copy, sizeof copy, "VACUUM INTO '%s/base.db'", c->dir);
    case_exec(c->s, copy);
    int from_rows = 0, nth = 0;
    struct failing f = {.left = 0};
    while (f.left <= 0) {
        restore(c);
        f = (struct failing){++nth, nth % 2 == 0 ? ENOSPC : EIO};
        sys_hook_set(fail_at, &f);
        from_rows += !case_search(c, c->s, "t", METRIC_L2);
        sys_hook_set(NULL, NULL);
        case_again(c);
        case_found(c, c->s, "t");
    }
    print_message("%d calls, %d times from the rows\n", nth - 1, from_rows);
    assert_true(from_rows > 10);
    int failed = 0;
    f.left = 0;
    for (nth = 0; f.left <= 0;) {
        struct err e = ERR_INIT;
        struct store_index *all;
        size_t count;
        change(c);
        assert_ok(store_index_list(c->s, &all, &count, &e), &e);
        f = (struct failing){++nth, EIO};
        sys_hook_set(fail_at, &f);
        enum status rc = store_index_compact(c->s, &all[0], NULL, &e);
        sys_hook_set(NULL, NULL);
        mem_free(all);
        if (rc != ST_OK) assert_true(e.text[0] != '\0');
        failed += rc != ST_OK;
        case_found(c, c->s, "t");
    }
    print_message("%d calls, %d failed\n", nth - 1, failed);
    assert_true(failed > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {CASE(every_allocation), CASE(every_call)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

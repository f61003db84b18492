/* crash_store_vectors.c - killed at the n-th call that makes, maps or keeps a file, for every n,
 * in a first search, in a build of a graph and in a compaction after changes: reopened, the answer
 * is that of the rows, and the next search or build comes through.
 */
#include "store_vectors_case.h"

#include <signal.h>
#include <sys/wait.h>

#include "base/sys.h"

struct killer {
    int left;
};

static int kill_at(void *user, const char *call)
{
    struct killer *k = user;
    (void)call;
    if (--k->left == 0) raise(SIGKILL);
    return 0;
}

static void first_search(struct vectors_case *c)
{
    (void)case_search(c, c->s, "t", METRIC_L2);
}

static void build(struct vectors_case *c)
{
    struct err e = ERR_INIT;
    struct store_index_name name = {.table = "t", .name = "i"};
    struct store_index ix;
    assert_ok(store_index_find(c->s, &name, &ix, &e), &e);
    assert_ok(store_index_materialize(c->s, &ix, NULL, &e), &e);
}

static void compact(struct vectors_case *c)
{
    struct err e = ERR_INIT;
    struct store_index *all;
    size_t count;
    case_exec(c->s,
        "UPDATE t SET v=zeroblob(32) WHERE id % 50 = abs(random()) % 50;"
        "DELETE FROM t WHERE id=(SELECT max(id) FROM t)");
    assert_ok(store_index_list(c->s, &all, &count, &e), &e);
    assert_ok(store_index_compact(c->s, &all[0], NULL, &e), &e);
    mem_free(all);
}

/* Whether the child came through. */
static bool run_child(struct vectors_case *c, int nth, void (*act)(struct vectors_case *c))
{
    store_close(c->s); /* a child may not use what its parent opened */
    c->s = NULL;
    pid_t child = fork();
    if (child == 0) {
        struct killer k = {nth};
        c->s = case_open(c->path);
        sys_hook_set(kill_at, &k);
        act(c);
        sys_hook_set(NULL, NULL);
        store_close(c->s);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    c->s = case_open(c->path);
    assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    return !WIFSIGNALED(status);
}

static void restore(struct vectors_case *c)
{
    char command[256];
    store_close(c->s);
    snprintf(command, sizeof command, "cd %s && rm -rf a.db* && cp base.db a.db", c->dir);
    assert_int_equal(system(command), 0);
    c->s = case_open(c->path);
}

static void keep(struct vectors_case *c)
{
    (void)c;
}

static void at_every_call(struct vectors_case *c, void (*before)(struct vectors_case *c),
    void (*act)(struct vectors_case *c))
{
    int nth = 0;
    bool through = false;
    while (!through) {
        before(c);
        through = run_child(c, ++nth, act);
        assert_int_equal(
            case_int(c->s, "SELECT count(*) FROM pragma_quick_check WHERE quick_check='ok'"), 1);
        case_found(c, c->s, "t");
    }
    print_message("%d calls\n", nth - 1);
    assert_true(nth > 5);
}

static void killed_at_every_call(void **state)
{
    struct vectors_case *c = *state;
    struct err e = ERR_INIT;
    char copy[160];
    struct store_index ix = {
        .name = "i", .table = "t", .column = "v", .metric = METRIC_L2, .graph = true};
    setenv("FOVEA_THREADS", "1", 1);
    case_declare(c->s, "t");
    case_fill(c->s, &c->seed, "t", ROWS);
    snprintf(copy, sizeof copy, "VACUUM INTO '%s/base.db'", c->dir);
    case_exec(c->s, copy);
    at_every_call(c, restore, first_search);
    at_every_call(c, keep, compact);
    restore(c);
    assert_ok(store_index_create(c->s, &ix, false, &ix, &e), &e);
    snprintf(copy, sizeof copy, "rm -f %s/base.db", c->dir);
    assert_int_equal(system(copy), 0);
    snprintf(copy, sizeof copy, "VACUUM INTO '%s/base.db'", c->dir);
    case_exec(c->s, copy);
    at_every_call(c, restore, build);
}

int main(void)
{
    const struct CMUnitTest tests[] = {CASE(killed_at_every_call)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* crash_index.c - an index run killed again and again ends as one that was left alone.
 *
 * A child process indexes a folder of made pictures, some of them broken, and is killed after a
 * seeded while; then the next one goes on. When a run has come through, paths, hashes and reasons
 * must equal those of an uninterrupted library, and every vector must be within 1e-6.
 */
#include <math.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/run.h"
#include "library_case.h"

enum { PICTURES = 800, BROKEN_EVERY = 20, KILLS = 20 };

static void make_pictures(const struct library_case *c)
{
    for (uint64_t i = 0; i < PICTURES; i++) {
        char name[64];
        snprintf(name, sizeof name, "pics/%llu", (unsigned long long)i % 7);
        mkdir(case_path(c, name), 0777);
        snprintf(name, sizeof name, "pics/%llu/%04llu.bmp", (unsigned long long)i % 7,
            (unsigned long long)i);
        picture_in(c, name, i);
        if (i % BROKEN_EVERY == 0)
            assert_int_equal(truncate(case_path(c, name), (off_t)(i % 60)), 0);
    }
}

/* Indexes pics/ into db and exits; 0 when it came through. */
static pid_t start_child(const struct library_case *c, const char *db)
{
    pid_t child = fork();
    if (child != 0) return child;
    struct fovea *f;
    struct fovea_stmt *s;
    int code = 1;
    if (fovea_open(case_path(c, db), FOVEA_OPEN_CREATE, &f) == FOVEA_OK &&
        fovea_prepare(f, "SELECT * FROM fovea_index(?1)", -1, &s, NULL) == FOVEA_OK &&
        fovea_bind_text(s, 1, case_path(c, "pics"), -1) == FOVEA_OK && fovea_step(s) == FOVEA_ROW)
        code = 0;
    else
        fprintf(stderr, "%s\n", fovea_error(f).text);
    _exit(code);
}

static int wait_for(pid_t child)
{
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void compare(const struct library_case *c)
{
    assert_string_equal(answer(c->f, "SELECT 1 FROM (SELECT 1) WHERE 0", NULL), "");
    answer(c->f, "ATTACH ?1 AS whole", PARAMS(case_path(c, "whole.db")));
    assert_answer(c->f, "SELECT count(*) FROM main.images", "760");
    assert_answer(c->f, "SELECT count(*) FROM main.image_errors", "40");
    assert_answer(c->f,
        "SELECT count(*) FROM main.images a JOIN whole.images b USING(path) WHERE a.hash = b.hash",
        "760");
    assert_answer(c->f,
        "SELECT count(*) FROM main.image_errors a JOIN whole.image_errors b USING(path, reason)",
        "40");
    assert_answer(c->f,
        "SELECT max(L2Distance(a.embedding, b.embedding)) < 1e-6 FROM main.images a JOIN "
        "whole.images b"
        " USING(path)",
        "1");
    assert_answer(c->f, "PRAGMA main.quick_check", "ok");
}

/* The library holds some of the pictures, and is whole as far as it goes. */
static bool is_halfway(struct library_case *c)
{
    open_library(c, FOVEA_OPEN_CREATE);
    assert_answer(c->f, "PRAGMA quick_check", "ok");
    bool made =
        strcmp(answer(c->f, "SELECT count(*) FROM sqlite_schema WHERE name = 'image_errors'", NULL),
            "1") == 0;
    int rows = made ? (int)strtol(answer(c->f, "SELECT count(*) FROM images", NULL), NULL, 10) : 0;
    fovea_close(c->f);
    c->f = NULL;
    return rows > 0 && rows < PICTURES - PICTURES / BROKEN_EVERY;
}

/* A run that came through leaves nothing to kill: from the start again. */
static void forget(const struct library_case *c)
{
    unlink(case_path(c, "l.db"));
    unlink(case_path(c, "l.db-wal"));
    unlink(case_path(c, "l.db-shm"));
}

static void killed_and_killed(void **state)
{
    struct library_case *c = *state;
    uint64_t seed = 2026;
    fovea_close(c->f); /* a child may not use what its parent opened */
    c->f = NULL;
    make_pictures(c);
    int64_t begin_ms = run_now_ms();
    assert_int_equal(wait_for(start_child(c, "whole.db")), 0);
    uint64_t whole_us = (uint64_t)(run_now_ms() - begin_ms) * 1000 + 1;
    int came_through = 0, halfway = 0;
    for (int kill_count = 0; kill_count < KILLS; kill_count++) {
        pid_t child = start_child(c, "l.db");
        usleep((useconds_t)(test_random(&seed) % (whole_us / 2)));
        kill(child, SIGKILL);
        bool through = wait_for(child) == 0;
        came_through += through;
        halfway += is_halfway(c);
        if (through) forget(c);
    }
    assert_int_equal(wait_for(start_child(c, "l.db")), 0);
    print_message("%d kills: %d left a part, %d came too late\n", KILLS, halfway, came_through);
    assert_true(halfway > 0);
    open_library(c, 0);
    compare(c);
    assert_string_equal(index_pics(c, "{}"), "800|0|760|0|40|0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {CASE(killed_and_killed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

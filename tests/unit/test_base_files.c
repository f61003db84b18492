/* test_base_files.c - files, hashes, queues, run control. */
#include "test.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/queue.h"
#include "base/run.h"

static char dir[64];

static int set_up(void **state)
{
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/fovea-test-XXXXXX");
    return mkdtemp(dir) == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", dir);
    return system(command);
}

static char *in_dir(const char *name)
{
    char *path = file_join(dir, name);
    assert_non_null(path);
    return path;
}

static void test_write_read_map(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct buf b;
    struct file_map m;
    buf_init(&b);
    char *path = in_dir("a file");
    assert_ok(file_write_atomic(path, "first", 5, &e), &e);
    assert_ok(file_write_atomic(path, "second!", 7, &e), &e);
    assert_ok(file_read(path, 100, &b, &e), &e);
    assert_string_equal(b.data, "second!");
    assert_ok(file_map_open(path, &m, &e), &e);
    assert_memory_equal(m.data, "second!", 7);
    file_map_close(&m);
    buf_clear(&b);
    assert_fails(file_read(path, 3, &b, &e), ST_LIMIT, &e, "7 bytes, at most 3");
    buf_deinit(&b);
    mem_free(path);
}

static void test_only_regular_files_are_opened(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct file_map m;
    char *fifo = in_dir("fifo"), *gone = in_dir("gone"), *empty = in_dir("empty");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_fails(file_map_open(fifo, &m, &e), ST_INVALID, &e, "not a regular file");
    assert_fails(file_map_open(dir, &m, &e), ST_INVALID, &e, "is a folder");
    assert_fails(file_map_open(gone, &m, &e), ST_NOT_FOUND, &e, "No such file");
    assert_ok(file_write_atomic(empty, "", 0, &e), &e);
    assert_ok(file_map_open(empty, &m, &e), &e);
    assert_int_equal(m.bytes, 0);
    file_map_close(&m);
    mem_free(fifo);
    mem_free(gone);
    mem_free(empty);
}

static void test_dirs_are_made(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    char *deep = in_dir("x/y/z"), *file = in_dir("plain"), *below = in_dir("plain/q");
    assert_ok(file_make_dirs(deep, &e), &e);
    assert_ok(file_make_dirs(deep, &e), &e);
    assert_true(file_is_dir(deep));
    assert_ok(file_write_atomic(file, "x", 1, &e), &e);
    assert_true(file_make_dirs(below, &e) != ST_OK);
    assert_string_equal(file_base_name(deep), "z");
    mem_free(deep);
    mem_free(file);
    mem_free(below);
}

static void test_hashes_match_published_values(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    char hex[HASH_SHA256_CHARS], content[HASH_CONTENT_CHARS];
    char *path = in_dir("abc");
    assert_ok(file_write_atomic(path, "abc", 3, &e), &e);
    assert_ok(hash_sha256_file(path, hex, &e), &e);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    hash_content("", 0, content);
    assert_string_equal(content, "99aa06d3014798d86001c324468d497f");
    mem_free(path);
}

static void *produce(void *arg)
{
    struct queue *q = arg;
    for (intptr_t i = 1; i <= 1000; i++) queue_put(q, (void *)i);
    queue_end(q);
    return NULL;
}

static void test_queue_keeps_order_and_ends(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct queue *q;
    pthread_t t;
    assert_ok(queue_open(7, &q, &e), &e);
    assert_int_equal(pthread_create(&t, NULL, produce, q), 0);
    for (intptr_t want = 1; want <= 1000; want++) assert_int_equal((intptr_t)queue_take(q), want);
    assert_null(queue_take(q));
    assert_false(queue_put(q, q));
    pthread_join(t, NULL);
    queue_close(q);
}

static void test_run_stops(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    atomic_int cancel = 0;
    struct run run = {.cancel = &cancel};
    assert_ok(run_check(NULL, &e), &e);
    assert_ok(run_check(&run, &e), &e);
    run.deadline_ms = run_now_ms();
    assert_fails(run_check(&run, &e), ST_TIMEOUT, &e, "deadline");
    atomic_store(&cancel, 1);
    assert_fails(run_check(&run, &e), ST_CANCELLED, &e, "cancelled");
    assert_true(run_threads(NULL) >= 1);
    run.threads = 3;
    assert_int_equal(run_threads(&run), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_write_read_map, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_only_regular_files_are_opened, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_dirs_are_made, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hashes_match_published_values, set_up, tear_down),
        cmocka_unit_test(test_queue_keeps_order_and_ends),
        cmocka_unit_test(test_run_stops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

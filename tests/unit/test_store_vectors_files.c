/* test_store_vectors_files.c - files beside the database that are gone, old, foreign, damaged or
 * can't be written; several processes; kills. The answer is always that of the rows. */
#include "store_vectors_case.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/run.h"

static void sh(struct vectors_case *c, const char *command)
{
    char line[512];
    snprintf(line, sizeof line, "cd %s && %s", c->dir, command);
    assert_int_equal(system(line), 0);
}

static void change_some(struct vectors_case *c, struct store *s, int count)
{
    bool alone = !store_in_transaction(s);
    if (alone) case_exec(s, "BEGIN");
    for (int i = 0; i < count; i++)
        (void)case_try(s, &c->seed, "UPDATE t SET v=?1 WHERE id=?2",
            (int64_t)(test_random(&c->seed) % ROWS) + 1);
    if (alone) case_exec(s, "COMMIT");
}

static struct store_index index_of(struct vectors_case *c)
{
    struct store_vectors *v = case_get(c, c->s, "t", METRIC_L2);
    assert_non_null(v);
    return *store_vectors_index(v);
}

static void compact(struct vectors_case *c)
{
    struct err e = ERR_INIT;
    struct store_index ix = index_of(c);
    assert_ok(store_index_compact(c->s, &ix, NULL, &e), &e);
}

static void deleted_files_come_back(void **state)
{
    struct vectors_case *c = *state;
    case_begin(c);
    sh(c, "rm -r a.db-vec");
    case_found(c, c->s, "t"); /* mapped still */
    case_again(c);
    sh(c, "test ! -e a.db-vec");
    case_found(c, c->s, "t");
    sh(c, "test -e a.db-vec/1-1.codes");
}

static void a_graph_comes_back_too(void **state)
{
    struct vectors_case *c = *state;
    struct err e = ERR_INIT;
    struct store_index ix = {
        .name = "i", .table = "t", .column = "v", .metric = METRIC_L2, .graph = true};
    case_fill(c->s, &c->seed, "t", ROWS);
    assert_ok(store_index_create(c->s, &ix, false, &ix, &e), &e);
    assert_ok(store_index_materialize(c->s, &ix, NULL, &e), &e);
    sh(c, "test -e a.db-vec/1-1.graph && rm -r a.db-vec");
    case_again(c);
    case_found(c, c->s, "t");
    store_vectors_wait(c->s);
    sh(c, "test -e a.db-vec/1-1.graph");
    case_found(c, c->s, "t");
    struct store_index_state st;
    assert_ok(store_index_state(c->s, &ix, &st, &e), &e);
    assert_true(st.has_graph);
    /* Changes enough, and the next generation has one as well. */
    change_some(c, c->s, ROWS);
    case_found(c, c->s, "t");
    store_vectors_wait(c->s);
    case_found(c, c->s, "t");
    assert_ok(store_index_state(c->s, &ix, &st, &e), &e);
    assert_true(st.has_graph && st.generation > 1 && st.tail + st.dead == 0);
    assert_int_equal(case_int(c->s, "SELECT count(*) FROM fovea_log"), 1);
}

static void backups_and_files_of_other_times(void **state)
{
    struct vectors_case *c = *state;
    case_begin(c);
    change_some(c, c->s, 50);
    case_found(c, c->s, "t");
    store_close(c->s);
    sh(c, "cp a.db old.db && cp -r a.db-vec old.db-vec");
    c->s = case_open(c->path);
    change_some(c, c->s, 900);
    compact(c);
    case_exec(c->s, "DELETE FROM t WHERE id % 10 = 0");
    case_found(c, c->s, "t");
    store_close(c->s);
    sh(c, "cp a.db new.db && cp -r a.db-vec new.db-vec");
    /* The older file beside newer ones, going its own way from there. */
    sh(c, "cp old.db a.db; rm -f a.db-wal a.db-shm");
    c->s = case_open(c->path);
    case_from_rows(c, c->s, "newer than this transaction");
    store_vectors_wait(c->s);
    case_found(c, c->s, "t");
    change_some(c, c->s, 1000);
    case_found(c, c->s, "t");
    compact(c);
    case_found(c, c->s, "t");
    store_close(c->s);
    /* The newer file beside older ones, whose place in the log was trimmed. */
    sh(c, "cp new.db a.db; rm -rf a.db-wal a.db-shm a.db-vec; cp -r old.db-vec a.db-vec");
    c->s = case_open(c->path);
    case_found(c, c->s, "t");
    store_close(c->s);
    /* The older file again, written on before anybody looks: its log has rows of its own where the
     * files' place is. */
    sh(c, "cp old.db a.db; rm -rf a.db-wal a.db-shm a.db-vec; cp -r new.db-vec a.db-vec");
    c->s = case_open(c->path);
    for (int i = 0; i < 20; i++) change_some(c, c->s, 100);
    case_found(c, c->s, "t");
    store_close(c->s);
    /* Both beside each other. */
    sh(c, "cp old.db a.db; rm -rf a.db-vec; cp -r new.db-vec a.db-vec; cp old.db-vec/* a.db-vec/");
    c->s = case_open(c->path);
    case_found(c, c->s, "t");
}

static void files_of_another_database(void **state)
{
    struct vectors_case *c = *state;
    case_begin(c);
    store_close(c->s);
    sh(c, "mv a.db-vec b.db-vec; rm a.db");
    c->s = case_open(c->path);
    case_exec(c->s, CASE_TABLE);
    sh(c, "mv b.db-vec a.db-vec");
    c->seed = 99;
    case_begin(c);
    assert_int_equal(index_of(c).ix, 1);
}

static void damaged_files(void **state)
{
    struct vectors_case *c = *state;
    case_begin(c);
    const char *files[] = {"full", "codes"};
    for (int i = 0; i < 40; i++) {
        char path[512];
        char *dir = file_join(c->dir, "a.db-vec");
        DIR *d = opendir(dir);
        struct dirent *f;
        path[0] = '\0';
        while ((f = readdir(d)) != NULL)
            if (strstr(f->d_name, files[i % 2]) != NULL)
                snprintf(path, sizeof path, "%s/%s", dir, f->d_name);
        closedir(d);
        mem_free(dir);
        assert_true(path[0] != '\0');
        store_close(c->s);
        struct stat st;
        assert_int_equal(stat(path, &st), 0);
        int fd = open(path, O_RDWR);
        off_t at = (off_t)(test_random(&c->seed) % (uint64_t)st.st_size);
        unsigned char byte;
        assert_int_equal(pread(fd, &byte, 1, at), 1);
        byte ^= (unsigned char)(1 << test_random(&c->seed) % 8);
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
        close(fd);
        c->s = case_open(c->path);
        for (int q = 0; q < 3; q++) {
            struct err e = ERR_INIT;
            float query[DIM];
            struct vec_ask ask = {.k = K, .exact = true};
            struct case_pair *want;
            case_vector(&c->seed, query);
            struct store_vectors *v = case_get(c, c->s, "t", METRIC_L2);
            if (v == NULL) continue;
            enum status rc = store_vectors_search(v, query, &ask, &c->answer, &e);
            if (rc == ST_CORRUPT) continue;
            assert_ok(rc, &e);
            size_t n = case_brute(c->s, "t", METRIC_L2, query, &want);
            case_compare(c, want, n);
            mem_free(want);
        }
        store_vectors_wait(c->s);
        change_some(c, c->s, 3);
    }
    case_found(c, c->s, "t");
}

static void a_read_only_file(void **state)
{
    struct vectors_case *c = *state;
    case_begin(c);
    change_some(c, c->s, 10);
    struct err e = ERR_INIT;
    struct store *s;
    const struct store_options how = {.read_only = true};
    assert_ok(store_open(c->path, &how, &s, &e), &e);
    assert_true(case_search(c, s, "t", METRIC_L2));
    sh(c, "rm -r a.db-vec");
    store_close(s);
    assert_ok(store_open(c->path, &how, &s, &e), &e);
    assert_false(case_search(c, s, "t", METRIC_L2));
    assert_string_equal(c->why, "the file is read-only");
    store_close(s);
}

static void a_full_disk(void **state)
{
    struct vectors_case *c = *state;
    case_declare(c->s, "t");
    case_fill(c->s, &c->seed, "t", ROWS);
    case_exec(c->s, "PRAGMA wal_checkpoint(TRUNCATE)");
    struct rlimit was, small;
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &was);
    small = (struct rlimit){.rlim_cur = 60000, .rlim_max = was.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    case_from_rows(c, c->s, "");
    setrlimit(RLIMIT_FSIZE, &was);
    sh(c, "test -z \"$(ls a.db-vec 2>/dev/null | grep -v lock)\"");
    case_again(c);
    case_found(c, c->s, "t");
}

static void an_outgrown_generation(void **state)
{
    struct vectors_case *c = *state;
    case_begin(c);
    case_exec(c->s,
        "INSERT INTO t(v) SELECT a.v FROM t a JOIN (SELECT 1 UNION SELECT 2 UNION"
        " SELECT 3)");
    case_again(c);
    case_found(c, c->s, "t");
    struct store_vectors *v = case_get(c, c->s, "t", METRIC_L2);
    assert_int_equal(vec_index_rows(store_vectors_state(v)), 4 * ROWS);
    assert_int_equal(vec_index_tail(store_vectors_state(v)), 0);
}

static void attached_files_have_their_own(void **state)
{
    struct vectors_case *c = *state;
    struct err e = ERR_INIT;
    char sql[256];
    snprintf(sql, sizeof sql, "ATTACH '%s/b.db' AS b; CREATE TABLE b.t(id INTEGER PRIMARY KEY, v);",
        c->dir);
    case_begin(c);
    case_exec(c->s, sql);
    case_exec(c->s,
        "INSERT INTO b.t(v) SELECT v FROM main.t WHERE id > 100;"
        "CREATE TABLE b.fovea_columns(tbl,col,model,fingerprint,dim,metric);"
        "INSERT INTO b.fovea_columns VALUES('t','v',NULL,NULL,8,'L2')");
    struct store_vectors_ask ask = {"b", "t", "v", METRIC_L2, NULL, ""};
    struct store_vectors *v;
    for (int round = 0; round < 3; round++) {
        assert_ok(store_vectors_get(c->s, &ask, &v, &e), &e);
        if (v == NULL) fail_msg("%s", ask.why);
        struct vec_ask how = {.k = K, .exact = true};
        float query[DIM] = {1, 2};
        struct case_pair *want;
        assert_ok(store_vectors_search(v, query, &how, &c->answer, &e), &e);
        size_t n = case_brute(c->s, "b.t", METRIC_L2, query, &want);
        case_compare(c, want, n);
        mem_free(want);
        case_exec(c->s, "UPDATE b.t SET v=zeroblob(32) WHERE id % 7 = 1");
    }
    sh(c, "test -e b.db-vec/1-1.codes");
    /* Another file by the same name. */
    case_exec(c->s, "DETACH b");
    assert_fails(store_vectors_get(c->s, &ask, &v, &e), ST_NOT_FOUND, &e, "unknown database b");
    case_exec(c->s, "ATTACH ':memory:' AS b; CREATE TABLE b.t(v)");
    assert_ok(store_vectors_get(c->s, &ask, &v, &e), &e);
    assert_null(v);
    assert_string_equal(ask.why, "few rows");
    case_found(c, c->s, "t");
}

static void sweeping(void **state)
{
    struct vectors_case *c = *state;
    struct err e = ERR_INIT;
    int files;
    case_begin(c);
    assert_ok(store_vectors_sweep(c->s, &files, &e), &e);
    assert_int_equal(files, 0);
    case_exec(c->s, "DROP TABLE t");
    assert_ok(store_vectors_sweep(c->s, &files, &e), &e);
    assert_true(files >= 2);
    assert_int_equal(case_int(c->s, "SELECT count(*) FROM fovea_indexes"), 0);
    assert_int_equal(case_int(c->s, "SELECT count(*) FROM fovea_log"), 0);
    sh(c, "test -z \"$(ls a.db-vec | grep -v lock)\"");
}

/* --- several processes ---------------------------------------------------------------------------
 */

static void write_some(struct vectors_case *c, struct store *s)
{
    bool rolls_back = test_random(&c->seed) % 4 == 0;
    if (store_exec(s, "BEGIN IMMEDIATE", NULL) != ST_OK) return;
    change_some(c, s, (int)(test_random(&c->seed) % 60));
    (void)case_try(s, &c->seed, "INSERT OR REPLACE INTO t(v,u) VALUES(?1,?2)",
        (int64_t)(test_random(&c->seed) % ROWS));
    (void)case_try(s, &c->seed, "DELETE FROM t WHERE id=?2+1 AND ?1 IS NOT NULL",
        (int64_t)(test_random(&c->seed) % ROWS));
    if (test_random(&c->seed) % 3 == 0) (void)case_search(c, s, "t", METRIC_L2);
    (void)!store_exec(s, rolls_back ? "ROLLBACK" : "COMMIT", NULL);
}

/* A child's work until *stop_ms; an assertion that fails in it ends it with another status. */
static pid_t start(struct vectors_case *c, uint64_t seed, int run_ms, bool writes)
{
    pid_t child = fork();
    if (child != 0) return child;
    c->seed = seed;
    int64_t end_ms = run_now_ms() + run_ms;
    int found = 0, searches = 0;
    struct store *s = case_open(c->path);
    case_exec(s, writes ? "PRAGMA recursive_triggers=OFF" : "PRAGMA recursive_triggers=ON");
    while (run_now_ms() < end_ms || searches++ < 20) {
        if (writes) write_some(c, s);
        if (!writes) case_exec(s, "BEGIN");
        found += case_search(c, s, "t", METRIC_L2);
        if (!writes) case_exec(s, "COMMIT");
        if (test_random(&c->seed) % 64 != 0) continue;
        store_close(s);
        s = case_open(c->path);
    }
    store_close(s);
    _exit(found > 0 ? 0 : 7);
}

static void wait_well(pid_t child)
{
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) fail_msg("a process ended with %d", status);
}

static void one_writer_and_readers(void **state)
{
    struct vectors_case *c = *state;
    case_begin(c);
    store_close(c->s); /* a child may not use what its parent opened */
    c->s = NULL;
    pid_t child[4];
    for (int i = 0; i < 4; i++) child[i] = start(c, (uint64_t)i + 1, 3000, i == 0);
    for (int i = 0; i < 4; i++) wait_well(child[i]);
    c->s = case_open(c->path);
    case_found(c, c->s, "t");
}

/* The same in one process: a store a thread, with the background's threads between them. */
struct worker {
    struct vectors_case c;
    bool writes;
    int found;
};

static void *work(void *arg)
{
    struct worker *w = arg;
    struct store *s = case_open(w->c.path);
    int64_t end_ms = run_now_ms() + 3000;
    for (int i = 0; i < 20 || run_now_ms() < end_ms; i++) {
        if (w->writes) {
            write_some(&w->c, s);
            change_some(&w->c, s, 400);
        }
        case_exec(s, "BEGIN");
        w->found += case_search(&w->c, s, "t", METRIC_L2);
        case_exec(s, "COMMIT");
        if (w->writes) w->found += case_search(&w->c, s, "t", METRIC_L2);
    }
    store_close(s);
    vec_answer_deinit(&w->c.answer);
    return NULL;
}

static void threads_with_a_store_each(void **state)
{
    struct vectors_case *c = *state;
    struct worker w[3];
    pthread_t thread[3];
    case_begin(c);
    for (int i = 0; i < 3; i++) {
        w[i] = (struct worker){.c.seed = (uint64_t)i + 50, .writes = i == 0};
        memcpy(w[i].c.path, c->path, sizeof c->path);
        assert_int_equal(pthread_create(&thread[i], NULL, work, &w[i]), 0);
    }
    for (int i = 0; i < 3; i++) {
        pthread_join(thread[i], NULL);
        assert_true(w[i].found > 0);
    }
    /* However little the threads came to: now the background has to be at work. */
    change_some(c, c->s, ROWS);
    case_found(c, c->s, "t");
    store_vectors_wait(c->s);
    case_found(c, c->s, "t");
    struct store_index ix = index_of(c);
    struct store_index_state st;
    struct err e = ERR_INIT;
    assert_ok(store_index_state(c->s, &ix, &st, &e), &e);
    assert_true(st.generation > 1);
}

static void killed_at_any_moment(void **state)
{
    struct vectors_case *c = *state;
    case_declare(c->s, "t");
    case_fill(c->s, &c->seed, "t", ROWS);
    for (int i = 0; i < 30; i++) {
        store_close(c->s);
        c->s = NULL;
        pid_t child = start(c, (uint64_t)i + 100, 60000, true);
        usleep((useconds_t)(test_random(&c->seed) % 120000));
        kill(child, SIGKILL);
        int status;
        waitpid(child, &status, 0);
        assert_true(WIFSIGNALED(status));
        c->s = case_open(c->path);
        assert_int_equal(
            case_int(c->s, "SELECT count(*) FROM pragma_quick_check WHERE quick_check='ok'"), 1);
        case_found(c, c->s, "t");
        if (i % 8 == 7) compact(c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(deleted_files_come_back),
        CASE(a_graph_comes_back_too),
        CASE(backups_and_files_of_other_times),
        CASE(files_of_another_database),
        CASE(damaged_files),
        CASE(a_read_only_file),
        CASE(a_full_disk),
        CASE(an_outgrown_generation),
        CASE(attached_files_have_their_own),
        CASE(sweeping),
        CASE(one_writer_and_readers),
        CASE(threads_with_a_store_each),
        CASE(killed_at_any_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

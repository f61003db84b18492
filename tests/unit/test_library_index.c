/* test_library_index.c - what an index run does to the tables, seen through SQL. */
#include <signal.h>
#include <sys/resource.h>

#include "library_case.h"

static void two_runs(void **state)
{
    struct library_case *c = *state;
    picture_in(c, "pics/a.bmp", 1);
    picture_in(c, "pics/B.BMP", 2);
    mkdir(case_path(c, "pics/sub"), 0777);
    picture_in(c, "pics/sub/c.png", 3); /* content decides: a BMP with another name */
    write_file(case_path(c, "pics/readme.txt"), "x", 1);
    picture_in(c, "pics/.hidden.bmp", 4);
    assert_string_equal(index_pics(c, "{}"), "3|3|0|0|0|0");
    assert_string_equal(index_pics(c, "{}"), "3|0|3|0|0|0");
    assert_answer(c->f,
        "SELECT count(*), count(embedding), min(width), max(height), count(DISTINCT hash) FROM "
        "images",
        "3|3|24|24|3");
    assert_answer(c->f,
        "SELECT tbl, col, model, dim * 4 = length(embedding), metric FROM fovea_columns, images "
        "LIMIT 1",
        "images|embedding|mini|1|cosine");
    assert_answer(c->f, "SELECT count(*) FROM image_errors", "0");
}

static void changed_moved_copied_gone(void **state)
{
    struct library_case *c = *state;
    picture_in(c, "pics/a.bmp", 1);
    picture_in(c, "pics/b.bmp", 2);
    assert_string_equal(index_pics(c, "{}"), "2|2|0|0|0|0");
    picture_in(c, "pics/a.bmp", 9); /* same size: the time tells */
    assert_string_equal(index_pics(c, "{}"), "2|1|1|0|0|0");
    assert_int_equal(rename(case_path(c, "pics/b.bmp"), case_path(c, "pics/moved.bmp")), 0);
    picture_in(c, "pics/copy.bmp", 9);
    assert_string_equal(index_pics(c, "{}"), "3|2|1|1|0|2");
    assert_answer(c->f,
        "SELECT count(DISTINCT embedding) FROM images WHERE path LIKE '%/a.bmp' OR path LIKE "
        "'%copy%'",
        "1");
    unlink(case_path(c, "pics/a.bmp"));
    assert_string_equal(index_pics(c, "{}"), "2|0|2|1|0|0");
    assert_answer(c->f, "SELECT count(*) FROM images", "2");
}

static void failures(void **state)
{
    struct library_case *c = *state;
    picture_in(c, "pics/good.bmp", 1);
    write_file(case_path(c, "pics/empty.jpg"), "", 0);
    write_file(case_path(c, "pics/text.png"), "no picture here", 15);
    write_file(case_path(c, "pics/short.bmp"), "BM", 2);
    symlink("nowhere.jpg", case_path(c, "pics/dangling.jpg"));
    symlink("loop.jpg", case_path(c, "pics/loop.jpg"));
    mkfifo(case_path(c, "pics/fifo.jpg"), 0666);
    assert_string_equal(index_pics(c, "{}"), "6|1|0|0|5|0");
    assert_answer(c->f, "SELECT count(*), min(length(reason)) > 5 FROM image_errors", "5|1");
    assert_answer(
        c->f, "SELECT reason FROM image_errors WHERE path LIKE '%empty.jpg'", "the file is empty");
    assert_answer(c->f,
        "SELECT reason LIKE '%leads nowhere%' FROM image_errors WHERE path LIKE '%dangling%'", "1");
    assert_string_equal(index_pics(c, "{}"), "6|0|1|0|5|0");
    assert_string_equal(index_pics(c, "{\"retry\":true}"), "6|0|1|0|5|0");
    picture_in(c, "pics/text.png", 4);
    unlink(case_path(c, "pics/empty.jpg"));
    assert_string_equal(index_pics(c, "{}"), "5|1|1|0|3|0");
    assert_answer(c->f, "SELECT count(*) FROM image_errors", "3");
    write_file(case_path(c, "pics/good.bmp"), "broken now", 10);
    assert_string_equal(index_pics(c, "{}"), "5|0|1|0|4|0");
    assert_answer(c->f, "SELECT count(*) FROM images WHERE path LIKE '%good%'", "0");
}

static void odd_names(void **state)
{
    struct library_case *c = *state;
    static const char *const NAMES[] = {"a b.bmp", "quote'\".bmp", "line\nbreak.bmp",
        "bad\xff\xfeutf8.bmp", "-dash.bmp", "%d%s.bmp", "한국어.bmp", "a", "[\"x\"].bmp"};
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        char name[64];
        snprintf(name, sizeof name, "pics/%s", NAMES[i]);
        if (strcmp(NAMES[i], "a") == 0) {
            mkdir(case_path(c, name), 0777);
            picture_in(c, "pics/a/x.bmp", 50);
        } else {
            picture_in(c, name, i);
        }
    }
    assert_string_equal(index_pics(c, "{}"), "9|9|0|0|0|0");
    assert_string_equal(index_pics(c, "{}"), "9|0|9|0|0|0");
    assert_string_equal(answer(c->f, "SELECT count(*) FROM images WHERE path = ?1",
                            PARAMS(case_path(c, "pics/bad\xff\xfeutf8.bmp"))),
        "1");
    assert_answer(c->f, "SELECT count(*) FROM fovea_search('a thing', 20)", "9");
}

static void ignored(void **state)
{
    struct library_case *c = *state;
    mkdir(case_path(c, "pics/skip"), 0777);
    mkdir(case_path(c, "pics/sub"), 0777);
    picture_in(c, "pics/skip/a.bmp", 1);
    picture_in(c, "pics/sub/a.bmp", 2);
    picture_in(c, "pics/sub/b.bmp", 3);
    picture_in(c, "pics/c.bmp", 4);
    assert_string_equal(index_pics(c, "{}"), "4|4|0|0|0|0");
    write_file(case_path(c, "pics/.foveaignore"), "skip/\nb.*\n", 10);
    write_file(case_path(c, "pics/sub/.foveaignore"), "!b.bmp\na.bmp\n", 13);
    assert_string_equal(index_pics(c, "{}"), "2|0|2|2|0|0");
}

static void links(void **state)
{
    struct library_case *c = *state;
    mkdir(case_path(c, "pics/sub"), 0777);
    mkdir(case_path(c, "outside"), 0777);
    mkdir(case_path(c, "outside/deep"), 0777);
    picture_in(c, "pics/sub/a.bmp", 1);
    picture_in(c, "outside/b.bmp", 2);
    picture_in(c, "outside/deep/d.bmp", 3);
    symlink("..", case_path(c, "pics/sub/up"));
    symlink(".", case_path(c, "pics/sub/self"));
    symlink("sub", case_path(c, "pics/twin"));
    symlink("../outside", case_path(c, "pics/out"));
    symlink("../outside/deep", case_path(c, "pics/out2"));
    symlink("../pics", case_path(c, "outside/back"));
    symlink("sub/a.bmp", case_path(c, "pics/file-link.bmp"));
    assert_string_equal(index_pics(c, "{}"), "4|4|0|0|0|0");
    assert_string_equal(index_pics(c, "{}"), "4|0|4|0|0|0");
    assert_answer(c->f, "SELECT count(*) FROM images WHERE path LIKE '%/out/deep/d.bmp'", "1");
}

static void missing_folders(void **state)
{
    struct library_case *c = *state;
    char both[300];
    picture_in(c, "pics/a.bmp", 1);
    mkdir(case_path(c, "other"), 0777);
    picture_in(c, "other/b.bmp", 2);
    snprintf(both, sizeof both, "[\"%s/other\",\"%s/pics\"]", c->dir, c->dir);
    assert_string_equal(answer(c->f, "SELECT * FROM fovea_index(?1)", PARAMS(both)), "2|2|0|0|0|0");
    rename(case_path(c, "other"), case_path(c, "away"));
    picture_in(c, "pics/c.bmp", 3);
    const char *words =
        failure(c->f, "SELECT * FROM fovea_index(?1)", PARAMS(both), FOVEA_NOT_FOUND);
    assert_non_null(strstr(words, "/other: no such folder; what can be read is indexed"));
    assert_answer(c->f, "SELECT count(*) FROM images", "3");
    words =
        failure(c->f, "SELECT * FROM fovea_index('/tmp/no/such/folder')", NULL, FOVEA_NOT_FOUND);
    assert_non_null(strstr(words, "no such folder"));
    words = failure(
        c->f, "SELECT * FROM fovea_index(?1)", PARAMS(case_path(c, "pics/a.bmp")), FOVEA_NOT_FOUND);
    assert_non_null(strstr(words, "Not a directory"));
    failure(c->f, "SELECT * FROM fovea_index(?1, '{\"modle\":1}')", PARAMS(both), FOVEA_INVALID);
    failure(c->f, "SELECT * FROM fovea_index(?1, '{\"model\":\"nosuch\"}')", PARAMS(both),
        FOVEA_NOT_FOUND);
    failure(c->f, "SELECT * FROM fovea_index(7)", NULL, FOVEA_INVALID);
}

/* Folders within folders, given together: each picture once, and the inner one may be hidden. */
static void nested_folders(void **state)
{
    struct library_case *c = *state;
    struct fovea_stmt *s;
    char paths[300];
    mkdir(case_path(c, "pics/in"), 0777);
    mkdir(case_path(c, "pics/.dark"), 0777);
    picture_in(c, "pics/a.bmp", 1);
    picture_in(c, "pics/in/b.bmp", 2);
    picture_in(c, "pics/.dark/c.bmp", 3);
    int n = snprintf(paths, sizeof paths, "%s/pics", c->dir) + 1;
    n += snprintf(paths + n, sizeof paths - (size_t)n, "%s/pics/in", c->dir) + 1;
    n += snprintf(paths + n, sizeof paths - (size_t)n, "%s/pics/.dark/", c->dir);
    for (int run = 0; run < 2; run++) {
        s = prepare(c->f, "SELECT found, indexed, removed FROM fovea_index(?1)", NULL);
        assert_int_equal(fovea_bind_blob(s, 1, paths, n), FOVEA_OK);
        assert_int_equal(fovea_step(s), FOVEA_ROW);
        assert_int_equal(fovea_column_int(s, 0), 3);
        assert_int_equal(fovea_column_int(s, 1), run == 0 ? 3 : 0);
        assert_int_equal(fovea_column_int(s, 2), 0);
        fovea_finalize(s);
    }
    assert_string_equal(
        answer(c->f, "SELECT found, removed FROM fovea_index(?1)", PARAMS(case_path(c, "pics/in"))),
        "1|0");
}

/* What an ordinary user sees of a folder that is shut: what was known below it stays. */
static void look_at_shut_folder(const struct library_case *c)
{
    struct fovea *f;
    const char *const pics[] = {case_path(c, "pics"), NULL};
    assert_int_equal(fovea_open(":memory:", FOVEA_OPEN_CREATE, &f), FOVEA_OK);
    assert_string_equal(
        answer(f, "SELECT found, indexed, failed FROM fovea_index(?1)", pics), "1|1|1");
    assert_answer(f,
        "SELECT reason LIKE '%Permission denied%', path LIKE '%/shut/' FROM image_errors", "1|1");
    answer(f, "INSERT INTO images(path) VALUES (?1)", PARAMS(case_path(c, "pics/shut/kept.bmp")));
    answer(f, "INSERT INTO images(path) VALUES (?1)", PARAMS(case_path(c, "pics/gone.bmp")));
    assert_string_equal(answer(f, "SELECT removed, failed FROM fovea_index(?1)", pics), "1|1");
    assert_answer(f, "SELECT count(*) FROM images WHERE path LIKE '%kept%'", "1");
    chmod(case_path(c, "pics/shut"), 0777);
    fovea_close(f);
}

/* Root may read everything: it looks as nobody, if it may. */
static void unreadable_folder(void **state)
{
    struct library_case *c = *state;
    bool root = geteuid() == 0;
    mkdir(case_path(c, "pics/shut"), 0777);
    picture_in(c, "pics/shut/a.bmp", 1);
    picture_in(c, "pics/b.bmp", 2);
    chmod(c->dir, 0755);
    if (root && (chown(case_path(c, "pics/shut"), 65534, (gid_t)-1) != 0 || seteuid(65534) != 0))
        skip();
    if (root && eaccess(FOVEA_SOURCE_DIR "/models/mini/config.json", R_OK) != 0) {
        assert_int_equal(seteuid(0), 0); /* a clone in root's home: nobody may read its model */
        skip();
    }
    chmod(case_path(c, "pics/shut"), 0);
    look_at_shut_folder(c);
    if (root) assert_int_equal(seteuid(0), 0);
}

/* The same weights but for one: another fingerprint. */
static void make_second_model(const struct library_case *c)
{
    char command[512];
    snprintf(command, sizeof command,
        "mkdir -p %s/second && cp %s/models/mini/*.json %s/models/mini/model.safetensors "
        "%s/second/",
        c->dir, FOVEA_SOURCE_DIR, FOVEA_SOURCE_DIR, c->dir);
    assert_int_equal(system(command), 0);
    FILE *f = fopen(case_path(c, "second/model.safetensors"), "r+b");
    assert_non_null(f);
    fseek(f, -2000, SEEK_END);
    int byte = fgetc(f);
    fseek(f, -2000, SEEK_END);
    fputc(byte ^ 1, f);
    fclose(f);
}

static void second_model(void **state)
{
    struct library_case *c = *state;
    char options[96], search[200];
    make_second_model(c);
    snprintf(options, sizeof options, "{\"model\":\"%s/second\"}", c->dir);
    picture_in(c, "pics/a.bmp", 1);
    picture_in(c, "pics/b.bmp", 2);
    assert_string_equal(index_pics(c, "{}"), "2|2|0|0|0|0");
    snprintf(search, sizeof search, "SELECT count(*) FROM fovea_search('x', 5, '%s')", options);
    assert_non_null(strstr(failure(c->f, search, NULL, FOVEA_MISMATCH), "fovea index --model"));
    assert_string_equal(index_pics(c, options), "2|2|0|0|0|0");
    assert_answer(c->f, "SELECT count(embedding_second) FROM images", "2");
    assert_answer(c->f, search, "2");
    assert_string_equal(index_pics(c, options), "2|0|2|0|0|0");
    assert_string_equal(index_pics(c, "{}"), "2|0|2|0|0|0");
    picture_in(c, "pics/a.bmp", 7); /* a change: the other model's vector is stale and goes */
    assert_string_equal(index_pics(c, "{}"), "2|1|1|0|0|0");
    assert_answer(c->f, "SELECT count(embedding), count(embedding_second) FROM images", "2|1");
    assert_string_equal(index_pics(c, options), "2|1|1|0|0|0");
}

/* Other weights under the name the library knows: its vectors are worth nothing, and made anew. */
static void replaced_model(void **state)
{
    struct library_case *c = *state;
    char models[128];
    make_second_model(c);
    mkdir(case_path(c, "models"), 0777);
    assert_int_equal(symlink("../second", case_path(c, "models/mini")), 0);
    picture_in(c, "pics/a.bmp", 1);
    assert_string_equal(index_pics(c, "{}"), "1|1|0|0|0|0");
    snprintf(models, sizeof models, "%s/models", c->dir);
    setenv("FOVEA_MODELS", models, 1);
    fovea_close(c->f);
    open_library(c, 0);
    assert_non_null(strstr(
        failure(c->f, "SELECT * FROM fovea_search('x')", NULL, FOVEA_MISMATCH), "another mini"));
    assert_string_equal(index_pics(c, "{}"), "1|1|0|0|0|0");
    assert_answer(c->f, "SELECT count(*) FROM fovea_search('x')", "1");
    setenv("FOVEA_MODELS", FOVEA_SOURCE_DIR "/models", 1);
}

static void read_only_and_locked(void **state)
{
    struct library_case *c = *state;
    picture_in(c, "pics/a.bmp", 1);
    assert_string_equal(index_pics(c, "{}"), "1|1|0|0|0|0");
    fovea_close(c->f);
    open_library(c, FOVEA_OPEN_READ_ONLY);
    assert_non_null(strstr(failure(c->f, "SELECT * FROM fovea_index(?1)",
                               PARAMS(case_path(c, "pics")), FOVEA_READ_ONLY),
        "read-only"));
    assert_answer(c->f, "SELECT count(*) FROM fovea_search('x')", "1");
    fovea_close(c->f);
    open_library(c, 0);
    struct fovea *other;
    assert_int_equal(fovea_open(case_path(c, "l.db"), 0, &other), FOVEA_OK);
    answer(other, "BEGIN IMMEDIATE", NULL);
    picture_in(c, "pics/b.bmp", 2);
    assert_non_null(strstr(
        failure(c->f, "SELECT * FROM fovea_index(?1)", PARAMS(case_path(c, "pics")), FOVEA_BUSY),
        "locked"));
    assert_answer(c->f, "SELECT count(*) FROM fovea_search('x')", "1");
    answer(other, "COMMIT", NULL);
    fovea_close(other);
    answer(c->f, "BEGIN", NULL);
    assert_non_null(strstr(
        failure(c->f, "SELECT * FROM fovea_index(?1)", PARAMS(case_path(c, "pics")), FOVEA_INVALID),
        "transaction"));
    answer(c->f, "COMMIT", NULL);
    assert_string_equal(index_pics(c, "{}"), "2|1|1|0|0|0");
}

static void not_a_library(void **state)
{
    struct library_case *c = *state;
    picture_in(c, "pics/a.bmp", 1);
    assert_non_null(strstr(
        failure(c->f, "SELECT * FROM fovea_search('x')", NULL, FOVEA_NOT_FOUND), "fovea index"));
    answer(c->f, "CREATE TABLE images(id, name)", NULL);
    assert_non_null(strstr(
        failure(c->f, "SELECT * FROM fovea_index(?1)", PARAMS(case_path(c, "pics")), FOVEA_INVALID),
        "not a library's"));
    assert_answer(c->f, "SELECT count(*) FROM sqlite_schema WHERE name = 'image_errors'", "0");
}

/* A file may not grow past what it has: the disk is full, the library stays whole, and goes on
 * later. */
static void full_disk(void **state)
{
    struct library_case *c = *state;
    struct rlimit before, small;
    picture_in(c, "pics/a.bmp", 1);
    assert_string_equal(index_pics(c, "{}"), "1|1|0|0|0|0");
    answer(c->f, "CREATE TABLE filler AS SELECT randomblob(300000)", NULL);
    for (uint64_t i = 0; i < 30; i++) {
        char name[32];
        snprintf(name, sizeof name, "pics/n%llu.bmp", (unsigned long long)i);
        picture_in(c, name, i + 10);
    }
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    small = before;
    small.rlim_cur = 100000;
    setrlimit(RLIMIT_FSIZE, &small);
    struct fovea_stmt *s =
        prepare(c->f, "SELECT * FROM fovea_index(?1)", PARAMS(case_path(c, "pics")));
    enum fovea_status st = fovea_step(s);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_true(st == FOVEA_DISK_FULL || st == FOVEA_IO);
    fovea_finalize(s);
    assert_answer(c->f, "PRAGMA quick_check", "ok");
    assert_string_equal(index_pics(c, "{}"), "31|30|1|0|0|0");
}

static void cancel_at_note(void *user, const struct fovea_progress *p)
{
    if (p->done >= 20) fovea_cancel(*(struct fovea **)user);
}

static void cancelled(void **state)
{
    struct library_case *c = *state;
    for (uint64_t i = 0; i < 200; i++) {
        char name[32];
        snprintf(name, sizeof name, "pics/n%llu.bmp", (unsigned long long)i);
        picture_in(c, name, i);
    }
    fovea_on_progress(c->f, cancel_at_note, &c->f);
    failure(c->f, "SELECT * FROM fovea_index(?1)", PARAMS(case_path(c, "pics")), FOVEA_CANCELLED);
    fovea_on_progress(c->f, NULL, NULL);
    answer(c->f, "SELECT found, unchanged + indexed FROM fovea_index(?1)",
        PARAMS(case_path(c, "pics")));
    assert_answer(c->f, "SELECT count(*), count(embedding) FROM images", "200|200");
}

static void in_memory(void **state)
{
    struct library_case *c = *state;
    struct fovea *f;
    picture_in(c, "pics/a.bmp", 1);
    assert_int_equal(fovea_open(":memory:", FOVEA_OPEN_CREATE, &f), FOVEA_OK);
    assert_string_equal(
        answer(f, "SELECT * FROM fovea_index(?1)", PARAMS(case_path(c, "pics"))), "1|1|0|0|0|0");
    assert_string_equal(answer(f, "SELECT count(*) FROM fovea_search('x')", NULL), "1");
    fovea_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(two_runs),
        CASE(changed_moved_copied_gone),
        CASE(failures),
        CASE(odd_names),
        CASE(ignored),
        CASE(links),
        CASE(missing_folders),
        CASE(nested_folders),
        CASE(unreadable_folder),
        CASE(second_model),
        CASE(replaced_model),
        CASE(read_only_and_locked),
        CASE(not_a_library),
        CASE(full_disk),
        CASE(cancelled),
        CASE(in_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

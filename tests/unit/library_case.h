/* library_case.h - what the tests of the library share: a folder of their own, pictures made in it,
 * an open library beside them, and statements by their one answer. */
#ifndef FOVEA_TEST_LIBRARY_CASE_H
#define FOVEA_TEST_LIBRARY_CASE_H

#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fovea.h"
#include "test.h"

struct library_case {
    char dir[32]; /* /tmp/...; pics/ and l.db lie in it */
    struct fovea *f;
};

static inline const char *case_path(const struct library_case *c, const char *name)
{
    static char paths[8][600];
    static int next;
    char *out = paths[next++ % 8];
    snprintf(out, sizeof paths[0], "%s/%s", c->dir, name);
    return out;
}

static inline void write_file(const char *path, const void *data, size_t bytes)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, bytes, f), bytes);
    fclose(f);
}

/* A 24 x 24 picture as BMP: blocks of colours out of the seed, so that each seed looks different.
 */
static inline void write_picture(const char *path, uint64_t seed)
{
    enum { SIDE = 24, HEAD = 54 };
    uint8_t bmp[HEAD + SIDE * SIDE * 3] = {'B', 'M'};
    uint32_t size = sizeof bmp, offset = HEAD, info = 40, side = SIDE;
    uint64_t state = seed * 77 + 5;
    memcpy(bmp + 2, &size, 4);
    memcpy(bmp + 10, &offset, 4);
    memcpy(bmp + 14, &info, 4);
    memcpy(bmp + 18, &side, 4);
    memcpy(bmp + 22, &side, 4);
    bmp[26] = 1;
    bmp[28] = 24;
    uint8_t colours[9][3];
    for (int i = 0; i < 27; i++) colours[i / 3][i % 3] = (uint8_t)(test_random(&state) >> 32);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            memcpy(bmp + HEAD + (y * SIDE + x) * 3, colours[y / 8 * 3 + x / 8], 3);
    write_file(path, bmp, sizeof bmp);
}

static inline void picture_in(const struct library_case *c, const char *name, uint64_t seed)
{
    write_picture(case_path(c, name), seed);
}

/* --- statements ----------------------------------------------------------------------------------
 */

/* Prepares with up to three texts bound. */
static inline struct fovea_stmt *prepare(
    struct fovea *f, const char *sql, const char *const *params)
{
    struct fovea_stmt *s = NULL;
    if (fovea_prepare(f, sql, -1, &s, NULL) != FOVEA_OK)
        fail_msg("%s: %s", sql, fovea_error(f).text);
    for (int i = 0; params != NULL && params[i] != NULL; i++)
        assert_int_equal(fovea_bind_text(s, i + 1, params[i], -1), FOVEA_OK);
    return s;
}

#define PARAMS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* The first row's columns with "|" between, "" without rows; borrowed until the next call. */
static inline const char *answer(struct fovea *f, const char *sql, const char *const *params)
{
    static char out[4096];
    struct fovea_stmt *s = prepare(f, sql, params);
    enum fovea_status st = fovea_step(s);
    out[0] = '\0';
    if (st != FOVEA_ROW && st != FOVEA_DONE) fail_msg("%s: %s", sql, fovea_error(f).text);
    for (int i = 0; st == FOVEA_ROW && i < fovea_column_count(s); i++) {
        const char *text = fovea_column_text(s, i);
        size_t used = strlen(out);
        snprintf(
            out + used, sizeof out - used, "%s%s", i > 0 ? "|" : "", text != NULL ? text : "NULL");
    }
    fovea_finalize(s);
    return out;
}

/* The statement fails when it runs; its words. */
static inline const char *failure(
    struct fovea *f, const char *sql, const char *const *params, enum fovea_status want)
{
    struct fovea_stmt *s = prepare(f, sql, params);
    enum fovea_status st = fovea_step(s);
    if (st != want) fail_msg("%s: gave %d (%s)", sql, st, fovea_error(f).text);
    static char words[600];
    snprintf(words, sizeof words, "%s", fovea_error(f).text);
    fovea_finalize(s);
    return words;
}

/* found|indexed|unchanged|removed|failed|reused of an index of pics/. */
static inline const char *index_pics(const struct library_case *c, const char *options)
{
    return answer(c->f, "SELECT * FROM fovea_index(?1, ?2)", PARAMS(case_path(c, "pics"), options));
}

static inline void assert_answer(struct fovea *f, const char *sql, const char *want)
{
    assert_string_equal(answer(f, sql, NULL), want);
}

/* --- the case ------------------------------------------------------------------------------------
 */

static inline void open_library(struct library_case *c, int flags)
{
    if (fovea_open(case_path(c, "l.db"), flags, &c->f) != FOVEA_OK)
        fail_msg("%s", fovea_error(c->f).text);
}

static inline int case_setup(void **state)
{
    static struct library_case c;
    setenv("FOVEA_MODELS", FOVEA_SOURCE_DIR "/models", 1);
    setenv("XDG_DATA_HOME", "/nonexistent/fovea-test", 1);
    snprintf(c.dir, sizeof c.dir, "/tmp/fovea-library-XXXXXX");
    if (mkdtemp(c.dir) == NULL) return -1;
    mkdir(case_path(&c, "pics"), 0777);
    open_library(&c, FOVEA_OPEN_CREATE);
    *state = &c;
    return 0;
}

static inline int case_teardown(void **state)
{
    struct library_case *c = *state;
    char command[256];
    fovea_close(c->f);
    c->f = NULL;
    snprintf(command, sizeof command, "chmod -R u+rwx %s && rm -rf %s", c->dir, c->dir);
    return system(command);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, case_setup, case_teardown)

#endif

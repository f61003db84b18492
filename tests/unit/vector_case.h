/* vector_case.h - a folder for a test's files, removed with what is in it. */
#ifndef FOVEA_VECTOR_CASE_H
#define FOVEA_VECTOR_CASE_H

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"

struct vector_case {
    char dir[64];
    char path[8][512]; /* what case_path gave, in turn */
    int turn;
};

static inline const char *case_path(struct vector_case *c, const char *name)
{
    char *out = c->path[c->turn++ % 8];
    char dir[64];
    memcpy(dir, c->dir, sizeof dir); /* snprintf may not see its target in its arguments */
    snprintf(out, sizeof c->path[0], "%s/%s", dir, name);
    return out;
}

/* Files in the folder; each is removed when remove is set. */
static inline int case_files(struct vector_case *c, bool remove)
{
    DIR *d = opendir(c->dir);
    int files = 0;
    for (struct dirent *at; d != NULL && (at = readdir(d)) != NULL;) {
        if (at->d_name[0] == '.') continue;
        files++;
        if (remove) unlink(case_path(c, at->d_name));
    }
    if (d != NULL) closedir(d);
    return files;
}

static inline int case_open(void **state)
{
    struct vector_case *c = calloc(1, sizeof *c);
    if (c == NULL) return -1;
    snprintf(c->dir, sizeof c->dir, "/tmp/fovea-vector-XXXXXX");
    *state = c;
    return mkdtemp(c->dir) == NULL ? -1 : 0;
}

static inline int case_close(void **state)
{
    struct vector_case *c = *state;
    case_files(c, true);
    rmdir(c->dir);
    free(c);
    return 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, case_open, case_close)

/* Reads a whole file; free it. */
static inline uint8_t *case_read(const char *path, size_t *bytes)
{
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    fseek(f, 0, SEEK_END);
    *bytes = (size_t)ftell(f);
    rewind(f);
    uint8_t *data = malloc(*bytes + 1);
    assert_non_null(data);
    assert_int_equal(fread(data, 1, *bytes, f), *bytes);
    fclose(f);
    return data;
}

static inline void case_write(const char *path, const void *data, size_t bytes)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, bytes, f), bytes);
    assert_int_equal(fclose(f), 0);
}

#endif

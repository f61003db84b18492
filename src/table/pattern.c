/* pattern.c - see pattern.h. Braces are expanded here, the rest is glob(3)'s. */
#include "table/pattern.h"

#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"

enum { DEPTH_MAX = 8 };

/* --- natural order ---------------------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t digits(const char *s)
{
    size_t n = 0;
    while (is_digit(s[n])) n++;
    return n;
}

/* Runs of digits by value, all else by bytes. */
static int natural_compare(const char *a, const char *b)
{
    while (*a != '\0' && *b != '\0') {
        if (!is_digit(*a) || !is_digit(*b)) {
            if (*a != *b) return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
            a++;
            b++;
            continue;
        }
        const char *x = a, *y = b;
        while (*x == '0' && is_digit(x[1])) x++;
        while (*y == '0' && is_digit(y[1])) y++;
        size_t nx = digits(x), ny = digits(y);
        int order = nx != ny ? (nx < ny ? -1 : 1) : memcmp(x, y, nx);
        if (order != 0) return order;
        a = x + nx;
        b = y + ny;
    }
    return (*a != '\0') - (*b != '\0');
}

static int path_compare(const void *a, const void *b)
{
    const char *x = *(const char *const *)a, *y = *(const char *const *)b;
    int order = natural_compare(x, y);
    return order != 0 ? order : strcmp(x, y);
}

/* --- globs ------------------------------------------------------------------------------------ */

struct finder {
    struct arena *a;
    struct file_list *out;
    size_t capacity;
    int patterns; /* tried */
};

static enum status found(struct finder *f, const char *path, struct err *e)
{
    struct file_list *l = f->out;
    if (l->count == LIMIT_TABLE_FILES)
        return err_set(e, ST_LIMIT, "more than %d files", LIMIT_TABLE_FILES);
    if (l->count == f->capacity) {
        size_t capacity = f->capacity == 0 ? 16 : f->capacity * 2;
        const char **paths = arena_array(f->a, capacity, sizeof *paths);
        if (paths == NULL) return mem_err(e, capacity * sizeof *paths);
        if (l->count > 0) memcpy(paths, l->paths, l->count * sizeof *paths);
        l->paths = paths;
        f->capacity = capacity;
    }
    l->paths[l->count] = arena_strndup(f->a, path, strlen(path));
    return l->paths[l->count++] != NULL ? ST_OK : mem_err(e, strlen(path));
}

static enum status find_glob(struct finder *f, const char *pattern, struct err *e)
{
    glob_t g = {0};
    enum status st = ST_OK;
    if (++f->patterns > LIMIT_TABLE_FILES)
        return err_set(e, ST_LIMIT, "a pattern of more than %d names", LIMIT_TABLE_FILES);
    int rc = glob(pattern, GLOB_NOSORT | GLOB_TILDE, NULL, &g);
    if (rc == GLOB_NOSPACE) st = mem_err(e, strlen(pattern));
    for (size_t i = 0; rc == 0 && st == ST_OK && i < g.gl_pathc; i++)
        st = found(f, g.gl_pathv[i], e);
    globfree(&g);
    return st;
}

/* The place of the } that closes the { at s; NULL: none. */
static const char *brace_end(const char *s)
{
    int depth = 0;
    for (; *s != '\0'; s++) {
        depth += (*s == '{') - (*s == '}');
        if (depth == 0) return s;
    }
    return NULL;
}

static enum status find(struct finder *f, const char *pattern, int depth, struct err *e);

/* One choice of a brace, put between what is before and behind it. */
static enum status find_choice(
    struct finder *f, const char *const part[3], const size_t bytes[3], int depth, struct err *e)
{
    char path[LIMIT_PATH_BYTES];
    int n = snprintf(path, sizeof path, "%.*s%.*s%.*s", (int)bytes[0], part[0], (int)bytes[1],
        part[1], (int)bytes[2], part[2]);
    if (n < 0 || (size_t)n >= sizeof path) return err_set(e, ST_LIMIT, "a path is too long");
    return find(f, path, depth + 1, e);
}

/* {from..to}: 1 when it was one. */
static int range_read(const char *s, size_t bytes, long *from, long *to, int *width)
{
    size_t a = digits(s);
    if (a == 0 || a > 9 || a + 2 >= bytes || memcmp(s + a, "..", 2) != 0) return 0;
    size_t b = digits(s + a + 2);
    if (b == 0 || b > 9 || a + 2 + b != bytes) return 0;
    *from = strtol(s, NULL, 10);
    *to = strtol(s + a + 2, NULL, 10);
    *width = s[0] == '0' ? (int)a : 1;
    return *from <= *to && *to - *from <= LIMIT_TABLE_FILES;
}

static enum status find(struct finder *f, const char *pattern, int depth, struct err *e)
{
    const char *open = strchr(pattern, '{'), *close = open != NULL ? brace_end(open) : NULL;
    if (close == NULL || depth > DEPTH_MAX) return find_glob(f, pattern, e);
    const char *part[3] = {pattern, NULL, close + 1};
    size_t bytes[3] = {(size_t)(open - pattern), 0, strlen(close + 1)};
    enum status st = ST_OK;
    long from, to;
    int width;
    if (range_read(open + 1, (size_t)(close - open - 1), &from, &to, &width)) {
        for (long i = from; st == ST_OK && i <= to; i++) {
            char number[24];
            bytes[1] = (size_t)snprintf(number, sizeof number, "%0*ld", width, i);
            part[1] = number;
            st = find_choice(f, part, bytes, depth, e);
        }
        return st;
    }
    for (const char *at = open + 1; st == ST_OK && at <= close;) {
        const char *end = at;
        for (int level = 0; end < close && (*end != ',' || level > 0); end++)
            level += (*end == '{') - (*end == '}');
        part[1] = at;
        bytes[1] = (size_t)(end - at);
        st = find_choice(f, part, bytes, depth, e);
        at = end + 1;
    }
    return st;
}

/* Sorted, each once, with their sizes. */
static void tidy(struct file_list *l)
{
    qsort(l->paths, l->count, sizeof *l->paths, path_compare);
    size_t kept = 0;
    for (size_t i = 0; i < l->count; i++)
        if (kept == 0 || strcmp(l->paths[kept - 1], l->paths[i]) != 0)
            l->paths[kept++] = l->paths[i];
    l->count = kept;
    l->bytes = 0;
    for (size_t i = 0; i < kept; i++) {
        struct stat st;
        if (stat(l->paths[i], &st) == 0) l->bytes += (uint64_t)st.st_size;
    }
}

enum status pattern_find(const char *pattern, struct arena *a, struct file_list *out, struct err *e)
{
    struct finder f = {.a = a, .out = out};
    *out = (struct file_list){0};
    if (strlen(pattern) >= LIMIT_PATH_BYTES) return err_set(e, ST_LIMIT, "a path is too long");
    enum status st = file_exists(pattern) ? found(&f, pattern, e) : find(&f, pattern, 0, e);
    if (st != ST_OK) return st;
    if (out->count == 0)
        return err_set(e, ST_NOT_FOUND,
            strpbrk(pattern, "*?[{") != NULL ? "no file matches %s" : "there is no file %s",
            pattern);
    tidy(out);
    return ST_OK;
}

/* --- pairs ------------------------------------------------------------------------------------ */

int64_t pattern_number(const char *path)
{
    const char *name = file_base_name(path), *dot = strrchr(name, '.');
    const char *end = dot != NULL && dot > name ? dot : name + strlen(name);
    while (end > name && !is_digit(end[-1])) end--;
    const char *start = end;
    while (start > name && is_digit(start[-1])) start--;
    while (end - start > 1 && *start == '0') start++;
    if (start == end || end - start > 18) return -1;
    return strtoll(start, NULL, 10);
}

static int number_compare(const void *a, const void *b)
{
    int64_t x = pattern_number(*(const char *const *)a),
            y = pattern_number(*(const char *const *)b);
    return (x > y) - (x < y);
}

static enum status numbers_check(const struct file_list *l, struct err *e)
{
    for (size_t i = 0; i < l->count; i++) {
        int64_t number = pattern_number(l->paths[i]);
        if (number < 0)
            return err_set(e, ST_INVALID,
                "%s has no number in its name to find the files that belong to it", l->paths[i]);
        if (i > 0 && pattern_number(l->paths[i - 1]) == number)
            return err_set(
                e, ST_INVALID, "%s and %s have the same number", l->paths[i - 1], l->paths[i]);
    }
    return ST_OK;
}

/* Both are sorted by number: the first place where they differ. */
static enum status pair_check(const struct file_list *a, const struct file_list *b, struct err *e)
{
    for (size_t i = 0; i < a->count || i < b->count; i++) {
        int64_t x = i < a->count ? pattern_number(a->paths[i]) : INT64_MAX;
        int64_t y = i < b->count ? pattern_number(b->paths[i]) : INT64_MAX;
        if (x == y) continue;
        const struct file_list *mine = x < y ? a : b, *other = x < y ? b : a;
        return err_set(e, ST_NOT_FOUND, "%s has no partner of its number beside %s", mine->paths[i],
            other->paths[i < other->count ? i : other->count - 1]);
    }
    return ST_OK;
}

enum status pattern_pair(struct file_list *lists, size_t count, struct err *e)
{
    bool single = true;
    for (size_t i = 0; i < count; i++) single = single && lists[i].count == 1;
    enum status st = ST_OK;
    for (size_t i = 0; i < count && !single && st == ST_OK; i++) {
        qsort(lists[i].paths, lists[i].count, sizeof *lists[i].paths, number_compare);
        st = numbers_check(&lists[i], e);
    }
    for (size_t i = 1; i < count && !single && st == ST_OK; i++)
        st = pair_check(&lists[0], &lists[i], e);
    return st;
}

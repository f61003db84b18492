/* array.c - see array.h. */
#include "table/array.h"

#include <limits.h>
#include <stdbool.h>

#include "table/number.h"

static inline bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

void array_trim(const char **s, size_t *bytes)
{
    while (*bytes > 0 && is_blank(**s)) {
        (*s)++;
        (*bytes)--;
    }
    while (*bytes > 0 && is_blank((*s)[*bytes - 1])) (*bytes)--;
}

int array_read(const char *s, size_t bytes, float *out, int dim)
{
    array_trim(&s, &bytes);
    if (bytes < 2 || s[0] != '[' || s[bytes - 1] != ']') return -1;
    const char *p = s + 1, *end = s + bytes - 1;
    int count = 0;
    bool comma = false;
    while (p < end && is_blank(*p)) p++;
    while (p < end) {
        float ignored;
        size_t n = number_f32(p, end, count < dim ? &out[count] : &ignored);
        if (n == 0 || count == INT_MAX) return -1;
        count++;
        p += n;
        const char *gap = p;
        while (p < end && is_blank(*p)) p++;
        comma = p < end && *p == ',';
        if (comma) p++;
        while (p < end && is_blank(*p)) p++;
        if (p == gap && p < end) return -1; /* "1-2" */
    }
    return comma ? -1 : count;
}

int array_count(const char *s, size_t bytes)
{
    return array_read(s, bytes, NULL, 0);
}

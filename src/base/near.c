/* near.c - the distance is optimal string alignment (Damerau 1964, each place edited once), in
 * three rows.
 */
#include "base/near.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum { NAME_BYTES_MAX = 32 };

static int lower(char c)
{
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

size_t near_distance(const char *a, const char *b)
{
    size_t rows[3][NAME_BYTES_MAX + 1];
    size_t na = strnlen(a, NAME_BYTES_MAX), nb = strnlen(b, NAME_BYTES_MAX);
    size_t *before = rows[0], *last = rows[1], *row = rows[2];
    for (size_t j = 0; j <= nb; j++) last[j] = before[j] = j;
    for (size_t i = 1; i <= na; i++) {
        row[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            row[j] = min3(
                last[j] + 1, row[j - 1] + 1, last[j - 1] + (lower(a[i - 1]) != lower(b[j - 1])));
            bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                lower(a[i - 2]) == lower(b[j - 1]);
            if (swapped && before[j - 2] + 1 < row[j]) row[j] = before[j - 2] + 1;
        }
        size_t *free_row = before;
        before = last;
        last = row;
        row = free_row;
    }
    return last[nb];
}

void near_consider(const char *word, const char *candidate, const char **best)
{
    size_t far = near_distance(word, candidate), longest = strnlen(candidate, NAME_BYTES_MAX);
    bool begins = strlen(word) >= 3 && strncasecmp(word, candidate, strlen(word)) == 0;
    if (!begins && far > (longest <= 4 ? 1 : longest / 3 + 1)) return;
    if (*best == NULL || far < near_distance(word, *best)) *best = candidate;
}

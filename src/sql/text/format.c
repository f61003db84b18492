/* format.c - ClickHouse's names of formats, in any case. */
#include "sql/text/format.h"

#include <stdio.h>

#include "base/near.h"

static const struct {
    const char *name;
    const char *format; /* NULL: it is the name */
} FORMATS[] = {
    {"TabSeparated", NULL},
    {"TabSeparatedWithNames", NULL},
    {"TabSeparatedWithNamesAndTypes", NULL},
    {"TSV", "TabSeparated"},
    {"TSVWithNames", "TabSeparatedWithNames"},
    {"TSVWithNamesAndTypes", "TabSeparatedWithNamesAndTypes"},
    {"CSV", NULL},
    {"CSVWithNames", NULL},
    {"JSON", NULL},
    {"JSONEachRow", NULL},
    {"JSONLines", "JSONEachRow"},
    {"NDJSON", "JSONEachRow"},
    {"JSONCompact", NULL},
    {"Pretty", NULL},
    {"PrettyCompact", NULL},
    {"Vertical", NULL},
    {"Null", NULL},
};
enum { FORMAT_COUNT = sizeof FORMATS / sizeof FORMATS[0], WORD_BYTES = 60 };

enum status sql_format_take(const struct sql_scan *scan, const char **out, struct err *e)
{
    char word[WORD_BYTES];
    const char *near = NULL;
    *out = NULL;
    if (scan->format == 0) return ST_OK;
    struct sql_token t = scan->tokens[scan->format];
    for (int i = 0; i < FORMAT_COUNT; i++) {
        *out = FORMATS[i].format != NULL ? FORMATS[i].format : FORMATS[i].name;
        if (lex_is(scan->text, t, FORMATS[i].name)) return ST_OK;
    }
    *out = NULL;
    snprintf(word, sizeof word, "%.*s", t.end - t.start, scan->text + t.start);
    for (int i = 0; i < FORMAT_COUNT; i++) near_consider(word, FORMATS[i].name, &near);
    enum status st = near != NULL
        ? err_set(e, ST_INVALID, "there is no format %s; did you mean %s", word, near)
        : err_set(e, ST_INVALID,
              "there is no format %s: there are TabSeparated, CSV, JSON, JSONEachRow, JSONCompact, "
              "Pretty, PrettyCompact, Vertical, Null",
              word);
    if (e != NULL) err_place(e, scan->text, t.start);
    return st;
}

/* complete.c - where the cursor is, by the words before it, and the queries that name what fits
 * there.
 *
 * The text is only looked at word by word; inside quotes nothing is offered. Words are compared
 * without case, also beyond ASCII, and a keyword is offered in the case of what was typed of it.
 */
#include "cli/complete.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "cli/dot.h"
#include "cli/engine.h"
#include "cli/typed.h"

/* --- the words before the cursor -------------------------------------------------------------- */

enum { WORDS_MAX = 256 }; /* of a statement, the last ones */

struct word {
    const char *at;
    size_t bytes;
};

struct context {
    struct cli *cli;
    const char *text;
    size_t bytes, start; /* the word being typed begins at start */
    struct word words[WORDS_MAX];
    size_t word_count; /* before start */
    int depth;         /* of brackets */
    int options_depth; /* that of an open OPTIONS (, 0: none */
    bool quoted;       /* the cursor is inside quotes or a comment */
};

static bool is_letter(unsigned char c)
{
    return c == '_' || c >= 0x80 || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

static bool is_word(const struct word *w, const char *text)
{
    return strlen(text) == w->bytes && strncasecmp(w->at, text, w->bytes) == 0;
}

/* The n-th word from the cursor back, 1: the one right before what is typed. */
static bool word_back(const struct context *x, size_t n, const char *text)
{
    return n <= x->word_count && is_word(&x->words[x->word_count - n], text);
}

static void add_word(struct context *x, const char *at, size_t bytes)
{
    if (x->word_count == WORDS_MAX) {
        memmove(x->words, x->words + 1, (WORDS_MAX - 1) * sizeof *x->words);
        x->word_count--;
    }
    x->words[x->word_count++] = (struct word){at, bytes};
}

/* Bytes of a quoted text or a comment at s; 0: neither. *open: nothing closes it. */
static size_t skip_quoted(const char *s, size_t bytes, bool *open)
{
    const char *quote = s[0] != '\0' ? strchr("'\"`", s[0]) : NULL;
    const char *end = NULL;
    if (quote != NULL)
        end = memchr(s + 1, s[0], bytes - 1);
    else if (bytes > 1 && s[0] == '-' && s[1] == '-')
        end = memchr(s, '\n', bytes);
    else
        return 0;
    *open = end == NULL;
    return end != NULL ? (size_t)(end - s) + 1 : bytes;
}

static void see_mark(struct context *x, char c)
{
    bool options = word_back(x, 1, "OPTIONS");
    if (c == '(') {
        x->depth++;
        if (options) x->options_depth = x->depth;
    } else if (c == ')') {
        if (x->depth-- == x->options_depth) x->options_depth = 0;
    } else if (c == ';') {
        x->word_count = 0;
        x->depth = x->options_depth = 0;
    }
    if (c == '.' || c == ',' || c == '=') add_word(x, c == '.' ? "." : c == ',' ? "," : "=", 1);
}

static void read_words(struct context *x)
{
    for (size_t at = 0; at < x->bytes;) {
        size_t n = skip_quoted(x->text + at, x->bytes - at, &x->quoted);
        bool letters = n == 0 && is_letter((unsigned char)x->text[at]);
        if (n > 0 && !x->quoted && x->text[at] != '-') add_word(x, x->text + at + 1, n - 2);
        if (letters)
            while (at + n < x->bytes && is_letter((unsigned char)x->text[at + n])) n++;
        if (n == 0) see_mark(x, x->text[at]);
        if (letters && at + n == x->bytes) {
            x->start = at;
            return;
        }
        if (letters) add_word(x, x->text + at, n);
        at += n > 0 ? n : 1;
    }
    x->start = x->bytes;
}

/* --- candidates ------------------------------------------------------------------------------- */

struct finder {
    struct context *x;
    struct complete *m;
    const char *typed; /* the word being typed */
    size_t typed_bytes;
    struct buf typed_lower;
};

static bool fits(struct finder *f, const char *candidate)
{
    struct buf lower;
    buf_init(&lower);
    utf8_lower(candidate, strlen(candidate), &lower);
    bool same = lower.bytes >= f->typed_lower.bytes &&
        (f->typed_lower.bytes == 0 ||
            memcmp(lower.data, f->typed_lower.data, f->typed_lower.bytes) == 0);
    buf_deinit(&lower);
    return same;
}

static bool is_known(const struct complete *m, const char *text)
{
    const char *at = m->texts.data;
    for (size_t i = 0; i < m->count; i++, at += strlen(at) + 1)
        if (strcmp(at, text) == 0) return true;
    return false;
}

static void offer(struct finder *f, const char *text)
{
    bool full = f->m->count == COMPLETE_MAX;
    if (full || text == NULL || text[0] == '\0' || !fits(f, text) || is_known(f->m, text)) return;
    buf_add(&f->m->texts, text, strlen(text) + 1);
    f->m->count++;
}

static bool is_bare_name(const char *name)
{
    if (name[0] >= '0' && name[0] <= '9') return false;
    for (const char *p = name; *p != '\0'; p++)
        if (!is_letter((unsigned char)*p)) return false;
    return name[0] != '\0';
}

/* A name as SQL has it: in quotes where it must be. */
static void offer_name(struct finder *f, const char *name)
{
    struct buf quoted;
    if (is_bare_name(name)) {
        offer(f, name);
        return;
    }
    if (!fits(f, name)) return;
    buf_init(&quoted);
    buf_add_char(&quoted, '"');
    for (const char *p = name; *p != '\0'; p++) {
        if (*p == '"') buf_add_char(&quoted, '"');
        buf_add_char(&quoted, *p);
    }
    buf_add_char(&quoted, '"');
    if (!quoted.failed && f->m->count < COMPLETE_MAX && !is_known(f->m, quoted.data)) {
        buf_add(&f->m->texts, quoted.data, quoted.bytes + 1);
        f->m->count++;
    }
    buf_deinit(&quoted);
}

/* In the case of what was typed: sel gives select, SEL and nothing give SELECT. */
static void offer_keyword(struct finder *f, const char *word)
{
    char text[64];
    bool lower = f->typed_bytes > 0;
    for (size_t i = 0; i < f->typed_bytes; i++)
        lower = lower && !(f->typed[i] >= 'A' && f->typed[i] <= 'Z');
    size_t bytes = strlen(word);
    if (bytes >= sizeof text) return;
    for (size_t i = 0; i <= bytes; i++)
        text[i] = lower && word[i] >= 'A' && word[i] <= 'Z' ? (char)(word[i] | 32) : word[i];
    offer(f, text);
}

/* The first column of a query's rows; trouble offers nothing and says nothing. */
static void offer_rows(struct finder *f, const char *sql, const char *param,
    void (*add)(struct finder *f, const char *text))
{
    struct fovea *engine = f->x->cli->engine;
    struct fovea_stmt *s = NULL;
    bool ok = fovea_prepare(engine, sql, -1, &s, NULL) == FOVEA_OK && s != NULL;
    if (ok && param != NULL) ok = fovea_bind_text(s, 1, param, -1) == FOVEA_OK;
    while (ok && fovea_step(s) == FOVEA_ROW) {
        const char *text = fovea_column_text(s, 0);
        if (text != NULL) add(f, text);
    }
    fovea_finalize(s);
}

static void offer_tables(struct finder *f)
{
    offer_rows(f, "SELECT name FROM (" DOT_TABLES_SQL ")", NULL, offer_name);
}

/* Columns of the tables that the statement names; of one table where text stands before a dot. */
static void offer_columns(struct finder *f, const struct word *only)
{
    const struct context *x = f->x;
    size_t before = f->m->count;
    for (size_t i = 0; i < x->word_count; i++) {
        const struct word *w = &x->words[i];
        if (only != NULL && !(only->bytes == w->bytes && memcmp(only->at, w->at, w->bytes) == 0))
            continue;
        char *table = mem_strndup(w->at, w->bytes);
        if (table != NULL)
            offer_rows(f, "SELECT name FROM pragma_table_info(?1)", table, offer_name);
        mem_free(table);
    }
    if (only != NULL && f->m->count == before) offer_columns(f, NULL); /* an alias */
}

static void offer_models(struct finder *f)
{
    offer_rows(f, "SELECT name FROM fovea_models()", NULL, offer_name);
}

static void offer_functions(struct finder *f)
{
    if (f->typed_bytes > 0)
        offer_rows(
            f, "SELECT DISTINCT name || '(' FROM pragma_function_list ORDER BY 1", NULL, offer);
}

static void offer_keywords(struct finder *f)
{
    offer_rows(f, "SELECT word FROM fovea_words() WHERE kind = 'keyword'", NULL, offer_keyword);
}

/* All words so far, each with a blank behind it. */
static void add_head(const struct context *x, struct buf *head)
{
    for (size_t i = 0; i < x->word_count; i++)
        buf_printf(head, "%.*s ", (int)x->words[i].bytes, x->words[i].at);
}

/* The rest of what statements begin with: behind GET, THANOSQL DATASET. */
static void offer_openings(struct finder *f)
{
    struct buf head;
    buf_init(&head);
    buf_add_str(&head, "");
    add_head(f->x, &head);
    if (!head.failed)
        offer_rows(f,
            "SELECT DISTINCT substr(word, length(?1) + 1) FROM fovea_words() WHERE kind = "
            "'statement' AND substr(word, 1, length(?1)) = upper(?1)",
            head.data, offer_keyword);
    buf_deinit(&head);
}

/* Those of the statement that the words before OPTIONS ( begin, else all. */
static void offer_options(struct finder *f)
{
    struct buf head;
    buf_init(&head);
    add_head(f->x, &head);
    if (!head.failed && head.data != NULL)
        offer_rows(f,
            "SELECT DISTINCT word || '=' FROM fovea_words() WHERE kind = 'option' AND "
            "instr(upper(?1), statement || ' ') > 0",
            head.data, offer);
    buf_deinit(&head);
    if (f->m->count == 0)
        offer_rows(
            f, "SELECT DISTINCT word || '=' FROM fovea_words() WHERE kind = 'option'", NULL, offer);
}

static void offer_settings(struct finder *f)
{
    offer_rows(f, "SELECT name FROM fovea_settings()", NULL, offer);
}

/* --- what fits where -------------------------------------------------------------------------- */

/* Behind these words stands this. first: only where the word begins the statement. */
static const struct place {
    const char *word;
    void (*offer)(struct finder *f);
    bool first;
} places[] = {
    {"FROM", offer_tables, false},
    {"JOIN", offer_tables, false},
    {"INTO", offer_tables, false},
    {"UPDATE", offer_tables, true},
    {"TABLE", offer_tables, false},
    {"USING", offer_models, false},
    {"SET", offer_settings, true},
    {"SHOW", offer_settings, true},
    {"RESET", offer_settings, true},
    {"SETTINGS", offer_settings, false},
};

static void offer_formats(struct finder *f)
{
    for (size_t i = 0; formats[i] != NULL; i++) offer(f, formats[i]->name);
}

static void offer_anything(struct finder *f)
{
    offer_openings(f);
    if (f->x->word_count == 0 || f->m->count > 0) return;
    offer_columns(f, NULL);
    if (f->typed_bytes == 0) return;
    offer_tables(f);
    offer_keywords(f);
    offer_functions(f);
}

static void find_in_statement(struct finder *f)
{
    const struct context *x = f->x;
    if (x->quoted) return;
    if (word_back(x, 1, "FORMAT")) {
        offer_formats(f);
        return;
    }
    if (x->options_depth > 0 && x->depth == x->options_depth && !word_back(x, 1, "=")) {
        offer_options(f);
        return;
    }
    if (word_back(x, 1, ".") && x->word_count > 1) {
        offer_columns(f, &x->words[x->word_count - 2]);
        return;
    }
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (word_back(x, 1, places[i].word) && (!places[i].first || x->word_count == 1))
            places[i].offer(f);
    if (f->m->count == 0) offer_anything(f);
}

/* --- dot commands ----------------------------------------------------------------------------- */

static void offer_switch(struct finder *f)
{
    offer(f, "on");
    offer(f, "off");
}

static void offer_file(struct finder *f, const char *dir, const char *name, size_t dir_bytes)
{
    struct buf path;
    struct stat info;
    if (name[0] == '.') return;
    buf_init(&path);
    buf_add(&path, dir, dir_bytes);
    buf_add_str(&path, name);
    if (!path.failed && stat(path.data, &info) == 0 && S_ISDIR(info.st_mode))
        buf_add_char(&path, '/');
    if (!path.failed) offer(f, path.data);
    buf_deinit(&path);
}

/* Files whose path begins with the rest of the line. */
static void offer_files(struct finder *f)
{
    const char *typed = f->typed, *slash = memrchr(typed, '/', f->typed_bytes);
    size_t dir_bytes = slash != NULL ? (size_t)(slash - typed) + 1 : 0;
    char *dir = dir_bytes > 0 ? mem_strndup(typed, dir_bytes) : mem_strdup("./");
    DIR *d = dir != NULL ? opendir(dir) : NULL;
    for (struct dirent *entry; d != NULL && (entry = readdir(d)) != NULL;)
        offer_file(f, typed, entry->d_name, dir_bytes);
    if (d != NULL) closedir(d);
    mem_free(dir);
}

static const struct place dot_places[] = {
    {"[FORM]", offer_formats, true},
    {"on|off", offer_switch, true},
    {"[TABLE]", offer_tables, true},
    {"[PATTERN]", offer_tables, true},
    {"FILE", offer_files, true},
    {"[FILE]", offer_files, true},
    {"FILE.png", offer_files, true},
};

static void find_in_dot(struct finder *f, const char *line, size_t bytes)
{
    const char *blank = memchr(line, ' ', bytes);
    if (blank == NULL) {
        f->typed = line;
        f->typed_bytes = bytes;
        for (const struct dot_command *d = dot_commands; d->name != NULL; d++) offer(f, d->name);
        return;
    }
    f->typed = blank + 1;
    f->typed_bytes = bytes - (size_t)(blank + 1 - line);
    for (const struct dot_command *d = dot_commands; d->name != NULL; d++) {
        bool this = strlen(d->name) == (size_t)(blank - line) &&
            memcmp(d->name, line, strlen(d->name)) == 0;
        for (size_t i = 0; i < sizeof dot_places / sizeof dot_places[0] && this; i++)
            if (strcmp(dot_places[i].word, d->usage) == 0) dot_places[i].offer(f);
    }
}

/* --- all of them ------------------------------------------------------------------------------ */

static int by_text(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;
    return strcmp(*x, *y);
}

static void sort(struct complete *m)
{
    struct buf sorted;
    const char **texts = mem_zalloc(m->count + 1, sizeof *texts), *at = m->texts.data;
    if (texts == NULL || m->texts.failed) {
        m->count = 0;
        mem_free(texts);
        return;
    }
    for (size_t i = 0; i < m->count; i++, at += strlen(at) + 1) texts[i] = at;
    qsort(texts, m->count, sizeof *texts, by_text);
    buf_init(&sorted);
    for (size_t i = 0; i < m->count; i++) buf_add(&sorted, texts[i], strlen(texts[i]) + 1);
    const char *first = m->count > 0 ? texts[0] : "",
               *last = m->count > 0 ? texts[m->count - 1] : "";
    m->common_bytes = 0;
    while (first[m->common_bytes] != '\0' && first[m->common_bytes] == last[m->common_bytes])
        m->common_bytes++;
    while (m->common_bytes > 0 && ((unsigned char)first[m->common_bytes] & 0xc0) == 0x80)
        m->common_bytes--; /* not inside a letter */
    mem_free(texts);
    buf_deinit(&m->texts);
    m->texts = sorted;
    if (sorted.failed) m->count = 0;
}

void complete_init(struct complete *m)
{
    *m = (struct complete){0};
    buf_init(&m->texts);
}

void complete_deinit(struct complete *m)
{
    buf_deinit(&m->texts);
}

void complete_find(struct cli *c, const char *text, size_t bytes, struct complete *m)
{
    struct context x = {.cli = c, .text = text, .bytes = bytes};
    struct finder f = {.x = &x, .m = m};
    bool dot = bytes > 0 && (text[0] == '.' || text[0] == '\\');
    const char *blank = dot ? memchr(text, ' ', bytes) : NULL;
    if (!dot) read_words(&x);
    if (dot && blank != NULL) x.start = (size_t)(blank - text) + 1;
    f.typed = text + x.start;
    f.typed_bytes = bytes - x.start;
    buf_init(&f.typed_lower);
    utf8_lower(f.typed, f.typed_bytes, &f.typed_lower);
    if (dot)
        find_in_dot(&f, text, bytes);
    else
        find_in_statement(&f);
    m->word_bytes = f.typed_bytes;
    if (!f.typed_lower.failed) sort(m);
    buf_deinit(&f.typed_lower);
}

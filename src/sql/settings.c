/* settings.c - the table of settings, and the statements that read and write them.
 *
 *   SET [SESSION | LOCAL] name {= | TO} value     RESET {name | ALL}     SHOW {name | ALL}
 *   SELECT … SETTINGS name = value, …
 *
 * The statements are PostgreSQL's, the last form ClickHouse's. Every value is a number, a switch 0
 * or 1, a choice the place in its list, but for one text: the name of a model. What SET LOCAL
 * changes is put back when the transaction that it was said in is over, which is looked up when a
 * setting is next asked for.
 */
#include "sql/settings.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/near.h"
#include "sql/internal.h"

enum setting_type { TYPE_INTEGER, TYPE_REAL, TYPE_SWITCH, TYPE_CHOICE, TYPE_BYTES, TYPE_TEXT };

struct setting {
    const char *name;
    enum setting_type type;
    double fallback, min, max;
    const char *const *choices;
    const char *help;
};

static const char *const SCANS[] = {"off", "strict_order", "relaxed_order", NULL};
static const char *const DIALECTS[] = {"A", "B", "C", NULL};
static const char *const STRATEGIES[] = {"auto", "postfilter", "prefilter", NULL};

static const struct setting SETTINGS[SETTING_COUNT] = {
    [SETTING_EF_SEARCH] = {"ef_search", TYPE_INTEGER, 0, 0, 1000000, NULL,
        "candidates kept while a graph is searched; 0: chosen from recall_target, else by k"},
    [SETTING_RECALL_TARGET] = {"recall_target", TYPE_REAL, 0, 0, 1, NULL,
        "share of the true neighbours a graph shall find, as calibrated; 1: exact; 0: none set"},
    [SETTING_EXACT] = {"exact", TYPE_SWITCH, 0, 0, 1, NULL, "never use a graph"},
    [SETTING_MEMORY] = {"maintenance_work_mem", TYPE_BYTES, 0, 0, 1e15, NULL,
        "bytes an index build may take (64MB, 2GB); 0: the default"},
    [SETTING_THREADS] = {"max_threads", TYPE_INTEGER, 0, 0, 64, NULL,
        "threads an index build may take; 0: as many as there are cores"},
    [SETTING_ITERATIVE_SCAN] = {"hnsw.iterative_scan", TYPE_CHOICE, 0, 0, 2, SCANS,
        "taken, without effect: a search never comes back short"},
    [SETTING_MAX_SCAN_TUPLES] = {"hnsw.max_scan_tuples", TYPE_INTEGER, 20000, 1, 2147483647, NULL,
        "taken, without effect: a search never comes back short"},
    [SETTING_SCAN_MEM_MULTIPLIER] = {"hnsw.scan_mem_multiplier", TYPE_REAL, 1, 1, 1000, NULL,
        "taken, without effect: a search never comes back short"},
    [SETTING_PROBES] = {"ivfflat.probes", TYPE_INTEGER, 1, 1, 32768, NULL,
        "taken, without effect: an ivfflat index is a graph here"},
    [SETTING_MAX_LIMIT] = {"max_limit_for_vector_search_queries", TYPE_INTEGER, 1000, 0, 1e15, NULL,
        "taken, without effect: any LIMIT is searched"},
    [SETTING_RESCORING] = {"vector_search_with_rescoring", TYPE_SWITCH, 1, 0, 1, NULL,
        "taken, without effect: distances are always those of the rows"},
    [SETTING_FILTER_STRATEGY] = {"vector_search_filter_strategy", TYPE_CHOICE, 0, 0, 2, STRATEGIES,
        "taken, without effect: the cheapest way is chosen, and k stays k"},
    [SETTING_FETCH_MULTIPLIER] = {"vector_search_index_fetch_multiplier", TYPE_REAL, 1, 1, 1000,
        NULL, "taken, without effect: a search never comes back short"},
    [SETTING_MUTATIONS_SYNC] = {"mutations_sync", TYPE_INTEGER, 2, 0, 3, NULL,
        "taken, without effect: an index is there when its statement ends"},
    [SETTING_EXPERIMENTAL] = {"allow_experimental_vector_similarity_index", TYPE_SWITCH, 1, 0, 1,
        NULL, "taken, without effect"},
    [SETTING_DIALECT] = {"thanosql_dialect", TYPE_CHOICE, 0, 0, 2, DIALECTS,
        "whose column names a ThanoSQL statement gives where its text doesn't tell"},
    [SETTING_MODEL] = {"model", TYPE_TEXT, 0, 0, 1, NULL,
        "the model of encode_text and encode_image where no column tells; empty: mini"},
};

/* Other names, with the ranges they have where they come from. */
static const struct alias {
    const char *name;
    enum sql_setting_id id;
    double min, max;
} ALIASES[] = {
    {"hnsw.ef_search", SETTING_EF_SEARCH, 1, 1000},
    {"hnsw_candidate_list_size_for_search", SETTING_EF_SEARCH, 1, 1000000},
    {"ivfflat.iterative_scan", SETTING_ITERATIVE_SCAN, 0, 2},
    {"ivfflat.max_probes", SETTING_PROBES, 1, 32768},
    {"vector_search_postfilter_multiplier", SETTING_FETCH_MULTIPLIER, 1, 1000},
};

/* A setting by one of its names. */
struct named {
    const char *name;
    enum sql_setting_id id;
    double min, max;
};

void sql_settings_init(struct sql_settings *s)
{
    for (int i = 0; i < SETTING_COUNT; i++) s->value[i] = SETTINGS[i].fallback;
    memset(s->local, 0, sizeof s->local);
    s->model[0] = s->model_before[0] = '\0';
}

static void end_local(struct sql_session *s)
{
    struct sql_settings *v = &s->settings;
    if (!s->settings_local || store_in_transaction(s->store)) return;
    for (int i = 0; i < SETTING_COUNT; i++) {
        if (v->local[i]) v->value[i] = v->before[i];
        if (v->local[i] && i == SETTING_MODEL) memcpy(v->model, v->model_before, sizeof v->model);
        v->local[i] = false;
    }
    s->settings_local = false;
}

double sql_setting(struct sql_session *s, const struct sql_overlay *overlay, enum sql_setting_id id)
{
    for (int i = overlay != NULL ? overlay->count - 1 : -1; i >= 0; i--)
        if (overlay->id[i] == id) return overlay->value[i];
    end_local(s);
    return s->settings.value[id];
}

const char *sql_setting_model(struct sql_session *s, const struct sql_overlay *overlay)
{
    for (int i = overlay != NULL ? overlay->count - 1 : -1; i >= 0; i--)
        if (overlay->id[i] == SETTING_MODEL) return overlay->model;
    end_local(s);
    return s->settings.model;
}

/* --- reading ---------------------------------------------------------------------------------- */

static enum status fail_at(const struct sql_scan *scan, int token, enum status st, struct err *e)
{
    if (e != NULL) err_place(e, scan->text, scan->tokens[token].start);
    return st;
}

static enum status near(const struct sql_scan *scan, int token, const char *usage, struct err *e)
{
    struct sql_token t = scan->tokens[token];
    enum status st = t.kind == LEX_END
        ? err_set(e, ST_SYNTAX, "incomplete input: %s", usage)
        : err_set(e, ST_SYNTAX, "near \"%.*s\": syntax error: %s",
              t.end - t.start > 60 ? 60 : t.end - t.start, scan->text + t.start, usage);
    return fail_at(scan, token, st, e);
}

static bool spells(const struct sql_scan *scan, int token, const char *word)
{
    return token < scan->count && lex_is(scan->text, scan->tokens[token], word);
}

/* name or prefix.name at *at, which moves behind it. */
static bool take_name(const struct sql_scan *scan, int *at, char *out, size_t bytes)
{
    const struct sql_token *t = scan->tokens;
    int last = *at;
    if (last >= scan->count || t[last].kind != TK_ID) return false;
    if (last + 2 < scan->count && t[last + 1].kind == TK_DOT && t[last + 2].kind == TK_ID)
        last += 2;
    out[0] = '\0';
    for (int i = *at; i <= last; i++) {
        size_t used = strlen(out);
        snprintf(out + used, bytes - used, "%.*s", t[i].end - t[i].start, scan->text + t[i].start);
    }
    *at = last + 1;
    return true;
}

static bool find_named(const char *name, struct named *out)
{
    for (int i = 0; i < SETTING_COUNT; i++)
        if (strcasecmp(name, SETTINGS[i].name) == 0) {
            *out = (struct named){
                SETTINGS[i].name, (enum sql_setting_id)i, SETTINGS[i].min, SETTINGS[i].max};
            return true;
        }
    for (size_t i = 0; i < sizeof ALIASES / sizeof ALIASES[0]; i++)
        if (strcasecmp(name, ALIASES[i].name) == 0) {
            *out = (struct named){ALIASES[i].name, ALIASES[i].id, ALIASES[i].min, ALIASES[i].max};
            return true;
        }
    return false;
}

static const char *near_name(const char *name)
{
    const char *near = NULL;
    for (int i = 0; i < SETTING_COUNT; i++) near_consider(name, SETTINGS[i].name, &near);
    for (size_t i = 0; i < sizeof ALIASES / sizeof ALIASES[0]; i++)
        near_consider(name, ALIASES[i].name, &near);
    return near;
}

static enum status take_setting(
    const struct sql_scan *scan, int *at, const char *usage, struct named *out, struct err *e)
{
    char name[100];
    int first = *at;
    if (!take_name(scan, at, name, sizeof name)) return near(scan, first, usage, e);
    if (find_named(name, out)) return ST_OK;
    const char *near = near_name(name);
    enum status st = near != NULL
        ? err_set(e, ST_NOT_FOUND, "there is no setting %s; did you mean %s", name, near)
        : err_set(e, ST_NOT_FOUND, "there is no setting %s: SHOW ALL lists them", name);
    return fail_at(scan, first, st, e);
}

/* 64, 64kB, 2GB: PostgreSQL's units of 1024; a bare number is bytes. */
static bool read_bytes(const char *text, double *out)
{
    static const struct {
        const char *unit;
        double bytes;
    } UNITS[] = {{"", 1}, {"b", 1}, {"kb", 1024}, {"mb", 1048576}, {"gb", 1073741824.0},
        {"tb", 1099511627776.0}};
    char *end;
    *out = strtod(text, &end);
    while (*end == ' ') end++;
    for (size_t i = 0; end != text && i < sizeof UNITS / sizeof UNITS[0]; i++)
        if (strcasecmp(end, UNITS[i].unit) == 0) {
            *out *= UNITS[i].bytes;
            return true;
        }
    return false;
}

static bool read_word(const struct setting *s, const char *text, double *out)
{
    static const struct {
        const char *word;
        double value;
    } SWITCHES[] = {{"on", 1}, {"true", 1}, {"yes", 1}, {"off", 0}, {"false", 0}, {"no", 0}};
    for (size_t i = 0; s->type == TYPE_SWITCH && i < sizeof SWITCHES / sizeof SWITCHES[0]; i++)
        if (strcasecmp(text, SWITCHES[i].word) == 0) {
            *out = SWITCHES[i].value;
            return true;
        }
    for (int i = 0; s->type == TYPE_CHOICE && s->choices[i] != NULL; i++)
        if (strcasecmp(text, s->choices[i]) == 0) {
            *out = i;
            return true;
        }
    if (s->type == TYPE_BYTES) return read_bytes(text, out);
    if (s->type == TYPE_CHOICE) return false;
    char *end;
    *out = strtod(text, &end);
    return end != text && *end == '\0';
}

static const char *takes(const struct setting *s)
{
    static const char *const WORDS[] = {[TYPE_INTEGER] = "a whole number",
        [TYPE_REAL] = "a number",
        [TYPE_SWITCH] = "0 or 1",
        [TYPE_CHOICE] = "one of its words",
        [TYPE_BYTES] = "a size such as 64MB",
        [TYPE_TEXT] = "a name"};
    return WORDS[s->type];
}

static enum status check_value(const struct named *n, const char *text, double *out, struct err *e)
{
    const struct setting *s = &SETTINGS[n->id];
    if (s->type == TYPE_CHOICE && !read_word(s, text, out)) {
        char words[100] = "";
        for (int i = 0; s->choices[i] != NULL; i++) {
            size_t used = strlen(words);
            snprintf(words + used, sizeof words - used, "%s%s", i > 0 ? ", " : "", s->choices[i]);
        }
        return err_set(e, ST_INVALID, "%s takes %s, not %s", n->name, words, text);
    }
    bool whole = s->type != TYPE_REAL;
    if (!read_word(s, text, out) || !isfinite(*out) || (whole && *out != floor(*out)))
        return err_set(e, ST_INVALID, "%s takes %s, not %s", n->name, takes(s), text);
    if (*out < n->min || *out > n->max)
        return err_set(e, ST_INVALID, "%s must lie between %.15g and %.15g, not %s", n->name,
            n->min, n->max, text);
    return ST_OK;
}

/* A name in quotes or without. *set: 0 when it is empty, which is the default. */
static enum status take_text(const struct sql_scan *scan, int token, const struct named *n,
    struct sql_set *out, struct err *e)
{
    const struct sql_token *t = &scan->tokens[token];
    const char *at = scan->text + t->start, *end = scan->text + t->end;
    bool quoted = *at == '\'' || *at == '"' || *at == '`';
    size_t bytes = 0;
    if (t->kind != TK_STRING && t->kind != TK_ID)
        return err_set(e, ST_INVALID, "%s takes a name, not %.*s", n->name,
            t->end - t->start > 60 ? 60 : t->end - t->start, at);
    if (t->end - t->start >= SETTING_TEXT_BYTES)
        return err_set(e, ST_LIMIT, "%s takes at most %d bytes", n->name, SETTING_TEXT_BYTES - 3);
    char quote = quoted ? *at++ : '\0';
    for (end -= quoted; at < end; at++) {
        out->text[bytes++] = *at;
        if (quoted && *at == quote) at++; /* doubled */
    }
    out->text[bytes] = '\0';
    out->value = bytes > 0;
    out->at = token;
    return ST_OK;
}

/* A name that no model has is refused where it is said, not where it would be used. */
static enum status check_model(struct sql_session *s, const struct sql_scan *scan, const char *name,
    int token, struct err *e)
{
    if (name[0] == '\0') return ST_OK;
    enum status st = sql_model_check(s, name, e);
    return st == ST_OK ? ST_OK : fail_at(scan, token, st, e);
}

/* A number with its sign, a string, or a word. */
static enum status take_value(const struct sql_scan *scan, int *at, const struct named *n,
    struct sql_set *out, struct err *e)
{
    char text[100];
    int first = *at;
    bool minus = scan->tokens[first].kind == TK_MINUS;
    const struct sql_token *t = &scan->tokens[first + minus];
    if (first + minus >= scan->count) return near(scan, scan->count, "a value is missing", e);
    bool quoted = t->kind == TK_STRING;
    snprintf(text, sizeof text, "%s%.*s", minus ? "-" : "", t->end - t->start - 2 * quoted,
        scan->text + t->start + quoted);
    *at = first + minus + 1;
    enum status st = SETTINGS[n->id].type == TYPE_TEXT ? take_text(scan, first, n, out, e)
                                                       : check_value(n, text, &out->value, e);
    return st == ST_OK ? ST_OK : fail_at(scan, first, st, e);
}

enum status sql_overlay_take(
    struct sql_session *s, const struct sql_scan *scan, struct sql_overlay *out, struct err *e)
{
    struct sql_scan all = *scan;
    all.count = scan->settings_count;
    *out = (struct sql_overlay){0};
    if (scan->settings == 0) return ST_OK;
    enum status st = sql_overlay_read(&all, scan->settings, out, e);
    return st == ST_OK ? check_model(s, &all, out->model, out->model_at, e) : st;
}

enum status sql_overlay_read(
    const struct sql_scan *scan, int first, struct sql_overlay *out, struct err *e)
{
    static const char USAGE[] = "SETTINGS name = value, ...";
    struct sql_set value;
    struct named n;
    *out = (struct sql_overlay){0};
    for (int at = first;; at++) {
        if (out->count == SETTINGS_OF_STATEMENT_MAX)
            return fail_at(scan, at,
                err_set(e, ST_LIMIT, "at most %d settings a statement", SETTINGS_OF_STATEMENT_MAX),
                e);
        enum status st = take_setting(scan, &at, USAGE, &n, e);
        if (st != ST_OK) return st;
        if (at >= scan->count || scan->tokens[at].kind != TK_EQ) return near(scan, at, USAGE, e);
        at++;
        st = take_value(scan, &at, &n, &value, e);
        if (st != ST_OK) return st;
        out->value[out->count] = value.value;
        out->id[out->count++] = n.id;
        if (n.id == SETTING_MODEL) memcpy(out->model, value.text, sizeof out->model);
        if (n.id == SETTING_MODEL) out->model_at = value.at;
        if (at == scan->count) return ST_OK;
        if (scan->tokens[at].kind != TK_COMMA) return near(scan, at, USAGE, e);
    }
}

/* --- SET, RESET, SHOW ------------------------------------------------------------------------- */

static enum status parse_reset(const struct sql_scan *scan, struct sql_set *out, struct err *e)
{
    static const char USAGE[] = "RESET {name | ALL}";
    struct named n = {.id = 0};
    int at = 1;
    bool all = spells(scan, 1, "ALL");
    enum status st = all ? ST_OK : take_setting(scan, &at, USAGE, &n, e);
    if (all) at = 2;
    if (st == ST_OK && at < scan->count) st = near(scan, at, USAGE, e);
    *out = (struct sql_set){.id = all ? -1 : (int)n.id, .reset = true};
    return st;
}

enum status sql_set_parse(
    struct sql_session *s, const struct sql_scan *scan, struct sql_set *out, struct err *e)
{
    static const char USAGE[] = "SET [SESSION | LOCAL] name {= | TO} {value | DEFAULT}";
    struct named n;
    int at = 1;
    if (spells(scan, 0, "RESET")) return parse_reset(scan, out, e);
    *out = (struct sql_set){.local = spells(scan, 1, "LOCAL")};
    if (out->local || spells(scan, 1, "SESSION")) at++;
    enum status st = take_setting(scan, &at, USAGE, &n, e);
    if (st != ST_OK) return st;
    out->id = (int)n.id;
    bool is = at < scan->count && (scan->tokens[at].kind == TK_EQ || spells(scan, at, "TO"));
    if (!is) return near(scan, at, USAGE, e);
    at++;
    out->reset = spells(scan, at, "DEFAULT");
    if (out->reset)
        at++;
    else
        st = take_value(scan, &at, &n, out, e);
    if (st == ST_OK && at < scan->count) return near(scan, at, USAGE, e);
    return st == ST_OK ? check_model(s, scan, out->text, out->at, e) : st;
}

static void set_one(struct sql_session *s, int id, const struct sql_set *set)
{
    struct sql_settings *v = &s->settings;
    double value = set->reset ? SETTINGS[id].fallback : set->value;
    if (set->local && !store_in_transaction(s->store)) return; /* over as soon as it is said */
    if (set->local && !v->local[id]) {
        v->before[id] = v->value[id];
        if (id == SETTING_MODEL) memcpy(v->model_before, v->model, sizeof v->model);
        v->local[id] = s->settings_local = true;
    }
    if (!set->local) v->local[id] = false;
    v->value[id] = value;
    if (id == SETTING_MODEL) snprintf(v->model, sizeof v->model, "%s", set->reset ? "" : set->text);
}

void sql_set_run(struct sql_session *s, const struct sql_set *set)
{
    end_local(s);
    for (int i = 0; i < SETTING_COUNT; i++)
        if (set->id == i || set->id < 0) set_one(s, i, set);
}

enum status sql_show_parse(const struct sql_scan *scan, char **out, struct err *e)
{
    static const char USAGE[] = "SHOW {name | ALL}";
    struct named n;
    struct buf sql;
    int at = 1;
    bool all = spells(scan, 1, "ALL");
    enum status st = all ? ST_OK : take_setting(scan, &at, USAGE, &n, e);
    if (all) at = 2;
    if (st == ST_OK && at < scan->count) st = near(scan, at, USAGE, e);
    if (st != ST_OK) return st;
    buf_init(&sql);
    if (all)
        buf_add_str(&sql,
            "SELECT name, value AS setting, help AS description FROM"
            " fovea_settings()");
    else
        buf_printf(&sql, "SELECT value AS \"%s\" FROM fovea_settings() WHERE name='%s'", n.name,
            SETTINGS[n.id].name);
    *out = buf_take(&sql);
    return *out != NULL ? ST_OK : mem_err(e, 0);
}

/* --- fovea_settings() ------------------------------------------------------------------------- */

struct settings_cursor {
    struct sql_session *session;
    int at;
};

static enum status open_settings(
    struct sql_session *s, struct sql_value *const *args, int count, void **cursor, struct err *e)
{
    (void)args, (void)count;
    struct settings_cursor *c = mem_zalloc(1, sizeof *c);
    if (c == NULL) return mem_err(e, sizeof *c);
    *c = (struct settings_cursor){s, -1};
    *cursor = c;
    return ST_OK;
}

static enum status next_setting(void *cursor, bool *row, struct err *e)
{
    (void)e;
    struct settings_cursor *c = cursor;
    *row = ++c->at < SETTING_COUNT;
    return ST_OK;
}

static void add_value(
    struct sql_session *session, struct buf *out, const struct setting *s, double value)
{
    if (s->type == TYPE_TEXT)
        buf_add_str(out, value > 0 ? sql_setting_model(session, NULL) : "");
    else if (s->type == TYPE_CHOICE)
        buf_add_str(out, s->choices[(int)value]);
    else
        buf_printf(out, "%.15g", value);
}

static void show_aliases(int id, struct buf *out)
{
    for (size_t i = 0; i < sizeof ALIASES / sizeof ALIASES[0]; i++)
        if ((int)ALIASES[i].id == id)
            buf_printf(out, "%s%s", out->bytes > 0 ? ", " : "", ALIASES[i].name);
}

static void setting_column(void *cursor, int column, struct sql_result *out)
{
    static const char *const TYPES[] = {[TYPE_INTEGER] = "integer",
        [TYPE_REAL] = "real",
        [TYPE_SWITCH] = "switch",
        [TYPE_CHOICE] = "choice",
        [TYPE_BYTES] = "bytes",
        [TYPE_TEXT] = "text"};
    struct settings_cursor *c = cursor;
    const struct setting *s = &SETTINGS[c->at];
    struct buf text;
    buf_init(&text);
    switch (column) {
    case 0: buf_add_str(&text, s->name); break;
    case 1:
        add_value(
            c->session, &text, s, sql_setting(c->session, NULL, (enum sql_setting_id)c->at));
        break;
    case 2: add_value(c->session, &text, s, s->fallback); break;
    case 3: buf_add_str(&text, TYPES[s->type]); break;
    case 4: buf_printf(&text, "%.15g", s->min); break;
    case 5: buf_printf(&text, "%.15g", s->max); break;
    case 6: show_aliases(c->at, &text); break;
    default: buf_add_str(&text, s->help); break;
    }
    if (!text.failed) sql_result_text(out, text.data != NULL ? text.data : "", (int64_t)text.bytes);
    buf_deinit(&text);
}

enum status sql_settings_add(struct sql_session *s, struct err *e)
{
    static const struct sql_tabfn FUNCTION = {.name = "fovea_settings",
        .columns = "name TEXT, value TEXT, fallback TEXT, type TEXT, min TEXT, max TEXT,"
                   " aliases TEXT, help TEXT",
        .args = "",
        .open = open_settings,
        .next = next_setting,
        .column = setting_column,
        .close = mem_free};
    sql_settings_init(&s->settings);
    return sql_tabfn_add(s, &FUNCTION, e);
}

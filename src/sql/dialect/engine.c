/* engine.c - ClickHouse's ENGINE clause: which engines are taken, and what stands behind them.
 *
 * A table is SQLite's whatever the engine says. Engines that keep rows as they are inserted are
 * taken; those that merge rows behind one's back would give other answers here, so they are not.
 * ORDER BY becomes an index on its columns, as far as they are plain; PARTITION BY, SAMPLE BY,
 * SETTINGS and COMMENT are kept in the text that SHOW CREATE TABLE gives.
 */
#include <string.h>

#include "base/mem.h"
#include "base/near.h"
#include "sql/dialect/create_table.h"
#include "sql/text/ends.h"

// clang-format off
static const struct engine { const char *name, *instead; } ENGINES[] = {
    {"MergeTree", NULL}, {"ReplicatedMergeTree", NULL}, {"SharedMergeTree", NULL},
    {"Memory", NULL}, {"Log", NULL}, {"TinyLog", NULL}, {"StripeLog", NULL},
    {"ReplacingMergeTree", "it merges rows: use MergeTree, and INSERT OR REPLACE over a key"},
    {"SummingMergeTree", "it merges rows: use MergeTree and sum() in the query"},
    {"AggregatingMergeTree", "it merges rows: use MergeTree and aggregate in the query"},
    {"CollapsingMergeTree", "it merges rows: use MergeTree"},
    {"VersionedCollapsingMergeTree", "it merges rows: use MergeTree"},
    {"Distributed", "one file holds all"}, {"Buffer", "use MergeTree"}, {"Null", "use MergeTree"},
    {"File", "INSERT INTO t FROM INFILE reads files"},
    {"URL", "INSERT INTO t FROM INFILE reads files"},
    {"S3", "INSERT INTO t FROM INFILE reads files"}, {"Kafka", "use MergeTree"},
    {"View", "use CREATE VIEW"}, {"MaterializedView", "use CREATE VIEW"},
};
// clang-format on

enum { ENGINE_COUNT = sizeof ENGINES / sizeof ENGINES[0] };

static enum status unknown(struct ddl *d, const char *name, struct err *e)
{
    const char *guess = NULL;
    for (int i = 0; i < ENGINE_COUNT; i++) near_consider(name, ENGINES[i].name, &guess);
    return ddl_fail(d, d->at - 1,
        err_set(e, ST_NOT_FOUND, "there is no engine %s%s%s", name,
            guess != NULL ? "; did you mean " : "", guess != NULL ? guess : ""),
        e);
}

static enum status read_name(struct ddl *d, struct err *e)
{
    char name[64];
    d->usage = "ENGINE = MergeTree ORDER BY column";
    ddl_kind(d, TK_EQ);
    enum status st = ddl_name(d, name, sizeof name, e);
    int i = 0;
    while (st == ST_OK && i < ENGINE_COUNT && strcmp(ENGINES[i].name, name) != 0) i++;
    if (st != ST_OK) return st;
    if (i == ENGINE_COUNT) return unknown(d, name, e);
    if (ENGINES[i].instead != NULL)
        return ddl_fail(d, d->at - 1,
            err_set(
                e, ST_UNSUPPORTED, "the engine %s is not supported: %s", name, ENGINES[i].instead),
            e);
    return ST_OK;
}

static const char *const CLAUSES[] = {
    "ORDER", "PARTITION", "PRIMARY", "SAMPLE", "TTL", "SETTINGS", "COMMENT", "AS", NULL};

static bool is_clause(const struct sql_scan *scan, int at)
{
    for (int i = 0; CLAUSES[i] != NULL; i++)
        if (ddl_spells(scan, at, CLAUSES[i])) return true;
    return false;
}

/* Behind an expression. */
static enum status skip_clause(struct ddl *d, struct err *e)
{
    int first = d->at, depth = 0;
    for (; d->at < d->scan->count; d->at++) {
        if (depth == 0 && is_clause(d->scan, d->at)) break;
        if (depth == 0 && d->at > first && sql_ends_before(d->scan, d->at)) break;
        int kind = d->scan->tokens[d->at].kind;
        depth += (kind == TK_LP) - (kind == TK_RP);
        if (depth < 0) return ddl_near(d, e);
    }
    return d->at > first && depth == 0 ? ST_OK : ddl_near(d, e);
}

static enum status read_clause(struct create_table *t, struct err *e)
{
    struct ddl *d = t->d;
    bool order = ddl_word(d, "ORDER"), key = !order && ddl_word(d, "PRIMARY");
    if (order || key) {
        enum status st = ddl_expect_word(d, order ? "BY" : "KEY", e);
        int first = d->at;
        if (st == ST_OK) st = skip_clause(d, e);
        if (st == ST_OK && (order || t->order_first < 0)) {
            t->order_first = first;
            t->order_last = d->at - 1;
        }
        return st;
    }
    if (ddl_word(d, "TTL"))
        return ddl_fail(d, d->at - 1,
            err_set(e, ST_UNSUPPORTED, "TTL is not supported: DELETE what is too old"), e);
    if (ddl_word(d, "PARTITION") || ddl_word(d, "SAMPLE")) {
        enum status st = ddl_expect_word(d, "BY", e);
        return st == ST_OK ? skip_clause(d, e) : st;
    }
    if (ddl_word(d, "SETTINGS") || ddl_word(d, "COMMENT")) return skip_clause(d, e);
    return ddl_near(d, e);
}

enum status create_read_engine(struct create_table *t, struct err *e)
{
    enum status st = read_name(t->d, e);
    if (st == ST_OK && ddl_kind(t->d, TK_LP)) {
        t->d->at = create_skip(t->d->scan, t->d->at);
        while (ddl_kind(t->d, TK_COMMA)) t->d->at = create_skip(t->d->scan, t->d->at);
        st = ddl_expect(t->d, TK_RP, e);
    }
    t->clickhouse = true;
    while (st == ST_OK && t->d->at < t->d->scan->count && !ddl_spells(t->d->scan, t->d->at, "AS"))
        st = read_clause(t, e);
    return st;
}

/* A plain name, or tuple(a, b) and (a, b) of them; what follows the first other thing is left. */
void create_order_columns(const struct create_table *t, struct buf *out)
{
    const struct sql_scan *scan = t->d->scan;
    int at = t->order_first, last = t->order_last;
    if (at < 0) return;
    if (ddl_spells(scan, at, "tuple")) at++;
    bool bracket = scan->tokens[at].kind == TK_LP;
    for (at += bracket; at <= last; at += 2) {
        int behind = at + 1 <= last ? scan->tokens[at + 1].kind : TK_RP;
        struct create_element *column = NULL;
        char *name = ddl_names(scan, at) ? sql_ast_text(&t->d->ast, at) : NULL;
        if (name != NULL) column = create_find(t, name);
        if (column == NULL || column->type.vector || (behind != TK_COMMA && behind != TK_RP))
            return;
        store_sql(out, "%s\"%w\"", out->bytes > 0 ? "," : "", column->name);
        if (!bracket || behind == TK_RP) return;
    }
}

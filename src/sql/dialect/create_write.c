/* create_write.c - a CREATE TABLE as SQLite takes it.
 *
 * A column is its name, its type (types.h), and its constraints in SQLite's words. PostgreSQL's
 * counters and integer keys become INTEGER PRIMARY KEY, the rowid. With an ENGINE, a column that
 * isn't Nullable has ClickHouse's default and takes it for NULL too (NOT NULL ON CONFLICT REPLACE).
 * A vector column is checked: a BLOB of so many bytes, or NULL; the constraint's name says so to
 * those who come from a program that knows nothing of us.
 */
#include <string.h>

#include "sql/dialect/create_table.h"

struct writer {
    struct create_table *t;
    struct rewrite *out;
    struct err *e;
    const struct create_element *x;
    int at;
    bool defaulted, not_null, computed;
};

static int source(const struct writer *w, int token)
{
    return w->t->d->scan->tokens[token].start;
}

static void add_tokens(struct writer *w, int first, int last)
{
    const struct sql_scan *scan = w->t->d->scan;
    rewrite_add(w->out, scan->tokens[first].start, " ");
    rewrite_add_source(w->out, scan->text, scan->tokens[first].start, scan->tokens[last].end);
}

static bool word(struct writer *w, const char *text)
{
    bool is = w->at <= w->x->last && ddl_spells(w->t->d->scan, w->at, text);
    w->at += is;
    return is;
}

static enum status refuse(struct writer *w, const char *what, const char *instead)
{
    return ddl_fail(w->t->d, w->at - 1,
        err_set(w->e, ST_UNSUPPORTED, "%s is not supported: %s", what, instead), w->e);
}

/* --- expressions ------------------------------------------------------------------------------ */

/* What ends an expression of a column's definition. */
static bool ends_expression(const struct sql_scan *scan, int at)
{
    static const char *const WORDS[] = {"NOT", "NULL", "PRIMARY", "UNIQUE", "CHECK", "REFERENCES",
        "COLLATE", "GENERATED", "CONSTRAINT", "COMMENT", "CODEC", "TTL", "DEFAULT", "STORED",
        "MATERIALIZED", NULL};
    for (int i = 0; WORDS[i] != NULL; i++)
        if (ddl_spells(scan, at, WORDS[i])) return true;
    return false;
}

/* The last token of the expression that begins at w->at, which moves behind it. A cast at its end
 * (::text) is left out. */
static int take_expression(struct writer *w)
{
    const struct sql_scan *scan = w->t->d->scan;
    int depth = 0, first = w->at, cast = -1;
    for (; w->at <= w->x->last; w->at++) {
        int kind = scan->tokens[w->at].kind;
        if (depth == 0 && w->at > first && ends_expression(scan, w->at)) break;
        depth += (kind == TK_LP) - (kind == TK_RP);
        if (depth == 0 && cast < 0 && scan->text[scan->tokens[w->at].start] == ':') cast = w->at;
    }
    return cast > first ? cast - 1 : w->at - 1;
}

/* What SQLite has for a value that is made. */
static const char *made_value(const struct sql_scan *scan, int first)
{
    // clang-format off
    static const struct { const char *call, *sql; } CALLS[] = {
        {"now", "CURRENT_TIMESTAMP"}, {"now64", "CURRENT_TIMESTAMP"},
        {"today", "CURRENT_DATE"},
        {"clock_timestamp", "CURRENT_TIMESTAMP"}, {"statement_timestamp", "CURRENT_TIMESTAMP"},
        {"gen_random_uuid", NULL}, {"generateUUIDv4", NULL}, {"uuid_generate_v4", NULL},
    };
    // clang-format on
    static const char UUID[] =
        "(lower(hex(randomblob(4))||'-'||hex(randomblob(2))||'-4'||substr(hex(randomblob(2)),2)"
        "||'-'||substr('89AB',1+(random()&3),1)||substr(hex(randomblob(2)),2)||'-'"
        "||hex(randomblob(6))))";
    for (size_t i = 0; i < sizeof CALLS / sizeof CALLS[0]; i++)
        if (ddl_spells(scan, first, CALLS[i].call))
            return CALLS[i].sql != NULL ? CALLS[i].sql : UUID;
    return NULL;
}

static void add_default(struct writer *w, int first, int last)
{
    const struct sql_scan *scan = w->t->d->scan;
    bool call = last > first && scan->tokens[first + 1].kind == TK_LP;
    const char *made = call ? made_value(scan, first) : NULL;
    rewrite_add(w->out, source(w, first), " DEFAULT");
    int kind = scan->tokens[first].kind;
    bool sign = kind == TK_MINUS || kind == TK_PLUS;
    bool simple = last == first + sign;
    if (made != NULL)
        rewrite_add(w->out, source(w, first), " %s", made);
    else if (simple)
        add_tokens(w, first, last);
    else {
        rewrite_add(w->out, source(w, first), " (");
        add_tokens(w, first, last);
        rewrite_add(w->out, source(w, last), ")");
    }
}

/* --- constraints ------------------------------------------------------------------------------ */

static void add_computed(struct writer *w, const char *how)
{
    int first = w->at, last = take_expression(w);
    w->computed = true;
    if (first > w->x->last) return;
    rewrite_add(w->out, source(w, first), " GENERATED ALWAYS AS (");
    add_tokens(w, first, last);
    rewrite_add(w->out, source(w, last), ") %s", how);
}

/* GENERATED {ALWAYS | BY DEFAULT} AS {IDENTITY [(…)] | (expression) STORED} */
static void add_generated(struct writer *w)
{
    int first = w->at - 1;
    if (!w->x->identity) {
        while (w->at <= w->x->last && !ddl_spells(w->t->d->scan, w->at, "AS")) w->at++;
        w->at = create_skip(w->t->d->scan, w->at);
        if (w->at > w->x->last) w->at = w->x->last + 1;
        add_tokens(w, first, w->at - 1);
        return;
    }
    while (w->at <= w->x->last && !word(w, "IDENTITY")) w->at++;
    if (w->at <= w->x->last && w->t->d->scan->tokens[w->at].kind == TK_LP)
        w->at = create_skip(w->t->d->scan, w->at);
    if (w->at > w->x->last) w->at = w->x->last + 1;
}

static void skip_brackets(struct writer *w)
{
    int depth = 0;
    do {
        int kind = w->at <= w->x->last ? w->t->d->scan->tokens[w->at].kind : TK_RP;
        depth += (kind == TK_LP) - (kind == TK_RP);
        w->at++;
    } while (depth > 0);
}

/* Only SQLite's own collations mean something. */
static void add_collate(struct writer *w)
{
    static const char *const KNOWN[] = {"BINARY", "NOCASE", "RTRIM", NULL};
    int first = w->at - 1;
    for (int i = 0; KNOWN[i] != NULL; i++)
        if (ddl_spells(w->t->d->scan, w->at, KNOWN[i])) add_tokens(w, first, w->at);
    w->at++;
}

static bool rowid_key(const struct writer *w)
{
    const struct create_element *x = w->x;
    return !w->t->clickhouse && (x->type.serial || x->identity || x->primary) &&
        strcmp(x->type.affinity, "INTEGER") == 0;
}

/* One constraint; true: it was none that is changed. */
static bool add_constraint(struct writer *w, enum status *st)
{
    if (word(w, "NULL")) return false;
    if (ddl_spells(w->t->d->scan, w->at, "NOT") && ddl_spells(w->t->d->scan, w->at + 1, "NULL")) {
        w->not_null = true;
        w->at += 2;
    } else if (word(w, "DEFAULT")) {
        int first = w->at, last = take_expression(w);
        if (first > w->x->last) return true;
        w->defaulted = true;
        if (!w->x->type.vector) add_default(w, first, last);
    } else if (word(w, "PRIMARY")) {
        w->at++;
        if (!w->t->clickhouse) rewrite_add(w->out, source(w, w->at - 2), " PRIMARY KEY");
    } else if (word(w, "COMMENT") || word(w, "STORAGE") || word(w, "COMPRESSION"))
        w->at++;
    else if (word(w, "CODEC") || word(w, "STATISTICS"))
        skip_brackets(w);
    else if (word(w, "TTL"))
        *st = refuse(w, "TTL", "DELETE what is too old");
    else if (word(w, "EPHEMERAL"))
        *st = refuse(w, "EPHEMERAL", "compute the value before INSERT");
    else if (word(w, "MATERIALIZED"))
        add_computed(w, "STORED");
    else if (word(w, "ALIAS"))
        add_computed(w, "VIRTUAL");
    else if (word(w, "GENERATED"))
        add_generated(w);
    else if (word(w, "COLLATE"))
        add_collate(w);
    else
        return true;
    return false;
}

/* --- columns ---------------------------------------------------------------------------------- */

static void add_type(struct writer *w)
{
    const struct create_element *x = w->x;
    struct buf type;
    if (!x->typed) return;
    buf_init(&type);
    if (rowid_key(w) || w->t->strict)
        buf_add_str(&type, x->type.affinity);
    else
        dialect_type_write(w->t->d->scan, &x->type, &type);
    if (type.failed) w->out->sql.failed = true;
    rewrite_add(w->out, source(w, x->type.first), " %s", type.failed ? "" : type.data);
    buf_deinit(&type);
}

static void add_vector_check(struct writer *w)
{
    struct buf sql;
    buf_init(&sql);
    if (w->x->type.sparse)
        dialect_sparse_check(&sql, w->x->name, w->x->type.dim);
    else
        dialect_vector_check(&sql, w->x->name, w->x->type.dim);
    if (sql.failed) w->out->sql.failed = true;
    rewrite_add(w->out, source(w, w->x->last), "%s", sql.failed ? "" : sql.data);
    buf_deinit(&sql);
}

static enum status write_column(struct writer *w)
{
    const struct create_element *x = w->x;
    enum status st = ST_OK;
    bool serial = x->type.serial || x->identity;
    if (serial && !x->primary)
        return ddl_fail(w->t->d, x->first,
            err_set(w->e, ST_UNSUPPORTED,
                "%s counts up, which only a PRIMARY KEY does here: %s ... PRIMARY KEY", x->name,
                x->name),
            w->e);
    rewrite_add_source(
        w->out, w->t->d->scan->text, source(w, x->first), w->t->d->scan->tokens[x->first].end);
    add_type(w);
    w->at = x->rest;
    while (st == ST_OK && w->at <= x->last) {
        int at = w->at;
        if (!add_constraint(w, &st)) continue;
        if (w->t->d->scan->tokens[at].kind == TK_LP) {
            skip_brackets(w);
            if (w->at > x->last) w->at = x->last + 1;
            add_tokens(w, at, w->at - 1);
        } else {
            add_tokens(w, at, at);
            w->at = at + 1;
        }
    }
    bool fills = w->t->clickhouse && !w->computed && !x->type.nullable && !x->type.vector &&
        (w->defaulted || x->type.fallback != NULL);
    if (fills && !w->defaulted)
        rewrite_add(w->out, source(w, x->last), " DEFAULT %s", x->type.fallback);
    if (fills)
        rewrite_add(w->out, source(w, x->last), " NOT NULL ON CONFLICT REPLACE");
    else if (w->not_null)
        rewrite_add(w->out, source(w, x->last), " NOT NULL");
    if (x->type.vector || x->type.sparse) add_vector_check(w);
    return st;
}

enum status create_write_column(
    struct create_table *t, const struct create_element *x, struct rewrite *out, struct err *e)
{
    struct writer w = {.t = t, .out = out, .e = e, .x = x};
    return write_column(&w);
}

static bool is_key_of_engine(const struct create_table *t, const struct create_element *x)
{
    return t->clickhouse && x->kind == CREATE_CONSTRAINT &&
        ddl_spells(t->d->scan, x->first, "PRIMARY");
}

static enum status write_element(struct writer *w, bool first)
{
    const struct create_element *x = w->x;
    if (x->kind == CREATE_NOTHING || is_key_of_engine(w->t, x)) return ST_OK;
    rewrite_add(w->out, source(w, x->first), first ? "\n  " : ",\n  ");
    if (x->kind == CREATE_COLUMN) return write_column(w);
    if (x->kind == CREATE_CONSTRAINT) {
        add_tokens(w, x->first, x->last);
        return ST_OK;
    }
    add_tokens(w, x->first, x->check - 1);
    rewrite_add(w->out, source(w, x->check), " (");
    add_tokens(w, x->check, x->last);
    rewrite_add(w->out, source(w, x->last), ")");
    return ST_OK;
}

enum status create_write(struct create_table *t, struct rewrite *out, struct err *e)
{
    const struct sql_scan *scan = t->d->scan;
    enum status st = ST_OK;
    bool first = true;
    int behind = scan->tokens[t->name_last].end;
    rewrite_add(out, scan->tokens[0].start, "CREATE %sTABLE %s", t->temporary ? "TEMP " : "",
        t->if_not_exists ? "IF NOT EXISTS " : "");
    rewrite_add_source(out, scan->text, scan->tokens[t->name_first].start, behind);
    rewrite_add(out, behind, "(");
    /* Columns first: SQLite takes the table's constraints behind them only. */
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; st == ST_OK && i < t->element_count; i++) {
            struct writer w = {.t = t, .out = out, .e = e, .x = &t->elements[i]};
            if ((w.x->kind == CREATE_COLUMN) != (pass == 0)) continue;
            st = write_element(&w, first);
            first = false;
        }
    rewrite_add(out, scan->tokens[scan->count - 1].start, ")");
    if (t->tail_first >= 0) {
        struct writer w = {.t = t, .out = out};
        add_tokens(&w, t->tail_first, t->tail_last);
    }
    return st;
}

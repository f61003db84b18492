/* vectors.c - functions whose name SQLite has, of vectors: avg, sum, length.
 *
 * Nothing is registered over SQLite's own: where an argument can be shown to be a vector, the call
 * is written with another name (vector_avg), and everywhere else SQLite's function gets what it
 * always got. A vector is a column that is declared as one, traced by SQLite itself through views
 * and subqueries, or what a function of vectors gives, a cast, a list of numbers.
 */
#include "sql/dialect/vectors.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "sql/dialect/forms.h"
#include "sql/dialect/types.h"
#include "sql/plan/arithmetic.h"
#include "sql/plan/plan.h"

/* --- is it worth a look? ---------------------------------------------------------------------- */

static bool names(const struct sql_scan *scan, const char *name)
{
    size_t bytes = strlen(name);
    for (int i = 0; i < scan->count; i++) {
        struct sql_token t = scan->tokens[i];
        if (t.kind != TK_ID) continue;
        bool quoted = strchr("\"`[", scan->text[t.start]) != NULL;
        int start = t.start + quoted, length = t.end - quoted - start;
        if ((size_t)length == bytes && strncasecmp(scan->text + start, name, bytes) == 0)
            return true;
    }
    return false;
}

static bool begins(const struct sql_scan *scan, struct sql_token t, const char *with)
{
    size_t bytes = strlen(with);
    return (size_t)(t.end - t.start) >= bytes &&
        strncasecmp(scan->text + t.start, with, bytes) == 0;
}

/* A function's argument that is no name can be a vector too. */
static bool holds_calls(const struct sql_scan *scan)
{
    static const char *const BEGINNINGS[] = {"vector", "halfvec", "l2_", "subvector", "embed_",
        "encode_", "reinterpret", "L1Norm", "L2Norm", "LinfNorm", "LpNorm", "groupArray",
        "array_agg"};
    for (int i = 0; i < scan->count; i++) {
        struct sql_token t = scan->tokens[i];
        if (t.kind == TK_ARRAY || t.kind == TK_LB || t.kind == TK_TYPECAST) return true;
        for (size_t k = 0; t.kind == TK_ID && k < sizeof BEGINNINGS / sizeof BEGINNINGS[0]; k++)
            if (begins(scan, t, BEGINNINGS[k])) return true;
    }
    return false;
}

bool dialect_names_vectors(struct sql_session *s, const struct sql_scan *scan)
{
    static const char SQL[] = "SELECT col FROM main.fovea_columns"
                              " UNION ALL SELECT name FROM main.sqlite_schema WHERE type = 'view'";
    bool found = holds_calls(scan);
    if (found ||
        sqlite3_table_column_metadata(
            s->db, "main", "fovea_columns", NULL, NULL, NULL, NULL, NULL, NULL) != SQLITE_OK)
        return found;
    sqlite3_stmt *stmt = s->vector_names;
    if (stmt == NULL && sqlite3_prepare_v2(s->db, SQL, -1, &stmt, NULL) != SQLITE_OK) return false;
    while (!found && sqlite3_step(stmt) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(stmt, 0);
        found = name != NULL && names(scan, name);
    }
    sqlite3_reset(stmt);
    if (store_is_adopted(s->store))
        sqlite3_finalize(stmt);
    else
        s->vector_names = stmt;
    return found;
}

/* --- is it a vector? -------------------------------------------------------------------------- */

/* Unknown: a name of a query's column that comes from no table's. */
enum kind { KIND_OTHER, KIND_VECTOR, KIND_LIST, KIND_UNKNOWN };

static int kind_at(const struct sql_plan *p, int i)
{
    return p->scan.tokens[i].kind;
}

static bool spells(const struct sql_plan *p, int i, const char *word)
{
    return lex_is(p->scan.text, p->scan.tokens[i], word);
}

/* SELECT name FROM …, prepared. */
static sqlite3_stmt *prepare_name(struct sql_plan *p, int first, int last)
{
    const struct sql_node *select = sql_ast_select_around(&p->ast, first, last);
    struct rewrite r;
    struct err e = ERR_INIT;
    sqlite3_stmt *stmt = NULL;
    int skip, source = p->scan.tokens[first].start;
    if (select == NULL) return NULL;
    rewrite_init(&r);
    struct emit m = {.plan = p, .out = &r, .tracing = true, .e = &e};
    enum status st = emit_outer_ctes(&m, select->first, select->last, &skip);
    rewrite_add(&r, source, "SELECT ");
    if (st == ST_OK) st = emit_part(&m, first, last);
    bool word = kind_at(p, select->inner->first) == TK_FROM;
    rewrite_add(&r, source, "%s", word ? " " : " FROM ");
    if (st == ST_OK) st = emit_part(&m, select->inner->first, select->inner->last);
    if (st == ST_OK && !r.sql.failed)
        sqlite3_prepare_v2(p->session->db, r.sql.data, -1, &stmt, NULL);
    rewrite_deinit(&r);
    return stmt;
}

static enum kind kind_of_name(struct sql_plan *p, int first, int last)
{
    struct store_column c = {.dim = 0};
    int dim;
    for (int i = first; i <= last; i++)
        if (kind_at(p, i) != ((i - first) % 2 == 0 ? TK_ID : TK_DOT)) return KIND_OTHER;
    if ((last - first) % 2 != 0) return KIND_OTHER;
    const struct sql_alias_ast *alias = first == last ? form_alias(p, first) : NULL;
    if (alias != NULL && kind_at(p, alias->first) == TK_ARRAY) return KIND_VECTOR;
    sqlite3_stmt *stmt = prepare_name(p, first, last);
    if (stmt == NULL) return KIND_OTHER;
    bool vector = dialect_type_is_vector(sqlite3_column_decltype(stmt, 0), &dim) ||
        (trace_column(p->session, stmt, 0, &c, NULL) == ST_OK && c.dim > 0);
    bool traced = sqlite3_column_table_name(stmt, 0) != NULL;
    sqlite3_finalize(stmt);
    return vector ? KIND_VECTOR : traced ? KIND_OTHER : KIND_UNKNOWN;
}

static enum kind kind_of_call(const struct sql_plan *p, int name)
{
    static const char *const VECTORS[] = {"vector", "halfvec", "l2_normalize", "subvector",
        "vector_add", "vector_sub", "vector_mul", "vector_combine", "vector_multiply",
        "vector_divide", "vector_concat", "vector_avg", "vector_sum", "L1Normalize", "L2Normalize",
        "LinfNormalize", "LpNormalize", "normalizeL1", "normalizeL2", "normalizeLinf",
        "normalizeLp", "embed_text", "embed_image", "encode_text", "encode_image", "reinterpret"};
    static const char *const LISTS[] = {"groupArray", "array_agg"};
    if (p->renames != NULL && p->renames[name] != NULL)
        return strncmp(p->renames[name], "vector_", 7) == 0 ? KIND_VECTOR : KIND_OTHER;
    for (size_t i = 0; i < sizeof VECTORS / sizeof VECTORS[0]; i++)
        if (spells(p, name, VECTORS[i])) return KIND_VECTOR;
    for (size_t i = 0; i < sizeof LISTS / sizeof LISTS[0]; i++)
        if (spells(p, name, LISTS[i])) return KIND_LIST;
    return KIND_OTHER;
}

static enum kind kind_of_form(const struct sql_plan *p, const struct sql_node *n)
{
    static const char *const TYPES[] = {
        "vector", "halfvec", "real", "float4", "float8", "double", "Array"};
    bool cast = n->form == FORM_CAST || n->form == FORM_CAST_CALL;
    bool list = p->scan.text[p->scan.tokens[n->last - (n->form == FORM_CAST_CALL)].start] == '[';
    if (n->form == FORM_ARRAY) return form_is_vector(p, n->first) ? KIND_VECTOR : KIND_LIST;
    if (n->form == FORM_LIST) return KIND_LIST;
    for (size_t i = 0; cast && i < sizeof TYPES / sizeof TYPES[0]; i++)
        if (spells(p, n->at + 1, TYPES[i]))
            return i < 2 || i == 6 || list ? KIND_VECTOR : KIND_OTHER;
    return cast && list ? KIND_LIST : KIND_OTHER;
}

static int close_of(const struct sql_plan *p, int open)
{
    int depth = 0, i = open;
    do depth += (kind_at(p, i) == TK_LP) - (kind_at(p, i) == TK_RP);
    while (depth > 0 && ++i < p->scan.count);
    return i;
}

static enum kind kind_of(struct sql_plan *p, int first, int last)
{
    while (first < last && kind_at(p, first) == TK_LP && close_of(p, first) == last) {
        first++;
        last--;
    }
    if (first > last) return KIND_OTHER;
    for (struct sql_node *n = p->ast.heads[first]; n != NULL; n = n->same) {
        if (n->last != last) continue;
        if (n->kind == NODE_FORM) return kind_of_form(p, n);
        if (n->kind == NODE_CALL) return kind_of_call(p, first);
        if (n->kind == NODE_ARITHMETIC)
            return arithmetic_is_vector(p, n) ? KIND_VECTOR : KIND_OTHER;
    }
    if (kind_at(p, first) == TK_ID && kind_at(p, first + 1) == TK_LP)
        return close_of(p, first + 1) == last ? kind_of_call(p, first) : KIND_OTHER;
    return kind_of_name(p, first, last);
}

bool dialect_is_vector(struct sql_plan *p, int first, int last)
{
    return kind_of(p, first, last) == KIND_VECTOR;
}

/* Its name: the alias, or the text. */
static bool is_called(struct sql_plan *p, int last, const char *name)
{
    struct sql_result_ast r = p->ast.results[last];
    const char *alias = r.alias > 0 ? sql_ast_text(&p->ast, r.alias) : NULL;
    if (r.alias > 0) return alias != NULL && strcmp(alias, name) == 0;
    int start = p->scan.tokens[r.first - 1].start, end = p->scan.tokens[last].end;
    size_t bytes = (size_t)(end - start);
    return strlen(name) == bytes && memcmp(p->scan.text + start, name, bytes) == 0;
}

/* The last token of a call without its FILTER and OVER. */
static int without_window(const struct sql_plan *p, int first, int last)
{
    for (int i = first, depth = 0; i <= last; i++) {
        int kind = kind_at(p, i);
        if (depth == 0 && (kind == TK_OVER || kind == TK_FILTER)) return i - 1;
        depth += (kind == TK_LP) - (kind == TK_RP);
    }
    return last;
}

bool dialect_result_is_vector(struct sql_plan *p, const char *name)
{
    for (int i = 0; i < p->scan.count; i++) {
        struct sql_result_ast r = p->ast.results[i];
        if (r.first == 0 || !is_called(p, i, name)) continue;
        int last = r.alias == 0 ? i : r.alias - 1 - (kind_at(p, r.alias - 1) == TK_AS);
        last = without_window(p, r.first - 1, last);
        if (dialect_is_vector(p, r.first - 1, last)) return true;
    }
    return false;
}

/* --- names ------------------------------------------------------------------------------------ */

void dialect_keep_names(struct sql_plan *p, int token)
{
    for (int i = token; i < p->scan.count; i++) {
        struct sql_result_ast r = p->ast.results[i];
        if (r.first > 0 && r.alias == 0 && r.first - 1 <= token) p->ast.result_first[i] = r.first;
    }
}

static enum status rename_token(struct sql_plan *p, int token, const char *name, struct err *e)
{
    if (p->renames == NULL)
        p->renames = arena_array(&p->arena, (size_t)p->scan.count + 1, sizeof *p->renames);
    if (p->renames == NULL) return mem_err(e, 0);
    p->renames[token] = name;
    dialect_keep_names(p, token);
    return ST_OK;
}

/* The ) of the call whose name is at a token when it has one argument; -1. */
static int close_of_one(const struct sql_plan *p, int name)
{
    int depth = 0, i = name + 1;
    for (; i < p->scan.count; i++) {
        int kind = kind_at(p, i);
        depth += (kind == TK_LP || kind == TK_LB) - (kind == TK_RP || kind == TK_RB);
        if (depth == 0) return i;
        if (depth == 1 && kind == TK_COMMA) return -1;
    }
    return -1;
}

/* SQLite names a result column without AS by its text, comments and all; ours are written without.
 */
static void keep_commented_names(struct sql_plan *p)
{
    const char *text = p->scan.text;
    for (int i = 0; i < p->scan.count; i++) {
        struct sql_result_ast r = p->ast.results[i];
        bool named = r.first == 0 || r.alias > 0, plain = true, comment = false;
        for (int k = r.first; !named && k <= i; k++) { /* behind the first token */
            int start = p->scan.tokens[k - 1].end, end = p->scan.tokens[k].start;
            plain = plain && (kind_at(p, k) == TK_DOT || kind_at(p, k) == TK_ID);
            for (int at = start; at < end; at++)
                comment = comment || strchr(" \t\r\n\f", text[at]) == NULL;
        }
        if (!named && comment && !plain) p->ast.result_first[i] = r.first;
    }
}

/* length() counts what SQLite counts, but for columns of ClickHouse's arrays, whose length is that
 * of the array. */
static bool is_other_column(struct sql_plan *p, int first, int last)
{
    for (int i = first; i <= last; i++)
        if (kind_at(p, i) != ((i - first) % 2 == 0 ? TK_ID : TK_DOT)) return false;
    sqlite3_stmt *stmt = prepare_name(p, first, last);
    if (stmt == NULL) return false;
    const char *type = sqlite3_column_decltype(stmt, 0);
    bool array = type != NULL && strstr(type, "Array(") != NULL;
    bool column = sqlite3_column_table_name(stmt, 0) != NULL;
    sqlite3_finalize(stmt);
    return column && !array;
}

/* From the end to the start, so that what stands inside is known before what is around it. */
enum status plan_vectors(struct sql_plan *p, struct err *e)
{
    static const struct {
        const char *name, *of_vector, *of_list, *of_unknown;
    } FUNCTIONS[] = {{"avg", "vector_avg", NULL, "fovea_avg"},
        {"sum", "vector_sum", NULL, "fovea_sum"},
        {"length", "vector_dims", "cardinality", "fovea_length"},
        {"toString", "vector_text", NULL, NULL}, {"pg_typeof", "fovea_vector_type", NULL, NULL},
        {"toTypeName", "fovea_array_type", NULL, NULL}};
    enum status st = ST_OK;
    keep_commented_names(p);
    if ((p->scan.holds & HOLDS_SUMS) == 0) return ST_OK;
    for (int i = p->scan.count - 2; st == ST_OK && i >= 0; i--) {
        if (kind_at(p, i) != TK_ID || kind_at(p, i + 1) != TK_LP) continue;
        for (size_t k = 0; st == ST_OK && k < sizeof FUNCTIONS / sizeof FUNCTIONS[0]; k++) {
            int close = spells(p, i, FUNCTIONS[k].name) ? close_of_one(p, i) : -1;
            if (close < i + 3) continue;
            enum kind kind = kind_of(p, i + 2, close - 1);
            if (spells(p, i, "length") && is_other_column(p, i + 2, close - 1)) kind = KIND_OTHER;
            const char *name = kind == KIND_VECTOR ? FUNCTIONS[k].of_vector
                : kind == KIND_LIST                ? FUNCTIONS[k].of_list
                : kind == KIND_UNKNOWN             ? FUNCTIONS[k].of_unknown
                                                   : NULL;
            if (name != NULL) st = rename_token(p, i, name, e);
        }
    }
    return st;
}

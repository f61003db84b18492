/* plan_step.c - one of our statements to a step: q's text, its names from outside, its columns.
 *
 * q runs as a statement of its own, so it sees neither the common table expressions nor the rows
 * around it. The first are written before it. For the second nothing has to be resolved by us: q is
 * prepared, and when SQLite knows no column of a name, that name becomes an argument, which the
 * query around q then has to know. Only where there is a query around it: elsewhere the failure is
 * the user's.
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "model/registry.h"
#include "sql/plan/plan.h"
#include "sql/statement/statement.h"

enum { CAPTURES_MAX = 32 };

/* What a header without q reads. */
static enum status write_source(struct sql_step *s, struct emit *m)
{
    struct buf sql;
    buf_init(&sql);
    enum status st = s->statement->source(s, &sql, m->e);
    if (st == ST_OK) st = buf_check(&sql, m->e);
    if (st == ST_OK) rewrite_add(m->out, s->plan->scan.tokens[s->node->at].start, "%s", sql.data);
    buf_deinit(&sql);
    return st;
}

static enum status write_query(
    struct sql_step *s, const struct sql_node *node, bool rowid, struct emit *m)
{
    int first = node->query_first, last = node->query_last, skip = 0;
    if (first < 0) return write_source(s, m);
    if (node->inner != NULL) {
        rewrite_add(m->out, s->plan->scan.tokens[first].start, "SELECT * FROM ");
        return emit_rows(m, node->inner->built, "");
    }
    enum status st = emit_outer_ctes(m, first, last, &skip);
    if (rowid && skip == 0) {
        rewrite_add(m->out, s->plan->scan.tokens[first].start, "SELECT _rowid_ AS fovea_rowid, ");
        skip = 1;
    }
    return st == ST_OK ? emit_tokens(m, first + skip, last) : st;
}

bool plan_capture(struct sql_step *s, const struct rewrite *r, const struct err *e)
{
    static const char UNKNOWN[] = "no such column: ";
    if (e->offset < 0 || strncmp(e->text, UNKNOWN, sizeof UNKNOWN - 1) != 0) return false;
    const struct sql_token *t = s->plan->scan.tokens;
    int first = emit_token_at(s->plan, r, e->offset), last = first, captures = 0;
    if (first < 0 || t[first].kind != TK_ID) return false;
    while (last - first < 4 && t[last + 1].kind == TK_DOT && t[last + 2].kind == TK_ID) last += 2;
    for (int i = 0; i < s->arg_count; i++) {
        if (s->args[i].parameter != 0) continue;
        captures++;
        if (s->args[i].first == first) return false;
    }
    if (captures == CAPTURES_MAX) return false;
    return step_arg_add(s, (struct step_arg){.first = first, .last = last}) >= 0;
}

static enum status prepare_query(struct sql_step *s, bool nested, bool rowid, struct err *e)
{
    struct err why = ERR_INIT;
    struct rewrite r;
    enum status st;
    bool again;
    do {
        rewrite_init(&r);
        struct emit m = {.plan = s->plan, .step = s, .out = &r, .e = &why};
        st = write_query(s, s->node, rowid, &m);
        if (st == ST_OK) st = buf_check(&r.sql, &why);
        bool written = st == ST_OK;
        if (written) st = step_prepare(s, r.sql.data, &why);
        again = false;
        if (written && st != ST_OK) st = plan_reshape(s->plan, &again, &why);
        again = again || (written && st != ST_OK && nested && plan_capture(s, &r, &why));
        if (written && st != ST_OK && why.offset >= 0 && why.line == 0)
            err_place(&why, s->plan->scan.text, rewrite_source(&r, why.offset));
        if (st != ST_OK && !again) sql_scan_place(&s->plan->scan, &why);
        rewrite_deinit(&r);
        if (again) why = ERR_INIT;
    } while (again);
    if (e != NULL && st != ST_OK) *e = why;
    return st;
}

/* q must read: a step that writes would do so as often as it is read. */
static enum status check_query(const struct sql_step *s, struct err *e)
{
    if (sqlite3_stmt_readonly(s->rows) && sqlite3_column_count(s->rows) > 0) return ST_OK;
    int token = s->node->query_first >= 0 ? s->node->query_first : s->node->at;
    return sql_at(&s->plan->ast, token,
        err_set(e, ST_INVALID, "the query of a %s must be a SELECT", s->statement->name), e);
}

/* --- CONVERT with table_name ------------------------------------------------------------------ */

static bool is_table(struct sql_session *s, const char *name)
{
    return sqlite3_table_column_metadata(s->db, NULL, name, NULL, NULL, NULL, NULL, NULL, NULL) ==
        SQLITE_OK;
}

static bool spells(struct sql_plan *p, int token, const char *name)
{
    const char *text = sql_ast_text(&p->ast, token);
    return text != NULL && sqlite3_stricmp(text, name) == 0;
}

/* Is q a scan of just this table, so that its rows are the table's rows? */
static bool is_plain_scan(struct sql_plan *p, const struct sql_node *node, const char *table)
{
    const struct sql_node *select = p->ast.heads[node->query_first];
    while (select != NULL && !(select->kind == NODE_SELECT && select->last == node->query_last))
        select = select->same;
    if (select == NULL || select->inner == NULL) return false;
    int second = p->scan.tokens[select->first + 1].kind, name = select->inner->first + 1;
    if (second == TK_DISTINCT || select->inner->last > name + 2) return false;
    for (int i = select->inner->last; i <= select->last; i++)
        if (p->scan.tokens[i].kind == TK_GROUP) return false;
    for (int i = name + 1; i <= select->inner->last; i++)
        if (p->scan.tokens[i].kind != TK_ID && p->scan.tokens[i].kind != TK_AS) return false;
    return spells(p, name, table);
}

/* Does q read this table at all? */
static bool reads(struct sql_plan *p, const struct sql_node *node, const char *table)
{
    for (int i = node->query_first; i <= node->query_last; i++) {
        int kind = p->scan.tokens[i].kind, before = p->scan.tokens[i - 1].kind;
        bool source =
            before == TK_FROM || before == TK_JOIN || before == TK_COMMA || before == TK_DOT;
        if (kind == TK_ID && source && spells(p, i, table)) return true;
    }
    return false;
}

/* What a saved column needs of the table that is there. */
static enum status check_save(struct sql_step *s, int token, bool there, struct err *e)
{
    const struct sql_save *save = s->plan->save;
    if (there && save->create && !save->replace)
        return sql_at(&s->plan->ast, token,
            err_set(e, ST_EXISTS,
                "table %s is there already and the query doesn't read it;"
                " overwrite=True replaces it",
                save->table),
            e);
    bool found = save->create || save->by_rowid ||
        sqlite3_table_column_metadata(s->session->db, NULL, save->table, save->picture, NULL, NULL,
            NULL, NULL, NULL) == SQLITE_OK;
    if (found) return ST_OK;
    return sql_at(&s->plan->ast, token,
        err_set(e, ST_NOT_FOUND, "table %s has no column %s to find its rows by", save->table,
            save->picture),
        e);
}

/* The name of the vector column. */
static const char *computed_column(const struct sql_step *s)
{
    int i = 0;
    while (s->columns[i].computed < 0) i++;
    return s->columns[i].name;
}

/* What the table itself calls the column with the pictures. */
static void take_picture(const struct sql_step *s, struct sql_save *save)
{
    struct store_column *c = &save->declared;
    if (c->picture[0] == '\0') return;
    const char *table = sqlite3_column_table_name(s->rows, s->picture_column);
    const char *origin = sqlite3_column_origin_name(s->rows, s->picture_column);
    bool own = table != NULL && origin != NULL && sqlite3_stricmp(table, save->table) == 0;
    bool fits = own && strlen(origin) < sizeof c->picture;
    snprintf(c->picture, sizeof c->picture, "%s", fits ? origin : "");
}

static enum status plan_save(struct sql_step *s, bool nested, bool by_rowid, struct err *e)
{
    struct sql_plan *p = s->plan;
    const struct sql_literal *given = sql_option_given(&s->options, "table_name");
    if (given == NULL) return ST_OK;
    if (nested)
        return sql_at(&p->ast, given->first,
            err_set(e, ST_UNSUPPORTED,
                "table_name is for a CONVERT of its own; rows of a query are"
                " kept by CREATE TABLE t AS SELECT * FROM (CONVERT ...)"),
            e);
    struct sql_save *save = p->save = arena_alloc(&p->arena, sizeof *save);
    if (save == NULL) return mem_err(e, 0);
    int key = s->text_column >= 0 ? s->text_column : s->picture_column;
    bool there = is_table(p->session, given->text);
    *save = (struct sql_save){.table = given->text,
        .create = !there || !reads(p, s->node, given->text),
        .by_rowid = by_rowid,
        .show = true,
        .replace = sql_option_boolean(&s->options, "overwrite"),
        .declared = step_declaration(s),
        .column = computed_column(s),
        .picture = s->query_names[key]};
    if (!save->create) take_picture(s, save);
    return check_save(s, given->first, there, e);
}

/* Prepared with its rowids where it can be; a view or a table without rowids is matched by picture.
 */
static enum status prepare_saved(struct sql_step *s, bool *by_rowid, struct err *e)
{
    const struct sql_literal *given = sql_option_given(&s->options, "table_name");
    *by_rowid = given != NULL && is_plain_scan(s->plan, s->node, given->text);
    if (*by_rowid && prepare_query(s, false, true, NULL) == ST_OK) {
        s->rowid_column = 0;
        return ST_OK;
    }
    *by_rowid = false;
    return prepare_query(s, false, false, e);
}

/* --- CREATE TABLE … USING --------------------------------------------------------------------- */

static enum status plan_create(struct sql_step *s, struct err *e)
{
    struct sql_plan *p = s->plan;
    struct sql_save *save = p->save = arena_alloc(&p->arena, sizeof *save);
    char *table = sql_ast_text(&p->ast, p->ast.create_name);
    if (save == NULL || table == NULL) return mem_err(e, 0);
    bool there = is_table(p->session, table);
    bool overwrite = sql_option_boolean(&s->options, "overwrite");
    bool skip = there && !overwrite && p->scan.tokens[p->ast.create_name - 1].kind == TK_EXISTS;
    if (there && !overwrite && !skip)
        return sql_at(&p->ast, p->ast.create_name,
            err_set(e, ST_EXISTS, "table %s is there already; overwrite=True replaces it", table),
            e);
    *save = (struct sql_save){.table = table,
        .create = true,
        .skip = skip,
        .replace = overwrite,
        .declared = step_declaration(s),
        .column = computed_column(s)};
    return ST_OK;
}

/* --- all kinds -------------------------------------------------------------------------------- */

/* A search of which only the best are wanted; one that cuts by several scores at once needs all
 * rows. */
static enum status prepare_nearest(struct sql_step *s, bool nested, struct err *e)
{
    bool made, cuts = s->order != NULL && s->input_count > 1;
    struct err own = ERR_INIT;
    if (s->input_count == 0 || s->vector_column < 0 || cuts) return ST_OK;
    enum status st = plan_nearest_search(s, &made, e);
    if (st != ST_OK || !made || prepare_query(s, nested, false, &own) == ST_OK) return st;
    s->plan->rows_only = true;
    return prepare_query(s, nested, false, e);
}

static enum status build(struct sql_step *s, bool nested, struct err *e)
{
    struct sql_plan *p = s->plan;
    bool creates = p->ast.create_using == s->node, by_rowid = false;
    s->options.table = s->statement->options;
    s->options.count = s->statement->option_count;
    enum status st = sql_options_check(&p->ast, s->node, &s->options, e);
    if (st == ST_OK && !s->statement->no_model) st = step_take_model(s, e);
    if (st != ST_OK) return st;
    if (nested || creates || s->node->query_first < 0)
        st = prepare_query(s, nested, false, e);
    else
        st = prepare_saved(s, &by_rowid, e);
    if (st == ST_OK) st = check_query(s, e);
    if (st == ST_OK) st = s->statement->plan(s, e);
    if (st == ST_OK) st = prepare_nearest(s, nested, e);
    if (st == ST_OK && creates) st = plan_create(s, e);
    if (st == ST_OK && !creates) st = plan_save(s, nested, by_rowid, e);
    return st == ST_OK ? step_register(s, e) : st;
}

/* --- the names of another dialect ------------------------------------------------------------- */

/* Is it read by a step that is prepared already? Then its columns stay as they are. */
static bool is_inside(const struct sql_plan *p, const struct sql_step *s)
{
    for (const struct sql_step *t = p->steps; t != NULL; t = t->next_of_plan)
        if (t != s && t->nearest == NULL && t->rows != NULL &&
            t->node->query_first <= s->node->at && s->node->at <= t->node->query_last)
            return true;
    return false;
}

static bool shows(const struct sql_step *s, const char *name)
{
    for (int i = 0; i < s->column_count; i++)
        if (!s->columns[i].hidden && sqlite3_stricmp(s->columns[i].name, name) == 0) return true;
    return false;
}

static void begin_shape(struct sql_step *s, int shape)
{
    s->shape = shape;
    s->columns = NULL;
    s->column_count = s->column_capacity = s->computed_count = 0;
}

/* Plans the step's columns anew in a shape, which must show the name: *taken. */
static enum status take_shape(
    struct sql_step *s, int shape, const char *name, bool *taken, struct err *e)
{
    struct sql_step before = *s;
    begin_shape(s, shape);
    enum status st = s->statement->plan(s, e);
    *taken = st == ST_OK && shows(s, name);
    if (!*taken) {
        *s = before;
        return st == ST_NO_MEMORY ? st : ST_OK;
    }
    step_forget(s);
    st = prepare_nearest(s, true, e);
    return st == ST_OK ? step_register(s, e) : st;
}

/* The column that SQLite misses, without the table before it; false: it misses none. */
static bool missing_column(const struct err *e, char *out, size_t bytes)
{
    static const char *const WORDS[] = {"no such column: ", "cannot join using column "};
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        if (strncmp(e->text, WORDS[i], strlen(WORDS[i])) != 0) continue;
        const char *name = e->text + strlen(WORDS[i]), *end = strstr(name, " - column not");
        if (end == NULL) end = name + strlen(name);
        for (const char *p = name; p < end; p++)
            if (*p == '.') name = p + 1;
        snprintf(out, bytes, "%.*s", (int)(end - name), name);
        return true;
    }
    return false;
}

enum status plan_reshape(struct sql_plan *p, bool *again, struct err *e)
{
    struct err own = ERR_INIT;
    enum status st = ST_OK;
    char name[ERR_TEXT_BYTES];
    *again = false;
    if (!missing_column(e, name, sizeof name)) return e->code;
    for (struct sql_step *s = p->steps; s != NULL; s = s->next_of_plan) {
        if (!s->registered || s->statement->shapes == 0 || is_inside(p, s) || shows(s, name))
            continue;
        s->shapes_tried |= 1u << s->shape;
        for (int i = 0; st == ST_OK && !*again && i < s->statement->shapes; i++)
            if ((s->shapes_tried & (1u << i)) == 0) st = take_shape(s, i, name, again, &own);
        if (st == ST_OK && !*again) continue;
        if (st != ST_OK) {
            *e = own;
            *again = false;
        }
        break;
    }
    return e->code;
}

static void tell_names(
    const struct sql_step *s, void (*each)(void *user, const char *name), void *user)
{
    for (int i = 0; i < s->column_count; i++) each(user, s->columns[i].name);
}

void plan_each_name(struct sql_step *s, void (*each)(void *user, const char *name), void *user)
{
    struct err none = ERR_INIT;
    struct sql_step before = *s;
    tell_names(s, each, user);
    bool fixed = s->rows == NULL || is_inside(s->plan, s);
    for (int i = 0; !fixed && i < s->statement->shapes; i++) {
        if (i == before.shape) continue;
        begin_shape(s, i);
        if (s->statement->plan(s, &none) == ST_OK) tell_names(s, each, user);
        *s = before;
    }
}

/* Without USING: the setting `model`, else the model that ships. */
static enum status take_default_model(struct sql_plan *p, struct sql_node *node, struct err *e)
{
    struct sql_literal *model = arena_alloc(&p->arena, sizeof *model);
    const char *set = sql_setting_model(p->session, &p->overlay);
    char *name = arena_printf(&p->arena, "%s", set[0] != '\0' ? set : MODEL_DEFAULT);
    if (model == NULL || name == NULL) return mem_err(e, sizeof *model);
    *model = (struct sql_literal){
        .kind = LITERAL_NAME, .first = node->at, .last = node->at, .text = name};
    node->parts.model = model;
    return ST_OK;
}

enum status plan_step(struct sql_plan *p, struct sql_node *node, bool nested, struct err *e)
{
    const struct sql_statement *kind;
    if (node->built != NULL) return ST_OK;
    enum status found = sql_statement_find(&p->ast, node, &kind, e);
    if (found == ST_OK && node->parts.model == NULL && !kind->no_model)
        found = take_default_model(p, node, e);
    if (found != ST_OK) return found;
    if (node->inner != NULL) {
        enum status st = plan_step(p, node->inner, nested, e);
        if (st != ST_OK) return st;
    }
    struct sql_step *s = arena_alloc(&p->arena, sizeof *s);
    if (s == NULL) return mem_err(e, sizeof *s);
    *s = (struct sql_step){.plan = p,
        .session = p->session,
        .node = node,
        .next_of_plan = p->steps,
        .batch = 1,
        .picture_column = -1,
        .text_column = -1,
        .vector_column = -1,
        .label_column = -1,
        .rowid_column = -1,
        .shape = -1,
        .statement = kind};
    p->steps = s;
    node->built = s;
    enum status st = build(s, nested, e);
    if (st != ST_OK) node->built = NULL;
    return st;
}

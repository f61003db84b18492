/* step.c - planning's half of a step: its arguments, its columns, its name in SQL. */
#include "sql/plan/step.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "sql/nearest/nearest.h"
#include "sql/plan/plan.h"
#include "sql/statement/statement.h"

int step_arg_add(struct sql_step *s, struct step_arg arg)
{
    for (int i = 0; i < s->arg_count; i++) {
        const struct step_arg *a = &s->args[i];
        if (a->parameter == arg.parameter && (arg.parameter != 0 || a->first == arg.first))
            return i;
    }
    if (s->arg_count == STEP_ARGS_MAX) return -1;
    s->args[s->arg_count] = arg;
    return s->arg_count++;
}

static bool has_name(const struct sql_step *s, const char *name)
{
    for (int i = 0; i < s->column_count; i++)
        if (strcasecmp(s->columns[i].name, name) == 0) return true;
    return false;
}

/* A second column of a name is called name:1, as SQLite does for CREATE TABLE AS. */
static char *free_name(struct sql_step *s, const char *name)
{
    char *free = arena_strndup(&s->plan->arena, name, strlen(name));
    for (int i = 1; free != NULL && has_name(s, free); i++)
        free = arena_printf(&s->plan->arena, "%s:%d", name, i);
    return free;
}

static bool columns_grow(struct sql_step *s)
{
    if (s->column_count < s->column_capacity) return true;
    int capacity = s->column_capacity > 0 ? s->column_capacity * 2 : 16;
    struct step_column *grown = arena_array(&s->plan->arena, (size_t)capacity, sizeof *grown);
    if (grown == NULL) return false;
    if (s->column_count > 0) memcpy(grown, s->columns, (size_t)s->column_count * sizeof *grown);
    s->columns = grown;
    s->column_capacity = capacity;
    return true;
}

struct step_column *step_column_add(struct sql_step *s, const char *name, const char *type)
{
    char *own = name != NULL && columns_grow(s) ? free_name(s, name)
                                                : NULL; /* NULL: SQLite has no memory */
    char *own_type = own != NULL ? arena_strndup(&s->plan->arena, type, strlen(type)) : NULL;
    if (own_type == NULL) return NULL;
    struct step_column *c = &s->columns[s->column_count++];
    *c = (struct step_column){.name = own, .type = own_type, .from = -1, .computed = -1};
    return c;
}

int step_query_column(const struct sql_step *s, const char *name)
{
    for (int i = 0; i < sqlite3_column_count(s->rows); i++)
        if (sqlite3_stricmp(sqlite3_column_name(s->rows, i), name) == 0) return i;
    return -1;
}

/* A declared type may hold anything; only a plain one is repeated, others give their affinity's
 * word. */
const char *step_plain_type(const char *type)
{
    static const char PLAIN[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_ ";
    static const char *const WORDS[] = {
        "HIDDEN", "GENERATED", "NOT", "NULL", "DEFAULT", "CHECK", "PRIMARY"};
    if (type == NULL) return "";
    size_t end = strspn(type, PLAIN);
    if (type[end] == '(') end += 1 + strspn(type + end + 1, "0123456789, ");
    bool plain = type[end] == '\0' || (type[end] == ')' && type[end + 1] == '\0');
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++)
        if (strcasestr(type, WORDS[i]) != NULL) plain = false;
    return plain ? type : "NUMERIC";
}

enum status step_trace(struct sql_step *s, int column, struct store_column *out, struct err *e)
{
    const struct store_column *known = s->query_traced[column];
    if (known == NULL) {
        struct store_column *c = arena_array(&s->plan->arena, 1, sizeof *c);
        if (c == NULL) return mem_err(e, sizeof *c);
        enum status st = trace_column(s->session, s->rows, column, c, e);
        if (st != ST_OK) return st;
        s->query_traced[column] = known = c;
    }
    *out = *known;
    return ST_OK;
}

enum status step_columns_of_query(struct sql_step *s, int skip, struct err *e)
{
    for (int i = 0; i < sqlite3_column_count(s->rows); i++) {
        if (i == s->rowid_column || i == skip) continue;
        const char *type = step_plain_type(sqlite3_column_decltype(s->rows, i));
        struct step_column *c = step_column_add(s, sqlite3_column_name(s->rows, i), type);
        if (c == NULL) return mem_err(e, 0);
        c->from = i;
        enum status st = step_trace(s, i, &c->declared, e);
        if (st != ST_OK) return st;
    }
    return ST_OK;
}

enum status step_prepare(struct sql_step *s, const char *sql, struct err *e)
{
    sqlite3_finalize(s->rows);
    s->rows = NULL;
    const char *tail;
    int rc = sqlite3_prepare_v3(s->session->db, sql, -1, 0, &s->rows, &tail);
    if (rc != SQLITE_OK) return sql_word(s->session, rc, e);
    s->query_columns = sqlite3_column_count(s->rows);
    s->query_names =
        arena_array(&s->plan->arena, (size_t)s->query_columns + 1, sizeof *s->query_names);
    s->query_traced =
        arena_array(&s->plan->arena, (size_t)s->query_columns + 1, sizeof *s->query_traced);
    s->query = arena_strndup(&s->plan->arena, sql, strlen(sql));
    if (s->query == NULL || s->query_names == NULL || s->query_traced == NULL) return mem_err(e, 0);
    memset(s->query_traced, 0, ((size_t)s->query_columns + 1) * sizeof *s->query_traced);
    for (int i = 0; i < s->query_columns; i++) {
        const char *name = sqlite3_column_name(s->rows, i);
        s->query_names[i] =
            name != NULL ? arena_strndup(&s->plan->arena, name, strlen(name)) : NULL;
        if (s->query_names[i] == NULL) return mem_err(e, 0);
    }
    return ST_OK;
}

void sql_add_name(struct buf *sql, const char *name)
{
    if (name == NULL) sql->failed = true; /* SQLite has no memory for it */
    buf_add_char(sql, '"');
    for (; name != NULL && *name != '\0'; name++) {
        if (*name == '"') buf_add_char(sql, '"');
        buf_add_char(sql, *name);
    }
    buf_add_char(sql, '"');
}

/* Collations travel too, so that comparing a column of the step is comparing the column of q. */
static void add_collation(struct sql_step *s, int column, struct buf *sql)
{
    const char *table = sqlite3_column_table_name(s->rows, column), *collation = NULL;
    const char *schema = sqlite3_column_database_name(s->rows, column);
    const char *origin = sqlite3_column_origin_name(s->rows, column);
    if (table == NULL || origin == NULL) return;
    int rc = sqlite3_table_column_metadata(
        s->session->db, schema, table, origin, NULL, &collation, NULL, NULL, NULL);
    if (rc != SQLITE_OK || collation == NULL || strcasecmp(collation, "BINARY") == 0) return;
    buf_add_str(sql, " COLLATE ");
    sql_add_name(sql, collation);
}

int step_args_at(const struct sql_step *s)
{
    return s->args_first ? 0 : s->column_count;
}

int step_columns_at(const struct sql_step *s)
{
    return s->args_first ? s->arg_count : 0;
}

static void declare_args(const struct sql_step *s, struct buf *sql)
{
    for (int i = 0; i < s->arg_count; i++) {
        if (step_args_at(s) + i > 0) buf_add_char(sql, ',');
        buf_printf(sql, " \"fovea_arg_%d\" HIDDEN", i);
    }
}

/* The arguments of a call are its hidden columns in their order. */
void step_declare(struct sql_step *s, struct buf *sql)
{
    buf_add_str(sql, "CREATE TABLE x(");
    if (s->args_first) declare_args(s, sql);
    for (int i = 0; i < s->column_count; i++) {
        const struct step_column *c = &s->columns[i];
        if (step_columns_at(s) + i > 0) buf_add_char(sql, ',');
        sql_add_name(sql, c->name);
        buf_printf(sql, " %s%s", c->type, c->hidden || s->args_first ? " HIDDEN" : "");
        if (c->from >= 0) add_collation(s, c->from, sql);
    }
    if (!s->args_first) declare_args(s, sql);
    buf_add_char(sql, ')');
}

enum status step_register(struct sql_step *s, struct err *e)
{
    snprintf(
        s->module, sizeof s->module, "fovea_step_%llu", (unsigned long long)++s->session->steps);
    const sqlite3_module *module = s->statement->module;
    if (module == NULL) module = &step_module;
    int rc = sqlite3_create_module_v2(s->session->db, s->module, module, s, NULL);
    if (rc != SQLITE_OK) return sql_word(s->session, rc, e);
    s->registered = true;
    s->next_of_session = s->session->step_list;
    s->session->step_list = s;
    return ST_OK;
}

void step_forget(struct sql_step *s)
{
    for (struct sql_step **at = &s->session->step_list; *at != NULL; at = &(*at)->next_of_session)
        if (*at == s) {
            *at = s->next_of_session;
            break;
        }
    if (s->registered) sqlite3_create_module_v2(s->session->db, s->module, NULL, NULL, NULL);
    s->registered = false;
}

void step_close(struct sql_step *s)
{
    if (s == NULL) return;
    step_forget(s);
    sqlite3_finalize(s->rows);
    nearest_close(s->nearest);
}

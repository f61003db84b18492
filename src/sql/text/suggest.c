/* suggest.c - the nearest name there is, behind SQLite's "no such table: phtos".
 *
 * Tables and functions are asked of SQLite. Columns are those of the tables the statement names, of
 * the steps that are planned, as each dialect calls them, and the names it gives itself with AS.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/near.h"
#include "model/registry.h"
#include "sql/plan/plan.h"
#include "sql/text/expect.h"
#include "store/model_names.h"

enum { NAME_BYTES = 64, NAMES_MAX = 20000 };

struct search {
    struct sql_session *session;
    const struct sql_scan *scan;
    char wanted[NAME_BYTES];
    char best[NAME_BYTES]; /* "" for none yet */
};

static void consider(struct search *s, const char *name)
{
    const char *best = s->best[0] != '\0' ? s->best : NULL;
    char copy[NAME_BYTES];
    if (name == NULL || strlen(name) >= sizeof copy || strncmp(name, "fovea_step_", 11) == 0)
        return;
    snprintf(copy, sizeof copy, "%s", name);
    near_consider(s->wanted, copy, &best);
    if (best == copy) snprintf(s->best, sizeof s->best, "%s", copy);
}

/* The names that a query gives in its first column. */
static void consider_all(struct search *s, const char *sql, const char *name)
{
    sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v2(s->session->db, sql, -1, &stmt, NULL) != SQLITE_OK) return;
    if (name != NULL) sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
    for (int i = 0; i < NAMES_MAX && sqlite3_step(stmt) == SQLITE_ROW; i++)
        consider(s, (const char *)sqlite3_column_text(stmt, 0));
    sqlite3_finalize(stmt);
}

/* A token's name without its quotes; false: it is none. */
static bool name_of(const struct sql_scan *scan, int token, char out[NAME_BYTES])
{
    struct sql_token t = scan->tokens[token];
    bool quotes = t.kind == TK_ID && strchr("\"`[", scan->text[t.start]) != NULL;
    int bytes = t.end - t.start - 2 * quotes;
    if (t.kind != TK_ID || bytes < 1 || bytes >= NAME_BYTES) return false;
    snprintf(out, NAME_BYTES, "%.*s", bytes, scan->text + t.start + quotes);
    return true;
}

static void find_table(struct search *s)
{
    char name[NAME_BYTES];
    for (int i = 0; i + 1 < s->scan->count && i < NAMES_MAX; i++)
        if (s->scan->tokens[i + 1].kind == TK_AS && name_of(s->scan, i, name)) consider(s, name);
    consider_all(s,
        "SELECT name FROM pragma_table_list WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        " AND name NOT LIKE 'fovea\\_%' ESCAPE '\\' AND type IN ('table', 'view', 'virtual')",
        NULL);
}

static void consider_column(void *user, const char *name)
{
    consider(user, name);
}

static void find_column(struct search *s)
{
    char name[NAME_BYTES];
    for (struct sql_step *step = s->session->step_list; step != NULL; step = step->next_of_session)
        if (step->plan->scan.text == s->scan->text) plan_each_name(step, consider_column, s);
    for (int i = 1; i < s->scan->count && i < NAMES_MAX; i++) {
        int before = s->scan->tokens[i - 1].kind;
        if (!name_of(s->scan, i, name)) continue;
        if (before == TK_AS) consider(s, name);
        bool table = before == TK_FROM || before == TK_JOIN || before == TK_COMMA ||
            before == TK_INTO || before == TK_UPDATE || before == TK_DOT || before == TK_ON ||
            before == TK_TABLE;
        if (table) consider_all(s, "SELECT name FROM pragma_table_xinfo(?1)", name);
    }
}

static void find_function(struct search *s)
{
    consider_all(s, "SELECT DISTINCT name FROM pragma_function_list", NULL);
}

static void find_index(struct search *s)
{
    consider_all(s, "SELECT name FROM sqlite_schema WHERE type = 'index'", NULL);
}

static const struct {
    const char *words;
    void (*find)(struct search *s);
} KINDS[] = {
    {"no such table: ", find_table},
    {"no such column: ", find_column},
    {" has no column named ", find_column},
    {"no such function: ", find_function},
    {"no such index: ", find_index},
};

/* A place in the words that SQLite doesn't give one for: that of the name. */
static void place(const struct sql_scan *scan, const char *wanted, struct err *e)
{
    char name[NAME_BYTES];
    for (int i = 0; e->line == 0 && i < scan->count; i++)
        if (name_of(scan, i, name) && sqlite3_stricmp(name, wanted) == 0)
            err_place(e, scan->text, scan->tokens[i].start);
}

/* SQLite knows a name in any case. */
static bool is_same(const struct search *s, bool cases)
{
    return cases ? strcmp(s->best, s->wanted) == 0 : sqlite3_stricmp(s->best, s->wanted) == 0;
}

static void tell(const struct search *s, bool cases, struct err *e)
{
    size_t used = strlen(e->text);
    if (s->best[0] != '\0' && !is_same(s, cases))
        snprintf(e->text + used, sizeof e->text - used, "; did you mean %s", s->best);
}

void sql_suggest(struct sql_session *s, const struct sql_scan *scan, struct err *e)
{
    struct search search = {.session = s, .scan = scan};
    if (e == NULL || e->code == ST_OK || strstr(e->text, "did you mean") != NULL) return;
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
        const char *at = strstr(e->text, KINDS[i].words);
        if (at == NULL) continue;
        const char *name = at + strlen(KINDS[i].words), *dot = strrchr(name, '.');
        if (dot != NULL) name = dot + 1;
        if (strlen(name) >= sizeof search.wanted) return;
        snprintf(search.wanted, sizeof search.wanted, "%s", name);
        place(scan, search.wanted, e);
        struct err kept = s->fault;
        KINDS[i].find(&search);
        s->fault = kept;
        break;
    }
    tell(&search, false, e);
}

/* --- models ----------------------------------------------------------------------------------- */

static enum status consider_found(void *user, const char *name, const char *dir, struct err *e)
{
    (void)dir, (void)e;
    consider(user, name);
    return ST_OK;
}

static enum status consider_own(void *user, const struct store_model_name *name, struct err *e)
{
    (void)e;
    consider(user, name->name);
    return ST_OK;
}

void sql_suggest_model(struct sql_session *s, const char *name, struct err *e)
{
    struct search search = {.session = s};
    if (e == NULL || strlen(name) >= sizeof search.wanted) return;
    snprintf(search.wanted, sizeof search.wanted, "%s", name);
    enum status st = model_list(consider_found, &search, NULL);
    if (st == ST_OK) st = store_model_names_each(s->store, consider_own, &search, NULL);
    for (size_t i = 0; st == ST_OK && model_known_at(i) != NULL; i++)
        consider(&search, model_known_at(i)->name);
    tell(&search, true, e);
}

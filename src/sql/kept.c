/* kept.c - a short list, the last finalized first; looking one up compares texts of equal length.
 *
 * Threads: one at a time, as everything of a session.
 */
#include "sql/kept.h"

#include <string.h>

#include "base/mem.h"
#include "sql/plan/plan.h"
#include "sql/statement/ddl.h"
#include "sql/statement/statement.h"

enum { KEPT_MAX = 16, TEXT_MAX = 8192 };

/* What asks for a look at models and indexes, which a plain statement doesn't take again. */
enum { HOLDS_MORE = HOLDS_STEP | HOLDS_DISTANCE | HOLDS_SETTINGS | HOLDS_ENCODE };

/* Rows are read or written, nothing else. */
static bool is_data(const struct sql_scan *scan)
{
    static const int FIRST[] = {
        TK_SELECT, TK_WITH, TK_VALUES, TK_SEARCH, TK_INSERT, TK_REPLACE, TK_UPDATE, TK_DELETE};
    for (size_t i = 0; i < sizeof FIRST / sizeof FIRST[0]; i++)
        if (scan->tokens[0].kind == FIRST[i]) return true;
    return false;
}

static bool reads_files(const struct sql_scan *scan)
{
    for (int i = 0; i + 1 < scan->count; i++)
        if (scan->tokens[i + 1].kind == TK_LP && ddl_spells(scan, i, "file")) return true;
    return false;
}

/* A plan that may be run twice where it turns out to be too old, and that has read no file. */
static bool is_lasting(const struct sql_plan *p)
{
    if (p->save != NULL || p->rows_only || p->ast.print != NULL || p->parameters.typed ||
        !sqlite3_stmt_readonly(p->stmt))
        return false;
    for (const struct sql_step *s = p->steps; s != NULL; s = s->next_of_plan) {
        bool texts = s->statement == &statement_search_image && !s->inputs_are_pictures;
        if (s->nearest == NULL && !texts) return false;
    }
    return p->steps != NULL;
}

/* Of main, -1 when that can't be read. */
static int schema_now(struct sql_session *s)
{
    int version = -1;
    if (s->schema_version == NULL &&
        sqlite3_prepare_v3(s->db, "PRAGMA main.schema_version", -1, SQLITE_PREPARE_PERSISTENT,
            &s->schema_version, NULL) != SQLITE_OK)
        return -1;
    if (sqlite3_step(s->schema_version) == SQLITE_ROW)
        version = sqlite3_column_int(s->schema_version, 0);
    sqlite3_reset(s->schema_version);
    return version;
}

/* What we made of the text hangs on which columns hold vectors: SQLite doesn't look at that again.
 * Of other files than main it isn't told. */
static bool note_schema(struct sql_stmt *st)
{
    struct sql_session *s = st->session;
    bool told = sqlite3_db_name(s->db, 2) == NULL;
    if (st->plan != NULL) return told; /* sql_data_version */
    st->hangs = st->translated || (st->holds & HOLDS_SUMS) != 0;
    if (!st->hangs) return true;
    st->schema = schema_now(s);
    return st->schema >= 0 && told;
}

void sql_kept_mark(struct sql_stmt *st, const struct sql_scan *scan, const char *text, size_t bytes)
{
    st->data = st->command == NULL && st->analysis == NULL && is_data(scan) &&
        (st->plan == NULL || st->plan->save == NULL);
    bool followed = st->after.before != NULL || st->after.behind != NULL;
    bool plain = st->plan == NULL && (st->holds & HOLDS_MORE) == 0 && !st->parameters.typed;
    if (!st->data || followed || st->format != NULL || bytes > TEXT_MAX || reads_files(scan) ||
        store_is_adopted(st->session->store) || !(plain || (st->plan && is_lasting(st->plan))) ||
        !note_schema(st))
        return;
    st->key = mem_strndup(text, bytes);
    st->key_bytes = bytes;
}

struct sql_stmt *sql_kept_take(struct sql_session *s, const char *text, size_t bytes)
{
    for (struct sql_stmt **at = &s->kept; *at != NULL; at = &(*at)->next_kept) {
        struct sql_stmt *st = *at;
        if (st->key_bytes != bytes || memcmp(st->key, text, bytes) != 0) continue;
        *at = st->next_kept;
        st->next_kept = NULL;
        st->taken = true;
        s->fault = ERR_INIT;
        if (!st->hangs || st->schema == schema_now(s)) return st;
        stmt_free(st);
        return NULL;
    }
    return NULL;
}

static void drop_last(struct sql_session *s)
{
    struct sql_stmt **at = &s->kept;
    while ((*at)->next_kept != NULL) at = &(*at)->next_kept;
    stmt_free(*at);
    *at = NULL;
}

bool sql_kept_put(struct sql_stmt *st)
{
    struct sql_session *s = st->session;
    int count = 0;
    if (st->key == NULL) return false;
    sqlite3_clear_bindings(stmt_prepared(st));
    struct sql_parameters *p = st->plan != NULL ? &st->plan->parameters : &st->parameters;
    for (int i = 1; i <= p->count; i++) p->at[i].bound = false;
    st->done = false;
    st->next_kept = s->kept;
    s->kept = st;
    for (const struct sql_stmt *k = st; k != NULL; k = k->next_kept) count++;
    if (count > KEPT_MAX) drop_last(s);
    return true;
}

unsigned sql_data_version(const struct sql_session *s)
{
    unsigned version = 0;
    sqlite3_file_control(s->db, "main", SQLITE_FCNTL_DATA_VERSION, &version);
    return version;
}

void sql_kept_before(const struct sql_stmt *st)
{
    if (!st->data) sql_kept_clear(st->session);
}

void sql_kept_close(struct sql_session *s)
{
    sql_kept_clear(s);
    sqlite3_finalize(s->schema_version);
    s->schema_version = NULL;
}

void sql_kept_clear(struct sql_session *s)
{
    while (s->kept != NULL) {
        struct sql_stmt *st = s->kept;
        s->kept = st->next_kept;
        stmt_free(st);
    }
}

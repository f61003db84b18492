/* scalar.c - scalar functions and aggregates of the rooms above, under SQLite's calling convention.
 */
#include <string.h>

#include "base/mem.h"
#include "sql/internal.h"

enum { ARGS_MAX = 127 }; /* SQLite's own bound */

struct scalar_bound {
    struct sql_session *session;
    const struct sql_scalar *fn;
};

struct aggregate_bound {
    struct sql_session *session;
    const struct sql_aggregate *fn;
};

/* What SQLite keeps for a group: our flag, then the function's own state. */
struct group {
    bool failed;
    _Alignas(8) unsigned char state[];
};

static enum status check_count(const char *name, int min, int max, int count, struct err *e)
{
    if (count >= min && count <= max) return ST_OK;
    if (min == max)
        return err_set(e, ST_INVALID, "%s() takes %d arguments, not %d", name, min, count);
    return err_set(e, ST_INVALID, "%s() takes %d to %d arguments, not %d", name, min, max, count);
}

static void take_args(struct sql_value **out, sqlite3_value **argv, int argc)
{
    for (int i = 0; i < argc && i < ARGS_MAX; i++) out[i] = (struct sql_value *)argv[i];
}

static void scalar_call(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    const struct scalar_bound *b = sqlite3_user_data(ctx);
    struct sql_value *args[ARGS_MAX];
    struct err e = ERR_INIT;
    take_args(args, argv, argc);
    enum status st = check_count(b->fn->name, b->fn->args_min, b->fn->args_max, argc, &e);
    if (st == ST_OK) st = b->fn->call(b->session, args, argc, (struct sql_result *)ctx, &e);
    if (st != ST_OK) sql_fault(b->session, ctx, &e);
}

/* SQLite's own functions, each between blanks: asked once, as the list is long. */
static void read_builtins(struct sql_session *s)
{
    static const char SQL[] =
        "SELECT ' ' || group_concat(name, ' ') || ' ' FROM pragma_function_list WHERE builtin";
    sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v2(s->db, SQL, -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW && sqlite3_column_text(stmt, 0) != NULL)
        s->builtins = mem_strdup((const char *)sqlite3_column_text(stmt, 0));
    sqlite3_finalize(stmt);
}

/* Does SQLite bring a function of that name? */
static bool is_builtin(struct sql_session *s, const char *name)
{
    if (s->builtins == NULL) read_builtins(s);
    const char *at = s->builtins;
    size_t bytes = strlen(name);
    while (at != NULL && (at = strcasestr(at, name)) != NULL) {
        if (at[-1] == ' ' && at[bytes] == ' ') return true;
        at += bytes;
    }
    return false;
}

enum status sql_scalar_add(struct sql_session *s, const struct sql_scalar *fn, struct err *e)
{
    if (fn->yields && is_builtin(s, fn->name)) return ST_OK;
    struct scalar_bound *b = mem_zalloc(1, sizeof *b);
    if (b == NULL) return mem_err(e, sizeof *b);
    *b = (struct scalar_bound){s, fn};
    int flags = SQLITE_UTF8 | (fn->deterministic ? SQLITE_DETERMINISTIC : 0) |
        (fn->direct_only ? SQLITE_DIRECTONLY : 0);
    int rc = sqlite3_create_function_v2(
        s->db, fn->name, -1, flags, b, scalar_call, NULL, NULL, mem_free);
    return rc == SQLITE_OK ? ST_OK : sql_word(s, rc, e);
}

static struct group *group_of(sqlite3_context *ctx)
{
    const struct aggregate_bound *b = sqlite3_user_data(ctx);
    struct group *g = sqlite3_aggregate_context(ctx, (int)(sizeof *g + b->fn->state_bytes));
    if (g == NULL) sqlite3_result_error_nomem(ctx);
    return g;
}

static void aggregate_fail(sqlite3_context *ctx, struct group *g, const struct err *e)
{
    const struct aggregate_bound *b = sqlite3_user_data(ctx);
    g->failed = true;
    sql_fault(b->session, ctx, e);
}

static void aggregate_step(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    const struct aggregate_bound *b = sqlite3_user_data(ctx);
    struct group *g = group_of(ctx);
    struct sql_value *args[ARGS_MAX];
    struct err e = ERR_INIT;
    if (g == NULL || g->failed) return;
    take_args(args, argv, argc);
    enum status st = check_count(b->fn->name, b->fn->args_min, b->fn->args_max, argc, &e);
    if (st == ST_OK) st = b->fn->step(b->session, g->state, args, argc, &e);
    if (st != ST_OK) aggregate_fail(ctx, g, &e);
}

static void aggregate_inverse(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    const struct aggregate_bound *b = sqlite3_user_data(ctx);
    struct group *g = group_of(ctx);
    struct sql_value *args[ARGS_MAX];
    struct err e = ERR_INIT;
    if (g == NULL || g->failed) return;
    take_args(args, argv, argc);
    if (b->fn->inverse(b->session, g->state, args, argc, &e) != ST_OK) aggregate_fail(ctx, g, &e);
}

static void aggregate_value(sqlite3_context *ctx)
{
    const struct aggregate_bound *b = sqlite3_user_data(ctx);
    struct group *g = group_of(ctx);
    struct err e = ERR_INIT;
    if (g == NULL || g->failed) return;
    if (b->fn->value(b->session, g->state, (struct sql_result *)ctx, &e) != ST_OK)
        aggregate_fail(ctx, g, &e);
}

static void aggregate_final(sqlite3_context *ctx)
{
    const struct aggregate_bound *b = sqlite3_user_data(ctx);
    struct group *g = group_of(ctx);
    struct err e = ERR_INIT;
    if (g == NULL) return;
    /* After an error SQLite still finalizes the group; its result goes nowhere, its memory must go.
     */
    struct sql_result *out = g->failed ? NULL : (struct sql_result *)ctx;
    if (b->fn->final(b->session, g->state, out, &e) != ST_OK && out != NULL)
        sql_fault(b->session, ctx, &e);
}

enum status sql_aggregate_add(struct sql_session *s, const struct sql_aggregate *fn, struct err *e)
{
    if (fn->yields && is_builtin(s, fn->name)) return ST_OK;
    struct aggregate_bound *b = mem_zalloc(1, sizeof *b);
    if (b == NULL) return mem_err(e, sizeof *b);
    *b = (struct aggregate_bound){s, fn};
    int flags = SQLITE_UTF8 | (fn->direct_only ? SQLITE_DIRECTONLY : 0);
    bool window = fn->value != NULL && fn->inverse != NULL;
    int rc = sqlite3_create_window_function(s->db, fn->name, -1, flags, b, aggregate_step,
        aggregate_final, window ? aggregate_value : NULL, window ? aggregate_inverse : NULL,
        mem_free);
    return rc == SQLITE_OK ? ST_OK : sql_word(s, rc, e);
}

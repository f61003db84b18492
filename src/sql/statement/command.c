/* command.c - the kinds of command, and the one that changes settings.
 *
 * Commands are flat, a word and names behind it, so they are read token by token instead of by the
 * grammar.
 */
#include "sql/statement/command.h"

#include "base/mem.h"
#include "sql/dialect/create_table.h"
#include "sql/dialect/postgres.h"
#include "sql/internal.h"
#include "sql/statement/commands.h"
#include "sql/statement/ddl.h"

enum { ARENA_BYTES_MAX = 64 << 20 };

/* --- SET and RESET ---------------------------------------------------------------------------- */

static bool is_set(struct sql_session *s, const struct sql_scan *scan)
{
    (void)s;
    return ddl_spells(scan, 0, "SET") || ddl_spells(scan, 0, "RESET");
}

static enum status read_set(struct ddl *d, struct err *e)
{
    struct sql_set *set = arena_alloc(&d->command->arena, sizeof *set);
    if (set == NULL) return mem_err(e, sizeof *set);
    d->command->data = set;
    d->at = d->scan->count;
    return sql_set_parse(d->session, d->scan, set, e);
}

static enum status run_set(struct sql_session *s, const struct sql_command *c, struct err *e)
{
    (void)e;
    sql_set_run(s, c->data);
    return ST_OK;
}

static const struct sql_command_kind sql_command_set = {
    .is = is_set, .read = read_set, .run = run_set};

/* --- PREPROCESS, of ThanoSQL's first documents ------------------------------------------------ */

static bool is_preprocess(struct sql_session *s, const struct sql_scan *scan)
{
    (void)s;
    return ddl_spells(scan, 0, "PREPROCESS");
}

static enum status read_preprocess(struct ddl *d, struct err *e)
{
    return ddl_fail(d, 0,
        err_set(e, ST_UNSUPPORTED,
            "PREPROCESS is not supported: pictures are taken as they are, models prepare them"),
        e);
}

static const struct sql_command_kind sql_command_preprocess = {
    .is = is_preprocess, .read = read_preprocess};

/* --- all of them ------------------------------------------------------------------------------ */

static const struct sql_command_kind *const COMMANDS[] = {
    &sql_command_parameter,
    &sql_command_postgres,
    &sql_command_set,
    &sql_command_index,
    &sql_command_create_table,
    &sql_command_add_column,
    &sql_command_model,
    &sql_command_load,
    &sql_command_dataset,
    &sql_command_infile,
    &sql_command_copy,
    &sql_command_preprocess,
};

enum status sql_command_open(
    struct sql_session *s, const struct sql_scan *scan, struct sql_command **out, struct err *e)
{
    const struct sql_command_kind *kind = NULL;
    *out = NULL;
    for (size_t i = 0; kind == NULL && i < sizeof COMMANDS / sizeof COMMANDS[0]; i++)
        if (COMMANDS[i]->is(s, scan)) kind = COMMANDS[i];
    if (kind == NULL) return ST_OK;
    struct sql_command *c = mem_zalloc(1, sizeof *c);
    if (c == NULL) return mem_err(e, sizeof *c);
    c->kind = kind;
    arena_init(&c->arena, ARENA_BYTES_MAX);
    struct ddl d = {.session = s,
        .scan = scan,
        .usage = "",
        .command = c,
        .ast = {.scan = scan, .arena = &c->arena}};
    enum status st = kind->read(&d, e);
    if (st == ST_OK) st = ddl_end(&d, e);
    if (st == ST_OK)
        *out = c;
    else
        sql_command_close(c);
    return st;
}

void sql_command_close(struct sql_command *c)
{
    if (c == NULL) return;
    arena_deinit(&c->arena);
    mem_free(c);
}

enum status sql_command_run(struct sql_session *s, const struct sql_command *c, struct err *e)
{
    return c->kind->run(s, c, e);
}

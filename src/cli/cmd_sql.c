/* cmd_sql.c - fovea sql: statements from -c, from stdin or typed at a prompt. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/engine.h"
#include "cli/script.h"
#include "cli/shell.h"
#include "cli/text.h"

static const struct arg_option options[] = {
    {"command", 'c', "SQL", "run these statements instead of reading them"},
    {"functions", 0, "GLOB", "take functions of your own from ClickHouse's XML files"},
    {"json", 0, NULL, "print the last statement's rows as a JSON array of objects"},
    {"csv", 0, NULL, "print rows as CSV with a line of names"},
    {"box", 0, NULL, "draw a box, as on a terminal"},
    {"format", 0, "FORM", "any form of rows: Pretty, JSONEachRow, ...; docs/cli.md has them"},
    {"sheet", 0, "FILE.png", "draw the last result's pictures as a contact sheet"},
    {NULL, 0, NULL, NULL},
};

static int run_text(struct cli *c, const char *text, size_t bytes)
{
    struct script s = {.text = text, .bytes = bytes, .only_last = c->format == &format_json};
    return script_run(c, &s);
}

static int run_stdin(struct cli *c)
{
    struct buf text;
    buf_init(&text);
    ssize_t n = 1;
    while (n > 0 && text.bytes < SCRIPT_BYTES_MAX) {
        char *at = buf_reserve(&text, 65536);
        if (at == NULL) break;
        n = read(STDIN_FILENO, at, 65536);
        if (n > 0) text.bytes += (size_t)n;
    }
    int code;
    if (text.failed)
        code = cli_fail(c, "out of memory");
    else if (n < 0)
        code = cli_fail(c, "stdin can't be read: %s", strerror(errno));
    else if (n > 0)
        code = cli_fail(c, "stdin is longer than %d bytes", SCRIPT_BYTES_MAX);
    else
        code = run_text(c, text.data != NULL ? text.data : "", text.bytes);
    buf_deinit(&text);
    return code;
}

/* Executable functions, before the first statement. */
static bool load_functions(struct cli *c, const char *pattern)
{
    struct buf sql;
    struct err e = ERR_INIT;
    struct fovea_stmt *s = NULL;
    bool row;
    buf_init(&sql);
    buf_add_str(&sql, "LOAD FUNCTIONS FROM ");
    text_add_quoted(&sql, pattern);
    bool ok = buf_check(&sql, &e) == ST_OK && engine_start(c, sql.data, NULL, 0, &s) &&
        engine_step(c, s, &row);
    fovea_finalize(s);
    buf_deinit(&sql);
    return ok;
}

static int run_statements(struct cli *c, const struct args *a)
{
    const char *text = args_get(a, "command");
    if (text != NULL) return run_text(c, text, strlen(text));
    return isatty(STDIN_FILENO) == 1 && c->out_terminal ? shell_run(c) : run_stdin(c);
}

static int run(struct cli *c, const struct args *a)
{
    const char *sheet = args_get(a, "sheet"), *functions = args_get(a, "functions");
    c->timer = c->out_terminal && c->err_terminal;
    if (!engine_open(c, a->word_count > 0 ? a->words[0] : NULL, FOVEA_OPEN_CREATE))
        return CLI_ERROR;
    if (functions != NULL && !load_functions(c, functions)) return CLI_ERROR;
    int code = run_statements(c, a);
    return code == CLI_OK && sheet != NULL ? pictures_draw_sheet(c, sheet) : code;
}

const struct command command_sql = {
    .name = "sql",
    .about = "run SQL on a database, or open a shell on it",
    .usage = "[FILE]",
    .more = "FILE is an SQLite database (made when missing); without it, the library that fovea "
            "index fills.\n"
            "Without -c, statements are read from stdin; on a terminal, a shell opens (.help there "
            "says more).\n"
            "Every statement's rows are printed; with --json, those of the last statement that has "
            "rows.\n"
            "FORMAT at a statement's end chooses the form of its rows. Lines with .commands may "
            "stand between.\n"
            "Vectors are printed as [0.5,-1,...]. docs/sql.md has the language.\n",
    .options = options,
    .words_max = 1,
    .run = run,
};

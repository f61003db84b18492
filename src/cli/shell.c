/* shell.c - the door of libedit: lines with history, statements over several lines, dot commands.
 *
 * A statement ends with a semicolon or an empty line. Ctrl-C cancels what runs, or drops what is
 * typed; Ctrl-D leaves. The history lies in $XDG_STATE_HOME/fovea/history, one entry a statement.
 */
#include "cli/shell.h"

#include <errno.h>
#include <histedit.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/near.h"
#include "cli/engine.h"
#include "cli/interrupt.h"
#include "cli/script.h"
#include "cli/typed.h"

enum { HISTORY_ENTRIES = 1000 };

struct shell {
    struct cli *cli;
    EditLine *edit;
    History *history;
    char *history_path; /* NULL: nowhere to keep it */
    struct buf text;    /* of the statement being typed */
    bool done;
};

struct dot_command {
    const char *name, *usage, *about;
    void (*run)(struct shell *sh, const char *word); /* word: "" when none was given */
};

static void dot_help(struct shell *sh, const char *word);

static void dot_tables(struct shell *sh, const char *word)
{
    (void)word;
    engine_print(sh->cli,
        "SELECT name, type FROM sqlite_schema WHERE type IN ('table', 'view') "
        "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
        NULL, 0, NULL);
}

static void dot_schema(struct shell *sh, const char *word)
{
    const char *params[] = {word[0] != '\0' ? word : NULL};
    struct fovea_stmt *s;
    bool row;
    if (!engine_start(sh->cli,
            "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND (?1 IS NULL OR "
            "lower(tbl_name) = lower(?1)) ORDER BY rowid",
            params, 1, &s))
        return;
    while (engine_step(sh->cli, s, &row) && row) printf("%s;\n", fovea_column_text(s, 0));
    fovea_finalize(s);
}

static void dot_mode(struct shell *sh, const char *word)
{
    const struct format *f = format_find(word);
    if (f != NULL)
        sh->cli->format = f;
    else if (word[0] == '\0')
        cli_talk(sh->cli, "%s (there are: box tsv csv json)", sh->cli->format->name);
    else
        cli_fail(sh->cli, "there is no mode \"%s\"; there are: box tsv csv json", word);
}

static void dot_read(struct shell *sh, const char *word)
{
    struct err e = ERR_INIT;
    struct buf text;
    if (word[0] == '\0') {
        cli_fail(sh->cli, "usage: .read FILE");
        return;
    }
    buf_init(&text);
    if (file_read(word, SCRIPT_BYTES_MAX, &text, &e) != ST_OK) {
        cli_fail_err(sh->cli, &e);
    } else if (text.bytes > 0) {
        struct script s = {.text = text.data, .bytes = text.bytes, .name = word};
        interrupt_begin(sh->cli->engine);
        script_run(sh->cli, &s);
    }
    buf_deinit(&text);
}

static void dot_quit(struct shell *sh, const char *word)
{
    (void)word;
    sh->done = true;
}

static const struct dot_command dot_commands[] = {
    {".help", "", "show this", dot_help},
    {".tables", "", "list tables and views", dot_tables},
    {".schema", "[TABLE]", "show how tables were made", dot_schema},
    {".mode", "[box|tsv|csv|json]", "choose the form of rows", dot_mode},
    {".read", "FILE", "run the statements of a file", dot_read},
    {".quit", "", "leave (so does Ctrl-D)", dot_quit},
};
enum { DOT_COMMANDS = sizeof dot_commands / sizeof dot_commands[0] };

static void dot_help(struct shell *sh, const char *word)
{
    (void)word;
    for (size_t i = 0; i < DOT_COMMANDS; i++) {
        char head[64];
        snprintf(head, sizeof head, "%s %s", dot_commands[i].name, dot_commands[i].usage);
        printf("  %-28s %s\n", head, dot_commands[i].about);
    }
    cli_talk(sh->cli, "A statement ends with ; or an empty line. Ctrl-C cancels it.");
}

static void run_dot(struct shell *sh, char *line)
{
    const char *best = NULL, *word = "";
    char *blank = strpbrk(line, " \t");
    if (blank != NULL) {
        *blank = '\0';
        word = blank + 1 + strspn(blank + 1, " \t");
    }
    for (size_t i = 0; i < DOT_COMMANDS; i++) {
        if (strcmp(dot_commands[i].name, line) == 0) {
            dot_commands[i].run(sh, word);
            return;
        }
        near_consider(line, dot_commands[i].name, &best);
    }
    if (best != NULL)
        cli_fail(sh->cli, "there is no %s; did you mean %s?", line, best);
    else
        cli_fail(sh->cli, "there is no %s; .help lists what there is", line);
}

static void add_history(struct shell *sh)
{
    HistEvent ev;
    if (sh->text.bytes == 0 || sh->text.failed) return;
    history(sh->history, &ev, H_ENTER, sh->text.data);
    if (sh->history_path != NULL) history(sh->history, &ev, H_SAVE, sh->history_path);
}

static void run_text(struct shell *sh)
{
    while (sh->text.bytes > 0 && strchr(" \t\r\n", sh->text.data[sh->text.bytes - 1]) != NULL)
        sh->text.data[--sh->text.bytes] = '\0';
    add_history(sh);
    if (sh->text.data != NULL && sh->text.data[0] == '.') {
        run_dot(sh, sh->text.data);
    } else if (sh->text.bytes > 0) {
        struct script s = {.text = sh->text.data, .bytes = sh->text.bytes, .times = true};
        interrupt_begin(sh->cli->engine);
        script_run(sh->cli, &s);
    }
    fflush(stdout);
    buf_clear(&sh->text);
}

/* Takes one line in; runs the statement when it is whole. */
static void take_line(struct shell *sh, const char *line, size_t bytes)
{
    bool empty = strspn(line, " \t\r\n") >= bytes;
    if (empty && sh->text.bytes == 0) return;
    bool dot = sh->text.bytes == 0 && line[0] == '.';
    buf_add(&sh->text, line, bytes);
    if (sh->text.failed) {
        cli_fail(sh->cli, "out of memory");
        buf_deinit(&sh->text);
        buf_init(&sh->text);
        return;
    }
    if (dot || empty || typed_complete(sh->text.data, sh->text.bytes)) run_text(sh);
}

static char *prompt(EditLine *edit)
{
    static char first[] = "fovea> ", next[] = "   ..> ";
    struct shell *sh = NULL;
    el_get(edit, EL_CLIENTDATA, &sh);
    return sh != NULL && sh->text.bytes > 0 ? next : first;
}

/* $XDG_STATE_HOME/fovea/history or ~/.local/state/fovea/history, its folder made. */
static char *history_place(void)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    char dir[PATH_MAX];
    int n = -1;
    if (state != NULL && state[0] == '/')
        n = snprintf(dir, sizeof dir, "%s/fovea", state);
    else if (home != NULL && home[0] == '/')
        n = snprintf(dir, sizeof dir, "%s/.local/state/fovea", home);
    if (n < 0 || (size_t)n >= sizeof dir || file_make_dirs(dir, NULL) != ST_OK) return NULL;
    return file_join(dir, "history");
}

static bool open_edit(struct shell *sh)
{
    HistEvent ev;
    sh->edit = el_init("fovea", stdin, stdout, stderr);
    sh->history = history_init();
    if (sh->edit == NULL || sh->history == NULL) return false;
    history(sh->history, &ev, H_SETSIZE, HISTORY_ENTRIES);
    history(sh->history, &ev, H_SETUNIQUE, 1);
    sh->history_path = history_place();
    if (sh->history_path != NULL) history(sh->history, &ev, H_LOAD, sh->history_path);
    el_set(sh->edit, EL_CLIENTDATA, sh);
    el_set(sh->edit, EL_PROMPT, prompt);
    el_set(sh->edit, EL_EDITOR, "emacs");
    el_set(sh->edit, EL_HIST, history, sh->history);
    el_set(sh->edit, EL_BIND, "^R", "em-inc-search-prev", NULL);
    el_source(sh->edit, NULL); /* the person's ~/.editrc */
    return true;
}

static void read_lines(struct shell *sh)
{
    while (!sh->done) {
        int count = 0;
        interrupt_begin(sh->cli->engine);
        errno = 0;
        const char *line = el_gets(sh->edit, &count);
        if (line != NULL && count > 0 && !interrupt_seen()) {
            take_line(sh, line, (size_t)count);
        } else if (interrupt_seen()) { /* Ctrl-C at the prompt drops what is typed */
            fputs("\n", stdout);
            buf_clear(&sh->text);
            el_reset(sh->edit);
        } else {
            fputs("\n", stdout);
            sh->done = true;
        }
    }
}

int shell_run(struct cli *c)
{
    struct shell sh = {.cli = c};
    int code = CLI_OK;
    buf_init(&sh.text);
    cli_talk(c, "Fovea %s. Statements end with ; and .help tells the rest.", fovea_version());
    if (open_edit(&sh))
        read_lines(&sh);
    else
        code = cli_fail(c, "the terminal can't be used for editing lines");
    if (sh.history != NULL) history_end(sh.history);
    if (sh.edit != NULL) el_end(sh.edit);
    mem_free(sh.history_path);
    buf_deinit(&sh.text);
    return code;
}

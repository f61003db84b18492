/* cli.c - from argv to a command, and the two voices: data on stdout, talk on stderr. */
#include "cli/cli.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/near.h"
#include "cli/engine.h"
#include "cli/text.h"

const struct command *const commands[] = {
    &command_index,
    &command_search,
    &command_sql,
    &command_models,
    &command_pull,
    &command_datasets,
    &command_errors,
    &command_doctor,
    &command_help,
    &command_version,
    NULL,
};

const struct command *command_find(const char *name)
{
    for (int i = 0; commands[i] != NULL; i++)
        if (strcmp(commands[i]->name, name) == 0) return commands[i];
    return NULL;
}

int command_unknown(struct cli *c, const char *name)
{
    const char *best = NULL;
    for (int i = 0; commands[i] != NULL; i++) near_consider(name, commands[i]->name, &best);
    if (best != NULL)
        return cli_fail(c, "there is no command \"%s\"; did you mean fovea %s?", name, best);
    return cli_fail(c, "there is no command \"%s\"; fovea help lists them", name);
}

static void say(struct cli *c, const char *before, const char *fmt, va_list args)
{
    struct buf raw, visible;
    buf_init(&raw);
    buf_init(&visible);
    buf_vprintf(&raw, fmt, args);
    text_add_visible(&visible, raw.data, raw.bytes);
    progress_clear(&c->progress);
    fprintf(stderr, "%s%s\n", before, visible.data != NULL ? visible.data : "");
    buf_deinit(&raw);
    buf_deinit(&visible);
}

int cli_fail(struct cli *c, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fflush(stdout); /* the two voices in the order they spoke */
    say(c, c->err_color ? "\033[31mfovea:\033[0m " : "fovea: ", fmt, args);
    va_end(args);
    return CLI_ERROR;
}

int cli_fail_err(struct cli *c, const struct err *e)
{
    return cli_fail(c, "%s", e->text);
}

void cli_talk(struct cli *c, const char *fmt, ...)
{
    if (c->quiet) return;
    va_list args;
    va_start(args, fmt);
    say(c, "", fmt, args);
    va_end(args);
}

enum status cli_choose_format(struct cli *c, const struct args *a, struct err *e)
{
    static const struct format *const choices[] = {&format_json, &format_csv, &format_box};
    int chosen = 0;
    for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++) {
        if (!args_has(a, choices[i]->name)) continue;
        c->format = choices[i];
        c->format_chosen = true;
        chosen++;
    }
    const char *name = args_get(a, "format");
    if (chosen + (name != NULL) > 1)
        return err_set(e, ST_INVALID,
            "--json, --csv, --box and --format are different forms; "
            "choose one");
    return name != NULL ? cli_set_format(c, name, e) : ST_OK;
}

enum status cli_set_format(struct cli *c, const char *name, struct err *e)
{
    const char *best = NULL;
    const struct format *f = format_find(name);
    for (size_t i = 0; formats[i] != NULL && f == NULL; i++)
        near_consider(name, formats[i]->name, &best);
    if (f == NULL && best != NULL)
        return err_set(e, ST_INVALID, "there is no mode \"%s\"; did you mean %s?", name, best);
    if (f == NULL) return err_set(e, ST_INVALID, "there is no mode \"%s\"; .mode lists them", name);
    c->format = f;
    c->format_chosen = true;
    return ST_OK;
}

const struct format *cli_format(const struct cli *c)
{
    if (c->format_chosen || c->out == stdout) return c->format;
    return &format_tsv;
}

enum status cli_set_out(struct cli *c, const char *path, struct err *e)
{
    FILE *file = path != NULL ? fopen(path, "we") : stdout, *before = c->out;
    if (file == NULL) return err_set_errno(e, errno, "%s", path);
    c->out = file;
    if (before == stdout || fclose(before) == 0) return ST_OK;
    return err_set_errno(e, errno, "the output can't be written");
}

void cli_write(struct cli *c, const char *text)
{
    struct buf visible;
    buf_init(&visible);
    bool terminal = c->out == stdout && c->out_terminal;
    if (terminal) text_add_lines(&visible, text, strlen(text));
    fputs(terminal && visible.data != NULL ? visible.data : text, c->out);
    buf_deinit(&visible);
}

/* Columns of the window that stdout is, or of $COLUMNS; 0: neither tells. */
static size_t window_width(void)
{
    struct winsize w;
    const char *columns = getenv("COLUMNS");
    long asked = columns != NULL ? strtol(columns, NULL, 10) : 0;
    if (asked > 0 && asked < 100000) return (size_t)asked;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 ? w.ws_col : 0;
}

void cli_output_init(const struct cli *c, struct output *o)
{
    output_init(o, c->out, cli_format(c));
    o->look = c->look;
    o->width = c->out == stdout ? window_width() : 0;
    o->terminal = c->out_terminal && c->out == stdout;
    o->color = c->out_color && c->out == stdout;
}

/* A shell without LANG still sits in a UTF-8 terminal today; without this, libedit would refuse
 * every letter beyond ASCII. */
static void set_locale(void)
{
    if (setlocale(LC_CTYPE, "") == NULL || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        setlocale(LC_CTYPE, "C.UTF-8");
}

static void start(struct cli *c)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    bool color =
        (no_color == NULL || no_color[0] == '\0') && term != NULL && strcmp(term, "dumb") != 0;
    *c = (struct cli){.out = stdout, .pictures_shown = true};
    buf_init(&c->pictures.paths);
    c->out_terminal = isatty(STDOUT_FILENO) == 1;
    c->err_terminal = isatty(STDERR_FILENO) == 1;
    c->out_color = color && c->out_terminal;
    c->err_color = color && c->err_terminal;
    c->format = c->out_terminal ? &format_box : &format_tsv;
    progress_init(&c->progress, stderr, c->err_terminal);
    set_locale();
    signal(SIGPIPE, SIG_DFL); /* `fovea ... | head` ends quietly, whatever we inherited */
}

static int run_command(struct cli *c, const struct command *command, int argc, char **argv)
{
    struct args a = {.options = command->options};
    struct err e = ERR_INIT;
    if (args_parse(&a, command->name, argc, argv, &e) != ST_OK) return cli_fail_err(c, &e);
    if (args_has(&a, "help")) {
        command_print_help(command);
        return CLI_OK;
    }
    c->quiet = args_has(&a, "quiet");
    c->progress.quiet = c->quiet;
    if (a.word_count < command->words_min)
        return cli_fail(c, "usage: fovea %s %s; fovea help %s says more", command->name,
            command->usage, command->name);
    if (a.word_count > command->words_max)
        return cli_fail(c, "\"%s\" is one word too many; usage: fovea %s %s",
            a.words[command->words_max], command->name, command->usage);
    if (cli_choose_format(c, &a, &e) != ST_OK) return cli_fail_err(c, &e);
    return command->run(c, &a);
}

static int dispatch(struct cli *c, int argc, char **argv)
{
    if (argc < 2) {
        command_print_list();
        return CLI_OK;
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) name = "help";
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) name = "version";
    const struct command *command = command_find(name);
    if (command == NULL && name[0] == '-')
        return cli_fail(c,
            "a command comes before options: fovea COMMAND %s; fovea help lists the commands",
            name);
    if (command == NULL) return command_unknown(c, name);
    return run_command(c, command, argc - 2, argv + 2);
}

int cli_main(int argc, char **argv)
{
    struct cli c;
    start(&c);
    int code = dispatch(&c, argc, argv);
    progress_clear(&c.progress);
    engine_close(&c);
    buf_deinit(&c.pictures.paths);
    struct err e = ERR_INIT;
    if (cli_set_out(&c, NULL, &e) != ST_OK) code = cli_fail_err(&c, &e);
    if (fflush(stdout) != 0 || ferror(stdout))
        if (code != CLI_ERROR)
            code = cli_fail(&c, "the output can't be written: %s", strerror(errno));
    return code;
}

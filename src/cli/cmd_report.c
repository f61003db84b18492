/* cmd_report.c - commands that tell: errors, doctor, version, help. */
#include <string.h>

#include "cli/engine.h"

static const struct arg_option errors_options[] = {
    {"db", 0, "FILE", "the database to look in"},
    {"json", 0, NULL, "print a JSON array of {path, reason}"},
    {"csv", 0, NULL, "print CSV with a line of names"},
    {"box", 0, NULL, "draw a box, as on a terminal"},
    {NULL, 0, NULL, NULL},
};

static int errors(struct cli *c, const struct args *a)
{
    int64_t rows = 0;
    if (!engine_open(c, args_get(a, "db"), 0)) return CLI_ERROR;
    int code =
        engine_print(c, "SELECT path, reason FROM image_errors ORDER BY path", NULL, 0, &rows);
    if (code == CLI_OK && rows == 0) cli_talk(c, "every picture could be read");
    return code;
}

const struct command command_errors = {
    .name = "errors",
    .about = "list the files that could not be read, with reasons",
    .usage = "",
    .more = "One file a line. A file stays listed until it changes or fovea index --retry reads it "
            "again.\n",
    .options = errors_options,
    .run = errors,
};

static const struct arg_option doctor_options[] = {
    {"db", 0, "FILE", "the database to look at"},
    {"fix", 0, NULL, "make vector indexes anew that are damaged, and remove files left over"},
    {"json", 0, NULL, "print a JSON array of {check, status, detail}"},
    {"csv", 0, NULL, "print CSV with a line of names"},
    {"box", 0, NULL, "draw a box, as on a terminal"},
    {NULL, 0, NULL, NULL},
};

/* Prints every check; the name of the first bad one goes to bad, which is empty else. False: said.
 */
static bool print_checks(struct cli *c, struct fovea_stmt *s, struct buf *bad)
{
    enum { CHECK, STATUS, DETAIL, COLUMNS };
    static const char *const names[] = {"check", "status", "detail"};
    struct output o;
    struct err e = ERR_INIT;
    struct cell cells[COLUMNS];
    bool row = true, ok = engine_step(c, s, &row);
    progress_clear(&c->progress);
    cli_output_init(c, &o);
    output_begin(&o, names, NULL, COLUMNS);
    while (ok && row) {
        for (int i = 0; i < COLUMNS; i++) cells[i] = engine_cell(s, i);
        output_row(&o, cells);
        if (bad->bytes == 0 && strcmp(fovea_column_text(s, STATUS), "bad") == 0)
            buf_add_str(bad, fovea_column_text(s, CHECK));
        ok = engine_step(c, s, &row);
    }
    output_end(&o);
    if (ok && output_check(&o, &e) != ST_OK) {
        cli_fail_err(c, &e);
        ok = false;
    }
    output_deinit(&o);
    return ok;
}

/* Every check is printed, and then a bad one makes the whole bad. */
static int doctor(struct cli *c, const struct args *a)
{
    const char *db = args_get(a, "db");
    const char *params[] = {args_has(a, "fix") ? "{\"fix\":true}" : "{}"};
    struct fovea_stmt *s;
    struct buf bad;
    if (!engine_open(c, db != NULL ? db : ":memory:", db != NULL ? 0 : FOVEA_OPEN_CREATE))
        return CLI_ERROR;
    if (!engine_start(c, "SELECT * FROM fovea_doctor(?1)", params, 1, &s)) return CLI_ERROR;
    buf_init(&bad);
    bool ok = print_checks(c, s, &bad);
    if (ok && bad.bytes > 0) cli_fail(c, "not all is well: %s", bad.data);
    int code = ok && bad.bytes == 0 && !bad.failed ? CLI_OK : CLI_ERROR;
    buf_deinit(&bad);
    fovea_finalize(s);
    return code;
}

const struct command command_doctor = {
    .name = "doctor",
    .about = "check the CPU, kernels, libraries, models and files in use",
    .usage = "",
    .more = "Reads every byte of the vector indexes beside the database, too. Exit status 2 when a "
            "check is bad.\n",
    .options = doctor_options,
    .run = doctor,
};

static const struct arg_option no_options[] = {{NULL, 0, NULL, NULL}};

static int version(struct cli *c, const struct args *a)
{
    (void)c;
    (void)a;
    printf("fovea %s\n", fovea_version());
    return CLI_OK;
}

const struct command command_version = {
    .name = "version",
    .about = "print the version",
    .usage = "",
    .more = "",
    .options = no_options,
    .run = version,
};

void command_print_list(void)
{
    puts("Fovea: image search in SQL.\n\nusage: fovea COMMAND ...\n");
    for (int i = 0; commands[i] != NULL; i++)
        printf("  %-9s %s\n", commands[i]->name, commands[i]->about);
    puts("\nfovea help COMMAND says more. The library lies in $XDG_DATA_HOME/fovea/library.db "
         "unless --db says\n"
         "otherwise. Try: fovea search \"a red flower\" ~/Pictures");
}

static void print_options(const struct arg_option *rows)
{
    for (int i = 0; rows[i].name != NULL; i++) {
        char letter[8] = "    ", head[48];
        if (rows[i].letter != 0) snprintf(letter, sizeof letter, "-%c, ", rows[i].letter);
        snprintf(head, sizeof head, "%s--%s%s%s", letter, rows[i].name,
            rows[i].value != NULL ? " " : "", rows[i].value != NULL ? rows[i].value : "");
        printf("  %-22s  %s\n", head, rows[i].help);
    }
}

void command_print_help(const struct command *command)
{
    printf("usage: fovea %s [options]%s%s\n\n%s.\n", command->name,
        command->usage[0] != '\0' ? " " : "", command->usage, command->about);
    if (command->more[0] != '\0') printf("%s", command->more);
    puts("\noptions:");
    print_options(command->options);
    print_options(args_common);
}

static int help(struct cli *c, const struct args *a)
{
    if (a->word_count == 0) {
        command_print_list();
        return CLI_OK;
    }
    const struct command *command = command_find(a->words[0]);
    if (command == NULL) return command_unknown(c, a->words[0]);
    command_print_help(command);
    return CLI_OK;
}

const struct command command_help = {
    .name = "help",
    .about = "say what a command does",
    .usage = "[COMMAND]",
    .more = "",
    .options = no_options,
    .words_max = 1,
    .run = help,
};

/* dot.c - the table of dot commands. Those that show something are statements on the engine; those
 * that set something set a field of struct cli. */
#include "cli/dot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/near.h"
#include "cli/engine.h"
#include "cli/script.h"

/* --- switches --------------------------------------------------------------------------------- */

/* on, off and what people write for them into *value; nothing flips it. */
static int set_switch(struct cli *c, const char *name, const char *word, bool *value)
{
    static const char *const words[2][4] = {
        {"off", "0", "no", "false"}, {"on", "1", "yes", "true"}};
    if (word[0] == '\0') {
        *value = !*value;
        cli_talk(c, "%s is %s", name, *value ? "on" : "off");
        return CLI_OK;
    }
    for (int on = 0; on < 2; on++)
        for (size_t i = 0; i < sizeof words[on] / sizeof words[on][0]; i++)
            if (strcasecmp(word, words[on][i]) == 0) {
                *value = on == 1;
                return CLI_OK;
            }
    return cli_fail(c, "%s is on or off, not \"%s\"", name, word);
}

static int dot_timer(struct cli *c, const char *word)
{
    return set_switch(c, ".timer", word, &c->timer);
}

static int dot_echo(struct cli *c, const char *word)
{
    return set_switch(c, ".echo", word, &c->echo);
}

static int dot_explain(struct cli *c, const char *word)
{
    return set_switch(c, ".explain", word, &c->explain);
}

static int dot_pictures(struct cli *c, const char *word)
{
    return set_switch(c, ".pictures", word, &c->pictures_shown);
}

static int dot_expanded(struct cli *c, const char *word)
{
    return set_switch(c, "\\x", word, &c->expanded);
}

static int dot_headers(struct cli *c, const char *word)
{
    bool on = c->look.headers != HEADERS_OFF;
    int code = set_switch(c, ".headers", word, &on);
    if (code == CLI_OK) c->look.headers = on ? HEADERS_ON : HEADERS_OFF;
    return code;
}

/* --- the look of rows ------------------------------------------------------------------------- */

static void say_modes(struct cli *c)
{
    struct buf line;
    buf_init(&line);
    for (size_t i = 0; formats[i] != NULL; i++) buf_printf(&line, " %s", formats[i]->name);
    if (!line.failed) cli_talk(c, "%s (there are:%s)", cli_format(c)->name, line.data);
    buf_deinit(&line);
}

static int dot_mode(struct cli *c, const char *word)
{
    struct err e = ERR_INIT;
    if (word[0] != '\0') return cli_set_format(c, word, &e) == ST_OK ? CLI_OK : cli_fail_err(c, &e);
    say_modes(c);
    return CLI_OK;
}

static int dot_nullvalue(struct cli *c, const char *word)
{
    if (strlen(word) >= sizeof c->null_text)
        return cli_fail(c, "a text for NULL has %zu bytes at most", sizeof c->null_text - 1);
    memcpy(c->null_text, word, strlen(word) + 1);
    c->look.null_text = c->null_text;
    return CLI_OK;
}

static int dot_width(struct cli *c, const char *word)
{
    enum { WIDTHS_MAX = sizeof c->look.widths / sizeof c->look.widths[0], WIDTH_MAX = 4096 };
    struct output_look look = {.width_count = 0};
    const char *at = word;
    while (*at != '\0') {
        char *end;
        long width = strtol(at, &end, 10);
        bool fits = end != at && strchr(" \t", *end) != NULL && width >= 0 && width <= WIDTH_MAX;
        if (!fits)
            return cli_fail(c, "a width is a number from 0 to %d, not \"%s\"", WIDTH_MAX, at);
        if (look.width_count == WIDTHS_MAX)
            return cli_fail(c, "at most %d widths can be set", WIDTHS_MAX);
        look.widths[look.width_count++] = (int)width;
        at = end + strspn(end, " \t");
    }
    memcpy(c->look.widths, look.widths, sizeof look.widths);
    c->look.width_count = look.width_count;
    return CLI_OK;
}

/* --- files ------------------------------------------------------------------------------------ */

static int dot_output(struct cli *c, const char *word)
{
    struct err e = ERR_INIT;
    bool file = word[0] != '\0' && strcmp(word, "stdout") != 0;
    return cli_set_out(c, file ? word : NULL, &e) == ST_OK ? CLI_OK : cli_fail_err(c, &e);
}

static int dot_read(struct cli *c, const char *word)
{
    static int depth; /* of files that read files */
    enum { DEPTH_MAX = 16 };
    struct err e = ERR_INIT;
    struct buf text;
    int code = CLI_OK;
    if (word[0] == '\0') return cli_fail(c, "usage: .read FILE");
    if (depth == DEPTH_MAX) return cli_fail(c, "%s: %d files read each other", word, DEPTH_MAX);
    buf_init(&text);
    depth++;
    if (file_read(word, SCRIPT_BYTES_MAX, &text, &e) != ST_OK) {
        code = cli_fail_err(c, &e);
    } else if (text.bytes > 0) {
        struct script s = {.text = text.data, .bytes = text.bytes, .name = word};
        code = script_run(c, &s);
    }
    depth--;
    buf_deinit(&text);
    return code;
}

static int dot_sheet(struct cli *c, const char *word)
{
    if (word[0] == '\0') return cli_fail(c, "usage: .sheet FILE.png");
    return pictures_draw_sheet(c, word);
}

static int dot_print(struct cli *c, const char *word)
{
    cli_write(c, word);
    cli_write(c, "\n");
    return CLI_OK;
}

/* --- what is there ---------------------------------------------------------------------------- */

static int dot_tables(struct cli *c, const char *word)
{
    const char *params[] = {word[0] != '\0' ? word : NULL};
    return engine_print(
        c, DOT_TABLES_SQL " AND (?1 IS NULL OR name LIKE ?1) ORDER BY name", params, 1, NULL);
}

static int dot_models(struct cli *c, const char *word)
{
    (void)word;
    return engine_print(c, "SELECT * FROM fovea_models()", NULL, 0, NULL);
}

static int dot_databases(struct cli *c, const char *word)
{
    (void)word;
    return engine_print(c, "SELECT name, file FROM pragma_database_list", NULL, 0, NULL);
}

/* SQLite's and the vectors'; columns of vectors have one from their first search on, without a
 * name. */
static int dot_indexes(struct cli *c, const char *word)
{
    const char *params[] = {word[0] != '\0' ? word : NULL};
    return engine_print(c,
        "SELECT name, tbl_name AS \"table\", (SELECT group_concat(i.name, ', ') FROM "
        "pragma_index_info(s.name) i) AS columns, 'SQLite' AS kind FROM sqlite_schema s WHERE "
        "type = 'index' AND sql IS NOT NULL AND (?1 IS NULL OR lower(tbl_name) = lower(?1)) "
        "UNION ALL SELECT coalesce(name, ''), tbl, col, ours || ', ' || metric || ', ' || state "
        "FROM vector_indexes() WHERE ?1 IS NULL OR lower(tbl) = lower(?1) ORDER BY 2, 1",
        params, 1, NULL);
}

/* Does this one-parameter query have a row? */
static bool has_row(struct cli *c, const char *sql, const char *word)
{
    struct fovea_stmt *s;
    bool row = false;
    if (!engine_start(c, sql, &word, 1, &s)) return false;
    bool ok = engine_step(c, s, &row);
    fovea_finalize(s);
    return ok && row;
}

/* A table made in another dialect's words is shown in them, as long as it is what they made. */
static int dot_schema(struct cli *c, const char *word)
{
    static const char made[] = "coalesce((SELECT k.statement FROM fovea_tables k WHERE s.type = "
                               "'table' AND k.tbl = s.name AND k.made = s.sql), s.sql)";
    const char *params[] = {word[0] != '\0' ? word : NULL};
    struct fovea_stmt *s;
    char sql[512];
    bool row = true, ok;
    bool kept = has_row(c, "SELECT 1 FROM sqlite_schema WHERE name = ?1", "fovea_tables");
    snprintf(sql, sizeof sql,
        "SELECT %s FROM sqlite_schema s WHERE s.sql IS NOT NULL AND (?1 IS NULL OR "
        "lower(s.tbl_name) = lower(?1)) ORDER BY s.rowid",
        kept ? made : "s.sql");
    if (!engine_start(c, sql, params, 1, &s)) return CLI_ERROR;
    while ((ok = engine_step(c, s, &row)) && row) {
        cli_write(c, fovea_column_text(s, 0));
        cli_write(c, ";\n");
    }
    fovea_finalize(s);
    return ok ? CLI_OK : CLI_ERROR;
}

/* The columns of a table; of those with vectors, whose and how long they are. */
static int describe(struct cli *c, const char *table)
{
    static const char head[] =
        "SELECT p.name AS \"column\", CASE WHEN instr(p.type, '\"') > 0 THEN replace(substr("
        "p.type, instr(p.type, '\"')), '\"', '') ELSE p.type END AS type, CASE WHEN p.pk > 0 THEN "
        "'primary key' WHEN "
        "p.\"notnull\" THEN 'not null' ELSE '' END AS \"null\", coalesce(p.dflt_value, '') AS "
        "\"default\"";
    static const char vectors[] =
        ", coalesce(coalesce(v.model || ', ', '') || v.dim || ' dimensions, ' || v.metric, '') AS "
        "vectors FROM pragma_table_xinfo(?1) p LEFT JOIN fovea_columns v ON v.tbl = ?1 AND v.col = "
        "p.name";
    struct buf sql;
    const char *params[] = {table};
    if (!has_row(c, "SELECT 1 FROM pragma_table_xinfo(?1)", table))
        return cli_fail(c, "there is no table \"%s\"; .tables lists them", table);
    buf_init(&sql);
    buf_add_str(&sql, head);
    if (has_row(c, "SELECT 1 FROM sqlite_schema WHERE name = 'fovea_columns' AND ?1 <> ''", table))
        buf_add_str(&sql, vectors);
    else
        buf_add_str(&sql, " FROM pragma_table_xinfo(?1) p");
    int code =
        sql.failed ? cli_fail(c, "out of memory") : engine_print(c, sql.data, params, 1, NULL);
    buf_deinit(&sql);
    if (code == CLI_OK &&
        has_row(c,
            "SELECT 1 FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND "
            "lower(tbl_name) = lower(?1) UNION ALL SELECT 1 FROM vector_indexes() WHERE "
            "lower(tbl) = lower(?1)",
            table))
        code = dot_indexes(c, table);
    return code;
}

static int dot_describe(struct cli *c, const char *word)
{
    return word[0] != '\0' ? describe(c, word) : dot_tables(c, word);
}

static int dot_quit(struct cli *c, const char *word)
{
    (void)word;
    c->done = true;
    return CLI_OK;
}

static int dot_nothing(struct cli *c, const char *word)
{
    (void)c, (void)word;
    return CLI_OK;
}

/* %thanosql API_TOKEN=x and %thanosql URL told a notebook where to go; else SQL is behind it. */
static int dot_magic(struct cli *c, const char *word)
{
    size_t name = strspn(word, "abcdefghijklmnopqrstuvwxyz");
    bool place = strncasecmp(word, "API_TOKEN", 9) == 0 || strncmp(word + name, "://", 3) == 0;
    struct script s = {.text = word, .bytes = strlen(word)};
    return place ? CLI_OK : script_run(c, &s);
}

static int dot_help(struct cli *c, const char *word);

/* psql's forms stand behind the dot commands they are. */
const struct dot_command dot_commands[] = {
    {".databases", "", "list the open database files", dot_databases},
    {"\\l", "", NULL, dot_databases},
    {".echo", "on|off", "show each statement before it runs", dot_echo},
    {".explain", "on|off", "show each statement's plan before its rows", dot_explain},
    {".headers", "on|off", "names above rows in box, tsv and csv", dot_headers},
    {".help", "[WORD]", "show this, or the lines with a word", dot_help},
    {"\\?", "", NULL, dot_help},
    {"\\h", "", NULL, dot_help},
    {".indexes", "[TABLE]", "list indexes, of vectors too", dot_indexes},
    {"\\di", "[TABLE]", NULL, dot_indexes},
    {".mode", "[FORM]", "choose the form of rows", dot_mode},
    {".models", "", "list models here, and those that can be pulled", dot_models},
    {".nullvalue", "TEXT", "what stands for NULL in drawn rows, tsv and csv", dot_nullvalue},
    {".output", "[FILE]", "write rows to a file; without one, here again", dot_output},
    {"\\o", "[FILE]", NULL, dot_output},
    {".pictures", "on|off", "show pictures, where the terminal can", dot_pictures},
    {".print", "TEXT", "print it", dot_print},
    {"\\echo", "TEXT", NULL, dot_print},
    {".quit", "", "leave (so does Ctrl-D)", dot_quit},
    {".exit", "", NULL, dot_quit},
    {"\\q", "", NULL, dot_quit},
    {".read", "FILE", "run the statements of a file", dot_read},
    {"\\i", "FILE", NULL, dot_read},
    {".schema", "[TABLE]", "show how tables were made", dot_schema},
    {".sheet", "FILE.png", "draw the last result's pictures, five a row", dot_sheet},
    {".tables", "[PATTERN]", "list tables and views", dot_tables},
    {"\\dt", "[PATTERN]", NULL, dot_tables},
    {".timer", "on|off", "say rows, time and rates after each statement", dot_timer},
    {"\\timing", "on|off", NULL, dot_timer},
    {".width", "[N ...]", "how wide columns may be drawn; 0: as wide as they are", dot_width},
    {"\\d", "[TABLE]", "list tables, or describe one", dot_describe},
    {"\\x", "on|off", "draw a line for each value", dot_expanded},
    {"%%thanosql", "", "a notebook's cell begins: taken, so that cells can be pasted", dot_nothing},
    {"%%psql", "", NULL, dot_nothing},
    {"%load_ext", "", NULL, dot_nothing},
    {"%thanosql", "[SQL]", "run the SQL behind it; a token or a URL is not needed", dot_magic},
    {"%psql", "[SQL]", NULL, dot_magic},
    {NULL, NULL, NULL, NULL},
};

static int dot_help(struct cli *c, const char *word)
{
    for (const struct dot_command *d = dot_commands; d->name != NULL;) {
        char head[80];
        const char *about = d->about;
        int n = snprintf(head, sizeof head, "%s %s", d->name, d->usage);
        for (d++; d->name != NULL && d->about == NULL && n > 0 && (size_t)n < sizeof head; d++)
            n += snprintf(head + n, sizeof head - (size_t)n, ", %s", d->name);
        if (strcasestr(head, word) != NULL || strcasestr(about, word) != NULL)
            fprintf(c->out, "  %-28s %s\n", head, about);
    }
    if (word[0] == '\0')
        cli_talk(c,
            "A statement ends with ; or \\G (a line for each value) or an empty line. Tab "
            "completes, Ctrl-C cancels.");
    return CLI_OK;
}

/* --- a line ----------------------------------------------------------------------------------- */

bool dot_begins(const char *line, size_t bytes)
{
    bool cell = bytes > 2 && line[0] == '%' && line[1] == '%';
    if (bytes < 2 || (line[0] != '.' && line[0] != '\\' && line[0] != '%')) return false;
    unsigned char c = (unsigned char)line[1 + cell];
    if (line[0] == '\\' && (c == 'G' || c == 'g')) return false;
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '?';
}

/* The rest of the line without blanks around it, nor quotes around all of it. */
static const char *take_word(char *rest)
{
    rest += strspn(rest, " \t");
    size_t bytes = strlen(rest);
    while (bytes > 0 && strchr(" \t\r\n;", rest[bytes - 1]) != NULL) rest[--bytes] = '\0';
    bool quoted = bytes >= 2 && (rest[0] == '\'' || rest[0] == '"') && rest[bytes - 1] == rest[0];
    if (!quoted) return rest;
    rest[bytes - 1] = '\0';
    return rest + 1;
}

int dot_run(struct cli *c, const char *line, size_t bytes)
{
    enum { LINE_MAX = 4096 };
    char copy[LINE_MAX], *rest = copy;
    const char *best = NULL;
    if (bytes >= sizeof copy)
        return cli_fail(c, "the line has %zu bytes, at most %d", bytes, LINE_MAX - 1);
    memcpy(copy, line, bytes);
    copy[bytes] = '\0';
    rest += strcspn(rest, " \t\r\n;");
    char blank = *rest;
    *rest = '\0';
    for (const struct dot_command *d = dot_commands; d->name != NULL; d++) {
        if (strcmp(d->name, copy) == 0) return d->run(c, blank != '\0' ? take_word(rest + 1) : "");
        near_consider(copy, d->name, &best);
    }
    if (best != NULL) return cli_fail(c, "there is no %s; did you mean %s?", copy, best);
    return cli_fail(c, "there is no %s; .help lists what there is", copy);
}

/* cmd_datasets.c - fovea datasets: the catalogue behind GET THANOSQL DATASET. */
#include <string.h>

#include "base/near.h"
#include "cli/engine.h"
#include "cli/text.h"

static const struct arg_option options[] = {
    {"sha256", 0, "HEX", "add: the hash that the file must have"},
    {"overwrite", 0, NULL, "get: replace what is there"},
    {"json", 0, NULL, "print a JSON array of objects"},
    {"csv", 0, NULL, "print CSV with a line of names"},
    {"box", 0, NULL, "draw a box, as on a terminal"},
    {NULL, 0, NULL, NULL},
};

static int list(struct cli *c, const struct args *a)
{
    (void)a;
    return engine_print(c, "SELECT * FROM fovea_datasets()", NULL, 0, NULL);
}

/* A statement whose row says nothing new. */
static int change(struct cli *c, const char *sql, const char *const *params, int count)
{
    struct fovea_stmt *s;
    bool row;
    if (!engine_start(c, sql, params, count, &s)) return CLI_ERROR;
    bool ok = engine_step(c, s, &row);
    fovea_finalize(s);
    return ok ? CLI_OK : CLI_ERROR;
}

static int add(struct cli *c, const struct args *a)
{
    const char *params[] = {a->words[1], a->words[2], args_get(a, "sha256")};
    int code = change(c, "SELECT fovea_dataset_add(?1, ?2, ?3)", params, 3);
    if (code == CLI_OK) cli_talk(c, "%s is in the catalogue", a->words[1]);
    return code;
}

static int drop(struct cli *c, const struct args *a)
{
    const char *params[] = {a->words[1]};
    return change(c, "SELECT fovea_dataset_remove(?1)", params, 1);
}

static int get(struct cli *c, const struct args *a)
{
    struct buf sql;
    struct err e = ERR_INIT;
    buf_init(&sql);
    buf_add_str(&sql, "GET THANOSQL DATASET ");
    text_add_quoted(&sql, a->words[1]);
    buf_printf(&sql, " OPTIONS (overwrite=%s)",
        args_get(a, "overwrite") != NULL ? "True" : "False");
    int code = buf_check(&sql, &e) == ST_OK ? change(c, sql.data, NULL, 0) : cli_fail_err(c, &e);
    buf_deinit(&sql);
    if (code == CLI_OK) cli_talk(c, "its files are in thanosql-dataset/%s", a->words[1]);
    return code;
}

static const struct {
    const char *name;
    int words; /* with its own */
    int (*run)(struct cli *c, const struct args *a);
} PARTS[] = {
    {"list", 1, list},
    {"add", 3, add},
    {"get", 2, get},
    {"remove", 2, drop},
};

static int run(struct cli *c, const struct args *a)
{
    const char *word = a->word_count > 0 ? a->words[0] : "list", *near = NULL;
    for (size_t i = 0; i < sizeof PARTS / sizeof PARTS[0]; i++) {
        near_consider(word, PARTS[i].name, &near);
        if (strcmp(PARTS[i].name, word) != 0) continue;
        if (a->word_count > 0 && a->word_count != PARTS[i].words)
            return cli_fail(c, "usage: fovea datasets %s%s", word,
                PARTS[i].words == 3       ? " NAME SOURCE"
                    : PARTS[i].words == 2 ? " NAME"
                                          : "");
        if (!engine_open(c, ":memory:", FOVEA_OPEN_CREATE)) return CLI_ERROR;
        return PARTS[i].run(c, a);
    }
    if (near != NULL)
        return cli_fail(c, "fovea datasets has no \"%s\"; did you mean %s?", word, near);
    return cli_fail(c, "fovea datasets has no \"%s\"; there are: list add get remove", word);
}

const struct command command_datasets = {
    .name = "datasets",
    .about = "list, add and get the data sets that statements name",
    .usage = "[list | add NAME SOURCE | get NAME | remove NAME]",
    .more =
        "SOURCE is a folder, a file, an archive (tar, zip, 7z) or the URL of one. get, like GET "
        "THANOSQL\n"
        "DATASET, brings its files to thanosql-dataset/NAME under the working directory; a "
        "broken\n"
        "download goes on where it stopped.\n",
    .options = options,
    .words_max = 3,
    .run = run,
};

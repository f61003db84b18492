/* cmd_models.c - fovea models and fovea pull: what models are here, and how another one comes. */
#include <string.h>

#include "cli/engine.h"

static const struct arg_option list_options[] = {
    {"json", 0, NULL, "print a JSON array of objects"},
    {"csv", 0, NULL, "print CSV with a line of names"},
    {"box", 0, NULL, "draw a box, as on a terminal"},
    {NULL, 0, NULL, NULL},
};

static int list(struct cli *c, const struct args *a)
{
    (void)a;
    if (!engine_open(c, ":memory:", FOVEA_OPEN_CREATE)) return CLI_ERROR;
    return engine_print(c, "SELECT * FROM fovea_models()", NULL, 0, NULL);
}

const struct command command_models = {
    .name = "models",
    .about = "list the models on this machine and those that can be pulled",
    .usage = "",
    .more = "",
    .options = list_options,
    .run = list,
};

static const struct arg_option pull_options[] = {
    {"name", 0, "NAME", "the name to keep it under"},
    {"mirror", 0, "PLACE",
        "a folder or base URL that has NAME/config.json and so on; also $FOVEA_MIRROR"},
    {"sha256", 0, "HEX", "the hash that the weights file must have"},
    {"json", 0, NULL, "print a JSON array of {name, dir}"},
    {NULL, 0, NULL, NULL},
};

static void add_option(struct buf *out, const struct args *a, const char *name)
{
    const char *value = args_get(a, name);
    if (value == NULL) return;
    buf_printf(out, "%s\"%s\":", out->bytes > 1 ? "," : "", name);
    buf_add_json(out, value, strlen(value));
}

static int pull(struct cli *c, const struct args *a)
{
    struct buf options;
    struct err e = ERR_INIT;
    buf_init(&options);
    buf_add_char(&options, '{');
    add_option(&options, a, "name");
    add_option(&options, a, "mirror");
    add_option(&options, a, "sha256");
    buf_add_char(&options, '}');
    int code = CLI_OK;
    if (buf_check(&options, &e) != ST_OK)
        code = cli_fail_err(c, &e);
    else if (!engine_open(c, ":memory:", FOVEA_OPEN_CREATE))
        code = CLI_ERROR;
    if (code == CLI_OK) {
        const char *params[] = {a->words[0], options.data};
        code = engine_print(c, "SELECT name, dir FROM fovea_pull(?1, ?2)", params, 2, NULL);
    }
    buf_deinit(&options);
    return code;
}

const struct command command_pull = {
    .name = "pull",
    .about = "bring a model to this machine: by name, URL or folder",
    .usage = "NAME|URL|DIR",
    .more = "NAME is one that fovea models lists (openai/clip-vit-base-patch32, or its alias "
            "ViT-B/32). URL is\n"
            "the folder that holds config.json and the weights. DIR is a folder on this machine, "
            "copied.\n"
            "A broken download goes on where it stopped. Only this, datasets get and GET use the "
            "network.\n",
    .options = pull_options,
    .words_min = 1,
    .words_max = 1,
    .run = pull,
};

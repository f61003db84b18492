/* cmd_index.c - fovea index: folders into the library. */
#include <limits.h>

#include "cli/engine.h"
#include "cli/folders.h"

static const struct arg_option options[] = {
    {"db", 0, "FILE", "the database to fill; made when missing"},
    {"model", 0, "NAME", "a model's name or folder; fovea models lists them"},
    {"retry", 0, NULL, "read files that failed before again"},
    {"json", 0, NULL, "print the counts as a JSON object"},
    {NULL, 0, NULL, NULL},
};

static int run(struct cli *c, const struct args *a)
{
    struct folders how = {.dirs = a->words,
        .dir_count = a->word_count,
        .model = args_get(a, "model"),
        .retry = args_has(a, "retry"),
        .report = true};
    if (!engine_open(c, args_get(a, "db"), FOVEA_OPEN_CREATE)) return CLI_ERROR;
    folders_say_model(c, how.model);
    return folders_index(c, &how);
}

const struct command command_index = {
    .name = "index",
    .about = "read the pictures of folders into the library",
    .usage = "DIR...",
    .more = "Goes through the folders and what lies below them: JPEG, PNG, WebP, GIF (its first "
            "frame) and BMP,\n"
            "told by what is inside, not by name. Hidden files are skipped, and what .foveaignore "
            "names.\n"
            "A second run looks only at what changed. Pictures that are gone leave the library. A "
            "file that\n"
            "can't be read counts as failed; fovea errors says why. Ctrl-C at any time: the next "
            "run goes on.\n",
    .options = options,
    .words_min = 1,
    .words_max = INT_MAX,
    .run = run,
};

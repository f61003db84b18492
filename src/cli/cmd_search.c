/* cmd_search.c - fovea search: a question in, ranked pictures out, on paper too (--sheet). */
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "base/limits.h"
#include "base/run.h"
#include "cli/engine.h"
#include "cli/folders.h"

enum { K_DEFAULT = 10, SCORE_DECIMALS = 6 };

static const struct arg_option options[] = {
    {"db", 0, "FILE", "the database to search"},
    {"count", 'n', "K", "at most so many pictures; 10 when not given"},
    {"where", 0, "SQL",
        "only pictures for which this holds: \"width > 1000 AND path LIKE '%/2024/%'\""},
    {"relevant", 0, NULL, "only pictures that are really about it (relevance 0.5 or more)"},
    {"sheet", 0, "FILE.png", "draw the answers as a contact sheet, five a row"},
    {"model", 0, "NAME", "a model's name or folder; fovea models lists them"},
    {"json", 0, NULL, "print a JSON array of {path, score, relevance}"},
    {"csv", 0, NULL, "print CSV with a line of names"},
    {"box", 0, NULL, "draw a box, as on a terminal"},
    {NULL, 0, NULL, NULL},
};

/* The columns of fovea_search that are printed, in this order. JSON leaves the rank to the array.
 */
enum { RANK, SCORE, RELEVANCE, PATH, COLUMNS };
static const char *const box_names[] = {"rank", "score", "relevance", "path"};
static const char *const json_names[] = {"path", "score", "relevance"};

struct hits {
    int64_t count;
    double relevance_max;
};

#define RELEVANT 0.5 /* docs/relevance.md */

static enum status add_options(struct buf *out, const struct args *a, struct err *e)
{
    const char *model = args_get(a, "model"), *where = args_get(a, "where");
    buf_printf(out, "{\"relevant\":%s", args_has(a, "relevant") ? "true" : "false");
    if (model != NULL) {
        buf_add_str(out, ",\"model\":");
        buf_add_json(out, model, strlen(model));
    }
    if (where != NULL) {
        buf_add_str(out, ",\"where\":");
        buf_add_json(out, where, strlen(where));
    }
    if (a->word_count > 1) {
        buf_add_str(out, ",\"under\":");
        if (folders_add_json(out, a->words + 1, a->word_count - 1, e) != ST_OK) return ST_INVALID;
    }
    buf_add_char(out, '}');
    return buf_check(out, e);
}

static void print_hit(const struct cli *c, struct output *o, struct fovea_stmt *s)
{
    struct cell cells[COLUMNS];
    for (int i = 0; i < COLUMNS; i++) cells[i] = engine_cell(s, i);
    cells[SCORE].decimals = cells[RELEVANCE].decimals = SCORE_DECIMALS;
    if (c->format == &format_json)
        output_row(o, (const struct cell[]){cells[PATH], cells[SCORE], cells[RELEVANCE]});
    else
        output_row(o, cells);
}

/* Rows of the search to stdout, their pictures to c->pictures. */
static bool print_hits(struct cli *c, struct fovea_stmt *s, struct hits *hits)
{
    struct output o;
    struct err e = ERR_INIT;
    bool row = false, json = c->format == &format_json, ok = engine_step(c, s, &row);
    progress_clear(&c->progress);
    if (!ok) return false;
    cli_output_init(c, &o);
    if (row || c->format != &format_box)
        output_begin(&o, json ? json_names : box_names, NULL, json ? 3 : COLUMNS);
    while (ok && row) {
        pictures_add(&c->pictures, fovea_column_text(s, PATH));
        hits->count++;
        if (fovea_column_double(s, RELEVANCE) > hits->relevance_max)
            hits->relevance_max = fovea_column_double(s, RELEVANCE);
        print_hit(c, &o, s);
        ok = engine_step(c, s, &row);
    }
    if (hits->count > 0 || c->format != &format_box) output_end(&o);
    if (ok && output_check(&o, &e) != ST_OK) {
        cli_fail_err(c, &e);
        ok = false;
    }
    output_deinit(&o);
    return ok;
}

/* What is said behind the rows, and the exit status. */
static int finish(struct cli *c, const struct args *a, const struct hits *hits, int64_t started_us)
{
    const char *sheet = args_get(a, "sheet");
    double ms = (double)(run_now_us() - started_us) / 1000;
    if (hits->count == 0 && args_has(a, "relevant"))
        cli_talk(c, "no relevant picture found; without --relevant the nearest are shown");
    else if (hits->count == 0)
        cli_talk(c, "no picture found");
    else if (c->err_terminal)
        cli_talk(c, "%" PRId64 " pictures, %.0f ms", hits->count, ms);
    /* A model's limits are worth a line where the answer may be due to them, not behind every
     * answer. */
    if (hits->relevance_max < RELEVANT || a->word_count > 1)
        folders_say_model(c, args_get(a, "model"));
    if (hits->count == 0) return CLI_NONE;
    return sheet != NULL ? pictures_draw_sheet(c, sheet) : CLI_OK;
}

static int search(struct cli *c, const struct args *a, const char *engine_options, int64_t k)
{
    struct fovea_stmt *s;
    struct hits hits = {.count = 0};
    char k_text[24];
    int64_t started_us = run_now_us();
    snprintf(k_text, sizeof k_text, "%" PRId64, k);
    const char *params[] = {a->words[0], k_text, engine_options};
    const char *sql = "SELECT rank, score, relevance, path "
                      "FROM fovea_search(?1, CAST(?2 AS INTEGER), ?3) ORDER BY rank";
    if (!engine_start(c, sql, params, 3, &s)) return CLI_ERROR;
    bool ok = print_hits(c, s, &hits);
    fovea_finalize(s);
    return ok ? finish(c, a, &hits, started_us) : CLI_ERROR;
}

/* Folders given are brought up to date first. */
static int index_first(struct cli *c, const struct args *a)
{
    struct folders how = {
        .dirs = a->words + 1, .dir_count = a->word_count - 1, .model = args_get(a, "model")};
    return how.dir_count > 0 ? folders_index(c, &how) : CLI_OK;
}

static bool open_library(struct cli *c, const struct args *a)
{
    const char *db = args_get(a, "db");
    int flags = a->word_count > 1 ? FOVEA_OPEN_CREATE : 0;
    if (fovea_open(db, flags, &c->engine) == FOVEA_NOT_FOUND && flags == 0 && db == NULL) {
        cli_fail(c, "nothing is indexed yet: fovea index DIR, or fovea search QUERY DIR");
        return false;
    }
    fovea_close(c->engine);
    c->engine = NULL;
    return engine_open(c, db, flags);
}

static int run(struct cli *c, const struct args *a)
{
    struct buf engine_options;
    struct err e = ERR_INIT;
    int64_t k = K_DEFAULT;
    if (args_get_count(a, "count", LIMIT_SEARCH_K, &k, &e) != ST_OK) return cli_fail_err(c, &e);
    buf_init(&engine_options);
    int code = CLI_OK;
    if (add_options(&engine_options, a, &e) != ST_OK) code = cli_fail_err(c, &e);
    if (code == CLI_OK && !open_library(c, a)) code = CLI_ERROR;
    if (code == CLI_OK) code = index_first(c, a);
    if (code == CLI_OK) code = search(c, a, engine_options.data, k);
    buf_deinit(&engine_options);
    return code;
}

const struct command command_search = {
    .name = "search",
    .about = "find pictures by words, by a picture, or by a sum of them",
    .usage = "QUERY [DIR...]",
    .more = "QUERY is one argument: words (\"a dog on a beach\"), a path to a picture (./cat.jpg), "
            "or a sum with\n"
            "signs and weights (\"horse + stripes\", \"./a.jpg - text\", \"2:beach + dog\"). "
            "Folders are indexed\n"
            "first, and only pictures under them answer. Each row has a rank, a score (the "
            "cosine), a relevance\n"
            "from 0 to 1, and a path. Exit status: 0 found, 1 nothing found, 2 error.\n",
    .options = options,
    .words_min = 1,
    .words_max = INT_MAX,
    .run = run,
};

/* folders.c - fovea_index called and its counts told. */
#include "cli/folders.h"

#include <string.h>

#include "base/file.h"
#include "base/utf8.h"
#include "cli/engine.h"
#include "cli/interrupt.h"

enum { FOUND, INDEXED, UNCHANGED, REMOVED, FAILED, COUNTS };
static const char *const names[COUNTS] = {"found", "indexed", "unchanged", "removed", "failed"};

enum status folders_add_json(struct buf *out, char *const *dirs, int count, struct err *e)
{
    buf_add_char(out, '[');
    for (int i = 0; i < count; i++) {
        if (!utf8_valid(dirs[i], strlen(dirs[i])))
            return err_set(e, ST_INVALID,
                "the name of folder %s is not UTF-8; give a folder above it", dirs[i]);
        if (i > 0) buf_add_char(out, ',');
        buf_add_json(out, dirs[i], strlen(dirs[i]));
    }
    buf_add_char(out, ']');
    return buf_check(out, e);
}

/* The library's own model, which is meant when none is named; "" when there is none yet. */
static void find_model(struct cli *c, struct buf *out)
{
    struct fovea_stmt *s = NULL;
    const char *sql = "SELECT value FROM fovea_library WHERE key = 'model'";
    if (fovea_prepare(c->engine, sql, -1, &s, NULL) == FOVEA_OK && fovea_step(s) == FOVEA_ROW) {
        const char *name = fovea_column_text(s, 0);
        if (name != NULL) buf_add_str(out, name);
    }
    fovea_finalize(s);
}

void folders_say_model(struct cli *c, const char *model)
{
    struct buf name;
    buf_init(&name);
    if (model != NULL)
        buf_add_str(&name, model);
    else
        find_model(c, &name);
    if (name.bytes == 0 || strcmp(file_base_name(name.data), "mini") == 0)
        cli_talk(c,
            "mini, the model that ships, knows drawings and objects; for photographs: "
            "fovea pull openai/clip-vit-base-patch32, then --model with that name");
    buf_deinit(&name);
}

static void say_counts(struct cli *c, const int64_t n[COUNTS])
{
    struct buf line;
    buf_init(&line);
    for (int i = 0; i < COUNTS; i++) {
        if (i > 0) buf_add_str(&line, " · ");
        progress_add_count(&line, (uint64_t)n[i]);
        buf_printf(&line, " %s", names[i]);
    }
    if (n[FAILED] > 0) buf_add_str(&line, " (fovea errors says why)");
    if (!line.failed) cli_talk(c, "%s", line.data);
    buf_deinit(&line);
}

/* The one row of fovea_index: kept, and printed when asked for. */
static bool take_counts(struct cli *c, struct fovea_stmt *s, int64_t n[COUNTS])
{
    bool row = false;
    if (!engine_step(c, s, &row)) return false;
    for (int i = 0; i < COUNTS; i++) n[i] = row ? fovea_column_int(s, i) : 0;
    while (row)
        if (!engine_step(c, s, &row)) return false;
    return true;
}

static int report(struct cli *c, const int64_t n[COUNTS])
{
    if (c->format != &format_json) return CLI_OK;
    putchar('{');
    for (int i = 0; i < COUNTS; i++)
        printf("%s\"%s\":%lld", i > 0 ? "," : "", names[i], (long long)n[i]);
    fputs("}\n", stdout);
    return CLI_OK;
}

static int run(
    struct cli *c, const struct folders *how, const struct buf *dirs, const char *options)
{
    const char *params[] = {NULL, options};
    struct fovea_stmt *s;
    int64_t n[COUNTS];
    if (!engine_start(c,
            "SELECT found, indexed, unchanged, removed, failed FROM fovea_index(?1, ?2)", params, 2,
            &s))
        return CLI_ERROR;
    bool ok = fovea_bind_blob(s, 1, dirs->data, (int64_t)dirs->bytes) == FOVEA_OK;
    if (!ok) engine_fail(c);
    ok = ok && take_counts(c, s, n);
    fovea_finalize(s);
    progress_clear(&c->progress);
    if (!ok && interrupt_seen())
        cli_talk(c, "what was done is kept; the next run goes on from there");
    if (!ok) return CLI_ERROR;
    say_counts(c, n);
    return how->report ? report(c, n) : CLI_OK;
}

int folders_index(struct cli *c, const struct folders *how)
{
    struct buf dirs, options;
    buf_init(&dirs);
    buf_init(&options);
    for (int i = 0; i < how->dir_count; i++) /* a zero byte behind each but the last */
        buf_add(&dirs, how->dirs[i], strlen(how->dirs[i]) + (i + 1 < how->dir_count));
    buf_printf(&options, "{\"retry\":%s", how->retry ? "true" : "false");
    if (how->model != NULL) {
        buf_add_str(&options, ",\"model\":");
        buf_add_json(&options, how->model, strlen(how->model));
    }
    buf_add_char(&options, '}');
    int code;
    if (dirs.failed || options.failed)
        code = cli_fail(c, "out of memory");
    else
        code = run(c, how, &dirs, options.data);
    buf_deinit(&dirs);
    buf_deinit(&options);
    return code;
}

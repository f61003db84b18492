/* tokenizer_read.c - tokenizer.json, or vocab.json + merges.txt, into struct tokenizer.
 *
 * Only tokenizers of CLIP's form are read; whatever else a tokenizer.json can say is refused by the
 * name it has there, since a part left out would give wrong ids without a word. The plain pair of
 * files is taken the way transformers turns it into a tokenizer.json (CLIPConverter), so both give
 * one result.
 */
#include "model/tokenizer_parts.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"

#define SOT_NAME "<|startoftext|>"
#define EOT_NAME "<|endoftext|>"

/* OpenAI's merges file goes on behind the merges CLIP uses; transformers stops here too. */
enum { PLAIN_MERGES_MAX = 49152 - 256 - 2 };

/* A tokenizer being filled. */
struct reading {
    struct tokenizer *t;
    const char *what;
    struct vocab vocab;
    struct arena names; /* of tokens the file writes with escapes */
};

static enum status read_id(
    struct reading *r, const struct json_node *n, const char *name, int32_t *out, struct err *e)
{
    int64_t id = json_int(n, -1);
    if (id < 0 || id >= LIMIT_VOCAB)
        return err_set(e, ST_CORRUPT, "%s: token \"%.60s\" has no sound id", r->what, name);
    *out = (int32_t)id;
    if (*out > r->t->id_max) r->t->id_max = *out;
    return ST_OK;
}

/* How often a character stands in a table: no less than it has members that the character parts. */
static size_t count_members(struct tokenizer_text table, char part)
{
    size_t count = 1;
    for (size_t i = 0; i < table.bytes; i++) count += table.data[i] == part;
    return count < LIMIT_VOCAB ? count : LIMIT_VOCAB;
}

/* What is wrong where no string could be read. */
static enum status string_err(
    const struct reading *r, const struct scan *s, const char *why, struct err *e)
{
    return s->no_memory ? mem_err(e, 0) : err_set(e, ST_CORRUPT, "%s: %s", r->what, why);
}

static enum status read_token(struct reading *r, struct scan *s, struct err *e)
{
    struct tokenizer_text name;
    int32_t id;
    if (!scan_string(s, &name))
        return string_err(r, s, "the vocabulary is not names and numbers", e);
    if (!scan_char(s, ':') || !scan_int(s, &id) || id >= LIMIT_VOCAB)
        return err_set(e, ST_CORRUPT, "%s: token \"%.*s\" has no sound id", r->what,
            (int)(name.bytes < 60 ? name.bytes : 60), name.data);
    vocab_add(&r->vocab, name.data, name.bytes, id);
    if (id > r->t->id_max) r->t->id_max = id;
    return ST_OK;
}

/* {"name": id, ...} */
static enum status read_vocab(struct reading *r, struct tokenizer_text table, struct err *e)
{
    struct scan s = {.at = table.data, .end = table.data + table.bytes, .names = &r->names};
    if (!scan_char(&s, '{') || scan_char(&s, '}'))
        return err_set(e, ST_CORRUPT, "%s has no vocabulary", r->what);
    size_t count = 0;
    enum status st = vocab_init(&r->vocab, count_members(table, ','), e);
    do {
        if (st == ST_OK && ++count > LIMIT_VOCAB)
            st = err_set(e, ST_LIMIT, "%s has over %d tokens", r->what, LIMIT_VOCAB);
        if (st == ST_OK) st = read_token(r, &s, e);
    } while (st == ST_OK && scan_char(&s, ','));
    if (st == ST_OK && !scan_char(&s, '}'))
        st = err_set(e, ST_CORRUPT, "%s: the vocabulary is not names and numbers", r->what);
    return st;
}

/* "a b" cut at its only blank. */
static bool cut_merge(const char *line, size_t bytes, struct bpe_half half[2])
{
    const char *blank = memchr(line, ' ', bytes);
    if (!blank) return false;
    half[0] = (struct bpe_half){line, (size_t)(blank - line)};
    half[1] = (struct bpe_half){blank + 1, bytes - half[0].bytes - 1};
    return half[0].bytes > 0 && half[1].bytes > 0 && !memchr(half[1].name, ' ', half[1].bytes);
}

/* A list is of one form throughout: "a b" or ["a", "b"]. */
static bool read_merge(struct scan *s, bool pairs, struct bpe_half half[2])
{
    struct tokenizer_text text;
    if (!pairs) return scan_string(s, &text) && cut_merge(text.data, text.bytes, half);
    for (int i = 0; i < 2; i++) {
        if (!scan_char(s, i == 0 ? '[' : ',') || !scan_string(s, &text) || text.bytes == 0)
            return false;
        half[i] = (struct bpe_half){text.data, text.bytes};
    }
    return scan_char(s, ']');
}

static enum status read_merge_list(struct reading *r, struct scan *s, bool pairs, struct err *e)
{
    uint32_t rank = 0;
    do {
        struct bpe_half half[2];
        if (rank == LIMIT_VOCAB)
            return err_set(e, ST_LIMIT, "%s has over %d merges", r->what, LIMIT_VOCAB);
        if (!read_merge(s, pairs, half)) {
            char why[64];
            snprintf(why, sizeof why, "merge %u is not two tokens", rank);
            return string_err(r, s, why, e);
        }
        enum status st = bpe_add(&r->t->bpe, &r->vocab, half, rank++, e);
        if (st != ST_OK) return st;
    } while (scan_char(s, ','));
    if (!scan_char(s, ']'))
        return err_set(e, ST_CORRUPT, "%s has no sound list of merges", r->what);
    return ST_OK;
}

static enum status read_merges(
    struct reading *r, struct tokenizer_text table, const char *suffix, struct err *e)
{
    struct scan s = {.at = table.data, .end = table.data + table.bytes, .names = &r->names};
    if (!scan_char(&s, '['))
        return err_set(e, ST_CORRUPT, "%s has no sound list of merges", r->what);
    struct scan peek = s;
    bool pairs = scan_char(&peek, '[');
    size_t most = count_members(table, pairs ? '[' : ',');
    enum status st = bpe_init(&r->t->bpe, &r->vocab, suffix, most, e);
    if (st != ST_OK || scan_char(&s, ']')) return st;
    return read_merge_list(r, &s, pairs, e);
}

/* Settings of the BPE model that change ids and that CLIP leaves at rest. */
static enum status check_model(struct reading *r, const struct json_node *model, struct err *e)
{
    const char *type = json_str(json_get(model, "type"), "BPE");
    if (strcmp(type, "BPE") != 0)
        return err_set(
            e, ST_UNSUPPORTED, "%s: the model is %.40s; only BPE is read", r->what, type);
    if (*json_str(json_get(model, "continuing_subword_prefix"), ""))
        return err_set(e, ST_UNSUPPORTED, "%s: continuing_subword_prefix is not read", r->what);
    if (json_num(json_get(model, "dropout"), 0) > 0)
        return err_set(e, ST_UNSUPPORTED, "%s: dropout is not read", r->what);
    static const char *const flags[] = {"byte_fallback", "ignore_merges"};
    for (size_t i = 0; i < 2; i++)
        if (json_bool(json_get(model, flags[i]), false))
            return err_set(e, ST_UNSUPPORTED, "%s: %s is not read", r->what, flags[i]);
    return ST_OK;
}

static enum status read_model(struct reading *r, const struct json_node *model,
    const struct scan_found *tables, struct err *e)
{
    enum status st = check_model(r, model, e);
    if (st == ST_OK) st = read_vocab(r, tables->vocab, e);
    if (st != ST_OK) return st;
    struct bpe *b = &r->t->bpe;
    const char *suffix = json_str(json_get(model, "end_of_word_suffix"), "");
    const char *unknown = json_str(json_get(model, "unk_token"), NULL);
    b->fuse_unknown = json_bool(json_get(model, "fuse_unk"), false);
    b->unknown = unknown ? vocab_find(&r->vocab, unknown, strlen(unknown)) : TOKEN_NONE;
    if (unknown && b->unknown == TOKEN_NONE)
        return err_set(
            e, ST_CORRUPT, "%s: the vocabulary lacks unk_token \"%.60s\"", r->what, unknown);
    return read_merges(r, tables->merges, suffix, e);
}

static enum status read_normalizer(struct reading *r, const struct json_node *n, struct err *e)
{
    struct tokenizer *t = r->t;
    const char *type = json_str(json_get(n, "type"), "?");
    const struct json_node *pattern = json_get(n, "pattern");
    if (t->step_count == TOKEN_STEPS_MAX)
        return err_set(e, ST_LIMIT, "%s has over %d normalizers", r->what, TOKEN_STEPS_MAX);
    if (strcmp(type, "NFC") == 0)
        t->steps[t->step_count++] = TEXT_NFC;
    else if (strcmp(type, "Lowercase") == 0)
        t->steps[t->step_count++] = TEXT_LOWER;
    else if (strcmp(type, "Replace") == 0 &&
        strcmp(json_str(json_get(pattern, "Regex"), ""), "\\s+") == 0 &&
        strcmp(json_str(json_get(n, "content"), ""), " ") == 0)
        t->steps[t->step_count++] = TEXT_SPACES;
    else
        return err_set(
            e, ST_UNSUPPORTED, "%s: the normalizer %.40s is not read as it stands", r->what, type);
    return ST_OK;
}

static enum status read_normalizers(struct reading *r, const struct json_node *n, struct err *e)
{
    if (json_is_null(n)) return ST_OK;
    if (strcmp(json_str(json_get(n, "type"), "?"), "Sequence") != 0)
        return read_normalizer(r, n, e);
    const struct json_node *list = json_get(n, "normalizers");
    enum status st = ST_OK;
    for (size_t i = 0; i < json_count(list) && st == ST_OK; i++)
        st = read_normalizer(r, json_at(list, i), e);
    return st;
}

/* CLIP's: words by a pattern, then bytes as characters. */
static enum status check_pre_tokenizer(struct reading *r, const struct json_node *n, struct err *e)
{
    static const char pattern[] = "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";
    const struct json_node *list = json_get(n, "pretokenizers");
    const struct json_node *split = json_at(list, 0), *level = json_at(list, 1);
    if (json_count(list) != 2 || strcmp(json_str(json_get(split, "type"), ""), "Split") != 0 ||
        strcmp(json_str(json_get(level, "type"), ""), "ByteLevel") != 0)
        return err_set(
            e, ST_UNSUPPORTED, "%s: the pre_tokenizer is not CLIP's Split and ByteLevel", r->what);
    const char *regex = json_str(json_get(json_get(split, "pattern"), "Regex"), "");
    bool keep = strcmp(json_str(json_get(split, "behavior"), ""), "Removed") == 0 &&
        json_bool(json_get(split, "invert"), false);
    if (!keep || strcmp(regex, pattern) != 0)
        return err_set(
            e, ST_UNSUPPORTED, "%s: the pre_tokenizer does not split as CLIP's", r->what);
    if (json_bool(json_get(level, "add_prefix_space"), true))
        return err_set(e, ST_UNSUPPORTED, "%s: add_prefix_space is not read", r->what);
    return ST_OK;
}

/* One end of a template: {"SpecialToken": {"id": name}}, its number in "special_tokens". */
static const struct json_node *template_id(const struct json_node *n, size_t place)
{
    const struct json_node *part = json_get(json_at(json_get(n, "single"), place), "SpecialToken");
    const char *name = json_str(json_get(part, "id"), "");
    const struct json_node *ids = json_get(json_get(json_get(n, "special_tokens"), name), "ids");
    return json_count(ids) == 1 ? json_at(ids, 0) : NULL;
}

static enum status read_post_processor(struct reading *r, const struct json_node *n, struct err *e)
{
    const char *type = json_str(json_get(n, "type"), "none");
    const struct json_node *start = NULL, *end = NULL;
    if (strcmp(type, "RobertaProcessing") == 0 || strcmp(type, "BertProcessing") == 0) {
        start = json_at(json_get(n, "cls"), 1);
        end = json_at(json_get(n, "sep"), 1);
    } else if (strcmp(type, "TemplateProcessing") == 0 && json_count(json_get(n, "single")) == 3) {
        start = template_id(n, 0);
        end = template_id(n, 2);
    }
    if (!start || !end)
        return err_set(e, ST_UNSUPPORTED,
            "%s: the post_processor %.40s adds no start and end token", r->what, type);
    enum status st = read_id(r, start, "start", &r->t->sot, e);
    return st == ST_OK ? read_id(r, end, "end", &r->t->eot, e) : st;
}

static enum status read_added(struct reading *r, const struct json_node *n, struct err *e)
{
    static const char *const flags[] = {"single_word", "lstrip", "rstrip"};
    const char *name = json_str(json_get(n, "content"), NULL);
    if (!name) return err_set(e, ST_CORRUPT, "%s: an added token without content", r->what);
    for (size_t i = 0; i < 3; i++)
        if (json_bool(json_get(n, flags[i]), false))
            return err_set(e, ST_UNSUPPORTED, "%s: added token \"%.60s\" with %s is not read",
                r->what, name, flags[i]);
    int32_t id = TOKEN_NONE;
    enum status st = read_id(r, json_get(n, "id"), name, &id, e);
    bool late = json_bool(json_get(n, "normalized"), true);
    struct tokenizer_text text = {name, json_str_bytes(json_get(n, "content"))};
    return st == ST_OK ? tokenizer_add(r->t, text, id, late, e) : st;
}

static enum status read_parts(
    struct reading *r, const struct json_node *root, const struct scan_found *tables, struct err *e)
{
    enum status st = read_model(r, json_get(root, "model"), tables, e);
    if (st == ST_OK) st = read_normalizers(r, json_get(root, "normalizer"), e);
    if (st == ST_OK) st = check_pre_tokenizer(r, json_get(root, "pre_tokenizer"), e);
    if (st == ST_OK) st = read_post_processor(r, json_get(root, "post_processor"), e);
    const struct json_node *added = json_get(root, "added_tokens");
    for (size_t i = 0; i < json_count(added) && st == ST_OK; i++)
        st = read_added(r, json_at(added, i), e);
    return st;
}

static void reading_deinit(struct reading *r)
{
    vocab_deinit(&r->vocab);
    arena_deinit(&r->names);
}

enum status tokenizer_read_json(
    struct tokenizer *t, struct tokenizer_text text, const char *what, struct err *e)
{
    struct reading r = {.t = t, .what = what};
    struct scan_found tables = {0};
    struct json_doc *doc = NULL;
    arena_init(&r.names, 0);
    buf_init(&tables.rest);
    enum status st = scan_tables(text, &tables, e);
    if (st == ST_OK)
        st = json_parse(tables.rest.data ? tables.rest.data : "", tables.rest.bytes, what, &doc, e);
    if (st == ST_OK) st = read_parts(&r, json_root(doc), &tables, e);
    json_close(doc);
    buf_deinit(&tables.rest);
    reading_deinit(&r);
    return st;
}

/* The next line of text from *at on, without its end; false behind the last. */
static bool next_line(const char **at, const char *end, struct tokenizer_text *line)
{
    if (*at >= end) return false;
    const char *stop = memchr(*at, '\n', (size_t)(end - *at));
    if (!stop) stop = end;
    size_t bytes = (size_t)(stop - *at);
    if (bytes > 0 && stop[-1] == '\r') bytes--;
    *line = (struct tokenizer_text){*at, bytes};
    *at = stop < end ? stop + 1 : end;
    return true;
}

/* The first line is a version, whatever it says; it is passed over. */
static enum status read_lines(struct reading *r, const struct buf *text, struct err *e)
{
    if (text->bytes == 0) return err_set(e, ST_CORRUPT, "%s is empty", r->what);
    const char *at = text->data, *end = at + text->bytes;
    struct tokenizer_text line;
    uint32_t rank = 0;
    enum status st = ST_OK;
    (void)next_line(&at, end, &line);
    while (st == ST_OK && rank < PLAIN_MERGES_MAX && next_line(&at, end, &line)) {
        struct bpe_half half[2];
        if (line.bytes == 0 && at == end) break;
        if (!cut_merge(line.data, line.bytes, half))
            return err_set(e, ST_CORRUPT, "%s, line %u: not two tokens", r->what, rank + 2);
        st = bpe_add(&r->t->bpe, &r->vocab, half, rank++, e);
    }
    return st;
}

static enum status read_special(struct reading *r, const char *name, int32_t *id, struct err *e)
{
    *id = vocab_find(&r->vocab, name, strlen(name));
    if (*id == TOKEN_NONE)
        return err_set(e, ST_CORRUPT, "%s: the vocabulary lacks %s", r->what, name);
    struct tokenizer_text text = {name, strlen(name)};
    return tokenizer_add(r->t, text, *id, true, e);
}

static enum status read_merges_file(struct reading *r, const char *path, struct err *e)
{
    struct tokenizer *t = r->t;
    struct buf text;
    buf_init(&text);
    enum status st = file_read(path, LIMIT_JSON_BYTES, &text, e);
    if (st == ST_OK) st = bpe_init(&t->bpe, &r->vocab, "</w>", PLAIN_MERGES_MAX, e);
    r->what = path;
    if (st == ST_OK) st = read_lines(r, &text, e);
    buf_deinit(&text);
    return st;
}

static enum status read_vocab_file(struct reading *r, struct tokenizer_text text, struct err *e)
{
    struct tokenizer *t = r->t;
    enum status st = read_vocab(r, text, e);
    if (st == ST_OK) st = read_special(r, SOT_NAME, &t->sot, e);
    if (st == ST_OK) st = read_special(r, EOT_NAME, &t->eot, e);
    t->bpe.unknown = t->eot;
    return st;
}

enum status tokenizer_read_plain(
    struct tokenizer *t, const char *vocab_path, const char *merges_path, struct err *e)
{
    static const enum text_step steps[] = {TEXT_NFC, TEXT_SPACES, TEXT_LOWER};
    memcpy(t->steps, steps, sizeof steps);
    t->step_count = 3;
    struct reading r = {.t = t, .what = vocab_path};
    struct buf text;
    arena_init(&r.names, 0);
    buf_init(&text);
    enum status st = file_read(vocab_path, LIMIT_JSON_BYTES, &text, e);
    if (st == ST_OK)
        st =
            read_vocab_file(&r, (struct tokenizer_text){text.data ? text.data : "", text.bytes}, e);
    if (st == ST_OK) st = read_merges_file(&r, merges_path, e);
    buf_deinit(&text);
    reading_deinit(&r);
    return st;
}

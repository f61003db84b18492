/* tokenizer.c - opens a tokenizer's files and takes a text through repair, steps, words and merges.
 *
 * Reference: Hugging Face tokenizers (AddedVocabulary, BPE, RobertaProcessing), CLIPTokenizerFast.
 */
#include "model/tokenizer.h"

#include <assert.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "model/tokenizer_parts.h"

void tokenizer_work_init(struct tokenizer_work *w)
{
    buf_init(&w->raw);
    buf_init(&w->pair[0]);
    buf_init(&w->pair[1]);
    buf_init(&w->word);
}

void tokenizer_work_deinit(struct tokenizer_work *w)
{
    buf_deinit(&w->raw);
    buf_deinit(&w->pair[0]);
    buf_deinit(&w->pair[1]);
    buf_deinit(&w->word);
}

enum status tokenizer_add(
    struct tokenizer *t, struct tokenizer_text name, int32_t id, bool late, struct err *e)
{
    if (t->added_count == TOKEN_ADDED_MAX || name.bytes > TOKEN_BYTES_MAX)
        return err_set(e, ST_LIMIT, "over %d added tokens, or one longer than %d bytes",
            TOKEN_ADDED_MAX, TOKEN_BYTES_MAX);
    struct buf pair[2];
    buf_init(&pair[0]);
    buf_init(&pair[1]);
    enum status st = late ? text_normalise(t, name, pair, &name, e) : ST_OK;
    if (st == ST_OK && name.bytes > 0) {
        struct token_added *a = &t->added[t->added_count];
        *a = (struct token_added){mem_strndup(name.data, name.bytes), name.bytes, id, late};
        if (a->name)
            t->added_count++;
        else
            st = mem_err(e, name.bytes);
    }
    buf_deinit(&pair[0]);
    buf_deinit(&pair[1]);
    return st;
}

/* A sum over the pairs, so that their places in the table don't matter. */
static uint64_t hash_pairs(const struct bpe *b)
{
    uint64_t sum = 0;
    for (size_t i = 0; i <= b->mask; i++)
        if (b->pairs[i].key != 0) sum += hash_64(&b->pairs[i], sizeof b->pairs[i], 0);
    return sum;
}
static_assert(sizeof(struct bpe_pair) == 16, "no padding is hashed");

static enum status hash_all(struct tokenizer *t, struct err *e)
{
    struct buf all;
    buf_init(&all);
    uint64_t pairs = hash_pairs(&t->bpe);
    buf_add(&all, &pairs, sizeof pairs);
    buf_add(&all, t->bpe.byte_id, sizeof t->bpe.byte_id);
    buf_printf(&all, "%d %d %d %d ", t->bpe.unknown, t->bpe.fuse_unknown, t->sot, t->eot);
    for (int i = 0; i < t->step_count; i++) buf_printf(&all, "step %d ", (int)t->steps[i]);
    for (int i = 0; i < t->added_count; i++) {
        buf_printf(&all, "added %d %d ", t->added[i].id, t->added[i].late);
        buf_add(&all, t->added[i].name, t->added[i].bytes + 1);
    }
    enum status st = buf_check(&all, e);
    if (st == ST_OK) hash_content(all.data, all.bytes, t->hash);
    buf_deinit(&all);
    return st;
}

/* Takes t: gives it out, or closes it. */
static enum status finish(
    struct tokenizer *t, enum status st, struct tokenizer **out, struct err *e)
{
    if (st == ST_OK) st = hash_all(t, e);
    if (st == ST_OK)
        *out = t;
    else
        tokenizer_close(t);
    return st;
}

enum status tokenizer_open_json(
    const char *text, size_t bytes, const char *what, struct tokenizer **out, struct err *e)
{
    *out = NULL;
    struct tokenizer *t = mem_zalloc(1, sizeof *t);
    if (!t) return mem_err(e, sizeof *t);
    return finish(t, tokenizer_read_json(t, (struct tokenizer_text){text, bytes}, what, e), out, e);
}

static enum status open_json_file(const char *path, struct tokenizer **out, struct err *e)
{
    struct buf text;
    buf_init(&text);
    enum status st = file_read(path, LIMIT_JSON_BYTES, &text, e);
    if (st == ST_OK) st = tokenizer_open_json(text.data ? text.data : "", text.bytes, path, out, e);
    buf_deinit(&text);
    return st;
}

static enum status open_plain(
    const char *vocab, const char *merges, struct tokenizer **out, struct err *e)
{
    struct tokenizer *t = mem_zalloc(1, sizeof *t);
    if (!t) return mem_err(e, sizeof *t);
    return finish(t, tokenizer_read_plain(t, vocab, merges, e), out, e);
}

enum status tokenizer_open(const char *dir, struct tokenizer **out, struct err *e)
{
    *out = NULL;
    char *json = file_join(dir, "tokenizer.json");
    char *vocab = file_join(dir, "vocab.json");
    char *merges = file_join(dir, "merges.txt");
    enum status st;
    if (!json || !vocab || !merges)
        st = mem_err(e, strlen(dir));
    else if (file_exists(json))
        st = open_json_file(json, out, e);
    else if (file_exists(vocab))
        st = open_plain(vocab, merges, out, e);
    else
        st = err_set(e, ST_NOT_FOUND, "%s holds neither tokenizer.json nor vocab.json", dir);
    mem_free(json);
    mem_free(vocab);
    mem_free(merges);
    return st;
}

void tokenizer_close(struct tokenizer *t)
{
    if (!t) return;
    bpe_deinit(&t->bpe);
    for (int i = 0; i < t->added_count; i++) mem_free(t->added[i].name);
    mem_free(t);
}

int32_t tokenizer_sot(const struct tokenizer *t)
{
    return t->sot;
}

int32_t tokenizer_eot(const struct tokenizer *t)
{
    return t->eot;
}

int32_t tokenizer_id_max(const struct tokenizer *t)
{
    return t->id_max;
}

const char *tokenizer_hash(const struct tokenizer *t)
{
    return t->hash;
}

static bool is_full(const struct token_list *out)
{
    return out->count >= out->room;
}

static void add_token(struct token_list *out, const struct token_added *a)
{
    if (a && !is_full(out)) out->ids[out->count++] = a->id;
}

static enum status encode_words(const struct tokenizer *t, struct tokenizer_work *w,
    struct tokenizer_text in, struct token_list *out, struct err *e)
{
    struct tokenizer_text word;
    enum status st = ST_OK;
    while (st == ST_OK && !is_full(out) && text_next_word(&in, &word))
        st = bpe_encode(&t->bpe, word, &w->word, out, e);
    return st;
}

/* A piece without raw added tokens: the steps, then the tokens that are looked for behind them. */
static enum status encode_piece(const struct tokenizer *t, struct tokenizer_work *w,
    struct tokenizer_text in, struct token_list *out, struct err *e)
{
    struct tokenizer_text rest, before;
    enum status st = text_normalise(t, in, w->pair, &rest, e);
    while (st == ST_OK && rest.bytes > 0 && !is_full(out)) {
        const struct token_added *a = text_next_added(t, true, &rest, &before);
        st = encode_words(t, w, before, out, e);
        add_token(out, a);
    }
    return st;
}

enum status tokenizer_encode(const struct tokenizer *t, struct tokenizer_work *w,
    struct tokenizer_text text, struct token_list *out, struct err *e)
{
    assert(out->room >= 2);
    out->count = 0;
    if (text.bytes > LIMIT_QUERY_BYTES)
        return err_set(e, ST_LIMIT, "a text of %zu bytes, at most %zu are read", text.bytes,
            LIMIT_QUERY_BYTES);
    struct tokenizer_text rest = {"", 0}, before;
    enum status st = text.bytes > 0 ? text_repair(text, &w->raw, &rest, e) : ST_OK;
    struct token_list body = {.ids = out->ids, .room = out->room - 1};
    body.ids[body.count++] = t->sot;
    while (st == ST_OK && rest.bytes > 0 && !is_full(&body)) {
        const struct token_added *a = text_next_added(t, false, &rest, &before);
        st = encode_piece(t, w, before, &body, e);
        add_token(&body, a);
    }
    if (st != ST_OK) return st;
    out->ids[body.count] = t->eot;
    out->count = body.count + 1;
    return ST_OK;
}

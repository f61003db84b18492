/* tokenizer_bpe.c - byte pair encoding: the vocabulary as a hash table, merges by rank.
 *
 * A word begins as one token a byte, the last with the end-of-word suffix. The pair of neighbours
 * with the lowest rank becomes one token, leftmost first among equals, until no pair is left that
 * merges. Candidates wait in a heap and are checked when they come up (either side may have been
 * merged away since), so a word of n bytes costs n log n, also one of 64 KB. Reference: Sennrich et
 * al. 2016 (arXiv 1508.07909); order of merges as in Hugging Face tokenizers.
 */
#include "model/tokenizer_parts.h"

#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

static size_t table_size(size_t count)
{
    size_t size = 16;
    while (size < 2 * count) size *= 2;
    return size;
}

enum status vocab_init(struct vocab *v, size_t count, struct err *e)
{
    size_t size = table_size(count);
    *v = (struct vocab){.mask = size - 1, .id_max = TOKEN_NONE};
    v->slots = mem_zalloc(size, sizeof *v->slots);
    return v->slots ? ST_OK : mem_err(e, size * sizeof *v->slots);
}

void vocab_deinit(struct vocab *v)
{
    mem_free(v->slots);
    v->slots = NULL;
}

/* The slot that holds the name, or the free one where it belongs. */
static struct vocab_slot *vocab_slot(const struct vocab *v, const char *name, size_t bytes)
{
    size_t i = (size_t)hash_64(name, bytes, 0) & v->mask;
    for (;; i = (i + 1) & v->mask) {
        struct vocab_slot *s = &v->slots[i];
        if (!s->name || (s->bytes == bytes && memcmp(s->name, name, bytes) == 0)) return s;
    }
}

void vocab_add(struct vocab *v, const char *name, size_t bytes, int32_t id)
{
    *vocab_slot(v, name, bytes) = (struct vocab_slot){name, (uint32_t)bytes, id};
    if (id > v->id_max) v->id_max = id;
}

int32_t vocab_find(const struct vocab *v, const char *name, size_t bytes)
{
    const struct vocab_slot *s = vocab_slot(v, name, bytes);
    return s->name ? s->id : TOKEN_NONE;
}

/* The character that stands for a byte in token names (GPT-2's table): printable Latin-1 stands for
 * itself, the n-th of the others is U+0100 + n. */
static uint32_t byte_char(int byte)
{
    uint32_t n = 256;
    for (int b = 0; b <= byte; b++) {
        bool shown = (b >= '!' && b <= '~') || (b >= 0xa1 && b <= 0xac) || b >= 0xae;
        if (b == byte) return shown ? (uint32_t)b : n;
        if (!shown) n++;
    }
    return n;
}

enum status bpe_init(
    struct bpe *b, const struct vocab *v, const char *suffix, size_t merges, struct err *e)
{
    struct buf name;
    buf_init(&name);
    enum status st = ST_OK;
    for (int byte = 0; byte < 256 && st == ST_OK; byte++) {
        buf_clear(&name);
        utf8_add(&name, byte_char(byte));
        size_t bare = name.bytes;
        buf_add_str(&name, suffix);
        st = buf_check(&name, e);
        if (st != ST_OK) break;
        b->byte_id[0][byte] = vocab_find(v, name.data, bare);
        b->byte_id[1][byte] = vocab_find(v, name.data, name.bytes);
    }
    buf_deinit(&name);
    if (st != ST_OK) return st;
    size_t size = table_size(merges);
    b->mask = size - 1;
    b->pairs = mem_zalloc(size, sizeof *b->pairs);
    return b->pairs ? ST_OK : mem_err(e, size * sizeof *b->pairs);
}

void bpe_deinit(struct bpe *b)
{
    mem_free(b->pairs);
    b->pairs = NULL;
}

static struct bpe_pair *pair_slot(const struct bpe *b, int32_t left, int32_t right)
{
    uint64_t key = ((uint64_t)(uint32_t)left << 32 | (uint32_t)right) + 1;
    size_t i = (size_t)(key * 0x9e3779b97f4a7c15u >> 24) & b->mask; /* Fibonacci hashing */
    while (b->pairs[i].key != 0 && b->pairs[i].key != key) i = (i + 1) & b->mask;
    return &b->pairs[i];
}

enum status bpe_add(struct bpe *b, const struct vocab *v, const struct bpe_half half[2],
    uint32_t rank, struct err *e)
{
    char whole[2 * TOKEN_BYTES_MAX];
    int32_t id[2];
    size_t used = 0;
    for (int i = 0; i < 2; i++) {
        if (half[i].bytes > TOKEN_BYTES_MAX)
            return err_set(e, ST_LIMIT, "merge %u: a token of %zu bytes, at most %d are read", rank,
                half[i].bytes, TOKEN_BYTES_MAX);
        id[i] = vocab_find(v, half[i].name, half[i].bytes);
        if (id[i] == TOKEN_NONE)
            return err_set(e, ST_CORRUPT, "merge %u: the vocabulary has no token \"%.*s\"", rank,
                (int)half[i].bytes, half[i].name);
        memcpy(whole + used, half[i].name, half[i].bytes);
        used += half[i].bytes;
    }
    int32_t merged = vocab_find(v, whole, used);
    if (merged == TOKEN_NONE)
        return err_set(e, ST_CORRUPT, "merge %u: the vocabulary has no token \"%.*s\"", rank,
            (int)used, whole);
    struct bpe_pair *p = pair_slot(b, id[0], id[1]);
    uint64_t key = ((uint64_t)(uint32_t)id[0] << 32 | (uint32_t)id[1]) + 1;
    *p = (struct bpe_pair){.key = key, .id = merged, .rank = rank};
    return ST_OK;
}

/* A token of the word, linked to its neighbours; gone when a merge to its left took it. */
struct symbol {
    int32_t id;
    int32_t before, after; /* indexes; -1 at the ends */
    bool gone;
};

/* A pair that may merge: order is rank, then place. */
struct candidate {
    uint64_t order; /* rank << 32 | index of the left symbol */
    int32_t id;
};

struct word {
    struct symbol *symbols;
    int32_t count;
    struct candidate *heap; /* the least on top; room for twice the symbols */
    size_t waiting;
};

static void heap_put(struct word *w, struct candidate c)
{
    size_t i = w->waiting++;
    while (i > 0 && w->heap[(i - 1) / 2].order > c.order) {
        w->heap[i] = w->heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    w->heap[i] = c;
}

static struct candidate heap_take(struct word *w)
{
    struct candidate top = w->heap[0], last = w->heap[--w->waiting];
    size_t i = 0;
    for (size_t child = 1; child < w->waiting; child = 2 * i + 1) {
        if (child + 1 < w->waiting && w->heap[child + 1].order < w->heap[child].order) child++;
        if (w->heap[child].order >= last.order) break;
        w->heap[i] = w->heap[child];
        i = child;
    }
    w->heap[i] = last;
    return top;
}

/* Puts the pair that begins at symbol i, if there is one that merges. */
static void put_pair(const struct bpe *b, struct word *w, int32_t i)
{
    if (i < 0 || w->symbols[i].after < 0) return;
    const struct bpe_pair *p = pair_slot(b, w->symbols[i].id, w->symbols[w->symbols[i].after].id);
    if (p->key == 0) return;
    heap_put(w, (struct candidate){.order = (uint64_t)p->rank << 32 | (uint32_t)i, .id = p->id});
}

static void merge_all(const struct bpe *b, struct word *w)
{
    for (int32_t i = 0; i + 1 < w->count; i++) put_pair(b, w, i);
    while (w->waiting > 0) {
        struct candidate c = heap_take(w);
        int32_t left = (int32_t)(uint32_t)c.order;
        struct symbol *s = &w->symbols[left];
        if (s->gone || s->after < 0) continue;
        struct symbol *next = &w->symbols[s->after];
        const struct bpe_pair *p = pair_slot(b, s->id, next->id);
        if (p->key == 0 || p->id != c.id) continue; /* the pair has changed since it was put */
        next->gone = true;
        s->id = c.id;
        s->after = next->after;
        if (s->after >= 0) w->symbols[s->after].before = left;
        put_pair(b, w, s->before);
        put_pair(b, w, left);
    }
}

static void add_symbol(struct word *w, int32_t id)
{
    int32_t i = w->count++;
    w->symbols[i] = (struct symbol){.id = id, .before = i - 1, .after = i + 1};
}

static void split_bytes(const struct bpe *b, struct tokenizer_text word, struct word *w)
{
    bool was_unknown = false;
    for (size_t i = 0; i < word.bytes; i++) {
        int32_t id = b->byte_id[i + 1 == word.bytes][(uint8_t)word.data[i]];
        bool unknown = id == TOKEN_NONE;
        if (!unknown)
            add_symbol(w, id);
        else if (b->unknown != TOKEN_NONE && !(was_unknown && b->fuse_unknown))
            add_symbol(w, b->unknown);
        was_unknown = unknown;
    }
    if (w->count > 0) w->symbols[w->count - 1].after = -1;
}

enum status bpe_encode(const struct bpe *b, struct tokenizer_text word, struct buf *scratch,
    struct token_list *out, struct err *e)
{
    /* heap first: its alignment is the larger. A merge takes one candidate and puts at most two. */
    size_t heap_bytes = 2 * word.bytes * sizeof(struct candidate);
    size_t bytes = heap_bytes + word.bytes * sizeof(struct symbol);
    buf_clear(scratch);
    char *room = buf_reserve(scratch, bytes);
    if (!room) return mem_err(e, bytes);
    struct word w = {
        .heap = (struct candidate *)(void *)room,
        .symbols = (struct symbol *)(void *)(room + heap_bytes),
    };
    split_bytes(b, word, &w);
    merge_all(b, &w);
    for (int32_t i = 0; i >= 0 && i < w.count && out->count < out->room; i = w.symbols[i].after)
        out->ids[out->count++] = w.symbols[i].id;
    return ST_OK;
}

/* tokenizer.h - text to the token ids of a CLIP model: byte-level BPE with "</w>" at the end of
 * words.
 *
 * Reads tokenizer.json (as the Hugging Face tokenizers library writes it) or vocab.json +
 * merges.txt, and gives the ids that library gives, id for id. Bytes that are not UTF-8 count as
 * U+FFFD, one for each byte. Threads: a tokenizer is read by any number of threads; a
 * tokenizer_work belongs to one.
 */
#ifndef FOVEA_MODEL_TOKENIZER_H
#define FOVEA_MODEL_TOKENIZER_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct tokenizer;

/* The buffers of one thread; encoding takes no memory once they have grown. */
struct tokenizer_work {
    struct buf raw, pair[2], word;
};
void tokenizer_work_init(struct tokenizer_work *w);
void tokenizer_work_deinit(struct tokenizer_work *w);

struct tokenizer_text {
    const char *data;
    size_t bytes;
};

struct token_list {
    int32_t *ids; /* the caller's */
    int room;     /* the model's context, at least 2 */
    int count;    /* filled by tokenizer_encode */
};

/* Errors: NOT_FOUND (neither form is in dir), CORRUPT, UNSUPPORTED (another kind of tokenizer:
 * says which part), LIMIT, NO_MEMORY. */
NODISCARD enum status tokenizer_open(const char *dir, struct tokenizer **out, struct err *e);
/* From the text of a tokenizer.json; what names it in messages. */
NODISCARD enum status tokenizer_open_json(const char *text, size_t bytes, const char *what,
    struct tokenizer **out, struct err *e);
void tokenizer_close(struct tokenizer *t);

int32_t tokenizer_sot(const struct tokenizer *t);
int32_t tokenizer_eot(const struct tokenizer *t);
int32_t tokenizer_id_max(const struct tokenizer *t); /* must be below the model's vocabulary */
/* 32 hex digits over everything that decides ids. */
const char *tokenizer_hash(const struct tokenizer *t);

/* The tokens of a text: start, text, end. One that is too long is cut to out->room, the end token
 * last. Errors: LIMIT (over LIMIT_QUERY_BYTES), NO_MEMORY. */
NODISCARD enum status tokenizer_encode(const struct tokenizer *t, struct tokenizer_work *w,
    struct tokenizer_text text, struct token_list *out, struct err *e);

#endif

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
    struct buf raw, clean, text, word;
};
void tokenizer_work_init(struct tokenizer_work *w);
void tokenizer_work_deinit(struct tokenizer_work *w);

/* Errors: NOT_FOUND (neither form is in dir), CORRUPT, UNSUPPORTED (another kind of tokenizer:
 * says which part), LIMIT, NO_MEMORY. */
NODISCARD enum status tokenizer_open(const char *dir, struct tokenizer **out, struct err *e);
void tokenizer_close(struct tokenizer *t);

int32_t tokenizer_sot(const struct tokenizer *t);
int32_t tokenizer_eot(const struct tokenizer *t);
int32_t tokenizer_id_max(const struct tokenizer *t); /* must be below the model's vocabulary */
const char *tokenizer_token(const struct tokenizer *t, int32_t id); /* NULL when there is none */
/* 32 hex digits over everything that decides ids. */
const char *tokenizer_hash(const struct tokenizer *t);

/* Tokens of a text into ids (room for context >= 2): start, text, end; a text that is too long is
 * cut to context with the end token last. Errors: LIMIT (over LIMIT_QUERY_BYTES), NO_MEMORY. */
NODISCARD enum status tokenizer_encode(const struct tokenizer *t, struct tokenizer_work *w,
    const char *text,
    size_t bytes, int32_t *ids, int context, int *count, struct err *e);

#endif

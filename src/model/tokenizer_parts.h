/* tokenizer_parts.h - what the files of the tokenizer share: the vocabulary while it is read, the
 * pair table that stays, and the text steps in between. Nobody else includes this.
 */
#ifndef FOVEA_MODEL_TOKENIZER_PARTS_H
#define FOVEA_MODEL_TOKENIZER_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "model/tokenizer.h"

enum {
    TOKEN_NONE = -1,
    TOKEN_BYTES_MAX = 1024, /* of one token's name */
    TOKEN_ADDED_MAX = 256,
    TOKEN_STEPS_MAX = 8
};

/* ---- names to ids, only while a file is read; names are borrowed from it ---- */

struct vocab_slot {
    const char *name; /* NULL: free */
    uint32_t bytes;
    int32_t id;
};

struct vocab {
    struct vocab_slot *slots;
    size_t mask;
    int32_t id_max;
};

NODISCARD enum status vocab_init(struct vocab *v, size_t count, struct err *e);
void vocab_deinit(struct vocab *v);
/* At most as many as vocab_init was told. */
void vocab_add(struct vocab *v, const char *name, size_t bytes, int32_t id);
int32_t vocab_find(const struct vocab *v, const char *name, size_t bytes); /* TOKEN_NONE */

/* ---- byte pair encoding ---- */

struct bpe_pair {
    uint64_t key; /* left << 32 | right, plus 1; 0: free */
    int32_t id;   /* what the pair becomes */
    uint32_t rank;
};

struct bpe {
    struct bpe_pair *pairs;
    size_t mask;
    int32_t byte_id[2][256]; /* of a byte inside a word, and of one that ends it; TOKEN_NONE */
    int32_t unknown;         /* for those; TOKEN_NONE: they vanish */
    bool fuse_unknown;
};

/* Looks the 256 bytes up and makes room for that many merges. suffix ends words ("</w>" or ""). */
NODISCARD enum status bpe_init(struct bpe *b, const struct vocab *v, const char *suffix,
    size_t merges,
    struct err *e);
void bpe_deinit(struct bpe *b);
/* One half of a merge as the file has it. */
struct bpe_half {
    const char *name;
    size_t bytes;
};
/* The next merge, lowest rank first. Errors: CORRUPT (a token the vocabulary lacks). */
NODISCARD enum status bpe_add(struct bpe *b, const struct vocab *v, const struct bpe_half half[2],
    uint32_t rank, struct err *e);
/* The tokens of one word of 1 or more bytes, as many as out has room for. */
NODISCARD enum status bpe_encode(const struct bpe *b, struct tokenizer_text word,
    struct buf *scratch,
    struct token_list *out, struct err *e);

/* ---- text ---- */

enum text_step { TEXT_NFC, TEXT_SPACES, TEXT_LOWER };

/* A token that is found in the text before it is split into words. */
struct token_added {
    char *name; /* owned; for `late` ones in the form the steps give it */
    size_t bytes;
    int32_t id;
    bool late;  /* looked for after the steps ("normalized" in the file), not before */
};

struct tokenizer {
    struct bpe bpe;
    enum text_step steps[TOKEN_STEPS_MAX];
    int step_count;
    struct token_added added[TOKEN_ADDED_MAX];
    int added_count;
    int32_t sot, eot, id_max;
    char hash[HASH_CONTENT_CHARS];
};

/* Bytes that are not UTF-8 become U+FFFD in scratch; sound text is given back as it is. */
NODISCARD enum status text_repair(struct tokenizer_text in, struct buf *scratch,
    struct tokenizer_text *out, struct err *e);
/* Runs the steps, alternating between the two buffers; out lies in one of them or is in. */
NODISCARD enum status text_normalise(const struct tokenizer *t, struct tokenizer_text in,
    struct buf pair[2],
    struct tokenizer_text *out, struct err *e);
/* The next added token at or behind rest->data: the text before it goes to *before, rest moves
 * behind it. NULL when there is none: *before is all and rest is empty. */
const struct token_added *text_next_added(const struct tokenizer *t, bool late,
    struct tokenizer_text *rest,
    struct tokenizer_text *before);
/* The next word as CLIP's pattern splits; false at the end. rest moves behind it. */
bool text_next_word(struct tokenizer_text *rest, struct tokenizer_text *word);

/* ---- the long tables of a tokenizer.json ---- */

struct scan {
    const char *at, *end;
    struct arena *names; /* where strings with escapes go */
    bool no_memory;      /* why scan_string gave false */
};

struct scan_found {
    struct tokenizer_text vocab;  /* "{...}", empty when there is none */
    struct tokenizer_text merges; /* "[...]" */
    struct buf rest;              /* the text with both emptied; the caller's to init and deinit */
};

NODISCARD enum status scan_tables(struct tokenizer_text text, struct scan_found *out,
    struct err *e);
/* Each skips blanks and moves behind what it reads; false when something else stands there. */
bool scan_char(struct scan *s, char c);
bool scan_string(struct scan *s, struct tokenizer_text *out);
bool scan_int(struct scan *s, int32_t *out); /* not negative, up to about ten times LIMIT_VOCAB */

/* ---- files ---- */

/* Fill a zeroed t; what they took is t's even on failure. */
NODISCARD enum status tokenizer_read_json(struct tokenizer *t, struct tokenizer_text text,
    const char *what, struct err *e);
NODISCARD enum status tokenizer_read_plain(struct tokenizer *t, const char *vocab_path,
    const char *merges_path, struct err *e);
/* Keeps name (late ones normalised by the steps, which must be set before). LIMIT, NO_MEMORY. */
NODISCARD enum status tokenizer_add(struct tokenizer *t, struct tokenizer_text name, int32_t id,
    bool late,
    struct err *e);

#endif

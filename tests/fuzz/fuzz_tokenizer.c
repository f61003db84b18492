/* fuzz_tokenizer.c - any bytes as a tokenizer.json, and as a text for a sound one.
 *
 * What is before the first NUL byte is the tokenizer.json, what is behind it the text; without a
 * NUL the whole is both. Ids must be those of the tokenizer, the first start, the last end.
 */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "model/tokenizer.h"

enum { CONTEXT = 77 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void encode(const struct tokenizer *t, const char *text, size_t bytes)
{
    struct tokenizer_work w;
    int32_t ids[CONTEXT];
    struct token_list out = {.ids = ids, .room = CONTEXT};
    struct err e = ERR_INIT;
    if (bytes > LIMIT_QUERY_BYTES) bytes = LIMIT_QUERY_BYTES;
    tokenizer_work_init(&w);
    if (tokenizer_encode(t, &w, (struct tokenizer_text){text, bytes}, &out, &e) != ST_OK) abort();
    if (out.count < 2 || out.count > CONTEXT) abort();
    if (ids[0] != tokenizer_sot(t) || ids[out.count - 1] != tokenizer_eot(t)) abort();
    for (int i = 0; i < out.count; i++)
        if (ids[i] < 0 || ids[i] > tokenizer_id_max(t)) abort();
    tokenizer_work_deinit(&w);
}

/* The one the goldens are made with; opened once and kept. */
static const struct tokenizer *sound(void)
{
    static struct tokenizer *t;
    if (!t && tokenizer_open(FOVEA_SOURCE_DIR "/tests/golden/tokenizer/new", &t, NULL) != ST_OK)
        abort();
    return t;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *nul = size > 0 ? memchr(data, 0, size) : NULL;
    const char *json = (const char *)data, *text = nul ? (const char *)nul + 1 : json;
    size_t json_bytes = nul ? (size_t)(nul - data) : size;
    size_t text_bytes = size - (size_t)(text - json);
    struct tokenizer *t = NULL;
    struct err e = ERR_INIT;
    if (tokenizer_open_json(json, json_bytes, "fuzz", &t, &e) == ST_OK) encode(t, text, text_bytes);
    tokenizer_close(t);
    encode(sound(), text, text_bytes);
    return 0;
}

/* tokenizer_text.c - what happens to text before byte pair encoding: repair, normal forms, added
 * tokens, words.
 *
 * Order, as in Hugging Face tokenizers: added tokens that are not "normalized" are cut out of the
 * raw text; each piece in between goes through the steps by itself; the "normalized" ones are cut
 * out of that; what is left is split into words. Of added tokens that begin at one place the
 * longest wins.
 */
#include "model/tokenizer_parts.h"

#include <string.h>

#include "base/utf8.h"

enum status text_repair(
    struct tokenizer_text in, struct buf *scratch, struct tokenizer_text *out, struct err *e)
{
    *out = in;
    if (utf8_valid(in.data, in.bytes)) return ST_OK;
    buf_clear(scratch);
    const char *at = in.data, *end = in.data + in.bytes;
    while (at < end) {
        uint32_t cp;
        at += utf8_next(at, end, &cp);
        utf8_add(scratch, cp);
    }
    *out = (struct tokenizer_text){scratch->data, scratch->bytes};
    return buf_check(scratch, e);
}

static bool is_ascii(struct tokenizer_text in)
{
    unsigned char any = 0;
    for (size_t i = 0; i < in.bytes; i++) any |= (unsigned char)in.data[i];
    return any < 0x80;
}

/* Each run of white space becomes one space. */
static void add_spaced(struct tokenizer_text in, struct buf *out)
{
    const char *at = in.data, *end = in.data + in.bytes, *kept = at;
    bool space = false;
    while (at < end) {
        uint32_t cp;
        const char *here = at;
        at += utf8_next(at, end, &cp);
        bool blank = utf8_class(cp) == UTF8_SPACE;
        if (blank) {
            buf_add(out, kept, (size_t)(here - kept));
            if (!space) buf_add_char(out, ' ');
            kept = at;
        }
        space = blank;
    }
    buf_add(out, kept, (size_t)(end - kept));
}

static enum status run_step(
    enum text_step step, struct tokenizer_text in, struct buf *out, struct err *e)
{
    enum status st = ST_OK;
    if (step == TEXT_SPACES)
        add_spaced(in, out);
    else if (step == TEXT_LOWER)
        utf8_lower(in.data, in.bytes, out);
    else if (is_ascii(in))
        buf_add(out, in.data, in.bytes);
    else
        st = utf8_nfc(in.data, in.bytes, out, e);
    return st == ST_OK ? buf_check(out, e) : st;
}

enum status text_normalise(const struct tokenizer *t, struct tokenizer_text in, struct buf pair[2],
    struct tokenizer_text *out, struct err *e)
{
    *out = in;
    for (int i = 0; i < t->step_count && out->bytes > 0; i++) {
        struct buf *to = &pair[i % 2];
        buf_clear(to);
        enum status st = run_step(t->steps[i], *out, to, e);
        if (st != ST_OK) return st;
        *out = (struct tokenizer_text){to->data, to->bytes};
    }
    return ST_OK;
}

/* The longest added token that begins just here. */
static const struct token_added *added_here(
    const struct tokenizer *t, bool late, const char *at, size_t bytes)
{
    const struct token_added *best = NULL;
    for (int i = 0; i < t->added_count; i++) {
        const struct token_added *a = &t->added[i];
        if (a->late != late || a->bytes > bytes || a->name[0] != at[0]) continue;
        if (best && a->bytes <= best->bytes) continue;
        if (memcmp(a->name, at, a->bytes) == 0) best = a;
    }
    return best;
}

const struct token_added *text_next_added(const struct tokenizer *t, bool late,
    struct tokenizer_text *rest, struct tokenizer_text *before)
{
    for (size_t i = 0; i < rest->bytes; i++) {
        const struct token_added *a = added_here(t, late, rest->data + i, rest->bytes - i);
        if (!a) continue;
        *before = (struct tokenizer_text){rest->data, i};
        rest->data += i + a->bytes;
        rest->bytes -= i + a->bytes;
        return a;
    }
    *before = *rest;
    *rest = (struct tokenizer_text){rest->data + rest->bytes, 0};
    return NULL;
}

/* Bytes of 's 't 're 've 'm 'll 'd at the beginning; 0 when it is none. */
static size_t contraction(struct tokenizer_text in)
{
    static const char *const endings[] = {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        size_t n = strlen(endings[i]);
        if (in.bytes >= n && memcmp(in.data, endings[i], n) == 0) return n;
    }
    return 0;
}

/* Marks fall in with signs: CLIP's pattern knows letters, numbers and white space only. */
static enum utf8_class word_class(uint32_t cp)
{
    enum utf8_class c = utf8_class(cp);
    return c == UTF8_MARK ? UTF8_OTHER : c;
}

/* Bytes of the run of characters of one class at the beginning. */
static size_t class_run(struct tokenizer_text in, enum utf8_class class)
{
    const char *at = in.data, *end = in.data + in.bytes;
    while (at < end) {
        uint32_t cp;
        size_t n = utf8_next(at, end, &cp);
        if (word_class(cp) != class) break;
        at += n;
    }
    return (size_t)(at - in.data);
}

bool text_next_word(struct tokenizer_text *rest, struct tokenizer_text *word)
{
    size_t skip = class_run(*rest, UTF8_SPACE);
    rest->data += skip;
    rest->bytes -= skip;
    if (rest->bytes == 0) return false;
    uint32_t cp;
    size_t n = utf8_next(rest->data, rest->data + rest->bytes, &cp);
    enum utf8_class class = word_class(cp);
    size_t short_form = contraction(*rest);
    if (short_form > 0)
        n = short_form;
    else if (class != UTF8_NUMBER)
        n = class_run(*rest, class);
    *word = (struct tokenizer_text){rest->data, n};
    rest->data += n;
    rest->bytes -= n;
    return true;
}

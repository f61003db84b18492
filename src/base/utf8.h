/* utf8.h - Unicode: checked decoding, and the door of utf8proc (NFC, lower case, categories). */
#ifndef FOVEA_BASE_UTF8_H
#define FOVEA_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Decodes one code point at s (end > s). Returns its length in bytes and fills *cp; bytes that are
 * not UTF-8 (overlong, surrogate, truncated) give length 1 and U+FFFD. */
size_t utf8_next(const char *s, const char *end, uint32_t *cp);
void utf8_add(struct buf *out, uint32_t cp);
bool utf8_valid(const char *s, size_t bytes);
/* Columns a terminal gives the text: 2 for wide CJK and emoji, 0 for combining marks. */
size_t utf8_width(const char *s, size_t bytes);

enum utf8_class { UTF8_OTHER, UTF8_LETTER, UTF8_MARK, UTF8_NUMBER, UTF8_SPACE };
/* Letter is \p{L}, mark \p{M}, number \p{N}, space Unicode White_Space. */
enum utf8_class utf8_class(uint32_t cp);

/* Appends the NFC form of the text; bytes that are not UTF-8 become U+FFFD first. */
NODISCARD enum status utf8_nfc(const char *s, size_t bytes, struct buf *out, struct err *e);
/* Appends the full lower-case mapping per code point (U+0130 gives two), without final-sigma
 * context, which is what tokenizers' Lowercase does. */
void utf8_lower(const char *s, size_t bytes, struct buf *out);
/* Appends the simple upper-case mapping, code point by code point. */
void utf8_upper(const char *s, size_t bytes, struct buf *out);
/* What a code point is compared by when case doesn't count (simple case folding). */
uint32_t utf8_fold(uint32_t cp);

#endif

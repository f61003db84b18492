/* utf8.c - UTF-8 decoding by hand (RFC 3629), Unicode properties through utf8proc. */
#include "base/utf8.h"

#include <utf8proc.h>

#include "base/mem.h"

/* By lead byte: length, bits of the lead that count, smallest code point of that length. */
struct lead { uint8_t bytes, mask; uint32_t least; };

static struct lead lead_of(unsigned char c)
{
    if (c >= 0xc2 && c <= 0xdf) return (struct lead){2, 0x1f, 0x80};
    if (c >= 0xe0 && c <= 0xef) return (struct lead){3, 0x0f, 0x800};
    if (c >= 0xf0 && c <= 0xf4) return (struct lead){4, 0x07, 0x10000};
    return (struct lead){0, 0, 0};
}

size_t utf8_next(const char *s, const char *end, uint32_t *cp)
{
    unsigned char c = (unsigned char)*s;
    *cp = c;
    if (c < 0x80) return 1;
    *cp = 0xfffd;
    struct lead lead = lead_of(c);
    if (lead.bytes == 0 || end - s < lead.bytes) return 1;
    uint32_t v = c & lead.mask;
    for (size_t i = 1; i < lead.bytes; i++) {
        if (((unsigned char)s[i] & 0xc0) != 0x80) return 1;
        v = v << 6 | ((unsigned char)s[i] & 0x3f);
    }
    if (v < lead.least || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff)) return 1;
    *cp = v;
    return lead.bytes;
}

void utf8_add(struct buf *out, uint32_t cp)
{
    utf8proc_uint8_t bytes[4];
    utf8proc_ssize_t n = utf8proc_encode_char((utf8proc_int32_t)cp, bytes);
    if (n > 0) buf_add(out, bytes, (size_t)n);
}

bool utf8_valid(const char *s, size_t bytes)
{
    for (const char *end = s + bytes; s < end;) {
        uint32_t cp;
        size_t n = utf8_next(s, end, &cp);
        if (n == 1 && cp == 0xfffd) return false;
        s += n;
    }
    return true;
}

size_t utf8_width(const char *s, size_t bytes)
{
    size_t width = 0;
    for (const char *end = s + bytes; s < end;) {
        uint32_t cp;
        s += utf8_next(s, end, &cp);
        width += (size_t)utf8proc_charwidth((utf8proc_int32_t)cp);
    }
    return width;
}

static bool is_space(uint32_t cp)
{
    return (cp >= 9 && cp <= 13) || cp == 0x20 || cp == 0x85 || cp == 0xa0 || cp == 0x1680 ||
        (cp >= 0x2000 && cp <= 0x200a) || cp == 0x2028 || cp == 0x2029 || cp == 0x202f ||
        cp == 0x205f || cp == 0x3000;
}

enum utf8_class utf8_class(uint32_t cp)
{
    if (is_space(cp)) return UTF8_SPACE;
    utf8proc_category_t c = utf8proc_category((utf8proc_int32_t)cp);
    if (c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_LO) return UTF8_LETTER;
    if (c >= UTF8PROC_CATEGORY_MN && c <= UTF8PROC_CATEGORY_ME) return UTF8_MARK;
    if (c >= UTF8PROC_CATEGORY_ND && c <= UTF8PROC_CATEGORY_NO) return UTF8_NUMBER;
    return UTF8_OTHER;
}

/* The text with every byte that is not UTF-8 replaced, since utf8proc refuses such text whole. */
static void add_repaired(const char *s, size_t bytes, struct buf *out)
{
    for (const char *end = s + bytes; s < end;) {
        uint32_t cp;
        size_t n = utf8_next(s, end, &cp);
        if (n == 1 && cp == 0xfffd)
            buf_add_str(out, "\xef\xbf\xbd");
        else
            buf_add(out, s, n);
        s += n;
    }
}

/* Decomposed code points of the text, composed again; utf8proc_map would do it with its own malloc.
 */
static utf8proc_ssize_t compose(const struct buf *text, int32_t *cps, utf8proc_ssize_t room)
{
    utf8proc_option_t how = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
    utf8proc_ssize_t n = utf8proc_decompose(
        (const utf8proc_uint8_t *)text->data, (utf8proc_ssize_t)text->bytes, cps, room, how);
    if (n < 0 || n > room) return n;
    return utf8proc_normalize_utf32(cps, n, how);
}

enum status utf8_nfc(const char *s, size_t bytes, struct buf *out, struct err *e)
{
    struct buf repaired;
    buf_init(&repaired);
    add_repaired(s, bytes, &repaired);
    enum status st = buf_check(&repaired, e);
    utf8proc_ssize_t n = st == ST_OK ? compose(&repaired, NULL, 0) : 0;
    int32_t *cps = n > 0 ? mem_zalloc((size_t)n, sizeof *cps) : NULL;
    if (n > 0 && cps == NULL) st = mem_err(e, (size_t)n * sizeof *cps);
    if (st == ST_OK && n > 0) n = compose(&repaired, cps, n);
    if (st == ST_OK && n < 0)
        st = err_set(e, ST_INVALID, "text can't be normalised: %s", utf8proc_errmsg(n));
    for (utf8proc_ssize_t i = 0; st == ST_OK && i < n; i++) utf8_add(out, (uint32_t)cps[i]);
    mem_free(cps);
    buf_deinit(&repaired);
    return st != ST_OK ? st : buf_check(out, e);
}

void utf8_lower(const char *s, size_t bytes, struct buf *out)
{
    for (const char *end = s + bytes; s < end;) {
        uint32_t cp;
        size_t n = utf8_next(s, end, &cp);
        if (cp == 0x130)
            buf_add_str(out, "i\xcc\x87"); /* the one unconditional mapping to two code points */
        else if (n == 1 && cp == 0xfffd)
            buf_add(out, s, 1);
        else
            utf8_add(out, (uint32_t)utf8proc_tolower((utf8proc_int32_t)cp));
        s += n;
    }
}

void utf8_upper(const char *s, size_t bytes, struct buf *out)
{
    for (const char *end = s + bytes; s < end;) {
        uint32_t cp;
        size_t n = utf8_next(s, end, &cp);
        if ((n == 1 && cp == 0xfffd) || cp == 0xdf) /* sharp s has no simple upper case */
            buf_add(out, s, n);
        else
            utf8_add(out, (uint32_t)utf8proc_toupper((utf8proc_int32_t)cp));
        s += n;
    }
}

/* Lower case of upper case: so the sigmas, the long s and the Kelvin sign meet their fellows. */
uint32_t utf8_fold(uint32_t cp)
{
    if (cp < 0x80) return cp >= 'A' && cp <= 'Z' ? cp + 32 : cp;
    return (uint32_t)utf8proc_tolower(utf8proc_toupper((utf8proc_int32_t)cp));
}

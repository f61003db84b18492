/* text.c - visible and shortened text, by code points; widths are utf8_width's. */
#include "cli/text.h"

#include <string.h>

#include "base/utf8.h"

static bool is_control(uint32_t cp)
{
    bool bidi = (cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069);
    return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || bidi; /* C0, DEL, C1; what reorders a line */
}

static void add_escape(struct buf *out, uint32_t cp)
{
    static const char letters[] = {['\t'] = 't', ['\n'] = 'n', ['\r'] = 'r'};
    if (cp < sizeof letters && letters[cp] != 0)
        buf_printf(out, "\\%c", letters[cp]);
    else if (cp < 0x100)
        buf_printf(out, "\\x%02x", cp);
    else
        buf_printf(out, "\\u%04x", cp);
}

void text_add_visible(struct buf *out, const char *s, size_t bytes)
{
    for (const char *end = s + bytes; s < end;) {
        uint32_t cp;
        size_t n = utf8_next(s, end, &cp);
        if (n == 1 && cp == 0xfffd)
            add_escape(out, (unsigned char)*s);
        else if (is_control(cp))
            add_escape(out, cp);
        else
            buf_add(out, s, n);
        s += n;
    }
}

void text_add_lines(struct buf *out, const char *s, size_t bytes)
{
    size_t begin = 0;
    for (size_t i = 0; i < bytes; i++) {
        bool end = s[i] == '\n' || s[i] == '\t', pair = s[i] == '\r' && i + 1 < bytes;
        pair = pair && s[i + 1] == '\n';
        if (!end && !pair) continue;
        text_add_visible(out, s + begin, i - begin);
        buf_add_char(out, s[i]);
        begin = i + 1;
    }
    text_add_visible(out, s + begin, bytes - begin);
}

size_t text_visible_width(const char *s, size_t bytes)
{
    struct buf visible;
    buf_init(&visible);
    text_add_visible(&visible, s, bytes);
    size_t width = utf8_width(visible.data, visible.bytes);
    buf_deinit(&visible);
    return width;
}

size_t text_head_bytes(const char *s, size_t bytes, size_t width)
{
    size_t at = 0, used = 0;
    while (at < bytes) {
        uint32_t cp;
        size_t n = utf8_next(s + at, s + bytes, &cp);
        used += utf8_width(s + at, n);
        if (used > width) break;
        at += n;
    }
    return at;
}

size_t text_tail_bytes(const char *s, size_t bytes, size_t width)
{
    size_t whole = utf8_width(s, bytes), at = 0;
    while (at < bytes && whole > width) {
        uint32_t cp;
        size_t n = utf8_next(s + at, s + bytes, &cp);
        whole -= utf8_width(s + at, n);
        at += n;
    }
    return bytes - at;
}

void text_add_shortened(struct buf *out, const char *s, size_t bytes, size_t width)
{
    if (utf8_width(s, bytes) <= width) {
        buf_add(out, s, bytes);
        return;
    }
    size_t room = width > 0 ? width - 1 : 0;
    size_t head = text_head_bytes(s, bytes, room / 3);
    size_t tail = text_tail_bytes(s, bytes, room - utf8_width(s, head));
    buf_add(out, s, head);
    if (width > 0) buf_add_str(out, "…");
    buf_add(out, s + bytes - tail, tail);
}

void text_add_spaces(struct buf *out, size_t count)
{
    while (count-- > 0) buf_add_char(out, ' ');
}

void text_add_quoted(struct buf *out, const char *text)
{
    buf_add_char(out, '\'');
    for (; *text != '\0'; text++) {
        if (*text == '\'' || *text == '\\') buf_add_char(out, *text);
        buf_add_char(out, *text);
    }
    buf_add_char(out, '\'');
}

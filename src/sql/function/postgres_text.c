/* postgres_text.c - PostgreSQL's functions of text. Positions count characters. What grows its text
 * is bounded by SQLite's limit on one.
 */
#include <string.h>

#include "base/hash.h"
#include "base/utf8.h"
#include "sql/function/function.h"

static int64_t count_characters(const struct function_text *t)
{
    int64_t n = 0;
    uint32_t cp;
    for (const char *s = t->s, *end = s + t->bytes; s < end; n++) s += utf8_next(s, end, &cp);
    return n;
}

/* Where character n begins, from 0 on; the end for those beyond. */
static size_t offset_of(const struct function_text *t, int64_t n)
{
    const char *s = t->s, *end = t->s + t->bytes;
    uint32_t cp;
    while (s < end && n-- > 0) s += utf8_next(s, end, &cp);
    return (size_t)(s - t->s);
}

static enum status too_long(struct err *e)
{
    return err_set(e, ST_LIMIT, "string or blob too big");
}

/* The first n characters; of -n all but the last n. */
FUNCTION_HEAD(call_left)
{
    struct function_text t;
    int64_t n;
    (void)session;
    if (function_any_null(args, count)) return ST_OK;
    enum status st = function_text(args[0], &t, e);
    if (st == ST_OK) st = function_int(args[1], "left()", &n, e);
    if (st != ST_OK) return st;
    if (n < 0) n += count_characters(&t);
    sql_result_text(out, t.s, n > 0 ? (int64_t)offset_of(&t, n) : 0);
    return ST_OK;
}

FUNCTION_HEAD(call_right)
{
    struct function_text t;
    int64_t n;
    (void)session;
    if (function_any_null(args, count)) return ST_OK;
    enum status st = function_text(args[0], &t, e);
    if (st == ST_OK) st = function_int(args[1], "right()", &n, e);
    if (st != ST_OK) return st;
    int64_t skip = n < 0 ? 0 - (n < -INT64_C(1000000000) ? -INT64_C(1000000000) : n)
                         : count_characters(&t) - n;
    size_t at = skip > 0 ? offset_of(&t, skip) : 0;
    sql_result_text(out, t.s + at, (int64_t)(t.bytes - at));
    return ST_OK;
}

/* n characters of fill, over and over. */
static void add_fill(struct buf *out, const struct function_text *fill, int64_t n)
{
    const char *s = fill->s, *end = fill->s + fill->bytes;
    uint32_t cp;
    for (; n > 0 && s < end; n--) {
        size_t bytes = utf8_next(s, end, &cp);
        buf_add(out, s, bytes);
        s = s + bytes < end ? s + bytes : fill->s;
    }
}

struct padding {
    struct function_text text, fill;
    int64_t n, missing;
};

static enum status take_padding(struct sql_session *session, struct sql_value *const *args,
    int count, struct padding *p, struct err *e)
{
    p->fill = (struct function_text){" ", 1};
    enum status st = function_text(args[0], &p->text, e);
    if (st == ST_OK) st = function_int(args[1], "a filled text", &p->n, e);
    if (st == ST_OK && count > 2) st = function_text(args[2], &p->fill, e);
    if (st != ST_OK) return st;
    if (p->n > (int64_t)function_bytes_max(session) / 4) return too_long(e);
    p->missing = p->n - count_characters(&p->text);
    return ST_OK;
}

FUNCTION_HEAD(call_lpad)
{
    struct padding p;
    struct buf text;
    if (function_any_null(args, count)) return ST_OK;
    enum status st = take_padding(session, args, count, &p, e);
    if (st != ST_OK) return st;
    buf_init(&text);
    add_fill(&text, &p.fill, p.missing);
    buf_add(&text, p.text.s, p.n > 0 ? offset_of(&p.text, p.n) : 0);
    return function_finish(out, &text, e);
}

FUNCTION_HEAD(call_rpad)
{
    struct padding p;
    struct buf text;
    if (function_any_null(args, count)) return ST_OK;
    enum status st = take_padding(session, args, count, &p, e);
    if (st != ST_OK) return st;
    buf_init(&text);
    buf_add(&text, p.text.s, p.n > 0 ? offset_of(&p.text, p.n) : 0);
    add_fill(&text, &p.fill, p.missing);
    return function_finish(out, &text, e);
}

FUNCTION_HEAD(call_repeat)
{
    struct function_text t;
    int64_t n;
    struct buf text;
    if (function_any_null(args, count)) return ST_OK;
    enum status st = function_text(args[0], &t, e);
    if (st == ST_OK) st = function_int(args[1], "repeat()", &n, e);
    if (st != ST_OK) return st;
    if (n > 0 && t.bytes > 0 && (uint64_t)n > function_bytes_max(session) / t.bytes)
        return too_long(e);
    buf_init(&text);
    for (int64_t i = 0; i < n && t.bytes > 0 && !text.failed; i++) buf_add(&text, t.s, t.bytes);
    return function_finish(out, &text, e);
}

FUNCTION_HEAD(call_reverse)
{
    struct function_text t;
    struct buf text;
    (void)session;
    if (function_any_null(args, count)) return ST_OK;
    enum status st = function_text(args[0], &t, e);
    if (st != ST_OK) return st;
    buf_init(&text);
    for (size_t end = t.bytes; end > 0;) {
        size_t start = end - 1;
        while (start > 0 && end - start < 4 && ((unsigned char)t.s[start] & 0xc0) == 0x80) start--;
        buf_add(&text, t.s + start, end - start);
        end = start;
    }
    return function_finish(out, &text, e);
}

/* Field n between the separators; -n counts from the last. */
FUNCTION_HEAD(call_split_part)
{
    struct function_text t, by;
    int64_t n, fields = 1;
    (void)session;
    if (function_any_null(args, count)) return ST_OK;
    enum status st = function_text(args[0], &t, e);
    if (st == ST_OK) st = function_text(args[1], &by, e);
    if (st == ST_OK) st = function_int(args[2], "split_part()", &n, e);
    if (st != ST_OK) return st;
    if (n == 0) return err_set(e, ST_INVALID, "split_part(): field position must not be zero");
    const char *end = t.s + t.bytes, *p = t.s, *next;
    while (by.bytes > 0 && (next = memmem(p, (size_t)(end - p), by.s, by.bytes)) != NULL) {
        fields++;
        p = next + by.bytes;
    }
    if (n < 0) n += fields + 1;
    if (n < 1 || n > fields) {
        sql_result_text(out, "", 0);
        return ST_OK;
    }
    for (p = t.s; --n > 0;)
        p = (const char *)memmem(p, (size_t)(end - p), by.s, by.bytes) + by.bytes;
    next = by.bytes > 0 ? memmem(p, (size_t)(end - p), by.s, by.bytes) : NULL;
    sql_result_text(out, p, (next != NULL ? next : end) - p);
    return ST_OK;
}

FUNCTION_HEAD(call_initcap)
{
    struct function_text t;
    struct buf text;
    bool inside = false;
    uint32_t cp;
    (void)session;
    if (function_any_null(args, count)) return ST_OK;
    enum status st = function_text(args[0], &t, e);
    if (st != ST_OK) return st;
    buf_init(&text);
    for (const char *s = t.s, *end = s + t.bytes; s < end;) {
        size_t n = utf8_next(s, end, &cp);
        enum utf8_class class = utf8_class(cp);
        if (inside)
            utf8_lower(s, n, &text);
        else
            utf8_upper(s, n, &text);
        inside = class == UTF8_LETTER || class == UTF8_NUMBER || class == UTF8_MARK;
        s += n;
    }
    return function_finish(out, &text, e);
}

/* Does the character stand in the list? */
static bool holds(const struct function_text *list, const char *s, size_t bytes)
{
    return memmem(list->s, list->bytes, s, bytes) != NULL;
}

FUNCTION_HEAD(call_btrim)
{
    struct function_text t, list = {" ", 1};
    uint32_t cp;
    (void)session;
    if (function_any_null(args, count)) return ST_OK;
    enum status st = function_text(args[0], &t, e);
    if (st == ST_OK && count > 1) st = function_text(args[1], &list, e);
    if (st != ST_OK) return st;
    const char *s = t.s, *end = t.s + t.bytes, *kept = s;
    while (s < end && holds(&list, s, utf8_next(s, end, &cp))) s += utf8_next(s, end, &cp);
    for (const char *p = kept = s; p < end;) {
        size_t n = utf8_next(p, end, &cp);
        if (!holds(&list, p, n)) kept = p + n;
        p += n;
    }
    sql_result_text(out, s, kept - s);
    return ST_OK;
}

/* NULLs are left out. */
static enum status join(struct sql_value *const *args, int count, const struct function_text *by,
    struct sql_result *out, struct err *e)
{
    struct buf text;
    bool first = true;
    enum status st = ST_OK;
    buf_init(&text);
    for (int i = 0; st == ST_OK && i < count; i++) {
        struct function_text t;
        if (sql_value_type(args[i]) == SQL_NULL) continue;
        if (!first) buf_add(&text, by->s, by->bytes);
        first = false;
        st = function_text(args[i], &t, e);
        if (st == ST_OK) buf_add(&text, t.s, t.bytes);
    }
    if (st == ST_OK) return function_finish(out, &text, e);
    buf_deinit(&text);
    return st;
}

FUNCTION_HEAD(call_concat)
{
    static const struct function_text NOTHING = {"", 0};
    (void)session;
    return join(args, count, &NOTHING, out, e);
}

FUNCTION_HEAD(call_concat_ws)
{
    struct function_text by;
    (void)session;
    if (sql_value_type(args[0]) == SQL_NULL) return ST_OK;
    enum status st = function_text(args[0], &by, e);
    return st == ST_OK ? join(args + 1, count - 1, &by, out, e) : st;
}

FUNCTION_HEAD(call_md5)
{
    char hex[HASH_MD5_CHARS];
    (void)session;
    if (function_any_null(args, count)) return ST_OK;
    const void *data = sql_value_blob(args[0]);
    enum status st = hash_md5(data != NULL ? data : "", (size_t)sql_value_bytes(args[0]), hex, e);
    if (st == ST_OK) sql_result_text(out, hex, -1);
    return st;
}

FUNCTION_HEAD(call_chr)
{
    struct buf text;
    int64_t n;
    (void)session;
    if (function_any_null(args, count)) return ST_OK;
    enum status st = function_int(args[0], "chr()", &n, e);
    if (st != ST_OK) return st;
    if (n < 1 || n > 0x10ffff || (n >= 0xd800 && n < 0xe000))
        return err_set(e, ST_INVALID, "chr(): there is no character %lld", (long long)n);
    buf_init(&text);
    utf8_add(&text, (uint32_t)n);
    return function_finish(out, &text, e);
}

FUNCTION_HEAD(call_ascii)
{
    struct function_text t;
    uint32_t cp = 0;
    (void)session;
    if (function_any_null(args, count)) return ST_OK;
    enum status st = function_text(args[0], &t, e);
    if (st == ST_OK && t.bytes > 0) utf8_next(t.s, t.s + t.bytes, &cp);
    if (st == ST_OK) sql_result_int(out, cp);
    return st;
}

FUNCTION_HEAD(call_octet_length)
{
    (void)session, (void)e;
    if (!function_any_null(args, count)) {
        sql_value_blob(args[0]);
        sql_result_int(out, sql_value_bytes(args[0]));
    }
    return ST_OK;
}

// clang-format off
static const struct sql_scalar SCALARS[] = {
    FUNCTION("left", 2, 2, call_left), FUNCTION("right", 2, 2, call_right),
    FUNCTION("lpad", 2, 3, call_lpad), FUNCTION("rpad", 2, 3, call_rpad),
    FUNCTION("repeat", 2, 2, call_repeat), FUNCTION("reverse", 1, 1, call_reverse),
    FUNCTION("split_part", 3, 3, call_split_part), FUNCTION("initcap", 1, 1, call_initcap),
    FUNCTION("btrim", 1, 2, call_btrim),
    {.name = "concat", .args_min = 1, .args_max = 127, .deterministic = true, .call = call_concat,
        .yields = true},
    {.name = "concat_ws", .args_min = 2, .args_max = 127, .deterministic = true,
        .call = call_concat_ws, .yields = true},
    FUNCTION("md5", 1, 1, call_md5), FUNCTION("chr", 1, 1, call_chr),
    FUNCTION("ascii", 1, 1, call_ascii),
    {.name = "octet_length", .args_min = 1, .args_max = 1, .deterministic = true,
        .call = call_octet_length, .yields = true},
};
// clang-format on

const struct function_set FUNCTIONS_POSTGRES_TEXT = {
    .scalars = SCALARS, .scalar_count = FUNCTION_COUNT(SCALARS)};

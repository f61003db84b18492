/* pgvector_bits.c - bit strings as text of 0 and 1, and what pgvector does with them: signs of a
 * vector as bits, Hamming and Jaccard distance. They are compared row by row.
 */
#include <string.h>

#include "base/limits.h"
#include "sql/function/function.h"

static enum status take_bits(
    const struct sql_value *arg, const char *name, struct function_text *out, struct err *e)
{
    if (sql_value_type(arg) != SQL_TEXT)
        return err_set(e, ST_INVALID, "%s takes bits such as '101'", name);
    enum status st = function_text(arg, out, e);
    if (st != ST_OK) return st;
    size_t good = strspn(out->s, "01");
    if (good < out->bytes)
        return err_set(e, ST_INVALID, "%s: \"%.1s\" is not a bit, at character %zu", name,
            out->s + good, good + 1);
    return ST_OK;
}

static enum status take_two(
    struct sql_value *const *args, const char *name, struct function_text b[2], struct err *e)
{
    enum status st = take_bits(args[0], name, &b[0], e);
    if (st == ST_OK) st = take_bits(args[1], name, &b[1], e);
    if (st != ST_OK || b[0].bytes == b[1].bytes) return st;
    return err_set(
        e, ST_MISMATCH, "%s: different bit lengths %zu and %zu", name, b[0].bytes, b[1].bytes);
}

FUNCTION_HEAD(call_binary_quantize)
{
    (void)session, (void)count;
    struct vector_arg v;
    char bits[LIMIT_VECTOR_DIM];
    enum status st = function_vector(args[0], "binary_quantize()", &v, e);
    if (st == ST_OK && v.v != NULL) {
        for (int i = 0; i < v.dim; i++) bits[i] = v.v[i] > 0 ? '1' : '0';
        sql_result_text(out, bits, v.dim);
    }
    vector_arg_deinit(&v);
    return st;
}

FUNCTION_HEAD(call_hamming)
{
    (void)session;
    struct function_text b[2];
    if (function_any_null(args, count)) return ST_OK;
    enum status st = take_two(args, "hamming_distance()", b, e);
    if (st != ST_OK) return st;
    int64_t distance = 0;
    for (size_t i = 0; i < b[0].bytes; i++) distance += b[0].s[i] != b[1].s[i];
    sql_result_double(out, (double)distance);
    return ST_OK;
}

/* 1 - shared / any; 1 when no bit is shared. */
FUNCTION_HEAD(call_jaccard)
{
    (void)session;
    struct function_text b[2];
    if (function_any_null(args, count)) return ST_OK;
    enum status st = take_two(args, "jaccard_distance()", b, e);
    if (st != ST_OK) return st;
    int64_t shared = 0, any = 0;
    for (size_t i = 0; i < b[0].bytes; i++) {
        shared += b[0].s[i] == '1' && b[1].s[i] == '1';
        any += b[0].s[i] == '1' || b[1].s[i] == '1';
    }
    sql_result_double(out, shared == 0 ? 1 : 1 - (double)shared / (double)any);
    return ST_OK;
}

/* bit(x, n): PostgreSQL's explicit cast cuts, or fills with zeros, on the right. */
FUNCTION_HEAD(call_bit)
{
    struct function_text b;
    int64_t n;
    if (function_any_null(args, count)) return ST_OK;
    enum status st = take_bits(args[0], "a bit string", &b, e);
    if (st != ST_OK) return st;
    st = function_int(args[1], "bit(n)", &n, e);
    if (st != ST_OK) return st;
    if (n < 1 || (uint64_t)n > function_bytes_max(session))
        return err_set(e, ST_LIMIT, "a bit string of %lld bits can't be made", (long long)n);
    struct buf text;
    buf_init(&text);
    char *room = buf_reserve(&text, (size_t)n);
    if (room != NULL) {
        size_t copied = b.bytes < (size_t)n ? b.bytes : (size_t)n;
        memcpy(room, b.s, copied);
        memset(room + copied, '0', (size_t)n - copied);
        text.bytes = (size_t)n;
    }
    return function_finish(out, &text, e);
}

static const struct sql_scalar SCALARS[] = {
    FUNCTION("binary_quantize", 1, 1, call_binary_quantize),
    FUNCTION("hamming_distance", 2, 2, call_hamming),
    FUNCTION("jaccard_distance", 2, 2, call_jaccard),
    FUNCTION("fovea_bit", 2, 2, call_bit),
};

const struct function_set FUNCTIONS_PGVECTOR_BITS = {
    .scalars = SCALARS, .scalar_count = FUNCTION_COUNT(SCALARS)};

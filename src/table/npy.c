/* npy.c - NumPy arrays (NEP 1, versions 1 to 3): one column, from the last of the shape's at most
 * two numbers.
 *
 * "\x93NUMPY", version (2 bytes), bytes of the header (u16, from version 2 on u32), the header (a
 * Python dict with descr, fortran_order and shape), the values in C order. Little-endian only.
 * A 1-D array is a column of numbers or booleans; a 2-D one of floats (or of integers of at most 16
 * bits, which floats hold exactly) is a column of vectors. The column is called as the file,
 * without the number at the end: img_emb_12.npy has img_emb.
 */
#include <inttypes.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "table/half.h"
#include "table/reader.h"

enum { HEADER_BYTES_MAX = 65536, BLOCK_BYTES = 4 << 20 };

struct dtype {
    char name[4]; /* descr without the byte order */
    size_t bytes;
    enum table_type type;                                       /* of a 1-D array */
    void (*widen)(float *out, const uint8_t *in, size_t count); /* NULL: no vectors of it */
};

struct npy {
    struct reader r;
    const struct dtype *dtype;
    bool matrix;
    uint64_t total; /* rows */
    uint64_t data_at;
    size_t row_bytes;
    uint8_t *raw; /* as in the file */
    void *out;
    size_t capacity; /* rows of both */
    uint8_t header[HEADER_BYTES_MAX + 1];
};

/* --- types ------------------------------------------------------------------------------------ */

#define WIDEN(name, ctype)                                                                         \
    static void name(float *out, const uint8_t *in, size_t count)                                  \
    {                                                                                              \
        for (size_t i = 0; i < count; i++) {                                                       \
            ctype v;                                                                               \
            memcpy(&v, in + i * sizeof v, sizeof v);                                               \
            out[i] = (float)v;                                                                     \
        }                                                                                          \
    }

WIDEN(widen_f32, float)
WIDEN(widen_f64, double)
WIDEN(widen_i8, int8_t)
WIDEN(widen_u8, uint8_t)
WIDEN(widen_i16, int16_t)
WIDEN(widen_u16, uint16_t)

// clang-format off
static const struct dtype dtypes[] = {
    {"f2", 2, TABLE_REAL, half_widen}, {"f4", 4, TABLE_REAL, widen_f32},
    {"f8", 8, TABLE_REAL, widen_f64},
    {"i1", 1, TABLE_INT, widen_i8},    {"u1", 1, TABLE_INT, widen_u8},
    {"i2", 2, TABLE_INT, widen_i16},   {"u2", 2, TABLE_INT, widen_u16},
    {"i4", 4, TABLE_INT, NULL},        {"u4", 4, TABLE_INT, NULL},
    {"i8", 8, TABLE_INT, NULL},        {"u8", 8, TABLE_INT, NULL},
    {"b1", 1, TABLE_BOOL, widen_u8},
};
// clang-format on

/* One value of a 1-D array. false: it does not fit 64 bits. */
static bool int_get(const struct dtype *d, const uint8_t *in, int64_t *out)
{
    uint64_t v = 0;
    for (size_t i = d->bytes; i-- > 0;) v = v << 8 | in[i];
    unsigned bits = 64 - 8 * (unsigned)d->bytes;
    *out = d->name[0] == 'i' ? (int64_t)(v << bits) >> bits : (int64_t)v;
    return d->name[0] == 'i' || v <= INT64_MAX;
}

static double real_get(const struct dtype *d, const uint8_t *in)
{
    double wide;
    float single;
    if (d->bytes == 2) return (double)half_get(in);
    memcpy(&single, in, sizeof single);
    if (d->bytes == 4) return (double)single;
    memcpy(&wide, in, sizeof wide);
    return wide;
}

/* --- the header ------------------------------------------------------------------------------- */

/* What follows 'key': in the dict, blanks skipped; NULL when the key is not there. */
static const char *dict_get(const char *dict, const char *key)
{
    const char *at = strstr(dict, key);
    if (at == NULL) return NULL;
    at += strlen(key);
    while (*at == ' ') at++;
    if (*at != ':') return NULL;
    for (at++; *at == ' ';) at++;
    return at;
}

static enum status descr_read(struct npy *n, const char *dict, struct err *e)
{
    const char *at = dict_get(dict, "'descr'");
    if (at == NULL) return err_set(e, ST_CORRUPT, "%s: the header has no descr", n->r.in.name);
    const char *end = *at == '\'' ? strchr(at + 1, '\'') : NULL;
    if (end == NULL)
        return err_set(e, ST_UNSUPPORTED, "%s: arrays of records are not read", n->r.in.name);
    size_t bytes = (size_t)(end - at - 2);
    bool little = at[1] == '<' || at[1] == '|' || at[1] == '=';
    for (size_t i = 0; little && i < sizeof dtypes / sizeof dtypes[0]; i++)
        if (bytes == 2 && memcmp(at + 2, dtypes[i].name, 2) == 0) n->dtype = &dtypes[i];
    if (n->dtype != NULL) return ST_OK;
    return err_set(e, ST_UNSUPPORTED,
        "%s: values of type %.*s are not read (f2, f4, f8, i1 to i8, u1 to u8 and b1 are, "
        "little-endian)",
        n->r.in.name, end - at > 20 ? 20 : (int)(end - at - 1), at + 1);
}

static enum status shape_read(struct npy *n, const char *dict, uint64_t shape[2], struct err *e)
{
    const char *order = dict_get(dict, "'fortran_order'"), *at = dict_get(dict, "'shape'");
    int count = 0;
    if (order == NULL || at == NULL || *at != '(')
        return err_set(e, ST_CORRUPT, "%s: the header has no shape or order", n->r.in.name);
    for (at++; *at != ')' && *at != '\0' && count <= 2; count++) {
        uint64_t size = 0;
        if (*at < '0' || *at > '9')
            return err_set(e, ST_CORRUPT, "%s: the header's shape is wrong", n->r.in.name);
        for (; *at >= '0' && *at <= '9'; at++) {
            if (size > (uint64_t)1 << 58)
                return err_set(e, ST_CORRUPT, "%s: the header's shape is wrong", n->r.in.name);
            size = size * 10 + (uint64_t)(*at - '0');
        }
        if (count < 2) shape[count] = size;
        while (*at == ',' || *at == ' ' || *at == 'L') at++;
    }
    if (count == 0 || count > 2)
        return err_set(
            e, ST_UNSUPPORTED, "%s: only arrays of 1 or 2 dimensions are read", n->r.in.name);
    if (count == 2 && strncmp(order, "False", 5) != 0 && shape[0] > 1 && shape[1] > 1)
        return err_set(
            e, ST_UNSUPPORTED, "%s is in Fortran order, only C order is read", n->r.in.name);
    n->matrix = count == 2;
    return ST_OK;
}

static enum status shape_check(struct npy *n, const uint64_t shape[2], struct err *e)
{
    const char *name = n->r.in.name;
    if (n->matrix && n->dtype->widen == NULL)
        return err_set(
            e, ST_UNSUPPORTED, "%s: rows of %s are not read as vectors", name, n->dtype->name);
    if (n->matrix && (shape[1] == 0 || shape[1] > LIMIT_VECTOR_DIM))
        return err_set(e, ST_LIMIT, "%s: vectors of %" PRIu64 " numbers, 1 to %d are read", name,
            shape[1], LIMIT_VECTOR_DIM);
    n->total = shape[0];
    n->row_bytes = n->dtype->bytes * (n->matrix ? (size_t)shape[1] : 1);
    uint64_t room = n->r.in.bytes - n->data_at;
    if (n->total > room / n->row_bytes)
        return err_set(e, ST_CORRUPT,
            "%s is cut short: it says %" PRIu64 " rows, its %" PRIu64 " bytes hold %" PRIu64, name,
            n->total, n->r.in.bytes, room / n->row_bytes);
    return ST_OK;
}

static enum status header_read(struct npy *n, struct err *e)
{
    uint8_t head[12] = {0};
    const struct input *in = &n->r.in;
    enum status st = input_read(in, 0, head, in->bytes < 12 ? (size_t)in->bytes : 12, e);
    if (st != ST_OK) return st;
    if (memcmp(head, "\x93NUMPY", 6) != 0)
        return err_set(e, ST_CORRUPT, "%s is no npy file", in->name);
    if (head[6] < 1 || head[6] > 3)
        return err_set(
            e, ST_UNSUPPORTED, "%s has npy version %d, 1 to 3 are read", in->name, head[6]);
    size_t bytes = (size_t)head[8] | (size_t)head[9] << 8, at = 10;
    if (head[6] > 1) {
        bytes |= (size_t)head[10] << 16 | (size_t)head[11] << 24;
        at = 12;
    }
    if (bytes > HEADER_BYTES_MAX)
        return err_set(e, ST_LIMIT, "%s: a header of %zu bytes", in->name, bytes);
    n->data_at = at + bytes;
    return input_read(in, at, n->header, bytes, e);
}

/* img_emb of some/img_emb_12.npy */
static enum status name_set(struct npy *n, struct err *e)
{
    const char *name = file_base_name(n->r.in.name), *dot = strrchr(name, '.');
    size_t bytes = dot != NULL ? (size_t)(dot - name) : strlen(name), cut = bytes;
    while (cut > 0 && name[cut - 1] >= '0' && name[cut - 1] <= '9') cut--;
    while (cut > 0 && cut < bytes && strchr("_-. ", name[cut - 1]) != NULL) cut--;
    return reader_name(&n->r, 0, name, cut > 0 ? cut : bytes, e);
}

static enum status npy_open(struct reader *r, const struct reader_options *o, struct err *e)
{
    struct npy *n = (struct npy *)r;
    uint64_t shape[2] = {0};
    (void)o;
    enum status st = header_read(n, e);
    const char *dict = (const char *)n->header;
    if (st == ST_OK) st = descr_read(n, dict, e);
    if (st == ST_OK) st = shape_read(n, dict, shape, e);
    if (st == ST_OK) st = shape_check(n, shape, e);
    if (st == ST_OK) st = reader_columns(r, 1, e);
    if (st == ST_OK) st = name_set(n, e);
    if (st != ST_OK) return st;
    r->columns[0].type = n->matrix ? TABLE_VECTOR : n->dtype->type;
    r->columns[0].dim = n->matrix ? (int)shape[1] : 0;
    r->total = n->total;
    r->total_known = true;
    return ST_OK;
}

/* --- rows ------------------------------------------------------------------------------------- */

static enum status scalars(struct npy *n, size_t rows, struct err *e)
{
    for (size_t i = 0; i < rows; i++) {
        const uint8_t *in = n->raw + i * n->row_bytes;
        if (n->dtype->type == TABLE_REAL)
            ((double *)n->out)[i] = real_get(n->dtype, in);
        else if (n->dtype->type == TABLE_BOOL)
            ((uint8_t *)n->out)[i] = *in != 0;
        else if (!int_get(n->dtype, in, (int64_t *)n->out + i))
            return err_set(e, ST_MISMATCH,
                "%s, row %" PRIu64 ": %" PRIu64 " does not fit an integer", n->r.in.name,
                n->r.rows + i + 1, (uint64_t)((int64_t *)n->out)[i]);
    }
    return ST_OK;
}

/* f4 needs no raw bytes: they are read to where they are given from. */
static bool straight(const struct npy *n)
{
    return n->matrix && strcmp(n->dtype->name, "f4") == 0;
}

static enum status room(struct npy *n, size_t rows, struct err *e)
{
    if (rows <= n->capacity) return ST_OK;
    size_t dim = n->matrix ? (size_t)n->r.columns[0].dim : 2;
    mem_free(n->raw);
    mem_free_aligned(n->out);
    n->capacity = 0;
    n->raw = mem_alloc(straight(n) ? 0 : rows * n->row_bytes);
    n->out = mem_alloc_aligned(rows * dim * sizeof(float) + 64);
    if (n->raw == NULL || n->out == NULL) return mem_err(e, rows * n->row_bytes);
    n->capacity = rows;
    return ST_OK;
}

static enum status npy_next(
    struct reader *r, size_t most, struct table_values *values, size_t *rows, struct err *e)
{
    struct npy *n = (struct npy *)r;
    size_t count = BLOCK_BYTES / n->row_bytes + 1;
    if (count > most) count = most;
    if (count > n->total - r->rows) count = (size_t)(n->total - r->rows);
    *rows = count;
    r->bytes = n->data_at + (r->rows + count) * n->row_bytes;
    if (count == 0 || !reader_keeps(r, 0)) return ST_OK;
    enum status st = room(n, count, e);
    if (st != ST_OK) return st;
    void *to = straight(n) ? n->out : n->raw;
    st = input_read(&r->in, n->data_at + r->rows * n->row_bytes, to, count * n->row_bytes, e);
    if (st == ST_OK && n->matrix && !straight(n))
        n->dtype->widen(n->out, n->raw, count * (size_t)r->columns[0].dim);
    if (st == ST_OK && !n->matrix) st = scalars(n, count, e);
    values[0].bools = n->out; /* whatever its type */
    return st;
}

static void npy_close(struct reader *r)
{
    struct npy *n = (struct npy *)r;
    mem_free(n->raw);
    mem_free_aligned(n->out);
}

const struct reader_kind reader_npy = {sizeof(struct npy), npy_open, npy_next, npy_close};

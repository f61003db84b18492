/* sparse.c - see sparse.h: text, distances, and the function sparsevec(x [, dimensions]). */
#include "sql/function/sparse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static const char *skip_space(const char *p, const char *end)
{
    while (p < end && is_space(*p)) p++;
    return p;
}

static bool has_brace(const struct sql_value *v)
{
    if (sql_value_type(v) != SQL_TEXT) return false;
    const char *text = sql_value_text(v);
    if (text == NULL) return false;
    const char *end = text + sql_value_bytes(v), *p = skip_space(text, end);
    return p < end && *p == '{';
}

bool sparse_is(const struct sql_value *v)
{
    return has_brace(v) && memchr(sql_value_text(v), '/', (size_t)sql_value_bytes(v)) != NULL;
}

/* --- text ------------------------------------------------------------------------------------- */

struct reader {
    const char *start, *p, *end;
    struct err *e;
};

static enum status wrong(const struct reader *r, const char *what)
{
    return err_set(r->e, ST_INVALID, "a sparsevec is written '{1:0.5,3:2}/5': %s at character %td",
        what, r->p - r->start + 1);
}

/* The next character but blanks is this one: goes behind it. */
static bool take(struct reader *r, char c)
{
    r->p = skip_space(r->p, r->end);
    if (r->p == r->end || *r->p != c) return false;
    r->p++;
    return true;
}

static enum status whole_number(struct reader *r, const char *what, int32_t *out)
{
    int64_t n = 0;
    r->p = skip_space(r->p, r->end);
    const char *first = r->p;
    for (; r->p < r->end && *r->p >= '0' && *r->p <= '9'; r->p++)
        if (n <= SPARSE_DIM_MAX) n = n * 10 + (*r->p - '0');
    if (r->p == first) return wrong(r, what);
    if (n < 1 || n > SPARSE_DIM_MAX) {
        r->p = first;
        return err_set(r->e, ST_INVALID,
            "a sparsevec's places and dimensions lie between 1 and %d, not %.*s", SPARSE_DIM_MAX,
            (int)strspn(first, "0123456789") > 20 ? 20 : (int)strspn(first, "0123456789"), first);
    }
    *out = (int32_t)n;
    return ST_OK;
}

/* place:number */
static enum status read_number(struct reader *r, struct sparse *s)
{
    struct sparse_number n;
    enum status st = whole_number(r, "no place", &n.at);
    if (st != ST_OK) return st;
    if (!take(r, ':')) return wrong(r, "no : behind a place");
    r->p = skip_space(r->p, r->end);
    st = vector_parse_number(&r->p, r->start, r->end, &n.value, r->e);
    if (st == ST_OK && n.value != 0) s->numbers[s->count++] = n;
    return st;
}

static int compare(const void *a, const void *b)
{
    const struct sparse_number *x = a, *y = b;
    return (x->at > y->at) - (x->at < y->at);
}

static enum status read_all(struct reader *r, struct sparse *s)
{
    bool sorted = true;
    enum status st = ST_OK;
    if (!take(r, '{')) return wrong(r, "no {");
    if (!take(r, '}')) {
        do st = read_number(r, s);
        while (st == ST_OK && take(r, ','));
        if (st != ST_OK) return st;
        if (!take(r, '}')) return wrong(r, "no , or }");
    }
    if (!take(r, '/')) return wrong(r, "no / before the dimensions");
    st = whole_number(r, "no dimensions", &s->dim);
    if (st != ST_OK) return st;
    r->p = skip_space(r->p, r->end);
    if (r->p != r->end) return wrong(r, "something behind it");
    for (int i = 1; i < s->count; i++) sorted &= s->numbers[i - 1].at < s->numbers[i].at;
    if (!sorted) qsort(s->numbers, (size_t)s->count, sizeof s->numbers[0], compare);
    for (int i = 1; !sorted && i < s->count; i++)
        if (s->numbers[i - 1].at == s->numbers[i].at)
            return err_set(r->e, ST_INVALID, "a sparsevec has place %d twice", s->numbers[i].at);
    if (s->count > 0 && s->numbers[s->count - 1].at > s->dim)
        return err_set(r->e, ST_INVALID, "a sparsevec of %d dimensions has no place %d", s->dim,
            s->numbers[s->count - 1].at);
    return ST_OK;
}

static struct sparse *make(size_t numbers, struct err *e)
{
    size_t bytes = sizeof(struct sparse) + numbers * sizeof(struct sparse_number);
    struct sparse *s = mem_zalloc(1, bytes);
    if (s == NULL) (void)mem_err(e, bytes);
    return s;
}

enum status sparse_parse(const char *text, size_t bytes, struct sparse **out, struct err *e)
{
    struct reader r = {.start = text, .p = text, .end = text + bytes, .e = e};
    size_t numbers = 1;
    *out = NULL;
    for (size_t i = 0; i < bytes; i++) numbers += text[i] == ',';
    if (numbers > SPARSE_NUMBERS_MAX)
        return err_set(
            e, ST_LIMIT, "a sparsevec has at most %d numbers that aren't 0", SPARSE_NUMBERS_MAX);
    struct sparse *s = make(numbers, e);
    if (s == NULL) return ST_NO_MEMORY;
    enum status st = read_all(&r, s);
    if (st == ST_OK)
        *out = s;
    else
        mem_free(s);
    return st;
}

void sparse_print(const struct sparse *s, struct buf *out)
{
    for (int i = 0; i < s->count; i++) {
        buf_printf(out, "%s%d:", i > 0 ? "," : "{", s->numbers[i].at);
        vector_print_number(s->numbers[i].value, out);
    }
    buf_printf(out, "%s}/%d", s->count == 0 ? "{" : "", s->dim);
}

enum status sparse_take(
    const struct sql_value *v, const char *name, struct sparse **out, struct err *e)
{
    struct vector_arg dense;
    *out = NULL;
    if (has_brace(v)) return sparse_parse(sql_value_text(v), (size_t)sql_value_bytes(v), out, e);
    enum status st = function_vector(v, name, &dense, e);
    struct sparse *s = st == ST_OK && dense.v != NULL ? make((size_t)dense.dim, e) : NULL;
    if (s != NULL) s->dim = dense.dim;
    for (int i = 0; s != NULL && i < dense.dim; i++)
        if (dense.v[i] != 0)
            s->numbers[s->count++] = (struct sparse_number){.at = i + 1, .value = dense.v[i]};
    if (st == ST_OK && dense.v != NULL && s == NULL) st = ST_NO_MEMORY;
    *out = s;
    vector_arg_deinit(&dense);
    return st;
}

/* --- distances -------------------------------------------------------------------------------- */

double sparse_norm(const struct sparse *s)
{
    double sum = 0;
    for (int i = 0; i < s->count; i++)
        sum += (double)s->numbers[i].value * (double)s->numbers[i].value;
    return sqrt(sum);
}

struct sums {
    double dot, l2, l1, most;
};

static void add_pair(struct sums *s, double a, double b)
{
    double d = fabs(a - b);
    s->dot += a * b;
    s->l2 += d * d;
    s->l1 += d;
    if (d > s->most) s->most = d;
}

static double distance_of(enum metric m, const struct sparse *a, const struct sparse *b)
{
    struct sums s = {0};
    for (int i = 0, k = 0; i < a->count || k < b->count;) {
        int32_t x = i < a->count ? a->numbers[i].at : INT32_MAX;
        int32_t y = k < b->count ? b->numbers[k].at : INT32_MAX;
        double p = x <= y ? (double)a->numbers[i].value : 0;
        double q = y <= x ? (double)b->numbers[k].value : 0;
        add_pair(&s, p, q);
        i += x <= y;
        k += y <= x;
    }
    double norms = sparse_norm(a) * sparse_norm(b);
    double cosine = norms > 0 ? fmax(-1, fmin(1, s.dot / norms)) : NAN;
    const double values[METRIC_COUNT] = {[METRIC_COSINE] = 1 - cosine,
        [METRIC_L2] = sqrt(s.l2),
        [METRIC_IP] = -s.dot,
        [METRIC_L1] = s.l1,
        [METRIC_LINF] = s.most};
    return values[m];
}

/* SQLite keeps what it was read into, of one that is the same in every row until the end. */
static enum status take_argument(struct sql_value *const *args, int i, struct sql_result *out,
    const struct sparse **s, struct err *e)
{
    sqlite3_context *ctx = (sqlite3_context *)out;
    struct sparse *made;
    *s = sqlite3_get_auxdata(ctx, i);
    if (*s != NULL) return ST_OK;
    enum status st =
        sparse_parse(sql_value_text(args[i]), (size_t)sql_value_bytes(args[i]), &made, e);
    if (st != ST_OK) return st;
    sqlite3_set_auxdata(ctx, i, made, mem_free);
    *s = sqlite3_get_auxdata(ctx, i);
    return *s != NULL ? ST_OK : mem_err(e, 0);
}

enum status sparse_distance(const struct sparse_question *q, struct sql_value *const *args,
    struct sql_result *out, double *distance, struct err *e)
{
    const struct sparse *s[2] = {NULL, NULL};
    enum status st = ST_OK;
    *distance = NAN;
    if (function_any_null(args, 2)) return ST_OK;
    if (!sparse_is(args[0]) || !sparse_is(args[1]))
        return err_set(e, ST_MISMATCH,
            "%s: a sparsevec and a vector: write v::sparsevec or s::vector", q->name);
    for (int i = 0; st == ST_OK && i < 2; i++) st = take_argument(args, i, out, &s[i], e);
    if (st == ST_OK && s[0]->dim != s[1]->dim)
        st = err_set(e, ST_MISMATCH, "%s: different sparsevec dimensions %d and %d", q->name,
            s[0]->dim, s[1]->dim);
    if (st == ST_OK) *distance = distance_of(q->metric, s[0], s[1]);
    return st;
}

/* --- sparsevec(x [, dimensions]) -------------------------------------------------------------- */

FUNCTION_HEAD(call_sparsevec)
{
    struct sparse *s = NULL;
    struct buf text;
    int64_t dim = 0;
    (void)session;
    if (function_any_null(args, count)) return ST_OK;
    enum status st = count > 1 ? function_int(args[1], "sparsevec()", &dim, e) : ST_OK;
    if (st == ST_OK) st = sparse_take(args[0], "sparsevec()", &s, e);
    if (st == ST_OK && count > 1 && dim != s->dim)
        st = err_set(e, ST_MISMATCH, "expected %lld dimensions, not %d", (long long)dim, s->dim);
    buf_init(&text);
    if (st == ST_OK) sparse_print(s, &text);
    if (st == ST_OK) st = function_finish(out, &text, e);
    buf_deinit(&text);
    mem_free(s);
    return st;
}

static const struct sql_scalar SCALARS[] = {
    FUNCTION("sparsevec", 1, 2, call_sparsevec),
};

const struct function_set FUNCTIONS_SPARSE = {
    .scalars = SCALARS, .scalar_count = FUNCTION_COUNT(SCALARS)};

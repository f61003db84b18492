/* index_ddl.c - the parameters of a vector index: theirs, checked as they check them, kept as JSON
 * and shown; ours, mapped from them.
 *
 *   ClickHouse  vector_similarity(method, distance[, dim][, quantization, M, ef_construction])
 *               2, 3, 5 or 6 arguments; M 0: 32, ef_construction 0: 128
 *   pgvector    hnsw: m 2..100 (16), ef_construction 4..1000 and >= 2 m (64); ivfflat: lists
 *
 * Their numbers say how good the graph should be; what gives that quality in ours was measured to
 * depend on the dimension (vec_graph_plan). So M below 64 and ef_construction up to 128, which
 * hold their defaults, leave it at ours; M from 64 on asks for 64 links, and a larger
 * ef_construction for half of it as our build_list. The quantization is kept and shown.
 */
#include "sql/nearest/index_ddl.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/limits.h"
#include "sql/nearest/distance.h"

enum { LINKS_MANY = 64, LIST_USUAL = 128 };

static void take_graph(struct store_index *ix, int links, int build_list)
{
    ix->graph = true;
    ix->options.degree = links < LINKS_MANY ? 0 : LINKS_MANY;
    ix->options.build_list = build_list <= LIST_USUAL ? 0 : build_list / 2;
}

static enum status check_range(
    const struct ddl *d, const char *name, int64_t value, const int64_t range[2], struct err *e)
{
    if (value >= range[0] && value <= range[1]) return ST_OK;
    return ddl_fail(d, d->at - 1,
        err_set(e, ST_INVALID, "%s must lie between %lld and %lld, not %lld", name,
            (long long)range[0], (long long)range[1], (long long)value),
        e);
}

static enum status take_integer(
    struct ddl *d, const char *name, const int64_t range[2], int64_t *out, struct err *e)
{
    enum status st = ddl_integer(d, out, e);
    return st == ST_OK ? check_range(d, name, *out, range, e) : st;
}

/* --- ClickHouse ------------------------------------------------------------------------------- */

struct clickhouse {
    char method[32], distance[32], quantization[16];
    int64_t dim, links, build_list, granularity;
    bool has_dim, has_rest;
};

static enum status take_method(struct ddl *d, struct clickhouse *c, struct err *e)
{
    enum status st = ddl_name(d, c->method, sizeof c->method, e);
    if (st != ST_OK) return st;
    if (strcmp(c->method, "hnsw") != 0)
        return ddl_fail(d, d->at - 1,
            err_set(e, ST_UNSUPPORTED,
                "the method of a vector_similarity index is 'hnsw', not '%s'", c->method),
            e);
    st = ddl_expect(d, TK_COMMA, e);
    if (st == ST_OK) st = ddl_name(d, c->distance, sizeof c->distance, e);
    if (st != ST_OK) return st;
    struct sql_token name = {.kind = TK_ID, .end = (int)strlen(c->distance)};
    const struct sql_distance *found = sql_distance_find(c->distance, name);
    if (found == NULL || found->metric == METRIC_LINF ||
        strcasecmp(found->name, "cosine_similarity") == 0)
        return ddl_fail(d, d->at - 1,
            err_set(e, ST_UNSUPPORTED,
                "the distance of an index is 'cosineDistance', 'L2Distance', 'L1Distance' or"
                " 'dotProduct', not '%s'",
                c->distance),
            e);
    index_of(d)->index.metric = found->metric;
    return ST_OK;
}

static enum status take_quantization(struct ddl *d, struct clickhouse *c, struct err *e)
{
    static const char *const KNOWN[] = {"f64", "f32", "f16", "bf16", "i8", "b1"};
    static const int64_t LINKS[] = {0, 1024}, LIST[] = {0, 10000};
    enum status st = ddl_name(d, c->quantization, sizeof c->quantization, e);
    bool known = false;
    for (size_t i = 0; i < sizeof KNOWN / sizeof KNOWN[0]; i++)
        known = known || strcmp(c->quantization, KNOWN[i]) == 0;
    if (st == ST_OK && !known)
        return ddl_fail(d, d->at - 1,
            err_set(e, ST_INVALID, "the quantization is f64, f32, f16, bf16, i8 or b1, not '%s'",
                c->quantization),
            e);
    c->has_rest = true;
    if (st == ST_OK) st = ddl_expect(d, TK_COMMA, e);
    if (st == ST_OK) st = take_integer(d, "M", LINKS, &c->links, e);
    if (st == ST_OK) st = ddl_expect(d, TK_COMMA, e);
    if (st == ST_OK) st = take_integer(d, "ef_construction", LIST, &c->build_list, e);
    if (c->links == 0) c->links = 32;
    if (c->build_list == 0) c->build_list = 128;
    return st;
}

static enum status take_arguments(struct ddl *d, struct clickhouse *c, struct err *e)
{
    static const int64_t DIM[] = {1, LIMIT_VECTOR_DIM};
    enum status st = ddl_expect(d, TK_LP, e);
    if (st == ST_OK) st = take_method(d, c, e);
    bool more = st == ST_OK && ddl_kind(d, TK_COMMA);
    if (more && d->scan->tokens[d->at].kind == TK_INTEGER) {
        c->has_dim = true;
        st = take_integer(d, "the dimension", DIM, &c->dim, e);
        more = st == ST_OK && ddl_kind(d, TK_COMMA);
    }
    if (st == ST_OK && more) st = take_quantization(d, c, e);
    if (st != ST_OK || ddl_kind(d, TK_RP)) return st;
    return ddl_fail(d, d->at,
        err_set(e, ST_SYNTAX,
            "vector_similarity takes 2, 3, 5 or 6 arguments: method, distance[, dimension]"
            "[, quantization, M, ef_construction]"),
        e);
}

enum status ddl_clickhouse(struct ddl *d, struct err *e)
{
    static const int64_t GRANULES[] = {1, INT64_MAX};
    struct clickhouse c = {.quantization = "bf16", .links = 32, .build_list = 128};
    char type[32];
    enum status st = ddl_expect_word(d, "TYPE", e);
    if (st == ST_OK) st = ddl_name(d, type, sizeof type, e);
    if (st == ST_OK && strcasecmp(type, "vector_similarity") != 0)
        return ddl_fail(d, d->at - 1,
            err_set(e, ST_UNSUPPORTED, "the type of an index is vector_similarity, not %s", type),
            e);
    if (st == ST_OK) st = take_arguments(d, &c, e);
    if (st == ST_OK && ddl_word(d, "GRANULARITY"))
        st = take_integer(d, "GRANULARITY", GRANULES, &c.granularity, e);
    if (st != ST_OK) return st;
    struct store_index *ix = &index_of(d)->index;
    ix->dim = (int)c.dim;
    take_graph(ix, (int)c.links, (int)c.build_list);
    snprintf(ix->declared, sizeof ix->declared,
        "{\"syntax\":\"clickhouse\",\"type\":\"hnsw\",\"distance\":\"%s\",\"dimensions\":%lld,"
        "\"quantization\":\"%s\",\"M\":%lld,\"ef_construction\":%lld,\"granularity\":%lld}",
        c.distance, (long long)c.dim, c.quantization, (long long)c.links, (long long)c.build_list,
        (long long)c.granularity);
    return ST_OK;
}

/* --- pgvector --------------------------------------------------------------------------------- */

struct pgvector {
    char method[16], ops[32];
    int64_t m, build_list, lists;
    int m_token;
};

static enum status take_ops(struct ddl *d, struct pgvector *v, struct err *e)
{
    static const struct {
        const char *name;
        enum metric metric;
        bool hnsw_only;
    } OPS[] = {{"cosine_ops", METRIC_COSINE, false}, {"l2_ops", METRIC_L2, false},
        {"ip_ops", METRIC_IP, false}, {"l1_ops", METRIC_L1, true}};
    static const char *const TYPES[] = {"vector_", "halfvec_"};
    enum status st = ddl_name(d, v->ops, sizeof v->ops, e);
    for (size_t i = 0; st == ST_OK && i < sizeof TYPES / sizeof TYPES[0]; i++) {
        size_t type = strlen(TYPES[i]);
        if (strncasecmp(v->ops, TYPES[i], type) != 0) continue;
        for (size_t k = 0; k < sizeof OPS / sizeof OPS[0]; k++) {
            bool ivf = strcasecmp(v->method, "ivfflat") == 0;
            if (strcasecmp(v->ops + type, OPS[k].name) != 0 || (ivf && OPS[k].hnsw_only)) continue;
            index_of(d)->index.metric = OPS[k].metric;
            return ST_OK;
        }
    }
    if (st != ST_OK) return st;
    if (strncasecmp(v->ops, "sparsevec", 9) == 0) return ddl_refuse_sparse(d, d->at - 1, e);
    return ddl_fail(d, d->at - 1,
        err_set(e, ST_UNSUPPORTED,
            "operator class %s does not exist for %s: there are vector_cosine_ops, vector_l2_ops,"
            " vector_ip_ops, vector_l1_ops (hnsw) and the same of halfvec",
            v->ops, v->method),
        e);
}

static enum status take_option(struct ddl *d, struct pgvector *v, struct err *e)
{
    static const int64_t M[] = {2, 100}, LIST[] = {4, 1000}, LISTS[] = {1, 32768};
    char name[32];
    bool hnsw = strcasecmp(v->method, "hnsw") == 0;
    int token = d->at;
    enum status st = ddl_name(d, name, sizeof name, e);
    if (st == ST_OK) st = ddl_expect(d, TK_EQ, e);
    if (st != ST_OK) return st;
    if (hnsw && strcasecmp(name, "m") == 0) {
        v->m_token = d->at;
        return take_integer(d, "m", M, &v->m, e);
    }
    if (hnsw && strcasecmp(name, "ef_construction") == 0)
        return take_integer(d, "ef_construction", LIST, &v->build_list, e);
    if (!hnsw && strcasecmp(name, "lists") == 0)
        return take_integer(d, "lists", LISTS, &v->lists, e);
    return ddl_fail(d, token,
        err_set(e, ST_INVALID, "unrecognized parameter \"%s\": %s", name,
            hnsw ? "hnsw has m and ef_construction" : "ivfflat has lists"),
        e);
}

static enum status take_options(struct ddl *d, struct pgvector *v, struct err *e)
{
    if (!ddl_kind(d, TK_WITH)) return ST_OK;
    enum status st = ddl_expect(d, TK_LP, e);
    do {
        if (st == ST_OK) st = take_option(d, v, e);
    } while (st == ST_OK && ddl_kind(d, TK_COMMA));
    if (st == ST_OK) st = ddl_expect(d, TK_RP, e);
    if (st == ST_OK && v->lists == 0 && v->build_list < 2 * v->m)
        return ddl_fail(d, v->m_token > 0 ? v->m_token : d->at - 1,
            err_set(e, ST_INVALID, "ef_construction must be at least 2 * m: %lld and %lld",
                (long long)v->build_list, (long long)v->m),
            e);
    return st;
}

static enum status take_column(struct ddl *d, struct pgvector *v, struct err *e)
{
    struct store_index *ix = &index_of(d)->index;
    enum status st = ddl_expect(d, TK_LP, e);
    if (st == ST_OK && d->scan->tokens[d->at].kind == TK_LP)
        return ddl_fail(d, d->at,
            err_set(e, ST_UNSUPPORTED, "an index is over a column, not over an expression"), e);
    index_of(d)->column_token = d->at;
    if (st == ST_OK) st = ddl_name(d, ix->column, sizeof ix->column, e);
    ix->metric = METRIC_L2;
    snprintf(v->ops, sizeof v->ops, "vector_l2_ops");
    if (st == ST_OK && d->scan->tokens[d->at].kind == TK_ID) st = take_ops(d, v, e);
    if (st == ST_OK && d->scan->tokens[d->at].kind == TK_COMMA)
        return ddl_fail(d, d->at, err_set(e, ST_UNSUPPORTED, "an index is over one column"), e);
    return st == ST_OK ? ddl_expect(d, TK_RP, e) : st;
}

enum status ddl_pgvector(struct ddl *d, struct err *e)
{
    struct pgvector v = {.m = 16, .build_list = 64};
    struct store_index *ix = &index_of(d)->index;
    enum status st = ddl_expect(d, TK_USING, e);
    if (st == ST_OK) st = ddl_name(d, v.method, sizeof v.method, e);
    bool hnsw = strcasecmp(v.method, "hnsw") == 0, ivf = strcasecmp(v.method, "ivfflat") == 0;
    if (st == ST_OK && !hnsw && !ivf)
        return ddl_fail(d, d->at - 1,
            err_set(e, ST_UNSUPPORTED, "access method \"%s\" does not exist: hnsw or ivfflat",
                v.method),
            e);
    if (st == ST_OK) st = take_column(d, &v, e);
    if (ivf) v.lists = 100;
    if (st == ST_OK) st = take_options(d, &v, e);
    if (st != ST_OK) return st;
    take_graph(ix, hnsw ? (int)v.m : 0, hnsw ? (int)v.build_list : 0);
    if (hnsw)
        snprintf(ix->declared, sizeof ix->declared,
            "{\"syntax\":\"pgvector\",\"type\":\"hnsw\",\"ops\":\"%s\",\"m\":%lld,"
            "\"ef_construction\":%lld}",
            v.ops, (long long)v.m, (long long)v.build_list);
    else
        snprintf(ix->declared, sizeof ix->declared,
            "{\"syntax\":\"pgvector\",\"type\":\"ivfflat\",\"ops\":\"%s\",\"lists\":%lld}", v.ops,
            (long long)v.lists);
    return ST_OK;
}

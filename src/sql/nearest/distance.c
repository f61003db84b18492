/* distance.c - the table of distance functions, looked up by name, operator or metric. */
#include "sql/nearest/distance.h"

static const int OPERATORS[METRIC_COUNT] = {[METRIC_COSINE] = TK_COSINE_OP,
    [METRIC_L2] = TK_L2_OP,
    [METRIC_IP] = TK_IP_OP,
    [METRIC_L1] = TK_L1_OP};

static const struct sql_distance DISTANCES[] = {
#define X(id, sql_name, m, scale, offset)                                                          \
    {.name = sql_name, .metric = m, .larger_is_nearer = scale < 0},
    SQL_DISTANCES(X)
#undef X
    /* Squaring changes no order. */
    {.name = "L2SquaredDistance", .metric = METRIC_L2, .finer = true},
    {.name = "distanceL2Squared", .metric = METRIC_L2, .finer = true},
};

const struct sql_distance *sql_distance_find(const char *text, struct sql_token t)
{
    for (size_t i = 0; i < sizeof DISTANCES / sizeof DISTANCES[0]; i++) {
        const struct sql_distance *d = &DISTANCES[i];
        if (t.kind == TK_ID && lex_is(text, t, d->name)) return d;
        if (t.kind != 0 && !d->larger_is_nearer && OPERATORS[d->metric] == t.kind) return d;
    }
    return NULL;
}

const struct sql_distance *sql_distance_of(enum metric m)
{
    for (size_t i = 0; i < sizeof DISTANCES / sizeof DISTANCES[0]; i++)
        if (DISTANCES[i].metric == m && !DISTANCES[i].larger_is_nearer) return &DISTANCES[i];
    return NULL;
}

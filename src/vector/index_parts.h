/* index_parts.h - what the files of the index share; inside vector/ only. */
#ifndef FOVEA_VECTOR_INDEX_PARTS_H
#define FOVEA_VECTOR_INDEX_PARTS_H

#include "vector/index.h"

/* --- index_tail.c: rows newer than the generation --------------------------------------------- */

/* f32 rows in no order and a hash from rowid to place (open addressing, place + 1, 0: free). */
struct vec_tail {
    int dim;
    uint32_t rows, capacity;
    float *full;
    int64_t *rowids;
    uint32_t *hash, hash_size; /* a power of two, at least twice the rows */
};
void tail_deinit(struct vec_tail *t);
/* -1: not in it. */
int64_t tail_find(const struct vec_tail *t, int64_t rowid);
NODISCARD enum status tail_put(
    struct vec_tail *t, int64_t rowid, const float *vector, struct err *e);
void tail_remove(struct vec_tail *t, int64_t rowid);
void tail_clear(struct vec_tail *t);

/* --- index_cost.c: what searching costs here, in ns ------------------------------------------- */

enum { COST_SHARES = 12 }; /* shares of passing rows: 1, 1/2, 1/4, ... */
struct vec_costs {
    double code;              /* of a row by its codes, per dimension */
    double full;              /* of a row's f32, per dimension, in order */
    double row;               /* of a row's f32 anywhere, beside that */
    double probe;             /* of one call of the filter's probe */
    double pull;              /* of one rowid from the filter's next */
    double start;             /* of any search */
    double walk[COST_SHARES]; /* of one of ef, by the share that passes */
};
void costs_init(struct vec_costs *c, const struct vec_generation *g);
/* Moves an average toward what was just seen. */
void costs_learn(double *average, double seen);
int64_t cost_now_ns(void);

/* What is to be searched in the generation. */
struct cost_ask {
    const struct vec_generation *g;
    double passing; /* rows of the generation */
    uint32_t ef;
};
struct vec_task;
struct cost_ask cost_of(const struct vec_task *t, double passing);
double cost_listed(const struct vec_costs *c, const struct cost_ask *a);
double cost_exact(const struct vec_costs *c, const struct cost_ask *a);
double cost_graph(const struct vec_costs *c, const struct cost_ask *a);
void costs_learn_graph(struct vec_costs *c, const struct cost_ask *a, double seen_ns);
/* Of asking the filter about one row in a scan: its vector is read before. */
double cost_asked(const struct vec_costs *c, const struct vec_generation *g);

/* --- index_filter.c: which rows pass -----------------------------------------------------------
 */

/* A condition being found out. */
struct vec_passing {
    const struct vec_filter *filter;
    bool listed;     /* pass and tail_pass hold every row that passes */
    uint64_t pulled; /* rowids from next */
    double pull_ns;  /* what they took */
    uint32_t rows;   /* bits set in pass: live slots of the generation */
    uint32_t tail;   /* bits set in tail_pass */
    /* probing */
    uint64_t asked, passed, asked_max; /* asked_max: then the bitmap is the cheaper way */
    uint64_t timed;                    /* of those asked */
    double probe_ns;                   /* what these took */
    /* a walk of the graph */
    double share;              /* of rows that should pass */
    uint64_t met, met_passing; /* nodes that were near enough to be asked */
    bool lost;                 /* far fewer passed than should: the condition shuns the query */
    enum status st;            /* of a probe */
    struct err *e;
};

struct vec_index {
    const struct vec_generation *g;
    struct vec_tail tail;
    size_t words;   /* of a bitmap of the generation's slots */
    uint64_t *dead; /* NULL until the first */
    uint64_t *live; /* its complement */
    uint32_t dead_count;
    uint64_t *pass; /* of the last filter; made when needed */
    uint64_t *tail_pass;
    uint32_t tail_words; /* room */
    struct vec_exact_scratch *scratch;
    struct vec_graph_scratch *walk;
    uint32_t walk_ef; /* the walk's room */
    uint32_t tail_at; /* vec_index_tail_rows: how far it was read */
    struct vec_hits hits, tail_hits;
    struct vec_costs costs;
    const struct vec_calibration *calibration; /* the graph's, or one with real questions */
    /* of the search under way */
    struct vec_passing passing;
    enum vec_origin origin; /* of the question, as far as is known */
    bool placed;            /* it is known */
};

/* Pulls from the filter until it ends or budget_ns have gone by (INFINITY: to the end). Sets
 * passing.listed when it ended. */
NODISCARD enum status filter_pull(
    struct vec_index *ix, double budget_ns, const struct run *run, struct err *e);
NODISCARD enum status filter_begin(
    struct vec_index *ix, const struct vec_filter *filter, struct err *e);
/* vec_query's probe; user is the index, slots are the generation's, or the tail's. */
enum vec_verdict filter_probe(void *user, uint32_t slot, int64_t rowid);
enum vec_verdict filter_probe_tail(void *user, uint32_t slot, int64_t rowid);
/* The same for a walk of the graph, by the bitmap when there is one; ends a walk that is lost. */
enum vec_verdict filter_walk(void *user, uint32_t slot, int64_t rowid);
/* The share of rows that pass, as far as probes tell. */
double filter_share(const struct vec_passing *p);

/* Room for that many hits. */
NODISCARD enum status hits_reserve(struct vec_hits *h, uint32_t capacity, struct err *e);

/* --- index_walk.c: the graph, and how far to walk it -------------------------------------------
 */

struct vec_task;
/* ef into the answer, by what the question's origin needs; 0: only exact reaches the recall that is
 * wanted. */
void walk_length(const struct vec_task *t);
double walk_recall(const struct vec_task *t); /* that is expected of it */
/* Whether the walk's length depends on an origin that is not known yet. */
bool walk_unplaced(const struct vec_task *t);
/* Finds out the origin, by a short walk without the condition; then walk_length again. */
NODISCARD enum status walk_place(const struct vec_task *t, struct err *e);
/* The same by the hits of a walk without a condition; whether another length is right. */
bool walk_was_short(const struct vec_task *t);
/* Into ix->hits. share: of rows that pass. *stopped: probes were too many, or the condition shuns
 * what is near the query. */
NODISCARD enum status walk_generation(
    const struct vec_task *t, double share, bool *stopped, struct err *e);

/* --- index_exact.c ------------------------------------------------------------------------------
 */

/* One question to both halves of the index. */
struct vec_task {
    struct vec_index *ix;
    const float *query;
    const struct vec_ask *ask;
    uint32_t k; /* at most the live rows */
    struct vec_answer *out;
};
/* The bitmap to search the generation under; NULL: every row. */
const uint64_t *task_pass(const struct vec_task *t);
/* The k nearest of the generation into ix->hits by exact scan; *stopped: probes were too many. */
NODISCARD enum status exact_generation(const struct vec_task *t, bool *stopped, struct err *e);
/* The same of the tail into ix->tail_hits. */
NODISCARD enum status exact_tail(const struct vec_task *t, bool *stopped, struct err *e);
/* Each passing row of the generation, appended to out->hits. */
NODISCARD enum status exact_listed(const struct vec_task *t, struct err *e);
/* Both halves' rows at most radius away, appended to out->hits. */
NODISCARD enum status exact_radius_generation(
    const struct vec_task *t, double radius, struct err *e);
NODISCARD enum status exact_radius_tail(const struct vec_task *t, double radius, struct err *e);
/* By distance, then rowid. */
int hit_compare(const void *a, const void *b);

#endif

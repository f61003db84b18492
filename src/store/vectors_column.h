/* vectors_column.h - a column at hand: what vectors_state.c, _policy.c and _search.c share. */
#ifndef FOVEA_STORE_VECTORS_COLUMN_H
#define FOVEA_STORE_VECTORS_COLUMN_H

#include "store/vectors_internal.h"

struct store_vectors {
    struct store_vectors *next;
    struct vectors_all *all;
    struct store *s;
    /* What was asked for. */
    char schema[64], table[128], column[128];
    enum metric metric;
    char *path; /* of the schema's file: another may be attached by the same name */

    /* What the schema says, while its version is the same. */
    bool known, triggers_right;
    struct vectors_view view; /* view.index.ix 0: no index */
    struct store_stmt *few, *log, *row;
    struct vectors_hold hold;
    float *vector;

    /* The state: a generation and the log after it, up to a place. */
    struct vec_generation *g;
    struct vec_index *state;
    struct vectors_place at;
    struct vectors_bad bad;
    struct vec_calibration calibration; /* by kept questions, when there is one */
    bool calibration_stale;             /* not read since it may have changed */
    struct vectors_questions questions;
    int64_t folder_ns; /* when the folder changed last, as far as was looked */

    /* What failed, so that it is not tried at every search. */
    uint64_t distrust; /* generations up to this number are wrong */
    bool broken;       /* a row kept the generation from being made */
    int64_t broken_rid;
    int64_t make_after_ms, job_after_ms;
    char why[VECTORS_WHY_BYTES];
};

struct vectors_all { /* of a store */
    struct store *s;
    struct store_vectors *first;
    struct vectors_job *job;
    struct store_vectors *job_of;
};
NODISCARD enum status vectors_all_get(struct store *s, struct vectors_all **out, struct err *e);

/* vectors_state.c */
void vectors_state_close(struct store_vectors *v);
/* The calibration that kept questions gave, for the state's searches. */
void vectors_read_calibration(struct store_vectors *v);
/* The log's news, into the state. *there false: what was known is not this snapshot's history. */
NODISCARD enum status vectors_state_follow(struct store_vectors *v, bool *there, struct err *e);
/* g (taken) becomes the state, f says where it stands. */
NODISCARD enum status vectors_state_set(
    struct store_vectors *v, struct vectors_found *f, struct err *e);

/* vectors_questions.c */
void vectors_questions_add(struct store_vectors *v, const float *query);
bool vectors_questions_due(struct store_vectors *v); /* for the background */
void vectors_questions_flush(struct store_vectors *v);

/* vectors_policy.c */
/* The schema's part: finds the index, or makes it. *go false: v->why. */
NODISCARD enum status vectors_know(
    struct store_vectors *v, const struct run *run, bool *go, struct err *e);
/* Makes a generation in this statement, when it may. *made false: v->why. */
NODISCARD enum status vectors_make_here(
    struct store_vectors *v, bool full, const struct run *run, bool *made, struct err *e);
/* Whether it pays to make the next generation, here or in the background. */
NODISCARD enum status vectors_tend(struct store_vectors *v, const struct run *run, struct err *e);
/* There are files, but of a time this snapshot does not know: it is older, or a backup came back.
 * Another connection can tell. false: not in the background. */
bool vectors_ask_job(struct store_vectors *v);
/* Files turned out to be wrong: they are not used again, others are made. */
void vectors_doubt(struct store_vectors *v, const char *why);

#endif

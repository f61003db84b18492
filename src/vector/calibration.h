/* calibration.h - what recall a pool of some length gives, for questions of two origins.
 *
 * A question that lies among the rows finds its neighbours with a short pool; one from elsewhere
 * (words asked of pictures) needs several times that. So there are two tables, and an edge that
 * tells the two apart: how far the k-th neighbour of nearly every row is. A question whose k-th
 * neighbour is farther comes from elsewhere. Until real questions were kept, made ones
 * stand for those from elsewhere; they are harder than most (calibration_measure.c).
 *
 * It is a section "asked" of a graph's file, and a BLOB of the store's, as it is in memory:
 *     0   12  edge: f32, of the 1st, the 10th, the 100th neighbour
 *    12    4  asked: u32, real questions it was measured with
 *    16  520  a table an origin: sampled u32, ef 16 x u32, recall 3 x 16 x f32 (@1, @10, @100)
 * Everything is little-endian. A table with sampled 0 says nothing.
 */
#ifndef FOVEA_VECTOR_CALIBRATION_H
#define FOVEA_VECTOR_CALIBRATION_H

#include "vector/graph.h"

enum vec_origin { VEC_FROM_ROWS, VEC_FROM_ELSEWHERE, VEC_ORIGINS };
enum { VEC_CALIBRATION_EFS = 16, VEC_CALIBRATION_KS = 3, VEC_CALIBRATION_BYTES = 536 };

struct vec_calibration_table {
    uint32_t sampled; /* questions; 0: none */
    uint32_t ef[VEC_CALIBRATION_EFS];
    float recall[VEC_CALIBRATION_KS][VEC_CALIBRATION_EFS];
};
struct vec_calibration {
    float edge[VEC_CALIBRATION_KS];
    uint32_t asked;
    struct vec_calibration_table of[VEC_ORIGINS]; /* VEC_FROM_ROWS: empty, the graph has it, unless
                                                   * real questions were asked */
};
_Static_assert(sizeof(struct vec_calibration) == VEC_CALIBRATION_BYTES, "as the format says");

/* Of bytes from outside. */
bool vec_calibration_fits(const struct vec_calibration *c);
/* Where a question comes from whose k-th neighbour, as far as was found, is that far. */
enum vec_origin vec_calibration_origin(
    const struct vec_calibration *c, uint32_t k, double distance);
/* The smallest ef whose measured recall@k reaches target, and that recall. 0: none of those tried
 * does. */
uint32_t vec_calibration_ef(
    const struct vec_calibration_table *t, uint32_t k, double target, double *recall);
/* The expected recall@k of an ef. */
double vec_calibration_recall(const struct vec_calibration_table *t, uint32_t k, uint32_t ef);

/* The graph's own: by rows. */
struct vec_calibration_table vec_graph_calibration(const struct vec_graph *g);

/* --- measuring: calibration_measure.c --------------------------------------------------------- */

struct vec_calibrating {
    const struct vec_exact *exact;       /* its scratch is for one query */
    const struct vec_graph_search *walk; /* its scratch has room for VEC_CALIBRATION_EF */
    const struct run *run;
};
enum { VEC_CALIBRATION_EF = 1024 }; /* the longest pool that is tried */
/* The edge by rows of the set, and questions from elsewhere, made of them. The same rows and
 * options give the same bytes. Errors: NO_MEMORY, CANCELLED, those of searches. */
NODISCARD enum status vec_calibrate(
    const struct vec_calibrating *how, struct vec_calibration *out, struct err *e);
/* Real questions (count x dim floats) in c: where enough came from an origin, its table is
 * theirs. */
NODISCARD enum status vec_calibrate_asked(const struct vec_calibrating *how,
    const struct vec_queries *questions, struct vec_calibration *c, struct err *e);

#endif

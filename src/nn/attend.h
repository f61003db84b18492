/* attend.h - attention of one head over one sequence in bf16, in one go.
 *
 * oneDNN's products over strided heads repack both sides at every call and reach a quarter of the
 * peak on the small matrices of a picture. Here keys and values are packed once per head into pairs
 * (two neighbours of the summed dimension in 32 bits, as VDPBF16PS takes them), and four query rows
 * at a time go through scores, softmax and sum without leaving the cache.
 */
#ifndef FOVEA_NN_ATTEND_H
#define FOVEA_NN_ATTEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nn_attend {
    const uint16_t *q, *k, *v; /* first value of the head in the first row */
    uint16_t *out;
    size_t q_step, kv_step, out_step; /* values from one row to the next */
    size_t queries, keys, size;       /* rows of q, of k and v; values of a head */
    size_t seen; /* keys that the first row sees; one more for each row if causal */
    bool causal;
    float scale;
};

enum { NN_ATTEND_STEP = 16 }; /* heads are a multiple of this */
/* These run on CPUs with AVX-512 BF16 only. */
/* Bytes of scratch, a multiple of 64. */
size_t nn_attend_bytes(size_t keys, size_t size);
/* scratch: nn_attend_bytes(), 64-byte aligned. */
void nn_attend_bf16(const struct nn_attend *a, void *scratch);

#endif

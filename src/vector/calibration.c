/* calibration.c - the calibration asked: which pool for what recall; which origin. */
#include "vector/calibration.h"

#include <math.h>

static const uint32_t KS[VEC_CALIBRATION_KS] = {1, 10, 100};

static bool table_fits(const struct vec_calibration_table *t)
{
    for (int i = 0; i < VEC_CALIBRATION_EFS; i++)
        for (int k = 0; k < VEC_CALIBRATION_KS; k++)
            if (!(t->recall[k][i] >= 0 && t->recall[k][i] <= 1)) return false;
    return true;
}

bool vec_calibration_fits(const struct vec_calibration *c)
{
    for (int k = 0; k < VEC_CALIBRATION_KS; k++)
        if (isnan(c->edge[k])) return false;
    return table_fits(&c->of[VEC_FROM_ROWS]) && table_fits(&c->of[VEC_FROM_ELSEWHERE]);
}

/* What is known at 1, 10 and 100, between them by the logarithm of k. */
static double between(const float *at[VEC_CALIBRATION_KS], uint32_t k)
{
    double where = k <= KS[0] ? 0 : k >= KS[2] ? 2 : log10((double)k);
    int low = where >= 2 ? 1 : (int)where;
    double share = where - low;
    return (double)*at[low] * (1 - share) + (double)*at[low + 1] * share;
}

enum vec_origin vec_calibration_origin(const struct vec_calibration *c, uint32_t k, double distance)
{
    const float *at[VEC_CALIBRATION_KS] = {&c->edge[0], &c->edge[1], &c->edge[2]};
    return distance <= between(at, k) ? VEC_FROM_ROWS : VEC_FROM_ELSEWHERE;
}

static double recall_at(const struct vec_calibration_table *t, uint32_t k, int i)
{
    const float *at[VEC_CALIBRATION_KS] = {&t->recall[0][i], &t->recall[1][i], &t->recall[2][i]};
    return between(at, k);
}

/* Beyond 100 hits the table is that of 100, its lists as many times longer. */
static uint32_t stretched(uint32_t ef, uint32_t k)
{
    uint64_t long_ef = k <= KS[2] ? ef : (uint64_t)ef * k / KS[2];
    return long_ef < UINT32_MAX ? (uint32_t)long_ef : UINT32_MAX;
}

uint32_t vec_calibration_ef(
    const struct vec_calibration_table *t, uint32_t k, double target, double *recall)
{
    for (int i = 0; t->sampled > 0 && i < VEC_CALIBRATION_EFS; i++) {
        double r = recall_at(t, k, i);
        if (r < target) continue;
        *recall = r;
        uint32_t ef = stretched(t->ef[i], k);
        return ef > k ? ef : k;
    }
    return 0;
}

double vec_calibration_recall(const struct vec_calibration_table *t, uint32_t k, uint32_t ef)
{
    int i = 0;
    if (t->sampled == 0) return 0;
    if (ef < k) ef = k;
    while (i < VEC_CALIBRATION_EFS && stretched(t->ef[i], k) < ef) i++;
    if (i == VEC_CALIBRATION_EFS) return recall_at(t, k, VEC_CALIBRATION_EFS - 1);
    double high = recall_at(t, k, i);
    uint32_t to = stretched(t->ef[i], k);
    if (to == ef || i == 0) return high;
    uint32_t from = stretched(t->ef[i - 1], k);
    double low = recall_at(t, k, i - 1);
    return low + (high - low) * (double)(ef - from) / (double)(to - from);
}

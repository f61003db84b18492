/* resample_axis.h - the weights of one axis of a resample. Inside image/ only. */
#ifndef FOVEA_IMAGE_RESAMPLE_AXIS_H
#define FOVEA_IMAGE_RESAMPLE_AXIS_H

#include "image/resample.h"

/* `size` inputs of which `span`, beginning at `from`, are covered by `full` outputs. */
struct axis_spec {
    int size;
    double from, span;
    int64_t full;
    int first, count; /* the outputs wanted */
    enum image_filter filter;
};

struct axis_run {
    int start, count;
};

/* The inputs that output i of the whole axis reads. */
struct axis_run axis_run_find(const struct axis_spec *s, int64_t i);

/* Errors: NO_MEMORY; ax is then all zero. */
NODISCARD enum status axis_init(struct resample_axis *ax, const struct axis_spec *s,
    const struct resample_kernels *k, struct err *e);
void axis_deinit(struct resample_axis *ax);

#endif

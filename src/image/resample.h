/* resample.h - Pillow's resampler: two passes over 8-bit pixels. Inside image/ only.
 *
 * Along an axis, output i is the weighted sum of a run of inputs. The weights are Pillow's: the
 * filter (widened by the scale when shrinking, which is the antialias) sampled in double,
 * normalised, and rounded half away from zero to integers with 22 fractional bits. A pass adds 2^21
 * + sum(weight * pixel) in 32-bit integers, shifts right by 22 and clips to 0..255. Horizontal
 * first, then vertical on the rounded bytes. All of it is integer arithmetic modulo 2^32, so any
 * order of summation gives the same bytes: that is what lets kernels differ in form and not in
 * result. The plain loops in resample.c are the specification of all others. Source: Pillow's
 * documentation of its filters and its published behaviour (tests/golden/image).
 */
#ifndef FOVEA_IMAGE_RESAMPLE_H
#define FOVEA_IMAGE_RESAMPLE_H

#include "image/image.h"
#include "image/orient.h"
#include "simd/cpu.h"

enum {
    RESAMPLE_BITS = 22, /* fractional bits of a weight */
    RESAMPLE_GROUP = 4, /* weights are stored in groups of four, zeros behind the last */
    RESAMPLE_WORDS_MAX = 4,
    RESAMPLE_BATCH = 4, /* a kernel may compute this many outputs at once, past the last one too */
    RESAMPLE_LINE = 64, /* and this many bytes of a line */
};

/* What the outputs of one axis read. */
struct resample_axis {
    int count; /* outputs */
    int groups_max;
    int *start;       /* [count + RESAMPLE_BATCH] first input */
    int *groups;      /* [count + RESAMPLE_BATCH] groups of weights; 0 behind the last output */
    int32_t *weights; /* [count][groups_max][words], in the kernels' own form */
    int words;
};

/* Rows to shrink horizontally. */
struct resample_band {
    const uint8_t *from; /* first row; a row's last group may read 16 bytes past its end */
    size_t from_stride;
    uint8_t *to; /* rows of (count + RESAMPLE_BATCH) * channels + 16 bytes at least */
    size_t to_stride;
    int rows;
    int channels; /* 1, 3 or 4 */
};

/* One output row of the vertical pass: `bytes` columns, each the sum down `groups` groups of rows.
 */
struct resample_line {
    const uint8_t *from; /* first row; RESAMPLE_LINE bytes may be read past the end of a row */
    size_t stride;
    int rows; /* rows that are there; weights of rows behind them are zero */
    int groups;
    const int32_t *weights; /* [groups][words] */
    uint8_t *to;            /* written in steps of RESAMPLE_LINE */
    size_t bytes;
};

struct resample_kernels {
    const char *name;
    int words; /* int32 words that a group of weights becomes */
    void (*pack)(const int32_t weights[RESAMPLE_GROUP], int32_t *words);
    void (*band)(const struct resample_axis *axis, const struct resample_band *band);
    void (*line)(const struct resample_line *line);
};

extern const struct resample_kernels resample_base;
#if defined(__x86_64__)
extern const struct resample_kernels resample_avx2;
extern const struct resample_kernels resample_avx512; /* needs VNNI */
#endif
const struct resample_kernels *resample_kernels_get(const struct cpu *cpu);

/* A part of a resized picture. */
struct resample {
    const struct image *in;
    const struct orientation *turn; /* how `in` is turned first, row by row; NULL: not at all */
    double from_x, from_y;          /* where in the upright `in` the resized picture begins */
    double span_x, span_y;          /* pixels of it that are covered from there on */
    int64_t width, height;          /* of the whole resized picture */
    int x, y; /* the part, inside it: only its columns and the rows it needs are computed */
    int part_width, part_height;
    enum image_filter filter;
    const struct resample_kernels *kernels; /* NULL: the best this CPU has */
};

/* The rows of `in` are there already. out: part_width * part_height * channels bytes, exactly
 * these. */
NODISCARD enum status resample_run(const struct resample *r, uint8_t *out, struct err *e);

/* The same with rows that come one after the other; in->pixels is not used then, nor turn. */
struct resampler;
/* Keeps a copy of *r, and out until it is closed. */
NODISCARD enum status resampler_open(
    const struct resample *r, uint8_t *out, struct resampler **rs, struct err *e);
/* The next rows, packed, RESAMPLE_LINE readable bytes behind them. out is whole after the last. */
void resampler_push(struct resampler *rs, const uint8_t *rows, int count);
void resampler_close(struct resampler *rs);

#endif

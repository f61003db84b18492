/* parquet_values.h - the values of one page, by encoding, as physical values.
 *
 * A physical value in memory: BOOLEAN uint8_t, INT32 and FLOAT 4 bytes, INT64 and DOUBLE 8, INT96
 * 12, BYTE_ARRAY and FIXED a struct table_bytes that points into the page.
 */
#ifndef FOVEA_TABLE_PARQUET_VALUES_H
#define FOVEA_TABLE_PARQUET_VALUES_H

#include "table/parquet_bits.h"
#include "table/parquet_meta.h"

struct parquet_dictionary {
    void *values; /* physical */
    size_t count;
};

struct parquet_values {
    const struct parquet_leaf *leaf;
    int encoding;
    const uint8_t *p, *end;
    uint64_t bit; /* of PLAIN booleans */
    size_t split; /* values of BYTE_STREAM_SPLIT; at: the next */
    size_t at;
    struct rle rle;
    struct delta delta, suffixes;
    const struct parquet_dictionary *dictionary;
    char *last; /* DELTA_BYTE_ARRAY: the value before */
    size_t last_bytes, last_room;
    char *joined; /* its values of this call */
    size_t joined_room;
    const char *wrong; /* what false was about */
};

size_t parquet_physical_bytes(enum parquet_physical p);
/* Begins a page's values. false: wrong says why. The memory of v is kept from page to page. */
bool parquet_values_init(
    struct parquet_values *v, int encoding, const uint8_t *data, size_t bytes, size_t count);
void parquet_values_deinit(struct parquet_values *v);
/* The next count values; those of BYTE_ARRAY hold until the next call or the next page. */
bool parquet_values_get(struct parquet_values *v, void *out, size_t count);

#endif

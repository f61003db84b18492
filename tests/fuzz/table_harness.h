/* table_harness.h - what the harnesses of the table formats share: opens the bytes, reads some
 * batches, touches every value. Whoever includes it defines TABLE_FORMAT, and TABLE_MORE for
 * options beyond it. */
#include <stdlib.h>

#include "table/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#ifndef TABLE_MORE
#define TABLE_MORE
#endif

enum { BATCHES_MAX = 50 };

static unsigned touch_column(
    const struct table_column *column, const struct table_values *v, size_t rows)
{
    unsigned sum = 0;
    for (size_t i = 0; i < rows; i++) {
        if (v->null != NULL && v->null[i] > 1) abort();
        if (v->null != NULL && v->null[i]) continue;
        switch (column->type) {
        case TABLE_BOOL:
            if (v->bools[i] > 1) abort();
            break;
        case TABLE_INT: sum += (unsigned)v->ints[i]; break;
        case TABLE_REAL: sum += v->reals[i] > 0; break;
        case TABLE_VECTOR:
            for (int k = 0; k < column->dim; k++)
                sum += v->vectors[i * (size_t)column->dim + (size_t)k] > 0;
            break;
        default:
            for (size_t k = 0; k < v->texts[i].bytes; k++)
                sum += (unsigned char)v->texts[i].data[k];
        }
    }
    return sum;
}

static volatile unsigned touched; /* so that reading isn't left out */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in;
    struct err e = ERR_INIT;
    struct reader *r = NULL;
    struct table_options options = {.format = TABLE_FORMAT, TABLE_MORE};
    struct reader_options o = {.table = &options};
    input_open_memory(data, size, "fuzz", &in);
    if (reader_open(&in, TABLE_FORMAT, &o, &r, &e) != ST_OK) return 0;
    struct table_values *values = calloc(r->column_count + 1, sizeof *values);
    if (values == NULL) abort();
    for (int i = 0; i < BATCHES_MAX; i++) {
        size_t rows;
        if (reader_next(r, 100, values, &rows, &e) != ST_OK || rows == 0) break;
        if (rows > 100) abort();
        for (size_t c = 0; c < r->column_count; c++)
            touched += touch_column(&r->columns[c], &values[c], rows);
    }
    free(values);
    reader_close(r);
    return 0;
}

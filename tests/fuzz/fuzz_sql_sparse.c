/* fuzz_sql_sparse.c - any bytes as a sparsevec: refused, or printed as what reads back the same. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sql/function/sparse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err e = ERR_INIT;
    struct sparse *s = NULL, *again = NULL;
    struct buf text, more;
    char *copy = mem_strndup((const char *)data, size); /* SQLite's texts end with a NUL */
    if (copy == NULL) abort();
    buf_init(&text);
    buf_init(&more);
    if (sparse_parse(copy, size, &s, &e) == ST_OK) {
        sparse_print(s, &text);
        if (text.failed || sparse_parse(text.data, text.bytes, &again, &e) != ST_OK) abort();
        sparse_print(again, &more);
        if (more.bytes != text.bytes || memcmp(more.data, text.data, text.bytes) != 0) abort();
    }
    buf_deinit(&text);
    buf_deinit(&more);
    mem_free(s);
    mem_free(again);
    mem_free(copy);
    return 0;
}

/* fuzz_torchfile.c - any bytes as a pytorch_model.bin: refused, or every element can be read. The
 * bytes as a bare pickle too, so that the fuzzer need not build zip archives to reach it. */
#include <stdlib.h>
#include <string.h>

#include "nn/pickle.h"
#include "nn/torchfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_archive(const uint8_t *data, size_t size)
{
    struct torchfile *f = NULL;
    struct err e = ERR_INIT;
    if (torchfile_open_bytes(data, size, "fuzz", &f, &e) != ST_OK) return;
    size_t total = 0;
    for (size_t i = 0; i < torchfile_count(f); i++) {
        const struct stored_tensor *t = torchfile_at(f, i);
        const uint8_t *p = t->data;
        if (t->bytes != t->count * dtype_bytes(t->dtype) || strlen(t->name) > size) abort();
        for (size_t j = 0; j < t->bytes; j++) total += p[j];
    }
    if (total == SIZE_MAX) abort(); /* never; keeps the reads */
    torchfile_close(f);
}

static void read_pickle(const uint8_t *data, size_t size)
{
    struct arena a;
    struct pickle_list list;
    struct err e = ERR_INIT;
    arena_init(&a, (size_t)64 << 20);
    struct zipfile_entry entry = {.data = data, .bytes = size};
    if (pickle_read(entry, "fuzz", &a, &list, &e) == ST_OK)
        for (size_t i = 0; i < list.count; i++)
            if (list.tensors[i].rank > LIMIT_TENSOR_RANK || list.tensors[i].offset < 0) abort();
    arena_deinit(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_archive(data, size);
    read_pickle(data, size);
    return 0;
}

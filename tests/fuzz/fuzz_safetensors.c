/* fuzz_safetensors.c - any bytes as a .safetensors file: refused, or every tensor lies inside them.
 */
#include <stdlib.h>

#include "nn/safetensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct safetensors *s = NULL;
    struct err e = ERR_INIT;
    if (safetensors_open_bytes(data, size, "fuzz", &s, &e) != ST_OK) return 0;
    for (size_t i = 0; i < safetensors_count(s); i++) {
        const struct stored_tensor *t = safetensors_at(s, i);
        const uint8_t *begin = t->data;
        if (begin < data || t->bytes > (size_t)(data + size - begin)) abort();
        if (t->bytes != t->count * dtype_bytes(t->dtype)) abort();
        float last;
        if (t->count > 0 && stored_get_f32(t, t->count - 1, 1, &last, NULL) != ST_OK &&
            t->dtype <= DTYPE_F64)
            abort();
    }
    safetensors_close(s);
    return 0;
}

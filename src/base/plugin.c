/* plugin.c - dlopen, and dlsym by a list. */
#include "base/plugin.h"

#include <dlfcn.h>
#include <string.h>

bool plugin_load(const char *file, const char *const *names, size_t count, void *functions)
{
    char *at = functions;
    void *so = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    for (size_t i = 0; so != NULL && i < count; i++) {
        void *function = dlsym(so, names[i]);
        if (function == NULL) return false;
        memcpy(at + i * sizeof function, &function, sizeof function);
    }
    return so != NULL;
}

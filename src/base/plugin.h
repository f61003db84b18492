/* plugin.h - libraries that are opened when they are first needed.
 *
 * Some bring dozens of others: linked in, libcurl alone would cost every start of the program 7 ms.
 * A door lists the functions it uses once and gets a struct of them:
 *
 *     #define FUNCTIONS(X) X(curl_easy_init) X(curl_easy_perform)
 *     static struct { FUNCTIONS(PLUGIN_FIELD) } LIB;
 *     static const char *const NAMES[] = {FUNCTIONS(PLUGIN_NAME)};
 *     loaded = plugin_load("libcurl.so.4", NAMES, sizeof NAMES / sizeof NAMES[0], &LIB);
 */
#ifndef FOVEA_BASE_PLUGIN_H
#define FOVEA_BASE_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>

#define PLUGIN_FIELD(name) __typeof__(&name) name;
#define PLUGIN_NAME(name) #name,

/* Fills functions, a struct of count pointers in the order of names. false: the library, or one of
 * them, isn't there. It stays open. */
bool plugin_load(const char *file, const char *const *names, size_t count, void *functions);

#endif

#include "image/format.h"
static bool no(const uint8_t *d, size_t n) { (void)d; (void)n; return false; }
const struct format_row format_webp = { .name = "webp", .extensions = {"webp"}, .match = no };

/* grid_avx2.c - grid.h's loops in AVX2. */
#if defined(__x86_64__)
#define GRID_TABLE simd_grid_avx2
#include "simd/grid_body.h"
#else
typedef int not_for_this_cpu;
#endif

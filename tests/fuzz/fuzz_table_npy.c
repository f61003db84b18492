/* fuzz_table_npy.c - any bytes as a npy file: refused, or every value lies where it says. */
#define TABLE_FORMAT TABLE_NPY
#include "table_harness.h"

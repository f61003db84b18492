/* fuzz_table_parquet.c - any bytes as a Parquet file: refused, or every value lies where it
 * says. */
#define TABLE_FORMAT TABLE_PARQUET
#include "table_harness.h"

/* fuzz_table_csv.c - any bytes as a csv file: refused, or every value lies where it says. */
#define TABLE_FORMAT TABLE_CSV
#include "table_harness.h"

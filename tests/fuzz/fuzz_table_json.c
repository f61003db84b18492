/* fuzz_table_json.c - any bytes as a json file: refused, or every value lies where it says. */
#define TABLE_FORMAT TABLE_JSON
#include "table_harness.h"

/* fuzz_table_tsv.c - any bytes as a tsv file with backslashes and a column of bytea: refused, or
 * every value lies where it says. */
#include "table/table.h"

static const struct table_want FUZZ_WANT[] = {{.name = "c2", .type = TABLE_BLOB, .hex = true},
    {.name = "v", .type = TABLE_VECTOR}};

#define TABLE_FORMAT TABLE_TSV
#define TABLE_MORE .escapes = true, .want = FUZZ_WANT, .want_count = 2
#include "table_harness.h"

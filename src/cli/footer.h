/* footer.h - the line below rows, as ClickHouse's client prints it.
 *
 *     10 rows in set. Elapsed: 0.019 sec. Processed 137.27 thousand rows, 24.42 MB (7.22 million
 *     rows/s., 1.29 GB/s.)
 */
#ifndef FOVEA_CLI_FOOTER_H
#define FOVEA_CLI_FOOTER_H

#include "base/buf.h"
#include "cli/format.h"

/* Instead of a count of rows: a statement without rows, "Ok."; one that has said so itself. */
enum { FOOTER_OK = -1, FOOTER_SAID = -2 };

/* What is not known (-1) is left out. changed: rows that a statement without rows changed. */
void footer_add(struct buf *out, int64_t rows, int64_t changed, const struct output_cost *cost);

/* "137.27 thousand", "24.42 MB". */
void footer_add_quantity(struct buf *out, double n);
void footer_add_bytes(struct buf *out, double bytes);

#endif

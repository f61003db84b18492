/* footer.c - quantities in words, two decimals, steps of a thousand. */
#include "cli/footer.h"

enum { STEP = 1000 };

static void add_scaled(struct buf *out, double n, const char *const *units, size_t count)
{
    size_t unit = 0;
    while (unit + 1 < count && n >= STEP) {
        n /= STEP;
        unit++;
    }
    buf_printf(out, "%.2f%s", n, units[unit]);
}

void footer_add_quantity(struct buf *out, double n)
{
    static const char *const units[] = {"", " thousand", " million", " billion", " trillion"};
    add_scaled(out, n, units, sizeof units / sizeof units[0]);
}

void footer_add_bytes(struct buf *out, double bytes)
{
    static const char *const units[] = {" B", " KB", " MB", " GB", " TB"};
    add_scaled(out, bytes, units, sizeof units / sizeof units[0]);
}

static void add_processed(struct buf *out, const struct output_cost *cost)
{
    double seconds = (double)cost->elapsed_us / 1e6, rows = (double)cost->rows_read;
    if (cost->rows_read < 0) return;
    buf_add_str(out, " Processed ");
    footer_add_quantity(out, rows);
    buf_add_str(out, " rows");
    if (cost->bytes_read >= 0) {
        buf_add_str(out, ", ");
        footer_add_bytes(out, (double)cost->bytes_read);
    }
    if (seconds <= 0) return;
    buf_add_str(out, " (");
    footer_add_quantity(out, rows / seconds);
    buf_add_str(out, " rows/s.");
    if (cost->bytes_read >= 0) {
        buf_add_str(out, ", ");
        footer_add_bytes(out, (double)cost->bytes_read / seconds);
        buf_add_str(out, "/s.");
    }
    buf_add_char(out, ')');
}

void footer_add(struct buf *out, int64_t rows, int64_t changed, const struct output_cost *cost)
{
    if (rows >= 0) buf_printf(out, "%lld %s in set. ", (long long)rows, rows == 1 ? "row" : "rows");
    if (rows == FOOTER_OK) buf_add_str(out, "Ok. ");
    if (rows < 0 && changed >= 0)
        buf_printf(out, "%lld %s changed. ", (long long)changed, changed == 1 ? "row" : "rows");
    buf_printf(out, "Elapsed: %.3f sec.", (double)cost->elapsed_us / 1e6);
    add_processed(out, cost);
}

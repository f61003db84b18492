/* bench_table.c - reads files of rows and tells how long it took, for table_report.py to take turns
 * with other readers.
 *
 * usage: bench_table PATTERN...    several patterns are files side by side
 * One line: seconds, seconds of CPU (all threads), rows, a sum over all values (so that every one
 * of them is looked at).
 */
#include <stdio.h>
#include <time.h>

#include "table/table.h"

static double touch(const struct table_column *c, const struct table_values *v, size_t rows)
{
    double sum = 0;
    size_t floats = rows * (size_t)c->dim;
    for (size_t i = 0; i < rows && c->type == TABLE_INT; i++) sum += (double)v->ints[i];
    for (size_t i = 0; i < rows && c->type == TABLE_REAL; i++) sum += v->reals[i];
    for (size_t i = 0; i < rows && c->type == TABLE_TEXT; i++) sum += (double)v->texts[i].bytes;
    for (size_t i = 0; i < floats; i += 64) sum += (double)v->vectors[i];
    return sum;
}

int main(int argc, char **argv)
{
    struct err e = ERR_INIT;
    struct table *t = NULL;
    struct table_batch b;
    double sum = 0;
    uint64_t rows = 0;
    struct table_paths paths = {(const char *const *)argv + 1, (size_t)argc - 1};
    int64_t start = run_now_us();
    enum status st = table_open(&paths, NULL, NULL, &t, &e);
    while (st == ST_OK && (st = table_next(t, &b, &e)) == ST_OK && b.rows > 0) {
        for (size_t i = 0; i < table_column_count(t); i++)
            sum += touch(&table_columns(t)[i], &b.columns[i], b.rows);
        rows += b.rows;
    }
    int64_t end = run_now_us();
    struct timespec cpu;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    table_close(t);
    if (st != ST_OK) fprintf(stderr, "bench_table: %s\n", e.text);
    printf("%.6f %.6f %llu %g\n", (double)(end - start) / 1e6,
        (double)cpu.tv_sec + (double)cpu.tv_nsec / 1e9, (unsigned long long)rows, sum);
    return st == ST_OK ? 0 : 1;
}

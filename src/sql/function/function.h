/* function.h - what the files of functions share: a set is a table of rows, and every set is
 * registered for every session (functions.c). Inside this room only.
 */
#ifndef FOVEA_SQL_FUNCTION_FUNCTION_H
#define FOVEA_SQL_FUNCTION_FUNCTION_H

#include "base/buf.h"
#include "sql/function/vector.h"
#include "sql/internal.h"

struct function_set {
    const struct sql_scalar *scalars;
    size_t scalar_count;
    const struct sql_aggregate *aggregates;
    size_t aggregate_count;
    const struct sql_tabfn *tables;
    size_t table_count;
};

extern const struct function_set FUNCTIONS_PGVECTOR, FUNCTIONS_PGVECTOR_BITS,
    FUNCTIONS_PGVECTOR_SUMS, FUNCTIONS_CLICKHOUSE, FUNCTIONS_CLICKHOUSE_VECTOR,
    FUNCTIONS_CLICKHOUSE_CONVERT, FUNCTIONS_AGGREGATE, FUNCTIONS_ORDERED, FUNCTIONS_POSTGRES,
    FUNCTIONS_POSTGRES_ARRAY, FUNCTIONS_POSTGRES_JSON, FUNCTIONS_POSTGRES_TEXT,
    FUNCTIONS_POSTGRES_TIME, FUNCTIONS_SERIES, FUNCTIONS_REGEX, FUNCTIONS_REGEX_REPLACE,
    FUNCTIONS_SPARSE, FUNCTIONS_VECTOR_ARITHMETIC, FUNCTIONS_ENCODE;

/* A row of one that gives the same for the same arguments. */
#define FUNCTION(sql_name, least, most, f)                                                         \
    {                                                                                              \
        .name = sql_name, .args_min = least, .args_max = most, .deterministic = true, .call = f    \
    }
#define FUNCTION_COUNT(table) (sizeof(table) / sizeof(table)[0])
/* The head of a function's body. */
#define FUNCTION_HEAD(f)                                                                           \
    static enum status f(struct sql_session *session, struct sql_value *const *args, int count,    \
        struct sql_result *out, struct err *e)

bool function_any_null(struct sql_value *const *args, int count);
/* A vector argument without NaN and infinity; v->v is NULL for NULL. name: "L2Norm()". */
NODISCARD enum status function_vector(
    const struct sql_value *arg, const char *name, struct vector_arg *v, struct err *e);
/* Two of the same length, in ClickHouse's words when they are not; ok without both when one is
 * NULL. Either way both are to be deinited. */
NODISCARD enum status function_vectors(
    struct sql_value *const *args, const char *name, struct vector_arg v[2], struct err *e);

/* The bytes of a value as text, borrowed for the call. */
struct function_text {
    const char *s;
    size_t bytes;
};
NODISCARD enum status function_text(
    const struct sql_value *arg, struct function_text *out, struct err *e);
/* A whole number that an argument must be; its fraction is cut off. */
NODISCARD enum status function_int(
    const struct sql_value *arg, const char *name, int64_t *out, struct err *e);

/* The argument itself, its kind and all. */
void function_result(struct sql_result *out, const struct sql_value *v);
/* The text becomes the result; text is deinited. */
NODISCARD enum status function_finish(struct sql_result *out, struct buf *text, struct err *e);
/* The same for JSON, which SQLite's JSON functions then take as such. */
NODISCARD enum status function_finish_json(struct sql_result *out, struct buf *text, struct err *e);
/* A number as SQLite's text of it has it, but with all its digits. */
void function_print_real(struct buf *out, double v);
/* A value as JSON: vectors and JSON as they are; a blob that is none is INVALID. */
NODISCARD enum status function_add_json(struct buf *out, const struct sql_value *v, struct err *e);
/* The longest text there may be. */
size_t function_bytes_max(const struct sql_session *s);
/* SQLite's order of values: NULL, numbers, text by bytes, blobs. */
int function_compare(const struct sql_value *a, const struct sql_value *b);

#endif

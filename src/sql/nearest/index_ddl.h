/* index_ddl.h - reading what declares a vector index, in ClickHouse's words and in pgvector's;
 * inside index_command.c only. */
#ifndef FOVEA_SQL_NEAREST_INDEX_DDL_H
#define FOVEA_SQL_NEAREST_INDEX_DDL_H

#include "sql/settings.h"
#include "sql/statement/ddl.h"
#include "store/vectors.h"

enum index_action {
    INDEX_ADD,
    INDEX_MATERIALIZE,
    INDEX_CREATE, /* ADD and MATERIALIZE */
    INDEX_DROP,
    INDEX_REINDEX,
    INDEX_OPTIMIZE
};

/* What such a statement says: the data of its command. */
struct index_command {
    enum index_action action;
    struct store_index index; /* schema, table, name; ADD and CREATE: all that is declared */
    bool exists_ok;           /* IF NOT EXISTS */
    bool missing_ok;          /* IF EXISTS */
    struct sql_overlay overlay;
    int table_token, column_token;
};

static inline struct index_command *index_of(const struct ddl *d)
{
    return d->command->data;
}

/* TYPE vector_similarity(…) [GRANULARITY n], behind the column's name. */
NODISCARD enum status ddl_clickhouse(struct ddl *d, struct err *e);
/* USING method (col [ops]) [WITH (…)], behind the table's name. */
NODISCARD enum status ddl_pgvector(struct ddl *d, struct err *e);
/* Says of a sparsevec column, or an operator class of it, that it has no index. */
enum status ddl_refuse_sparse(const struct ddl *d, int token, struct err *e);

#endif

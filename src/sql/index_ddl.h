/* index_ddl.h - reading what declares a vector index, in ClickHouse's words and in pgvector's;
 * inside command.c only. */
#ifndef FOVEA_SQL_INDEX_DDL_H
#define FOVEA_SQL_INDEX_DDL_H

#include "sql/command.h"

/* Reading tokens one after the other. */
struct ddl {
    struct sql_session *session;
    const struct sql_scan *scan;
    int at;
    const char *usage;
    struct sql_command *command;
    int table_token, column_token;
};

/* The next token is this word (this kind): goes behind it. */
bool ddl_word(struct ddl *d, const char *word);
bool ddl_kind(struct ddl *d, int kind);
/* The next token must be; says what was expected. */
NODISCARD enum status ddl_expect(struct ddl *d, int kind, struct err *e);
NODISCARD enum status ddl_expect_word(struct ddl *d, const char *word, struct err *e);
/* A name or string without its quotes. */
NODISCARD enum status ddl_name(struct ddl *d, char *out, size_t bytes, struct err *e);
NODISCARD enum status ddl_integer(struct ddl *d, int64_t *out, struct err *e);
/* The failure st lies at a token. */
enum status ddl_fail(const struct ddl *d, int token, enum status st, struct err *e);
enum status ddl_near(const struct ddl *d, struct err *e);

/* TYPE vector_similarity(…) [GRANULARITY n], behind the column's name. */
NODISCARD enum status ddl_clickhouse(struct ddl *d, struct err *e);
/* USING method (col [ops]) [WITH (…)], behind the table's name. */
NODISCARD enum status ddl_pgvector(struct ddl *d, struct err *e);

#endif

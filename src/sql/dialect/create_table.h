/* create_table.h - CREATE TABLE with types of ClickHouse or PostgreSQL, and ClickHouse's ENGINE.
 *
 *   CREATE [OR REPLACE] [TEMP] TABLE [IF NOT EXISTS] t (
 *       name type [constraints and CODEC(…), COMMENT '…', DEFAULT x, MATERIALIZED x, …],
 *       INDEX i col TYPE vector_similarity(…) [GRANULARITY n],
 *       CONSTRAINT c CHECK length(col) = 512, …)
 *   [ENGINE = MergeTree[(…)] [ORDER BY …] [PARTITION BY …] [PRIMARY KEY …] [SETTINGS …] [COMMENT
 * '…']] [AS SELECT …]
 *
 * The brackets may be missing before AS SELECT (create_as.c).
 *
 * A command: read into this struct, written as SQLite's own CREATE TABLE (create_write.c), run with
 * what belongs to it in one transaction. Inside dialect/ only, but for the rows of commands.
 */
#ifndef FOVEA_SQL_DIALECT_CREATE_TABLE_H
#define FOVEA_SQL_DIALECT_CREATE_TABLE_H

#include "sql/dialect/types.h"
#include "sql/statement/command.h"
#include "sql/text/rewrite.h"
#include "store/vectors.h"

extern const struct sql_command_kind sql_command_create_table;
extern const struct sql_command_kind sql_command_add_column; /* ALTER TABLE t ADD COLUMN */

enum create_element_kind {
    CREATE_COLUMN,
    CREATE_CONSTRAINT, /* of the table, as SQLite has it */
    CREATE_CHECK,      /* CONSTRAINT c CHECK expression without brackets, as ClickHouse has it */
    CREATE_INDEX,
    CREATE_NOTHING /* says how long a vector is, or nothing to us */
};

struct create_element {
    enum create_element_kind kind;
    int first, last;
    /* CREATE_COLUMN */
    char *name; /* without its quotes */
    bool typed;
    struct dialect_type type;
    int rest;      /* the token behind the type */
    bool primary;  /* PRIMARY KEY is said of it alone */
    bool identity; /* GENERATED … AS IDENTITY */
    /* CREATE_CHECK: the expression */
    int check;
    /* CREATE_COLUMN of a table without a list: the type as SQLite is told it, and what a vector is
     * declared as */
    const char *sql_type;
    const struct store_column *declared;
};

struct create_table {
    struct ddl *d;
    struct arena *arena;
    bool replace, temporary, if_not_exists;
    int name_first, name_last; /* tokens of [schema.]name */
    char *schema, *name;
    struct create_element *elements;
    int element_count, element_capacity;
    struct store_index *indexes;
    int index_count;
    bool clickhouse; /* it has an ENGINE */
    bool strict;
    int tail_first, tail_last;   /* SQLite's own words behind the ), -1: none */
    int order_first, order_last; /* ORDER BY, else PRIMARY KEY, of ENGINE; -1 */
    int select_first;            /* AS SELECT …: behind AS; 0: there is none */
    bool listed;                 /* its columns stand in brackets */
};

struct create_element *create_find(const struct create_table *t, const char *name);
/* Up to the comma, or the ) that ends what the tokens stand in; says where. */
int create_skip(const struct sql_scan *scan, int at);
/* Writes SQLite's statement. Errors: UNSUPPORTED, with the place. */
NODISCARD enum status create_write(struct create_table *t, struct rewrite *out, struct err *e);
/* One column's definition. */
NODISCARD enum status create_write_column(
    struct create_table *t, const struct create_element *x, struct rewrite *out, struct err *e);
/* The column that begins at a token of t->d and ends at x->last. */
NODISCARD enum status create_read_column(
    struct create_table *t, struct create_element *x, struct err *e);
/* SQLite's opinion of what was written, told of the user's text. */
NODISCARD enum status create_check(
    struct create_table *t, const struct rewrite *sql, struct err *e);
/* The columns to index for ORDER BY: "a","b"; "" when there are none. */
void create_order_columns(const struct create_table *t, struct buf *out);
/* The scan with what SETTINGS and FORMAT cut off. */
struct sql_scan create_whole(const struct sql_scan *scan);
/* CREATE TABLE name without a list goes on at a token: is it ours? */
bool create_as_is(struct sql_session *s, const struct sql_scan *scan, int at);
#define CREATE_AS_USAGE                                                                            \
    "CREATE TABLE t [(name type, ...)] ENGINE = MergeTree ORDER BY name AS SELECT ..."
/* AS SELECT … at t->d->at; of a table with a list the SELECT is looked at as well. */
NODISCARD enum status create_as_read(struct create_table *t, struct err *e);
/* Fills t->elements from the SELECT. */
NODISCARD enum status create_as_columns(struct create_table *t, struct err *e);
void create_as_write(struct create_table *t, struct rewrite *out);
void create_as_statement(const struct create_table *t, struct buf *out);
/* Runs a statement of ours, written by store_sql. */
NODISCARD enum status create_as_run(struct sql_session *s, struct err *e, const char *fmt, ...);

/* ENGINE and what is behind it, up to AS. */
NODISCARD enum status create_read_engine(struct create_table *t, struct err *e);

#endif

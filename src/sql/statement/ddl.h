/* ddl.h - reading a command (command.h) token by token.
 *
 * Each reader goes behind what it took; one that finds something else says what was expected, with
 * the command's usage and the place.
 */
#ifndef FOVEA_SQL_STATEMENT_DDL_H
#define FOVEA_SQL_STATEMENT_DDL_H

#include "sql/statement/command.h"
#include "sql/statement/options.h"

struct ddl {
    struct sql_session *session;
    const struct sql_scan *scan;
    int at;
    int lists; /* open ones around it */
    const char *usage;
    struct sql_command *command;
    struct sql_ast ast; /* of its scan and arena only: for literals and options */
};

/* Token `at` of a scan is this word. */
bool ddl_spells(const struct sql_scan *scan, int at, const char *word);
/* The next token is this word (this kind): goes behind it. */
bool ddl_word(struct ddl *d, const char *word);
bool ddl_kind(struct ddl *d, int kind);
/* The next token must be. */
NODISCARD enum status ddl_expect(struct ddl *d, int kind, struct err *e);
NODISCARD enum status ddl_expect_word(struct ddl *d, const char *word, struct err *e);
NODISCARD enum status ddl_end(const struct ddl *d, struct err *e);
/* Is the token a name, a string, or a word that may be a name here? */
bool ddl_names(const struct sql_scan *scan, int at);
/* A name or string without its quotes. */
NODISCARD enum status ddl_name(struct ddl *d, char *out, size_t bytes, struct err *e);
NODISCARD enum status ddl_integer(struct ddl *d, int64_t *out, struct err *e);
/* 'text', name, 3, -0.5, ?, [list]; in the command's arena. */
NODISCARD enum status ddl_value(struct ddl *d, struct sql_literal **out, struct err *e);
/* [OPTIONS (name = value, …)], checked against the table; in the command's arena. */
NODISCARD enum status ddl_options(struct ddl *d, const struct sql_option *table, int count,
    struct sql_option_values *out, struct err *e);
/* Where a token stands, for a failure of the run: the text may be gone by then. */
struct ddl_place {
    int offset, line, column; /* as in struct err */
};
struct ddl_place ddl_place(const struct ddl *d, int token);
/* The failure st lies at a token. */
enum status ddl_fail(const struct ddl *d, int token, enum status st, struct err *e);
enum status ddl_near(const struct ddl *d, struct err *e);

#endif

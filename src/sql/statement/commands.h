/* commands.h - the kinds of command that lie in this folder. */
#ifndef FOVEA_SQL_STATEMENT_COMMANDS_H
#define FOVEA_SQL_STATEMENT_COMMANDS_H

#include "sql/statement/command.h"

extern const struct sql_command_kind sql_command_parameter; /* SET param_name = … */
extern const struct sql_command_kind sql_command_dataset;   /* GET THANOSQL DATASET */
extern const struct sql_command_kind sql_command_load;      /* LOAD FUNCTIONS (function/udf.c) */
extern const struct sql_command_kind sql_command_model;     /* GET THANOSQL, UPLOAD, DELETE MODEL */
extern const struct sql_command_kind sql_command_infile;    /* INSERT … FROM INFILE */
extern const struct sql_command_kind sql_command_copy;      /* COPY t FROM x */

/* INSERT INTO t [(a, …)] FORMAT name, and its data behind it: the one statement whose end tokens
 * can't tell. end 0: the text begins with another; else the bytes it takes, also when it fails. */
struct sql_inline {
    struct sql_command *command;
    size_t end;
};
NODISCARD enum status sql_inline_open(
    struct sql_session *s, const char *text, size_t bytes, struct sql_inline *out, struct err *e);

/* fovea_model_list(which), and the catalogue of data sets as functions. */
NODISCARD enum status sql_lists_add(struct sql_session *s, struct err *e);
NODISCARD enum status sql_datasets_add(struct sql_session *s, struct err *e);

#endif

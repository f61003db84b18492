/* commands.h - the kinds of command that lie in this folder. */
#ifndef FOVEA_SQL_STATEMENT_COMMANDS_H
#define FOVEA_SQL_STATEMENT_COMMANDS_H

#include "sql/command.h"

extern const struct sql_command_kind sql_command_parameter; /* SET param_name = … */
extern const struct sql_command_kind sql_command_dataset; /* GET THANOSQL DATASET */
extern const struct sql_command_kind sql_command_load;    /* LOAD FUNCTIONS (function/udf.c) */
extern const struct sql_command_kind sql_command_model;   /* GET THANOSQL, UPLOAD, DELETE MODEL */
extern const struct sql_command_kind sql_command_infile;  /* INSERT … FROM INFILE */
extern const struct sql_command_kind sql_command_copy;    /* COPY t FROM x */

/* fovea_model_list(which), and the catalogue of data sets as functions. */
NODISCARD enum status sql_lists_add(struct sql_session *s, struct err *e);
NODISCARD enum status sql_datasets_add(struct sql_session *s, struct err *e);

#endif

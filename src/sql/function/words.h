/* words.h - the words of the language as rows. */
#ifndef FOVEA_SQL_FUNCTION_WORDS_H
#define FOVEA_SQL_FUNCTION_WORDS_H

#include "sql/session.h"

/* fovea_words(). */
NODISCARD enum status sql_words_add(struct sql_session *s, struct err *e);

#endif

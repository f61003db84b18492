/* words.h - words for what pictures show, and words that say nothing, by language. */
#ifndef FOVEA_SQL_STATEMENT_WORDS_H
#define FOVEA_SQL_STATEMENT_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* "en", "ko", "ja", "zh"; ends with NULL. */
extern const char *const WORDS_LANGUAGES[];

/* Words for things, beings, places, colours and occasions; ends with NULL. NULL for a language
 * there is no list of. */
const char *const *words_of_pictures(const char *language);
/* "the", "of", 그리고, … of any language. word in lower case. */
bool words_are_stopped(const char *word, size_t bytes);

#endif

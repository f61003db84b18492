/* ignore.h - what the walk passes over: hidden names, and what a folder's .foveaignore says.
 *
 * A .foveaignore speaks as a .gitignore does (git-scm.com/docs/gitignore): a line is a pattern;
 * blank lines and lines that begin with # say nothing; a leading ! takes back what an earlier line
 * ignored; a trailing / matches folders only; a / at the start or in the middle ties the pattern to
 * the folder of the file, without one it matches the name at any depth below; * and ? stop at /, **
 * crosses it, [a-z] and [!a-z] are sets of bytes, \ takes the next byte as it is. The last line
 * that matches decides, a deeper file before a higher one. A folder that is ignored is not entered,
 * so nothing in it can be taken back. Files above the folders given to `index` are not read.
 */
#ifndef FOVEA_LIBRARY_IGNORE_H
#define FOVEA_LIBRARY_IGNORE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define IGNORE_FILE ".foveaignore"
enum { IGNORE_FILE_BYTES_MAX = 1 << 20, IGNORE_PATTERN_BYTES_MAX = 1024, IGNORE_RULES_MAX = 10000 };

struct ignore;

/* The rules of one file. base_bytes: how much of a path given to ignore_match is the folder of the
 * file and its slash. A text without rules gives NULL. Patterns over IGNORE_PATTERN_BYTES_MAX:
 * LIMIT. */
NODISCARD enum status ignore_open(
    const char *text, size_t bytes, size_t base_bytes, struct ignore **out, struct err *e);
void ignore_close(struct ignore *ig);

enum ignore_answer { IGNORE_UNSAID, IGNORE_NO, IGNORE_YES };
/* What these rules say of path. ig may be NULL. */
enum ignore_answer ignore_match(const struct ignore *ig, const char *path, bool is_dir);

/* One pattern against one text, as above; what ignore_match is made of. */
bool ignore_pattern_match(const char *pattern, size_t bytes, const char *text);

#endif

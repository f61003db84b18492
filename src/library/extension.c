/* extension.c - the entry point of fovea0.so, for `.load` of the sqlite3 shell and for any program
 * with SQLite of its own (sqlite.org/loadext.html).
 *
 * SQLite makes the entry point's name of the file's letters. The file is compiled into the
 * extension only; sql/extension.h has the rest.
 */
#include "sql/extension.h"

#include "fovea.h"
#include "library/library.h"

struct sqlite3;

FOVEA_API int sqlite3_fovea_init(
    struct sqlite3 *db, char **message, const struct sqlite3_api_routines *api);

int sqlite3_fovea_init(struct sqlite3 *db, char **message, const struct sqlite3_api_routines *api)
{
    return sql_extension_open(&(struct sql_host){.db = db,
        .message = message,
        .api = api,
        .version = FOVEA_VERSION,
        .attach = library_attach_host});
}

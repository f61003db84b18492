/* extension.h - a session inside another program's SQLite: what the loadable extension is made of.
 *
 * extension.c is compiled into the extension only, where the room's other files are compiled a
 * second time with FOVEA_EXTENSION (store/sqlite_api.h). The session lives as long as the host's
 * connection and leaves it as it was: no pragma, no progress handler, no statement kept past its
 * close.
 */
#ifndef FOVEA_SQL_EXTENSION_H
#define FOVEA_SQL_EXTENSION_H

#include "sql/session.h"

struct sqlite3_api_routines;

/* What a loadable extension's entry point is given (sqlite.org/loadext.html). */
struct sql_host {
    struct sqlite3 *db;
    char **message; /* the words of a failure, from sqlite3_malloc */
    const struct sqlite3_api_routines *api;
    const char *version;                                         /* ours; static */
    enum status (*attach)(struct sql_session *s, struct err *e); /* adds what lies above sql/ */
};

/* Opens a session on the connection; on one that has a session it does nothing. Returns the entry
 * point's result code. */
int sql_extension_open(const struct sql_host *host);

#endif

/* sqlite_api.h - the one door of SQLite's header.
 *
 * The program and the library are linked with SQLite. The extension (sql/extension.h) runs in a
 * process that has its own, and a second one there would be two opinions of one file's locks: its
 * build defines FOVEA_EXTENSION, and each call goes through the pointers the host hands over.
 */
#ifndef FOVEA_STORE_SQLITE_API_H
#define FOVEA_STORE_SQLITE_API_H

#ifdef FOVEA_EXTENSION
#include <sqlite3ext.h>
SQLITE_EXTENSION_INIT3
#else
#include <sqlite3.h>
#endif

#endif

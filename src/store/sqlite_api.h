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
/* A host's SQLite may be built without SQLITE_ENABLE_COLUMN_METADATA; then nothing is known. */
#undef sqlite3_column_database_name
#undef sqlite3_column_table_name
#undef sqlite3_column_origin_name
#define SQLITE_API_KNOWS(name, st, i) (sqlite3_api->name != NULL ? sqlite3_api->name(st, i) : NULL)
#define sqlite3_column_database_name(st, i) SQLITE_API_KNOWS(column_database_name, st, i)
#define sqlite3_column_table_name(st, i) SQLITE_API_KNOWS(column_table_name, st, i)
#define sqlite3_column_origin_name(st, i) SQLITE_API_KNOWS(column_origin_name, st, i)
#else
#include <sqlite3.h>
#endif

#endif

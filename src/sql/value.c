/* value.c - SQLite's values and results under this project's names.
 *
 * A struct sql_value is SQLite's sqlite3_value and a struct sql_result its sqlite3_context: the
 * names keep sqlite3.h behind this room's door, the pointers are the same.
 */
#include <assert.h>
#include <string.h>

#include "sql/internal.h"

static_assert(
    __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "vectors lie in the file as this machine's f32");

static sqlite3_value *of(const struct sql_value *v)
{
    return (sqlite3_value *)(uintptr_t)v;
}

static sqlite3_context *to(struct sql_result *r)
{
    return (sqlite3_context *)r;
}

enum sql_type sql_value_type(const struct sql_value *v)
{
    static const enum sql_type TYPES[] = {[SQLITE_INTEGER] = SQL_INTEGER,
        [SQLITE_FLOAT] = SQL_FLOAT,
        [SQLITE_TEXT] = SQL_TEXT,
        [SQLITE_BLOB] = SQL_BLOB,
        [SQLITE_NULL] = SQL_NULL};
    return v != NULL ? TYPES[sqlite3_value_type(of(v))] : SQL_NULL;
}

int64_t sql_value_int(const struct sql_value *v)
{
    return v != NULL ? sqlite3_value_int64(of(v)) : 0;
}

double sql_value_double(const struct sql_value *v)
{
    return v != NULL ? sqlite3_value_double(of(v)) : 0;
}

const char *sql_value_text(const struct sql_value *v)
{
    return v != NULL ? (const char *)sqlite3_value_text(of(v)) : NULL;
}

const void *sql_value_blob(const struct sql_value *v)
{
    return v != NULL ? sqlite3_value_blob(of(v)) : NULL;
}

int64_t sql_value_bytes(const struct sql_value *v)
{
    return v != NULL ? sqlite3_value_bytes(of(v)) : 0;
}

void sql_result_null(struct sql_result *r)
{
    sqlite3_result_null(to(r));
}

void sql_result_int(struct sql_result *r, int64_t v)
{
    sqlite3_result_int64(to(r), v);
}

void sql_result_double(struct sql_result *r, double v)
{
    sqlite3_result_double(to(r), v);
}

void sql_result_text(struct sql_result *r, const char *text, int64_t bytes)
{
    sqlite3_uint64 n = bytes < 0 ? strlen(text) : (sqlite3_uint64)bytes;
    sqlite3_result_text64(to(r), text, n, SQLITE_TRANSIENT, SQLITE_UTF8);
}

void sql_result_blob(struct sql_result *r, const void *data, int64_t bytes)
{
    if (bytes == 0)
        sqlite3_result_zeroblob(to(r), 0);
    else
        sqlite3_result_blob64(to(r), data, (sqlite3_uint64)bytes, SQLITE_TRANSIENT);
}

void sql_result_vector(struct sql_result *r, const float *v, int dim)
{
    sql_result_blob(r, v, (int64_t)dim * (int64_t)sizeof *v);
    sqlite3_result_subtype(to(r), SQL_SUBTYPE_VECTOR);
}

void *sql_result_kept(struct sql_result *r, int i)
{
    return sqlite3_get_auxdata((sqlite3_context *)r, i);
}

void sql_result_keep(struct sql_result *r, int i, void *data, void (*free_data)(void *))
{
    sqlite3_set_auxdata((sqlite3_context *)r, i, data, free_data);
}

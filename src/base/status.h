/* status.h - every way a call can fail, as one table.
 *
 * X(name, text, sqlite, sqlstate, http, clickhouse, milvus, exit)
 *   name        ST_name
 *   text        the word a person sees
 *   sqlite      SQLite's primary result code (sqlite.org/rescode.html)
 *   sqlstate    PostgreSQL's SQLSTATE (its Appendix A)
 *   http        HTTP status (RFC 9110)
 *   clickhouse  ClickHouse's ErrorCodes number
 *   milvus      Milvus's merr code
 *   exit        exit status of the program
 *
 * Numbers of other products stand here so that each door translates by look-up, never by a switch.
 */
#ifndef FOVEA_BASE_STATUS_H
#define FOVEA_BASE_STATUS_H

#define STATUS_TABLE(X) \
    X(OK,          "ok",                 0,  "00000", 200, 0,   0,     0) \
    X(INVALID,     "invalid value",      1,  "22023", 400, 36,  1100,  2) \
    X(SYNTAX,      "syntax error",       1,  "42601", 400, 62,  1100,  2) \
    X(NOT_FOUND,   "not found",          1,  "42704", 404, 60,  100,   2) \
    X(EXISTS,      "already exists",     1,  "42710", 409, 57,  65535, 2) \
    X(UNSUPPORTED, "not supported",      1,  "0A000", 501, 48,  65535, 2) \
    X(LIMIT,       "limit exceeded",     18, "54000", 413, 290, 65535, 2) \
    X(NO_MEMORY,   "out of memory",      7,  "53200", 503, 241, 3,     2) \
    X(IO,          "i/o error",          10, "58030", 500, 74,  1000,  2) \
    X(DISK_FULL,   "disk full",          13, "53100", 507, 243, 1000,  2) \
    X(DENIED,      "permission denied",  3,  "42501", 403, 497, 1400,  2) \
    X(READ_ONLY,   "read-only",          8,  "25006", 403, 164, 1400,  2) \
    X(CORRUPT,     "malformed data",     11, "XX001", 422, 246, 1000,  2) \
    X(BUSY,        "busy",               5,  "55P03", 503, 473, 2,     2) \
    X(CANCELLED,   "cancelled",          9,  "57014", 499, 394, 65535, 2) \
    X(TIMEOUT,     "deadline exceeded",  9,  "57014", 504, 159, 65535, 2) \
    X(NETWORK,     "network error",      10, "08006", 502, 210, 65535, 2) \
    X(CONSTRAINT,  "constraint failed",  19, "23000", 409, 469, 65535, 2) \
    X(MISMATCH,    "mismatch",           20, "42804", 400, 53,  1100,  2) \
    X(INTERNAL,    "internal error",     2,  "XX000", 500, 49,  65535, 2)

enum status {
#define X(name, ...) ST_##name,
    STATUS_TABLE(X)
#undef X
    ST_COUNT
};

struct status_row {
    const char *name;     /* "INVALID" */
    const char *text;     /* "invalid value" */
    int sqlite;
    char sqlstate[6];
    int http;
    int clickhouse;
    int milvus;
    int exit;
};

/* The row of a status. Never NULL; an unknown value gives INTERNAL's row. */
const struct status_row *status_row(enum status st);

/* The status that stands for an SQLite result code (extended codes are reduced first). */
enum status status_from_sqlite(int rc);

#endif

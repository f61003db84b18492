/* status.c - the table of status.h as data. */
#include "base/status.h"

#include <assert.h>
#include <stddef.h>

static const struct status_row ROWS[] = {
#define X(n, words, rc, state, web, ch, mv, ex) \
    [ST_##n] = {.name = #n, .text = words, .sqlite = rc, .sqlstate = state, .http = web, \
        .clickhouse = ch, .milvus = mv, .exit = ex},
    STATUS_TABLE(X)
#undef X
};
static_assert(sizeof ROWS / sizeof ROWS[0] == ST_COUNT, "a row for each status");

const struct status_row *status_row(enum status st)
{
    return (unsigned)st < ST_COUNT ? &ROWS[st] : &ROWS[ST_INTERNAL];
}

/* SQLite's codes are coarser than ours going out, so the way back is a table of its own. */
static const enum status FROM_SQLITE[] = {
    [0] = ST_OK,
    [1] = ST_INVALID,       /* ERROR: also syntax; who knows more says so */
    [2] = ST_INTERNAL,
    [3] = ST_DENIED,
    [4] = ST_CANCELLED,     /* ABORT */
    [5] = ST_BUSY,
    [6] = ST_BUSY,          /* LOCKED */
    [7] = ST_NO_MEMORY,
    [8] = ST_READ_ONLY,
    [9] = ST_CANCELLED,     /* INTERRUPT */
    [10] = ST_IO,
    [11] = ST_CORRUPT,
    [12] = ST_NOT_FOUND,
    [13] = ST_DISK_FULL,
    [14] = ST_NOT_FOUND,    /* CANTOPEN */
    [15] = ST_BUSY,         /* PROTOCOL: lock race */
    [16] = ST_INTERNAL,
    [17] = ST_BUSY,         /* SCHEMA: changed under us */
    [18] = ST_LIMIT,        /* TOOBIG */
    [19] = ST_CONSTRAINT,
    [20] = ST_MISMATCH,
    [21] = ST_INTERNAL,     /* MISUSE */
    [22] = ST_UNSUPPORTED,  /* NOLFS */
    [23] = ST_DENIED,       /* AUTH */
    [24] = ST_INTERNAL,
    [25] = ST_INVALID,      /* RANGE */
    [26] = ST_CORRUPT,      /* NOTADB */
};

enum status status_from_sqlite(int rc)
{
    size_t primary = (size_t)(rc & 0xff);
    if (primary >= 100) return ST_OK; /* ROW, DONE */
    return primary < sizeof FROM_SQLITE / sizeof FROM_SQLITE[0] ? FROM_SQLITE[primary]
                                                                : ST_INTERNAL;
}

/* internal.h - what the files of this room share about a session; no other room includes it.
 *
 * A failure inside one of SQLite's callbacks can only travel as a text and a coarse code. The words
 * and the status are kept in session.fault as well, and sql_step gives those when they are what
 * came out.
 */
#ifndef FOVEA_SQL_INTERNAL_H
#define FOVEA_SQL_INTERNAL_H

#include <stdatomic.h>

#include "sql/session.h"
#include "sql/settings.h"
#include "sql/tabfn.h"
#include "store/sqlite_api.h"

/* The subtype of a blob that one of our functions made as a vector. */
enum { SQL_SUBTYPE_VECTOR = 'v' };

struct sql_model_slot;
struct sql_step;
struct sql_stmt;
struct embed_cache;
struct sql_parameter_value;
struct udf;

/* What texts and pictures took since the session began: computed, or remembered. */
struct sql_embedded {
    uint64_t pictures, texts, remembered;
    uint64_t asked; /* pictures, whatever became of them */
    int64_t decode_us, model_us;
};

/* What a step did, counted while EXPLAIN ANALYZE runs its statement. */
struct sql_work {
    uint64_t runs, rows, query_rows, unreadable;
    int64_t us, query_us;
    struct sql_embedded embedded; /* by the step itself, not by those in its q */
    char detail[256];             /* of a nearest step: how it searched last */
};

struct sql_session {
    struct store *store;
    sqlite3 *db; /* the store's */
    struct run run;
    atomic_int cancel;
    struct err fault; /* the last failure inside a callback; ST_OK when there is none */
    bool replan;      /* a step found that the tables under it have changed since it was planned */
    int running;      /* statements between their first step and their end */
    struct sql_statistics read; /* since the first of them began */
    struct sql_embedded embedded;
    bool analyzes; /* EXPLAIN ANALYZE runs its statement: steps count what they do */
    int64_t changed; /* rows, by one that counts them itself; -1: SQLite counts */
    uint64_t steps;   /* steps planned so far: their modules' names are numbered */
    struct sql_step *step_list; /* those that are registered now */
    struct sql_stmt *kept;      /* kept.h: the one finalized last first */
    struct sql_model_slot *models;
    struct embed_cache *cache;
    sqlite3_stmt *schema_version; /* kept.c: kept prepared */
    sqlite3_stmt *vector_names; /* dialect/vectors.c: kept prepared; not on a host's connection */
    struct sql_settings settings;
    bool settings_local; /* some were SET LOCAL */
    struct sql_parameter_value *parameters; /* SET param_… */
    char *builtins; /* names of SQLite's own functions, while the session is filled */
    struct udf *udfs;    /* executable functions that are declared; SQLite owns them */
};

/* Words a failure for SQLite and keeps it whole in the session. */
void sql_fault(struct sql_session *s, sqlite3_context *ctx, const struct err *e);
/* The same for a virtual table: fills its message, gives the code to return. */
int sql_fault_vtab(struct sql_session *s, sqlite3_vtab *vtab, const struct err *e);
/* What SQLite's failure rc means: the kept fault when it is the cause, else SQLite's words.
 * e->offset is SQLite's offset in the text it was given. */
enum status sql_word(struct sql_session *s, int rc, struct err *e);

/* So many rows were read; bytes -1: how long they are isn't known. */
void sql_count_read(struct sql_session *s, uint64_t rows, int64_t bytes);

/* Registers what every session has: functions.c. */
NODISCARD enum status sql_functions_add(struct sql_session *s, struct err *e);
/* CREATE VIRTUAL TABLE temp.r USING fovea('statement'): query_table.c. */
NODISCARD enum status sql_query_table_add(struct sql_session *s, struct err *e);
/* picture_files(): files.c. */
NODISCARD enum status sql_files_add(struct sql_session *s, struct err *e);

#endif

/* vectors_internal.h - what the files behind vectors.h share.
 *
 *   vectors_table.c      what SQLite says of a table; rows as vectors
 *   vectors_catalogue.c  fovea_indexes, triggers
 *   vectors_triggers.c   the triggers that write it
 *   vectors_log.c        fovea_log: anchors, the tail, trimming; is a generation to be believed
 *   vectors_build.c      new generations; the thread in the background
 *   vectors_state.c      a column at hand: brought up, searched
 *   vectors_questions.c  fovea_questions: what was asked, and what recall it gets
 *   vectors_doctor.c     how indexes stand, sweeping
 *
 * Everything here is called inside one snapshot of the schema: vectors_hold keeps it.
 */
#ifndef FOVEA_STORE_VECTORS_INTERNAL_H
#define FOVEA_STORE_VECTORS_INTERNAL_H

#include <pthread.h>

#include "store/vectors.h"

enum {
    VECTORS_WHY_BYTES = 160,
    VECTORS_ROWS_MIN = 2000,   /* below it the rows are read: nothing would be won */
    VECTORS_TOUCHED_MIN = 500, /* as few changes cost nothing */
};
/* Drag (vec_index_drag) from which on the next generation is made in the background; beyond the
 * second the statement makes it first, and beyond the third where there is no background. */
#define VECTORS_DRAG 0.25
#define VECTORS_DRAG_EXTREME 2.0
#define VECTORS_DRAG_ALONE 0.5

/* --- a table ---------------------------------------------------------------------------------- */

struct vectors_table {
    bool found;
    const char *refused; /* why no index can be: "a view", ...; NULL */
    char name[128], column[128];
    bool has_key;    /* the rowid is an INTEGER PRIMARY KEY, and VACUUM leaves it */
    char rowid[132]; /* how SQL calls it: rowid, _rowid_, oid, or the key's name in quotes */
};
NODISCARD enum status vectors_table_read(
    struct store *s, const struct store_index *of, struct vectors_table *out, struct err *e);
/* At least that many rows. */
NODISCARD enum status vectors_table_has(
    struct store *s, const struct store_index *of, int64_t rows, bool *has, struct err *e);
/* The dimension that fovea_columns or else the first vector says; 0: neither does. */
NODISCARD enum status vectors_table_dim(
    struct store *s, const struct store_index *of, bool *declared, int *dim, struct err *e);

/* Whether the name fits; names are cut nowhere else. */
bool vectors_name_set(char *out, size_t bytes, const char *name);

/* Column i of the row at hand as a vector. words (of a bad one): "has 3 dimensions, not 512". */
enum vectors_value { VECTORS_NONE, VECTORS_VECTOR, VECTORS_BAD };
enum vectors_value vectors_value_read(
    struct store_stmt *st, int i, int dim, float *out, char words[VECTORS_WHY_BYTES]);
/* SELECT column FROM table WHERE rowid = ?1 */
NODISCARD enum status vectors_row_prepare(struct store *s, const struct store_index *of,
    const struct vectors_table *t, struct store_stmt **out, struct err *e);

/* Keeps the snapshot of a schema from one statement to the next; zero it at first. */
struct vectors_hold {
    struct store_stmt *st; /* NULL: none was needed yet */
    bool held;             /* by st; else by a statement or transaction under way */
    int64_t version;       /* the schema's, when held */
};
NODISCARD enum status vectors_hold_begin(
    struct vectors_hold *h, struct store *s, const char *schema, struct err *e);
/* The schema's version, held or not. */
NODISCARD enum status vectors_hold_version(
    struct vectors_hold *h, struct store *s, const char *schema, int64_t *out, struct err *e);
void vectors_hold_end(struct vectors_hold *h);
void vectors_hold_deinit(struct vectors_hold *h);

NODISCARD enum status vectors_int(
    struct store *s, int64_t *out, struct err *e, const char *fmt, ...);

/* --- triggers --------------------------------------------------------------------------------- */

enum { VECTORS_EVENTS = 3 };
struct vectors_trigger {
    int64_t ix;
    int event; /* insert, update, delete */
    char *table, *sql;
};
/* Of all indexes of a schema, as sqlite_schema has them. */
struct vectors_triggers {
    struct vectors_trigger *at;
    size_t count;
    bool catalogue; /* fovea_indexes and fovea_log are there */
    bool questions; /* fovea_questions is */
};
/* out: to be deinited in any case. */
NODISCARD enum status vectors_triggers_read(
    struct store *s, const char *schema, struct vectors_triggers *out, struct err *e);
void vectors_triggers_deinit(struct vectors_triggers *t);
/* What table and column are called now; as they are where no trigger tells. */
void vectors_triggers_names(const struct vectors_triggers *all, struct store_index *ix);
/* Are the index's triggers there, with exactly our text? */
NODISCARD enum status vectors_triggers_match(const struct vectors_triggers *all,
    const struct store_index *ix, const struct vectors_table *t, bool *right, struct err *e);
NODISCARD enum status vectors_triggers_check(struct store *s, const struct store_index *ix,
    const struct vectors_table *t, bool *right, struct err *e);
/* Drops and makes them. */
NODISCARD enum status vectors_triggers_make(
    struct store *s, const struct store_index *ix, const struct vectors_table *t, struct err *e);
void vectors_triggers_drop_sql(const struct store_index *ix, struct buf *sql);
/* Runs sql, and deinits it. */
NODISCARD enum status vectors_run(struct store *s, struct buf *sql, struct err *e);

/* --- the catalogue ---------------------------------------------------------------------------- */

struct vectors_indexes {
    struct store_index *at;
    size_t count;
};
NODISCARD enum status vectors_catalogue_read(
    struct store *s, const char *schema, struct store_index **out, size_t *count, struct err *e);
/* The index for searches of a column under a metric; a graph before codes. out->ix 0: none.
 * triggers (NULL: not wanted): those of the schema, to be deinited in any case. */
NODISCARD enum status vectors_catalogue_find(struct store *s, const struct store_vectors_ask *ask,
    struct vectors_triggers *triggers, struct store_index *out, struct err *e);
/* By id. out->ix 0: none. */
NODISCARD enum status vectors_catalogue_get(
    struct store *s, const char *schema, int64_t ix, struct store_index *out, struct err *e);
/* Triggers anew, an anchor in the log, another nonce: what was known of the index is forgotten. In
 * a transaction. */
NODISCARD enum status vectors_anchor(
    struct store *s, struct store_index *ix, const struct vectors_table *t, struct err *e);

/* --- the log ---------------------------------------------------------------------------------- */

struct vectors_place { /* a row of the log */
    int64_t seq, nonce;
};
NODISCARD enum status vectors_log_prepare(
    struct store *s, const char *schema, struct store_stmt **out, struct err *e);
/* Rowids logged after *at, ascending, each once; *at moves to the last of them. tail->there false:
 * the row *at is not in the log, and nothing was read. mem_free tail->rids. */
struct vectors_tail {
    bool there;
    int64_t *rids;
    size_t count, capacity;
};
NODISCARD enum status vectors_log_read(struct store_stmt *log, int64_t ix, struct vectors_place *at,
    struct vectors_tail *tail, struct err *e);
NODISCARD enum status vectors_log_last(
    struct store *s, const struct store_index *ix, struct vectors_place *out, struct err *e);
/* Removes what no generation needs; keeps the row of place and what follows. */
NODISCARD enum status vectors_log_trim(struct store *s, const struct store_index *ix,
    const struct vectors_place *place, struct err *e);

/* --- generations ------------------------------------------------------------------------------ */

/* What a snapshot says of an index: to judge and to build by. */
struct vectors_view {
    struct store *store;
    struct store_index index;
    struct vectors_table table;
    int64_t schema_version;
    char *dir; /* NULL: in memory */
};
NODISCARD enum status vectors_view_open(
    struct vectors_view *v, struct store *s, const struct store_index *ix, struct err *e);
void vectors_view_close(struct vectors_view *v);
/* "<file>-vec" of the index's schema, mem_free it; *out NULL: in memory. */
NODISCARD enum status vectors_dir(struct store *s, const char *schema, char **out, struct err *e);

/* The newest generation that can be believed, and what was touched since. */
struct vectors_found {
    struct vec_generation *g; /* NULL: none, and why says why */
    struct vectors_place at;
    struct vectors_tail tail;
    bool newer; /* there is one that this snapshot may be too old for */
    char why[VECTORS_WHY_BYTES];
};
NODISCARD enum status vectors_find(
    const struct vectors_view *v, struct store_stmt *log, struct vectors_found *out, struct err *e);
void vectors_found_deinit(struct vectors_found *f);
/* Is g this index's, of this table, and its place in the log? Then the tail behind it is read. */
NODISCARD enum status vectors_judge(const struct vectors_view *v, struct store_stmt *log,
    const struct vec_generation *g, struct vectors_found *out, struct err *e);

/* Rows that hold no vector of the dimension; while there are any, SQL reads the rows. */
enum { VECTORS_BAD_MAX = 16 };
struct vectors_bad {
    int count;
    bool more; /* than fit: known anew only by reading all */
    int64_t rids[VECTORS_BAD_MAX];
    char words[VECTORS_WHY_BYTES];
};
/* Reads the touched rows and says to state what became of them. vector: room for one. */
struct vectors_reader {
    const struct vectors_view *view;
    struct store_stmt *row; /* vectors_row_prepare */
    float *vector;
    struct vectors_bad *bad;
};
NODISCARD enum status vectors_load(struct vec_index *state, const struct vectors_reader *r,
    const struct vectors_tail *tail, struct err *e);

struct vectors_build {
    bool full;                        /* from the rows, whatever stands */
    bool force;                       /* a new one although nothing changed */
    bool graph;                       /* with a graph, when the metric can have one */
    const struct vec_generation *old; /* in memory: the one at hand */
    const struct run *run;
};
/* Makes a generation (and a graph) of the snapshot's rows, trims and sweeps. *out may be NULL when
 * a file needs no opening. Errors: INVALID (a row holds no vector; *bad is its rowid), BUSY. */
NODISCARD enum status vectors_make(const struct vectors_view *v, const struct vectors_build *how,
    struct vec_generation **out, int64_t *bad, struct err *e);

/* --- questions -------------------------------------------------------------------------------- */

enum { VECTORS_QUESTIONS = 16 }; /* that a connection remembers */
struct vectors_questions {
    float *at; /* VECTORS_QUESTIONS x dim; NULL: none yet */
    uint32_t count;
    uint64_t seen;
    int64_t after_ms; /* before it the background is not asked to write them */
};
void vectors_questions_drop(struct vectors_questions *q);
/* Writes what chance wants of them, in a transaction of its own. */
void vectors_questions_write(
    struct store *s, const struct store_index *ix, const struct vectors_questions *q);
/* The calibration that kept questions gave a generation; false: none. */
bool vectors_questions_read(
    struct store *s, const struct store_index *ix, uint64_t set_id, struct vec_calibration *out);
/* Makes it, when there are enough questions for a better one than there is. What fails is tried
 * another time. */
void vectors_questions_calibrate(
    const struct vectors_view *v, const struct vec_generation *g, const struct run *run);

/* --- the thread in the background ------------------------------------------------------------- */

struct vectors_job;
/* questions NULL: the next generation (full: from the rows). Else they are copied, written, and the
 * calibration is made. NULL: it can't be. */
struct vectors_job *vectors_job_start(
    const struct vectors_view *v, bool full, const struct vectors_questions *questions);
bool vectors_job_done(const struct vectors_job *j);
/* Waits; cancel: asks it to stop first. */
struct vectors_job_end {
    uint64_t number; /* of the generation that stands now; 0: it failed */
    bool has_graph;
};
struct vectors_job_end vectors_job_end(struct vectors_job *j, bool cancel);

/* Says to state which of old's rows the table has no more, by a look at each rowid. *around: a row
 * is there that neither old nor tail (NULL: not asked) knows. */
struct vectors_diff {
    const struct vectors_view *view;
    const struct vec_generation *old;
    const struct vectors_tail *tail;
    struct vec_index *state;
};
NODISCARD enum status vectors_reconcile(const struct vectors_diff *x, bool *around, struct err *e);

/* --- the store's columns ---------------------------------------------------------------------- */

NODISCARD enum status vectors_forget(struct store *s, const struct store_index *ix, struct err *e);
/* Triggers and anchor anew, in a transaction of its own. */
NODISCARD enum status vectors_heal(struct store *s, struct store_index *ix, struct err *e);
/* In memory: the generation at hand of an index; NULL: none. */
struct vec_generation *vectors_at_hand(struct store *s, const struct store_index *ix);
/* ... and another in its place; it is taken. */
NODISCARD enum status vectors_put(
    struct store *s, const struct store_index *ix, struct vec_generation *g, struct err *e);
/* The background's work on any index is waited for, or stopped. */
void vectors_settle(struct store *s, bool cancel);
/* What is at hand of an index is closed: it was made or dropped by this connection. */
void vectors_close_index(struct store *s, const struct store_index *ix);

#endif

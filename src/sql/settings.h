/* settings.h - what can be set: for the session (SET), for a transaction (SET LOCAL), for one
 * statement (SETTINGS at its end).
 *
 * A setting is a row. Its other names are those of ClickHouse and pgvector, with their ranges; what
 * of theirs means nothing here is taken and kept, so that their scripts run, and says so.
 */
#ifndef FOVEA_SQL_SETTINGS_H
#define FOVEA_SQL_SETTINGS_H

#include <stdbool.h>

#include "base/err.h"
#include "sql/text/scan.h"

struct sql_session;

enum sql_setting_id {
    SETTING_EF_SEARCH,
    SETTING_RECALL_TARGET,
    SETTING_EXACT,
    SETTING_MEMORY,
    SETTING_THREADS,
    SETTING_ITERATIVE_SCAN,
    SETTING_MAX_SCAN_TUPLES,
    SETTING_SCAN_MEM_MULTIPLIER,
    SETTING_PROBES,
    SETTING_MAX_LIMIT,
    SETTING_RESCORING,
    SETTING_FILTER_STRATEGY,
    SETTING_FETCH_MULTIPLIER,
    SETTING_MUTATIONS_SYNC,
    SETTING_EXPERIMENTAL,
    SETTING_DIALECT, /* of ThanoSQL: 0 A, 1 B, 2 C */
    SETTING_MODEL,   /* a text: sql_setting_model; its number says whether it is set */
    SETTING_COUNT
};

enum { SETTINGS_OF_STATEMENT_MAX = 16, SETTING_TEXT_BYTES = 256 };

struct sql_settings {
    double value[SETTING_COUNT];
    double before[SETTING_COUNT]; /* of those a transaction set for itself */
    bool local[SETTING_COUNT];
    char model[SETTING_TEXT_BYTES], model_before[SETTING_TEXT_BYTES];
};

/* SETTINGS of a statement: over the session's. */
struct sql_overlay {
    int count;
    enum sql_setting_id id[SETTINGS_OF_STATEMENT_MAX];
    double value[SETTINGS_OF_STATEMENT_MAX];
    char model[SETTING_TEXT_BYTES];
    int model_at; /* its token */
};

void sql_settings_init(struct sql_settings *s);
/* A value as it is now: the statement's, the transaction's, the session's. overlay may be NULL. */
double sql_setting(
    struct sql_session *s, const struct sql_overlay *overlay, enum sql_setting_id id);
/* The same of the model for functions that name none; "": none is set. Valid until it is set. */
const char *sql_setting_model(struct sql_session *s, const struct sql_overlay *overlay);
/* Reads name = value, … from a token on, up to the scan's last. Errors: INVALID with the place. */
NODISCARD enum status sql_overlay_read(
    const struct sql_scan *scan, int first, struct sql_overlay *out, struct err *e);

/* Those at the statement's end, when there are any. Errors also: NOT_FOUND (no such model). */
NODISCARD enum status sql_overlay_take(
    struct sql_session *s, const struct sql_scan *scan, struct sql_overlay *out, struct err *e);

/* SET [SESSION | LOCAL] name {= | TO} {value | DEFAULT}, RESET {name | ALL}, checked. */
struct sql_set {
    int id; /* -1: all */
    bool local, reset;
    double value;
    char text[SETTING_TEXT_BYTES];
    int at; /* the value's token */
};
NODISCARD enum status sql_set_parse(
    struct sql_session *s, const struct sql_scan *scan, struct sql_set *out, struct err *e);
void sql_set_run(struct sql_session *s, const struct sql_set *set);
/* SHOW {name | ALL} as SQL; mem_free it. */
NODISCARD enum status sql_show_parse(const struct sql_scan *scan, char **out, struct err *e);

/* fovea_settings() */
NODISCARD enum status sql_settings_add(struct sql_session *s, struct err *e);

#endif

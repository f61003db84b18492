/* vectors_table.c - what SQLite says of a table, and its rows as vectors.
 *
 * A rowid that is an INTEGER PRIMARY KEY stays a row's for life. Without one VACUUM may number the
 * rows anew, and the rowid is called by whichever of its three names no column has taken.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "store/vectors_internal.h"

bool vectors_name_set(char *out, size_t bytes, const char *name)
{
    size_t n = strlen(name);
    if (n >= bytes) return false;
    memcpy(out, name, n + 1);
    return true;
}

enum status vectors_int(struct store *s, int64_t *out, struct err *e, const char *fmt, ...)
{
    struct buf sql;
    struct store_stmt *st = NULL;
    bool row = false;
    va_list args;
    *out = 0;
    buf_init(&sql);
    va_start(args, fmt);
    store_vsql(&sql, fmt, args);
    va_end(args);
    enum status rc = buf_check(&sql, e);
    if (rc == ST_OK) rc = store_prepare(s, sql.data, &st, e);
    if (rc == ST_OK) rc = store_step(st, &row, e);
    if (rc == ST_OK && row) *out = store_int(st, 0);
    store_finalize(st);
    buf_deinit(&sql);
    return rc;
}

/* --- the table -----------------------------------------------------------------------------------
 */

static enum status read_kind(
    struct store *s, const struct store_index *of, struct vectors_table *t, struct err *e)
{
    struct store_stmt *st;
    bool row = false;
    enum status rc =
        store_preparef(s, &st, e, "PRAGMA \"%w\".table_list(\"%w\")", of->schema, of->table);
    if (rc == ST_OK) rc = store_step(st, &row, e);
    if (rc == ST_OK && row) {
        const char *name = store_text(st, 1), *type = store_text(st, 2);
        t->found = true;
        if (strcmp(type, "table") != 0)
            t->refused = strcmp(type, "view") == 0 ? "it is a view" : "it is a virtual table";
        else if (store_int(st, 4) != 0)
            t->refused = "it is WITHOUT ROWID";
        else if (strncasecmp(name, "fovea_", 6) == 0 || strncasecmp(name, "sqlite_", 7) == 0)
            t->refused = "it is a table of the house";
        else if (!vectors_name_set(t->name, sizeof t->name, name))
            t->refused = "its name is too long";
    }
    store_finalize(st);
    return rc;
}

struct columns {
    bool taken[3]; /* rowid, _rowid_, oid are columns */
    int keys;      /* columns of the primary key */
    char key[128]; /* when there is one and it is INTEGER */
};
static const char *const ROWIDS[3] = {"rowid", "_rowid_", "oid"};

static void read_column(
    struct store_stmt *st, const char *want, struct vectors_table *t, struct columns *c)
{
    const char *name = store_text(st, 1), *type = store_text(st, 2);
    if (name == NULL || type == NULL) return;
    for (int i = 0; i < 3; i++) c->taken[i] |= strcasecmp(name, ROWIDS[i]) == 0;
    if (strcasecmp(name, want) == 0 && !vectors_name_set(t->column, sizeof t->column, name))
        t->refused = "a column's name is too long";
    if (store_int(st, 5) == 0) return;
    c->keys++;
    if (strcasecmp(type, "INTEGER") == 0 && !vectors_name_set(c->key, sizeof c->key, name))
        t->refused = "a column's name is too long";
}

static enum status key_is_indexed(
    struct store *s, const struct store_index *of, bool *indexed, struct err *e)
{
    struct store_stmt *st;
    bool row = true;
    *indexed = false;
    enum status rc =
        store_preparef(s, &st, e, "PRAGMA \"%w\".index_list(\"%w\")", of->schema, of->table);
    while (rc == ST_OK && row) {
        rc = store_step(st, &row, e);
        const char *origin = rc == ST_OK && row ? store_text(st, 3) : NULL;
        *indexed |= origin != NULL && strcmp(origin, "pk") == 0;
    }
    store_finalize(st);
    return rc;
}

static enum status read_columns(
    struct store *s, const struct store_index *of, struct vectors_table *t, struct err *e)
{
    struct store_stmt *st;
    struct columns c = {.keys = 0};
    bool row = true;
    enum status rc =
        store_preparef(s, &st, e, "PRAGMA \"%w\".table_xinfo(\"%w\")", of->schema, of->table);
    while (rc == ST_OK && row) {
        rc = store_step(st, &row, e);
        if (rc == ST_OK && row) read_column(st, of->column, t, &c);
    }
    store_finalize(st);
    /* INTEGER PRIMARY KEY DESC is no rowid: it has an index. */
    bool indexed = true;
    if (rc == ST_OK && c.keys == 1 && c.key[0] != '\0') rc = key_is_indexed(s, of, &indexed, e);
    if (rc != ST_OK) return rc;
    t->has_key = !indexed;
    struct buf key;
    buf_init(&key);
    if (t->has_key) store_sql(&key, "\"%w\"", c.key);
    int free_name = 0;
    while (free_name < 3 && c.taken[free_name]) free_name++;
    if (!t->has_key && free_name == 3) t->refused = "its rowid has no name left";
    const char *rowid = t->has_key ? key.data : ROWIDS[free_name % 3];
    if (!key.failed && !vectors_name_set(t->rowid, sizeof t->rowid, rowid))
        t->refused = "a column's name is too long";
    rc = buf_check(&key, e);
    buf_deinit(&key);
    return rc;
}

enum status vectors_table_read(
    struct store *s, const struct store_index *of, struct vectors_table *out, struct err *e)
{
    *out = (struct vectors_table){.found = false};
    if (strcasecmp(of->schema, "temp") == 0) {
        out->refused = "it is temporary";
        return ST_OK;
    }
    enum status rc = read_kind(s, of, out, e);
    if (rc == ST_OK && out->found && out->refused == NULL) rc = read_columns(s, of, out, e);
    return rc;
}

enum status vectors_table_has(
    struct store *s, const struct store_index *of, int64_t rows, bool *has, struct err *e)
{
    int64_t one;
    enum status rc = vectors_int(s, &one, e, "SELECT 1 FROM \"%w\".\"%w\" LIMIT 1 OFFSET %lld",
        of->schema, of->table, (long long)(rows - 1));
    *has = one == 1;
    return rc;
}

/* pgvector's types: "vector(24)" gives 25, "vector" of any dimension 1, another 0. */
static enum status declared_type(
    struct store *s, const struct store_index *of, int64_t *out, struct err *e)
{
    return vectors_int(s, out, e,
        "SELECT CASE WHEN t='vector' THEN 1 WHEN t GLOB 'vector(*)'"
        " THEN 1+CAST(substr(t,8) AS INTEGER) ELSE 0 END FROM"
        " (SELECT replace(lower(type),' ','') AS t FROM pragma_table_xinfo(%Q,%Q)"
        " WHERE name=%Q COLLATE NOCASE)",
        of->table, of->schema, of->column);
}

enum status vectors_table_dim(
    struct store *s, const struct store_index *of, bool *declared, int *dim, struct err *e)
{
    int64_t there, typed = 0, n = 0;
    *declared = false;
    *dim = 0;
    enum status rc = vectors_int(s, &there, e,
        "SELECT 1 FROM \"%w\".sqlite_schema WHERE type='table' AND name='fovea_columns'",
        of->schema);
    if (rc == ST_OK && there == 1)
        rc = vectors_int(s, &n, e, "SELECT dim FROM \"%w\".fovea_columns WHERE tbl=%Q AND col=%Q",
            of->schema, of->table, of->column);
    if (rc == ST_OK && n <= 0) rc = declared_type(s, of, &typed, e);
    if (typed > 0) n = typed - 1;
    *declared = rc == ST_OK && (n > 0 || typed > 0);
    if (rc == ST_OK && n <= 0)
        rc = vectors_int(s, &n, e,
            "SELECT length(\"%w\")/4 FROM \"%w\".\"%w\" WHERE typeof(\"%w\")='blob'"
            " AND length(\"%w\")%%4=0 LIMIT 1",
            of->column, of->schema, of->table, of->column, of->column);
    if (rc == ST_OK && n > 0 && n <= LIMIT_VECTOR_DIM) *dim = (int)n;
    return rc;
}

/* --- rows ----------------------------------------------------------------------------------------
 */

static int first_unfinite(const float *v, int dim)
{
    uint32_t bits;
    for (int i = 0; i < dim; i++) {
        memcpy(&bits, &v[i], sizeof bits);
        if ((bits & 0x7f800000u) == 0x7f800000u) return i;
    }
    return -1;
}

enum vectors_value vectors_value_read(
    struct store_stmt *st, int i, int dim, float *out, char words[VECTORS_WHY_BYTES])
{
    if (store_is_null(st, i)) return VECTORS_NONE;
    const void *blob = store_is_blob(st, i) ? store_blob(st, i) : NULL;
    int bytes = blob != NULL ? store_bytes(st, i) : 0;
    if (!store_is_blob(st, i)) {
        snprintf(words, VECTORS_WHY_BYTES, "holds no blob");
        return VECTORS_BAD;
    }
    if (bytes != dim * (int)sizeof(float)) {
        if (bytes % (int)sizeof(float) != 0 || bytes == 0)
            snprintf(words, VECTORS_WHY_BYTES, "has a blob of %d bytes, no vector", bytes);
        else
            snprintf(words, VECTORS_WHY_BYTES, "has %d dimensions, not %d", bytes / 4, dim);
        return VECTORS_BAD;
    }
    memcpy(out, blob, (size_t)bytes);
    int bad = first_unfinite(out, dim);
    if (bad < 0) return VECTORS_VECTOR;
    snprintf(words, VECTORS_WHY_BYTES, "is %s in dimension %d",
        isnan(out[bad]) ? "not a number" : "infinite", bad + 1);
    return VECTORS_BAD;
}

enum status vectors_row_prepare(struct store *s, const struct store_index *of,
    const struct vectors_table *t, struct store_stmt **out, struct err *e)
{
    return store_preparef(s, out, e, "SELECT \"%w\" FROM \"%w\".\"%w\" WHERE %s=?1", of->column,
        of->schema, of->table, t->rowid);
}

/* --- the snapshot --------------------------------------------------------------------------------
 */

/* Until it is reset, the statement keeps the snapshot whose version it read. */
static enum status read_version(
    struct vectors_hold *h, struct store *s, const char *schema, struct err *e)
{
    bool row = false;
    enum status rc = ST_OK;
    if (h->st == NULL) rc = store_preparef(s, &h->st, e, "PRAGMA \"%w\".schema_version", schema);
    if (rc == ST_OK) rc = store_step(h->st, &row, e);
    h->held = rc == ST_OK && row;
    h->version = h->held ? store_int(h->st, 0) : 0;
    return rc;
}

enum status vectors_hold_begin(
    struct vectors_hold *h, struct store *s, const char *schema, struct err *e)
{
    h->held = false;
    if (store_schema_hold(s, schema) != STORE_HOLDS_NOTHING) return ST_OK;
    return read_version(h, s, schema, e);
}

enum status vectors_hold_version(
    struct vectors_hold *h, struct store *s, const char *schema, int64_t *out, struct err *e)
{
    enum status rc = ST_OK;
    if (!h->held) {
        rc = read_version(h, s, schema, e);
        vectors_hold_end(h);
    }
    *out = h->version;
    return rc;
}

void vectors_hold_end(struct vectors_hold *h)
{
    if (h->st != NULL) store_reset(h->st);
    h->held = false;
}

void vectors_hold_deinit(struct vectors_hold *h)
{
    store_finalize(h->st);
    h->st = NULL;
}

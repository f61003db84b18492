/* udf.c - executable functions as SQL functions: values to a TabSeparated line, the answer's line
 * to a value.
 */
#include "sql/function/udf.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "sql/function/vector.h"
#include "sql/internal.h"
#include "sql/statement/commands.h"
#include "sql/statement/ddl.h"
#include "table/array.h"
#include "table/number.h"

/* What SQLite keeps of one. */
struct bound {
    struct sql_session *session;
    struct udf *udf;
};

/* --- TabSeparated ----------------------------------------------------------------------------- */

/* Byte and the letter that stands behind its backslash. */
static const char ESCAPES[][2] = {{'\b', 'b'}, {'\f', 'f'}, {'\r', 'r'}, {'\n', 'n'}, {'\t', 't'},
    {'\0', '0'}, {'\'', '\''}, {'\\', '\\'}};
enum { ESCAPE_COUNT = sizeof ESCAPES / sizeof ESCAPES[0] };

static void add_escaped(struct buf *out, const char *s, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        char letter = '\0';
        for (int k = 0; k < ESCAPE_COUNT; k++)
            if (ESCAPES[k][0] == s[i]) letter = ESCAPES[k][1];
        if (letter != '\0') buf_add_char(out, '\\');
        buf_add_char(out, letter != '\0' ? letter : s[i]);
    }
}

static void add_unescaped(struct buf *out, const char *s, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        char byte = s[i];
        if (byte == '\\' && i + 1 < bytes) {
            byte = s[++i];
            for (int k = 0; k < ESCAPE_COUNT; k++)
                if (ESCAPES[k][1] == s[i]) byte = ESCAPES[k][0];
        }
        buf_add_char(out, byte);
    }
}

static enum status add_vector(
    const struct udf *u, sqlite3_value *v, struct buf *line, struct err *e)
{
    struct vector_arg a;
    char what[256];
    snprintf(what, sizeof what, "%s()", u->name);
    enum status st = vector_arg_init(&a, (const struct sql_value *)v, what, e);
    if (st != ST_OK) return st;
    vector_print(a.v, a.dim, line);
    vector_arg_deinit(&a);
    return ST_OK;
}

static enum status add_arg(
    const struct udf *u, int i, sqlite3_value *v, struct buf *line, struct err *e)
{
    int type = sqlite3_value_type(v);
    if (i > 0) buf_add_char(line, '\t');
    if (type == SQLITE_NULL) {
        buf_add_str(line, "\\N");
        return ST_OK;
    }
    if (u->args[i] == UDF_VECTOR) return add_vector(u, v, line, e);
    const char *text = (const char *)sqlite3_value_text(v);
    size_t bytes = (size_t)sqlite3_value_bytes(v);
    int64_t integer;
    double real;
    if (text == NULL) return mem_err(e, bytes);
    bool fits = u->args[i] == UDF_STRING ||
        (u->args[i] == UDF_INT ? number_int(text, bytes, &integer)
                               : number_real(text, bytes, &real));
    if (!fits)
        return err_set(e, ST_INVALID, "argument %d of %s() is %s, not \"%.60s\"", i + 1, u->name,
            u->args[i] == UDF_INT ? "a whole number" : "a number", text);
    add_escaped(line, text, bytes);
    return ST_OK;
}

/* --- the answer ------------------------------------------------------------------------------- */

static enum status no_value(const struct udf *u, const char *s, size_t bytes, struct err *e)
{
    return err_set(e, ST_INVALID, "%s() printed \"%.*s\", which is no %s", u->name,
        bytes > 80 ? 80 : (int)bytes, s, u->returns_text);
}

static enum status result_vector(
    const struct udf *u, sqlite3_context *ctx, const char *s, size_t bytes, struct err *e)
{
    int dim = array_count(s, bytes);
    if (dim <= 0) return no_value(u, s, bytes, e);
    if (dim > LIMIT_VECTOR_DIM)
        return err_set(e, ST_LIMIT, "%s() printed a vector of %d numbers; %d at most", u->name, dim,
            LIMIT_VECTOR_DIM);
    float *v = mem_alloc((size_t)dim * sizeof *v);
    if (v == NULL) return mem_err(e, (size_t)dim * sizeof *v);
    array_read(s, bytes, v, dim);
    sql_result_vector((struct sql_result *)ctx, v, dim);
    mem_free(v);
    return ST_OK;
}

static enum status result_text(sqlite3_context *ctx, const char *s, size_t bytes, struct err *e)
{
    struct buf text;
    buf_init(&text);
    add_unescaped(&text, s, bytes);
    enum status st = buf_check(&text, e);
    if (st == ST_OK)
        sqlite3_result_text64(
            ctx, text.data != NULL ? text.data : "", text.bytes, SQLITE_TRANSIENT, SQLITE_UTF8);
    buf_deinit(&text);
    return st;
}

static enum status result(
    const struct udf *u, sqlite3_context *ctx, const struct buf *answer, struct err *e)
{
    const char *s = answer->data != NULL ? answer->data : "";
    size_t bytes = answer->bytes;
    int64_t integer;
    double real;
    if (bytes > 0 && s[bytes - 1] == '\r') bytes--;
    if (bytes == 2 && memcmp(s, "\\N", 2) == 0) {
        sqlite3_result_null(ctx);
        return ST_OK;
    }
    if (u->returns == UDF_STRING) return result_text(ctx, s, bytes, e);
    array_trim(&s, &bytes);
    if (u->returns == UDF_VECTOR) return result_vector(u, ctx, s, bytes, e);
    if (u->returns == UDF_INT && number_int(s, bytes, &integer))
        sqlite3_result_int64(ctx, integer);
    else if (u->returns == UDF_FLOAT && number_real(s, bytes, &real))
        sqlite3_result_double(ctx, real);
    else
        return no_value(u, s, bytes, e);
    return ST_OK;
}

/* --- calls ------------------------------------------------------------------------------------ */

static enum status call(
    struct bound *b, sqlite3_context *ctx, int argc, sqlite3_value **argv, struct err *e)
{
    struct udf *u = b->udf;
    struct buf line, answer;
    if (argc != u->arg_count)
        return err_set(e, ST_INVALID, "%s() takes %d arguments, not %d (%s)", u->name, u->arg_count,
            argc, u->file);
    buf_init(&line);
    buf_init(&answer);
    enum status st = ST_OK;
    for (int i = 0; st == ST_OK && i < argc; i++) st = add_arg(u, i, argv[i], &line, e);
    if (st == ST_OK) st = buf_check(&line, e);
    if (st == ST_OK) st = udf_process_call(u, &b->session->run, &line, &answer, e);
    if (st == ST_OK) st = result(u, ctx, &answer, e);
    buf_deinit(&line);
    buf_deinit(&answer);
    return st;
}

static void udf_call(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    struct bound *b = sqlite3_user_data(ctx);
    struct err e = ERR_INIT;
    if (call(b, ctx, argc, argv, &e) != ST_OK) sql_fault(b->session, ctx, &e);
}

/* The session forgets it when SQLite does: at its end, or when another takes the name. */
static void bound_close(void *data)
{
    struct bound *b = data;
    struct udf **at = &b->session->udfs;
    while (*at != NULL && *at != b->udf) at = &(*at)->next;
    if (*at != NULL) *at = b->udf->next;
    udf_close(b->udf);
    mem_free(b);
}

/* u is taken over. One that gives the same for the same is worked out once a statement. */
static enum status declare(struct sql_session *s, struct udf *u, struct err *e)
{
    struct bound *b = mem_zalloc(1, sizeof *b);
    u->next = NULL;
    if (b == NULL) {
        udf_close(u);
        return mem_err(e, sizeof *b);
    }
    *b = (struct bound){s, u};
    int rc = sqlite3_create_function_v2(s->db, u->name, -1,
        SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, b, udf_call, NULL, NULL,
        bound_close);
    if (rc != SQLITE_OK) return sql_word(s, rc, e); /* SQLite closed b */
    u->next = s->udfs;
    s->udfs = u;
    return ST_OK;
}

bool sql_udf_has(const struct sql_session *s, const char *name, int bytes)
{
    for (const struct udf *u = s->udfs; u != NULL; u = u->next)
        if (strlen(u->name) == (size_t)bytes && strncasecmp(u->name, name, (size_t)bytes) == 0)
            return true;
    return false;
}

static enum status load_file(struct sql_session *s, const char *path, int *count, struct err *e)
{
    struct udf *list = NULL;
    enum status st = udf_read(path, &list, e);
    while (list != NULL) {
        struct udf *u = list;
        list = u->next;
        if (st != ST_OK) {
            udf_close(u);
            continue;
        }
        st = declare(s, u, e);
        *count += st == ST_OK;
    }
    return st;
}

enum status sql_udf_load(struct sql_session *s, const char *pattern, int *count, struct err *e)
{
    glob_t found;
    enum status st = ST_OK;
    *count = 0;
    int rc = glob(pattern, GLOB_BRACE | GLOB_TILDE, NULL, &found);
    if (rc == GLOB_NOSPACE) return mem_err(e, 0);
    if (rc != 0)
        return err_set(
            e, ST_NOT_FOUND, "no file matches %s (functions are declared in XML)", pattern);
    for (size_t i = 0; st == ST_OK && i < found.gl_pathc; i++)
        st = load_file(s, found.gl_pathv[i], count, e);
    globfree(&found);
    return st;
}

/* --- LOAD FUNCTIONS FROM 'pattern' -------------------------------------------------------------
 */

static bool is_load(struct sql_session *s, const struct sql_scan *scan)
{
    (void)s;
    return ddl_spells(scan, 0, "LOAD") && ddl_spells(scan, 1, "FUNCTIONS");
}

static enum status read_load(struct ddl *d, struct err *e)
{
    struct sql_literal *v;
    d->usage = "LOAD FUNCTIONS FROM 'DIR/*_function.xml'";
    d->at = 2;
    enum status st = ddl_expect_word(d, "FROM", e);
    if (st == ST_OK) st = ddl_value(d, &v, e);
    if (st != ST_OK) return st;
    if (v->kind != LITERAL_TEXT) return ddl_near(d, e);
    d->command->data = v->text;
    return ST_OK;
}

static enum status run_load(struct sql_session *s, const struct sql_command *c, struct err *e)
{
    int count;
    return sql_udf_load(s, c->data, &count, e);
}

const struct sql_command_kind sql_command_load = {
    .is = is_load, .read = read_load, .run = run_load};

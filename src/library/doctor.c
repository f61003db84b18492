/* doctor.c - fovea_doctor(): what this program runs on and whether the library's file is well.
 *
 * A check is a row of CHECKS; each adds lines of (check, status, detail). Status is 'ok', 'note'
 * (worth knowing) or 'bad' (something to mend). Libraries are told as the loader mapped them: their
 * file's name holds the version, and no door needs to be opened for it.
 */
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "base/file.h"
#include "base/mem.h"
#include "fovea.h"
#include "library/doctor_parts.h"
#include "library/options.h"
#include "library/tables.h"
#include "model/registry.h"
#include "simd/cpu.h"

enum status doctor_line(struct exam *x, const char *check, const char *status, const char *fmt, ...)
{
    struct buf detail;
    va_list args;
    buf_init(&detail);
    va_start(args, fmt);
    buf_vprintf(&detail, fmt, args);
    va_end(args);
    enum status st = buf_check(&detail, x->e);
    if (st == ST_OK) st = listing_add_text(x->lines, check, x->e);
    if (st == ST_OK) st = listing_add_text(x->lines, status, x->e);
    if (st == ST_OK) st = listing_add_text(x->lines, detail.data != NULL ? detail.data : "", x->e);
    buf_deinit(&detail);
    return st;
}

/* What one query of one text says; it is bad when it is not the text wanted (NULL: any will do). */
static enum status check_text(
    struct exam *x, struct store *store, const char *check, const char *sql, const char *wanted)
{
    struct store_stmt *st = NULL;
    struct err why = ERR_INIT;
    bool row = false;
    if (store == NULL) return ST_OK;
    enum status status = store_prepare(store, sql, &st, &why);
    if (status == ST_OK) status = store_step(st, &row, &why);
    if (status != ST_OK) {
        store_finalize(st);
        return doctor_line(x, check, "bad", "%s", why.text);
    }
    const char *said = row ? store_text(st, 0) : "";
    bool good = wanted == NULL || strcmp(said, wanted) == 0;
    status = doctor_line(x, check, good ? "ok" : "bad", "%s", said);
    store_finalize(st);
    return status;
}

/* --- the machine ---------------------------------------------------------------------------------
 */

static enum status check_program(struct exam *x)
{
    struct utsname u;
    uname(&u);
    return doctor_line(x, "program", "ok", "fovea %s on %s %s, %s", fovea_version(), u.sysname,
        u.release, u.machine);
}

static enum status check_cpu(struct exam *x)
{
    const struct cpu *c = cpu_get();
    const char *forced = getenv("FOVEA_ISA");
    enum status st = doctor_line(x, "cpu", "ok", "%s%s%s%s%s%s", cpu_isa_name(c->found),
        c->fma ? ", fma" : "", c->f16c ? ", f16c" : "", c->vnni ? ", avx512_vnni" : "",
        c->bf16 ? ", avx512_bf16" : "", c->avx_vnni ? ", avx_vnni" : "");
    if (st != ST_OK) return st;
    if (forced != NULL)
        return doctor_line(
            x, "kernels", "note", "%s, by FOVEA_ISA=%s", cpu_isa_name(c->isa), forced);
    return doctor_line(x, "kernels", "ok", "%s", cpu_isa_name(c->isa));
}

static enum status check_threads(struct exam *x)
{
    const char *forced = getenv("FOVEA_THREADS"), *dtype = getenv("FOVEA_DTYPE");
    enum status st = doctor_line(x, "threads", forced != NULL ? "note" : "ok", "%d%s%s",
        run_threads(sql_session_run(x->session)), forced != NULL ? ", by FOVEA_THREADS=" : "",
        forced != NULL ? forced : "");
    if (st != ST_OK || dtype == NULL) return st;
    return doctor_line(x, "numbers", "note", "models compute in %s, by FOVEA_DTYPE", dtype);
}

/* Those that do our work; what they bring along is not told. */
static bool is_ours(const char *file)
{
    static const char *const NAMES[] = {"libsqlite3", "libdnnl", "libgomp", "libjpeg", "libspng",
        "libwebp.", "libgif", "libz.", "libjansson", "libutf8proc", "libxxhash", "libcrypto",
        "libcurl", "libedit"};
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++)
        if (strncmp(file, NAMES[i], strlen(NAMES[i])) == 0) return true;
    return false;
}

static int visit_library(struct dl_phdr_info *info, size_t size, void *user)
{
    (void)size;
    struct exam *x = user;
    if (info->dlpi_name == NULL || !is_ours(file_base_name(info->dlpi_name))) return 0;
    char *real = file_real_path(info->dlpi_name, NULL);
    enum status st = doctor_line(
        x, "library", "ok", "%s", file_base_name(real != NULL ? real : info->dlpi_name));
    mem_free(real);
    return st != ST_OK;
}

/* SQLite's file does not tell its version. */
static enum status check_libraries(struct exam *x)
{
    enum status st = check_text(
        x, sql_session_store(x->session), "library", "SELECT 'sqlite ' || sqlite_version()", NULL);
    if (st != ST_OK) return st;
    return dl_iterate_phdr(visit_library, x) == 0 ? ST_OK : mem_err(x->e, 0);
}

static enum status check_places(struct exam *x)
{
    char *home = file_data_home();
    enum status st = home == NULL
        ? doctor_line(x, "data folder", "bad", "neither XDG_DATA_HOME nor HOME is set")
        : doctor_line(x, "data folder", file_is_dir(home) ? "ok" : "note", "%s%s", home,
              file_is_dir(home) ? "" : " (not made yet)");
    mem_free(home);
    return st;
}

static enum status add_model(void *user, const char *name, const char *dir, struct err *e)
{
    (void)e;
    struct exam *x = user;
    struct model *m = NULL;
    struct err why = ERR_INIT;
    if (sql_model_get(x->session, dir, &m, &why) != ST_OK)
        return doctor_line(x, "model", "bad", "%s in %s: %s", name, dir, why.text);
    const struct model_info *i = model_info(m);
    return doctor_line(x, "model", "ok",
        "%s in %s: %llu parameters, %d numbers a vector, %s, fingerprint %s", name, dir,
        (unsigned long long)i->parameters, i->dim, i->dtype == MODEL_BF16 ? "bf16" : "f32",
        i->fingerprint);
}

static enum status check_models(struct exam *x)
{
    return model_list(add_model, x, x->e);
}

/* --- the library's file --------------------------------------------------------------------------
 */

static enum status check_file(struct exam *x)
{
    if (x->store == NULL)
        return doctor_line(x, "library file", "note", "none yet: fovea index DIR makes it");
    struct stat info;
    const char *path = store_path(x->store);
    bool memory = strcmp(path, ":memory:") == 0 || stat(path, &info) != 0;
    return doctor_line(x, "library file", store_is_read_only(x->store) ? "note" : "ok",
        "%s, %lld bytes%s", path, memory ? 0LL : (long long)info.st_size,
        store_is_read_only(x->store) ? ", read-only" : "");
}

static enum status check_integrity(struct exam *x)
{
    return check_text(x, x->store, "integrity", "PRAGMA quick_check(1)", "ok");
}

static enum status check_journal(struct exam *x)
{
    if (x->store == NULL || strcmp(store_path(x->store), ":memory:") == 0) return ST_OK;
    return check_text(
        x, x->store, "journal", "PRAGMA journal_mode", store_is_read_only(x->store) ? NULL : "wal");
}

static enum status count(struct exam *x, const char *sql, int64_t *out)
{
    struct err why = ERR_INIT;
    enum status st = tables_number(x->store, sql, out, &why);
    if (st != ST_OK) doctor_line(x, "library", "bad", "%s", why.text);
    return st;
}

static enum status check_rows(struct exam *x)
{
    int64_t images = 0, errors = 0, both = 0;
    if (x->store == NULL || tables_check(x->store, NULL) != ST_OK) return ST_OK;
    if (count(x, "SELECT count(*) FROM images", &images) != ST_OK ||
        count(x, "SELECT count(*) FROM image_errors", &errors) != ST_OK ||
        count(x,
            "SELECT count(*) FROM image_errors JOIN images USING(path) WHERE images.embedding IS "
            "NOT NULL"
            " AND image_errors.bytes IS images.bytes AND image_errors.mtime IS images.mtime",
            &both) != ST_OK)
        return ST_OK;
    enum status st = doctor_line(x, "pictures", "ok", "%lld, and %lld that could not be read",
        (long long)images, (long long)errors);
    if (st == ST_OK && both > 0)
        st = doctor_line(x, "pictures", "note",
            "%lld have a vector of one model and failed with another", (long long)both);
    return st;
}

static enum status check_column(struct exam *x, const struct tables_column *c)
{
    struct buf sql;
    int64_t here = 0, wrong = 0;
    struct model *m = NULL;
    struct err why = ERR_INIT;
    buf_init(&sql);
    buf_printf(&sql, "SELECT count(\"%s\") FROM images", c->name);
    enum status st = sql.failed ? ST_NO_MEMORY : count(x, sql.data, &here);
    buf_clear(&sql);
    buf_printf(
        &sql, "SELECT count(*) FROM images WHERE length(\"%s\") <> %d", c->name, c->of.dim * 4);
    if (st == ST_OK) st = sql.failed ? ST_NO_MEMORY : count(x, sql.data, &wrong);
    buf_deinit(&sql);
    if (st != ST_OK) return st == ST_NO_MEMORY ? mem_err(x->e, 0) : ST_OK;
    if (wrong > 0)
        return doctor_line(x, "vectors", "bad",
            "%s: %lld of %lld are not of %d numbers; fovea index fills rows set to NULL", c->name,
            (long long)wrong, (long long)here, c->of.dim);
    if (sql_model_get(x->session, c->of.model, &m, &why) != ST_OK)
        return doctor_line(x, "vectors", "bad", "%s: %lld of %s, which can't be opened: %s",
            c->name, (long long)here, c->of.model, why.text);
    if (strcmp(model_info(m)->fingerprint, c->of.fingerprint) != 0)
        return doctor_line(x, "vectors", "bad",
            "%s: %lld of another %s (%.8s) than the one here (%.8s)", c->name, (long long)here,
            c->of.model, c->of.fingerprint, model_info(m)->fingerprint);
    return doctor_line(x, "vectors", "ok", "%s: %lld of %s, %d numbers each", c->name,
        (long long)here, c->of.model, c->of.dim);
}

static enum status check_vectors(struct exam *x)
{
    struct tables_columns all;
    struct err why = ERR_INIT;
    if (x->store == NULL || tables_check(x->store, NULL) != ST_OK) return ST_OK;
    enum status st = tables_columns_read(x->store, &all, &why);
    if (st != ST_OK) return doctor_line(x, "vectors", "bad", "%s", why.text);
    for (int i = 0; st == ST_OK && i < all.count; i++) st = check_column(x, &all.at[i]);
    return st;
}

static enum status (*const CHECKS[])(struct exam *x) = {
    check_program,
    check_cpu,
    check_threads,
    check_libraries,
    check_places,
    check_models,
    check_file,
    check_journal,
    check_integrity,
    check_rows,
    check_vectors,
    doctor_vectors,
};

/* The user's own library where the session holds none. */
static struct store *own_library(bool fix)
{
    struct store *out = NULL;
    char *home = file_data_home();
    char *path = home != NULL ? file_join(home, "library.db") : NULL;
    if (path != NULL && file_exists(path) &&
        store_open(path, &(struct store_options){.read_only = !fix}, &out, NULL) != ST_OK)
        out = NULL;
    mem_free(path);
    mem_free(home);
    return out;
}

static enum status open_doctor(struct sql_session *s, struct sql_value *const *args, int count_of,
    void **cursor, struct err *e)
{
    (void)count_of;
    struct json_doc *doc = NULL;
    struct exam x = {.session = s, .store = sql_session_store(s), .e = e};
    struct store *own = NULL;
    enum status st = options_read(args[0], "fix", &doc, e);
    x.fix = json_bool(json_get(json_root(doc), "fix"), false);
    json_close(doc);
    if (st == ST_OK) st = listing_open(3, &x.lines, e);
    if (st == ST_OK && strcmp(store_path(x.store), ":memory:") == 0)
        x.store = own = own_library(x.fix);
    for (size_t i = 0; st == ST_OK && i < sizeof CHECKS / sizeof CHECKS[0]; i++) st = CHECKS[i](&x);
    store_close(own);
    if (st == ST_OK)
        *cursor = x.lines;
    else
        listing_close(x.lines);
    return st;
}

/* fovea_doctor(options): {"fix": bool}. */
const struct sql_tabfn DOCTOR_FUNCTION = {
    .name = "fovea_doctor",
    .columns = "\"check\" TEXT, status TEXT, detail TEXT",
    .args = "options",
    .direct_only = true,
    .open = open_doctor,
    .next = listing_next,
    .column = listing_column,
    .close = listing_close,
};

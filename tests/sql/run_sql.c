/* run_sql.c - runs a file of statements and prints what each answers; ctest compares with NAME.out.
 *
 *   run_sql NAME.sql NAME.out    compares; prints the difference's place
 *   run_sql NAME.sql             prints
 *   run_sql --cut NAME.sql       also prepares each statement up to each of its tokens: that is a
 *                                statement, or a failure with a place
 *
 * Lines of comment between statements are repeated. A statement is shown behind "> ", then a line
 * of column names and a line for each row, tab-separated. Numbers with a fraction have six digits,
 * vectors are [..], other blobs x'..'. Errors: "error: words (line L, column C)". Lines between
 * statements that begin with a dot are for the runner: .file PATH TEXT       writes a file (a
 * picture is "picture WORDS", see sql_fake_model.h) .write PATH TEXT       writes bytes: \n \t \\
 * \xHH .golden NAME PATH      copies tests/golden/NAME .bind N VALUE         binds for the next
 * statement; .bindn N NUMBER; .bindnull N .again                runs the last statement again, on
 * the same prepared statement .keep                 keeps the next statement prepared while others
 * run, for .again .open PATH [ro]       another database .embedded             says how many
 * pictures and texts went through a model since it last said so It works in a fresh folder of its
 * own. Notes of the run (warnings) are shown as "note: ", what a statement says beside its rows as
 * "message: ", "format: " and "pictures: column N".
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "sql/tabfn.h"
#include "sql/text/scan.h"
#include "sql_fake_model.h"

enum { BINDS_MAX = 16 };

struct bind {
    int index;
    char *text; /* NULL: NULL */
    bool number;
};

struct runner {
    struct sql_session *session;
    struct sql_stmt *last;
    struct buf out;
    struct bind binds[BINDS_MAX];
    int bind_count;
    bool keep;
    bool cut; /* each statement is first prepared up to each of its tokens */
    int cut_failures;
};

static void die(const char *what, const struct err *e)
{
    fprintf(stderr, "run_sql: %s: %s\n", what, e != NULL ? e->text : "");
    exit(2);
}

static void on_progress(void *user, const struct run_progress *p)
{
    struct runner *r = user;
    if (p->note != NULL) buf_printf(&r->out, "note: %s\n", p->note);
}

static void open_session(struct runner *r, const char *path, bool read_only)
{
    struct err e = ERR_INIT;
    sql_finalize(r->last);
    r->last = NULL;
    sql_session_close(r->session);
    struct store_options how = {.create = !read_only, .read_only = read_only};
    if (sql_session_open(path, &how, &r->session, &e) != ST_OK) die(path, &e);
    sql_session_run(r->session)->progress = on_progress;
    sql_session_run(r->session)->user = r;
}

static void print_value(struct runner *r, struct sql_stmt *st, int i)
{
    const unsigned char *blob = sql_column_blob(st, i);
    switch (sql_column_type(st, i)) {
    case SQL_NULL: buf_add_str(&r->out, "NULL"); break;
    case SQL_FLOAT: {
        double d = sql_column_double(st, i);
        buf_printf(&r->out, "%.6g", d > -5e-7 && d < 5e-7 ? 0.0 : d);
        break;
    }
    case SQL_VECTOR:
        buf_add_char(&r->out, '[');
        for (int64_t k = 0; k < sql_column_bytes(st, i) / 4; k++) {
            float f;
            memcpy(&f, blob + k * 4, 4);
            buf_printf(&r->out, "%s%.3g", k > 0 ? "," : "", (double)f);
        }
        buf_add_char(&r->out, ']');
        break;
    case SQL_BLOB:
        buf_add_str(&r->out, "x'");
        for (int64_t k = 0; k < sql_column_bytes(st, i); k++) buf_printf(&r->out, "%02x", blob[k]);
        buf_add_char(&r->out, '\'');
        break;
    default: buf_add_str(&r->out, sql_column_text(st, i)); break;
    }
}

static void print_error(struct runner *r, const struct err *e)
{
    buf_printf(&r->out, "error: %s: %s", status_row(e->code)->text, e->text);
    if (e->line > 0) buf_printf(&r->out, " (line %d, column %d)", e->line, e->column);
    buf_add_char(&r->out, '\n');
}

static enum status bind_all(struct runner *r, struct sql_stmt *st, struct err *e)
{
    enum status rc = ST_OK;
    for (int i = 0; rc == ST_OK && i < r->bind_count; i++) {
        struct bind *b = &r->binds[i];
        if (b->text == NULL)
            rc = sql_bind_null(st, b->index, e);
        else if (b->number)
            rc = sql_bind_double(st, b->index, strtod(b->text, NULL), e);
        else
            rc = sql_bind_text(st, b->index, b->text, -1, e);
    }
    for (int i = 0; i < r->bind_count; i++) mem_free(r->binds[i].text);
    r->bind_count = 0;
    return rc;
}

/* EXPLAIN ANALYZE has times, and counts that are of SQLite's version: * is shown for them. */
static bool is_analysis(const struct sql_stmt *st)
{
    return sql_column_count(st) == 4 && strcmp(sql_column_name(st, 3), "ms") == 0;
}

static void print_masked(struct runner *r, const char *text)
{
    static const char *const BEHIND[] = {
        " ms", " VM steps", " candidates", " at 8", " re-checked", " hops"};
    while (*text != '\0') {
        size_t digits = strspn(text, "0123456789."), masked = 0;
        for (size_t i = 0; digits > 0 && i < sizeof BEHIND / sizeof BEHIND[0]; i++)
            if (strncmp(text + digits, BEHIND[i], strlen(BEHIND[i])) == 0) masked = digits;
        if (masked > 0)
            buf_add_char(&r->out, '*');
        else
            buf_add(&r->out, text, digits > 0 ? digits : 1);
        text += digits > 0 ? digits : 1;
    }
}

static void print_cell(struct runner *r, struct sql_stmt *st, int i)
{
    bool known = is_analysis(st) && sql_column_type(st, i) != SQL_NULL;
    if (known && i == 1)
        print_masked(r, sql_column_text(st, i));
    else if (known && i == 3)
        buf_add_char(&r->out, '*');
    else
        print_value(r, st, i);
}

static void run_statement(struct runner *r, struct sql_stmt *st)
{
    struct err e = ERR_INIT;
    bool row = true, first = true;
    enum status rc = bind_all(r, st, &e);
    while (rc == ST_OK && (rc = sql_step(st, &row, &e)) == ST_OK && row) {
        int columns = sql_column_count(st);
        for (int i = 0; first && i < columns; i++)
            buf_printf(&r->out, "%s%s", sql_column_name(st, i), i + 1 < columns ? "\t" : "\n");
        first = false;
        for (int i = 0; i < columns; i++) {
            print_cell(r, st, i);
            buf_add_char(&r->out, i + 1 < columns ? '\t' : '\n');
        }
    }
    if (rc != ST_OK) print_error(r, &e);
    if (sql_message(st) != NULL) buf_printf(&r->out, "message: %s\n", sql_message(st));
    if (sql_format(st) != NULL) buf_printf(&r->out, "format: %s\n", sql_format(st));
    if (sql_picture_column(st) >= 0)
        buf_printf(&r->out, "pictures: column %d\n", sql_picture_column(st));
}

/* Each line of the statement behind "> ". */
static void echo(struct runner *r, const char *text, const char *end)
{
    while (text < end && (*text == ' ' || *text == '\n')) text++;
    while (end > text && (end[-1] == ' ' || end[-1] == '\n')) end--;
    buf_add_str(&r->out, "> ");
    for (; text < end; text++) {
        buf_add_char(&r->out, *text);
        if (*text == '\n') buf_add_str(&r->out, "> ");
    }
    buf_add_char(&r->out, '\n');
}

/* Up to a token a statement is one, or its failure has words and a place. */
static void try_cut(struct runner *r, const char *text, size_t bytes)
{
    struct err e = ERR_INIT;
    struct sql_stmt *st = NULL;
    const char *tail = text;
    enum status rc = sql_prepare(r->session, text, bytes, &st, &tail, &e);
    bool placed = e.line > 0 && e.column > 0 && e.offset >= 0 && (size_t)e.offset <= bytes;
    bool right = rc == ST_OK ? e.code == ST_OK : e.text[0] != '\0' && placed && st == NULL;
    if (!right || tail < text || tail > text + bytes) {
        r->cut_failures++;
        printf("cut: %.*s\n     %s: %s (offset %d)\n", (int)bytes, text, status_row(rc)->text,
            e.text, e.offset);
    }
    sql_finalize(st);
}

static void cut_statement(struct runner *r, const char *at, const char *end)
{
    struct arena arena;
    struct sql_scan scan;
    arena_init(&arena, 0);
    if (sql_scan_next(at, (size_t)(end - at), &arena, &scan, NULL) == ST_OK)
        for (int i = 0; i < scan.count; i++) try_cut(r, at, (size_t)scan.tokens[i].end);
    arena_deinit(&arena);
}

static const char *run_next(struct runner *r, const char *at, const char *end)
{
    struct err e = ERR_INIT;
    struct sql_stmt *st = NULL;
    const char *tail = at;
    if (!r->keep) {
        sql_finalize(r->last);
        r->last = NULL;
    }
    /* Places count from the statement, not from the file. */
    while (at < end && (*at == ' ' || *at == '\n')) at++;
    if (at == end) return end;
    if (r->cut) cut_statement(r, at, end);
    enum status rc = sql_prepare(r->session, at, (size_t)(end - at), &st, &tail, &e);
    if (rc != ST_OK && tail == at) tail = end;
    if (rc == ST_OK && st == NULL) return tail;
    echo(r, at, tail);
    if (rc != ST_OK)
        print_error(r, &e);
    else
        run_statement(r, st);
    if (r->last == NULL)
        r->last = st;
    else
        sql_finalize(st);
    return tail;
}

static void add_bind(struct runner *r, const char *rest, bool number, bool null)
{
    char *value;
    long index = strtol(rest, &value, 10);
    if (r->bind_count == BINDS_MAX) die("too many .bind", NULL);
    if (*value == ' ') value++;
    r->binds[r->bind_count++] = (struct bind){(int)index, null ? NULL : mem_strdup(value), number};
}

static void write_file(const char *rest)
{
    const char *space = strchr(rest, ' ');
    struct err e = ERR_INIT;
    if (space == NULL) die(".file needs a path and a text", NULL);
    char *path = mem_strndup(rest, (size_t)(space - rest)), *slash = strrchr(path, '/');
    if (slash != NULL) {
        *slash = '\0';
        if (file_make_dirs(path, &e) != ST_OK) die(path, &e);
        *slash = '/';
    }
    if (file_write_atomic(path, space + 1, strlen(space + 1), &e) != ST_OK) die(path, &e);
    mem_free(path);
}

/* \n, \t, \\ and \xHH of a text become bytes, in place; how many. */
static size_t unescape(char *text)
{
    static const char FROM[] = "nt\\", TO[] = "\n\t\\";
    size_t bytes = 0;
    for (char *at = text; *at != '\0'; at++) {
        const char *simple = *at == '\\' && at[1] != '\0' ? strchr(FROM, at[1]) : NULL;
        if (simple != NULL) {
            text[bytes++] = TO[simple - FROM];
            at++;
        } else if (*at == '\\' && at[1] == 'x' && at[2] != '\0' && at[3] != '\0') {
            char hex[] = {at[2], at[3], '\0'};
            text[bytes++] = (char)strtol(hex, NULL, 16);
            at += 3;
        } else
            text[bytes++] = *at;
    }
    return bytes;
}

static void write_bytes(char *rest)
{
    struct err e = ERR_INIT;
    char *space = strchr(rest, ' ');
    if (space == NULL) die(".write needs a path and a text", NULL);
    *space = '\0';
    size_t bytes = unescape(space + 1);
    if (file_write_atomic(rest, space + 1, bytes, &e) != ST_OK) die(rest, &e);
}

static void copy_golden(char *rest)
{
    struct err e = ERR_INIT;
    struct buf data;
    char path[4096], *space = strchr(rest, ' ');
    if (space == NULL) die(".golden needs a name and a path", NULL);
    snprintf(path, sizeof path, FOVEA_SOURCE_DIR "/tests/golden/%.*s", (int)(space - rest), rest);
    buf_init(&data);
    if (file_read(path, (size_t)1 << 24, &data, &e) != ST_OK) die(path, &e);
    if (file_write_atomic(space + 1, data.data, data.bytes, &e) != ST_OK) die(path, &e);
    buf_deinit(&data);
}

static void open_other(struct runner *r, char *rest)
{
    char *space = strchr(rest, ' ');
    if (space != NULL) *space = '\0';
    open_session(r, rest, space != NULL);
}

static void run_directive(struct runner *r, char *line)
{
    char *rest = strchr(line, ' ');
    rest = rest != NULL ? rest + 1 : line + strlen(line);
    size_t word = strcspn(line, " ");
    buf_printf(&r->out, "%s\n", line);
    if (word == 5 && memcmp(line, ".file", word) == 0)
        write_file(rest);
    else if (word == 6 && memcmp(line, ".write", word) == 0)
        write_bytes(rest);
    else if (word == 7 && memcmp(line, ".golden", word) == 0)
        copy_golden(rest);
    else if (word == 5 && memcmp(line, ".bind", word) == 0)
        add_bind(r, rest, false, false);
    else if (word == 6 && memcmp(line, ".bindn", word) == 0)
        add_bind(r, rest, true, false);
    else if (word == 9 && memcmp(line, ".bindnull", word) == 0)
        add_bind(r, rest, false, true);
    else if (word == 6 && memcmp(line, ".again", word) == 0 && r->last != NULL)
        run_statement(r, r->last);
    else if (word == 5 && memcmp(line, ".keep", word) == 0)
        r->keep = true;
    else if (word == 5 && memcmp(line, ".open", word) == 0)
        open_other(r, rest);
    else if (word == 9 && memcmp(line, ".embedded", word) == 0) {
        buf_printf(&r->out, "%d pictures, %d texts\n", fake_pictures_embedded, fake_texts_embedded);
        fake_pictures_embedded = fake_texts_embedded = 0;
    } else
        die(line, NULL);
}

static void run_all(struct runner *r, char *at, const char *end)
{
    while (at < end) {
        at += strspn(at, " \n");
        bool comment = at[0] == '-' && at[1] == '-';
        if (*at != '.' && !comment) {
            at = (char *)(uintptr_t)run_next(r, at, end);
            continue;
        }
        char *newline = strchr(at, '\n');
        if (newline != NULL) *newline = '\0';
        if (comment)
            buf_printf(&r->out, "%s\n", at);
        else
            run_directive(r, at);
        at = newline != NULL ? newline + 1 : (char *)(uintptr_t)end;
    }
}

static int compare(const struct buf *got, const char *path)
{
    struct err e = ERR_INIT;
    struct buf want;
    buf_init(&want);
    if (file_read(path, (size_t)1 << 24, &want, &e) != ST_OK) die(path, &e);
    size_t at = 0;
    int line = 1;
    while (at < got->bytes && at < want.bytes && got->data[at] == want.data[at])
        line += got->data[at++] == '\n';
    bool same = at == got->bytes && at == want.bytes;
    while (!same && at > 0 && got->data[at - 1] != '\n') at--;
    if (!same)
        printf("%s, line %d\nwanted: %.*s\ngot:    %.*s\n", path, line,
            (int)strcspn(want.data + at, "\n"), want.data + at, (int)strcspn(got->data + at, "\n"),
            got->data + at);
    buf_deinit(&want);
    return same ? 0 : 1;
}

int main(int argc, char **argv)
{
    char dir[] = "/tmp/fovea-run-sql-XXXXXX";
    struct err e = ERR_INIT;
    struct buf text;
    struct runner r = {0};
    if (argc > 2 && strcmp(argv[1], "--cut") == 0) {
        r.cut = true;
        argv++;
        argc = 2;
    }
    if (argc < 2) die("usage: run_sql [--cut] NAME.sql [NAME.out]", NULL);
    char *expected = argc > 2 ? file_real_path(argv[2], &e) : NULL;
    buf_init(&text);
    buf_init(&r.out);
    if (file_read(argv[1], (size_t)1 << 24, &text, &e) != ST_OK) die(argv[1], &e);
    if (mkdtemp(dir) == NULL || chdir(dir) != 0) die(dir, NULL);
    setenv("XDG_DATA_HOME", dir, 1); /* where data sets are listed */
    open_session(&r, ":memory:", false);
    run_all(&r, text.data, text.data + text.bytes);
    sql_finalize(r.last);
    sql_session_close(r.session);
    int status = 0;
    if (argc > 2 && expected == NULL) die(argv[2], &e);
    if (expected != NULL)
        status = compare(&r.out, expected);
    else if (!r.cut)
        fwrite(r.out.data, 1, r.out.bytes, stdout);
    if (r.cut_failures > 0) status = 1;
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", dir);
    if (system(command) != 0) status = 2;
    mem_free(expected);
    buf_deinit(&text);
    buf_deinit(&r.out);
    return status;
}

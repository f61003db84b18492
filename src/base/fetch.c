/* fetch.c - libcurl behind fetch.h: one file, resumed, bounded, cancellable.
 *
 * What has arrived lies in path.part. A try asks for the rest with "Range: bytes=n-"; a server that
 * answers 206 from n on is appended to, one that answers 200 starts us over, and 416 with the
 * file's length equal to n means that nothing was missing. A try that broke off but brought bytes
 * is followed by another. At the end the whole .part is hashed, synced and renamed. A file that
 * changed on the server between two tries is noticed by its hash, or not at all. References: RFC
 * 9110 (14, range requests), libcurl's easy interface. Threads: any number of fetches together,
 * each to its own path.
 */
#include "base/fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define CURL_DISABLE_TYPECHECK /* setopt through a pointer */
#include <curl/curl.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/plugin.h"

#define LIBRARY "libcurl.so.4"

enum {
    TRIES_MAX = 20,
    PAUSE_MS = 300, /* before another try, times its number */
    CONNECT_SECONDS = 30,
    STALL_SECONDS = 60, /* without a byte */
    REDIRECTS_MAX = 10
};

#undef curl_easy_setopt
#undef curl_easy_getinfo
// clang-format off
#define FUNCTIONS(X) \
    X(curl_easy_cleanup) \
    X(curl_easy_getinfo) \
    X(curl_easy_init) \
    X(curl_easy_perform) \
    X(curl_easy_setopt) \
    X(curl_easy_strerror) \
    X(curl_global_init)
// clang-format on

static struct {
    FUNCTIONS(PLUGIN_FIELD)
} LIB;
static bool LOADED;

/* One download over all its tries. */
struct transfer {
    const struct fetch *f;
    const struct run *run;
    char *part;
    int fd;
    uint64_t have;                  /* bytes in .part */
    uint64_t total;                 /* 0: not known */
    char linked[HASH_SHA256_CHARS]; /* from X-Linked-ETag; "" when there was none */
    /* of one try */
    CURL *curl;
    bool began;           /* the first bytes of the body have come */
    uint64_t range_from;  /* where a 206 starts */
    uint64_t range_total; /* after the slash of Content-Range */
    enum status stopped;  /* why a callback ended the try */
    struct err *e;
};

static void start_curl(void)
{
    static const char *const NAMES[] = {FUNCTIONS(PLUGIN_NAME)};
    LOADED = plugin_load(LIBRARY, NAMES, sizeof NAMES / sizeof NAMES[0], &LIB) &&
        LIB.curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

/* A header's value when line is that header. */
static const char *header_value(const char *line, size_t bytes, const char *name)
{
    size_t n = strlen(name);
    if (bytes <= n || strncasecmp(line, name, n) != 0 || line[n] != ':') return NULL;
    for (n++; n < bytes && line[n] == ' ';) n++;
    return line + n;
}

/* "<64 hex digits>" with or without the quotes. */
static void take_linked(struct transfer *t, const char *value)
{
    if (*value == '"') value++;
    if (strspn(value, "0123456789abcdefABCDEF") != HASH_SHA256_CHARS - 1) return;
    memcpy(t->linked, value, HASH_SHA256_CHARS - 1);
}

/* curl gives one header a call; the line is copied so that it ends. */
static size_t on_header(char *data, size_t size, size_t count, void *user)
{
    struct transfer *t = user;
    char line[512];
    size_t bytes = size * count, kept = bytes < sizeof line ? bytes : sizeof line - 1;
    memcpy(line, data, kept);
    line[kept] = '\0';
    const char *linked = header_value(line, kept, "X-Linked-ETag");
    const char *range = header_value(line, kept, "Content-Range");
    unsigned long long from = 0, total = 0;
    if (linked) take_linked(t, linked);
    if (range && sscanf(range, "bytes %llu-%*u/%llu", &from, &total) >= 1) t->range_from = from;
    if (range && (total > 0 || sscanf(range, "bytes */%llu", &total) == 1)) t->range_total = total;
    return bytes;
}

static enum status start_over(struct transfer *t)
{
    t->have = 0;
    if (ftruncate(t->fd, 0) != 0 || lseek(t->fd, 0, SEEK_SET) < 0)
        return err_set_errno(t->e, errno, "%s", t->part);
    return ST_OK;
}

static long response(const struct transfer *t)
{
    long code = 0;
    LIB.curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &code);
    return code;
}

/* What a body means for what we have: the rest of it, or all anew. */
static enum status begin_body(struct transfer *t)
{
    t->began = true;
    if (t->have == 0 || (response(t) == 206 && t->range_from == t->have)) return ST_OK;
    return start_over(t);
}

static enum status write_all(struct transfer *t, const char *data, size_t bytes)
{
    if (t->f->limit_bytes > 0 && bytes > t->f->limit_bytes - t->have)
        return err_set(t->e, ST_LIMIT, "%s is larger than %llu bytes", t->f->url,
            (unsigned long long)t->f->limit_bytes);
    while (bytes > 0) {
        ssize_t n = write(t->fd, data, bytes);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return err_set_errno(t->e, errno, "%s", t->part);
        data += n;
        bytes -= (size_t)n;
        t->have += (uint64_t)n;
    }
    return ST_OK;
}

static size_t on_body(char *data, size_t size, size_t count, void *user)
{
    struct transfer *t = user;
    if (!t->began) t->stopped = begin_body(t);
    if (t->stopped == ST_OK) t->stopped = write_all(t, data, size * count);
    return t->stopped == ST_OK ? size * count : 0;
}

static int on_progress(void *user, curl_off_t total, curl_off_t now, curl_off_t up, curl_off_t sent)
{
    (void)up;
    (void)sent;
    struct transfer *t = user;
    if (t->began && total > 0) t->total = t->have - (uint64_t)now + (uint64_t)total;
    struct run_progress p = {.what = "downloading", .done = t->have, .total = t->total};
    if (t->began) run_report(t->run, &p);
    if (t->stopped == ST_OK) t->stopped = run_check(t->run, t->e);
    return t->stopped != ST_OK;
}

static void set_options(struct transfer *t, char *range, size_t range_bytes)
{
    CURL *c = t->curl;
    bool safe = strncasecmp(t->f->url, "https:", 6) == 0;
    const char *bundle = getenv("SSL_CERT_FILE");
    LIB.curl_easy_setopt(c, CURLOPT_URL, t->f->url);
    LIB.curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https,file");
    LIB.curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, safe ? "https" : "http,https");
    LIB.curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L);
    LIB.curl_easy_setopt(c, CURLOPT_MAXREDIRS, (long)REDIRECTS_MAX);
    LIB.curl_easy_setopt(c, CURLOPT_FAILONERROR, 1L);
    LIB.curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    LIB.curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    LIB.curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
    LIB.curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (long)STALL_SECONDS);
    LIB.curl_easy_setopt(c, CURLOPT_USERAGENT, "fovea");
    LIB.curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
    LIB.curl_easy_setopt(c, CURLOPT_HEADERDATA, t);
    LIB.curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
    LIB.curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
    LIB.curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
    LIB.curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
    LIB.curl_easy_setopt(c, CURLOPT_XFERINFODATA, t);
    if (bundle) LIB.curl_easy_setopt(c, CURLOPT_CAINFO, bundle);
    if (t->have == 0 || strncasecmp(t->f->url, "file:", 5) == 0) return;
    snprintf(range, range_bytes, "%llu-", (unsigned long long)t->have);
    LIB.curl_easy_setopt(c, CURLOPT_RANGE, range);
}

/* What HTTP's codes mean to us. */
static enum status response_err(const struct transfer *t, long code)
{
    enum status st = ST_NETWORK;
    if (code == 404 || code == 410) st = ST_NOT_FOUND;
    if (code == 401 || code == 403) st = ST_DENIED;
    return err_set(t->e, st, "%s: the server answers %ld", t->f->url, code);
}

/* again: whether asking for the rest may help. */
static enum status judge(struct transfer *t, CURLcode rc, const char *words, bool *again)
{
    long code = response(t);
    *again = false;
    if (t->stopped != ST_OK) return t->stopped;
    if (rc == CURLE_HTTP_RETURNED_ERROR && code == 416 && t->have > 0) {
        if (t->range_total == t->have) return ST_OK;
        *again = true;
        return start_over(t) == ST_OK ? response_err(t, code) : t->e->code;
    }
    if (rc == CURLE_HTTP_RETURNED_ERROR) return response_err(t, code);
    if (rc == CURLE_OK) return t->began || t->have == 0 ? ST_OK : start_over(t);
    if (rc == CURLE_OUT_OF_MEMORY) return mem_err(t->e, 0);
    if (rc == CURLE_FILE_COULDNT_READ_FILE)
        return err_set(t->e, ST_NOT_FOUND, "%s can't be read", t->f->url);
    *again = rc == CURLE_PARTIAL_FILE || rc == CURLE_RECV_ERROR || rc == CURLE_GOT_NOTHING ||
        rc == CURLE_OPERATION_TIMEDOUT || rc == CURLE_HTTP2_STREAM || rc == CURLE_HTTP2;
    return err_set(
        t->e, ST_NETWORK, "%s: %s", t->f->url, *words ? words : LIB.curl_easy_strerror(rc));
}

static enum status try_once(struct transfer *t, bool *again)
{
    char words[CURL_ERROR_SIZE] = "", range[32];
    *again = false;
    t->curl = LIB.curl_easy_init();
    if (!t->curl) return mem_err(t->e, 0);
    t->began = false;
    t->range_from = t->range_total = 0;
    t->stopped = ST_OK;
    set_options(t, range, sizeof range);
    LIB.curl_easy_setopt(t->curl, CURLOPT_ERRORBUFFER, words);
    CURLcode rc = LIB.curl_easy_perform(t->curl);
    enum status st = judge(t, rc, words, again);
    LIB.curl_easy_cleanup(t->curl);
    t->curl = NULL;
    return st;
}

static enum status download(struct transfer *t)
{
    enum status st = ST_NETWORK;
    bool again = true;
    for (int i = 0; again && i < TRIES_MAX; i++) {
        uint64_t before = t->have;
        st = try_once(t, &again);
        again = again && st != ST_OK && t->have != before;
        if (!again) break;
        struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
        nanosleep(&pause, NULL);
    }
    return st;
}

static enum status check_hash(const struct transfer *t)
{
    const char *want = t->f->sha256 ? t->f->sha256 : t->linked;
    char found[HASH_SHA256_CHARS];
    if (!*want) return ST_OK;
    enum status st = hash_sha256_file(t->part, found, t->e);
    if (st != ST_OK || strcasecmp(found, want) == 0) return st;
    unlink(t->part);
    return err_set(t->e, ST_CORRUPT, "%s has the SHA-256 %s, not %s; what was fetched is removed",
        t->f->url, found, want);
}

static enum status finish(const struct transfer *t)
{
    enum status st = check_hash(t);
    if (st != ST_OK) return st;
    if (fsync(t->fd) != 0) return err_set_errno(t->e, errno, "%s", t->part);
    if (rename(t->part, t->f->path) != 0) return err_set_errno(t->e, errno, "%s", t->f->path);
    return ST_OK;
}

static enum status open_part(struct transfer *t)
{
    t->fd = open(t->part, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (t->fd < 0) return err_set_errno(t->e, errno, "%s", t->part);
    if (flock(t->fd, LOCK_EX | LOCK_NB) != 0)
        return err_set(t->e, ST_BUSY, "%s is being written by another download", t->part);
    off_t end = lseek(t->fd, 0, SEEK_END);
    if (end < 0) return err_set_errno(t->e, errno, "%s", t->part);
    t->have = (uint64_t)end;
    bool too_long = t->f->limit_bytes > 0 && t->have > t->f->limit_bytes;
    return too_long ? start_over(t) : ST_OK;
}

bool fetch_is_url(const char *text)
{
    return strncasecmp(text, "http://", 7) == 0 || strncasecmp(text, "https://", 8) == 0 ||
        strncasecmp(text, "file://", 7) == 0;
}

enum status fetch_file(const struct fetch *f, const struct run *run, struct err *e)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start_curl);
    struct err own = ERR_INIT;
    struct transfer t = {.f = f, .run = run, .fd = -1, .e = e ? e : &own};
    struct buf part;
    if (!LOADED)
        return err_set(e, ST_UNSUPPORTED, "downloads need %s, which can't be opened", LIBRARY);
    buf_init(&part);
    buf_printf(&part, "%s.part", f->path);
    enum status st = buf_check(&part, t.e);
    t.part = part.data;
    if (st == ST_OK) st = open_part(&t);
    if (st == ST_OK) st = download(&t);
    if (st == ST_OK) st = finish(&t);
    /* an empty .part is not worth keeping */
    if (st != ST_OK && st != ST_BUSY && t.fd >= 0 && t.have == 0) unlink(t.part);
    if (t.fd >= 0) close(t.fd);
    buf_deinit(&part);
    return st;
}

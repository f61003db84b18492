/* test_base_fetch.c - downloads from a small server in this process: resumed, cut short,
 * redirected, refused, hashed, cancelled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fetch.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"

enum { BODY_BYTES = 300000, CUT_BYTES = 100000 };

static char BODY[BODY_BYTES];
static char SHA[HASH_SHA256_CHARS];
static char DIR[] = "/tmp/fovea-fetch-XXXXXX";
static char PATH[256], PART[256];
static int PORT;
static atomic_size_t RANGE_FROM; /* of the last request */

/* ---- the server: one request a connection, and each answer says so: a client that thought
 * the connection still open would race its close ---- */

#define CLOSES "Connection: close\r\n"

static void reply(int fd, const char *head, const char *body, size_t bytes)
{
    if (write(fd, head, strlen(head)) < 0) return;
    while (bytes > 0) {
        ssize_t n = send(fd, body, bytes, MSG_NOSIGNAL);
        if (n <= 0) return;
        body += n;
        bytes -= (size_t)n;
    }
}

/* A part of BODY as 206, or all of it as 200; cut: how many bytes are really sent. */
static void reply_body(int fd, size_t from, bool part, size_t cut)
{
    char head[256];
    size_t bytes = BODY_BYTES - from;
    if (part)
        snprintf(head, sizeof head,
            "HTTP/1.1 206 Partial Content\r\n" CLOSES "Content-Length: %zu\r\n"
            "Content-Range: bytes %zu-%d/%d\r\n\r\n",
            bytes, from, BODY_BYTES - 1, BODY_BYTES);
    else
        snprintf(
            head, sizeof head, "HTTP/1.1 200 OK\r\n" CLOSES "Content-Length: %zu\r\n\r\n", bytes);
    reply(fd, head, BODY + from, bytes < cut ? bytes : cut);
}

static void reply_redirect(int fd, const char *to, const char *hash)
{
    char head[512];
    snprintf(head, sizeof head,
        "HTTP/1.1 302 Found\r\n" CLOSES
        "Location: %s\r\nX-Linked-Etag: \"%s\"\r\nContent-Length: 0\r\n\r\n",
        to, hash);
    reply(fd, head, "", 0);
}

static void answer(int fd, const char *request)
{
    char name[64] = "", head[128];
    const char *range = strstr(request, "Range: bytes=");
    size_t from = range ? (size_t)strtoul(range + 13, NULL, 10) : 0;
    int code = 0;
    atomic_store(&RANGE_FROM, from);
    if (sscanf(request, "GET /%63s", name) != 1) return;
    if (strcmp(name, "good") == 0 && from >= BODY_BYTES) {
        snprintf(head, sizeof head,
            "HTTP/1.1 416 No\r\n" CLOSES "Content-Range: bytes */%d\r\nContent-Length: 0\r\n\r\n",
            BODY_BYTES);
        reply(fd, head, "", 0);
    } else if (strcmp(name, "good") == 0) {
        reply_body(fd, from, range != NULL, BODY_BYTES);
    } else if (strcmp(name, "whole") == 0) { /* knows no ranges */
        reply_body(fd, 0, false, BODY_BYTES);
    } else if (strcmp(name, "short") == 0) { /* breaks off again and again */
        reply_body(fd, from, range != NULL, CUT_BYTES);
    } else if (strcmp(name, "stuck") == 0) { /* a part, then nothing until the client goes */
        reply_body(fd, 0, false, CUT_BYTES);
        char ignored;
        (void)!read(fd, &ignored, 1);
    } else if (strcmp(name, "hub") == 0) {
        reply_redirect(fd, "/good", SHA);
    } else if (strcmp(name, "lie") == 0) {
        reply_redirect(
            fd, "/good", "00000000000000000000000000000000000000000000000000000000000000ff");
    } else if (strcmp(name, "loop") == 0) {
        reply_redirect(fd, "/loop", "");
    } else if (strcmp(name, "inside") == 0) {
        reply_redirect(fd, "file:///etc/passwd", "");
    } else if (sscanf(name, "code%d", &code) == 1) {
        snprintf(head, sizeof head, "HTTP/1.1 %d X\r\n" CLOSES "Content-Length: 4\r\n\r\n", code);
        reply(fd, head, "oops", 4);
    }
}

static void *serve(void *arg)
{
    int listener = *(int *)arg;
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0) return NULL;
        char request[4096];
        size_t used = 0;
        request[0] = '\0';
        while (used + 1 < sizeof request && !strstr(request, "\r\n\r\n")) {
            ssize_t n = read(fd, request + used, sizeof request - 1 - used);
            if (n <= 0) break;
            used += (size_t)n;
            request[used] = '\0';
        }
        answer(fd, request);
        close(fd);
    }
}

/* ---- the tests ---- */

static enum status get(const char *name, struct fetch f, const struct run *run, struct err *e)
{
    char url[128];
    snprintf(url, sizeof url, "http://127.0.0.1:%d/%s", PORT, name);
    f.url = url;
    f.path = PATH;
    return fetch_file(&f, run, e);
}

static void put_part(size_t bytes, char fill)
{
    struct err e = ERR_INIT;
    char *data = mem_alloc(bytes);
    memcpy(data, BODY, bytes);
    if (fill) memset(data, fill, bytes);
    assert_int_equal(file_write_atomic(PART, data, bytes, &e), ST_OK);
    mem_free(data);
}

static void check_whole(void)
{
    struct buf b;
    struct err e = ERR_INIT;
    buf_init(&b);
    assert_int_equal(file_read(PATH, BODY_BYTES, &b, &e), ST_OK);
    assert_int_equal(b.bytes, BODY_BYTES);
    assert_memory_equal(b.data, BODY, BODY_BYTES);
    buf_deinit(&b);
    assert_false(file_exists(PART));
    unlink(PATH);
}

static void fetches(void **state)
{
    (void)state;
    static const char *const names[] = {"good", "whole", "short", "hub"};
    for (size_t i = 0; i < 4; i++) {
        struct err e = ERR_INIT;
        enum status st = get(names[i], (struct fetch){.sha256 = i % 2 ? SHA : NULL}, NULL, &e);
        if (st != ST_OK) fail_msg("%s: %s", names[i], e.text);
        check_whole();
    }
}

static void resumes(void **state)
{
    (void)state;
    static const char *const names[] = {"good", "whole", "short"};
    static const size_t have[] = {1, 12345, BODY_BYTES - 1, BODY_BYTES};
    for (size_t i = 0; i < 3; i++) {
        for (size_t j = 0; j < (i == 0 ? 4 : 2); j++) {
            struct err e = ERR_INIT;
            put_part(have[j], 0);
            enum status st = get(names[i], (struct fetch){.sha256 = SHA}, NULL, &e);
            if (st != ST_OK) fail_msg("%s from %zu: %s", names[i], have[j], e.text);
            check_whole();
        }
    }
    /* longer than the file: thrown away */
    struct err e = ERR_INIT;
    char *long_part = mem_zalloc(BODY_BYTES + 10, 1);
    assert_int_equal(file_write_atomic(PART, long_part, BODY_BYTES + 10, &e), ST_OK);
    mem_free(long_part);
    assert_int_equal(get("good", (struct fetch){0}, NULL, &e), ST_OK);
    check_whole();
}

static void checks_hashes(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    put_part(1000, 'x'); /* the beginning of another file */
    assert_int_equal(get("good", (struct fetch){.sha256 = SHA}, NULL, &e), ST_CORRUPT);
    assert_non_null(strstr(e.text, "SHA-256"));
    assert_false(file_exists(PART));
    assert_false(file_exists(PATH));
    assert_int_equal(get("lie", (struct fetch){0}, NULL, &e), ST_CORRUPT);
    assert_int_equal(get("lie", (struct fetch){.sha256 = SHA}, NULL, &e), ST_OK);
    check_whole();
}

static void refuses(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum status st;
        const char *says;
    } rows[] = {
        {"code404", ST_NOT_FOUND, "404"},
        {"code410", ST_NOT_FOUND, "410"},
        {"code403", ST_DENIED, "403"},
        {"code500", ST_NETWORK, "500"},
        {"loop", ST_NETWORK, "redirects"},
        {"inside", ST_NETWORK, "rotocol"},
        {"silence", ST_NETWORK, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct err e = ERR_INIT;
        enum status st = get(rows[i].name, (struct fetch){0}, NULL, &e);
        if (st != rows[i].st || !strstr(e.text, rows[i].says))
            fail_msg("%s: %s", rows[i].name, e.text);
        assert_false(file_exists(PATH));
        assert_false(file_exists(PART));
    }
    struct err e = ERR_INIT;
    assert_int_equal(get("good", (struct fetch){.limit_bytes = 1000}, NULL, &e), ST_LIMIT);
    unlink(PART);
    struct fetch f = {.url = "gopher://127.0.0.1/", .path = PATH};
    assert_int_equal(fetch_file(&f, NULL, &e), ST_NETWORK);
    f.url = "file:///nowhere/at/all";
    assert_int_equal(fetch_file(&f, NULL, &e), ST_NOT_FOUND);
    f.path = "/nowhere/at/all";
    assert_int_equal(fetch_file(&f, NULL, &e), ST_NOT_FOUND);
}

static void copies_files(void **state)
{
    (void)state;
    char source[300], url[320];
    struct err e = ERR_INIT;
    snprintf(source, sizeof source, "%s/source", DIR);
    snprintf(url, sizeof url, "file://%s", source);
    assert_int_equal(file_write_atomic(source, BODY, BODY_BYTES, &e), ST_OK);
    put_part(100, 'x');
    struct fetch f = {.url = url, .path = PATH};
    assert_int_equal(fetch_file(&f, NULL, &e), ST_OK);
    check_whole();
    unlink(source);
}

static void on_progress(void *user, const struct run_progress *p)
{
    assert_string_equal(p->what, "downloading");
    assert_true(p->total == 0 || p->total == BODY_BYTES);
    if (p->done > 1000) atomic_store((atomic_int *)user, 1);
}

static void is_cancelled_and_goes_on(void **state)
{
    (void)state;
    atomic_int cancel = 0;
    struct run run = {.progress = on_progress, .user = &cancel, .cancel = &cancel};
    struct err e = ERR_INIT;
    assert_int_equal(get("short", (struct fetch){0}, &run, &e), ST_CANCELLED);
    assert_true(file_exists(PART));
    assert_false(file_exists(PATH));
    assert_int_equal(get("good", (struct fetch){.sha256 = SHA}, NULL, &e), ST_OK);
    check_whole();
}

static size_t part_bytes(void)
{
    struct stat st;
    return stat(PART, &st) == 0 ? (size_t)st.st_size : 0;
}

/* SIGKILL in the middle; the next fetch asks for the rest only. */
static void goes_on_after_a_kill(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    pid_t child = fork();
    if (child == 0) _exit(get("stuck", (struct fetch){0}, NULL, &e) == ST_OK ? 0 : 1);
    for (int i = 0; i < 1000 && part_bytes() < CUT_BYTES; i++) usleep(10000);
    assert_int_equal(get("good", (struct fetch){0}, NULL, &e), ST_BUSY); /* two at once */
    kill(child, SIGKILL);
    int how;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFSIGNALED(how));
    assert_int_equal(part_bytes(), CUT_BYTES);
    assert_int_equal(get("good", (struct fetch){.sha256 = SHA}, NULL, &e), ST_OK);
    assert_int_equal(atomic_load(&RANGE_FROM), CUT_BYTES);
    check_whole();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fetches),
        cmocka_unit_test(resumes),
        cmocka_unit_test(checks_hashes),
        cmocka_unit_test(refuses),
        cmocka_unit_test(copies_files),
        cmocka_unit_test(is_cancelled_and_goes_on),
        cmocka_unit_test(goes_on_after_a_kill),
    };
    for (size_t i = 0; i < BODY_BYTES; i++) BODY[i] = (char)(i * 2654435761u >> 13);
    struct hash_sha256 *h = hash_sha256_open();
    hash_sha256_add(h, BODY, BODY_BYTES);
    hash_sha256_get(h, SHA);
    hash_sha256_close(h);
    setenv("no_proxy", "127.0.0.1", 1);

    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&at, n) != 0 || listen(listener, 8) != 0) return 1;
    if (getsockname(listener, (struct sockaddr *)&at, &n) != 0 || !mkdtemp(DIR)) return 1;
    PORT = ntohs(at.sin_port);
    snprintf(PATH, sizeof PATH, "%s/file", DIR);
    snprintf(PART, sizeof PART, "%s/file.part", DIR);
    pthread_t server;
    if (pthread_create(&server, NULL, serve, &listener) != 0) return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    shutdown(listener, SHUT_RDWR);
    pthread_join(server, NULL);
    close(listener);
    rmdir(DIR);
    return failed;
}

/* udf_process.c - a program that answers lines with lines.
 *
 * Its stdin is a socket (a program that is gone gives an error there, not a signal), its stdout and
 * stderr are pipes. All three are watched together, so that neither side can block the other. It
 * has a process group of its own, which goes as a whole. One thread at a time.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "sql/function/udf.h"

enum { TAIL_BYTES = 300, LOOK_MS = 50, READ_BYTES = 1 << 16 };

struct udf_process {
    pid_t pid;
    int in, out, err; /* our ends; -1: closed */
    struct buf said;  /* the end of what came on err */
};

/* One call on its way. */
struct calling {
    struct udf *u;
    struct udf_process *p;
    const struct run *run;
    const char *send;
    size_t bytes, sent;
    struct buf *out;
    int64_t began_ms, moved_ms; /* when the program last took or gave something */
    struct err *e;
};

extern char **environ;

static void close_end(int *fd)
{
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

/* Waits up to ms for the program to end; true: it has, *status says how. */
static bool wait_for(pid_t pid, int ms, int *status)
{
    int64_t until = run_now_ms() + ms;
    for (;;) {
        pid_t got = waitpid(pid, status, WNOHANG);
        if (got != 0) return true;
        if (run_now_ms() >= until) return false;
        poll(NULL, 0, 2);
    }
}

/* Ends it and all it started: asked first, then killed. */
static void end_process(struct udf *u)
{
    struct udf_process *p = u->process;
    int status;
    if (p == NULL) return;
    u->process = NULL;
    close_end(&p->in);
    close_end(&p->out);
    if (!wait_for(p->pid, LOOK_MS, &status)) {
        kill(-p->pid, SIGTERM);
        if (!wait_for(p->pid, u->kill_ms, &status)) {
            kill(-p->pid, SIGKILL);
            waitpid(p->pid, &status, 0);
        }
    }
    kill(-p->pid, SIGKILL); /* what it left running */
    close_end(&p->err);
    buf_deinit(&p->said);
    mem_free(p);
}

void udf_process_close(struct udf *u)
{
    end_process(u);
}

/* --- starting --------------------------------------------------------------------------------- */

static enum status spawn(struct udf *u, struct udf_process *p, const int fds[3], struct err *e)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t how;
    sigset_t none, usual;
    sigemptyset(&none);
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    sigaddset(&usual, SIGINT);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&how);
    for (int i = 0; i < 3; i++) posix_spawn_file_actions_adddup2(&actions, fds[i], i);
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    posix_spawnattr_setflags(
        &how, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&how, &none);
    posix_spawnattr_setsigdefault(&how, &usual);
    int rc = posix_spawn(&p->pid, u->argv[0], &actions, &how, u->argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&how);
    return rc == 0 ? ST_OK : err_set_errno(e, rc, "%s() can't run %s", u->name, u->argv[0]);
}

static enum status start(struct udf *u, struct err *e)
{
    int in[2] = {-1, -1}, out[2] = {-1, -1}, err[2] = {-1, -1};
    struct udf_process *p = mem_zalloc(1, sizeof *p);
    if (p == NULL) return mem_err(e, sizeof *p);
    enum status st = ST_OK;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in) != 0 || pipe2(out, O_CLOEXEC) != 0 ||
        pipe2(err, O_CLOEXEC) != 0)
        st = err_set_errno(e, errno, "%s() can't be started", u->name);
    if (st == ST_OK) st = spawn(u, p, (const int[]){in[1], out[1], err[1]}, e);
    close_end(&in[1]);
    close_end(&out[1]);
    close_end(&err[1]);
    if (st != ST_OK) {
        close_end(&in[0]);
        close_end(&out[0]);
        close_end(&err[0]);
        mem_free(p);
        return st;
    }
    p->in = in[0];
    p->out = out[0];
    p->err = err[0];
    int flags = fcntl(p->in, F_GETFL);
    fcntl(p->in, F_SETFL, flags | O_NONBLOCK);
    buf_init(&p->said);
    u->process = p;
    return ST_OK;
}

/* --- one row ---------------------------------------------------------------------------------- */

static void hear(struct udf_process *p)
{
    char bytes[4096];
    ssize_t n = read(p->err, bytes, sizeof bytes);
    if (n <= 0) {
        if (n == 0) close_end(&p->err);
        return;
    }
    buf_add(&p->said, bytes, (size_t)n);
    if (p->said.bytes <= TAIL_BYTES) return;
    memmove(p->said.data, p->said.data + p->said.bytes - TAIL_BYTES, TAIL_BYTES + 1);
    p->said.bytes = TAIL_BYTES;
}

/* What went wrong, and what the program said to it. */
static enum status complain(struct calling *c, enum status st, const char *what)
{
    struct udf_process *p = c->p;
    struct pollfd fd = {.fd = p->err, .events = POLLIN};
    while (p->err >= 0 && poll(&fd, 1, 0) > 0) {
        hear(p);
        fd.fd = p->err;
    }
    while (p->said.bytes > 0 && p->said.data[p->said.bytes - 1] == '\n')
        p->said.data[--p->said.bytes] = '\0';
    const char *said = p->said.bytes > 0 ? p->said.data : "";
    return err_set(c->e, st, "%s() %s%s%s", c->u->name, what, said[0] != '\0' ? ": " : "", said);
}

static enum status give(struct calling *c)
{
    ssize_t n = send(c->p->in, c->send + c->sent, c->bytes - c->sent, MSG_NOSIGNAL);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return ST_OK;
    if (n < 0) {
        c->sent = c->bytes; /* it reads no more: its answer says what that means */
        return ST_OK;
    }
    c->sent += (size_t)n;
    c->moved_ms = run_now_ms();
    if (c->sent == c->bytes && !c->u->pool) shutdown(c->p->in, SHUT_WR);
    return ST_OK;
}

static enum status take(struct calling *c, bool *end)
{
    char *at = buf_reserve(c->out, READ_BYTES);
    if (at == NULL) return mem_err(c->e, READ_BYTES);
    ssize_t n = read(c->p->out, at, READ_BYTES);
    if (n < 0) return errno == EINTR ? ST_OK : err_set_errno(c->e, errno, "%s()", c->u->name);
    *end = n == 0;
    c->out->bytes += (size_t)n;
    c->moved_ms = run_now_ms();
    if (c->out->bytes > LIMIT_UDF_LINE_BYTES)
        return err_set(c->e, ST_LIMIT, "%s() printed more than %zu bytes for one row", c->u->name,
            LIMIT_UDF_LINE_BYTES);
    return ST_OK;
}

static enum status look_at_the_clock(struct calling *c)
{
    char what[100];
    int64_t now = run_now_ms();
    bool writing = c->sent < c->bytes;
    int limit = writing ? c->u->write_ms : c->u->read_ms;
    const char *setting = writing ? "command_write_timeout" : "command_read_timeout";
    enum status st = run_check(c->run, c->e);
    if (st != ST_OK) return st;
    int64_t waited = now - c->moved_ms;
    if (c->u->pool && c->u->run_ms > 0 && c->u->run_ms < limit) {
        limit = c->u->run_ms;
        waited = now - c->began_ms;
        setting = "max_command_execution_time";
    }
    if (waited < limit) return ST_OK;
    snprintf(what, sizeof what, "gave no answer within %d ms (%s)", limit, setting);
    return complain(c, ST_TIMEOUT, what);
}

/* Writes the row and reads to the end of the answer's line, or of all its output. */
static enum status exchange(struct calling *c)
{
    enum status st = ST_OK;
    bool end = false;
    while (st == ST_OK && !end) {
        bool line = memchr(c->out->data != NULL ? c->out->data : "", '\n', c->out->bytes) != NULL;
        if (line && c->u->pool) break;
        struct pollfd fds[] = {{.fd = c->p->out, .events = POLLIN},
            {.fd = c->p->err, .events = POLLIN},
            {.fd = c->sent < c->bytes ? c->p->in : -1, .events = POLLOUT}};
        int n = poll(fds, 3, LOOK_MS);
        if (n < 0 && errno != EINTR) st = err_set_errno(c->e, errno, "%s()", c->u->name);
        if (n > 0 && fds[2].revents != 0) st = give(c);
        if (n > 0 && fds[1].revents != 0) hear(c->p);
        if (st == ST_OK && n > 0 && fds[0].revents != 0) st = take(c, &end);
        if (st == ST_OK) st = look_at_the_clock(c);
    }
    return st;
}

/* Just one line, and of a program that ended no failure. */
static enum status check_answer(struct calling *c)
{
    struct buf *out = c->out;
    char what[100];
    int status = 0;
    const char *newline = out->bytes > 0 ? memchr(out->data, '\n', out->bytes) : NULL;
    if (newline == NULL || !c->u->pool) {
        close_end(&c->p->in);
        bool ended = wait_for(c->p->pid, c->u->pool ? LOOK_MS : c->u->read_ms, &status);
        if (ended && WIFSIGNALED(status))
            snprintf(what, sizeof what, "was ended by signal %d", WTERMSIG(status));
        else
            snprintf(what, sizeof what, "ended with status %d", WEXITSTATUS(status));
        if (ended && status != 0) return complain(c, ST_INVALID, what);
    }
    if (out->bytes == 0) return complain(c, ST_INVALID, "printed no line for its row");
    if (newline != NULL && newline + 1 < out->data + out->bytes)
        return complain(c, ST_INVALID, "printed more than one line for its row");
    if (newline != NULL) out->data[--out->bytes] = '\0';
    return ST_OK;
}

enum status udf_process_call(
    struct udf *u, const struct run *run, const struct buf *line, struct buf *out, struct err *e)
{
    struct buf send;
    buf_init(&send);
    if (u->chunk_header) buf_add_str(&send, "1\n");
    buf_add(&send, line->data, line->bytes);
    buf_add_char(&send, '\n');
    enum status st = buf_check(&send, e);
    if (st == ST_OK && u->process == NULL) st = start(u, e);
    if (st == ST_OK) {
        int64_t now = run_now_ms();
        struct calling c = {.u = u,
            .p = u->process,
            .run = run,
            .send = send.data,
            .bytes = send.bytes,
            .out = out,
            .began_ms = now,
            .moved_ms = now,
            .e = e};
        st = exchange(&c);
        if (st == ST_OK) st = check_answer(&c);
    }
    if (st != ST_OK || !u->pool) end_process(u);
    buf_deinit(&send);
    return st;
}

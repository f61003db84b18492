/* progress.c - draws how far the work is. The rate is the mean since the work began: steady enough
 * to read, and right for the time left, since pictures of one folder are alike. */
#include "cli/progress.h"

#include <string.h>

#include "base/buf.h"
#include "cli/text.h"

enum { BAR_CELLS = 20, EIGHTHS = 8 };

/* Work whose note names the file that is on its way. */
static bool is_download(const struct progress *p)
{
    return strcmp(p->what, "downloading") == 0;
}

/* Work that counts bytes; all other counts pictures or rows. */
static bool counts_bytes(const struct progress *p)
{
    static const char *const works[] = {"downloading", "reading", "unpacking"};
    for (size_t i = 0; i < sizeof works / sizeof works[0]; i++)
        if (strcmp(p->what, works[i]) == 0) return true;
    return false;
}

void progress_init(struct progress *p, FILE *file, bool terminal)
{
    *p = (struct progress){.file = file, .terminal = terminal};
}

void progress_restart(struct progress *p)
{
    p->notes = 0;
    p->what[0] = '\0';
}

void progress_clear(struct progress *p)
{
    if (!p->shown) return;
    fputs("\r\033[K", p->file);
    fflush(p->file);
    p->shown = false;
}

void progress_add_count(struct buf *out, uint64_t n)
{
    char digits[24];
    size_t count = (size_t)snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0) buf_add_char(out, ',');
        buf_add_char(out, digits[i]);
    }
}

/* A count of files, or bytes as 1.5 MB. */
static void add_amount(struct buf *out, uint64_t n, bool bytes)
{
    if (!bytes)
        progress_add_count(out, n);
    else if (n < 1000000)
        buf_printf(out, "%.1f KB", (double)n / 1e3);
    else if (n < 10000000000)
        buf_printf(out, "%.1f MB", (double)n / 1e6);
    else
        buf_printf(out, "%.1f GB", (double)n / 1e9);
}

static void add_left(struct buf *out, double seconds)
{
    if (seconds > 359999) return; /* 100 hours: the rate is not known yet */
    unsigned s = (unsigned)(seconds + 0.5);
    if (s >= 3600)
        buf_printf(out, "  %u:%02u:%02u left", s / 3600, s / 60 % 60, s % 60);
    else
        buf_printf(out, "  %u:%02u left", s / 60, s % 60);
}

void progress_add_line(
    struct buf *out, const struct progress *p, const struct progress_state *s, int64_t now_ms)
{
    bool bytes = counts_bytes(p);
    double seconds = (double)(now_ms - p->started_ms) / 1000;
    double rate = seconds > 0.2 ? (double)(s->done - p->started_done) / seconds : 0;
    add_amount(out, s->done, bytes);
    if (s->total > 0) {
        buf_add_str(out, " of ");
        add_amount(out, s->total, bytes);
    }
    if (rate <= 0) return;
    if (bytes)
        buf_printf(out, "  %.1f MB/s", rate / 1e6);
    else
        buf_printf(out, rate < 10 ? "  %.1f/s" : "  %.0f/s", rate);
    if (s->total > s->done) add_left(out, (double)(s->total - s->done) / rate);
}

static void add_bar(struct buf *out, uint64_t done, uint64_t total)
{
    static const char *const parts[EIGHTHS] = {" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    uint64_t eighths =
        (uint64_t)((double)(done < total ? done : total) / (double)total * BAR_CELLS * EIGHTHS);
    for (uint64_t i = 0; i < BAR_CELLS; i++) {
        if (i < eighths / EIGHTHS)
            buf_add_str(out, "█");
        else
            buf_add_str(out, i == eighths / EIGHTHS ? parts[eighths % EIGHTHS] : " ");
    }
    buf_add_str(out, "  ");
}

static void write_note(struct progress *p, const char *note)
{
    struct buf line;
    if (p->notes++ > PROGRESS_NOTES) return;
    buf_init(&line);
    if (p->notes > PROGRESS_NOTES)
        buf_add_str(&line,
            strcmp(p->what, "indexing") == 0
                ? "(more files like these; fovea errors lists them all)"
                : "(more like these)");
    else
        text_add_visible(&line, note, strlen(note));
    progress_clear(p);
    if (line.bytes > 0) fprintf(p->file, "%s\n", line.data);
    buf_deinit(&line);
}

void progress_show(struct progress *p, const struct progress_state *s, int64_t now_ms)
{
    if (p->quiet) return;
    if (strncmp(p->what, s->what, sizeof p->what - 1) != 0 || s->done < p->last_done) {
        snprintf(p->what, sizeof p->what, "%s", s->what);
        p->started_ms = now_ms;
        p->started_done = s->done;
        p->drawn_ms = p->terminal ? now_ms - PROGRESS_DRAW_MS + PROGRESS_FIRST_MS : now_ms;
    }
    p->last_done = s->done;
    if (s->note != NULL && !is_download(p)) write_note(p, s->note);
    int64_t pause = p->terminal ? PROGRESS_DRAW_MS : PROGRESS_LINE_MS;
    if (now_ms - p->drawn_ms < pause || (s->done == 0 && s->total == 0)) return;
    p->drawn_ms = now_ms;
    struct buf line;
    buf_init(&line);
    buf_printf(&line, "%s%s ", p->terminal ? "\r" : "", p->what);
    if (s->note != NULL && is_download(p)) text_add_visible(&line, s->note, strlen(s->note));
    buf_add_char(&line, ' ');
    if (p->terminal && s->total > 0) add_bar(&line, s->done, s->total);
    progress_add_line(&line, p, s, now_ms);
    buf_add_str(&line, p->terminal ? "\033[K" : "\n");
    if (!line.failed) fwrite(line.data, 1, line.bytes, p->file);
    fflush(p->file);
    p->shown = p->terminal;
    buf_deinit(&line);
}

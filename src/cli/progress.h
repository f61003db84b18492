/* progress.h - how far long work has come: one living line on a terminal, a rare plain line
 * elsewhere. */
#ifndef FOVEA_CLI_PROGRESS_H
#define FOVEA_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct progress {
    FILE *file;
    bool terminal;
    bool quiet;
    bool shown;    /* a living line stands on the terminal */
    int notes;     /* written so far; those behind PROGRESS_NOTES are only counted */
    char what[32]; /* of the work that runs; rate and time start anew with each */
    int64_t started_ms;
    int64_t drawn_ms;
    uint64_t started_done, last_done;
};

struct progress_state {
    const char *what; /* "indexing", "downloading" */
    uint64_t done;
    uint64_t total;   /* 0: not known */
    const char *note; /* a line that stays, or NULL; of a download: the file */
};

/* Work that is done within PROGRESS_FIRST_MS draws nothing. */
enum {
    PROGRESS_FIRST_MS = 200,
    PROGRESS_DRAW_MS = 100,
    PROGRESS_LINE_MS = 10000,
    PROGRESS_NOTES = 20
};

void progress_init(struct progress *p, FILE *file, bool terminal);
/* Another statement begins: rate and notes start anew. */
void progress_restart(struct progress *p);
/* now_ms: a monotonic clock (run_now_ms). */
void progress_show(struct progress *p, const struct progress_state *s, int64_t now_ms);
/* Takes the living line away, so that other words can be written. */
void progress_clear(struct progress *p);

struct buf;
/* "12,345" */
void progress_add_count(struct buf *out, uint64_t n);
/* The line without its bar: counts, rate, time left. */
void progress_add_line(
    struct buf *out, const struct progress *p, const struct progress_state *s, int64_t now_ms);

#endif

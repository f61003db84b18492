/* run.c - progress, cancel, deadline; how many CPUs are ours. */
#include "base/run.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int64_t run_now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t run_now_ms(void)
{
    return run_now_us() / 1000;
}

enum status run_check(const struct run *run, struct err *e)
{
    if (run == NULL) return ST_OK;
    if (run->cancel != NULL && atomic_load_explicit(run->cancel, memory_order_relaxed) != 0)
        return err_set(e, ST_CANCELLED, "cancelled");
    if (run->deadline_ms != 0 && run_now_ms() >= run->deadline_ms)
        return err_set(e, ST_TIMEOUT, "the deadline has passed");
    return ST_OK;
}

void run_report(const struct run *run, const struct run_progress *p)
{
    if (run != NULL && run->progress != NULL) run->progress(run->user, p);
}

/* A container's CPU share (cgroup v2 "quota period") rounded up; 0 when there is none. */
static int cgroup_cpus(void)
{
    FILE *f = fopen("/sys/fs/cgroup/cpu.max", "re");
    if (f == NULL) return 0;
    long long quota = 0, period = 0;
    int got = fscanf(f, "%lld %lld", &quota, &period); /* "max 100000" gives 0 */
    fclose(f);
    return got == 2 && quota > 0 && period > 0 ? (int)((quota + period - 1) / period) : 0;
}

static int cpus(void)
{
    const char *forced = getenv("FOVEA_THREADS");
    if (forced != NULL) {
        long n = strtol(forced, NULL, 10);
        if (n >= 1 && n <= 1024) return (int)n;
    }
    cpu_set_t set;
    int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    int quota = cgroup_cpus();
    if (quota > 0 && quota < n) n = quota;
    return n > 0 ? n : 1;
}

int run_threads(const struct run *run)
{
    return run != NULL && run->threads > 0 ? run->threads : cpus();
}

/* vector_systems.c - systems of the vector benchmark: built once, kept on disk, loaded again.
 *
 * FOLDER/index/SET-PEER-PARAMS is the peer's own file, with .facts beside it: what building took.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vector_bench.h"

const struct vector_peer *vector_peer_open(const char *file)
{
    void *so = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    const struct vector_peer *p = so == NULL ? NULL : dlsym(so, "vector_peer");
    if (p == NULL) fprintf(stderr, "left out: %s\n", dlerror());
    return p;
}

static void name_of(char *out, size_t size, const struct vector_system *s,
    const struct vector_data *d, const char *folder)
{
    size_t n = (size_t)snprintf(
        out, size, "%s/index/%s-%s-%s", folder, d->rows_of, s->peer->name, s->build->params);
    for (char *p = out + strlen(folder) + 7; p < out + n && *p != '\0'; p++)
        if (strchr(" =,/", *p) != NULL) *p = '_';
}

static bool read_facts(struct vector_system *s, const char *file)
{
    char path[600];
    snprintf(path, sizeof path, "%s.facts", file);
    FILE *f = fopen(path, "r");
    if (f == NULL) return false;
    int n = fscanf(f, "%lf %lf %d", &s->build_wall, &s->build_cpu, &s->build_threads);
    fclose(f);
    return n == 3;
}

static void build_and_save(struct vector_system *s, const struct vector_data *d, const char *file)
{
    const char *threads = getenv("VECTOR_BUILD_THREADS");
    s->build_threads = threads == NULL ? 1 : (int)strtol(threads, NULL, 10);
    fprintf(stderr, "building %s %s over %s\n", s->peer->name, s->build->params, d->name);
    double wall = vector_now(), cpu = vector_cpu();
    s->index = s->peer->build(d, s->build->params, s->build_threads);
    s->build_wall = vector_now() - wall;
    s->build_cpu = vector_cpu() - cpu;
    fprintf(stderr, "  %.1f s, %.1f s of CPU\n", s->build_wall, s->build_cpu);
    if (s->peer->save == NULL || !s->peer->save(s->index, file)) return;
    char path[600];
    snprintf(path, sizeof path, "%s.facts", file);
    FILE *f = fopen(path, "w");
    if (f == NULL) vector_die("can't write %s", path);
    fprintf(f, "%.3f %.3f %d\n", s->build_wall, s->build_cpu, s->build_threads);
    fclose(f);
    snprintf(path, sizeof path, "%s.ladder", file);
    unlink(path);
    s->peer->close(s->index);
    s->index = s->peer->load(d, s->build->params, file);
}

enum { MANY_ROWS = 100000 }; /* an index over fewer is built in a minute */

static bool may_build(const struct vector_system *s, const struct vector_data *d)
{
    const char *kept = getenv("VECTOR_KEPT");
    bool may = kept == NULL || strcmp(kept, "1") != 0 || s->peer == &vector_ours ||
        s->build->exact || d->rows < MANY_ROWS;
    if (!may) fprintf(stderr, "left out: %s %s is not kept\n", s->peer->name, s->build->params);
    return may;
}

bool vector_system_open(struct vector_system *s, const struct vector_data *d, const char *folder)
{
    char file[512];
    snprintf(file, sizeof file, "%s/index", folder);
    mkdir(file, 0777);
    name_of(file, sizeof file - 16, s, d, folder);
    bool own = strcmp(d->name, d->rows_of) == 0;
    snprintf(
        s->ladder, sizeof s->ladder, "%s%s%s.ladder", file, own ? "" : ".", own ? "" : d->name);
    setenv("VECTOR_SCRATCH", folder, 1);
    if (s->peer->load != NULL && read_facts(s, file))
        s->index = s->peer->load(d, s->build->params, file);
    else if (may_build(s, d))
        build_and_save(s, d, file);
    else
        return false;
    printf("build,%s,%s,\"%s\",%d,%.3f,%.3f,%.1f\n", d->name, s->peer->name, s->build->params,
        s->build_threads, s->build_wall, s->build_cpu,
        (double)s->peer->bytes(s->index) / (double)d->rows);
    fflush(stdout);
    return true;
}

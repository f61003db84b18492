/* vector_generation.c - a generation of files over a data set: see vector_generation.h. */
#include "vector_generation.h"

#include <sys/stat.h>

struct feed {
    const struct vector_data *data;
    uint32_t at;
};

static enum status next(void *user, int64_t *rowid, const float **vector, bool *row, struct err *e)
{
    (void)e;
    struct feed *f = user;
    *row = f->at < f->data->rows;
    if (!*row) return ST_OK;
    *vector = f->data->base + (size_t)f->at * (size_t)f->data->dim;
    *rowid = (int64_t)++f->at;
    return ST_OK;
}

void vector_must(enum status st, const struct err *e)
{
    if (st != ST_OK) vector_die("ours: %s", e->text);
}

struct vec_generation *vector_generation(const struct vector_data *d, const char *folder)
{
    char dir[512];
    snprintf(dir, sizeof dir, "%s/ours", folder);
    mkdir(dir, 0777);
    snprintf(dir, sizeof dir, "%s/ours/%s", folder, d->name);
    struct err e = ERR_INIT;
    struct vec_generation *g = NULL;
    if (vec_generation_open(dir, 1, 0, &g, &e) == ST_OK && g->has_graph) return g;
    vec_generation_close(g);
    g = NULL;
    struct vec_facts facts = {.ix = 1,
        .index_nonce = 1,
        .metric = d->metric == VECTOR_L2 ? METRIC_L2 : METRIC_COSINE,
        .dim = d->dim,
        .has_key = 1};
    struct run run = {.threads = VECTOR_THREADS};
    struct vec_making making = {.dir = dir, .facts = &facts, .run = &run};
    struct feed feed = {d, 0};
    struct vec_rows rows = {.count = d->rows, .next = next, .user = &feed};
    double begin = vector_now();
    vector_must(vec_generation_write(&making, &rows, &g, &e), &e);
    facts.number = g->facts.number;
    fprintf(stderr, "%s: rows and codes written in %.1f s\n", d->name, vector_now() - begin);
    struct vec_graph_options options = {0};
    vector_must(vec_generation_graph(&making, g, &options, NULL, &e), &e);
    fprintf(stderr, "%s: with the graph after %.1f s\n", d->name, vector_now() - begin);
    return g;
}

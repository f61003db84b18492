/* fuzz_vector_generation.c - any bytes as the three files of a generation: refused, or opened and
 * searched without ever leaving them.
 *
 * Input: a byte (1: checksums are put right, so that what lies behind them is reached), then full,
 * codes and graph, each as runs: u16 zeros, u16 count, count bytes, until a run of neither. Seeds:
 *     FOVEA_SEEDS=tests/fuzz/corpus/vector_generation build/release/tests/test_vector_generation
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/hash.h"
#include "vector/file_format.h"
#include "vector/generation_files.h"
#include "vector/index.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILE_BYTES_MAX = 1 << 20, ROWS_MAX = 4000 };

struct input {
    const uint8_t *at;
    size_t left;
    bool mend;
};

static size_t word(struct input *in)
{
    if (in->left < 2) {
        in->left = 0;
        return 0;
    }
    size_t n = (size_t)in->at[0] | (size_t)in->at[1] << 8;
    in->at += 2;
    in->left -= 2;
    return n;
}

static size_t expand(struct input *in, uint8_t *out)
{
    size_t n = 0;
    for (;;) {
        size_t zeros = word(in), count = word(in);
        if (zeros == 0 && count == 0) return n;
        if (count > in->left) count = in->left;
        if (n + zeros + count > FILE_BYTES_MAX) return n;
        n += zeros;
        memcpy(out + n, in->at, count);
        n += count;
        in->at += count;
        in->left -= count;
    }
}

/* Checksums as they should be, wherever what the head says lies within the bytes. */
static void mend(uint8_t *data, size_t bytes)
{
    struct vec_file_head *h = (struct vec_file_head *)(void *)data;
    if (bytes < sizeof *h) return;
    h->file_bytes = bytes;
    for (uint32_t i = 0; i < h->section_count && i < VEC_FILE_SECTIONS_MAX; i++) {
        const struct vec_file_entry *s = &h->section[i];
        if (s->at > bytes || s->bytes > bytes - s->at || s->check_bytes < VEC_FILE_PAGE) continue;
        for (uint64_t b = 0; b < vec_file_blocks(s); b++) {
            uint64_t sum = s->first_sum + b, at = b * s->check_bytes, left = s->bytes - at;
            if (h->sums_at > bytes || (sum + 1) * 8 > bytes - h->sums_at) continue;
            uint64_t value =
                hash_64(data + s->at + at, left < s->check_bytes ? (size_t)left : s->check_bytes,
                    vec_file_seed(h->set_id, h->kind, sum));
            memcpy(data + h->sums_at + sum * 8, &value, sizeof value);
        }
    }
    h->check = hash_64(h, offsetof(struct vec_file_head, check), 0);
}

static struct vec_file *open_next(struct input *in, enum vec_generation_file kind)
{
    struct vec_file *f = NULL;
    char path[64];
    uint8_t *data = calloc(1, FILE_BYTES_MAX);
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (data == NULL || fd < 0) abort();
    size_t bytes = expand(in, data);
    if (in->mend) mend(data, bytes);
    if (write(fd, data, bytes) != (ssize_t)bytes) abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (vec_file_open(path, VEC_GENERATION_KINDS[kind].kind, &f, NULL) != ST_OK) f = NULL;
    close(fd);
    free(data);
    return f;
}

static enum status pair_found(void *user, int64_t a, int64_t b, double distance, struct err *e)
{
    (void)user;
    (void)a;
    (void)b;
    (void)distance;
    (void)e;
    return ST_OK;
}

/* Every third row, and some that are not there. */
static enum status filter_next(void *user, int64_t *rowid, bool *row, struct err *e)
{
    int64_t *at = user;
    (void)e;
    *rowid = *at += 3;
    *row = *at < 300;
    return ST_OK;
}

static void search(struct vec_index *ix, const struct vec_generation *g)
{
    static float query[VEC_DIM_MAX];
    struct vec_answer answer = {0};
    int64_t at = -30;
    struct vec_filter filter = {.next = filter_next, .user = &at};
    for (int i = 0; i < g->set.dim; i++) query[i] = (float)(i % 7) - 2;
    struct vec_ask ask = {.k = 10, .exact = true};
    (void)!vec_index_search(ix, query, &ask, &answer, NULL);
    ask = (struct vec_ask){.k = 3, .ef = 20};
    (void)!vec_index_search(ix, query, &ask, &answer, NULL);
    (void)!vec_index_change(ix, 7, query, NULL);
    (void)!vec_index_change(ix, 8, NULL, NULL);
    ask.filter = &filter;
    (void)!vec_index_search(ix, query, &ask, &answer, NULL);
    struct vec_pairs pairs = {.radius = 0.1, .found = pair_found};
    (void)!vec_index_pairs(ix, &pairs, NULL);
    vec_answer_deinit(&answer);
}

/* The graph on its own: at this size an index would not walk it. */
static void walk(const struct vec_generation *g)
{
    static float query[VEC_DIM_MAX];
    struct vec_hit at[5];
    struct vec_hits hits = {.at = at, .capacity = 5};
    struct vec_graph_search s = {.graph = &g->graph,
        .set = &g->set,
        .ef = 30,
        .look = vec_generation_look_node,
        .look_row = vec_generation_look_row,
        .look_user = g->touch.user};
    struct vec_query how = {.k = 5};
    for (int i = 0; i < g->set.dim; i++) query[i] = (float)(i % 5) - 1;
    if (vec_graph_scratch_open(&g->graph, 64, &s.scratch, NULL) != ST_OK) return;
    (void)!vec_graph_search(&s, query, &how, &hits, NULL);
    double recall;
    (void)vec_graph_ef(&g->graph, 10, 0.9, &recall);
    (void)vec_graph_recall(&g->graph, 10, 64);
    vec_graph_scratch_close(s.scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1) return 0;
    struct input in = {.at = data + 1, .left = size - 1, .mend = (data[0] & 1) != 0};
    struct vec_generation *g = NULL;
    struct vec_index *ix = NULL;
    struct vec_file *full = open_next(&in, VEC_FULL), *codes = open_next(&in, VEC_CODES);
    struct vec_file *graph = open_next(&in, VEC_GRAPH);
    if (full == NULL || codes == NULL) {
        vec_file_close(full);
        vec_file_close(codes);
        vec_file_close(graph);
        return 0;
    }
    if (vec_generation_join(full, codes, &g, NULL) != ST_OK) {
        vec_file_close(graph);
        return 0;
    }
    if (graph != NULL) (void)!vec_generation_join_graph(g, graph, NULL);
    int64_t slot;
    (void)!vec_generation_slot(g, 3, &slot, NULL);
    if (g->set.rows <= ROWS_MAX && vec_index_open(g, &ix, NULL) == ST_OK) search(ix, g);
    if (g->has_graph) walk(g);
    vec_index_close(ix);
    (void)!vec_generation_verify(g, NULL, NULL);
    vec_generation_close(g);
    return 0;
}

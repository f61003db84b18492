/* generation_graph.c - a generation's graph: built into its own file, resumed, extended.
 *
 * The graph is built in the map of the file's temporary name; after a cancel or a kill the same
 * plan finds it there and goes on. Its note holds what it was asked to be, and of which generation
 * it is an extension, so that a half-built one of something else is never gone on with. The
 * calibration is the last thing in the file.
 */
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "vector/generation_files.h"

static enum status save_writer(void *user, struct err *e)
{
    return vec_file_sync(user, e);
}

/* A graph being made. */
struct graph_making {
    const char *dir;
    struct vec_generation *g;
    struct vec_graph graph;
    struct vec_graph_note note;
    struct vec_file_writer *w;
};

static enum status graph_create(struct graph_making *m, struct err *e)
{
    struct vec_file_section sections[VEC_GRAPH_PARTS + 1];
    char path[VEC_PATH_BYTES];
    for (int i = 0; i <= VEC_GRAPH_PARTS; i++) {
        const struct vec_section_row *row = &VEC_SECTION_ROWS_TABLE[VEC_SECTION_GRAPH + i];
        memcpy(sections[i].name, row->name, sizeof row->name);
        sections[i].bytes =
            i < VEC_GRAPH_PARTS ? m->graph.bytes[i] : sizeof(struct vec_calibration);
        sections[i].check_bytes = row->check_bytes;
    }
    struct vec_file_plan plan = {.kind = VEC_GENERATION_KINDS[VEC_GRAPH].kind,
        .set_id = m->g->set_id,
        .note = &m->note,
        .note_bytes = sizeof m->note,
        .sections = sections,
        .section_count = VEC_GRAPH_PARTS + 1};
    enum status st = ST_OK;
    if (m->dir != NULL) st = vec_generation_path(m->dir, &m->note.facts, VEC_GRAPH, path, e);
    if (st == ST_OK)
        st = vec_file_create(m->dir != NULL ? path : NULL, &plan, m->dir != NULL, &m->w, e);
    for (int i = 0; st == ST_OK && i < VEC_GRAPH_PARTS; i++)
        m->graph.part[i] = vec_file_part(m->w, i);
    return st;
}

/* New slots of the rows that stayed: the old ones that are not dead, in their order. */
static enum status kept_slots(const struct vec_generation *g, const struct vec_change *change,
    uint32_t **out, uint32_t *kept, struct err *e)
{
    const struct vec_generation *old = change->old;
    uint32_t *slots = mem_alloc((size_t)old->set.rows * sizeof *slots);
    *kept = 0;
    if (slots == NULL) return mem_err(e, (size_t)old->set.rows * sizeof *slots);
    for (uint32_t i = 0; i < old->set.rows; i++)
        if (change->dead == NULL || (change->dead[i / 64] >> i % 64 & 1) == 0) slots[(*kept)++] = i;
    *out = slots;
    if (*kept <= g->set.rows) return ST_OK;
    mem_free(slots);
    *out = NULL;
    return err_set(e, ST_INTERNAL, "%u rows stayed, the generation has %u", *kept, g->set.rows);
}

static enum status fill(struct graph_making *m, const struct vec_change *change,
    const struct vec_graph_build *build, struct err *e)
{
    if (change == NULL || !change->old->has_graph) return vec_graph_build(&m->graph, build, e);
    uint32_t *slots = NULL, kept;
    enum status st = kept_slots(m->g, change, &slots, &kept, e);
    for (uint32_t i = 0; st == ST_OK && i < kept; i++)
        st = vec_generation_look_node(
            (void *)(uintptr_t)change->old, slots[i], &(struct vec_place){.room = NULL}, e);
    if (st == ST_OK)
        st = vec_graph_extend(
            &m->graph, &(struct vec_graph_older){&change->old->graph, slots, kept}, build, e);
    mem_free(slots);
    return st;
}

/* The finished graph, asked questions. */
static enum status calibrate(struct graph_making *m, const struct run *run, struct err *e)
{
    struct vec_generation *g = m->g;
    struct vec_exact exact = {
        .set = &g->set, .codes = g->has_codes ? &g->codes : NULL, .touch = &g->touch};
    struct vec_graph_search walk = {.graph = &m->graph, .set = &g->set};
    struct vec_calibration *out = vec_file_part(m->w, VEC_GRAPH_PARTS);
    enum status st = vec_exact_scratch_open(g->set.dim, 1, 1, &exact.scratch, e);
    if (st == ST_OK) st = vec_graph_scratch_open(&m->graph, VEC_CALIBRATION_EF, &walk.scratch, e);
    if (st == ST_OK) st = vec_calibrate(&(struct vec_calibrating){&exact, &walk, run}, out, e);
    vec_graph_scratch_close(walk.scratch);
    vec_exact_scratch_close(exact.scratch);
    return st;
}

static enum status build_file(struct graph_making *m, const struct vec_change *change,
    const struct run *run, struct vec_file **out, struct err *e)
{
    enum status st = graph_create(m, e);
    if (st != ST_OK) return st;
    struct vec_graph_build build = {
        .set = &m->g->set, .run = run, .save = save_writer, .user = m->w};
    st = fill(m, change, &build, e);
    if (st == ST_OK) st = calibrate(m, run, e);
    if (st == ST_OK) return vec_file_commit(m->w, run, out, e);
    vec_file_abandon(m->w, st == ST_CANCELLED || st == ST_TIMEOUT);
    return st;
}

enum status vec_generation_graph(const struct vec_making *making, struct vec_generation *g,
    const struct vec_graph_options *options, const struct vec_change *change, struct err *e)
{
    int lock = -1;
    struct graph_making m = {.dir = making->dir, .g = g};
    struct vec_file *file = NULL;
    if (g->set.rows == 0 || g->has_graph) return ST_OK;
    m.graph = (struct vec_graph){.metric = g->set.metric, .dim = g->set.dim, .rows = g->set.rows};
    enum status st = vec_graph_plan(&m.graph, options, e);
    for (uint32_t i = 0; st == ST_OK && i < g->set.rows; i++)
        st = g->touch.full(g->touch.user, i, e); /* the build reads without asking */
    if (st == ST_OK && making->dir != NULL)
        st = vec_generation_lock(making->dir, g->facts.ix, &lock, e);
    if (st != ST_OK) return st;
    m.note = (struct vec_graph_note){.facts = g->facts,
        .degree = m.graph.options.degree,
        .build_list = m.graph.options.build_list,
        .alpha = m.graph.options.alpha,
        .bits = m.graph.options.bits,
        .seed = m.graph.options.seed};
    if (change != NULL && change->old->has_graph) m.note.from_set_id = change->old->set_id;
    st = build_file(&m, change, making->run, &file, e);
    if (st == ST_OK) st = vec_generation_join_graph(g, file, e);
    if (lock >= 0) close(lock);
    return st;
}

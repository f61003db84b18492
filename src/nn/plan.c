/* plan.c - see plan.h. Memory is laid out once by walking the nodes: a value lives from its node to
 * the last node that reads it, and takes the lowest gap between the values alive at that time. */
#include "nn/plan.h"

#include <stdatomic.h>
#include <string.h>

#include "base/mem.h"

enum { ALIGN = 64, NOWHERE = -1 };

struct step {
    const struct nn_op *op;
    int in[NN_INPUTS_MAX], out;
    struct nn_attrs attrs;
    struct nn_call call;
    bool opened;
};

/* Where a value's bytes are: in the block, or the caller's. */
struct place {
    size_t offset, bytes;
    int last; /* the last step that reads it */
    bool external;
    void *data; /* of this run */
};

struct nn_plan {
    struct step *steps;
    int step_count;
    struct place *places;
    int place_count;
    int threads;
    bool reference;
    size_t value_bytes, scratch_bytes; /* scratch: of one part */
    struct team_job job;
    atomic_int failed;
};

static size_t align_up(size_t bytes)
{
    return (bytes + ALIGN - 1) / ALIGN * ALIGN;
}

static enum status places_init(struct nn_plan *p, const struct nn_graph *g, struct err *e)
{
    p->place_count = g->value_count;
    p->places = mem_zalloc((size_t)g->value_count, sizeof *p->places);
    if (!p->places) return mem_err(e, (size_t)g->value_count * sizeof *p->places);
    for (int i = 0; i < g->value_count; i++) {
        const struct nn_value *v = &g->values[i];
        p->places[i] = (struct place){
            .bytes = align_up((size_t)nn_shape_count(&v->shape) * dtype_bytes(v->dtype)),
            .external = v->external,
            .last = NOWHERE,
        };
    }
    for (int s = 0; s < g->node_count; s++)
        for (int i = 0; i < NN_INPUTS_MAX; i++)
            if (g->nodes[s].in[i] >= 0) p->places[g->nodes[s].in[i]].last = s;
    return ST_OK;
}

/* The lowest offset where bytes fit beside the values alive at step s (made before it, read at it
 * or after). */
static size_t place_find(const struct nn_plan *p, const bool *made, int s, size_t bytes)
{
    size_t offset = 0;
    for (bool moved = true; moved;) {
        moved = false;
        for (int i = 0; i < p->place_count; i++) {
            const struct place *o = &p->places[i];
            bool alive = made[i] && !o->external && o->last >= s;
            if (alive && offset < o->offset + o->bytes && o->offset < offset + bytes) {
                offset = o->offset + o->bytes;
                moved = true;
            }
        }
    }
    return offset;
}

/* The input whose memory the result may take over, or -1. */
static int in_place(const struct nn_plan *p, const struct nn_node *n, int s)
{
    if (!nn_op_get(n->kind)->in_place || n->in[1] < 0) return NOWHERE;
    const struct place *from = &p->places[n->in[1]], *to = &p->places[n->out];
    bool dies = !from->external && !to->external && from->last == s && from->bytes == to->bytes;
    return dies ? n->in[1] : NOWHERE;
}

static enum status places_lay(struct nn_plan *p, const struct nn_graph *g, struct err *e)
{
    bool *made = mem_zalloc((size_t)g->value_count, sizeof *made);
    if (!made) return mem_err(e, (size_t)g->value_count);
    for (int s = 0; s < g->node_count; s++) {
        struct place *to = &p->places[g->nodes[s].out];
        int over = in_place(p, &g->nodes[s], s);
        if (!to->external)
            to->offset = over >= 0 ? p->places[over].offset : place_find(p, made, s, to->bytes);
        made[g->nodes[s].out] = true;
        if (!to->external && to->offset + to->bytes > p->value_bytes)
            p->value_bytes = to->offset + to->bytes;
    }
    mem_free(made);
    return ST_OK;
}

static void step_bind_shapes(struct step *st, const struct nn_graph *g, const struct nn_node *n)
{
    struct nn_call *c = &st->call;
    const struct nn_value *out = &g->values[n->out];
    st->op = nn_op_get(n->kind);
    st->attrs = n->attrs;
    st->out = n->out;
    c->attrs = &st->attrs;
    c->out = (struct nn_tensor){out->dtype, out->shape, NULL};
    for (int i = 0; i < NN_INPUTS_MAX; i++) {
        st->in[i] = n->in[i];
        if (n->in[i] >= 0)
            c->in[i] =
                (struct nn_tensor){g->values[n->in[i]].dtype, g->values[n->in[i]].shape, NULL};
    }
    for (int i = 0; i < NN_OP_PARAMS_MAX; i++)
        c->param[i] = n->param[i] >= 0 ? &g->params->items[n->param[i]] : NULL;
}

static enum status steps_open(struct nn_plan *p, const struct nn_graph *g, struct err *e)
{
    p->steps = mem_zalloc((size_t)g->node_count, sizeof *p->steps);
    if (!p->steps) return mem_err(e, (size_t)g->node_count * sizeof *p->steps);
    p->step_count = g->node_count;
    for (int i = 0; i < g->node_count; i++) {
        struct step *s = &p->steps[i];
        step_bind_shapes(s, g, &g->nodes[i]);
        s->call.kernels = nn_kernels_get(p->reference ? CPU_BASE : cpu_get()->isa);
        s->call.parts = p->threads;
        if (p->reference || !s->op->open) continue;
        enum status st = s->op->open(&s->call, e);
        if (st) return st;
        if (s->call.scratch_bytes > p->scratch_bytes) p->scratch_bytes = s->call.scratch_bytes;
    }
    return ST_OK;
}

static void plan_work(void *arg, int step, int part)
{
    struct nn_plan *p = arg;
    enum status st = p->steps[step].op->forward(&p->steps[step].call, part);
    if (st) atomic_store(&p->failed, (int)st);
}

static enum status job_init(struct nn_plan *p, struct err *e)
{
    p->job = (struct team_job){.work = plan_work, .arg = p, .steps = p->step_count};
    if (p->threads == 1) return ST_OK;
    size_t bytes = (size_t)p->step_count * sizeof *p->job.turns;
    p->job.turns = mem_alloc_aligned(bytes);
    return p->job.turns ? ST_OK : mem_err(e, bytes);
}

enum status nn_plan_open(
    const struct nn_graph *g, const struct nn_plan_how *how, struct nn_plan **out, struct err *e)
{
    *out = NULL;
    enum status st = nn_graph_check(g, e);
    if (st) return st;
    struct nn_plan *p = mem_zalloc(1, sizeof *p);
    if (!p) return mem_err(e, sizeof *p);
    p->threads = how->threads;
    p->reference = how->reference;
    atomic_init(&p->failed, 0);
    st = places_init(p, g, e);
    if (st == ST_OK) st = places_lay(p, g, e);
    if (st == ST_OK) st = steps_open(p, g, e);
    if (st == ST_OK) st = job_init(p, e);
    if (st) {
        nn_plan_close(p);
        return st;
    }
    *out = p;
    return ST_OK;
}

void nn_plan_close(struct nn_plan *p)
{
    if (!p) return;
    for (int i = 0; i < p->step_count; i++)
        if (p->steps[i].call.state) p->steps[i].op->close(p->steps[i].call.state);
    mem_free_aligned(p->job.turns);
    mem_free(p->steps);
    mem_free(p->places);
    mem_free(p);
}

size_t nn_plan_bytes(const struct nn_plan *p)
{
    return p->value_bytes + p->scratch_bytes * (size_t)p->threads;
}

static void plan_bind(struct nn_plan *p, char *memory, const struct nn_binding *bindings)
{
    for (int i = 0; i < p->place_count; i++)
        p->places[i].data = p->places[i].external ? NULL : memory + p->places[i].offset;
    for (; bindings->value >= 0; bindings++) p->places[bindings->value].data = bindings->data;
    for (int i = 0; i < p->step_count; i++) {
        struct step *s = &p->steps[i];
        s->call.out.data = p->places[s->out].data;
        s->call.scratch = memory + p->value_bytes;
        for (int k = 0; k < NN_INPUTS_MAX; k++)
            if (s->in[k] >= 0) s->call.in[k].data = p->places[s->in[k]].data;
    }
}

enum status nn_plan_run(struct nn_plan *p, struct team *team, void *memory,
    const struct nn_binding *bindings, struct err *e)
{
    plan_bind(p, memory, bindings);
    if (p->reference) {
        for (int i = 0; i < p->step_count; i++) p->steps[i].op->reference(&p->steps[i].call);
        return ST_OK;
    }
    team_run(team, &p->job);
    int failed = atomic_exchange(&p->failed, 0);
    return failed ? err_set(e, (enum status)failed, "a step of the network failed in oneDNN")
                  : ST_OK;
}

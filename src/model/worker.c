/* worker.c - one thread's use of a model: plans by shape, the block they share, the token buffer.
 *
 * Plans are made when a shape is first met: one per number of pictures, one per eight tokens of
 * text. A text runs to its end token only; what pads it to the next eight lies behind that token,
 * where a causal tower never looks. All plans of a worker run in the same block of memory.
 *
 * A picture's vector has the same bits whatever its batch. Where oneDNN's products depend on the
 * number of rows (before AVX-512), pictures therefore run one by one.
 */
#include <string.h>

#include "base/mem.h"
#include "model/model_parts.h"
#include "nn/plan.h"

enum { TEXT_STEP = 8, TEXT_PLANS = (LIMIT_CONTEXT + TEXT_STEP - 1) / TEXT_STEP };

struct ready {
    struct nn_plan *plan;
    struct clip_ports ports;
};

struct model_worker {
    struct model *model;
    int threads;
    struct team *team;
    struct ready pictures[MODEL_BATCH_MAX];
    struct ready texts[TEXT_PLANS];
    void *memory;
    size_t memory_bytes;
    struct tokenizer_work tokens;
    int32_t *ids; /* context of them, rounded up to TEXT_STEP */
};

enum status model_worker_open(
    struct model *m, int threads, struct model_worker **out, struct err *e)
{
    *out = NULL;
    struct model_worker *w = mem_zalloc(1, sizeof *w);
    if (!w) return mem_err(e, sizeof *w);
    w->model = m;
    w->threads = threads < 1 ? 1 : threads > TEAM_MAX ? TEAM_MAX : threads;
    tokenizer_work_init(&w->tokens);
    size_t ids = (size_t)m->config.context + TEXT_STEP;
    w->ids = mem_zalloc(ids, sizeof *w->ids);
    enum status st = w->ids ? gemm_start(e) : mem_err(e, ids * sizeof *w->ids);
    if (st) {
        model_worker_close(w);
        return st;
    }
    *out = w;
    return ST_OK;
}

void model_worker_close(struct model_worker *w)
{
    if (!w) return;
    for (int i = 0; i < MODEL_BATCH_MAX; i++) nn_plan_close(w->pictures[i].plan);
    for (int i = 0; i < TEXT_PLANS; i++) nn_plan_close(w->texts[i].plan);
    team_close(w->team);
    tokenizer_work_deinit(&w->tokens);
    mem_free(w->ids);
    mem_free_aligned(w->memory);
    mem_free(w);
}

static enum status memory_grow(struct model_worker *w, size_t bytes, struct err *e)
{
    if (bytes <= w->memory_bytes) return ST_OK;
    void *memory = mem_alloc_aligned(bytes);
    if (!memory) return mem_err(e, bytes);
    mem_free_aligned(w->memory);
    w->memory = memory;
    w->memory_bytes = bytes;
    return ST_OK;
}

/* Makes the plan of a shape unless it is there. */
static enum status ready_make(struct model_worker *w, enum clip_side side,
    const struct clip_shape *shape, struct ready *r, struct err *e)
{
    if (r->plan) return ST_OK;
    const struct clip_net *net;
    struct nn_graph g;
    struct nn_plan *plan = NULL;
    enum status st = ST_OK;
    if (w->threads > 1 && !w->team) st = team_open(w->threads, &w->team, e);
    if (st == ST_OK) st = model_net_get(w->model, side, &net, e);
    if (st == ST_OK) st = clip_net_graph(net, shape, &g, &r->ports, e);
    if (st) return st;
    st = nn_plan_open(&g, &(struct nn_plan_how){.threads = w->threads}, &plan, e);
    nn_graph_deinit(&g);
    if (st == ST_OK) st = memory_grow(w, nn_plan_bytes(plan), e);
    if (st) {
        nn_plan_close(plan);
        return st;
    }
    r->plan = plan;
    return ST_OK;
}

static enum status pictures_run(
    struct model_worker *w, const uint8_t *pixels, int count, float *out, struct err *e)
{
    struct ready *r = &w->pictures[count - 1];
    const struct clip_shape shape = {.count = count, .dtype = w->model->dtype};
    enum status st = ready_make(w, CLIP_VISION, &shape, r, e);
    if (st) return st;
    const struct nn_binding bindings[] = {
        {r->ports.in, (void *)(uintptr_t)pixels},
        {r->ports.out, out},
        {-1, NULL},
    };
    return nn_plan_run(r->plan, w->team, w->memory, bindings, e);
}

enum status model_embed_pictures(
    struct model_worker *w, const uint8_t *pixels, int count, float *out, struct err *e)
{
    if (count < 1 || count > MODEL_BATCH_MAX)
        return err_set(
            e, ST_INVALID, "a batch has 1 to %d pictures, not %d", MODEL_BATCH_MAX, count);
    int at_once = gemm_rows_agree() ? count : 1;
    size_t bytes = (size_t)w->model->config.image_side * (size_t)w->model->config.image_side * 3;
    enum status st = ST_OK;
    for (int i = 0; i < count && st == ST_OK; i += at_once)
        st = pictures_run(w, pixels + (size_t)i * bytes, at_once,
            out + (size_t)i * (size_t)w->model->config.dim, e);
    return st;
}

static enum status text_run(
    struct model_worker *w, int tokens, int32_t row, float *out, struct err *e)
{
    struct ready *r = &w->texts[tokens / TEXT_STEP];
    const struct clip_shape shape = {.count = 1, .tokens = tokens, .dtype = w->model->dtype};
    enum status st = ready_make(w, CLIP_TEXT, &shape, r, e);
    if (st) return st;
    const struct nn_binding bindings[] = {
        {r->ports.in, w->ids},
        {r->ports.rows, &row},
        {r->ports.out, out},
        {-1, NULL},
    };
    return nn_plan_run(r->plan, w->team, w->memory, bindings, e);
}

enum status model_embed_text(
    struct model_worker *w, const char *text, size_t bytes, float *out, struct err *e)
{
    const struct clip_config *c = &w->model->config;
    struct token_list list = {.ids = w->ids, .room = c->context};
    enum status st = tokenizer_encode(
        w->model->tokenizer, &w->tokens, (struct tokenizer_text){text, bytes}, &list, e);
    if (st) return st;
    int row = clip_config_eot_row(c, w->ids, list.count);
    int tokens = (row + TEXT_STEP) / TEXT_STEP * TEXT_STEP;
    if (tokens > c->context) tokens = c->context;
    for (int i = row + 1; i < tokens; i++) w->ids[i] = w->ids[row];
    return text_run(w, tokens, row, out, e);
}

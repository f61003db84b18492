/* model.c - opens a model's folder: config, tokenizer, weights, both towers' tensors checked.
 *
 * Opening reads little: weights are mapped, and a tower is packed when it is first used, so a text
 * query never touches the picture tower. The element type is bf16 where the CPU multiplies it, else
 * f32; FOVEA_DTYPE=f32|bf16 forces it.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "model/model_parts.h"

static enum status dtype_choose(enum dtype *out, struct err *e)
{
    const char *forced = getenv("FOVEA_DTYPE");
    *out = gemm_dtype_known(DTYPE_BF16) ? DTYPE_BF16 : DTYPE_F32;
    if (!forced || !*forced) return ST_OK;
    if (strcmp(forced, "f32") && strcmp(forced, "bf16"))
        return err_set(e, ST_INVALID, "FOVEA_DTYPE is '%s', not f32 or bf16", forced);
    *out = strcmp(forced, "bf16") ? DTYPE_F32 : DTYPE_BF16;
    if (!gemm_dtype_known(*out))
        return err_set(e, ST_UNSUPPORTED, "FOVEA_DTYPE=bf16 needs a processor with AVX-512 BF16");
    return ST_OK;
}

static enum status parts_open(struct model *m, struct err *e)
{
    enum status st = clip_config_read(m->dir, &m->config, e);
    if (st == ST_OK) st = tokenizer_open(m->dir, &m->tokenizer, e);
    if (st == ST_OK && tokenizer_id_max(m->tokenizer) >= m->config.vocab)
        st =
            err_set(e, ST_CORRUPT, "the tokenizer in %s has token %d, the model's vocabulary is %d",
                m->dir, (int)tokenizer_id_max(m->tokenizer), m->config.vocab);
    if (st == ST_OK) st = model_weights_open(m->dir, &m->weights, e);
    for (int i = 0; i < CLIP_SIDE_COUNT && st == ST_OK; i++)
        st = clip_net_open((enum clip_side)i, &m->config, m->weights, &m->nets[i], e);
    return st;
}

static void tower_hash_add(struct buf *b, const struct clip_tower *t)
{
    buf_printf(b, " %d %d %d %d %.9g %s", t->width, t->mlp, t->layers, t->heads, (double)t->eps,
        clip_act_name(t->act));
}

/* Over all that decides a vector: shapes and activations, how pictures are prepared, ids, weights.
 * The element type and the CPU are left out: they move a vector by rounding, not to another space.
 */
static enum status fingerprint_make(struct model *m, struct err *e)
{
    const struct clip_config *c = &m->config;
    const struct image_spec *p = &c->picture;
    char weights[HASH_CONTENT_CHARS];
    struct buf b;
    enum status st = model_weights_hash(m->weights, weights, e);
    if (st) return st;
    buf_init(&b);
    buf_printf(&b, "clip %d %d %d %d %d %d", c->dim, c->vocab, c->context, c->eot, c->image_side,
        c->patch);
    tower_hash_add(&b, &c->text);
    tower_hash_add(&b, &c->vision);
    buf_printf(&b, " %.9g", (double)c->rescale);
    for (int i = 0; i < 3; i++) buf_printf(&b, " %.9g %.9g", (double)c->mean[i], (double)c->std[i]);
    buf_printf(&b, " %d %d %d %d %d %d", p->width, p->height, p->stretch, p->resize, p->crop_floor,
        (int)p->filter);
    buf_printf(&b, " %s %s", tokenizer_hash(m->tokenizer), weights);
    st = buf_check(&b, e);
    if (st == ST_OK) hash_content(b.data, b.bytes, m->info.fingerprint);
    buf_deinit(&b);
    return st;
}

static void info_fill(struct model *m)
{
    struct model_info *i = &m->info;
    i->name = m->name;
    i->dir = m->dir;
    i->dim = m->config.dim;
    i->context = m->config.context;
    i->parameters = model_weights_parameters(m->weights);
    i->dtype = m->dtype == DTYPE_BF16 ? MODEL_BF16 : MODEL_F32;
    i->picture = m->config.picture;
    i->drawings_only = m->config.drawings_only || strcmp(file_base_name(m->name), "mini") == 0;
}

enum status model_open(const char *name, const char *dir, struct model **out, struct err *e)
{
    *out = NULL;
    struct model *m = mem_zalloc(1, sizeof *m);
    if (!m) return mem_err(e, sizeof *m);
    pthread_mutex_init(&m->packing, NULL);
    m->name = mem_strdup(name);
    m->dir = mem_strdup(dir);
    enum status st =
        m->name && m->dir ? dtype_choose(&m->dtype, e) : mem_err(e, strlen(name) + strlen(dir));
    if (st == ST_OK) st = parts_open(m, e);
    if (st == ST_OK) st = fingerprint_make(m, e);
    if (st) {
        model_close(m);
        return st;
    }
    info_fill(m);
    *out = m;
    return ST_OK;
}

void model_close(struct model *m)
{
    if (!m) return;
    for (int i = 0; i < CLIP_SIDE_COUNT; i++) clip_net_close(&m->nets[i]);
    model_weights_close(m->weights);
    tokenizer_close(m->tokenizer);
    pthread_mutex_destroy(&m->packing);
    mem_free(m->name);
    mem_free(m->dir);
    mem_free(m);
}

const struct model_info *model_info(const struct model *m)
{
    return &m->info;
}

enum status model_net_get(
    struct model *m, enum clip_side side, const struct clip_net **out, struct err *e)
{
    struct clip_net *net = &m->nets[side];
    enum status st = ST_OK;
    pthread_mutex_lock(&m->packing);
    if (!net->params.packed) st = nn_params_pack(&net->params, m->dtype, false, e);
    pthread_mutex_unlock(&m->packing);
    *out = st ? NULL : net;
    return st;
}

bool model_unit(float *v, int dim)
{
    double square = 0;
    for (int i = 0; i < dim; i++) square += (double)v[i] * (double)v[i];
    if (!(square > 0) || !isfinite(square)) return false;
    double scale = 1.0 / sqrt(square);
    for (int i = 0; i < dim; i++) v[i] = (float)((double)v[i] * scale);
    return true;
}

/* config.c - config.json and preprocessor_config.json of a CLIP model to struct clip_config.
 *
 * Each integer is a row: key, where it goes, default, bounds. What transformers would compute in a
 * way we don't is refused by name instead of being read wrongly. Reference: transformers
 * CLIPConfig, CLIPTextConfig, CLIPVisionConfig, CLIPImageProcessor.
 */
#include "model/config.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"

enum { SIDE_MAX = 4096, PATCHES_MAX = 65536 };

/* One of the two files while it is read. */
struct source {
    const char *path;
    const struct json_node *root;
};

struct int_row {
    const char *key;
    size_t offset; /* of an int in the struct that is filled */
    int fallback, min, max;
};

static enum status read_int(const struct source *s, const struct json_node *in,
    const struct int_row *row, void *out, struct err *e)
{
    const struct json_node *n = json_get(in, row->key);
    int64_t v = json_int(n, row->fallback);
    if (!json_is_null(n) && (!json_is_number(n) || (double)v != json_num(n, 0)))
        return err_set(e, ST_CORRUPT, "%s: %s is not a whole number", s->path, row->key);
    if (v < row->min || v > row->max)
        return err_set(e, ST_LIMIT, "%s: %s is %lld, it must be %d to %d", s->path, row->key,
            (long long)v, row->min, row->max);
    int small = (int)v;
    memcpy((char *)out + row->offset, &small, sizeof small);
    return ST_OK;
}

static enum status read_ints(const struct source *s, const struct json_node *in,
    const struct int_row *rows, void *out, struct err *e)
{
    enum status st = ST_OK;
    for (; st == ST_OK && rows->key; rows++) st = read_int(s, in, rows, out, e);
    return st;
}

/* clang-format off */
#define TOWER(key, field, fallback, min, max) \
    {key, offsetof(struct clip_tower, field), fallback, min, max}
#define CONFIG(key, field, fallback, min, max) \
    {key, offsetof(struct clip_config, field), fallback, min, max}
/* clang-format on */

static const struct int_row TEXT_TOWER[] = {
    TOWER("hidden_size", width, 512, 1, 16384),
    TOWER("intermediate_size", mlp, 2048, 1, 65536),
    TOWER("num_hidden_layers", layers, 12, 1, 256),
    TOWER("num_attention_heads", heads, 8, 1, 1024),
    {0},
};

static const struct int_row VISION_TOWER[] = {
    TOWER("hidden_size", width, 768, 1, 16384),
    TOWER("intermediate_size", mlp, 3072, 1, 65536),
    TOWER("num_hidden_layers", layers, 12, 1, 256),
    TOWER("num_attention_heads", heads, 12, 1, 1024),
    {0},
};

static const struct int_row TEXT[] = {
    CONFIG("vocab_size", vocab, 49408, 2, LIMIT_VOCAB),
    CONFIG("max_position_embeddings", context, 77, 2, LIMIT_CONTEXT),
    CONFIG("bos_token_id", sot, 49406, 0, LIMIT_VOCAB),
    CONFIG("eos_token_id", eot, 49407, 0, LIMIT_VOCAB),
    {0},
};

static const struct int_row VISION[] = {
    CONFIG("image_size", image_side, 224, 1, SIDE_MAX),
    CONFIG("patch_size", patch, 32, 1, SIDE_MAX),
    {0},
};

static const struct int_row BOTH[] = {
    CONFIG("projection_dim", dim, 512, 1, LIMIT_VECTOR_DIM),
    {0},
};

/* What transformers' ACT2FN calls them; the tanh forms are one function under three names. */
static const struct {
    const char *name;
    enum clip_act act;
} ACTS[] = {
    {"quick_gelu", CLIP_QUICK_GELU},
    {"gelu", CLIP_GELU},
    {"gelu_pytorch_tanh", CLIP_GELU_TANH},
    {"gelu_new", CLIP_GELU_TANH},
    {"gelu_fast", CLIP_GELU_TANH},
};
enum { ACTS_COUNT = sizeof ACTS / sizeof ACTS[0] };

const char *clip_act_name(enum clip_act a)
{
    size_t i = 0;
    while (i < ACTS_COUNT && ACTS[i].act != a) i++;
    return i < ACTS_COUNT ? ACTS[i].name : "?";
}

static enum status read_tower(const struct source *s, const struct json_node *in,
    const struct int_row *rows, struct clip_tower *out, struct err *e)
{
    enum status st = read_ints(s, in, rows, out, e);
    if (st != ST_OK) return st;
    if (out->width % out->heads != 0)
        return err_set(e, ST_CORRUPT, "%s: hidden_size %d is not a multiple of %d attention heads",
            s->path, out->width, out->heads);
    double eps = json_num(json_get(in, "layer_norm_eps"), 1e-5);
    if (!(eps > 0 && eps <= 1))
        return err_set(e, ST_CORRUPT, "%s: layer_norm_eps is %g", s->path, eps);
    out->eps = (float)eps;
    const char *act = json_str(json_get(in, "hidden_act"), "quick_gelu");
    size_t i = 0;
    while (i < ACTS_COUNT && strcmp(ACTS[i].name, act) != 0) i++;
    if (i == ACTS_COUNT)
        return err_set(
            e, ST_UNSUPPORTED, "%s: hidden_act is \"%.40s\", which is not computed", s->path, act);
    out->act = ACTS[i].act;
    return ST_OK;
}

/* transformers lets the older *_config_dict, filled up with defaults, win over *_config. */
static const struct json_node *part_of(const struct source *s, const char *older, const char *key)
{
    const struct json_node *n = json_get(s->root, older);
    return json_is_object(n) ? n : json_get(s->root, key);
}

static enum status read_vision(
    const struct source *s, const struct json_node *in, struct clip_config *c, struct err *e)
{
    enum status st = read_tower(s, in, VISION_TOWER, &c->vision, e);
    if (st == ST_OK) st = read_ints(s, in, VISION, c, e);
    if (st != ST_OK) return st;
    int64_t channels = json_int(json_get(in, "num_channels"), 3);
    if (channels != 3)
        return err_set(e, ST_UNSUPPORTED, "%s: pictures of %lld channels, only 3 are computed",
            s->path, (long long)channels);
    int grid = c->image_side / c->patch;
    if (grid < 1 || grid * grid > PATCHES_MAX)
        return err_set(e, ST_CORRUPT, "%s: patches of %d in a picture of %d", s->path, c->patch,
            c->image_side);
    return ST_OK;
}

static enum status read_config(const struct source *s, struct clip_config *c, struct err *e)
{
    const char *type = json_str(json_get(s->root, "model_type"), NULL);
    if (!type)
        return err_set(e, ST_UNSUPPORTED, "%s names no model_type; only \"clip\" is read", s->path);
    if (strcmp(type, "clip") != 0)
        return err_set(
            e, ST_UNSUPPORTED, "%s: model_type is \"%.60s\"; only \"clip\" is read", s->path, type);
    const struct json_node *text = part_of(s, "text_config_dict", "text_config");
    enum status st = read_ints(s, s->root, BOTH, c, e);
    if (st == ST_OK) st = read_tower(s, text, TEXT_TOWER, &c->text, e);
    if (st == ST_OK) st = read_ints(s, text, TEXT, c, e);
    if (st == ST_OK) st = read_vision(s, part_of(s, "vision_config_dict", "vision_config"), c, e);
    if (st != ST_OK) return st;
    c->eot_argmax = c->eot == 2;
    c->drawings_only = json_bool(json_get(json_get(s->root, "fovea"), "drawings_only"), false);
    return ST_OK;
}

/* {"height": h, "width": w} or a number for both; fallback when it is absent. */
static enum status read_size(
    const struct source *s, const char *key, int fallback, int size[2], struct err *e)
{
    const struct json_node *n = json_get(s->root, key);
    bool object = json_is_object(n);
    int64_t h =
        object ? json_int(json_get(n, "height"), -1) : json_int(n, json_is_null(n) ? fallback : -1);
    int64_t w = object ? json_int(json_get(n, "width"), -1) : h;
    if (h < 1 || w < 1 || h > SIDE_MAX || w > SIDE_MAX)
        return err_set(e, ST_CORRUPT, "%s: %s is no size of 1 to %d", s->path, key, SIDE_MAX);
    size[0] = (int)h;
    size[1] = (int)w;
    return ST_OK;
}

/* A picture is resized on its shortest side and cropped, or stretched; the end is always a square.
 */
static enum status read_geometry(const struct source *s, struct clip_config *c, struct err *e)
{
    struct image_spec *p = &c->picture;
    const struct json_node *size = json_get(s->root, "size");
    bool crop = json_bool(json_get(s->root, "do_center_crop"), true);
    if (!json_bool(json_get(s->root, "do_resize"), true))
        return err_set(
            e, ST_UNSUPPORTED, "%s: do_resize is false; pictures are always resized", s->path);
    p->stretch = json_is_object(size) && !json_get(size, "shortest_edge");
    int to[2] = {c->image_side, c->image_side}, cut[2];
    enum status st = ST_OK;
    if (p->stretch) {
        st = read_size(s, "size", c->image_side, to, e);
    } else if (!json_is_null(size)) {
        struct source inner = {s->path, json_is_object(size) ? size : s->root};
        st = read_size(&inner, json_is_object(size) ? "shortest_edge" : "size", 0, to, e);
    }
    if (st == ST_OK) st = read_size(s, "crop_size", c->image_side, cut, e);
    if (st != ST_OK) return st;
    if (!crop) memcpy(cut, to, sizeof cut);
    if (!crop && !p->stretch)
        return err_set(e, ST_UNSUPPORTED,
            "%s: pictures that are neither cropped nor stretched to a square", s->path);
    if (cut[0] != c->image_side || cut[1] != c->image_side)
        return err_set(e, ST_CORRUPT, "%s makes pictures of %d x %d, the model takes %d x %d",
            s->path, cut[1], cut[0], c->image_side, c->image_side);
    if (p->stretch ? to[0] != cut[0] || to[1] != cut[1] : to[0] < cut[0])
        return err_set(e, ST_UNSUPPORTED, "%s: a crop of %d x %d out of %d x %d", s->path, cut[1],
            cut[0], to[1], to[0]);
    p->resize = p->stretch ? 0 : to[0];
    return ST_OK;
}

/* Three numbers, or one for all three. */
static enum status read_colour(const struct source *s, const char *key, float out[3], struct err *e)
{
    const struct json_node *n = json_get(s->root, key);
    if (json_is_null(n)) return ST_OK;
    if (!json_is_number(n) && json_count(n) != 3)
        return err_set(e, ST_CORRUPT, "%s: %s is not three numbers", s->path, key);
    for (size_t i = 0; i < 3; i++) {
        double v = json_num(json_is_number(n) ? n : json_at(n, i), NAN);
        if (!(fabs(v) < 1e6))
            return err_set(e, ST_CORRUPT, "%s: %s is not three numbers", s->path, key);
        out[i] = (float)v;
    }
    return ST_OK;
}

static enum status read_numbers(const struct source *s, struct clip_config *c, struct err *e)
{
    double rescale = json_num(json_get(s->root, "rescale_factor"), 1.0 / 255);
    if (!json_bool(json_get(s->root, "do_rescale"), true)) rescale = 1;
    if (!(rescale > 0 && rescale <= 1))
        return err_set(e, ST_CORRUPT, "%s: rescale_factor is %g", s->path, rescale);
    c->rescale = (float)rescale;
    if (!json_bool(json_get(s->root, "do_normalize"), true)) {
        for (int i = 0; i < 3; i++) c->mean[i] = 0, c->std[i] = 1;
        return ST_OK;
    }
    enum status st = read_colour(s, "image_mean", c->mean, e);
    if (st == ST_OK) st = read_colour(s, "image_std", c->std, e);
    for (int i = 0; st == ST_OK && i < 3; i++)
        if (!(c->std[i] > 0)) st = err_set(e, ST_CORRUPT, "%s: image_std is not positive", s->path);
    return st;
}

static enum status read_filter(const struct source *s, struct clip_config *c, struct err *e)
{
    int64_t resample = json_int(json_get(s->root, "resample"), 3); /* Pillow's numbers */
    if (resample != 2 && resample != 3)
        return err_set(e, ST_UNSUPPORTED,
            "%s: resample is %lld; 2 (bilinear) and 3 (bicubic) are computed", s->path,
            (long long)resample);
    c->picture.filter = resample == 2 ? IMAGE_BILINEAR : IMAGE_BICUBIC;
    return ST_OK;
}

static enum status read_preprocessor(const struct source *s, struct clip_config *c, struct err *e)
{
    enum status st = read_geometry(s, c, e);
    if (st == ST_OK) st = read_filter(s, c, e);
    if (st == ST_OK) st = read_numbers(s, c, e);
    return st;
}

static void set_defaults(struct clip_config *c)
{
    static const float mean[3] = {0.48145466f, 0.4578275f, 0.40821073f};
    static const float std[3] = {0.26862954f, 0.26130258f, 0.27577711f};
    memcpy(c->mean, mean, sizeof mean);
    memcpy(c->std, std, sizeof std);
    c->rescale = 1.0f / 255;
    c->picture = (struct image_spec){
        .width = c->image_side,
        .height = c->image_side,
        .resize = c->image_side,
        .crop_floor = true,
        .filter = IMAGE_BICUBIC,
        .alpha = IMAGE_ALPHA_WHITE,
    };
}

typedef enum status (*part_reader)(const struct source *, struct clip_config *, struct err *);

static enum status read_part(
    const char *path, part_reader reader, struct clip_config *c, struct err *e)
{
    struct json_doc *doc;
    enum status st = json_read_file(path, &doc, e);
    if (st != ST_OK) return st;
    struct source s = {.path = path, .root = json_root(doc)};
    if (json_is_object(s.root))
        st = reader(&s, c, e);
    else
        st = err_set(e, ST_CORRUPT, "%s is not a JSON object", path);
    json_close(doc);
    return st;
}

enum status clip_config_read(const char *dir, struct clip_config *out, struct err *e)
{
    struct clip_config c = {0};
    char *config = file_join(dir, "config.json");
    char *preprocessor = file_join(dir, "preprocessor_config.json");
    enum status st = ST_OK;
    if (!config || !preprocessor) st = mem_err(e, strlen(dir));
    if (st == ST_OK) st = read_part(config, read_config, &c, e);
    if (st == ST_OK) set_defaults(&c);
    if (st == ST_OK && file_exists(preprocessor))
        st = read_part(preprocessor, read_preprocessor, &c, e);
    if (st == ST_OK) *out = c;
    mem_free(config);
    mem_free(preprocessor);
    return st;
}

int clip_config_eot_row(const struct clip_config *c, const int32_t *ids, int count)
{
    int best = 0;
    for (int i = 0; i < count; i++) {
        if (!c->eot_argmax && ids[i] == c->eot) return i;
        if (ids[i] > ids[best]) best = i;
    }
    return c->eot_argmax ? best : count - 1;
}

/* encode.c - texts and pictures to vectors: embed_text(model, text) and embed_image(model,
 * picture), and without the model's name encode_text(text) and encode_image(picture), which are
 * called so in ClickHouse's guide to LAION.
 *
 * Where encode_… stands beside a vector, the plan has written the model in front (encode_model.c);
 * else it is that of the setting model, else mini. The setting makes encode_… unfit for indexes and
 * views: SQLite refuses it there. In one execution it is one value, which SQLite works out once.
 */
#include "base/limits.h"
#include "base/mem.h"
#include "sql/function/function.h"
#include "sql/statement/embed.h"

/* A call with its model opened. */
struct embedding {
    struct sql_session *session;
    struct model *model;
    const struct sql_value *input;
    struct sql_result *out;
};

static enum status open_model(
    struct embedding *c, const char *function, const char *name, struct err *e)
{
    if (name == NULL) return err_set(e, ST_INVALID, "%s() takes a model's name first", function);
    enum status st = sql_model_get(c->session, name, &c->model, e);
    if (st == ST_OK && model_info(c->model)->dim > LIMIT_VECTOR_DIM)
        st = err_set(e, ST_LIMIT, "the model has %d dimensions, at most %d",
            model_info(c->model)->dim, LIMIT_VECTOR_DIM);
    return st;
}

static const char *text_of(const struct sql_value *v)
{
    return sql_value_type(v) == SQL_TEXT ? sql_value_text(v) : NULL;
}

static enum status give_text(const struct embedding *c, struct err *e)
{
    float v[LIMIT_VECTOR_DIM];
    const char *text = sql_value_text(c->input);
    if (text == NULL) return mem_err(e, 0);
    struct embed_words words = {text, (size_t)sql_value_bytes(c->input)};
    enum status st = embed_text(c->session, c->model, words, v, e);
    if (st == ST_OK) sql_result_vector(c->out, v, model_info(c->model)->dim);
    return st;
}

static enum status give_picture(const struct embedding *c, struct err *e)
{
    float v[LIMIT_VECTOR_DIM];
    struct embed_picture p = {.out = v};
    if (sql_value_type(c->input) == SQL_BLOB) {
        p.data = sql_value_blob(c->input);
        p.bytes = (size_t)sql_value_bytes(c->input);
        if (p.data == NULL) p.data = "";
    } else {
        p.path = sql_value_text(c->input);
        if (p.path == NULL) return mem_err(e, 0);
    }
    enum status st = embed_pictures(c->session, c->model, &p, 1, e);
    if (st == ST_OK && p.status != ST_OK) st = err_set(e, p.status, "%s", p.reason);
    if (st == ST_OK) sql_result_vector(c->out, v, model_info(c->model)->dim);
    return st;
}

FUNCTION_HEAD(call_embed_text)
{
    struct embedding c = {session, NULL, args[1], out};
    if (function_any_null(args, count)) return ST_OK;
    enum status st = open_model(&c, "embed_text", text_of(args[0]), e);
    return st == ST_OK ? give_text(&c, e) : st;
}

FUNCTION_HEAD(call_embed_image)
{
    struct embedding c = {session, NULL, args[1], out};
    if (function_any_null(args, count)) return ST_OK;
    enum status st = open_model(&c, "embed_image", text_of(args[0]), e);
    return st == ST_OK ? give_picture(&c, e) : st;
}

static enum status open_encoder(
    struct embedding *c, const char *function, const struct sql_value *name, struct err *e)
{
    const char *set = sql_setting_model(c->session, NULL);
    if (name != NULL) return open_model(c, function, text_of(name), e);
    return open_model(c, function, set[0] != '\0' ? set : "mini", e);
}

FUNCTION_HEAD(call_encode_text)
{
    struct embedding c = {session, NULL, args[count - 1], out};
    if (function_any_null(args, count)) return ST_OK;
    enum status st = open_encoder(&c, "encode_text", count > 1 ? args[0] : NULL, e);
    return st == ST_OK ? give_text(&c, e) : st;
}

FUNCTION_HEAD(call_encode_image)
{
    struct embedding c = {session, NULL, args[count - 1], out};
    if (function_any_null(args, count)) return ST_OK;
    enum status st = open_encoder(&c, "encode_image", count > 1 ? args[0] : NULL, e);
    return st == ST_OK ? give_picture(&c, e) : st;
}

/* embed_image reads files, so it is refused in views and triggers, which a foreign file could
 * bring. */
static const struct sql_scalar SCALARS[] = {
    FUNCTION("embed_text", 2, 2, call_embed_text),
    {.name = "embed_image",
        .args_min = 2,
        .args_max = 2,
        .direct_only = true,
        .call = call_embed_image},
    {.name = "encode_text",
        .args_min = 1,
        .args_max = 2,
        .direct_only = true,
        .deterministic = true,
        .call = call_encode_text},
    {.name = "encode_image",
        .args_min = 1,
        .args_max = 2,
        .direct_only = true,
        .deterministic = true,
        .call = call_encode_image},
};

const struct function_set FUNCTIONS_ENCODE = {
    .scalars = SCALARS, .scalar_count = FUNCTION_COUNT(SCALARS)};

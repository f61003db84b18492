/* test_model_config.c - configs of real CLIP models, older forms, defaults, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "model/config.h"

static char DIR[] = "/tmp/fovea-config-XXXXXX";

static void put(const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", DIR, name);
    unlink(path);
    struct err e = ERR_INIT;
    if (text) assert_int_equal(file_write_atomic(path, text, strlen(text), &e), ST_OK);
}

static enum status try_read(
    const char *config, const char *preprocessor, struct clip_config *c, struct err *e)
{
    put("config.json", config);
    put("preprocessor_config.json", preprocessor);
    memset(c, 0x5a, sizeof *c);
    return clip_config_read(DIR, c, e);
}

static void reads_openai_b32(void **state)
{
    (void)state;
    /* the shape of openai/clip-vit-base-patch32's own files */
    const char *config =
        "{\"architectures\":[\"CLIPModel\"],\"logit_scale_init_value\":2.6592,\"model_type\":"
        "\"clip\","
        "\"projection_dim\":512,\"text_config\":{\"bos_token_id\":0,\"eos_token_id\":2,"
        "\"pad_token_id\":1,\"hidden_act\":\"quick_gelu\",\"hidden_size\":512,"
        "\"intermediate_size\":2048,\"layer_norm_eps\":1e-05,\"num_attention_heads\":8,"
        "\"num_hidden_layers\":12,\"max_position_embeddings\":77,\"vocab_size\":49408},"
        "\"text_config_dict\":null,\"vision_config\":{\"hidden_size\":768,\"patch_size\":32},"
        "\"vision_config_dict\":null}";
    const char *preprocessor =
        "{\"crop_size\":224,\"do_center_crop\":true,\"do_normalize\":true,\"do_resize\":true,"
        "\"feature_extractor_type\":\"CLIPFeatureExtractor\",\"image_mean\":[0.48145466,0.4578275,"
        "0.40821073],\"image_std\":[0.26862954,0.26130258,0.27577711],\"resample\":3,\"size\":224}";
    struct clip_config c;
    struct err e = ERR_INIT;
    assert_int_equal(try_read(config, preprocessor, &c, &e), ST_OK);
    assert_int_equal(c.dim, 512);
    assert_int_equal(c.text.width, 512);
    assert_int_equal(c.text.act, CLIP_QUICK_GELU);
    assert_int_equal(c.vision.width, 768);
    assert_int_equal(c.vision.heads, 12);
    assert_int_equal(c.vision.mlp, 3072);
    assert_int_equal(c.vocab, 49408);
    assert_int_equal(c.context, 77);
    assert_int_equal(c.image_side, 224);
    assert_int_equal(c.patch, 32);
    assert_true(c.eot_argmax);
    assert_true(c.mean[0] == 0.48145466f && c.std[2] == 0.27577711f);
    assert_true(c.rescale == 1.0f / 255);
    assert_int_equal(c.picture.width, 224);
    assert_int_equal(c.picture.resize, 224);
    assert_int_equal(c.picture.filter, IMAGE_BICUBIC);
    assert_int_equal(c.picture.alpha, IMAGE_ALPHA_WHITE);
    assert_true(c.picture.crop_floor);
    assert_false(c.picture.stretch);
    assert_false(c.drawings_only);
}

static void fills_in_defaults(void **state)
{
    (void)state;
    struct clip_config c;
    struct err e = ERR_INIT;
    assert_int_equal(try_read("{\"model_type\":\"clip\"}", NULL, &c, &e), ST_OK);
    assert_int_equal(c.text.layers, 12);
    assert_int_equal(c.text.heads, 8);
    assert_int_equal(c.sot, 49406);
    assert_int_equal(c.eot, 49407);
    assert_false(c.eot_argmax);
    assert_true(c.text.eps == 1e-5f);
    /* without a preprocessor file pictures get the model's own size */
    assert_int_equal(
        try_read("{\"model_type\":\"clip\",\"vision_config\":{\"image_size\":64,\"patch_size\":8,"
                 "\"hidden_act\":\"gelu\"},\"fovea\":{\"drawings_only\":true}}",
            NULL, &c, &e),
        ST_OK);
    assert_int_equal(c.picture.width, 64);
    assert_int_equal(c.vision.act, CLIP_GELU);
    assert_int_equal(c.text.act, CLIP_QUICK_GELU);
    assert_true(c.drawings_only);
}

static void older_dict_wins(void **state)
{
    (void)state;
    struct clip_config c;
    struct err e = ERR_INIT;
    assert_int_equal(
        try_read("{\"model_type\":\"clip\",\"text_config\":{\"hidden_size\":1024,"
                 "\"num_hidden_layers\":3},\"text_config_dict\":{\"hidden_size\":768}}",
            NULL, &c, &e),
        ST_OK);
    assert_int_equal(c.text.width, 768);
    assert_int_equal(c.text.layers, 12); /* the default, not text_config's 3 */
}

static void reads_preprocessors(void **state)
{
    (void)state;
    struct clip_config c;
    struct err e = ERR_INIT;
    const char *clip = "{\"model_type\":\"clip\"}";
    assert_int_equal(try_read(clip,
                         "{\"size\":{\"height\":224,\"width\":224},\"do_center_crop\":false,"
                         "\"resample\":2,\"image_mean\":0.5,\"image_std\":[0.5,0.5,0.5]}",
                         &c, &e),
        ST_OK);
    assert_true(c.picture.stretch);
    assert_int_equal(c.picture.filter, IMAGE_BILINEAR);
    assert_true(c.mean[1] == 0.5f && c.std[1] == 0.5f);
    assert_int_equal(try_read(clip,
                         "{\"size\":{\"shortest_edge\":256},\"crop_size\":{\"height\":224,"
                         "\"width\":224},\"do_rescale\":false,\"do_normalize\":false}",
                         &c, &e),
        ST_OK);
    assert_int_equal(c.picture.resize, 256);
    assert_int_equal(c.picture.width, 224);
    assert_true(c.rescale == 1.0f && c.mean[0] == 0.0f && c.std[0] == 1.0f);
}

static void refuses(void **state)
{
    (void)state;
    static const struct {
        const char *config, *preprocessor;
        enum status st;
        const char *says;
    } rows[] = {
        {NULL, NULL, ST_NOT_FOUND, "config.json"},
        {"[]", NULL, ST_CORRUPT, "not a JSON object"},
        {"{}", NULL, ST_UNSUPPORTED, "model_type"},
        {"{\"model_type\":\"siglip\"}", NULL, ST_UNSUPPORTED, "siglip"},
        {"{\"model_type\":\"clip\",\"projection_dim\":0}", NULL, ST_LIMIT, "projection_dim is 0"},
        {"{\"model_type\":\"clip\",\"projection_dim\":\"x\"}", NULL, ST_CORRUPT, "projection_dim"},
        {"{\"model_type\":\"clip\",\"projection_dim\":5.5}", NULL, ST_CORRUPT, "projection_dim"},
        {"{\"model_type\":\"clip\",\"text_config\":{\"num_attention_heads\":7}}", NULL, ST_CORRUPT,
            "multiple of 7"},
        {"{\"model_type\":\"clip\",\"text_config\":{\"hidden_act\":\"relu\"}}", NULL,
            ST_UNSUPPORTED, "relu"},
        {"{\"model_type\":\"clip\",\"text_config\":{\"layer_norm_eps\":0}}", NULL, ST_CORRUPT,
            "layer_norm_eps"},
        {"{\"model_type\":\"clip\",\"text_config\":{\"vocab_size\":99999999}}", NULL, ST_LIMIT,
            "vocab_size is 99999999"},
        {"{\"model_type\":\"clip\",\"vision_config\":{\"num_channels\":1}}", NULL, ST_UNSUPPORTED,
            "1 channels"},
        {"{\"model_type\":\"clip\",\"vision_config\":{\"patch_size\":225}}", NULL, ST_CORRUPT,
            "patches of 225"},
        {"{\"model_type\":\"clip\"}", "{\"crop_size\":336,\"size\":336}", ST_CORRUPT,
            "336 x 336, the model takes 224"},
        {"{\"model_type\":\"clip\"}", "{\"do_resize\":false}", ST_UNSUPPORTED, "do_resize"},
        {"{\"model_type\":\"clip\"}", "{\"do_center_crop\":false}", ST_UNSUPPORTED,
            "neither cropped"},
        {"{\"model_type\":\"clip\"}", "{\"size\":200}", ST_UNSUPPORTED, "out of 200 x 200"},
        {"{\"model_type\":\"clip\"}", "{\"size\":-1}", ST_CORRUPT, "size"},
        {"{\"model_type\":\"clip\"}", "{\"size\":[224,224]}", ST_CORRUPT, "size"},
        {"{\"model_type\":\"clip\"}", "{\"resample\":0}", ST_UNSUPPORTED, "resample is 0"},
        {"{\"model_type\":\"clip\"}", "{\"image_std\":[1,1,0]}", ST_CORRUPT, "image_std"},
        {"{\"model_type\":\"clip\"}", "{\"image_mean\":[1,1]}", ST_CORRUPT, "image_mean"},
        {"{\"model_type\":\"clip\"}", "{\"rescale_factor\":-1}", ST_CORRUPT, "rescale_factor"},
        {"{\"model_type\":\"clip\"}", "{", ST_CORRUPT, "preprocessor_config.json, line 1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct clip_config c;
        struct err e = ERR_INIT;
        enum status st = try_read(rows[i].config, rows[i].preprocessor, &c, &e);
        if (st != rows[i].st || !strstr(e.text, rows[i].says))
            fail_msg("%s %s: %s", rows[i].config, rows[i].preprocessor, e.text);
    }
}

static void finds_the_end(void **state)
{
    (void)state;
    struct clip_config c = {.eot = 9};
    const int32_t ids[] = {8, 1, 9, 3, 9}, twelve[] = {8, 12, 9, 12};
    assert_int_equal(clip_config_eot_row(&c, ids, 5), 2);
    assert_int_equal(clip_config_eot_row(&c, ids, 2), 1);
    c.eot_argmax = true;
    assert_int_equal(clip_config_eot_row(&c, twelve, 4), 1);
    assert_string_equal(clip_act_name(CLIP_GELU_TANH), "gelu_pytorch_tanh");
}

static void survives_lack_of_memory(void **state)
{
    (void)state;
    struct clip_config c;
    struct err e = ERR_INIT;
    enum status st = try_read("{\"model_type\":\"clip\"}", "{\"size\":224}", &c, &e);
    assert_int_equal(st, ST_OK);
    st = ST_NO_MEMORY;
    for (uint64_t n = 1; st == ST_NO_MEMORY; n++) {
        mem_fault_set(n, true);
        st = clip_config_read(DIR, &c, &e);
        mem_fault_set(0, false);
        assert_true(n < 1000);
    }
    /* without memory for its path a preprocessor file must not pass for absent */
    assert_int_equal(st, ST_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_openai_b32),
        cmocka_unit_test(fills_in_defaults),
        cmocka_unit_test(older_dict_wins),
        cmocka_unit_test(reads_preprocessors),
        cmocka_unit_test(refuses),
        cmocka_unit_test(finds_the_end),
        cmocka_unit_test(survives_lack_of_memory),
    };
    if (!mkdtemp(DIR)) return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    put("config.json", NULL);
    put("preprocessor_config.json", NULL);
    rmdir(DIR);
    return failed;
}

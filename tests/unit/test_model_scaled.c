/* test_model_scaled.c - a JPEG decoded at a fraction of its size means the same to a model.
 *
 * The golden photos, each prepared from a scaled decode and from a full one, embedded by the model
 * that ships: cosine at least 0.999. The same for a picture target of 224 pixels is a matter of
 * pixels and stands in test_image_golden.c.
 */
#include "test.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "model/model.h"
#include "simd/distance.h"

enum { PHOTOS_MAX = 9 };

static void embed_file(
    struct model_worker *w, const struct image_spec *spec, const char *path, float *out)
{
    struct err e = ERR_INIT;
    struct file_map file;
    uint8_t *pixels = mem_alloc_aligned((size_t)spec->width * (size_t)spec->height * 3);
    assert_non_null(pixels);
    assert_ok(file_map_open(path, &file, &e), &e);
    assert_ok(image_prepare(file.data, file.bytes, spec, pixels, NULL, &e), &e);
    assert_ok(model_embed_pictures(w, pixels, 1, out, &e), &e);
    file_map_close(&file);
    mem_free_aligned(pixels);
}

static void test_scaled_decodes_embed_alike(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct model *m;
    struct model_worker *w;
    assert_ok(model_open("mini", FOVEA_SOURCE_DIR "/models/mini", &m, &e), &e);
    assert_ok(model_worker_open(m, 1, &w, &e), &e);
    struct image_spec scaled = model_info(m)->picture, exact = scaled;
    scaled.exact_decode = false;
    exact.exact_decode = true;
    float a[LIMIT_VECTOR_DIM], b[LIMIT_VECTOR_DIM];
    int seen = 0;
    for (int i = 0; i <= PHOTOS_MAX; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/tests/golden/image/files/photo%d.jpg", FOVEA_SOURCE_DIR, i);
        if (!file_exists(path)) continue;
        embed_file(w, &scaled, path, a);
        embed_file(w, &exact, path, b);
        double cosine = 1 - metric_distance(METRIC_COSINE, a, b, (size_t)model_info(m)->dim);
        if (!(cosine >= 0.999)) fail_msg("%s: cosine %f", path, cosine);
        seen++;
    }
    assert_true(seen >= 3);
    model_worker_close(w);
    model_close(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scaled_decodes_embed_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_sql_metrics.c - the measures of EVALUATE against their definitions, counted one by one. */
#include <math.h>
#include <stdlib.h>

#include "sql/statement/metrics.h"
#include "test.h"

enum { ROWS = 200, CLASSES = 5, ROUNDS = 40 };

struct sample {
    int truth[ROWS], said[ROWS];
    float scores[ROWS];
};

static uint64_t next(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 33;
}

static struct sample draw(uint64_t seed, int classes)
{
    struct sample s;
    for (int i = 0; i < ROWS; i++) {
        s.truth[i] = (int)(next(&seed) % (uint64_t)classes);
        s.said[i] = next(&seed) % 3 == 0 ? (int)(next(&seed) % (uint64_t)classes) : s.truth[i];
        s.scores[i] = (float)(next(&seed) % 20) / 7; /* with ties */
    }
    return s;
}

/* Of every pair of a row of the class and one of another. */
static double auc(const struct sample *s, int class, int count)
{
    double won = 0, pairs = 0;
    for (int i = 0; i < count; i++)
        for (int k = 0; k < count; k++) {
            if (s->truth[i] != class || s->truth[k] == class) continue;
            pairs++;
            won += s->scores[i] > s->scores[k] ? 1 : s->scores[i] == s->scores[k] ? 0.5 : 0;
        }
    return pairs > 0 ? won / pairs : NAN;
}

/* Correlation of the two one-hot matrices, which is what Matthews' coefficient is for many classes.
 */
static double correlation(const struct sample *s, int count, int classes)
{
    double xy = 0, xx = 0, yy = 0;
    for (int c = 0; c < classes; c++) {
        double mean_x = 0, mean_y = 0;
        for (int i = 0; i < count; i++) {
            mean_x += (double)(s->truth[i] == c) / count;
            mean_y += (double)(s->said[i] == c) / count;
        }
        for (int i = 0; i < count; i++) {
            double x = (s->truth[i] == c) - mean_x, y = (s->said[i] == c) - mean_y;
            xy += x * y;
            xx += x * x;
            yy += y * y;
        }
    }
    return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : 0;
}

static double kappa(const struct sample *s, int count)
{
    double agreed = 0, chance = 0;
    for (int i = 0; i < count; i++) {
        agreed += s->truth[i] == s->said[i];
        for (int k = 0; k < count; k++) chance += s->truth[i] == s->said[k];
    }
    agreed /= count;
    chance /= (double)count * count;
    return (agreed - chance) / (1 - chance);
}

static struct metrics_macro macro(const struct sample *s, int count, int classes)
{
    struct metrics_macro m = {0, 0, 0};
    int met = 0;
    for (int c = 0; c < classes; c++) {
        double right = 0, wrongly = 0, missed = 0;
        for (int i = 0; i < count; i++) {
            right += s->truth[i] == c && s->said[i] == c;
            wrongly += s->truth[i] != c && s->said[i] == c;
            missed += s->truth[i] == c && s->said[i] != c;
        }
        if (right + wrongly + missed == 0) continue;
        met++;
        double p = right + wrongly > 0 ? right / (right + wrongly) : 0;
        double r = right + missed > 0 ? right / (right + missed) : 0;
        m.precision += p;
        m.recall += r;
        m.f1 += p + r > 0 ? 2 * p * r / (p + r) : 0;
    }
    return (struct metrics_macro){m.recall / met, m.precision / met, m.f1 / met};
}

static void assert_near(double got, double want)
{
    if (isnan(want) ? !isnan(got) : !(fabs(got - want) < 1e-9)) fail_msg("%g, not %g", got, want);
}

static void test_against_definitions(void **state)
{
    (void)state;
    size_t order[ROWS];
    for (uint64_t round = 1; round <= ROUNDS; round++) {
        int classes = 2 + (int)(round % (CLASSES - 1)), count = 5 + (int)round * 4;
        struct sample s = draw(round, classes);
        struct metrics_rows rows = {s.truth, s.said, (size_t)count, classes};
        struct metrics_class c[CLASSES];
        metrics_count(&rows, c);
        struct metrics_macro want = macro(&s, count, classes), got = metrics_macro_of(c, classes);
        assert_near(got.recall, want.recall);
        assert_near(got.precision, want.precision);
        assert_near(got.f1, want.f1);
        assert_near(metrics_kappa(c, classes), kappa(&s, count));
        assert_near(metrics_mcc(c, classes), correlation(&s, count, classes));
        for (int k = 0; k < classes; k++)
            assert_near(metrics_auc(s.scores, s.truth, k, (size_t)count, order), auc(&s, k, count));
    }
}

static void test_edges(void **state)
{
    (void)state;
    size_t order[3];
    int truth[3] = {0, 0, 0}, said[3] = {0, 1, 1};
    float scores[3] = {1, 2, 3};
    struct metrics_rows none = {truth, said, 0, 2}, all = {truth, said, 3, 2};
    struct metrics_class c[2];
    metrics_count(&none, c);
    assert_near(metrics_accuracy(&none), NAN);
    assert_near(metrics_macro_of(c, 2).f1, NAN);
    assert_near(metrics_kappa(c, 2), NAN);
    assert_near(metrics_mcc(c, 2), NAN);
    assert_near(metrics_auc(scores, truth, 0, 0, order), NAN);
    metrics_count(&all, c);
    assert_near(metrics_accuracy(&all), 1.0 / 3);
    assert_near(metrics_mcc(c, 2), 0);
    assert_near(metrics_auc(scores, truth, 0, 3, order), NAN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_definitions),
        cmocka_unit_test(test_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

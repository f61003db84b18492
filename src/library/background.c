/* background.c - common words, a sample of the library, and a query's score seen before both.
 *
 * Two numbers go into a logistic function: the score, and the score that common words (or, for a
 * picture as query, the library's own pictures) have with the same picture, both in units of the
 * spread of such scores. Means over words are scores with a mean vector, so that the second is one
 * product more. The weights were fitted on half of the held-out stamps (bench/relevance.py --fit).
 */
#include "library/background.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "simd/distance.h"

enum { SAMPLE_MAX = 512, PRIOR_ROWS = 16 };
static const double SAME_FROM = 0.9; /* a score from which on two pictures may be one */

// clang-format off
static const char *const WORDS[] = {
    "house", "tree", "car", "dog", "cat", "bird", "fish", "flower", "sun", "moon", "star",
    "water", "fire", "mountain", "river", "sea", "boat", "ship", "train", "plane", "bicycle",
    "road", "bridge", "city", "man", "woman", "child", "baby", "hand", "face", "eye", "foot",
    "heart", "book", "pen", "paper", "letter", "number", "clock", "phone", "computer",
    "television", "radio", "lamp", "chair", "table", "bed", "door", "window", "key", "box",
    "bag", "hat", "shirt", "shoe", "dress", "ring", "glass", "cup", "plate", "집", "나무", "자동차",
    "개", "고양이", "새", "물고기", "꽃", "해", "달", "별", "물", "불", "산", "강", "바다", "배", "기차", "비행기",
    "자전거", "家", "木", "車", "犬", "猫", "鳥", "魚", "花", "太陽", "月", "星", "水", "火", "山", "川", "海", "船",
    "電車", "飛行機", "自転車", "房子", "树", "汽车", "狗", "猫", "鸟", "鱼", "花", "太阳", "月亮", "星星", "水", "火",
    "山", "河", "海", "船", "火车", "飞机", "自行车",
};
// clang-format on
enum { WORD_COUNT = sizeof WORDS / sizeof WORDS[0] };

/* Scores with pictures of the sample: of words, and of other pictures. */
enum side { SIDE_TEXT, SIDE_PICTURE, SIDE_COUNT };

/* The kept form: this head, then for each side the vector whose scores are the background: the mean
 * of the words, the mean of the sample. Little-endian, as vectors are. */
struct head {
    char magic[4];
    uint32_t dim;
    uint32_t count; /* of the sample it was made from */
    uint32_t pad;
    uint64_t rows; /* of the library when it was made */
    float mean[SIDE_COUNT], spread[SIDE_COUNT];
};

static const char MAGIC[4] = {'F', 'V', 'B', '2'};

struct background {
    struct head head;
    float *vectors; /* of the sides; while it is made, the sample behind them */
};

static const float *side_vector(const struct background *b, enum side side)
{
    return b->vectors + (size_t)side * b->head.dim;
}

static const float *sample_vector(const struct background *b, size_t i)
{
    return b->vectors + (SIDE_COUNT + i) * b->head.dim;
}

static size_t sides_bytes(const struct head *h)
{
    return SIDE_COUNT * h->dim * sizeof(float);
}

static double dot(const float *a, const float *b, size_t dim)
{
    return (double)simd_distance_get(cpu_get()->isa)->dot(a, b, dim);
}

/* --- making it -----------------------------------------------------------------------------------
 */

/* A running mean and spread (Welford). */
struct moments {
    double count, mean, squares;
};

static void moments_add(struct moments *m, double x)
{
    m->count += 1;
    double d = x - m->mean;
    m->mean += d / m->count;
    m->squares += d * (x - m->mean);
}

static double moments_spread(const struct moments *m)
{
    return m->count > 0 ? sqrt(m->squares / m->count) : 0;
}

/* The rows whose content hashes are smallest: as good as drawn by lot, and the same for the same
 * pictures, whatever the order in which they came in. */
static enum status read_sample(
    struct store *s, const struct pick *p, struct background *b, struct err *e)
{
    struct store_stmt *st = NULL;
    struct buf sql;
    bool row = true;
    buf_init(&sql);
    buf_printf(&sql,
        "SELECT \"%s\" FROM images WHERE length(\"%s\") = ?1 ORDER BY hash LIMIT ?2",
        p->column.name, p->column.name);
    enum status status = buf_check(&sql, e);
    if (status == ST_OK) status = store_prepare(s, sql.data, &st, e);
    if (status == ST_OK) {
        store_bind_int(st, 1, (int64_t)(b->head.dim * sizeof(float)));
        store_bind_int(st, 2, (int64_t)b->head.count);
    }
    b->head.count = 0;
    while (status == ST_OK && row) {
        status = store_step(st, &row, e);
        if (status != ST_OK || !row) break;
        float *v = b->vectors + (SIDE_COUNT + (size_t)b->head.count++) * b->head.dim;
        memcpy(v, store_blob(st, 0), b->head.dim * sizeof(float));
    }
    store_finalize(st);
    buf_deinit(&sql);
    return status;
}

static void add_to_mean(float *mean, const float *v, size_t dim, size_t count)
{
    for (size_t d = 0; d < dim; d++) mean[d] += v[d] / (float)count;
}

static enum status measure_words(
    struct sql_session *s, const struct pick *p, struct background *b, struct err *e)
{
    struct model_worker *w;
    struct moments scores = {0};
    size_t dim = b->head.dim;
    enum status st = sql_model_worker(s, p->open, &w, e);
    float *v = st == ST_OK ? mem_alloc_aligned(dim * sizeof *v) : NULL;
    if (st == ST_OK && v == NULL) st = mem_err(e, dim * sizeof *v);
    for (size_t i = 0; st == ST_OK && i < WORD_COUNT; i++) {
        st = model_embed_text(w, WORDS[i], strlen(WORDS[i]), v, e);
        if (st != ST_OK) break;
        add_to_mean(b->vectors + SIDE_TEXT * dim, v, dim, WORD_COUNT);
        for (size_t r = 0; r < b->head.count; r++)
            moments_add(&scores, dot(v, sample_vector(b, r), dim));
        if (i % 8 == 0) st = run_check(sql_session_run(s), e);
    }
    mem_free_aligned(v);
    b->head.mean[SIDE_TEXT] = (float)scores.mean;
    b->head.spread[SIDE_TEXT] = (float)moments_spread(&scores);
    return st;
}

static void measure_pictures(struct background *b)
{
    struct moments scores = {0};
    size_t dim = b->head.dim, count = b->head.count;
    for (size_t i = 0; i < count; i++) {
        add_to_mean(b->vectors + SIDE_PICTURE * dim, sample_vector(b, i), dim, count);
        for (size_t k = 0; k < i; k++)
            moments_add(&scores, dot(sample_vector(b, i), sample_vector(b, k), dim));
    }
    /* A library of two has no spread to speak of: as if some more pictures were there. */
    double n = (double)count, prior = PRIOR_ROWS;
    b->head.mean[SIDE_PICTURE] = (float)((n * scores.mean + prior * 0.4) / (n + prior));
    b->head.spread[SIDE_PICTURE] =
        (float)((n * moments_spread(&scores) + prior * 0.2) / (n + prior));
}

static enum status make(struct sql_session *s, struct store *store, const struct pick *p,
    struct background *b, struct err *e)
{
    int64_t rows = 0;
    char sql[TABLES_COLUMN_CHARS + 64];
    snprintf(sql, sizeof sql, "SELECT count(\"%s\") FROM images", p->column.name);
    enum status st = tables_number(store, sql, &rows, e);
    if (st != ST_OK) return st;
    memcpy(b->head.magic, MAGIC, sizeof MAGIC);
    b->head.dim = (uint32_t)p->column.of.dim;
    b->head.rows = (uint64_t)rows;
    b->head.count = rows < SAMPLE_MAX ? (uint32_t)rows : SAMPLE_MAX;
    size_t bytes = sides_bytes(&b->head) + b->head.count * b->head.dim * sizeof(float);
    b->vectors = mem_alloc_aligned(bytes);
    if (b->vectors == NULL) return mem_err(e, bytes);
    memset(b->vectors, 0, bytes);
    st = read_sample(store, p, b, e);
    if (st == ST_OK) st = measure_words(s, p, b, e);
    if (st == ST_OK) measure_pictures(b);
    return st;
}

/* --- keeping it ----------------------------------------------------------------------------------
 */

static void key_of(const struct pick *p, char out[TABLES_COLUMN_CHARS + 16])
{
    snprintf(out, TABLES_COLUMN_CHARS + 16, "background:%s", p->column.name);
}

static enum status save(
    struct store *s, const struct pick *p, const struct background *b, struct err *e)
{
    char key[TABLES_COLUMN_CHARS + 16];
    struct buf bytes;
    key_of(p, key);
    buf_init(&bytes);
    buf_add(&bytes, &b->head, sizeof b->head);
    buf_add(&bytes, b->vectors, sides_bytes(&b->head));
    enum status st = buf_check(&bytes, e);
    if (st == ST_OK) st = tables_fact_set(s, key, bytes.data, (int64_t)bytes.bytes, e);
    buf_deinit(&bytes);
    return st;
}

/* *found false: none is kept, or one that is not for this dimension. */
static enum status load(
    struct store *s, const struct pick *p, struct background *b, bool *found, struct err *e)
{
    char key[TABLES_COLUMN_CHARS + 16];
    struct buf bytes;
    key_of(p, key);
    buf_init(&bytes);
    enum status st = tables_fact_get(s, key, &bytes, found, e);
    *found = st == ST_OK && *found && bytes.bytes >= sizeof b->head;
    if (*found) memcpy(&b->head, bytes.data, sizeof b->head);
    *found = *found && memcmp(b->head.magic, MAGIC, sizeof MAGIC) == 0 &&
        b->head.count <= SAMPLE_MAX && b->head.dim == (uint32_t)p->column.of.dim &&
        bytes.bytes == sizeof b->head + sides_bytes(&b->head);
    if (*found) {
        b->vectors = mem_alloc_aligned(sides_bytes(&b->head));
        if (b->vectors == NULL) st = mem_err(e, sides_bytes(&b->head));
        if (st == ST_OK) memcpy(b->vectors, bytes.data + sizeof b->head, sides_bytes(&b->head));
    }
    buf_deinit(&bytes);
    return st;
}

static enum status is_stale(
    struct store *s, const struct pick *p, bool changed, bool *stale, struct err *e)
{
    struct background b = {.vectors = NULL};
    char sql[TABLES_COLUMN_CHARS + 64];
    int64_t rows = 0;
    bool found = false;
    enum status st = load(s, p, &b, &found, e);
    mem_free_aligned(b.vectors);
    *stale = !found;
    if (st != ST_OK || !found || !changed) return st;
    snprintf(sql, sizeof sql, "SELECT count(\"%s\") FROM images", p->column.name);
    st = tables_number(s, sql, &rows, e);
    *stale = fabs((double)rows - (double)b.head.rows) * 10 > (double)b.head.rows;
    return st;
}

enum status background_refresh(
    struct sql_session *s, struct store *store, struct pick *p, bool changed, struct err *e)
{
    struct background b = {.vectors = NULL};
    bool stale = false;
    enum status st = is_stale(store, p, changed, &stale, e);
    if (st != ST_OK || !stale) return st;
    st = pick_open_model(s, p, e);
    if (st == ST_OK) st = make(s, store, p, &b, e);
    if (st == ST_OK) st = save(store, p, &b, e);
    mem_free_aligned(b.vectors);
    return st;
}

/* --- judging -------------------------------------------------------------------------------------
 */

/* Weights of the two numbers, and what is added. */
struct weights {
    double score, usual, offset;
};

static const struct weights WEIGHTS[SIDE_COUNT] = {
    [SIDE_TEXT] = {1.507, -1.184, -3.386},
    [SIDE_PICTURE] = {1.613, -0.961, -4.057},
};

struct judge {
    struct background b;
    enum side side;
};

/* In units of the background's spread: what a score is above the middle of such scores. */
static double unit_of(const struct judge *j, double score)
{
    double spread = (double)j->b.head.spread[j->side];
    return spread > 0 ? (score - (double)j->b.head.mean[j->side]) / spread : 0;
}

static double usual(const struct judge *j, const float *v)
{
    return unit_of(j, dot(side_vector(&j->b, j->side), v, j->b.head.dim));
}

enum status judge_open(
    struct sql_session *s, struct pick *p, bool of_picture, struct judge **out, struct err *e)
{
    struct store *store = sql_session_store(s);
    bool found = false;
    struct judge *j = mem_zalloc(1, sizeof *j);
    *out = NULL;
    if (j == NULL) return mem_err(e, sizeof *j);
    j->side = of_picture ? SIDE_PICTURE : SIDE_TEXT;
    enum status st = load(store, p, &j->b, &found, e);
    if (st == ST_OK && !found) st = make(s, store, p, &j->b, e);
    if (st == ST_OK)
        *out = j;
    else
        judge_close(j);
    return st;
}

void judge_close(struct judge *j)
{
    if (j == NULL) return;
    mem_free_aligned(j->b.vectors);
    mem_free(j);
}

double judge_relevance(const struct judge *j, const float *v, double score)
{
    const struct weights *w = &WEIGHTS[j->side];
    double sum = w->score * unit_of(j, score) + w->usual * usual(j, v) + w->offset;
    double relevance = 1 / (1 + exp(-sum));
    /* The same picture again is relevant, however much alike all pictures of a library are. */
    double same = j->side == SIDE_PICTURE ? (score - SAME_FROM) / (1 - SAME_FROM) : 0;
    if (same > relevance) relevance = same;
    return relevance < 1 ? relevance : 1;
}

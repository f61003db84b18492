/* keyword.c - SEARCH KEYWORD USING m OPTIONS (…) AS (q): words for what each picture shows.
 *
 * ThanoSQL's SEARCH KEYWORD takes words out of texts; over pictures the words are given: those of
 * keywords=[…], or the words of each row's own text (text_col) and runs of them (ngram_range), or
 * else a list of common words of the language (words.h). Each is compared with the picture by
 * cosine. Of those with threshold and more, top_n are taken one by one, each the one with the
 * largest (1 - diversity) x cosine with the picture - diversity x highest cosine with one taken
 * before: maximal marginal relevance (Carbonell and Goldstein 1998). The column holds JSON in the
 * original's shape, {"keyword":["cat","sofa"],"score":[0.31,0.27]}, best score first.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "simd/distance.h"
#include "sql/plan/plan.h"
#include "sql/statement/embed.h"
#include "sql/statement/source.h"
#include "sql/statement/words.h"

enum {
    KEYWORDS_MAX = 10000,
    OF_TEXT_MAX = 256,
    RUN_WORDS_MAX = 5,
    TOP_MAX = 100,
    WORDS_MAX = 1000
};

static const struct sql_option KEYWORD_OPTIONS[] = {
    {.name = "keywords", .type = OPTION_TEXTS},
    {.name = "text_col", .type = OPTION_NAME},
    {.name = "lang", .type = OPTION_NAME, .fallback = "en", .choices = WORDS_LANGUAGES},
    {.name = "ngram_range", .type = OPTION_INTEGERS, .min = 1, .max = RUN_WORDS_MAX},
    {.name = "top_n", .type = OPTION_INTEGER, .fallback = "5", .min = 1, .max = TOP_MAX},
    {.name = "diversity", .type = OPTION_REAL, .fallback = "0.5", .min = 0, .max = 1},
    {.name = "use_stopwords", .type = OPTION_BOOLEAN, .fallback = "True"},
    {.name = "threshold", .type = OPTION_REAL, .fallback = "0.0", .min = -1, .max = 1},
    {.name = "image_col", .type = OPTION_NAME, .also = {"image_column"}},
    {.name = "emb_col", .type = OPTION_NAME},
    {.name = "result_col", .type = OPTION_NAME, .fallback = "keyword", .also = {"column_name"}},
    {.name = "batch_size", .type = OPTION_INTEGER, .min = 1, .max = 100000},
};

/* As planned. */
struct keywords {
    const char **texts; /* for all rows; NULL: each row's own */
    int count;
    int run_min, run_max; /* words in a run */
};

/* What is chosen from for a row, and how it is rated. */
struct choice {
    char **texts; /* of the row; NULL: the plan's */
    int count;
    float *vectors; /* count x dim; the plan's lie in r->queries */
    float *score;   /* with the picture; NaN: not a candidate any more */
    float *near;    /* highest cosine with one that is taken */
};

/* --- planning --------------------------------------------------------------------------------- */

static enum status take_list(struct sql_step *s, struct keywords *k, struct err *e)
{
    const struct sql_literal *first = sql_option_items(&s->options, "keywords"), *v = first;
    const char *const *words = words_of_pictures(sql_option_text(&s->options, "lang"));
    while (first == NULL && words[k->count] != NULL) k->count++;
    for (; v != NULL; v = v->next) k->count++;
    if (k->count > KEYWORDS_MAX)
        return sql_at(&s->plan->ast, first->first,
            err_set(e, ST_LIMIT, "at most %d keywords", KEYWORDS_MAX), e);
    k->texts = arena_array(&s->plan->arena, (size_t)k->count, sizeof *k->texts);
    if (k->texts == NULL) return mem_err(e, 0);
    v = first;
    for (int i = 0; i < k->count; i++) {
        k->texts[i] = first == NULL ? words[i] : v->text;
        v = v != NULL ? v->next : NULL;
    }
    return ST_OK;
}

static enum status take_runs(struct sql_step *s, struct keywords *k, struct err *e)
{
    const struct sql_literal *v = sql_option_items(&s->options, "ngram_range");
    k->run_min = v != NULL ? (int)strtol(v->text, NULL, 10) : 1;
    k->run_max = v == NULL ? 2
        : v->next != NULL  ? (int)strtol(v->next->text, NULL, 10)
                           : k->run_min;
    bool two = v == NULL || v->next == NULL || v->next->next == NULL;
    if (two && k->run_min <= k->run_max) return ST_OK;
    return sql_at(&s->plan->ast, v->first,
        err_set(e, ST_INVALID, "ngram_range takes the fewest and the most words of a run: [1, 2]"),
        e);
}

static enum status plan_keyword(struct sql_step *s, struct err *e)
{
    struct keywords *k = arena_alloc(&s->plan->arena, sizeof *k);
    if (k == NULL) return mem_err(e, 0);
    s->own = k;
    if (s->node->parts.search != NULL)
        return sql_at(&s->plan->ast, s->node->parts.search->name,
            err_set(e, ST_INVALID,
                "SEARCH KEYWORD finds words for pictures; what is searched by words is SEARCH "
                "IMAGE"),
            e);
    enum status st = source_plan(s, false, e);
    if (st == ST_OK) st = source_column(s, "text_col", "text", &s->text_column, e);
    bool own = sql_option_given(&s->options, "keywords") == NULL && s->text_column >= 0;
    if (st == ST_OK) st = own ? take_runs(s, k, e) : take_list(s, k, e);
    if (st == ST_OK) st = step_columns_of_query(s, -1, e);
    if (st != ST_OK) return st;
    struct step_column *c = step_column_add(s, sql_option_text(&s->options, "result_col"), "JSON");
    if (c == NULL) return mem_err(e, 0);
    c->computed = s->computed_count++;
    return ST_OK;
}

/* --- the words of a row's text ---------------------------------------------------------------- */

struct span {
    size_t start, bytes;
};

static bool is_of_word(uint32_t cp)
{
    enum utf8_class c = utf8_class(cp);
    return c == UTF8_LETTER || c == UTF8_MARK || c == UTF8_NUMBER || cp == '\'' || cp == '-';
}

/* What stands between anything that is no letter or number. */
static int split(const struct buf *text, bool stop, struct span *words)
{
    const char *end = text->data + text->bytes;
    int count = 0;
    for (const char *p = text->data; p < end && count < WORDS_MAX;) {
        uint32_t cp;
        const char *start = p;
        size_t n = 0;
        while (p < end && (n = utf8_next(p, end, &cp)) > 0 && is_of_word(cp)) p += n;
        size_t bytes = (size_t)(p - start);
        if (bytes == 0) p += n;
        if (bytes == 0 || (stop && words_are_stopped(start, bytes))) continue;
        words[count++] = (struct span){(size_t)(start - text->data), bytes};
    }
    return count;
}

static bool has_text(const struct choice *c, const struct buf *run)
{
    for (int i = 0; i < c->count; i++)
        if (strcmp(c->texts[i], run->data) == 0) return true;
    return false;
}

/* The words from number first on, as many as count, with a blank between. */
static bool add_run(struct choice *c, const struct buf *text, const struct span *words, int count)
{
    struct buf run;
    buf_init(&run);
    for (int i = 0; i < count; i++) {
        if (i > 0) buf_add_char(&run, ' ');
        buf_add(&run, text->data + words[i].start, words[i].bytes);
    }
    if (run.failed || has_text(c, &run)) {
        bool failed = run.failed;
        buf_deinit(&run);
        return !failed;
    }
    c->texts[c->count] = buf_take(&run);
    return c->texts[c->count] != NULL && ++c->count > 0;
}

/* The different words and runs of words of a text, up to OF_TEXT_MAX of them, in lower case. */
static enum status choose_from(
    const struct step_run *r, struct choice *c, const char *text, size_t bytes, struct err *e)
{
    const struct keywords *k = r->step->own;
    bool stop = sql_option_boolean(&r->step->options, "use_stopwords"), room = true;
    struct span *words = mem_zalloc(WORDS_MAX, sizeof *words);
    struct buf lower;
    buf_init(&lower);
    utf8_lower(text, bytes, &lower);
    room = words != NULL && !lower.failed;
    int count = room && lower.bytes > 0 ? split(&lower, stop, words) : 0;
    for (int length = k->run_min; length <= k->run_max; length++)
        for (int i = 0; room && i + length <= count && c->count < OF_TEXT_MAX; i++)
            room = add_run(c, &lower, words + i, length);
    buf_deinit(&lower);
    mem_free(words);
    return room ? ST_OK : mem_err(e, 0);
}

/* --- running ---------------------------------------------------------------------------------- */

static enum status embed_all(
    struct sql_step *s, const char *const *texts, int count, float *out, struct err *e)
{
    size_t dim = (size_t)model_info(s->model)->dim;
    enum status st = ST_OK;
    for (int i = 0; st == ST_OK && i < count; i++) {
        struct embed_words words = {texts[i], strlen(texts[i])};
        st = embed_text(s->session, s->model, words, out + (size_t)i * dim, e);
        if (st == ST_OK) st = run_check(&s->session->run, e);
    }
    return st;
}

static enum status open_keyword(struct step_run *r, struct err *e)
{
    const struct keywords *k = r->step->own;
    struct choice *c = r->state = mem_zalloc(1, sizeof *c);
    if (c == NULL) return mem_err(e, sizeof *c);
    size_t room = k->texts != NULL ? (size_t)k->count : OF_TEXT_MAX;
    size_t dim = (size_t)model_info(r->step->model)->dim;
    r->queries = mem_alloc_aligned(room * dim * sizeof(float));
    c->vectors = r->queries;
    c->score = mem_zalloc(room, sizeof *c->score);
    c->near = mem_zalloc(room, sizeof *c->near);
    if (k->texts == NULL) c->texts = mem_zalloc(room, sizeof *c->texts);
    bool missing = k->texts == NULL && c->texts == NULL;
    if (r->queries == NULL || c->score == NULL || c->near == NULL || missing) return mem_err(e, 0);
    if (k->texts == NULL) return ST_OK;
    c->count = k->count;
    return embed_all(r->step, k->texts, k->count, c->vectors, e);
}

static void forget_texts(struct choice *c)
{
    for (int i = 0; c->texts != NULL && i < c->count; i++) mem_free(c->texts[i]);
    if (c->texts != NULL) c->count = 0;
}

static void close_keyword(struct step_run *r)
{
    struct choice *c = r->state;
    forget_texts(c);
    mem_free(c->texts);
    mem_free(c->score);
    mem_free(c->near);
    mem_free(c);
}

struct taken {
    int number;
    float score;
};

/* Takes the best one that is left; -1: none is. */
static int take_next(struct choice *c, double diversity, bool first, size_t dim)
{
    int best = -1;
    double most = 0;
    for (int i = 0; i < c->count; i++) {
        double worth = first ? c->score[i] : (1 - diversity) * c->score[i] - diversity * c->near[i];
        if (isnan(c->score[i]) || (best >= 0 && worth <= most)) continue;
        best = i;
        most = worth;
    }
    for (int i = 0; best >= 0 && i < c->count; i++) {
        double d = metric_distance(
            METRIC_COSINE, c->vectors + (size_t)best * dim, c->vectors + (size_t)i * dim, dim);
        if (!isnan(d) && (first || 1 - d > c->near[i])) c->near[i] = (float)(1 - d);
    }
    return best;
}

static int by_score(const void *a, const void *b)
{
    const struct taken *x = a, *y = b;
    if (x->score != y->score) return x->score < y->score ? 1 : -1;
    return x->number - y->number;
}

static int take_best(const struct step_run *r, const float *picture, struct taken *out)
{
    struct choice *c = r->state;
    const struct sql_option_values *o = &r->step->options;
    size_t dim = (size_t)model_info(r->step->model)->dim;
    double threshold = sql_option_real(o, "threshold"), diversity = sql_option_real(o, "diversity");
    int count = 0, number, wanted = sql_option_integer(o, "top_n");
    for (int i = 0; i < c->count; i++) {
        double d = metric_distance(METRIC_COSINE, picture, c->vectors + (size_t)i * dim, dim);
        c->score[i] = 1 - d >= threshold ? (float)(1 - d) : NAN;
        c->near[i] = 0;
    }
    while (count < wanted && (number = take_next(c, diversity, count == 0, dim)) >= 0) {
        out[count++] = (struct taken){number, c->score[number]};
        c->score[number] = NAN;
    }
    qsort(out, (size_t)count, sizeof *out, by_score);
    return count;
}

static enum status show(
    const struct step_run *r, const struct taken *taken, int count, char **out, struct err *e)
{
    const struct keywords *k = r->step->own;
    const struct choice *c = r->state;
    struct buf json;
    buf_init(&json);
    buf_add_str(&json, "{\"keyword\":[");
    for (int i = 0; i < count; i++) {
        int n = taken[i].number;
        const char *text = k->texts != NULL ? k->texts[n] : c->texts[n];
        if (i > 0) buf_add_char(&json, ',');
        buf_add_json(&json, text, strlen(text));
    }
    buf_add_str(&json, "],\"score\":[");
    for (int i = 0; i < count; i++)
        buf_printf(&json, "%s%.6g", i > 0 ? "," : "", (double)taken[i].score);
    buf_add_str(&json, "]}");
    *out = buf_take(&json);
    return *out != NULL ? ST_OK : mem_err(e, 0);
}

static enum status choose_of_row(struct step_run *r, int row, struct err *e)
{
    struct choice *c = r->state;
    sqlite3_value *v = step_value(r, row, r->step->text_column);
    const char *text = (const char *)sqlite3_value_text(v);
    forget_texts(c);
    if (text == NULL) return ST_OK;
    enum status st = choose_from(r, c, text, (size_t)sqlite3_value_bytes(v), e);
    if (st != ST_OK) return st;
    return embed_all(r->step, (const char *const *)c->texts, c->count, c->vectors, e);
}

static enum status compute_keyword(struct step_run *r, struct err *e)
{
    const float *vectors[MODEL_BATCH_MAX];
    const struct choice *c = r->state;
    struct taken taken[TOP_MAX];
    enum status st = source_vectors(r, vectors, e);
    for (int i = 0; st == ST_OK && i < r->count; i++) {
        if (vectors[i] == NULL) continue;
        if (c->texts != NULL) st = choose_of_row(r, i, e);
        int count = st == ST_OK ? take_best(r, vectors[i], taken) : 0;
        if (st == ST_OK) st = show(r, taken, count, &r->cells[i].owned_text, e);
    }
    return st;
}

static void describe_keyword(const struct sql_step *s, struct buf *out)
{
    const struct keywords *k = s->own;
    buf_printf(out, "model %s, ", s->label);
    if (k->texts != NULL)
        buf_printf(out, "%d keywords", k->count);
    else
        buf_printf(out, "keywords from column %s", s->query_names[s->text_column]);
    source_describe(s, out);
}

const struct sql_statement statement_search_keyword = {
    .name = "SEARCH KEYWORD",
    .token = TK_SEARCH,
    .media = TK_KEYWORD,
    .options = KEYWORD_OPTIONS,
    .option_count = sizeof KEYWORD_OPTIONS / sizeof KEYWORD_OPTIONS[0],
    .plan = plan_keyword,
    .open = open_keyword,
    .compute = compute_keyword,
    .close = close_keyword,
    .describe = describe_keyword,
};

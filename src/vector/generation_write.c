/* generation_write.c - making generations: from rows, from the one before, and their graphs.
 *
 * full is filled first; rowids wait in memory until it is known whether they ascend. Then the codes
 * are made over it, slab by slab and by all threads of the run, and both files are committed, full
 * first: a generation is there once its codes are. What a failure leaves is removed.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/sys.h"
#include "vector/generation_files.h"

enum { ROWS_LOOK = 1024, SLAB_ROWS = 1 << 16, CHUNK_ROWS = 1 << 10 };

/* A generation being made. */
struct making {
    const struct vec_making *how;
    struct vec_facts facts;
    uint64_t set_id;
    int lock;
    struct vec_file_writer *full, *codes;
    float *rows;     /* in full */
    int64_t *rowids; /* by slot */
    uint32_t *order; /* slots by rowid; NULL when they ascend */
    uint32_t filled;
    bool ascends;
    struct vec_codes parts;                 /* in codes */
    const struct vec_generation *centre_of; /* whose centre is kept; NULL: a new one */
};

static uint64_t new_id(void)
{
    uint64_t id = 0;
    if (getrandom(&id, sizeof id, GRND_NONBLOCK) == (ssize_t)sizeof id && id != 0) return id;
    int64_t now[2] = {run_now_us(), getpid()};
    return hash_64(now, sizeof now, 1) | 1;
}

/* The number of the new generation, and that nobody else makes one. */
static enum status making_begin(
    struct making *m, const struct vec_making *how, uint64_t rows, struct err *e)
{
    *m = (struct making){
        .how = how, .facts = *how->facts, .lock = -1, .ascends = true, .set_id = new_id()};
    if (rows > VEC_ROWS_MAX)
        return err_set(e, ST_LIMIT, "%llu rows, at most %u are indexed", (unsigned long long)rows,
            VEC_ROWS_MAX);
    if (m->facts.dim < 1 || m->facts.dim > VEC_DIM_MAX)
        return err_set(
            e, ST_LIMIT, "%d dimensions, at most %d are indexed", m->facts.dim, VEC_DIM_MAX);
    m->facts.rows = (uint32_t)rows;
    if (how->dir == NULL) return ST_OK;
    enum status st = vec_generation_lock(how->dir, m->facts.ix, &m->lock, e);
    if (st != ST_OK) return st;
    uint64_t *numbers, highest;
    size_t count;
    st = vec_generation_highest(how->dir, m->facts.ix, &highest, e);
    if (st == ST_OK && m->facts.number == 0) m->facts.number = highest + 1;
    if (st == ST_OK) st = vec_generation_numbers(how->dir, m->facts.ix, &numbers, &count, e);
    if (st != ST_OK) return st;
    for (size_t i = 0; i < count; i++)
        if (numbers[i] == m->facts.number)
            st = err_set(e, ST_EXISTS, "generation %llu of index %lld is there",
                (unsigned long long)m->facts.number, (long long)m->facts.ix);
    mem_free(numbers);
    return st;
}

static enum status file_create(struct making *m, enum vec_generation_file kind,
    const uint64_t *bytes, struct vec_file_writer **out, struct err *e)
{
    struct vec_file_section sections[VEC_SECTION_COUNT];
    int count = 0;
    char path[VEC_PATH_BYTES];
    for (int i = 0; i < VEC_SECTION_COUNT; i++) {
        const struct vec_section_row *row = &VEC_SECTION_ROWS_TABLE[i];
        if (row->file != kind) continue;
        struct vec_file_section *s = &sections[count++];
        memcpy(s->name, row->name, sizeof s->name);
        s->bytes = bytes[i];
        s->check_bytes = row->check_bytes;
    }
    struct vec_file_plan plan = {.kind = VEC_GENERATION_KINDS[kind].kind,
        .set_id = m->set_id,
        .note = &m->facts,
        .note_bytes = sizeof m->facts,
        .sections = sections,
        .section_count = count};
    if (m->how->dir == NULL) return vec_file_create(NULL, &plan, false, out, e);
    enum status st = vec_generation_path(m->how->dir, &m->facts, kind, path, e);
    return st == ST_OK ? vec_file_create(path, &plan, false, out, e) : st;
}

/* Room for all rows. */
static enum status full_begin(struct making *m, struct err *e)
{
    uint64_t bytes[VEC_SECTION_COUNT] = {0};
    bytes[VEC_SECTION_ROWS] = (uint64_t)m->facts.rows * (uint64_t)m->facts.dim * sizeof(float);
    m->rowids = mem_alloc((size_t)m->facts.rows * sizeof *m->rowids);
    if (m->rowids == NULL) return mem_err(e, (size_t)m->facts.rows * sizeof *m->rowids);
    enum status st = file_create(m, VEC_FULL, bytes, &m->full, e);
    if (st == ST_OK) m->rows = vec_file_part(m->full, 0);
    return st;
}

static enum status row_add(struct making *m, int64_t rowid, const float *vector, struct err *e)
{
    if (m->filled == m->facts.rows)
        return err_set(e, ST_INTERNAL, "more than the %u rows that were said", m->facts.rows);
    if (m->filled % ROWS_LOOK == 0) {
        enum status st = run_check(m->how->run, e);
        if (st != ST_OK) return st;
        run_report(m->how->run,
            &(struct run_progress){
                .what = "reading vectors", .done = m->filled, .total = m->facts.rows});
    }
    if (m->filled > 0 && rowid <= m->rowids[m->filled - 1]) m->ascends = false;
    m->rowids[m->filled] = rowid;
    size_t dim = (size_t)m->facts.dim;
    memcpy(m->rows + m->filled * dim, vector, dim * sizeof(float));
    m->filled++;
    return ST_OK;
}

static enum status rows_add(struct making *m, const struct vec_rows *rows, struct err *e)
{
    for (;;) {
        int64_t rowid = 0;
        const float *vector = NULL;
        bool row = false;
        enum status st = rows->next(rows->user, &rowid, &vector, &row, e);
        if (st != ST_OK || !row) return st;
        st = row_add(m, rowid, vector, e);
        if (st != ST_OK) return st;
    }
}

static bool is_dead(const uint64_t *dead, uint32_t slot)
{
    return dead != NULL && (dead[slot / 64] >> slot % 64 & 1) != 0;
}

static uint32_t dead_count(const struct vec_change *change)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < change->old->set.rows; i++) count += is_dead(change->dead, i);
    return count;
}

/* Every row that stays, its checksum looked at: a wrong byte must not become a right one. */
static enum status old_rows_add(struct making *m, const struct vec_change *change, struct err *e)
{
    const struct vec_generation *old = change->old;
    for (uint32_t i = 0; i < old->set.rows; i++) {
        if (is_dead(change->dead, i)) continue;
        enum status st = old->touch.full(old->touch.user, i, e);
        if (st == ST_OK)
            st =
                row_add(m, old->set.rowids[i], old->set.full + (size_t)i * (size_t)old->set.dim, e);
        if (st != ST_OK) return st;
    }
    return ST_OK;
}

/* --- order ------------------------------------------------------------------------------------ */

struct place {
    int64_t rowid;
    uint32_t slot;
};

static int by_rowid(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    return (x->rowid > y->rowid) - (x->rowid < y->rowid);
}

static enum status order_make(struct making *m, struct err *e)
{
    if (m->ascends) return ST_OK;
    size_t rows = m->facts.rows;
    struct place *places = mem_alloc(rows * sizeof *places);
    m->order = mem_alloc(rows * sizeof *m->order);
    enum status st = ST_OK;
    if (places == NULL || m->order == NULL) st = mem_err(e, rows * sizeof *places);
    for (uint32_t i = 0; st == ST_OK && i < rows; i++) places[i] = (struct place){m->rowids[i], i};
    if (st == ST_OK) qsort(places, rows, sizeof *places, by_rowid);
    for (size_t i = 0; st == ST_OK && i < rows; i++) {
        m->order[i] = places[i].slot;
        if (i > 0 && places[i].rowid == places[i - 1].rowid)
            st = err_set(e, ST_INTERNAL, "row %lld came twice", (long long)places[i].rowid);
    }
    mem_free(places);
    return st;
}

/* --- codes ------------------------------------------------------------------------------------ */

static enum status codes_begin(struct making *m, struct err *e)
{
    uint64_t bytes[VEC_SECTION_COUNT] = {0};
    size_t rows = m->facts.rows;
    bool coded = vec_codes_have((enum metric)m->facts.metric);
    bytes[VEC_SECTION_ROWIDS] = rows * sizeof(int64_t);
    bytes[VEC_SECTION_ORDER] = m->order == NULL ? 0 : rows * sizeof(uint32_t);
    for (int i = 0; coded && i < VEC_CODES_PARTS; i++)
        bytes[VEC_SECTION_CODES + i] =
            vec_codes_bytes((enum vec_codes_part)i, m->facts.dim, m->facts.rows);
    enum status st = file_create(m, VEC_CODES, bytes, &m->codes, e);
    if (st != ST_OK) return st;
    if (rows > 0) memcpy(vec_file_part(m->codes, 0), m->rowids, rows * sizeof(int64_t));
    if (m->order != NULL) memcpy(vec_file_part(m->codes, 1), m->order, rows * sizeof(uint32_t));
    m->parts = (struct vec_codes){
        .metric = (enum metric)m->facts.metric, .dim = m->facts.dim, .rows = m->facts.rows};
    for (int i = 0; i < VEC_CODES_PARTS; i++)
        m->parts.part[i] = vec_file_part(m->codes, VEC_SECTION_CODES - VEC_SECTION_ROWIDS + i);
    return ST_OK;
}

/* One slab of rows, chunk by chunk as threads are free. */
struct slab {
    struct vec_codes *codes;
    const struct vec_set *set;
    uint32_t first, count;
    atomic_uint taken;
};

static void slab_work(void *arg, int step, int part)
{
    struct slab *s = arg;
    (void)step;
    (void)part;
    for (;;) {
        uint32_t at = atomic_fetch_add_explicit(&s->taken, CHUNK_ROWS, memory_order_relaxed);
        if (at >= s->count) return;
        uint32_t left = s->count - at;
        vec_codes_encode(s->codes, s->set, s->first + at, left < CHUNK_ROWS ? left : CHUNK_ROWS);
    }
}

static enum status encode_all(struct making *m, const struct vec_set *set, struct err *e)
{
    struct team *team;
    struct team_turn turn;
    int threads = run_threads(m->how->run);
    if (threads > TEAM_MAX) threads = TEAM_MAX;
    enum status st = team_open(set->rows <= CHUNK_ROWS ? 1 : threads, &team, e);
    if (st != ST_OK) return st;
    for (uint32_t at = 0; st == ST_OK && at < set->rows; at += SLAB_ROWS) {
        struct slab slab = {.codes = &m->parts, .set = set, .first = at};
        slab.count = set->rows - at < SLAB_ROWS ? set->rows - at : SLAB_ROWS;
        team_run(
            team, &(struct team_job){.work = slab_work, .arg = &slab, .steps = 1, .turns = &turn});
        run_report(m->how->run,
            &(struct run_progress){
                .what = "coding vectors", .done = at + slab.count, .total = set->rows});
        st = run_check(m->how->run, e);
    }
    team_close(team);
    return st;
}

static enum status codes_make(struct making *m, struct err *e)
{
    struct vec_set set = {.metric = (enum metric)m->facts.metric,
        .dim = m->facts.dim,
        .rows = m->facts.rows,
        .full = m->rows,
        .rowids = m->rowids};
    if (!vec_codes_have(set.metric)) return ST_OK;
    if (m->centre_of != NULL && m->centre_of->has_codes)
        memcpy(m->parts.part[VEC_CODES_CENTRE], m->centre_of->codes.part[VEC_CODES_CENTRE],
            vec_codes_bytes(VEC_CODES_CENTRE, set.dim, set.rows));
    else
        vec_codes_centre(&m->parts, &set, m->how->run);
    enum status st = run_check(m->how->run, e); /* a cancel ends the centre early */
    return st == ST_OK ? encode_all(m, &set, e) : st;
}

/* --- whole generations ------------------------------------------------------------------------ */

static enum status commit_both(struct making *m, struct vec_generation **out, struct err *e)
{
    struct vec_file *full = NULL, *codes = NULL;
    char path[VEC_PATH_BYTES];
    enum status st = vec_file_commit(m->full, m->how->run, &full, e);
    m->full = NULL;
    if (st != ST_OK) return st;
    st = vec_file_commit(m->codes, m->how->run, &codes, e);
    m->codes = NULL;
    if (st == ST_OK) return vec_generation_join(full, codes, out, e);
    vec_file_close(full);
    if (m->how->dir != NULL &&
        vec_generation_path(m->how->dir, &m->facts, VEC_FULL, path, NULL) == ST_OK)
        (void)sys_unlink(path);
    return st;
}

static enum status making_end(struct making *m, struct vec_generation **out, struct err *e)
{
    if (m->filled != m->facts.rows)
        return err_set(e, ST_INTERNAL, "%u rows came, %u were said", m->filled, m->facts.rows);
    enum status st = order_make(m, e);
    if (st == ST_OK) st = codes_begin(m, e);
    if (st == ST_OK) st = codes_make(m, e);
    return st == ST_OK ? commit_both(m, out, e) : st;
}

static void making_deinit(struct making *m)
{
    vec_file_abandon(m->full, false);
    vec_file_abandon(m->codes, false);
    mem_free(m->rowids);
    mem_free(m->order);
    if (m->lock >= 0) close(m->lock);
}

enum status vec_generation_write(const struct vec_making *making, const struct vec_rows *rows,
    struct vec_generation **out, struct err *e)
{
    struct making m;
    *out = NULL;
    enum status st = making_begin(&m, making, rows->count, e);
    if (st == ST_OK) st = full_begin(&m, e);
    if (st == ST_OK) st = rows_add(&m, rows, e);
    if (st == ST_OK) st = making_end(&m, out, e);
    making_deinit(&m);
    return st;
}

enum status vec_generation_extend(const struct vec_making *making, const struct vec_change *change,
    struct vec_generation **out, struct err *e)
{
    struct making m;
    *out = NULL;
    uint32_t kept = change->old->set.rows - dead_count(change);
    uint64_t added = change->added == NULL ? 0 : change->added->count;
    enum status st = making->facts->dim == change->old->facts.dim &&
            making->facts->metric == change->old->facts.metric
        ? ST_OK
        : err_set(e, ST_INTERNAL, "a generation of another dimension or metric is extended");
    if (st != ST_OK) return st;
    st = making_begin(&m, making, kept + added, e);
    m.centre_of = kept > 0 ? change->old : NULL;
    if (st == ST_OK) st = full_begin(&m, e);
    if (st == ST_OK) st = old_rows_add(&m, change, e);
    if (st == ST_OK && change->added != NULL) st = rows_add(&m, change->added, e);
    if (st == ST_OK) st = making_end(&m, out, e);
    making_deinit(&m);
    return st;
}

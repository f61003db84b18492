/* test_vector_file.c - files of sections: written whole, checked at first touch, resumed. */
#include <errno.h>

#include "base/hash.h"
#include "base/sys.h"
#include "vector/file_format.h"
#include "vector_case.h"

#define KIND 0x54534554u

enum { A_BYTES = 10000, B_BYTES = 8192 };

static const struct vec_file_section SECTIONS[] = {
    {"a", A_BYTES, 4096}, {"none", 0, 4096}, {"b", B_BYTES, 4096}};
static const char NOTE[] = "what it is of";

static struct vec_file_plan plan_of(uint64_t set_id)
{
    return (struct vec_file_plan){.kind = KIND,
        .set_id = set_id,
        .note = NOTE,
        .note_bytes = sizeof NOTE,
        .sections = SECTIONS,
        .section_count = 3};
}

static void fill(const struct vec_file_writer *w)
{
    uint8_t *a = vec_file_part(w, 0), *b = vec_file_part(w, 2);
    for (int i = 0; i < A_BYTES; i++) a[i] = (uint8_t)(i * 7);
    for (int i = 0; i < B_BYTES; i++) b[i] = (uint8_t)(i * 3 + 1);
}

static void write_one(const char *path, struct vec_file **out)
{
    struct err e = ERR_INIT;
    struct vec_file_writer *w;
    struct vec_file_plan plan = plan_of(77);
    assert_ok(vec_file_create(path, &plan, false, &w, &e), &e);
    fill(w);
    assert_ok(vec_file_commit(w, NULL, out, &e), &e);
}

/* Every section is what fill wrote. */
static enum status look(const struct vec_file *f, struct err *e)
{
    uint64_t bytes;
    uint32_t note_bytes;
    int section;
    assert_string_equal(vec_file_note(f, &note_bytes), NOTE);
    assert_int_equal(note_bytes, sizeof NOTE);
    assert_null(vec_file_get(f, "c", &bytes, &section));
    assert_non_null(vec_file_get(f, "none", &bytes, &section));
    enum status st = vec_file_touch(f, section, 0, 0, e);
    const uint8_t *a = vec_file_get(f, "a", &bytes, &section);
    assert_int_equal(bytes, A_BYTES);
    if (st == ST_OK) st = vec_file_touch(f, section, 0, bytes, e);
    for (int i = 0; st == ST_OK && i < A_BYTES; i++) assert_int_equal(a[i], (uint8_t)(i * 7));
    const uint8_t *b = vec_file_get(f, "b", &bytes, &section);
    assert_int_equal(bytes, B_BYTES);
    for (uint64_t at = 0; st == ST_OK && at < bytes; at += 100)
        st = vec_file_touch(f, section, at, at + 100 < bytes ? 100 : bytes - at, e);
    for (int i = 0; st == ST_OK && i < B_BYTES; i++) assert_int_equal(b[i], (uint8_t)(i * 3 + 1));
    return st;
}

static void written_and_opened(void **state)
{
    struct vector_case *c = *state;
    struct err e = ERR_INIT;
    struct vec_file *f;
    for (int memory = 0; memory < 2; memory++) {
        write_one(memory ? NULL : case_path(c, "x"), &f);
        assert_ok(look(f, &e), &e);
        assert_int_equal(vec_file_set_id(f), 77);
        vec_file_close(f);
    }
    assert_ok(vec_file_open(case_path(c, "x"), KIND, &f, &e), &e);
    assert_ok(look(f, &e), &e);
    assert_ok(vec_file_verify(f, NULL, &e), &e);
    assert_fails(vec_file_touch(f, 0, A_BYTES - 1, 2, &e), ST_CORRUPT, &e, "section a");
    assert_fails(vec_file_touch(f, 0, UINT64_MAX, 2, &e), ST_CORRUPT, &e, "section a");
    vec_file_close(f);
    assert_fails(vec_file_open(case_path(c, "x"), KIND + 1, &f, &e), ST_CORRUPT, &e, "kind");
    assert_fails(vec_file_open(case_path(c, "y"), KIND, &f, &e), ST_NOT_FOUND, &e, "y");
    assert_fails(vec_file_open(c->dir, KIND, &f, &e), ST_INVALID, &e, c->dir);
    assert_int_equal(case_files(c, false), 1);
}

/* Each byte flipped, and each length cut: the right bytes or a clear error. Only bytes that mean
 * nothing (between sections) may go unseen. */
static void flipped_and_cut(void **state)
{
    struct vector_case *c = *state;
    struct err e = ERR_INIT;
    struct vec_file *f;
    size_t bytes, unseen = 0;
    write_one(case_path(c, "x"), &f);
    vec_file_close(f);
    uint8_t *data = case_read(case_path(c, "x"), &bytes);
    for (size_t i = 0; i < bytes; i += i < 4096 || i > bytes - 4096 ? 1 : 13) {
        data[i] ^= (uint8_t)(1 << i % 8);
        case_write(case_path(c, "y"), data, bytes);
        data[i] ^= (uint8_t)(1 << i % 8);
        enum status st = vec_file_open(case_path(c, "y"), KIND, &f, &e);
        if (st == ST_OK) {
            st = look(f, &e);
            assert_int_equal(vec_file_verify(f, NULL, NULL), st);
            vec_file_close(f);
        }
        assert_true(st == ST_OK || st == ST_CORRUPT);
        bool padding = (i >= 4096 + A_BYTES && i < 4096 + 3 * 4096) || i >= bytes - 4096 + 8 * 5;
        if (st == ST_OK && !padding) fail_msg("byte %zu of %zu went unseen", i, bytes);
        unseen += st == ST_OK;
    }
    assert_true(unseen > 0);
    for (size_t n = 0; n < bytes; n += 509) {
        case_write(case_path(c, "y"), data, n);
        assert_fails(vec_file_open(case_path(c, "y"), KIND, &f, &e), ST_CORRUPT, &e, "y");
    }
    free(data);
}

/* A block from another set or another place of the same file does not pass. */
static void strange_blocks(void **state)
{
    struct vector_case *c = *state;
    struct err e = ERR_INIT;
    struct vec_file *f;
    size_t bytes;
    write_one(case_path(c, "x"), &f);
    vec_file_close(f);
    uint8_t *data = case_read(case_path(c, "x"), &bytes);
    memcpy(data + 4096, data + 8192, 4096);                  /* the block */
    memcpy(data + bytes - 4096, data + bytes - 4096 + 8, 8); /* and its checksum */
    case_write(case_path(c, "y"), data, bytes);
    assert_ok(vec_file_open(case_path(c, "y"), KIND, &f, &e), &e);
    assert_fails(look(f, &e), ST_CORRUPT, &e, "block 0 of section a");
    vec_file_close(f);
    free(data);
}

/* A head that lies, with a right checksum. */
static void lying_heads(void **state)
{
    struct vector_case *c = *state;
    struct err e = ERR_INIT;
    struct vec_file *f;
    size_t bytes;
    write_one(case_path(c, "x"), &f);
    vec_file_close(f);
    uint8_t *data = case_read(case_path(c, "x"), &bytes);
    struct vec_file_head good, *h = (struct vec_file_head *)(void *)data;
    memcpy(&good, h, sizeof good);
    for (size_t i = 8; i < 8 + 56 + 3 * 40; i += 4)
        for (int value = 0; value < 5; value++) {
            static const uint32_t VALUES[] = {0, 1, 5000, 0x7fffffff, 0xffffffff};
            memcpy(h, &good, sizeof good);
            memcpy(data + i, &VALUES[value], 4);
            h->check = hash_64(h, offsetof(struct vec_file_head, check), 0);
            case_write(case_path(c, "y"), data, bytes);
            if (vec_file_open(case_path(c, "y"), h->kind, &f, &e) != ST_OK) continue;
            for (int s = 0; s < 3; s++) (void)!vec_file_touch(f, s, 0, 5000, NULL);
            vec_file_close(f);
        }
    free(data);
}

static void locked_and_resumed(void **state)
{
    struct vector_case *c = *state;
    struct err e = ERR_INIT;
    struct vec_file_writer *w, *other;
    struct vec_file *f;
    struct vec_file_plan plan = plan_of(5), different = plan_of(6);
    const char *path = case_path(c, "x");
    assert_ok(vec_file_create(path, &plan, true, &w, &e), &e);
    assert_false(vec_file_resumed(w));
    assert_fails(vec_file_create(path, &plan, true, &other, &e), ST_BUSY, &e, "x.tmp");
    assert_false(vec_file_sweep(path));
    fill(w);
    vec_file_abandon(w, true);
    assert_ok(vec_file_create(path, &plan, true, &w, &e), &e);
    assert_true(vec_file_resumed(w));
    assert_ok(vec_file_commit(w, NULL, &f, &e), &e);
    assert_ok(look(f, &e), &e);
    vec_file_close(f);

    assert_ok(vec_file_create(path, &plan, false, &w, &e), &e);
    fill(w);
    vec_file_abandon(w, true);
    assert_ok(vec_file_create(path, &different, true, &w, &e), &e);
    assert_false(vec_file_resumed(w));
    assert_int_equal(*(uint8_t *)vec_file_part(w, 2), 0);
    vec_file_abandon(w, true);
    assert_int_equal(case_files(c, false), 2);
    assert_true(vec_file_sweep(path));
    assert_false(vec_file_sweep(path));
    assert_int_equal(case_files(c, false), 1);

    atomic_int stop = 1;
    struct run run = {.cancel = &stop};
    assert_ok(vec_file_create(path, &plan, true, &w, &e), &e);
    fill(w);
    assert_fails(vec_file_commit(w, &run, &f, &e), ST_CANCELLED, &e, "cancelled");
    assert_ok(vec_file_create(path, &plan, true, &w, &e), &e);
    assert_true(vec_file_resumed(w));
    vec_file_abandon(w, false);
    assert_int_equal(case_files(c, false), 1);
}

/* Neither a folder that is not there nor one that may not be written leaves anything. */
static void nowhere(void **state)
{
    struct vector_case *c = *state;
    struct err e = ERR_INIT;
    struct vec_file_writer *w;
    struct vec_file_plan plan = plan_of(5);
    assert_fails(
        vec_file_create(case_path(c, "no/x"), &plan, false, &w, &e), ST_NOT_FOUND, &e, "no/x");
    assert_null(w);
    struct vec_file_section huge = {"a", (uint64_t)1 << 59, 1 << 20};
    plan.sections = &huge;
    plan.section_count = 1;
    enum status st = vec_file_create(case_path(c, "x"), &plan, false, &w, &e);
    assert_true(st == ST_DISK_FULL || st == ST_LIMIT);
    assert_int_equal(case_files(c, false), 0);
}

enum { MANY = 200 }; /* blocks, more than are read instead of mapped */

static void write_many(const char *path, struct vec_file **out)
{
    struct err e = ERR_INIT;
    struct vec_file_writer *w;
    struct vec_file_section many = {"many", MANY * 4096 - 100, 4096};
    struct vec_file_plan plan = {.kind = KIND, .set_id = 9, .sections = &many, .section_count = 1};
    assert_ok(vec_file_create(path, &plan, false, &w, &e), &e);
    uint8_t *at = vec_file_part(w, 0);
    for (uint64_t i = 0; i < many.bytes; i++) at[i] = (uint8_t)(i * 11 + i / 4096);
    assert_ok(vec_file_commit(w, NULL, out, &e), &e);
}

static bool is_many(const void *at, uint64_t from, uint64_t bytes)
{
    const uint8_t *x = at;
    for (uint64_t i = 0; i < bytes; i++)
        if (x[i] != (uint8_t)((from + i) * 11 + (from + i) / 4096)) return false;
    return true;
}

static int refuse_reads(void *user, const char *call)
{
    (void)user;
    return strcmp(call, "read") == 0 ? EIO : 0;
}

/* The first looks read, the next ones and what was seen take the map; where no read is possible the
 * map answers. The bytes are the same everywhere. */
static void looked_at(void **state)
{
    struct vector_case *c = *state;
    struct err e = ERR_INIT;
    struct vec_file *f;
    _Alignas(64) static uint8_t room[4 * 4096];
    for (int way = 0; way < 4; way++) { /* 1: reads are refused, 2: no room, 3: in memory */
        int read = 0;
        write_many(way == 3 ? NULL : case_path(c, "x"), &f);
        if (way != 3) {
            vec_file_close(f);
            assert_ok(vec_file_open(case_path(c, "x"), KIND, &f, &e), &e);
        }
        if (way == 1) sys_hook_set(refuse_reads, NULL);
        for (int twice = 0; twice < 2; twice++)
            for (uint64_t i = 0; i + 1 < MANY; i += 2) { /* a block and a half; the last is short */
                struct vec_place p = {.room = way == 2 ? NULL : room, .room_bytes = sizeof room};
                struct vec_file_range r = {0, i * 4096 + 64, 4096 + 1500};
                assert_ok(vec_file_look(f, &r, &p, &e), &e);
                assert_true(is_many(p.at, r.at, r.bytes));
                bool in_room = (const uint8_t *)p.at >= room && (const uint8_t *)p.at < room + 4096;
                assert_false(in_room && twice == 1);
                read += in_room;
            }
        sys_hook_set(NULL, NULL);
        assert_int_equal(vec_file_checked(f), way == 3 ? 0 : MANY);
        assert_true(way == 0 ? read > 0 && read < MANY / 2 : read == 0);
        struct vec_place p = {.room = room, .room_bytes = sizeof room};
        struct vec_file_range beyond = {0, MANY * 4096 - 101, 2};
        assert_fails(vec_file_look(f, &beyond, &p, &e), ST_CORRUPT, &e, "section many");
        vec_file_close(f);
    }
}

/* A wrong byte is seen by who looks, in the block and in the checksum beside it. */
static void looked_at_wrong(void **state)
{
    struct vector_case *c = *state;
    struct err e = ERR_INIT;
    struct vec_file *f;
    size_t bytes;
    _Alignas(64) static uint8_t room[3 * 4096];
    write_many(case_path(c, "x"), &f);
    vec_file_close(f);
    uint8_t *data = case_read(case_path(c, "x"), &bytes);
    size_t wrong[] = {4096 + 7 * 4096 + 5, 4096 + 8 * 4096 + 4095, bytes - 4096 + 8 * 7};
    for (int i = 0; i < 3; i++) {
        data[wrong[i]] ^= 4;
        case_write(case_path(c, "x"), data, bytes);
        data[wrong[i]] ^= 4;
        assert_ok(vec_file_open(case_path(c, "x"), KIND, &f, &e), &e);
        struct vec_place p = {.room = room, .room_bytes = sizeof room};
        struct vec_file_range r = {0, 7 * 4096, 8192}, fine = {0, 4 * 4096, 8192};
        assert_ok(vec_file_look(f, &fine, &p, &e), &e);
        assert_fails(vec_file_look(f, &r, &p, &e), ST_CORRUPT, &e, "section many");
        vec_file_close(f);
    }
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {CASE(written_and_opened), CASE(flipped_and_cut),
        CASE(strange_blocks), CASE(lying_heads), CASE(locked_and_resumed), CASE(nowhere),
        CASE(looked_at), CASE(looked_at_wrong)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

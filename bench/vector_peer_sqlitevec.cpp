// vector_peer_sqlitevec.cpp - sqlite-vec through a prepared statement: exact over f32, and bits re-scored by f32.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include <sqlite3.h>

#include "vector_peer.h"

namespace {

struct index_of {
    sqlite3 *db[VECTOR_THREADS];
    sqlite3_stmt *ask[VECTOR_THREADS];
    bool bits;
    int dim, factor;
    uint64_t bytes;
};

const int FACTORS[] = {1, 2, 4, 8, 16, 32, 64, 128, 0};

const struct vector_build *builds(const struct vector_data *d)
{
    static const struct vector_build units[] = {
        {"float", true, nullptr}, {"bit, rescored", false, FACTORS}, {nullptr, false, nullptr}};
    static const struct vector_build pixels[] = {{"float", true, nullptr}, {nullptr, false, nullptr}};
    // Bits are signs: of use where coordinates are about zero.
    return d->metric == VECTOR_COSINE && d->dim % 8 == 0 ? units : pixels;
}

void must(sqlite3 *db, int rc)
{
    if (rc == SQLITE_OK || rc == SQLITE_DONE || rc == SQLITE_ROW) return;
    std::fprintf(stderr, "sqlite-vec: %s\n", sqlite3_errmsg(db));
    std::exit(1);
}

sqlite3 *open_db(const char *file)
{
    sqlite3 *db;
    must(nullptr, sqlite3_open(file, &db));
    sqlite3_enable_load_extension(db, 1);
    const char *vec0 = std::getenv("VECTOR_VEC0"); // the extension's file
    must(db, sqlite3_load_extension(db, vec0 ? vec0 : "vec0", nullptr, nullptr));
    return db;
}

void prepare(index_of *x, const struct vector_data *d, const char *file)
{
    for (int t = 0; t < VECTOR_THREADS; t++) {
        x->db[t] = open_db(file);
        // Pages stay in SQLite's cache: the file is read once.
        must(x->db[t], sqlite3_exec(x->db[t], "PRAGMA cache_size=-4000000; PRAGMA mmap_size=8000000000", nullptr, nullptr, nullptr));
        const char *sql = x->bits
            ? (d->metric == VECTOR_L2 ? ""
               : "WITH near AS (SELECT rowid, v FROM t WHERE b MATCH vec_quantize_binary(?1) AND k = ?2)"
                 " SELECT rowid FROM near ORDER BY vec_distance_cosine(v, ?1) LIMIT ?3")
            : "SELECT rowid FROM t WHERE v MATCH ?1 AND k = ?2 ORDER BY distance";
        must(x->db[t], sqlite3_prepare_v2(x->db[t], sql, -1, &x->ask[t], nullptr));
    }
}

void fill(const struct vector_data *d, bool bits, const char *file)
{
    std::remove(file);
    sqlite3 *db = open_db(file);
    std::string dim = std::to_string(d->dim);
    std::string sql = "CREATE VIRTUAL TABLE t USING vec0(";
    if (bits) sql += "b bit[" + dim + "], ";
    sql += "v float[" + dim + "] distance_metric=" + (d->metric == VECTOR_L2 ? "L2" : "cosine") + "); BEGIN";
    must(db, sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr));
    sqlite3_stmt *put;
    must(db, sqlite3_prepare_v2(db, bits ? "INSERT INTO t(rowid, b, v) VALUES (?1, vec_quantize_binary(?2), ?2)"
                                         : "INSERT INTO t(rowid, v) VALUES (?1, ?2)", -1, &put, nullptr));
    for (uint32_t i = 0; i < d->rows; i++) {
        sqlite3_bind_int64(put, 1, i + 1);
        sqlite3_bind_blob(put, 2, d->base + static_cast<size_t>(i) * static_cast<size_t>(d->dim), d->dim * 4, SQLITE_STATIC);
        must(db, sqlite3_step(put));
        sqlite3_reset(put);
    }
    sqlite3_finalize(put);
    must(db, sqlite3_exec(db, "COMMIT", nullptr, nullptr, nullptr));
    sqlite3_close(db);
}

void *load(const struct vector_data *d, const char *params, const char *file)
{
    auto *x = new index_of;
    x->bits = std::strncmp(params, "bit", 3) == 0;
    x->dim = d->dim;
    x->factor = 1;
    x->bytes = 0;
    if (FILE *f = std::fopen(file, "rb")) {
        if (std::fseek(f, 0, SEEK_END) == 0) x->bytes = static_cast<uint64_t>(std::ftell(f));
        std::fclose(f);
    }
    prepare(x, d, file);
    return x;
}

std::string scratch(const char *params) // where a table lies until it is saved
{
    return std::string(std::getenv("VECTOR_SCRATCH")) + "/sqlitevec-" + (params[0] == 'b' ? "bit" : "float") + ".part";
}

void *build(const struct vector_data *d, const char *params, int)
{
    std::string file = scratch(params);
    fill(d, params[0] == 'b', file.c_str());
    return load(d, params, file.c_str());
}

bool save(const void *index, const char *file)
{
    auto *x = static_cast<const index_of *>(index);
    return std::rename(scratch(x->bits ? "bit" : "float").c_str(), file) == 0;
}

void effort(void *index, int n) { static_cast<index_of *>(index)->factor = n; }

int search(void *index, int thread, const float *query, int k, int64_t *rows)
{
    auto *x = static_cast<index_of *>(index);
    sqlite3_stmt *ask = x->ask[thread];
    sqlite3_bind_blob(ask, 1, query, x->dim * 4, SQLITE_STATIC);
    sqlite3_bind_int(ask, 2, x->bits ? k * x->factor : k);
    if (x->bits) sqlite3_bind_int(ask, 3, k);
    int n = 0;
    while (n < k && sqlite3_step(ask) == SQLITE_ROW) rows[n++] = sqlite3_column_int64(ask, 0) - 1;
    sqlite3_reset(ask);
    return n;
}

uint64_t bytes(const void *index) { return static_cast<const index_of *>(index)->bytes; }

void close_index(void *index)
{
    auto *x = static_cast<index_of *>(index);
    for (int t = 0; t < VECTOR_THREADS; t++) {
        sqlite3_finalize(x->ask[t]);
        sqlite3_close(x->db[t]);
    }
    delete x;
}

} // namespace

extern "C" const struct vector_peer vector_peer = {"sqlite-vec", "0.1.9", builds, build, save, load, effort, search,
    nullptr, bytes, close_index};

// vector_peer_usearch.cpp - USearch with NumKong's kernels: f32, bf16 and i8 nodes, and its exact search.
//
// Its kernels are those of the released node module, chosen for the CPU at run time.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include <usearch/index_dense.hpp>
#include <usearch/index_plugins.hpp>

#include "vector_peer.h"

namespace {

using namespace unum::usearch;

struct index_of {
    index_dense_t graph;
    metric_punned_t metric;
    const struct vector_data *data; // of the exact search
    bool flat;
};

const struct vector_build *builds(const struct vector_data *d)
{
    // i8 is for unit vectors: USearch scales every vector's coordinates by one constant.
    static const struct vector_build pixels[] = {{"flat", true, nullptr}, {"f32 M=16 efc=128", false, nullptr},
        {"bf16 M=16 efc=200", false, nullptr}, {nullptr, false, nullptr}};
    static const struct vector_build units[] = {{"flat", true, nullptr},
        {"bf16 M=16 efc=200", false, nullptr}, {"i8 M=16 efc=200", false, nullptr}, {nullptr, false, nullptr}};
    return d->metric == VECTOR_L2 ? pixels : units;
}

index_of *with(const struct vector_data *d, const char *params)
{
    auto *x = new index_of;
    char type[8] = "f32";
    unsigned m = 0, efc = 0;
    x->flat = std::sscanf(params, "%7s M=%u efc=%u", type, &m, &efc) != 3;
    x->data = d;
    scalar_kind_t scalar = std::strcmp(type, "bf16") == 0 ? scalar_kind_t::bf16_k
                         : std::strcmp(type, "i8") == 0   ? scalar_kind_t::i8_k
                                                          : scalar_kind_t::f32_k;
    metric_kind_t kind = d->metric == VECTOR_L2        ? metric_kind_t::l2sq_k
                       : scalar == scalar_kind_t::i8_k ? metric_kind_t::cos_k
                                                       : metric_kind_t::ip_k;
    x->metric = metric_punned_t(static_cast<size_t>(d->dim), kind, scalar);
    if (x->flat) return x;
    index_dense_config_t config(m, efc, 64);
    auto made = index_dense_t::make(x->metric, config);
    if (!made) {
        std::fprintf(stderr, "usearch: %s\n", made.error.what());
        std::exit(1);
    }
    x->graph = std::move(made.index);
    return x;
}

void *build(const struct vector_data *d, const char *params, int threads)
{
    auto *x = with(d, params);
    if (x->flat) return x;
    if (!x->graph.try_reserve(index_limits_t(d->rows, VECTOR_THREADS))) std::exit(1);
    std::vector<std::thread> team;
    for (int t = 0; t < threads; t++)
        team.emplace_back([=] {
            for (size_t i = static_cast<size_t>(t); i < d->rows; i += static_cast<size_t>(threads))
                if (!x->graph.add(i, d->base + i * static_cast<size_t>(d->dim), static_cast<size_t>(t))) std::exit(1);
        });
    for (auto &t : team) t.join();
    return x;
}

bool save(const void *index, const char *file)
{
    auto *x = static_cast<const index_of *>(index);
    return !x->flat && static_cast<bool>(x->graph.save(output_file_t(file)));
}

void *load(const struct vector_data *d, const char *params, const char *file)
{
    auto *x = with(d, params);
    if (!x->graph.load(input_file_t(file))) std::exit(1);
    if (!x->graph.try_reserve(index_limits_t(d->rows, VECTOR_THREADS))) std::exit(1);
    return x;
}

void effort(void *index, int ef)
{
    auto *x = static_cast<index_of *>(index);
    if (!x->flat) x->graph.change_expansion_search(static_cast<size_t>(ef));
}

int flat(const index_of *x, const float *query, int k, int64_t *rows)
{
    exact_search_t exact;
    size_t stride = static_cast<size_t>(x->data->dim) * sizeof(float);
    auto found = exact(reinterpret_cast<const byte_t *>(x->data->base), x->data->rows, stride,
        reinterpret_cast<const byte_t *>(query), 1, stride, static_cast<size_t>(k), x->metric);
    if (!found) return 0;
    for (int i = 0; i < k; i++) rows[i] = static_cast<int64_t>(found.at(0)[i].offset);
    return k;
}

int search(void *index, int thread, const float *query, int k, int64_t *rows)
{
    auto *x = static_cast<index_of *>(index);
    if (x->flat) return flat(x, query, k, rows);
    auto found = x->graph.search(query, static_cast<size_t>(k), static_cast<size_t>(thread));
    for (size_t i = 0; i < found.size(); i++) rows[i] = static_cast<int64_t>(found[i].member.key);
    return static_cast<int>(found.size());
}

uint64_t bytes(const void *index)
{
    auto *x = static_cast<const index_of *>(index);
    return x->flat ? x->data->rows * static_cast<uint64_t>(x->data->dim) * 4 : x->graph.memory_usage();
}

void close_index(void *index) { delete static_cast<index_of *>(index); }

} // namespace

extern "C" const struct vector_peer vector_peer = {"usearch", "2.25.3", builds, build, save, load, effort, search,
    nullptr, bytes, close_index};

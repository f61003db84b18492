// vector_peer_hnswlib.cpp - hnswlib: its graph over f32, and its brute force.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "hnswlib/hnswlib.h"
#include "vector_peer.h"

namespace {

struct index_of {
    std::unique_ptr<hnswlib::SpaceInterface<float>> space;
    std::unique_ptr<hnswlib::HierarchicalNSW<float>> graph;
    std::unique_ptr<hnswlib::BruteforceSearch<float>> flat;
};

struct passing : hnswlib::BaseFilterFunctor {
    const uint64_t *pass;
    bool operator()(hnswlib::labeltype row) override { return pass[row / 64] >> (row % 64) & 1; }
};

index_of *with_space(const struct vector_data *d)
{
    auto *x = new index_of;
    if (d->metric == VECTOR_L2)
        x->space.reset(new hnswlib::L2Space(static_cast<size_t>(d->dim)));
    else
        x->space.reset(new hnswlib::InnerProductSpace(static_cast<size_t>(d->dim)));
    return x;
}

const struct vector_build *builds(const struct vector_data *)
{
    static const struct vector_build all[] = {{"flat", true, nullptr}, {"M=16 efc=200", false, nullptr},
        {"M=32 efc=500", false, nullptr}, {nullptr, false, nullptr}};
    return all;
}

void *build(const struct vector_data *d, const char *params, int threads)
{
    auto *x = with_space(d);
    unsigned m = 0, efc = 0;
    if (std::sscanf(params, "M=%u efc=%u", &m, &efc) != 2) {
        x->flat.reset(new hnswlib::BruteforceSearch<float>(x->space.get(), d->rows));
        for (size_t i = 0; i < d->rows; i++)
            x->flat->addPoint(d->base + i * static_cast<size_t>(d->dim), i);
        return x;
    }
    x->graph.reset(new hnswlib::HierarchicalNSW<float>(x->space.get(), d->rows, m, efc));
    std::vector<std::thread> team;
    for (int t = 0; t < threads; t++)
        team.emplace_back([=] {
            for (size_t i = static_cast<size_t>(t); i < d->rows; i += static_cast<size_t>(threads))
                x->graph->addPoint(d->base + i * static_cast<size_t>(d->dim), i);
        });
    for (auto &t : team) t.join();
    return x;
}

bool save(const void *index, const char *file)
{
    auto *x = static_cast<const index_of *>(index);
    if (!x->graph) return false;
    x->graph->saveIndex(file);
    return true;
}

void *load(const struct vector_data *d, const char *, const char *file)
{
    auto *x = with_space(d);
    x->graph.reset(new hnswlib::HierarchicalNSW<float>(x->space.get(), std::string(file)));
    return x;
}

void effort(void *index, int ef)
{
    auto *x = static_cast<index_of *>(index);
    if (x->graph) x->graph->setEf(static_cast<size_t>(ef));
}

template <class Found> int out(Found &&found, int64_t *rows)
{
    int n = static_cast<int>(found.size());
    for (int i = n; i-- > 0; found.pop()) rows[i] = static_cast<int64_t>(found.top().second);
    return n;
}

int search(void *index, int, const float *query, int k, int64_t *rows)
{
    auto *x = static_cast<index_of *>(index);
    size_t n = static_cast<size_t>(k);
    return x->graph ? out(x->graph->searchKnn(query, n), rows) : out(x->flat->searchKnn(query, n), rows);
}

int filtered(void *index, const float *query, int k, const uint64_t *pass, int64_t *rows)
{
    auto *x = static_cast<index_of *>(index);
    passing filter;
    filter.pass = pass;
    size_t n = static_cast<size_t>(k);
    return x->graph ? out(x->graph->searchKnn(query, n, &filter), rows)
                    : out(x->flat->searchKnn(query, n, &filter), rows);
}

uint64_t bytes(const void *index)
{
    auto *x = static_cast<const index_of *>(index);
    if (x->flat) return x->flat->maxelements_ * x->flat->size_per_element_;
    // Beside level 0: a pointer, a level, a mutex a row, and the upper links.
    uint64_t sum = x->graph->cur_element_count * (x->graph->size_data_per_element_ + 8 + 4 + 40);
    for (size_t i = 0; i < x->graph->cur_element_count; i++)
        sum += static_cast<uint64_t>(x->graph->element_levels_[i]) * x->graph->size_links_per_element_;
    return sum;
}

void close_index(void *index) { delete static_cast<index_of *>(index); }

} // namespace

extern "C" const struct vector_peer vector_peer = {"hnswlib", "0.8.0", builds, build, save, load, effort, search,
    filtered, bytes, close_index};

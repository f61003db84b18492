// vector_peer_faiss.cpp - faiss: HNSW over f32 and over 8-bit codes with refinement, IVF with 4-bit codes, and flat.
//
// The wheel brings the library and no headers, so the functions called are declared here as it exports them. They are
// members of polymorphic classes, called by their own names and not through the table: hence one struct a class.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "vector_peer.h"

extern "C" void omp_set_num_threads(int);

namespace faiss {
struct SearchParameters;
enum MetricType { METRIC_INNER_PRODUCT = 0, METRIC_L2 = 1 };
#define AS_EXPORTED void search(long, const float *, long, float *, long *, const SearchParameters *) const;
struct Index { void train(long, const float *); };
struct IndexFlat { AS_EXPORTED };
struct IndexFlatCodes { void add(long, const float *); };
struct IndexHNSW { AS_EXPORTED void train(long, const float *); void add(long, const float *); };
struct IndexRefine { void train(long, const float *); void add(long, const float *); };
struct IndexRefineFlat { AS_EXPORTED };
struct ParameterSpace {
    ParameterSpace();
    void set_index_parameters(Index *, const char *) const;
    char room[4096]; // more than the library's own takes
};
Index *index_factory(int, const char *, MetricType, bool);
void write_index(const Index *, const char *, int);
Index *read_index(const char *, int);
} // namespace faiss

namespace {

enum kind { FLAT, GRAPH, REFINED };

struct index_of {
    enum kind kind;
    bool lists;
    faiss::Index *at;
    uint64_t bytes;
    faiss::ParameterSpace space;
};

const int PROBES[] = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 0};

const struct vector_build *builds(const struct vector_data *d)
{
    static const struct vector_build wide[] = {{"Flat", true, nullptr}, {"HNSW16,Flat efc=200", false, nullptr},
        {"HNSW32,Flat efc=200", false, nullptr}, {"HNSW32_SQ8,RFlat efc=200", false, nullptr},
        {"IVF512,PQ392x4fs,RFlat", false, PROBES}, {nullptr, false, nullptr}};
    static const struct vector_build clip[] = {{"Flat", true, nullptr},
        {"HNSW32_SQ8,RFlat efc=200", false, nullptr}, {"IVF1024,PQ256x4fs,RFlat", false, PROBES},
        {nullptr, false, nullptr}};
    static const struct vector_build words[] = {{"Flat", true, nullptr}, {"HNSW32,Flat efc=200", false, nullptr},
        {"HNSW32_SQ8,RFlat efc=200", false, nullptr}, {"IVF1024,PQ50x4fs,RFlat", false, PROBES},
        {nullptr, false, nullptr}};
    static const struct vector_build few[] = {{"Flat", true, nullptr}, {"HNSW32,Flat efc=200", false, nullptr},
        {nullptr, false, nullptr}};
    if (d->rows < 10000) return few;
    return d->dim == 784 ? wide : d->dim == 512 ? clip : words;
}

enum kind kind_of(const char *params)
{
    return std::strstr(params, "RFlat") ? REFINED : std::strncmp(params, "HNSW", 4) == 0 ? GRAPH : FLAT;
}

index_of *with(const char *params, faiss::Index *at)
{
    auto *x = new index_of;
    x->kind = kind_of(params);
    x->lists = std::strncmp(params, "IVF", 3) == 0;
    x->at = at;
    x->bytes = 0;
    return x;
}

void *build(const struct vector_data *d, const char *params, int threads)
{
    omp_set_num_threads(threads);
    std::string factory(params, std::strcspn(params, " "));
    if (factory == "HNSW32_SQ8,RFlat") factory = "HNSW32,SQ8,RFlat"; // its own spelling
    auto *x = with(params, faiss::index_factory(d->dim, factory.c_str(),
                               d->metric == VECTOR_L2 ? faiss::METRIC_L2 : faiss::METRIC_INNER_PRODUCT, false));
    if (x->kind != FLAT && !x->lists) x->space.set_index_parameters(x->at, "efConstruction=200");
    long n = static_cast<long>(d->rows);
    if (x->kind == FLAT) {
        reinterpret_cast<faiss::IndexFlatCodes *>(x->at)->add(n, d->base);
    } else if (x->kind == GRAPH) {
        reinterpret_cast<faiss::IndexHNSW *>(x->at)->add(n, d->base);
    } else {
        reinterpret_cast<faiss::IndexRefine *>(x->at)->train(n, d->base);
        reinterpret_cast<faiss::IndexRefine *>(x->at)->add(n, d->base);
    }
    omp_set_num_threads(1);
    return x;
}

bool save(const void *index, const char *file)
{
    faiss::write_index(static_cast<const index_of *>(index)->at, file, 0);
    return true;
}

void *load(const struct vector_data *, const char *params, const char *file)
{
    omp_set_num_threads(1);
    auto *x = with(params, faiss::read_index(file, 0));
    if (FILE *f = std::fopen(file, "rb")) { // what it holds in memory is what it wrote, near enough
        if (std::fseek(f, 0, SEEK_END) == 0) x->bytes = static_cast<uint64_t>(std::ftell(f));
        std::fclose(f);
    }
    return x;
}

void effort(void *index, int n)
{
    auto *x = static_cast<index_of *>(index);
    if (x->kind == FLAT) return;
    std::string set = (x->lists ? "nprobe=" : "efSearch=") + std::to_string(n);
    if (x->kind == REFINED) set += x->lists ? ",k_factor_rf=8" : ",k_factor_rf=2";
    x->space.set_index_parameters(x->at, set.c_str());
}

int search(void *index, int, const float *query, int k, int64_t *rows)
{
    auto *x = static_cast<index_of *>(index);
    float distances[1024];
    static_assert(sizeof(long) == sizeof(int64_t), "rows are long there");
    long *out = reinterpret_cast<long *>(rows);
    if (x->kind == FLAT)
        reinterpret_cast<faiss::IndexFlat *>(x->at)->search(1, query, k, distances, out, nullptr);
    else if (x->kind == GRAPH)
        reinterpret_cast<faiss::IndexHNSW *>(x->at)->search(1, query, k, distances, out, nullptr);
    else
        reinterpret_cast<faiss::IndexRefineFlat *>(x->at)->search(1, query, k, distances, out, nullptr);
    int n = 0;
    while (n < k && rows[n] >= 0) n++;
    return n;
}

uint64_t bytes(const void *index) { return static_cast<const index_of *>(index)->bytes; }

void close_index(void *index) { delete static_cast<index_of *>(index); } // the process ends soon after

} // namespace

extern "C" const struct vector_peer vector_peer = {"faiss", "1.15.1", builds, build, save, load, effort, search,
    nullptr, bytes, close_index};

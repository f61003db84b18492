/* cpu.c - CPUID once, lowered by FOVEA_ISA. */
#include "simd/cpu.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static struct cpu cpu;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static const char *const NAMES[CPU_ISA_COUNT] = {
    [CPU_BASE] = "base", [CPU_AVX2] = "avx2", [CPU_AVX512] = "avx512"};

const char *cpu_isa_name(enum cpu_isa isa)
{
    return NAMES[isa];
}

#if defined(__x86_64__) && __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>

/* What the C library found out when the process began: CPUID is trapped by virtual machines, where
 * six of them take 30 us, a part of the first search. */
static bool has_f16c(void)
{
    return CPU_FEATURE_ACTIVE(F16C);
}

static bool has_avx_vnni(void)
{
    return CPU_FEATURE_ACTIVE(AVX_VNNI);
}

static bool has_avx512_bf16(void)
{
    return CPU_FEATURE_ACTIVE(AVX512_BF16);
}
#elif defined(__x86_64__)
#include <cpuid.h>

/* CPUID leaf 7, sub-leaf 1, EAX bits: GCC 12's __builtin_cpu_supports does not know avxvnni by
 * name. */
static bool leaf7_1_eax(unsigned bit)
{
    unsigned a = 0, b = 0, c = 0, d = 0;
    return __get_cpuid_count(7, 1, &a, &b, &c, &d) != 0 && (a >> bit & 1) != 0;
}

/* Leaf 1, ECX: Clang 14 does not know f16c by name. */
static bool leaf1_ecx(unsigned bit)
{
    unsigned a = 0, b = 0, c = 0, d = 0;
    return __get_cpuid(1, &a, &b, &c, &d) != 0 && (c >> bit & 1) != 0;
}

static bool has_f16c(void)
{
    return leaf1_ecx(29);
}

static bool has_avx_vnni(void)
{
    return leaf7_1_eax(4);
}

static bool has_avx512_bf16(void)
{
    return leaf7_1_eax(5);
}
#endif

#if defined(__x86_64__)
static struct cpu look(void)
{
    struct cpu c = {.isa = CPU_BASE};
    __builtin_cpu_init();
    c.fma = __builtin_cpu_supports("fma");
    c.f16c = has_f16c();
    if (__builtin_cpu_supports("avx2") && c.fma && c.f16c) c.isa = CPU_AVX2;
    c.avx_vnni = c.isa == CPU_AVX2 && has_avx_vnni();
    if (c.isa == CPU_AVX2 && __builtin_cpu_supports("avx512f") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq")) {
        c.isa = CPU_AVX512;
        c.vnni = __builtin_cpu_supports("avx512vnni");
        c.bf16 = has_avx512_bf16();
    }
    c.found = c.isa;
    return c;
}
#else
static struct cpu look(void)
{
    return (struct cpu){.isa = CPU_BASE, .found = CPU_BASE};
}
#endif

static void lower(struct cpu *c, enum cpu_isa isa)
{
    if (isa < c->isa) c->isa = isa;
    if (c->isa < CPU_AVX512) c->vnni = c->bf16 = false;
    if (c->isa < CPU_AVX2) c->avx_vnni = c->f16c = c->fma = false;
}

static void init(void)
{
    cpu = look();
    const char *asked = getenv("FOVEA_ISA");
    for (int i = 0; asked != NULL && i < CPU_ISA_COUNT; i++)
        if (strcmp(asked, NAMES[i]) == 0) lower(&cpu, (enum cpu_isa)i);
}

const struct cpu *cpu_get(void)
{
    pthread_once(&once, init);
    return &cpu;
}

void cpu_force(enum cpu_isa isa)
{
    pthread_once(&once, init);
    cpu = look();
    lower(&cpu, isa);
}

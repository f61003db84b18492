/* cpu.h - what the processor can do, looked up once; FOVEA_ISA=base|avx2|avx512 lowers it. */
#ifndef FOVEA_SIMD_CPU_H
#define FOVEA_SIMD_CPU_H

#include <stdbool.h>

enum cpu_isa { CPU_BASE, CPU_AVX2, CPU_AVX512, CPU_ISA_COUNT };

struct cpu {
    enum cpu_isa
        isa; /* the highest of our kernel sets that may be used: AVX512 means F, BW, VL, DQ */
    bool vnni;          /* AVX-512 VNNI, and isa is AVX512 */
    bool bf16;          /* AVX-512 BF16, and isa is AVX512 */
    bool avx_vnni;      /* the VEX form, and isa is at least AVX2 */
    bool f16c, fma;
    enum cpu_isa found; /* what the processor has, whatever FOVEA_ISA says */
};

/* Thread safe; the first call reads CPUID and the environment. */
const struct cpu *cpu_get(void);
const char *cpu_isa_name(enum cpu_isa isa); /* "base", "avx2", "avx512" */
/* Tests: force a set in this process (never above what was found). Kernels chosen before keep
 * theirs. */
void cpu_force(enum cpu_isa isa);

#endif

// What can be found out about the processor only from C.
#ifndef LOCKSTEP_KERNELS_CPU_H
#define LOCKSTEP_KERNELS_CPU_H

#ifdef __cplusplus
extern "C" {
#endif

// The instruction set that the vector loops are running with: "x86-64-v4", "x86-64-v3", "x86-64" (the baseline),
// "arm64" or "other". It is asked of the same table as the choice among the clones.
const char *lk_instruction_set(void);

// The version of glibc, which pow and its like come from, such as "2.36"; empty for another library, which does not
// tell.
const char *lk_glibc_version(void);

// Processors that the calling process may run on, by its affinity; 0 if that cannot be found out.
int lk_affinity_count(void);

#ifdef __cplusplus
}
#endif
#endif

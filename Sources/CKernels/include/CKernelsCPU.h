// What can be found out about the processor only from C.
#ifndef LOCKSTEP_KERNELS_CPU_H
#define LOCKSTEP_KERNELS_CPU_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// The sets of instructions that kernels are compiled for. LK_BASE is what every processor of the architecture has;
// LK_X86_64_AMX is LK_X86_64_V4 with a matrix instruction, which only products in bfloat16 use.
typedef enum { LK_BASE, LK_X86_64_V3, LK_X86_64_V4, LK_X86_64_AMX } lk_instructions;

// Whether this processor has the set, and the system knows it.
int lk_has(lk_instructions set);
// The set whose kernels run: the widest that the processor has, unless lk_run was given another.
lk_instructions lk_running(void);
// From now on the kernels of `set`, which the processor must have, run.
void lk_run(lk_instructions set);
// Its name: "x86-64-v4+amx", "x86-64-v4", "x86-64-v3", "x86-64", "arm64" or "other".
const char *lk_name(lk_instructions set);

// Asks the system to let this process use the matrix instruction of LK_X86_64_AMX; 0 where it does not.
int lk_ask_for_matrix_instruction(void);

// Writes the processor's name where the system tells it other than in a file; 0 where it does not.
int lk_model_name(char *name, size_t size);

// Processors that the calling process may run on, by its affinity, or, of Apple's, those for performance; 0 if that
// cannot be found out.
int lk_affinity_count(void);

#ifdef __cplusplus
}
#endif
#endif

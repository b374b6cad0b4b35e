// What the kernels keep to themselves, for tests: the elementary functions, and a thread's floating-point environment.
#ifndef LOCKSTEP_KERNEL_PROBES_H
#define LOCKSTEP_KERNEL_PROBES_H

#include "CKernelsProducts.h"

typedef enum {
  LK_PROBE_QUICK_ROOT, LK_PROBE_ROOT, LK_PROBE_EXP, LK_PROBE_EXPM1, LK_PROBE_LOG1P, LK_PROBE_LOG1P_UNIT,
  LK_PROBE_SIGMOID, LK_PROBE_TANH, LK_PROBE_NORMAL_DENSITY, LK_PROBE_NORMAL_DISTRIBUTION
} lk_probe_function;

// y = f(x), elementwise, with the instructions that the kernels have.
void lk_probe(lk_probe_function function, long n, const float *x, float *y);

// How many of the `count` floats from the bits `first` on have a quick root that is neither the correctly rounded one,
// which is what the processor's own is, nor a neighbour of it, or that is below 0.
long lk_probe_wrong_roots(unsigned first, long count);

typedef enum { LK_PROBE_NEAREST, LK_PROBE_UPWARD, LK_PROBE_DOWNWARD, LK_PROBE_TOWARD_ZERO } lk_probe_rounding;

// Sets how this thread rounds; where `traps` is not 0, a division by zero and an invalid operation end the process.
void lk_probe_set_environment(lk_probe_rounding rounding, int traps);
// Has this thread flush denormals to zero, read and made, or not.
void lk_probe_flush_denormals(int flushes);
// What of this thread's environment can be set so, as a number that equals that of an equal environment.
int lk_probe_environment(void);

// How many numbers the processor's conversion to bfloat16, which the matrix instruction's operands pass, rounds
// otherwise than the definition; -1 where it has none.
long lk_probe_wrong_conversions(void);

// The products of the matrix instruction, by a model of it in C.
extern const lk_products lk_probe_modelled_products;

#endif

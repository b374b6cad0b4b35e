// What bfloat16 products are made of, beside multiply-adds: the rounding of operands, and an environment in which
// denormals are zero.
#ifndef LOCKSTEP_BFLOAT16_H
#define LOCKSTEP_BFLOAT16_H

#include "../lanes.h"
#include "CKernels.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

enum { LK_BLOCK = 32 }; // terms of a block, half of them in each of its two chains

// The bits of the nearest number of 8 significant bits, of two the even one; a denormal becomes the zero of its sign,
// and a NaN stays one. A macro, for one number (uint32_t) and for a vector of them.
#define LK_BFLOAT16_BITS(type, x) \
  ({ \
    type bits = (x), magnitude = bits & 0x7FFFFFFFu; \
    type nearest = (bits + 0x7FFFu + ((bits >> 16) & 1u)) & 0xFFFF0000u; \
    nearest = magnitude < 0x00800000u ? bits & 0x80000000u : nearest; \
    magnitude > 0x7F800000u ? (bits | 0x00400000u) & 0xFFFF0000u : nearest; \
  })

#if defined(__x86_64__)

// Denormals, read or made, are zero, a number being made denormal if it is one once it is rounded: as the matrix
// instruction has it.
static inline void lk_begin_flushing(void) {
  _mm_setcsr(LK_SSE_CONTROL | 0x8040u);
  __asm__ volatile("" : : : "memory");
}
// Nothing that reads the sums comes before it. The environment is that of all arithmetic again, which need not be read:
// reading it takes as long as a small tile.
static inline void lk_end_flushing(void) {
  __asm__ volatile("" : : : "memory");
  _mm_setcsr(LK_SSE_CONTROL);
  __asm__ volatile("" : : : "memory");
}

#elif defined(__aarch64__)

// The same, but a number is denormal if it is one before it is rounded. `lk_has_flushed` says whether a tile has met
// such a number, and has to be computed by `lk_flushing_fma`.
static inline uint64_t lk_begin_flushing(void) {
  uint64_t state;
  __asm__ volatile("mrs %0, fpcr" : "=r"(state));
  __asm__ volatile("msr fpcr, %0\n\tmsr fpsr, xzr" : : "r"(state | 1u << 24) : "memory");
  return state;
}
static inline void lk_end_flushing(uint64_t state) { __asm__ volatile("msr fpcr, %0" : : "r"(state) : "memory"); }
static inline int lk_has_flushed(void) {
  uint64_t status;
  __asm__ volatile("mrs %0, fpsr" : "=r"(status) : : "memory");
  return (status >> 3 & 1) != 0;
}

#endif

// a b + c, rounded once to 24 bits, and the zero of its sign where that is smaller than every normal number; a and b
// of 8 significant bits each, none of the three denormal. For an environment that keeps denormals.
static inline float lk_flushing_fma(float a, float b, float c) {
  float sum = __builtin_fmaf(a, b, c), magnitude = __builtin_fabsf(sum);
  if (!(magnitude <= 0x1p-126f)) return sum;
  int is_tiny = magnitude < 0x1p-126f;
  if (!is_tiny) {
    // Rounded up to the smallest normal number, as 24 bits would be from half of their last place below on.
    double product = (double)a * b, exact = product + c, other = exact - product;
    double rest = (product - (exact - other)) + (c - other), bound = 0x1p-126 - 0x1p-151;
    if (sum < 0) exact = -exact, rest = -rest;
    is_tiny = exact < bound || (exact == bound && rest < 0);
  }
  return is_tiny ? __builtin_copysignf(0.0f, sum) : sum;
}

static inline float lk_flushing_sum(float a, float b) { return lk_flushed(a + b); }

#endif

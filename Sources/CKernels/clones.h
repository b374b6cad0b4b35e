// How the loops of this folder become vector code.
//
// A kernel is a plain loop over scalar helpers; clang widens it. Because the remainder of the loop runs the very same
// expressions on one element, an element's bits do not depend on its lane: no helper may use an instruction whose
// scalar and vector forms round differently (approximate reciprocals, library calls), and nothing is reassociated.
#ifndef LOCKSTEP_CLONES_H
#define LOCKSTEP_CLONES_H

#include "include/CKernelsCPU.h"

#include <stdint.h>
#include <string.h>

// A kernel: LK_KERNEL(type, name, (parameters), (arguments)) { body }. On x86-64 the body is compiled for each
// instruction set, and the one of the set that runs is called: that of the products, on every system. Elsewhere there
// is one set.
#define LK_KERNEL(type, name, parameters, arguments) LK_CLONES(, type, name, parameters, arguments)
#define LK_STATIC_KERNEL(type, name, parameters, arguments) LK_CLONES(static, type, name, parameters, arguments)

#if defined(__x86_64__)
#define LK_CLONES(storage, type, name, parameters, arguments) \
  LK_INLINE type name##_body parameters; \
  __attribute__((target("arch=x86-64-v4"))) static type name##_v4 parameters { return name##_body arguments; } \
  __attribute__((target("arch=x86-64-v3"))) static type name##_v3 parameters { return name##_body arguments; } \
  __attribute__((noinline)) static type name##_base parameters { return name##_body arguments; } \
  storage type name parameters { \
    switch (lk_running()) { \
    case LK_X86_64_AMX: \
    case LK_X86_64_V4: return name##_v4 arguments; \
    case LK_X86_64_V3: return name##_v3 arguments; \
    default: return name##_base arguments; \
    } \
  } \
  LK_INLINE type name##_body parameters
#else
#define LK_CLONES(storage, type, name, parameters, arguments) storage type name parameters
#endif

// Helpers belong inside the clone that uses them. The width lets the x86-64-v4 clone use 512-bit registers: clang takes
// it over from an inlined function.
#if defined(__x86_64__)
#define LK_INLINE static inline __attribute__((always_inline, min_vector_width(512)))
#else
#define LK_INLINE static inline __attribute__((always_inline))
#endif

// An elementwise loop: an output may be one of the inputs, element for element, so iterations are independent.
#define LK_ELEMENTWISE _Pragma("clang loop vectorize(assume_safety) vectorize_width(16) interleave_count(2)")
// The same where the body is long enough to fill the registers alone.
#define LK_ELEMENTWISE_LONG _Pragma("clang loop vectorize(assume_safety) vectorize_width(16) interleave_count(1)")

LK_INLINE uint32_t lk_bits(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

LK_INLINE float lk_from_bits(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

// Comparisons with a NaN are false, so a NaN passes.
LK_INLINE float lk_at_least(float x, float low) { return x < low ? low : x; }
LK_INLINE float lk_at_most(float x, float high) { return x > high ? high : x; }

// sqrtf would set errno, which keeps a loop scalar.
LK_INLINE float lk_root(float x) { return __builtin_elementwise_sqrt(x); }

// A number below the smallest normal one becomes the zero of its sign. Arithmetic with denormals is the same
// everywhere, but some processors take a hundred times as long for it: so they are not handed from layer to layer, nor
// from step to step for long.
LK_INLINE float lk_flushed(float x) {
  uint32_t bits = lk_bits(x);
  return lk_from_bits(bits & 0x7F800000u ? bits : bits & 0x80000000u);
}

LK_INLINE float lk_magnitude(float x) { return lk_from_bits(lk_bits(x) & 0x7FFFFFFFu); }
LK_INLINE float lk_with_sign_of(float magnitude, float sign) {
  return lk_from_bits(lk_bits(magnitude) | (lk_bits(sign) & 0x80000000u));
}

#endif

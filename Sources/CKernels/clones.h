// How the loops of this folder become vector code.
//
// A kernel is a plain loop over scalar helpers; clang widens it. Because the remainder of the loop runs the very same
// expressions on one element, an element's bits do not depend on its lane: no helper may use an instruction whose
// scalar and vector forms round differently (approximate reciprocals, library calls), and nothing is reassociated.
#ifndef LOCKSTEP_CLONES_H
#define LOCKSTEP_CLONES_H

#include <stdint.h>
#include <stdlib.h> // defines __GLIBC__, whose loader can choose among clones
#include <string.h>

// One copy of the function per instruction set, chosen when the program is loaded. The choice is made before the thread
// sanitizer is ready for the code that it put into the chooser, so under it there is one copy alone.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define LK_ONE_COPY
#endif
#endif
#if defined(__x86_64__) && defined(__linux__) && defined(__GLIBC__) && !defined(LK_ONE_COPY)
#define LK_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define LK_CLONES
#endif

// Helpers belong inside the clone that uses them. The width lets the x86-64-v4 clone use 512-bit registers: clang takes
// it over from an inlined function, while it refuses it beside target_clones.
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

LK_INLINE float lk_magnitude(float x) { return lk_from_bits(lk_bits(x) & 0x7FFFFFFFu); }
LK_INLINE float lk_with_sign_of(float magnitude, float sign) {
  return lk_from_bits(lk_bits(magnitude) | (lk_bits(sign) & 0x80000000u));
}

#endif

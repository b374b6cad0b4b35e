// Sixteen elements as one value, for loops that clang does not widen by itself, and sums in Double over such lanes.
#ifndef LOCKSTEP_LANES_H
#define LOCKSTEP_LANES_H

#include "clones.h"

enum { LK_LANES = 16 };

typedef float lk_f32x16 __attribute__((ext_vector_type(LK_LANES)));
typedef int32_t lk_i32x16 __attribute__((ext_vector_type(LK_LANES)));
typedef double lk_f64x16 __attribute__((ext_vector_type(LK_LANES)));

// Lanes of b where the sign bit of `mask` is set, else of a. A macro, because a function that takes vectors would have
// to agree with its callers on the instruction set.
#define LK_SELECT(mask, a, b) \
  ((lk_f32x16)(((lk_i32x16)(a) & ~((mask) >> 31)) | ((lk_i32x16)(b) & ((mask) >> 31))))

// Element i of a sum is added to lane i mod 16, and the lanes are added as a tree at the end.
typedef struct {
  lk_f64x16 lanes;
} lk_sum;

LK_INLINE void lk_add_terms(lk_sum *sum, long n, const float *terms) {
  lk_f32x16 block;
  long i = 0;
  for (; i + LK_LANES <= n; i += LK_LANES) {
    memcpy(&block, terms + i, sizeof block);
    sum->lanes += __builtin_convertvector(block, lk_f64x16);
  }
  if (i < n) {
    // Nothing added where there is no element.
    block = (lk_f32x16)0.0f;
    memcpy(&block, terms + i, (size_t)(n - i) * sizeof *terms);
    sum->lanes += __builtin_convertvector(block, lk_f64x16);
  }
}

LK_INLINE double lk_total(const lk_sum *sum) {
  double lanes[LK_LANES];
  memcpy(lanes, &sum->lanes, sizeof lanes);
  for (int width = LK_LANES / 2; width > 0; width /= 2)
    for (int l = 0; l < width; l++) lanes[l] += lanes[l + width];
  return lanes[0];
}

#endif

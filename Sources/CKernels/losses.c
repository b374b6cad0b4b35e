// Losses and their gradients over the rows of one shard. Terms are computed in float32, a block at a time, and added in
// Double, in an order that depends on the shape alone.
#include "CKernels.h"
#include "elementary.h"
#include "lanes.h"

// Elements whose terms wait to be added.
enum { TERMS = 256 };

// Multiplies what was computed of the elements [start, start + count) of rows by the weights of those rows.
LK_INLINE void weigh(long start, long count, long columns, const float *weights, float *values) {
  if (columns == 1) {
    LK_ELEMENTWISE for (long i = 0; i < count; i++) values[i] = lk_flushed(values[i] * weights[start + i]);
    return;
  }
  for (long i = 0; i < count;) {
    long row = (start + i) / columns, end = (row + 1) * columns - start;
    if (end > count) end = count;
    float weight = weights[row];
    LK_ELEMENTWISE for (long k = i; k < end; k++) values[k] = lk_flushed(values[k] * weight);
    i = end;
  }
}

LK_INLINE float difference_sign(float d) { return d > 0.0f ? 1.0f : (d < 0.0f ? -1.0f : d); }

// A loss of d = prediction - target: returns the sum of `term`; writes scale times `slope` where a gradient is asked
// for.
#define LOSS_BLOCKS(gradient, term, slope) \
  lk_sum sum = {0}; \
  float terms[TERMS]; \
  for (long start = 0; start < n; start += TERMS) { \
    long count = n - start < TERMS ? n - start : TERMS; \
    const float *p = prediction + start, *t = target + start; \
    LK_ELEMENTWISE for (long i = 0; i < count; i++) { \
      float d = p[i] - t[i]; \
      terms[i] = (term); \
    } \
    if (gradient) { \
      float *g = gradient + start; \
      LK_ELEMENTWISE for (long i = 0; i < count; i++) { \
        float d = p[i] - t[i]; \
        g[i] = lk_flushed(scale * (slope)); \
      } \
      if (weights) weigh(start, count, columns, weights, g); \
    } \
    if (weights) weigh(start, count, columns, weights, terms); \
    lk_add_terms(&sum, count, terms); \
  } \
  return lk_total(&sum)

LK_KERNEL(double, lk_squared_error, (long rows, long columns, float scale, const float *prediction, const float *target,
                                     const float *weights, float *gradient),
          (rows, columns, scale, prediction, target, weights, gradient)) {
  long n = rows * columns;
  LOSS_BLOCKS(gradient, d * d, 2.0f * d);
}

LK_KERNEL(double, lk_absolute_error, (long rows, long columns, float scale, const float *prediction,
                                      const float *target, const float *weights, float *gradient),
          (rows, columns, scale, prediction, target, weights, gradient)) {
  long n = rows * columns;
  LOSS_BLOCKS(gradient, lk_magnitude(d), difference_sign(d));
}

LK_KERNEL(double, lk_huber, (long rows, long columns, float delta, float scale, const float *prediction,
                             const float *target, const float *weights, float *gradient),
          (rows, columns, delta, scale, prediction, target, weights, gradient)) {
  long n = rows * columns;
  LOSS_BLOCKS(gradient, lk_magnitude(d) <= delta ? 0.5f * d * d : delta * (lk_magnitude(d) - 0.5f * delta),
              lk_at_most(lk_at_least(d, -delta), delta));
}

// Compiled once, for processors with a fused multiply-add and without one: nothing is fused.
double lk_errors_in_units(long rows, long columns, const double *units, const float *prediction, const float *target,
                          double *squared) {
#pragma STDC FP_CONTRACT OFF
  double sum = 0, squares = 0;
  for (long r = 0; r < rows; r++)
    for (long c = 0; c < columns; c++) {
      double d = ((double)prediction[r * columns + c] - (double)target[r * columns + c]) * units[c];
      sum += d < 0 ? -d : d;
      squares += d * d;
    }
  *squared = squares;
  return sum;
}

LK_KERNEL(double, lk_binary_cross_entropy, (long rows, long columns, float scale, const float *logits,
                                            const float *targets, const float *weights, float *gradient, long *correct),
          (rows, columns, scale, logits, targets, weights, gradient, correct)) {
  long n = rows * columns;
  lk_sum sum = {0};
  float terms[TERMS];
  long right = 0;
  for (long start = 0; start < n; start += TERMS) {
    long count = n - start < TERMS ? n - start : TERMS;
    const float *z = logits + start, *t = targets + start;
    for (long i = 0; i < count; i++) right += (z[i] > 0.0f) == (t[i] > 0.5f);
    LK_ELEMENTWISE for (long i = 0; i < count; i++)
      terms[i] = (lk_at_least(z[i], 0.0f) - z[i] * t[i]) + lk_log1p_unit(lk_exp(-lk_magnitude(z[i])));
    if (gradient) {
      float *g = gradient + start;
      LK_ELEMENTWISE for (long i = 0; i < count; i++) g[i] = lk_flushed(scale * (lk_sigmoid(z[i]) - t[i]));
      if (weights) weigh(start, count, columns, weights, g);
    }
    if (weights) weigh(start, count, columns, weights, terms);
    lk_add_terms(&sum, count, terms);
  }
  *correct = right;
  return lk_total(&sum);
}

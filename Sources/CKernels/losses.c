// Losses and their gradients over the rows of one shard. Terms are computed in float32, a block at a time, and added in
// Double, in an order that depends on the shape alone.
#include "CKernels.h"
#include "elementary.h"

// Elements whose terms wait to be added.
enum { TERMS = 256 };

LK_INLINE float difference_sign(float d) { return d > 0.0f ? 1.0f : (d < 0.0f ? -1.0f : d); }

LK_INLINE void add_terms(long n, const float *terms, double *lanes) {
  long i = 0;
  for (; i + LK_LANES <= n; i += LK_LANES)
    LK_ACROSS for (int l = 0; l < LK_LANES; l++) lanes[l] += (double)terms[i + l];
  for (int l = 0; i < n; i++, l++) lanes[l] += (double)terms[i];
}

// Runs `body` over blocks; it sets terms[i] of the element start + i, and its gradient `slope` where asked.
#define LOSS_BLOCKS(gradient, term, slope) \
  double lanes[LK_LANES] = {0}; \
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
        g[i] = scale * (slope); \
      } \
    } \
    add_terms(count, terms, lanes); \
  } \
  return lk_sum_lanes(lanes)

LK_CLONES double lk_squared_error(long n, float scale, const float *prediction, const float *target, float *gradient) {
  LOSS_BLOCKS(gradient, d * d, 2.0f * d);
}

LK_CLONES double lk_absolute_error(long n, float scale, const float *prediction, const float *target, float *gradient) {
  LOSS_BLOCKS(gradient, lk_magnitude(d), difference_sign(d));
}

LK_CLONES double lk_huber(long n, float delta, float scale, const float *prediction, const float *target,
                          float *gradient) {
  LOSS_BLOCKS(gradient, lk_magnitude(d) <= delta ? 0.5f * d * d : delta * (lk_magnitude(d) - 0.5f * delta),
              lk_at_most(lk_at_least(d, -delta), delta));
}

LK_CLONES double lk_binary_cross_entropy(long n, float scale, const float *logits, const float *targets, float *gradient,
                                         long *correct) {
  double lanes[LK_LANES] = {0};
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
      LK_ELEMENTWISE for (long i = 0; i < count; i++) g[i] = scale * (lk_sigmoid(z[i]) - t[i]);
    }
    add_terms(count, terms, lanes);
  }
  *correct = right;
  return lk_sum_lanes(lanes);
}

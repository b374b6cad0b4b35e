// Softmax and its cross entropy, row by row. The largest logit is taken off first, so that no exponential overflows.
#include "CKernels.h"
#include "elementary.h"

#include <math.h>

// Index of the first of the largest elements; NaNs are passed over.
LK_INLINE long index_of_largest(long n, const float *z) {
  long index = 0;
  for (long k = 1; k < n; k++)
    if (z[k] > z[index]) index = k;
  return index;
}

// out[k] = e^(z[k] - largest); returns the sum.
LK_INLINE float exponentials(long n, const float *z, float largest, float *out) {
  LK_ELEMENTWISE for (long k = 0; k < n; k++) out[k] = lk_exp(z[k] - largest);
  float sum = 0.0f;
  for (long k = 0; k < n; k++) sum += out[k];
  return sum;
}

LK_CLONES void lk_softmax(long rows, long classes, const float *logits, float *probabilities) {
  for (long r = 0; r < rows; r++) {
    const float *z = logits + r * classes;
    float *p = probabilities + r * classes;
    float inverse = 1.0f / exponentials(classes, z, z[index_of_largest(classes, z)], p);
    LK_ELEMENTWISE for (long k = 0; k < classes; k++) p[k] *= inverse;
  }
}
LK_CLONES double lk_softmax_cross_entropy(long rows, long classes, float smoothing, float scale, const float *logits,
                                          const float *labels, float *gradient, long *correct) {
  double total = 0;
  long right = 0;
  float buffer[64];
  float base = smoothing / (float)classes;
  for (long r = 0; r < rows; r++) {
    const float *z = logits + r * classes;
    long label = (long)labels[r], top = index_of_largest(classes, z);
    float largest = z[top];
    double sum = 0, shifted = 0;
    for (long start = 0; start < classes; start += 64) {
      long n = classes - start < 64 ? classes - start : 64;
      float *e = gradient ? gradient + r * classes + start : buffer;
      sum += (double)exponentials(n, z + start, largest, e);
      for (long k = 0; k < n; k++) shifted += (double)(z[start + k] - largest);
    }
    right += top == label;
    total += log(sum) - (1.0 - (double)smoothing) * (double)(z[label] - largest) - (double)base * shifted;
    if (gradient) {
      float *g = gradient + r * classes;
      float inverse = (float)(1.0 / sum);
      LK_ELEMENTWISE for (long k = 0; k < classes; k++) g[k] = scale * (g[k] * inverse - base);
      g[label] -= scale * (1.0f - smoothing);
    }
  }
  *correct = right;
  return total;
}

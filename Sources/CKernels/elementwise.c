// Sums, products and checks over n elements.
#include "CKernels.h"
#include "clones.h"

LK_KERNEL(void, lk_add, (long n, const float *a, const float *b, float *sum), (n, a, b, sum)) {
  LK_ELEMENTWISE for (long i = 0; i < n; i++) sum[i] = a[i] + b[i];
}

LK_KERNEL(void, lk_multiply, (long n, const float *a, const float *b, float *product), (n, a, b, product)) {
  LK_ELEMENTWISE for (long i = 0; i < n; i++) product[i] = a[i] * b[i];
}

LK_KERNEL(void, lk_scale_columns, (long rows, long columns, long row, const float *x, const float *factor, float *y),
          (rows, columns, row, x, factor, y)) {
  for (long r = 0; r < rows; r++)
    LK_ELEMENTWISE for (long c = 0; c < columns; c++) y[r * row + c] = x[r * row + c] * factor[c];
}

// The largest magnitude of a block, compared as an integer: infinity and every NaN are at or above infinity's bits.
LK_INLINE uint32_t largest_magnitude_bits(long n, const float *x) {
  uint32_t largest = 0;
  for (long i = 0; i < n; i++) {
    uint32_t bits = lk_bits(x[i]) & 0x7FFFFFFFu;
    largest = bits > largest ? bits : largest;
  }
  return largest;
}

LK_KERNEL(uint32_t, lk_largest_magnitude, (long n, const float *x), (n, x)) { return largest_magnitude_bits(n, x); }

LK_KERNEL(long, lk_first_non_finite, (long n, const float *x), (n, x)) {
  const long block = 4096;
  const uint32_t infinity = 0x7F800000u;
  for (long start = 0; start < n; start += block) {
    long count = n - start < block ? n - start : block;
    if (largest_magnitude_bits(count, x + start) < infinity) continue;
    for (long i = start; i < start + count; i++)
      if ((lk_bits(x[i]) & 0x7FFFFFFFu) >= infinity) return i;
  }
  return -1;
}

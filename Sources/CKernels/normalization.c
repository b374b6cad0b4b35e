// BatchNorm: moments of the columns, their merging, and the two elementwise passes.
#include "CKernels.h"
#include "columns.h"
#include "finish.h"

enum { IN_CACHE = 4096 }; // elements of a block of rows that stays in the first cache: 16 KiB

LK_KERNEL(void, lk_column_sums, (long rows, long columns, long row, const float *x, float *sums),
          (rows, columns, row, x, sums)) {
  lk_sum_terms(LK_SUM, rows, columns, row, x, x, sums, sums, NULL);
}

// A mean in two parts: the float nearest to it, and what that leaves over.
typedef struct {
  float high, low;
} lk_mean;

// mean + shift — Knuth 1969, TwoSum, and what both low parts come to brought up to the high one.
LK_INLINE lk_mean lk_moved(float mean, float low, float shift) {
  float sum = mean + shift, part = sum - mean;
  float rest = ((mean - (sum - part)) + (shift - part)) + low, high = sum + rest;
  lk_mean moved = {high, rest - (high - sum)};
  return moved;
}

// What the sums of the second pass make of a column's moments.
LK_INLINE void lk_correct_moments(double squares, double deviations, double share, float *mean, float *mean_low,
                                  float *m2) {
  double shift = deviations * share, exact = (double)*mean + shift, rest = squares - deviations * shift;
  *mean = (float)exact;
  *mean_low = (float)(exact - (double)*mean);
  // Less than what rounding may have added to the sum of the squares is nothing: of a constant, exactly.
  *m2 = rest < squares * 0x1p-21 ? 0.0f : (float)rest;
}

// The mean of the first pass is as good as its sum. The second sums the deviations from it too, which would be 0 were
// it the mean, and so corrects both moments — the corrected two-pass algorithm of Chan, Golub, LeVeque 1983.
LK_KERNEL(void, lk_column_moments, (long rows, long columns, long row, const float *x, float *mean, float *mean_low,
                                    float *m2), (rows, columns, row, x, mean, mean_low, m2)) {
  double share = 1.0 / (rows > 0 ? (double)rows : 1.0);
  lk_sum_terms(LK_SUM, rows, columns, row, x, x, mean, mean, NULL);
  LK_ELEMENTWISE for (long c = 0; c < columns; c++) mean[c] *= (float)share;
  // A single run's sums are float32, and stand where the moments will.
  if (rows <= LK_RUN && columns >= LK_NARROW) {
    lk_reduce_run(LK_SQUARED_DEVIATION, rows, columns, row, x, x, mean, m2, mean_low);
    LK_ELEMENTWISE for (long c = 0; c < columns; c++)
      lk_correct_moments((double)m2[c], (double)mean_low[c], share, mean + c, mean_low + c, m2 + c);
    return;
  }
  for (long first = 0; first < columns; first += LK_COLUMNS_AT_ONCE) {
    lk_column_totals totals;
    long here = lk_columns_from(first, columns);
    float *high = mean + first, *low = mean_low + first, *squares = m2 + first;
    lk_reduce_columns(LK_SQUARED_DEVIATION, rows, here, row, x + first, x + first, high, &totals);
    LK_ELEMENTWISE for (long c = 0; c < here; c++)
      lk_correct_moments(totals.terms[c], totals.beside[c], share, high + c, low + c, squares + c);
  }
}

LK_KERNEL(void, lk_merge_moments, (long columns, double count_a, const float *mean_a, const float *low_a,
                                   const float *m2_a, double count_b, const float *mean_b, const float *low_b,
                                   const float *m2_b, float *mean, float *mean_low, float *m2),
          (columns, count_a, mean_a, low_a, m2_a, count_b, mean_b, low_b, m2_b, mean, mean_low, m2)) {
  size_t bytes = (size_t)columns * sizeof(float);
  if (count_a == 0 || count_b == 0) {
    memmove(mean, count_b == 0 ? mean_a : mean_b, bytes);
    memmove(mean_low, count_b == 0 ? low_a : low_b, bytes);
    memmove(m2, count_b == 0 ? m2_a : m2_b, bytes);
    return;
  }
  float share = (float)(count_b / (count_a + count_b));
  float weight = (float)(count_a * count_b / (count_a + count_b));
  LK_ELEMENTWISE for (long c = 0; c < columns; c++) {
    // Means that are close have an exact difference, so nothing is lost but of their low parts' own rounding.
    float delta = (mean_b[c] - mean_a[c]) + (low_b[c] - low_a[c]);
    lk_mean moved = lk_moved(mean_a[c], low_a[c], delta * share);
    m2[c] = (delta * delta) * weight + (m2_a[c] + m2_b[c]);
    mean[c] = moved.high;
    mean_low[c] = moved.low;
  }
}

LK_KERNEL(void, lk_inverse_deviation, (long columns, const float *m2, double count, float epsilon, float *inverse),
          (columns, m2, count, epsilon, inverse)) {
  float share = (float)(1.0 / count);
  LK_ELEMENTWISE for (long c = 0; c < columns; c++) inverse[c] = 1.0f / lk_root(m2[c] * share + epsilon);
}

// The elementwise passes take four rows at a time, so that what belongs to a column is read and computed once for them.
// What is subtracted of a mean's low part is subtracted from the shift, once a column.
LK_INLINE void normalize_rows(int rows, const int has_low, long columns, long row, const float *x, const float *mean,
                              const float *mean_low, const float *inverse, const float *gamma, const float *beta,
                              float *y) {
  LK_ELEMENTWISE_LONG for (long c = 0; c < columns; c++) {
    float scale = inverse[c] * gamma[c], centre = mean[c];
    float shift = has_low ? beta[c] - mean_low[c] * scale : beta[c];
    for (int r = 0; r < rows; r++) y[r * row + c] = (x[r * row + c] - centre) * scale + shift;
  }
}

LK_INLINE void normalize_all(long rows, const int has_low, long columns, long row, const float *x, const float *mean,
                             const float *mean_low, const float *inverse, const float *gamma, const float *beta,
                             float *y) {
  long r = 0;
  for (; r + 4 <= rows; r += 4)
    normalize_rows(4, has_low, columns, row, x + r * row, mean, mean_low, inverse, gamma, beta, y + r * row);
  for (; r < rows; r++)
    normalize_rows(1, has_low, columns, row, x + r * row, mean, mean_low, inverse, gamma, beta, y + r * row);
}

LK_STATIC_KERNEL(void, normalize, (long rows, long columns, long row, const float *x, const float *mean,
                                   const float *mean_low, const float *inverse, const float *gamma, const float *beta,
                                   float *y), (rows, columns, row, x, mean, mean_low, inverse, gamma, beta, y)) {
  // Decided here, so that no loop has a load that it must not do.
  if (mean_low) return normalize_all(rows, 1, columns, row, x, mean, mean_low, inverse, gamma, beta, y);
  normalize_all(rows, 0, columns, row, x, mean, mean_low, inverse, gamma, beta, y);
}

void lk_batch_norm_forward(long rows, long columns, long row, const float *x, const float *mean, const float *mean_low,
                           const float *inverse, const float *gamma, const float *beta, const lk_finish *finish,
                           float *y) {
  // Without a finish, or with rows that are none, all at once; else as many whole fours as stay in the first cache.
  long block = finish && columns > 0 ? IN_CACHE / columns / 4 * 4 : rows;
  if (block < 4) block = 4;
  for (long r = 0; r < rows; r += block) {
    long here = rows - r < block ? rows - r : block;
    normalize(here, columns, row, x + r * row, mean, mean_low, inverse, gamma, beta, y + r * row);
    lk_finish_rows(finish, r, here, columns, row, y);
  }
}

LK_KERNEL(void, lk_batch_norm_backward_sums, (long rows, long columns, long row, const float *x, const float *mean,
                                              const float *mean_low, const float *inverse, const float *dy,
                                              float *gamma_gradient, float *beta_gradient),
          (rows, columns, row, x, mean, mean_low, inverse, dy, gamma_gradient, beta_gradient)) {
  lk_sum_terms(LK_CENTRED_PRODUCT, rows, columns, row, x, dy, mean, gamma_gradient, beta_gradient);
  LK_ELEMENTWISE for (long c = 0; c < columns; c++)
    gamma_gradient[c] = (gamma_gradient[c] - mean_low[c] * beta_gradient[c]) * inverse[c];
}

LK_INLINE void differentiate_rows(int rows, long columns, long row, float share, const float *x, const float *mean,
                                  const float *mean_low, const float *inverse, const float *gamma,
                                  const float *gamma_gradient, const float *beta_gradient, const float *dy, float *dx) {
  LK_ELEMENTWISE_LONG for (long c = 0; c < columns; c++) {
    float scale = gamma[c] * inverse[c], centre = mean[c];
    float tilt = gamma_gradient[c] * share * inverse[c], shift = beta_gradient[c] * share - mean_low[c] * tilt;
    for (int r = 0; r < rows; r++) {
      float pull = (x[r * row + c] - centre) * tilt + shift;
      dx[r * row + c] = (dy[r * row + c] - pull) * scale;
    }
  }
}

LK_KERNEL(void, lk_batch_norm_backward_input, (long rows, long columns, long row, double count, const float *x,
                                               const float *mean, const float *mean_low, const float *inverse,
                                               const float *gamma, const float *gamma_gradient,
                                               const float *beta_gradient, const float *dy, float *dx),
          (rows, columns, row, count, x, mean, mean_low, inverse, gamma, gamma_gradient, beta_gradient, dy, dx)) {
  float share = (float)(1.0 / count);
  long r = 0;
  for (; r + 4 <= rows; r += 4)
    differentiate_rows(4, columns, row, share, x + r * row, mean, mean_low, inverse, gamma, gamma_gradient,
                       beta_gradient, dy + r * row, dx + r * row);
  for (; r < rows; r++)
    differentiate_rows(1, columns, row, share, x + r * row, mean, mean_low, inverse, gamma, gamma_gradient,
                       beta_gradient, dy + r * row, dx + r * row);
}

LK_KERNEL(void, lk_batch_norm_backward_fixed, (long rows, long columns, long row, const float *inverse,
                                               const float *gamma, const float *dy, float *dx),
          (rows, columns, row, inverse, gamma, dy, dx)) {
  for (long r = 0; r < rows; r++)
    LK_ELEMENTWISE_LONG for (long c = 0; c < columns; c++) {
      float scale = gamma[c] * inverse[c];
      dx[r * row + c] = dy[r * row + c] * scale;
    }
}

LK_KERNEL(void, lk_fold_running, (long columns, float momentum, double count, const float *mean, const float *mean_low,
                                  const float *m2, float *running_mean, float *running_variance),
          (columns, momentum, count, mean, mean_low, m2, running_mean, running_variance)) {
  double keep = (double)momentum, rest = 1.0 - keep, share = 1.0 / count;
  LK_ELEMENTWISE for (long c = 0; c < columns; c++) {
    double exact = (double)mean[c] + (double)mean_low[c], variance = (double)m2[c] * share;
    running_mean[c] = lk_flushed((float)(keep * (double)running_mean[c] + rest * exact));
    running_variance[c] = lk_flushed((float)(keep * (double)running_variance[c] + rest * variance));
  }
}

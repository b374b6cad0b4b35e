// BatchNorm: moments of the columns, their merging, and the two elementwise passes.
#include "CKernels.h"
#include "columns.h"
#include "finish.h"

enum { IN_CACHE = 4096 }; // elements of a block of rows that stays in the first cache: 16 KiB

LK_CLONES void lk_column_sums(long rows, long columns, const float *x, float *sums) {
  lk_reduce_columns(LK_SUM, rows, columns, x, x, NULL, sums, NULL);
}

LK_CLONES void lk_column_moments(long rows, long columns, const float *x, float *mean, float *m2) {
  lk_reduce_columns(LK_SUM, rows, columns, x, x, NULL, mean, NULL);
  float count = rows > 0 ? (float)rows : 1.0f;
  LK_ELEMENTWISE for (long c = 0; c < columns; c++) mean[c] /= count;
  lk_reduce_columns(LK_SQUARED_DEVIATION, rows, columns, x, x, mean, m2, NULL);
}

LK_CLONES void lk_merge_moments(long columns, double count_a, const float *mean_a, const float *m2_a, double count_b,
                                const float *mean_b, const float *m2_b, float *mean, float *m2) {
  size_t bytes = (size_t)columns * sizeof(float);
  if (count_a == 0 || count_b == 0) {
    memmove(mean, count_b == 0 ? mean_a : mean_b, bytes);
    memmove(m2, count_b == 0 ? m2_a : m2_b, bytes);
    return;
  }
  float share = (float)(count_b / (count_a + count_b));
  float weight = (float)(count_a * count_b / (count_a + count_b));
  LK_ELEMENTWISE for (long c = 0; c < columns; c++) {
    float delta = mean_b[c] - mean_a[c];
    mean[c] = delta * share + mean_a[c];
    m2[c] = (delta * delta) * weight + (m2_a[c] + m2_b[c]);
  }
}

LK_CLONES void lk_inverse_deviation(long columns, const float *m2, double count, float epsilon, float *inverse) {
  float share = (float)(1.0 / count);
  LK_ELEMENTWISE for (long c = 0; c < columns; c++) inverse[c] = 1.0f / lk_root(m2[c] * share + epsilon);
}

// The elementwise passes take four rows at a time, so that what belongs to a column is read and computed once for them.
LK_INLINE void normalize_rows(int rows, long columns, const float *x, const float *mean, const float *inverse,
                              const float *gamma, const float *beta, float *y) {
  LK_ELEMENTWISE_LONG for (long c = 0; c < columns; c++) {
    float scale = inverse[c] * gamma[c], centre = mean[c], shift = beta[c];
    for (int r = 0; r < rows; r++) y[r * columns + c] = (x[r * columns + c] - centre) * scale + shift;
  }
}

LK_CLONES static void normalize(long rows, long columns, const float *x, const float *mean, const float *inverse,
                                const float *gamma, const float *beta, float *y) {
  long r = 0;
  for (; r + 4 <= rows; r += 4)
    normalize_rows(4, columns, x + r * columns, mean, inverse, gamma, beta, y + r * columns);
  for (; r < rows; r++) normalize_rows(1, columns, x + r * columns, mean, inverse, gamma, beta, y + r * columns);
}

void lk_batch_norm_forward(long rows, long columns, const float *x, const float *mean, const float *inverse,
                           const float *gamma, const float *beta, const lk_finish *finish, float *y) {
  // Without a finish, or with rows that are none, all at once; else as many whole fours as stay in the first cache.
  long block = finish && columns > 0 ? IN_CACHE / columns / 4 * 4 : rows;
  if (block < 4) block = 4;
  for (long r = 0; r < rows; r += block) {
    long here = rows - r < block ? rows - r : block;
    normalize(here, columns, x + r * columns, mean, inverse, gamma, beta, y + r * columns);
    lk_finish_elements(finish, r * columns, here * columns, y);
  }
}

LK_CLONES void lk_batch_norm_backward_sums(long rows, long columns, const float *x, const float *mean,
                                           const float *inverse, const float *dy, float *gamma_gradient,
                                           float *beta_gradient) {
  lk_reduce_columns(LK_CENTRED_PRODUCT, rows, columns, x, dy, mean, gamma_gradient, beta_gradient);
  LK_ELEMENTWISE for (long c = 0; c < columns; c++) gamma_gradient[c] *= inverse[c];
}

LK_INLINE void differentiate_rows(int rows, long columns, float share, const float *x, const float *mean,
                                  const float *inverse, const float *gamma, const float *gamma_gradient,
                                  const float *beta_gradient, const float *dy, float *dx) {
  LK_ELEMENTWISE_LONG for (long c = 0; c < columns; c++) {
    float scale = gamma[c] * inverse[c], centre = mean[c];
    float tilt = gamma_gradient[c] * share * inverse[c], shift = beta_gradient[c] * share;
    for (int r = 0; r < rows; r++) {
      float pull = (x[r * columns + c] - centre) * tilt + shift;
      dx[r * columns + c] = (dy[r * columns + c] - pull) * scale;
    }
  }
}

LK_CLONES void lk_batch_norm_backward_input(long rows, long columns, double count, const float *x, const float *mean,
                                            const float *inverse, const float *gamma, const float *gamma_gradient,
                                            const float *beta_gradient, const float *dy, float *dx) {
  float share = (float)(1.0 / count);
  long r = 0;
  for (; r + 4 <= rows; r += 4)
    differentiate_rows(4, columns, share, x + r * columns, mean, inverse, gamma, gamma_gradient, beta_gradient,
                       dy + r * columns, dx + r * columns);
  for (; r < rows; r++)
    differentiate_rows(1, columns, share, x + r * columns, mean, inverse, gamma, gamma_gradient, beta_gradient,
                       dy + r * columns, dx + r * columns);
}

LK_CLONES void lk_fold_running(long columns, float momentum, double count, const float *mean, const float *m2,
                               float *running_mean, float *running_variance) {
  float rest = 1.0f - momentum, share = (float)(1.0 / count);
  LK_ELEMENTWISE for (long c = 0; c < columns; c++) {
    running_mean[c] = momentum * running_mean[c] + rest * mean[c];
    running_variance[c] = momentum * running_variance[c] + rest * (m2[c] * share);
  }
}

// BatchNorm: moments of the columns, their merging, and the two elementwise passes.
#include "CKernels.h"
#include "columns.h"
#include "finish.h"
#include "lines.h"

enum { IN_CACHE = 4096 }; // elements of a block of lines that stays in the first cache: 16 KiB

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

// What is done to a normalised element before it is stored: of the activations those that cost next to nothing.
typedef enum { AS_IT_IS, RECTIFIED, LEAKY } rectification;

static rectification rectification_of(const lk_finish *finish) {
  if (!finish || finish->value) return AS_IT_IS;
  return finish->function == LK_RELU ? RECTIFIED : finish->function == LK_LEAKY_RELU ? LEAKY : AS_IT_IS;
}

LK_INLINE float rectified(rectification kind, float slope, float x) {
  switch (kind) {
  case RECTIFIED: return lk_at_least(x, 0.0f);
  case LEAKY: return x > 0.0f ? x : slope * x;
  default: return x;
  }
}

// What the elements of a line are normalised by.
typedef struct {
  lk_line centre, scale, shift;
} normalization;

// What is subtracted of a mean's low part is subtracted from the shift, once a column.
LK_STATIC_KERNEL(void, normalization_of, (long columns, long together, const float *mean, const float *mean_low,
                                          const float *inverse, const float *gamma, const float *beta,
                                          normalization *n),
                 (columns, together, mean, mean_low, inverse, gamma, beta, n)) {
  LK_ELEMENTWISE for (long c = 0; c < columns; c++) {
    n->centre[c] = mean[c];
    n->scale[c] = inverse[c] * gamma[c];
  }
  // Decided here, so that no loop has a load that it must not do.
  if (mean_low) {
    LK_ELEMENTWISE for (long c = 0; c < columns; c++) {
      float scale = inverse[c] * gamma[c];
      n->shift[c] = beta[c] - mean_low[c] * scale;
    }
  } else {
    memcpy(n->shift, beta, (size_t)columns * sizeof *beta);
  }
  lk_repeat(columns, together, n->centre);
  lk_repeat(columns, together, n->scale);
  lk_repeat(columns, together, n->shift);
}

// The elementwise passes take four lines at a time, so that what belongs to a column is read once for them.
LK_INLINE void normalize_lines(int lines, rectification kind, float slope, long width, long apart,
                               const normalization *n, const float *x, float *y) {
  LK_ELEMENTWISE_LONG for (long c = 0; c < width; c++) {
    float centre = n->centre[c], scale = n->scale[c], shift = n->shift[c];
    for (int l = 0; l < lines; l++)
      y[l * apart + c] = rectified(kind, slope, (x[l * apart + c] - centre) * scale + shift);
  }
}

LK_INLINE void normalize_all(rectification kind, float slope, long lines, long width, long apart,
                             const normalization *n, const float *x, float *y) {
  long l = 0;
  for (; l + 4 <= lines; l += 4)
    normalize_lines(4, kind, slope, width, apart, n, x + l * apart, y + l * apart);
  for (; l < lines; l++) normalize_lines(1, kind, slope, width, apart, n, x + l * apart, y + l * apart);
}

LK_STATIC_KERNEL(void, normalize, (rectification kind, float slope, long lines, long width, long apart,
                                   const normalization *n, const float *x, float *y),
                 (kind, slope, lines, width, apart, n, x, y)) {
  switch (kind) {
  case AS_IT_IS: return normalize_all(AS_IT_IS, slope, lines, width, apart, n, x, y);
  case RECTIFIED: return normalize_all(RECTIFIED, slope, lines, width, apart, n, x, y);
  case LEAKY: return normalize_all(LEAKY, slope, lines, width, apart, n, x, y);
  }
}

// As many whole fours of lines as stay in the first cache, one at least.
static long fours_in_cache(long width) { return width * 8 > IN_CACHE ? 4 : IN_CACHE / width / 4 * 4; }

// Lines whose first element is x + at, y + at, and of the finish's value.
static void normalize_and_finish(const lk_finish *finish, long lines, long width, long apart, const normalization *n,
                                 long at, const float *x, float *y) {
  rectification kind = rectification_of(finish);
  if (!finish || kind != AS_IT_IS)
    return normalize(kind, finish ? finish->parameter : 0.0f, lines, width, apart, n, x + at, y + at);
  lk_finish here = *finish;
  if (here.value) here.value += at;
  long block = fours_in_cache(width);
  for (long l = 0; l < lines; l += block) {
    long some = lines - l < block ? lines - l : block;
    normalize(AS_IT_IS, 0.0f, some, width, apart, n, x + at + l * apart, y + at + l * apart);
    lk_finish_rows(&here, l, some, width, apart, y + at);
  }
}

void lk_batch_norm_forward(long rows, long columns, long row, const float *x, const float *mean, const float *mean_low,
                           const float *inverse, const float *gamma, const float *beta, const lk_finish *finish,
                           float *y) {
  for (long first = 0; first < columns; first += LK_LINE) {
    normalization n;
    long here = lk_columns_of_line(first, columns), together = lk_rows_of_line(rows, here, row);
    long lines = rows / together, done = lines * together;
    normalization_of(here, together, mean + first, mean_low ? mean_low + first : NULL, inverse + first, gamma + first,
                     beta + first, &n);
    normalize_and_finish(finish, lines, here * together, row * together, &n, first, x, y);
    normalize_and_finish(finish, rows - done, here, row, &n, first + done * row, x, y);
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

// What the gradient of a line's elements is made by.
typedef struct {
  lk_line centre, scale, tilt, shift;
} differentiation;

LK_INLINE void differentiate_lines(int lines, long width, long apart, const differentiation *d, const float *x,
                                   const float *dy, float *dx) {
  LK_ELEMENTWISE_LONG for (long c = 0; c < width; c++) {
    float centre = d->centre[c], scale = d->scale[c], tilt = d->tilt[c], shift = d->shift[c];
    for (int l = 0; l < lines; l++) {
      float pull = (x[l * apart + c] - centre) * tilt + shift;
      dx[l * apart + c] = (dy[l * apart + c] - pull) * scale;
    }
  }
}

LK_INLINE void differentiate_all(long lines, long width, long apart, const differentiation *d, const float *x,
                                 const float *dy, float *dx) {
  long l = 0;
  for (; l + 4 <= lines; l += 4)
    differentiate_lines(4, width, apart, d, x + l * apart, dy + l * apart, dx + l * apart);
  for (; l < lines; l++) differentiate_lines(1, width, apart, d, x + l * apart, dy + l * apart, dx + l * apart);
}

LK_KERNEL(void, lk_batch_norm_backward_input, (long rows, long columns, long row, double count, const float *x,
                                               const float *mean, const float *mean_low, const float *inverse,
                                               const float *gamma, const float *gamma_gradient,
                                               const float *beta_gradient, const float *dy, float *dx),
          (rows, columns, row, count, x, mean, mean_low, inverse, gamma, gamma_gradient, beta_gradient, dy, dx)) {
  float share = (float)(1.0 / count);
  for (long first = 0; first < columns; first += LK_LINE) {
    differentiation d;
    long here = lk_columns_of_line(first, columns), together = lk_rows_of_line(rows, here, row);
    long lines = rows / together, done = first + lines * together * row;
    LK_ELEMENTWISE for (long i = 0; i < here; i++) {
      long c = first + i;
      float tilt = gamma_gradient[c] * share * inverse[c];
      d.centre[i] = mean[c];
      d.scale[i] = gamma[c] * inverse[c];
      d.tilt[i] = tilt;
      d.shift[i] = beta_gradient[c] * share - mean_low[c] * tilt;
    }
    lk_repeat(here, together, d.centre);
    lk_repeat(here, together, d.scale);
    lk_repeat(here, together, d.tilt);
    lk_repeat(here, together, d.shift);
    differentiate_all(lines, here * together, row * together, &d, x + first, dy + first, dx + first);
    differentiate_all(rows - lines * together, here, row, &d, x + done, dy + done, dx + done);
  }
}

LK_INLINE void scale_lines(long lines, long width, long apart, const float *scale, const float *dy, float *dx) {
  for (long l = 0; l < lines; l++, dy += apart, dx += apart) LK_OVER_LINE(c, width, dx[c] = dy[c] * scale[c];);
}

LK_KERNEL(void, lk_batch_norm_backward_fixed, (long rows, long columns, long row, const float *inverse,
                                               const float *gamma, const float *dy, float *dx),
          (rows, columns, row, inverse, gamma, dy, dx)) {
  for (long first = 0; first < columns; first += LK_LINE) {
    lk_line scale;
    long here = lk_columns_of_line(first, columns), together = lk_rows_of_line(rows, here, row);
    long lines = rows / together, done = first + lines * together * row;
    LK_ELEMENTWISE for (long c = 0; c < here; c++) scale[c] = gamma[first + c] * inverse[first + c];
    lk_repeat(here, together, scale);
    scale_lines(lines, here * together, row * together, scale, dy + first, dx + first);
    scale_lines(rows - lines * together, here, row, scale, dy + done, dx + done);
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

// Rectifiers with a learned slope, and the bound on a unit's norm: what needs sums over columns beside a pass.
#include "CKernels.h"
#include "columns.h"
#include "lines.h"

// The slopes of a line's elements.
LK_INLINE void slopes_of(long columns, long together, const float *slope, int shared, float *slopes) {
  if (shared)
    for (long c = 0; c < columns; c++) slopes[c] = slope[0];
  else
    memcpy(slopes, slope, (size_t)columns * sizeof *slope);
  lk_repeat(columns, together, slopes);
}

LK_INLINE void rectify_lines(long lines, long width, long apart, const float *slopes, const float *x, float *y) {
  for (long l = 0; l < lines; l++, x += apart, y += apart)
    LK_OVER_LINE(c, width, y[c] = x[c] > 0.0f ? x[c] : slopes[c] * x[c];);
}

LK_KERNEL(void, lk_prelu_forward, (long rows, long columns, long row, const float *slope, int shared, const float *x,
                                   float *y), (rows, columns, row, slope, shared, x, y)) {
  for (long first = 0; first < columns; first += LK_LINE) {
    lk_line slopes;
    long here = lk_columns_of_line(first, columns), together = lk_rows_of_line(rows, here, row);
    long lines = rows / together, done = first + lines * together * row;
    slopes_of(here, together, shared ? slope : slope + first, shared, slopes);
    rectify_lines(lines, here * together, row * together, slopes, x + first, y + first);
    rectify_lines(rows - lines * together, here, row, slopes, x + done, y + done);
  }
}

LK_INLINE float slope_at(float x, float slope) { return x > 0.0f ? 1.0f : (x <= 0.0f ? slope : x); }

LK_KERNEL(void, lk_prelu_backward_sums, (long rows, long columns, long row, const float *x, const float *dy,
                                         float *sums), (rows, columns, row, x, dy, sums)) {
  lk_sum_terms(LK_SLOPE, rows, columns, row, x, dy, sums, sums, NULL);
}

LK_INLINE void multiply_lines(long lines, long width, long apart, const float *slopes, const float *x, const float *dy,
                              float *dx) {
  for (long l = 0; l < lines; l++, x += apart, dy += apart, dx += apart)
    LK_OVER_LINE(c, width, dx[c] = lk_flushed(dy[c] * slope_at(x[c], slopes[c])););
}

LK_KERNEL(void, lk_prelu_backward_input, (long rows, long columns, long row, const float *slope, int shared,
                                          const float *x, const float *dy, float *dx),
          (rows, columns, row, slope, shared, x, dy, dx)) {
  for (long first = 0; first < columns; first += LK_LINE) {
    lk_line slopes;
    long here = lk_columns_of_line(first, columns), together = lk_rows_of_line(rows, here, row);
    long lines = rows / together, done = first + lines * together * row;
    slopes_of(here, together, shared ? slope : slope + first, shared, slopes);
    multiply_lines(lines, here * together, row * together, slopes, x + first, dy + first, dx + first);
    multiply_lines(rows - lines * together, here, row, slopes, x + done, dy + done, dx + done);
  }
}

LK_KERNEL(void, lk_max_norm, (long rows, long columns, float limit, float *weight, float *scratch),
          (rows, columns, limit, weight, scratch)) {
  lk_sum_terms(LK_SQUARES, rows, columns, columns, weight, weight, scratch, scratch, NULL);
  LK_ELEMENTWISE for (long c = 0; c < columns; c++) {
    float norm = lk_root(scratch[c]);
    scratch[c] = norm > limit ? limit / norm : 1.0f;
  }
  for (long r = 0; r < rows; r++) {
    float *row = weight + r * columns;
    LK_ELEMENTWISE for (long c = 0; c < columns; c++) row[c] *= scratch[c];
  }
}

// Rectifiers with a learned slope, and the bound on a unit's norm: what needs sums over columns beside a pass.
#include "CKernels.h"
#include "columns.h"

LK_KERNEL(void, lk_prelu_forward, (long rows, long columns, long row, const float *slope, int shared, const float *x,
                                   float *y), (rows, columns, row, slope, shared, x, y)) {
  for (long r = 0; r < rows; r++) {
    const float *xr = x + r * row;
    float *yr = y + r * row;
    if (shared) {
      float a = slope[0];
      LK_ELEMENTWISE for (long c = 0; c < columns; c++) yr[c] = xr[c] > 0.0f ? xr[c] : a * xr[c];
    } else {
      LK_ELEMENTWISE for (long c = 0; c < columns; c++) yr[c] = xr[c] > 0.0f ? xr[c] : slope[c] * xr[c];
    }
  }
}

LK_INLINE float slope_at(float x, float slope) { return x > 0.0f ? 1.0f : (x <= 0.0f ? slope : x); }

LK_KERNEL(void, lk_prelu_backward_sums, (long rows, long columns, long row, const float *x, const float *dy,
                                         float *sums), (rows, columns, row, x, dy, sums)) {
  lk_sum_terms(LK_SLOPE, rows, columns, row, x, dy, sums, sums, NULL);
}

LK_KERNEL(void, lk_prelu_backward_input, (long rows, long columns, long row, const float *slope, int shared,
                                          const float *x, const float *dy, float *dx),
          (rows, columns, row, slope, shared, x, dy, dx)) {
  for (long r = 0; r < rows; r++) {
    const float *xr = x + r * row, *dyr = dy + r * row;
    float *dxr = dx + r * row;
    if (shared) {
      float a = slope[0];
      LK_ELEMENTWISE for (long c = 0; c < columns; c++) dxr[c] = lk_flushed(dyr[c] * slope_at(xr[c], a));
    } else {
      LK_ELEMENTWISE for (long c = 0; c < columns; c++) dxr[c] = lk_flushed(dyr[c] * slope_at(xr[c], slope[c]));
    }
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

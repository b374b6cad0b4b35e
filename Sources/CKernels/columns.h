// Sums over the rows of a matrix, one a column: the one order in which they are all taken.
//
// Rows are added in blocks of four, along a tree inside a block, and the blocks one after the other; so rounding grows
// with the number of blocks only. A matrix of few columns is read as one of more columns and fewer rows, as many rows
// side by side as fill whole vectors. The order follows from the shape alone.
#ifndef LOCKSTEP_COLUMNS_H
#define LOCKSTEP_COLUMNS_H

#include "clones.h"

// What is summed of an element x, of its partner dy, and of its column's mean.
typedef enum {
  LK_SUM,               // x
  LK_SQUARES,           // x^2
  LK_SQUARED_DEVIATION, // (x - mean)^2
  LK_SLOPE,             // dy min(x, 0)
  LK_CENTRED_PRODUCT,   // dy (x - mean)
} lk_term_kind;

// Side by side, fewer than 16 columns fill at most 16 rows of them: lcm(columns, 16) <= 15 * 16.
enum { LK_NARROW = 16, LK_WIDEST_NARROW = 240 };

LK_INLINE float lk_term(lk_term_kind kind, float x, float dy, float mean) {
  switch (kind) {
  case LK_SUM: return x;
  case LK_SQUARES: return x * x;
  case LK_SQUARED_DEVIATION: return (x - mean) * (x - mean);
  case LK_SLOPE: return dy * lk_at_most(x, 0.0f);
  case LK_CENTRED_PRODUCT: return dy * (x - mean);
  }
}

#define LK_TERM(j) lk_term(kind, xr[(j) * columns + c], dyr[(j) * columns + c], mean[c])
#define LK_PARTNER(j) dyr[(j) * columns + c]

// sums[c] = sum of the terms; dy_sums[c], if not NULL, of dy. Where the term does not use them, `dy` may be x and
// `mean` any memory of `columns` floats.
LK_INLINE void lk_reduce_wide(lk_term_kind kind, long rows, long columns, const float *x, const float *dy,
                              const float *mean, float *sums, float *dy_sums) {
  memset(sums, 0, (size_t)columns * sizeof(float));
  if (dy_sums) memset(dy_sums, 0, (size_t)columns * sizeof(float));
  long r = 0;
  for (; r + 4 <= rows; r += 4) {
    const float *xr = x + r * columns, *dyr = dy + r * columns;
    if (dy_sums) {
      LK_ELEMENTWISE_LONG for (long c = 0; c < columns; c++) {
        sums[c] += (LK_TERM(0) + LK_TERM(1)) + (LK_TERM(2) + LK_TERM(3));
        dy_sums[c] += (LK_PARTNER(0) + LK_PARTNER(1)) + (LK_PARTNER(2) + LK_PARTNER(3));
      }
    } else {
      LK_ELEMENTWISE_LONG for (long c = 0; c < columns; c++)
        sums[c] += (LK_TERM(0) + LK_TERM(1)) + (LK_TERM(2) + LK_TERM(3));
    }
  }
  for (; r < rows; r++) {
    const float *xr = x + r * columns, *dyr = dy + r * columns;
    LK_ELEMENTWISE_LONG for (long c = 0; c < columns; c++) {
      sums[c] += LK_TERM(0);
      if (dy_sums) dy_sums[c] += LK_PARTNER(0);
    }
  }
}

#undef LK_TERM
#undef LK_PARTNER

LK_INLINE long lk_rows_side_by_side(long columns) {
  long rows = 16;
  while (rows > 1 && (rows / 2) * columns % 16 == 0) rows /= 2;
  return rows;
}

// Folds `groups` sums of each column into one, adding to `sums`.
LK_INLINE void lk_fold_groups(long groups, long columns, const float *wide, float *sums) {
  for (long g = 0; g < groups; g++)
    for (long c = 0; c < columns; c++) sums[c] += wide[g * columns + c];
}

// sums[c] = sum over the rows of the term; dy_sums[c] = sum of dy, if not NULL. `mean` may be NULL, and `dy` x, where
// the term does not use them.
LK_INLINE void lk_reduce_columns(lk_term_kind kind, long rows, long columns, const float *x, const float *dy,
                                 const float *mean, float *sums, float *dy_sums) {
  long groups = columns > 0 && columns < LK_NARROW ? lk_rows_side_by_side(columns) : 1;
  if (groups == 1 || rows < groups) {
    lk_reduce_wide(kind, rows, columns, x, dy, mean ? mean : sums, sums, dy_sums);
    return;
  }
  float wide_mean[LK_WIDEST_NARROW], wide[LK_WIDEST_NARROW], dy_wide[LK_WIDEST_NARROW];
  long width = groups * columns, wide_rows = rows / groups, done = wide_rows * groups;
  for (long g = 0; g < groups; g++)
    for (long c = 0; c < columns; c++) wide_mean[g * columns + c] = mean ? mean[c] : 0.0f;
  lk_reduce_wide(kind, wide_rows, width, x, dy, wide_mean, wide, dy_sums ? dy_wide : NULL);
  lk_reduce_wide(kind, rows - done, columns, x + done * columns, dy + done * columns, wide_mean, sums, dy_sums);
  lk_fold_groups(groups, columns, wide, sums);
  if (dy_sums) lk_fold_groups(groups, columns, dy_wide, dy_sums);
}

#endif

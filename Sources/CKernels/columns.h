// Sums over the rows of a matrix, one a column: the one order in which they are all taken.
//
// Rows are added in blocks of four, along a tree inside a block, and the blocks of a run one after the other, in
// float32; the runs' sums are added in Double, so rounding does not grow with the rows. A matrix of few columns is read
// as one of more columns and fewer rows, as many rows side by side as fill whole vectors. The order follows from the
// shape alone.
#ifndef LOCKSTEP_COLUMNS_H
#define LOCKSTEP_COLUMNS_H

#include "clones.h"

// What is summed of an element x, of its partner dy, and of its column's mean; and what beside it, if anything.
typedef enum {
  LK_SUM,               // x
  LK_SQUARES,           // x^2
  LK_SQUARED_DEVIATION, // (x - mean)^2, and x - mean
  LK_SLOPE,             // dy min(x, 0)
  LK_CENTRED_PRODUCT,   // dy (x - mean), and dy
} lk_term_kind;

enum {
  LK_COLUMNS_AT_ONCE = 256, // so that their sums stand on the stack
  LK_RUN = 512,             // rows of a run
  LK_NARROW = 16,           // fewer columns are read side by side: at most 16 rows, lcm(columns, 16) <= 15 * 16
};

// What belongs to at most so many columns, where whole vectors of it begin with a line of the cache.
typedef float lk_column_floats[LK_COLUMNS_AT_ONCE] __attribute__((aligned(64)));
typedef double lk_column_doubles[LK_COLUMNS_AT_ONCE] __attribute__((aligned(64)));

typedef struct {
  lk_column_doubles terms, beside;
} lk_column_totals;

LK_INLINE long lk_columns_from(long first, long columns) {
  return columns - first < LK_COLUMNS_AT_ONCE ? columns - first : LK_COLUMNS_AT_ONCE;
}

LK_INLINE float lk_term(lk_term_kind kind, float x, float dy, float mean) {
  switch (kind) {
  case LK_SUM: return x;
  case LK_SQUARES: return x * x;
  case LK_SQUARED_DEVIATION: return (x - mean) * (x - mean);
  case LK_SLOPE: return dy * lk_at_most(x, 0.0f);
  case LK_CENTRED_PRODUCT: return dy * (x - mean);
  }
}

LK_INLINE int lk_has_beside(lk_term_kind kind) { return kind == LK_SQUARED_DEVIATION || kind == LK_CENTRED_PRODUCT; }

LK_INLINE float lk_beside(lk_term_kind kind, float x, float dy, float mean) {
  return kind == LK_SQUARED_DEVIATION ? x - mean : dy;
}

#define LK_TERM(j) lk_term(kind, xr[(j) * row + c], dyr[(j) * row + c], mean[c])
#define LK_BESIDE(j) lk_beside(kind, xr[(j) * row + c], dyr[(j) * row + c], mean[c])

// The sums of one run in float32; rows are `row` elements apart.
LK_INLINE void lk_reduce_run(lk_term_kind kind, long rows, long columns, long row, const float *x, const float *dy,
                             const float *mean, float *terms, float *beside) {
  long r = 0;
  if (rows >= 4) {
    // What is added to 0 is what it is, but that -0 is 0.
    const float *xr = x, *dyr = dy;
    LK_ELEMENTWISE_LONG for (long c = 0; c < columns; c++) {
      terms[c] = 0.0f + ((LK_TERM(0) + LK_TERM(1)) + (LK_TERM(2) + LK_TERM(3)));
      if (lk_has_beside(kind)) beside[c] = 0.0f + ((LK_BESIDE(0) + LK_BESIDE(1)) + (LK_BESIDE(2) + LK_BESIDE(3)));
    }
    r = 4;
  } else {
    memset(terms, 0, (size_t)columns * sizeof *terms);
    if (lk_has_beside(kind)) memset(beside, 0, (size_t)columns * sizeof *beside);
  }
  for (; r + 4 <= rows; r += 4) {
    const float *xr = x + r * row, *dyr = dy + r * row;
    LK_ELEMENTWISE_LONG for (long c = 0; c < columns; c++) {
      terms[c] += (LK_TERM(0) + LK_TERM(1)) + (LK_TERM(2) + LK_TERM(3));
      if (lk_has_beside(kind)) beside[c] += (LK_BESIDE(0) + LK_BESIDE(1)) + (LK_BESIDE(2) + LK_BESIDE(3));
    }
  }
  for (; r < rows; r++) {
    const float *xr = x + r * row, *dyr = dy + r * row;
    LK_ELEMENTWISE_LONG for (long c = 0; c < columns; c++) {
      terms[c] += LK_TERM(0);
      if (lk_has_beside(kind)) beside[c] += LK_BESIDE(0);
    }
  }
}

#undef LK_TERM
#undef LK_BESIDE

// totals = the sums of all runs
LK_INLINE void lk_reduce_runs(lk_term_kind kind, long rows, long columns, long row, const float *x, const float *dy,
                              const float *mean, lk_column_totals *totals) {
  lk_column_floats terms, beside;
  lk_reduce_run(kind, rows < LK_RUN ? rows : LK_RUN, columns, row, x, dy, mean, terms, beside);
  LK_ELEMENTWISE for (long c = 0; c < columns; c++) {
    totals->terms[c] = (double)terms[c];
    if (lk_has_beside(kind)) totals->beside[c] = (double)beside[c];
  }
  for (long r = LK_RUN; r < rows; r += LK_RUN) {
    long here = rows - r < LK_RUN ? rows - r : LK_RUN;
    lk_reduce_run(kind, here, columns, row, x + r * row, dy + r * row, mean, terms, beside);
    LK_ELEMENTWISE for (long c = 0; c < columns; c++) {
      totals->terms[c] += (double)terms[c];
      if (lk_has_beside(kind)) totals->beside[c] += (double)beside[c];
    }
  }
}

LK_INLINE long lk_rows_side_by_side(long columns) {
  long rows = 16;
  while (rows > 1 && (rows / 2) * columns % 16 == 0) rows /= 2;
  return rows;
}

// totals = the sums over the rows of the terms, and of what stands beside, in at most LK_COLUMNS_AT_ONCE columns of
// rows that are `row` elements apart. Where the term does not use them, `dy` may be x and `mean` any memory of
// `columns` floats.
LK_INLINE void lk_reduce_columns(lk_term_kind kind, long rows, long columns, long row, const float *x, const float *dy,
                                 const float *mean, lk_column_totals *totals) {
  long groups = columns < LK_NARROW && columns == row ? lk_rows_side_by_side(columns) : 1;
  if (groups == 1 || rows < groups) return lk_reduce_runs(kind, rows, columns, row, x, dy, mean, totals);
  lk_column_floats wide_mean;
  lk_column_totals wide;
  long width = groups * columns, done = rows / groups * groups;
  for (long i = 0; i < width; i++) wide_mean[i] = mean[i % columns];
  lk_reduce_runs(kind, rows / groups, width, width, x, dy, wide_mean, &wide);
  lk_reduce_runs(kind, rows - done, columns, row, x + done * row, dy + done * row, mean, totals);
  for (long g = 0; g < groups; g++)
    for (long c = 0; c < columns; c++) {
      totals->terms[c] += wide.terms[g * columns + c];
      if (lk_has_beside(kind)) totals->beside[c] += wide.beside[g * columns + c];
    }
}

// sums[c] = the sum over the rows, `row` elements apart, of the term, beside[c] of what stands beside it. Where the
// term does not use them, `dy` may be x, `mean` sums, and `beside` NULL.
LK_INLINE void lk_sum_terms(lk_term_kind kind, long rows, long columns, long row, const float *x, const float *dy,
                            const float *mean, float *sums, float *beside) {
  // A single run is what it is in Double too.
  if (rows <= LK_RUN && columns >= LK_NARROW)
    return lk_reduce_run(kind, rows, columns, row, x, dy, mean, sums, beside);
  if (mean == sums) memset(sums, 0, (size_t)columns * sizeof *sums);
  for (long first = 0; first < columns; first += LK_COLUMNS_AT_ONCE) {
    lk_column_totals totals;
    long here = lk_columns_from(first, columns);
    lk_reduce_columns(kind, rows, here, row, x + first, dy + first, mean + first, &totals);
    LK_ELEMENTWISE for (long c = 0; c < here; c++) sums[first + c] = (float)totals.terms[c];
    if (lk_has_beside(kind))
      LK_ELEMENTWISE for (long c = 0; c < here; c++) beside[first + c] = (float)totals.beside[c];
  }
}

#endif

// Sums over the rows of a matrix, one a column: the one order in which they are all taken.
//
// Rows are added in blocks of four, along a tree inside a block, and the blocks of a run one after the other, in
// float32; the runs' sums are added in Double, so rounding does not grow with the rows. A matrix of few columns is read
// as one of more columns and fewer rows, as many rows side by side as fill whole vectors. The order follows from the
// shape alone.
#ifndef LOCKSTEP_COLUMNS_H
#define LOCKSTEP_COLUMNS_H

#include "lanes.h"
#include "lines.h"

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
  LK_VECTORS_AT_ONCE = 4,   // of columns, whose sums stand in registers
  LK_NARROW_RUN = 128,      // columns whose sums do so while all rows of a run are passed over
  LK_NARROW = 16,           // fewer columns are read side by side: at most 16 rows, lcm(columns, 16) <= 15 * 16
};

// What belongs to at most so many columns, where whole vectors of it begin with a line of the cache.
typedef float lk_column_floats[LK_COLUMNS_AT_ONCE] __attribute__((aligned(64)));
typedef double lk_column_doubles[LK_COLUMNS_AT_ONCE] __attribute__((aligned(64)));

typedef struct {
  lk_column_doubles terms, beside;
} lk_column_totals;

// The first column of vector v.
#define LK_VECTOR_START(v) ((v) + 1 < vectors ? (v) * LK_LANES : columns - LK_LANES)
#define LK_EACH_VECTOR(v) _Pragma("clang loop unroll(full)") for (int v = 0; v < vectors; v++)

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

// The same of sixteen columns.
LK_INLINE void lk_terms(lk_term_kind kind, const float *x, const float *dy, const float *mean, lk_f32x16 *term,
                        lk_f32x16 *beside) {
  lk_f32x16 at, partner, centre, zero = 0.0f;
  memcpy(&at, x, sizeof at);
  memcpy(&partner, dy, sizeof partner);
  memcpy(&centre, mean, sizeof centre);
  lk_f32x16 deviation = at - centre;
  switch (kind) {
  case LK_SUM: *term = at; break;
  case LK_SQUARES: *term = at * at; break;
  case LK_SQUARED_DEVIATION: *term = deviation * deviation; break;
  case LK_SLOPE: *term = partner * LK_SELECT(at > zero, at, zero); break;
  case LK_CENTRED_PRODUCT: *term = partner * deviation; break;
  }
  if (lk_has_beside(kind)) *beside = kind == LK_SQUARED_DEVIATION ? deviation : partner;
}

// The sums of one run in registers, of whole vectors but for the last, which ends with the columns: what it has in
// common with the one before it is summed twice, to the same bits.
LK_INLINE void lk_reduce_vectors(lk_term_kind kind, int vectors, long rows, long columns, long row, const float *x,
                                 const float *dy, const float *mean, float *terms, float *beside) {
  lk_f32x16 sums[LK_VECTORS_AT_ONCE], besides[LK_VECTORS_AT_ONCE], term[4], other[4];
  LK_EACH_VECTOR(v) sums[v] = besides[v] = (lk_f32x16)0.0f;
  long r = 0;
  for (; r + 4 <= rows; r += 4, x += 4 * row, dy += 4 * row)
    LK_EACH_VECTOR(v) {
      long c = LK_VECTOR_START(v);
      _Pragma("clang loop unroll(full)") for (int j = 0; j < 4; j++)
        lk_terms(kind, x + j * row + c, dy + j * row + c, mean + c, term + j, other + j);
      sums[v] += (term[0] + term[1]) + (term[2] + term[3]);
      if (lk_has_beside(kind)) besides[v] += (other[0] + other[1]) + (other[2] + other[3]);
    }
  for (; r < rows; r++, x += row, dy += row)
    LK_EACH_VECTOR(v) {
      long c = LK_VECTOR_START(v);
      lk_terms(kind, x + c, dy + c, mean + c, term, other);
      sums[v] += term[0];
      if (lk_has_beside(kind)) besides[v] += other[0];
    }
  LK_EACH_VECTOR(v) {
    memcpy(terms + LK_VECTOR_START(v), sums + v, sizeof *sums);
    if (lk_has_beside(kind)) memcpy(beside + LK_VECTOR_START(v), besides + v, sizeof *besides);
  }
}

// The sums of one run of one column.
LK_INLINE void lk_reduce_column(lk_term_kind kind, long rows, long row, const float *x, const float *dy, float mean,
                                float *terms, float *beside) {
  float sum = 0.0f, other = 0.0f;
  long r = 0;
  for (; r + 4 <= rows; r += 4, x += 4 * row, dy += 4 * row) {
    sum += (lk_term(kind, x[0], dy[0], mean) + lk_term(kind, x[row], dy[row], mean)) +
           (lk_term(kind, x[2 * row], dy[2 * row], mean) + lk_term(kind, x[3 * row], dy[3 * row], mean));
    other += (lk_beside(kind, x[0], dy[0], mean) + lk_beside(kind, x[row], dy[row], mean)) +
             (lk_beside(kind, x[2 * row], dy[2 * row], mean) + lk_beside(kind, x[3 * row], dy[3 * row], mean));
  }
  for (; r < rows; r++, x += row, dy += row) {
    sum += lk_term(kind, *x, *dy, mean);
    other += lk_beside(kind, *x, *dy, mean);
  }
  *terms = sum;
  if (lk_has_beside(kind)) *beside = other;
}

#define LK_TERM(j) lk_term(kind, x[(j) * row + c], dy[(j) * row + c], mean[c])
#define LK_BESIDE(j) lk_beside(kind, x[(j) * row + c], dy[(j) * row + c], mean[c])

// The sums of one run, of so many columns that passing over them a few at a time would jump through memory.
LK_INLINE void lk_reduce_wide(lk_term_kind kind, long rows, long columns, long row, const float *x, const float *dy,
                              const float *mean, float *terms, float *beside) {
  memset(terms, 0, (size_t)columns * sizeof *terms);
  if (lk_has_beside(kind)) memset(beside, 0, (size_t)columns * sizeof *beside);
  long r = 0;
  for (; r + 4 <= rows; r += 4, x += 4 * row, dy += 4 * row)
    LK_ELEMENTWISE_LONG for (long c = 0; c < columns; c++) {
      terms[c] += (LK_TERM(0) + LK_TERM(1)) + (LK_TERM(2) + LK_TERM(3));
      if (lk_has_beside(kind)) beside[c] += (LK_BESIDE(0) + LK_BESIDE(1)) + (LK_BESIDE(2) + LK_BESIDE(3));
    }
  for (; r < rows; r++, x += row, dy += row)
    LK_ELEMENTWISE_LONG for (long c = 0; c < columns; c++) {
      terms[c] += LK_TERM(0);
      if (lk_has_beside(kind)) beside[c] += LK_BESIDE(0);
    }
}

#undef LK_TERM
#undef LK_BESIDE

// The sums of one run in float32; rows are `row` elements apart.
LK_INLINE void lk_reduce_run(lk_term_kind kind, long rows, long columns, long row, const float *x, const float *dy,
                             const float *mean, float *terms, float *beside) {
  if (columns > LK_NARROW_RUN) {
    long whole = columns / LK_LANES * LK_LANES, last = columns - LK_LANES;
    lk_reduce_wide(kind, rows, whole, row, x, dy, mean, terms, beside);
    if (whole == columns) return;
    return lk_reduce_vectors(kind, 1, rows, LK_LANES, row, x + last, dy + last, mean + last, terms + last,
                             lk_has_beside(kind) ? beside + last : NULL);
  }
  while (columns >= LK_LANES) {
    // Three of five vectors, so that what is left is never less than a vector.
    long all = (columns + LK_LANES - 1) / LK_LANES, vectors = all < 5 ? all : all == 5 ? 3 : 4;
    long here = vectors < all ? vectors * LK_LANES : columns;
    switch (vectors) {
    case 1: lk_reduce_vectors(kind, 1, rows, here, row, x, dy, mean, terms, beside); break;
    case 2: lk_reduce_vectors(kind, 2, rows, here, row, x, dy, mean, terms, beside); break;
    case 3: lk_reduce_vectors(kind, 3, rows, here, row, x, dy, mean, terms, beside); break;
    default: lk_reduce_vectors(kind, 4, rows, here, row, x, dy, mean, terms, beside); break;
    }
    x += here, dy += here, mean += here, terms += here, columns -= here;
    if (lk_has_beside(kind)) beside += here;
  }
  for (long c = 0; c < columns; c++) lk_reduce_column(kind, rows, row, x + c, dy + c, mean[c], terms + c, beside + c);
}

// totals = the sums of all runs
LK_INLINE void lk_reduce_runs(lk_term_kind kind, long rows, long columns, long row, const float *x, const float *dy,
                              const float *mean, lk_column_totals *totals) {
  lk_column_floats terms, beside;
  LK_ELEMENTWISE for (long c = 0; c < columns; c++) totals->terms[c] = totals->beside[c] = 0.0;
  for (long r = 0; r < rows; r += LK_RUN) {
    long here = rows - r < LK_RUN ? rows - r : LK_RUN;
    lk_reduce_run(kind, here, columns, row, x + r * row, dy + r * row, mean, terms, beside);
    LK_ELEMENTWISE for (long c = 0; c < columns; c++) {
      totals->terms[c] += (double)terms[c];
      if (lk_has_beside(kind)) totals->beside[c] += (double)beside[c];
    }
  }
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

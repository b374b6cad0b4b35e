// Elementwise passes over a matrix that have numbers of each column: a scale, a slope. They are computed once, and rows
// of few columns are passed over side by side, as one long line; an element's bits are its own either way.
#ifndef LOCKSTEP_LINES_H
#define LOCKSTEP_LINES_H

#include "clones.h"

enum {
  LK_LINE = 1024,      // elements of a line at most, so that its numbers stand on the stack
  LK_SHORT_LINE = 128, // a line is longer where rows are there for it
};

// What belongs to the elements of a line.
typedef float lk_line[LK_LINE] __attribute__((aligned(64)));

// As many rows side by side as fill whole vectors: at most 16.
LK_INLINE long lk_rows_side_by_side(long columns) {
  long rows = 16;
  while (rows > 1 && (rows / 2) * columns % 16 == 0) rows /= 2;
  return rows;
}

// Rows of a line; more than one only where they follow one another in memory.
LK_INLINE long lk_rows_of_line(long rows, long columns, long row) {
  if (columns != row || columns <= 0 || columns >= LK_SHORT_LINE) return 1;
  long together = lk_rows_side_by_side(columns);
  while (together * columns < LK_SHORT_LINE) together *= 2;
  while (together > 1 && (together * columns > LK_LINE || together * 4 > rows)) together /= 2;
  return together;
}

// The numbers of the first row are those of the others.
LK_INLINE void lk_repeat(long columns, long together, float *numbers) {
  for (long i = columns; i < columns * together; i++) numbers[i] = numbers[i - columns];
}

LK_INLINE long lk_columns_of_line(long first, long columns) {
  return columns - first < LK_LINE ? columns - first : LK_LINE;
}

// A loop over the elements of a line whose body is short: pairs of vectors while there are any.
#define LK_OVER_LINE(c, width, ...) \
  do { \
    long pairs = (width) / 32 * 32; \
    LK_ELEMENTWISE for (long c = 0; c < pairs; c++) { __VA_ARGS__ } \
    LK_ELEMENTWISE_LONG for (long c = pairs; c < (width); c++) { __VA_ARGS__ } \
  } while (0)

#endif

// What is done to finished rows of a result while they are in cache.
#ifndef LOCKSTEP_FINISH_H
#define LOCKSTEP_FINISH_H

#include "CKernels.h"

#include <stddef.h>

static inline void lk_finish_elements(const lk_finish *finish, long start, long n, float *c) {
  if (finish->value) {
    const float *y = finish->value + start;
    lk_activation_backward(finish->function, finish->parameter, n, y, y, c + start, c + start);
  } else {
    lk_activation_forward(finish->function, finish->parameter, n, c + start, c + start);
  }
}

// Rows first, first + 1, … of c, whose rows and those of the value are `row` elements apart.
static inline void lk_finish_rows(const lk_finish *finish, long first, long rows, long columns, long row, float *c) {
  if (!finish) return;
  if (columns == row) {
    lk_finish_elements(finish, first * row, rows * row, c);
  } else {
    for (long r = first; r < first + rows; r++) lk_finish_elements(finish, r * row, columns, c);
  }
}

#endif

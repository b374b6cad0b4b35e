// What is done to finished rows of a result while they are in cache.
#ifndef LOCKSTEP_FINISH_H
#define LOCKSTEP_FINISH_H

#include "CKernels.h"

#include <stddef.h>

// The `n` elements of c from `start` on.
static inline void lk_finish_elements(const lk_finish *finish, long start, long n, float *c) {
  if (!finish) return;
  if (finish->value) {
    const float *y = finish->value + start;
    lk_activation_backward(finish->function, finish->parameter, n, y, y, c + start, c + start);
  } else {
    lk_activation_forward(finish->function, finish->parameter, n, c + start, c + start);
  }
}

#endif

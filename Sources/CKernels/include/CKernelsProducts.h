// The matrix products of each instruction set. CKernels.h has those of the machine's own.
#ifndef LOCKSTEP_KERNELS_PRODUCTS_H
#define LOCKSTEP_KERNELS_PRODUCTS_H

#include "CKernels.h"
#include "CKernelsCPU.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  // lk_product or, if `transposed`, lk_product_transposed with a bias
  void (*product)(long rows, long inner, long columns, const float *a, long a_row, const float *b, long b_row,
                  int transposed, const float *bias, const lk_finish *finish, float *c, long c_row, float *scratch);
  // lk_weight_gradient
  void (*weight_gradient)(long shards, const long *shard_rows, long inputs, long units, const float *x, long x_row,
                          const float *dy, long dy_row, float *gradient, long gradient_row, uint32_t *largest,
                          float *scratch);
} lk_products;

// NULL where this processor does not have the set.
const lk_products *lk_products_of(lk_instructions set, lk_precision precision);

#ifdef __cplusplus
}
#endif
#endif

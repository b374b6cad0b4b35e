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
                          const float *dy, long dy_row, float *gradient, long gradient_row, int goes_past,
                          uint32_t *largest, float *scratch);
} lk_products;

// NULL where this processor does not have the set, or a matrix instruction of the set is not used.
const lk_products *lk_products_of(lk_instructions set, lk_precision precision);

// What becomes of the matrix instruction of the set that runs, in bfloat16's products.
typedef enum {
  LK_MATRIX_NONE,    // the set has none
  LK_MATRIX_REFUSED, // the system does not let it be used
  LK_MATRIX_DIFFERS, // its bits are not those of the definition
  LK_MATRIX_USED
} lk_matrix_use;

// Asked for when it is first needed, once a process: a process that may use it has larger signal frames for ever.
lk_matrix_use lk_matrix_instruction(void);

// Whether two sets give the same bits in bfloat16, for sums short and long, denormal and infinite; -1 where there is no
// memory to find out.
int lk_products_agree(const lk_products *one, const lk_products *other);

#ifdef __cplusplus
}
#endif
#endif

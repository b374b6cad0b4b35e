// Chooses the products of the machine's instruction set. All give the same bits, but for one without fused
// multiply-add.
#include "CKernels.h"
#include "blocks.h"

#include <stddef.h>

extern const lk_products lk_products_base, lk_bfloat16_products_base;
#ifdef __x86_64__
extern const lk_products lk_products_v3, lk_bfloat16_products_v3, lk_products_v4, lk_bfloat16_products_v4;
#endif

static const lk_products *of(lk_instructions set, lk_precision precision) {
  int rounds = precision == LK_BFLOAT16_PRODUCTS;
#ifdef __x86_64__
  if (set == LK_X86_64_V4) return rounds ? &lk_bfloat16_products_v4 : &lk_products_v4;
  if (set == LK_X86_64_V3) return rounds ? &lk_bfloat16_products_v3 : &lk_products_v3;
#endif
  (void)set;
  return rounds ? &lk_bfloat16_products_base : &lk_products_base;
}

const lk_products *lk_products_of(lk_instructions set, lk_precision precision) {
  return lk_has(set) ? of(set, precision) : NULL;
}

static const lk_products *machine_products(lk_precision precision) { return of(lk_running(), precision); }

long lk_product_scratch(lk_precision precision) {
  return lk_panels(precision) + (precision == LK_FLOAT32 ? 0 : LK_COPIED_ROWS * lk_copied_row(LK_BLOCK_TERMS));
}

long lk_weight_gradient_scratch(lk_precision precision, long shards, long shard_rows, long inputs, long units) {
  long together = lk_shards_together(shard_rows, precision), waiting = 0;
  for (long nodes = (shards + together - 1) / together - 1; nodes > 0; nodes /= 2) waiting += 1;
  // Few units swap their part with the inputs, and their transpose stands in the scratch.
  int swaps = units <= LK_FEW_UNITS && inputs > units;
  return lk_portion_scratch(shards, shard_rows, swaps ? units : inputs, precision) +
         (waiting + swaps) * lk_waiting_scratch(inputs, units);
}

void lk_product(lk_precision precision, long rows, long inner, long columns, const float *a, long a_row,
                const float *b, long b_row, const float *bias, const lk_finish *finish, float *c, long c_row,
                float *scratch) {
  machine_products(precision)->product(rows, inner, columns, a, a_row, b, b_row, 0, bias, finish, c, c_row, scratch);
}

void lk_product_transposed(lk_precision precision, long rows, long inner, long columns, const float *a, long a_row,
                           const float *b, long b_row, const lk_finish *finish, float *c, long c_row, float *scratch) {
  machine_products(precision)->product(rows, inner, columns, a, a_row, b, b_row, 1, NULL, finish, c, c_row, scratch);
}

void lk_weight_gradient(lk_precision precision, long shards, const long *shard_rows, long inputs, long units,
                        const float *x, long x_row, const float *dy, long dy_row, float *gradient, long gradient_row,
                        uint32_t *largest, float *scratch) {
  machine_products(precision)->weight_gradient(shards, shard_rows, inputs, units, x, x_row, dy, dy_row, gradient,
                                               gradient_row, largest, scratch);
}

// Chooses the products of the machine's instruction set. All give the same bits, but for one without fused
// multiply-add.
#include "CKernels.h"
#include "blocks.h"

#include <stddef.h>

extern const lk_products lk_products_base;
#ifdef __x86_64__
extern const lk_products lk_products_v3, lk_products_v4;
#endif

static const lk_products *of(lk_instructions set) {
#ifdef __x86_64__
  if (set == LK_X86_64_V4) return &lk_products_v4;
  if (set == LK_X86_64_V3) return &lk_products_v3;
#endif
  (void)set;
  return &lk_products_base;
}

const lk_products *lk_products_of(lk_instructions set) { return lk_has(set) ? of(set) : NULL; }

static const lk_products *machine_products(void) { return of(lk_running()); }

long lk_product_scratch(void) { return LK_PANELS; }

long lk_weight_gradient_scratch(long shards, long shard_rows, long inputs, long units) {
  long together = lk_shards_together(shard_rows), waiting = 0;
  for (long nodes = (shards + together - 1) / together - 1; nodes > 0; nodes /= 2) waiting += 1;
  // Few units swap their part with the inputs, and their transpose stands in the scratch.
  int swaps = units <= LK_FEW_UNITS && inputs > units;
  return lk_portion_scratch(shards * shard_rows, swaps ? units : inputs) +
         (waiting + swaps) * lk_waiting_scratch(inputs, units);
}

void lk_product(long rows, long inner, long columns, const float *a, const float *b, const float *bias,
                const lk_finish *finish, float *c, float *scratch) {
  machine_products()->product(rows, inner, columns, a, b, 0, bias, finish, c, scratch);
}

void lk_product_transposed(long rows, long inner, long columns, const float *a, const float *b,
                           const lk_finish *finish, float *c, float *scratch) {
  machine_products()->product(rows, inner, columns, a, b, 1, NULL, finish, c, scratch);
}

void lk_weight_gradient(long shards, const long *shard_rows, long inputs, long units, const float *x, const float *dy,
                        float *gradient, uint32_t *largest, float *scratch) {
  machine_products()->weight_gradient(shards, shard_rows, inputs, units, x, dy, gradient, largest, scratch);
}

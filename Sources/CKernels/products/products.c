// Chooses the products of the machine's instruction set. All give the same bits, but for one without fused
// multiply-add.
#include "CKernels.h"
#include "blocks.h"

#include <stddef.h>

#ifdef __linux__
#include <unistd.h>
#endif

// Only Linux on x86-64 has a matrix instruction.
#if defined(__linux__) && defined(__x86_64__)
#define LK_HAS_MATRIX_INSTRUCTION
#include <pthread.h>
#endif

extern const lk_products lk_products_base, lk_bfloat16_products_base;
#ifdef __x86_64__
extern const lk_products lk_products_v3, lk_bfloat16_products_v3, lk_products_v4, lk_bfloat16_products_v4;
#endif

long lk_first_cache_ways(void) {
  static long known = 0;
  long ways = __atomic_load_n(&known, __ATOMIC_RELAXED);
  if (ways > 0) return ways;
#ifdef _SC_LEVEL1_DCACHE_ASSOC
  ways = sysconf(_SC_LEVEL1_DCACHE_ASSOC);
#endif
  if (ways <= 0) ways = 8;
  __atomic_store_n(&known, ways, __ATOMIC_RELAXED);
  return ways;
}

// The products of a set, but for those that its matrix instruction makes.
static const lk_products *of(lk_instructions set, lk_precision precision) {
  int rounds = precision == LK_BFLOAT16_PRODUCTS;
#ifdef __x86_64__
  if (set >= LK_X86_64_V4) return rounds ? &lk_bfloat16_products_v4 : &lk_products_v4;
  if (set == LK_X86_64_V3) return rounds ? &lk_bfloat16_products_v3 : &lk_products_v3;
#endif
  (void)set;
  return rounds ? &lk_bfloat16_products_base : &lk_products_base;
}

#ifdef LK_HAS_MATRIX_INSTRUCTION
extern const lk_products lk_bfloat16_products_amx;
static lk_matrix_use matrix_use;

// Nothing is computed with the instruction that was not compared with the definition on this very processor.
static void find_matrix_use(void) {
  if (!lk_has(LK_X86_64_AMX)) return;
  int agree = -1;
  if (lk_ask_for_matrix_instruction())
    agree = lk_products_agree(&lk_bfloat16_products_amx, of(LK_X86_64_V4, LK_BFLOAT16_PRODUCTS));
  matrix_use = agree > 0 ? LK_MATRIX_USED : agree == 0 ? LK_MATRIX_DIFFERS : LK_MATRIX_REFUSED;
}

static lk_matrix_use found_matrix_use(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, find_matrix_use);
  return matrix_use;
}

static const lk_products *matrix_products(void) {
  return found_matrix_use() == LK_MATRIX_USED ? &lk_bfloat16_products_amx : NULL;
}
#else
static lk_matrix_use found_matrix_use(void) { return LK_MATRIX_NONE; }
static const lk_products *matrix_products(void) { return NULL; }
#endif

const lk_products *lk_products_of(lk_instructions set, lk_precision precision) {
  if (!lk_has(set)) return NULL;
  return set == LK_X86_64_AMX && precision == LK_BFLOAT16_PRODUCTS ? matrix_products() : of(set, precision);
}

lk_matrix_use lk_matrix_instruction(void) {
  return lk_running() == LK_X86_64_AMX ? found_matrix_use() : LK_MATRIX_NONE;
}

// A tile of the matrix instruction makes 16 rows of blocks of 32 terms, wanted or not, in the time in which other
// instructions make a sixteenth of it: it is taken where an eighth is wanted.
static const lk_products *machine_products(lk_precision precision, long rows, long terms) {
  lk_instructions set = lk_running();
  int fills_tiles = (rows < 16 ? rows : 16) * (terms < 32 ? terms : 32) >= 64;
  if (set == LK_X86_64_AMX && precision == LK_BFLOAT16_PRODUCTS && fills_tiles) {
    const lk_products *products = matrix_products();
    if (products) return products;
  }
  return of(set, precision);
}

long lk_product_scratch(lk_precision precision) {
  long rows = precision == LK_FLOAT32 ? LK_MOST_ROWS : LK_COPIED_ROWS;
  return lk_panels(precision) + rows * lk_copied_row(LK_BLOCK_TERMS);
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
  const lk_products *products = machine_products(precision, rows, inner);
  products->product(rows, inner, columns, a, a_row, b, b_row, 0, bias, finish, c, c_row, scratch);
}

void lk_product_transposed(lk_precision precision, long rows, long inner, long columns, const float *a, long a_row,
                           const float *b, long b_row, const lk_finish *finish, float *c, long c_row, float *scratch) {
  const lk_products *products = machine_products(precision, rows, inner);
  products->product(rows, inner, columns, a, a_row, b, b_row, 1, NULL, finish, c, c_row, scratch);
}

void lk_weight_gradient(lk_precision precision, long shards, const long *shard_rows, long inputs, long units,
                        const float *x, long x_row, const float *dy, long dy_row, float *gradient, long gradient_row,
                        int goes_past, uint32_t *largest, float *scratch) {
  long rows = 0;
  for (long s = 0; s < shards; s++) rows += shard_rows[s];
  const lk_products *products = machine_products(precision, inputs, rows / shards);
  products->weight_gradient(shards, shard_rows, inputs, units, x, x_row, dy, dy_row, gradient, gradient_row, goes_past,
                            largest, scratch);
}

// Sums along the fixed tree over shards, and the sum of squares of a slice.
#include "CKernels.h"
#include "lanes.h"

// Elements summed at a time: small enough that a partial sum of every level of the tree stays in the first cache.
enum { BLOCK = 512 };

LK_STATIC_KERNEL(void, add_two, (long n, const float *a, const float *b, float *sum), (n, a, b, sum)) {
  LK_ELEMENTWISE for (long i = 0; i < n; i++) sum[i] = a[i] + b[i];
}

// The subtree over four neighbouring leaves, or eight.
LK_STATIC_KERNEL(void, add_four, (long n, long stride, const float *x, float *sum), (n, stride, x, sum)) {
  LK_ELEMENTWISE for (long i = 0; i < n; i++)
    sum[i] = (x[i] + x[i + stride]) + (x[i + 2 * stride] + x[i + 3 * stride]);
}

LK_STATIC_KERNEL(void, add_eight, (long n, long stride, const float *x, float *sum), (n, stride, x, sum)) {
  const float *z = x + 4 * stride;
  LK_ELEMENTWISE for (long i = 0; i < n; i++)
    sum[i] = ((x[i] + x[i + stride]) + (x[i + 2 * stride] + x[i + 3 * stride])) +
             ((z[i] + z[i + stride]) + (z[i + 2 * stride] + z[i + 3 * stride]));
}

// The largest power of two strictly below `count`, for count > 1.
static int split(int count) {
  int half = 1;
  while (half * 2L < count) half *= 2;
  return half;
}

static void sum_block(long n, int leaves, long stride, const float *base, float *sum) {
  switch (leaves) {
  case 1:
    if (sum != base) memcpy(sum, base, (size_t)n * sizeof(float));
    return;
  case 2: add_two(n, base, base + stride, sum); return;
  case 4: add_four(n, stride, base, sum); return;
  case 8: add_eight(n, stride, base, sum); return;
  }
  float right[BLOCK];
  int middle = split(leaves);
  const float *second = base + middle * stride;
  sum_block(n, middle, stride, base, sum);
  if (leaves - middle > 1) {
    sum_block(n, leaves - middle, stride, second, right);
    second = right;
  }
  add_two(n, sum, second, sum);
}

void lk_tree_sum(long n, int leaves, long stride, const float *base, float *sum) {
  // One pass needs no blocks.
  if (leaves == 2 || leaves == 4 || leaves == 8) return sum_block(n, leaves, stride, base, sum);
  for (long start = 0; start < n; start += BLOCK)
    sum_block(n - start < BLOCK ? n - start : BLOCK, leaves, stride, base + start, sum + start);
}

// What is left of the nodes while the tree is walked: the next one's leaves, and its slot.
typedef struct {
  const int32_t *leaves;
  const float *slot;
} next_node;

// Returns where the block of a node of so many leaves stands: in its own slot if it has been summed, else in `out`.
static const float *node_block(long n, int leaves, long stride, next_node *next, float *out) {
  if (*next->leaves == leaves) {
    const float *slot = next->slot;
    next->leaves += 1;
    next->slot += stride;
    return slot;
  }
  // Nothing is written to `out`, which may be one of the slots, before all slots have been read.
  float left_space[BLOCK], right_space[BLOCK];
  int middle = split(leaves);
  const float *left = node_block(n, middle, stride, next, left_space);
  const float *right = node_block(n, leaves - middle, stride, next, right_space);
  add_two(n, left, right, out);
  return out;
}

void lk_node_sum(long n, int leaves, long stride, const int32_t *node_leaves, const float *slots, float *sum) {
  for (long start = 0; start < n; start += BLOCK) {
    long count = n - start < BLOCK ? n - start : BLOCK;
    next_node next = {node_leaves, slots + start};
    const float *result = node_block(count, leaves, stride, &next, sum + start);
    if (result != sum + start) memcpy(sum + start, result, (size_t)count * sizeof(float));
  }
}

LK_KERNEL(double, lk_sum_of_squares, (long n, const float *x), (n, x)) {
  lk_f64x16 lanes = 0.0;
  for (long i = 0; i < n; i += LK_LANES) {
    lk_f32x16 block = 0.0f;
    if (n - i >= LK_LANES)
      memcpy(&block, x + i, sizeof block);
    else
      memcpy(&block, x + i, (size_t)(n - i) * sizeof *x);
    lk_f64x16 wide = __builtin_convertvector(block, lk_f64x16);
    lanes += wide * wide;
  }
  lk_sum sum = {lanes};
  return lk_total(&sum);
}

// Whether two sets make the same products, to the bit: what stands between a matrix instruction that computes otherwise
// than ours was seen to, and a run's bits.
#include "CKernelsProducts.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_ELEMENTS = 1 << 16, MOST_SHARDS = 6 };

// Numbers of every sign and significand, around a power of two; below the smallest normal one, and beyond the largest,
// where that is the power.
static void draw(uint32_t *state, long n, int exponent, float *x) {
  for (long i = 0; i < n; i++) {
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    int biased = 127 + exponent + (int)(*state >> 23 & 7) - 4;
    uint32_t bits = (*state & 0x807FFFFFu) | (uint32_t)(biased < 0 ? 0 : biased > 255 ? 255 : biased) << 23;
    if (bits << 1 >> 24 == 255) bits &= 0xFF800000u; // infinite; which NaN comes of two is not promised
    memcpy(x + i, &bits, sizeof bits);
  }
}

static int is_nan(uint32_t bits) { return (bits & 0x7FFFFFFFu) > 0x7F800000u; }

static int are_same(long n, const float *x, const float *y) {
  for (long i = 0; i < n; i++) {
    uint32_t one, other;
    memcpy(&one, x + i, sizeof one);
    memcpy(&other, y + i, sizeof other);
    if (one != other && !(is_nan(one) && is_nan(other))) return 0;
  }
  return 1;
}

typedef struct {
  float *a, *b, *bias, *one, *other, *scratch;
} memory;

static int products_agree(const lk_products *one, const lk_products *other, const memory *m) {
  static const struct { long rows, inner, columns; int transposed, exponent; } cases[] = {
    {1, 1, 1, 0, 0}, {37, 70, 45, 0, 0}, {32, 64, 64, 1, 0}, {50, 1100, 33, 0, 3}, {17, 1056, 50, 1, 0},
    {16, 33, 17, 0, -63}, {45, 95, 66, 1, -63}, {33, 31, 48, 0, -125}, {20, 96, 32, 1, -70}, {7, 300, 19, 0, 62},
    {33, 40, 35, 1, 125},
  };
  uint32_t state = 1;
  for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
    long rows = cases[i].rows, inner = cases[i].inner, columns = cases[i].columns;
    long b_row = cases[i].transposed ? inner : columns;
    draw(&state, rows * inner, cases[i].exponent, m->a);
    draw(&state, inner * columns, cases[i].exponent < -100 ? 0 : cases[i].exponent, m->b);
    draw(&state, columns, 2 * cases[i].exponent, m->bias);
    const float *bias = cases[i].transposed ? NULL : m->bias;
    one->product(rows, inner, columns, m->a, inner, m->b, b_row, cases[i].transposed, bias, NULL, m->one, columns,
                 m->scratch);
    other->product(rows, inner, columns, m->a, inner, m->b, b_row, cases[i].transposed, bias, NULL, m->other, columns,
                   m->scratch);
    if (!are_same(rows * columns, m->one, m->other)) return 0;
  }
  return 1;
}

static int gradients_agree(const lk_products *one, const lk_products *other, const memory *m) {
  static const struct { long shards, rows[MOST_SHARDS], inputs, units; int exponent; } cases[] = {
    {1, {600}, 45, 37, 0}, {5, {5, 40, 0, 33, 64}, 50, 70, 0}, {2, {64, 32}, 32, 32, -63},
    {6, {31, 32, 33, 1, 2, 3}, 19, 40, -64}, {3, {90, 91, 91}, 40, 10, 61},
  };
  uint32_t state = 2, largest[2];
  for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
    long inputs = cases[i].inputs, units = cases[i].units, rows = 0;
    for (long s = 0; s < cases[i].shards; s++) rows += cases[i].rows[s];
    draw(&state, rows * inputs, cases[i].exponent, m->a);
    draw(&state, rows * units, cases[i].exponent, m->b);
    one->weight_gradient(cases[i].shards, cases[i].rows, inputs, units, m->a, inputs, m->b, units, m->one, units, 0,
                         &largest[0], m->scratch);
    other->weight_gradient(cases[i].shards, cases[i].rows, inputs, units, m->a, inputs, m->b, units, m->other, units,
                           0, &largest[1], m->scratch);
    if (!are_same(inputs * units, m->one, m->other)) return 0;
    if (largest[0] != largest[1] && !(is_nan(largest[0]) && is_nan(largest[1]))) return 0;
  }
  return 1;
}

int lk_products_agree(const lk_products *one, const lk_products *other) {
  long scratch = lk_product_scratch(LK_BFLOAT16_PRODUCTS);
  long more = lk_weight_gradient_scratch(LK_BFLOAT16_PRODUCTS, MOST_SHARDS, 600, 70, 70);
  long elements = 5 * MOST_ELEMENTS + (more > scratch ? more : scratch);
  void *allocated;
  if (posix_memalign(&allocated, 64, (size_t)elements * sizeof(float)) != 0) return -1;
  float *all = allocated;
  memory m = {all, all + MOST_ELEMENTS, all + 2 * MOST_ELEMENTS, all + 3 * MOST_ELEMENTS, all + 4 * MOST_ELEMENTS,
              all + 5 * MOST_ELEMENTS};
  int agree = products_agree(one, other, &m) && gradients_agree(one, other, &m);
  free(allocated);
  return agree;
}

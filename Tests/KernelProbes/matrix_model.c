// The products of a matrix instruction, with a model of the instruction in plain C: what packs, pads, cuts and sums is
// that of the processor's own, on every machine. After the pseudo-code of TILELOADD, TILESTORED, TILEZERO and TDPBF16PS
// in the Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2.
#include "KernelProbes.h"

#include "../../Sources/CKernels/products/bfloat16.h"
#include "../../Sources/CKernels/products/blocks.h"

#include <stdlib.h>

enum { TILES = 8, ROWS = 16, ROW_BYTES = 64 };

// A thread's tiles, as bytes, and whether they are configured.
static _Thread_local struct {
  int is_configured;
  uint8_t rows[TILES][ROWS][ROW_BYTES];
} unit;

// The instructions, but for the first, fault where nothing is configured.
static void configure(int configured) {
  if (unit.is_configured == configured) abort();
  unit.is_configured = configured;
  memset(unit.rows, 0, sizeof unit.rows);
}

static void load(int tile, const void *from, long stride) {
  if (!unit.is_configured) abort();
  for (int row = 0; row < ROWS; row++) memcpy(unit.rows[tile][row], (const uint8_t *)from + row * stride, ROW_BYTES);
}

static void store(int tile, void *to, long stride) {
  if (!unit.is_configured) abort();
  for (int row = 0; row < ROWS; row++) memcpy((uint8_t *)to + row * stride, unit.rows[tile][row], ROW_BYTES);
}

static void zero(int tile) {
  if (!unit.is_configured) abort();
  memset(unit.rows[tile], 0, sizeof unit.rows[tile]);
}

// The 16 numbers whose upper halves stand in a row, every other one; denormals are zero.
LK_INLINE void widen(const uint8_t *row, int odd, lk_f32x16 *numbers) {
  lk_i32x16 pairs;
  memcpy(&pairs, row, sizeof pairs);
  lk_i32x16 bits = odd ? pairs & (int32_t)0xFFFF0000 : pairs << 16;
  *numbers = (lk_f32x16)((bits & 0x7F800000) == 0 ? bits & (int32_t)0x80000000 : bits);
}

// sums += a b, a multiply-add a lane; what is at the smallest normal number or below it again, exactly.
LK_INLINE void add_products(float a, const lk_f32x16 *b, lk_f32x16 *sums) {
  lk_f32x16 before = *sums, left = a;
  *sums = __builtin_elementwise_fma(left, *b, before);
  lk_i32x16 magnitudes_below = ((lk_i32x16)*sums & 0x7FFFFFFF) <= 0x00800000;
  if (__builtin_reduce_or(magnitudes_below) == 0) return;
  for (int n = 0; n < LK_LANES; n++) (*sums)[n] = lk_flushing_fma(a, (*b)[n], before[n]);
}

LK_STATIC_KERNEL(void, multiply, (int sums, int left, int right), (sums, left, right)) {
  if (!unit.is_configured || sums == left || sums == right || left == right) abort();
  lk_f32x16 b[ROWS][2];
  for (int k = 0; k < ROWS; k++)
    for (int odd = 0; odd < 2; odd++) widen(unit.rows[right][k], odd, &b[k][odd]);
  for (int m = 0; m < ROWS; m++) {
    lk_f32x16 chains[2] = {0.0f, 0.0f}, a[2], sum;
    for (int odd = 0; odd < 2; odd++) {
      widen(unit.rows[left][m], odd, &a[odd]);
      for (int k = 0; k < ROWS; k++) add_products(a[odd][k], &b[k][odd], &chains[odd]);
    }
    memcpy(&sum, unit.rows[sums][m], sizeof sum);
    for (int n = 0; n < LK_LANES; n++)
      sum[n] = lk_flushing_sum(lk_flushed(sum[n]), lk_flushing_sum(chains[0][n], chains[1][n]));
    memcpy(unit.rows[sums][m], &sum, sizeof sum);
  }
}

typedef uint16_t lk_u16x16 __attribute__((ext_vector_type(LK_LANES)));
#define UPPER_HALVES(x) __builtin_convertvector(LK_BFLOAT16_BITS(magnitudes, (magnitudes)(x)) >> 16, lk_u16x16)

#define LK_BFLOAT16
#define LK_MATRIX_INSTRUCTION
#define LK_TILE_ROWS 32
#define LK_TILE_VECTORS 2
#define BEGIN_TILES() configure(1)
#define END_TILES() configure(0)
#define TILE_LOAD(tile, from, row) load(tile, from, (row) * (long)sizeof(float))
#define TILE_STORE(tile, to, row) store(tile, to, (row) * (long)sizeof(float))
#define TILE_ZERO(tile) zero(tile)
#define TILE_MULTIPLY(sums, left, right) multiply(sums, left, right)
#define AS_BFLOAT16(first, second) \
  __builtin_shufflevector(UPPER_HALVES(first), UPPER_HALVES(second), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, \
                          15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31)
#define LK_PRECISION LK_BFLOAT16_PRODUCTS
#define LK_PRODUCTS lk_probe_modelled_products
#include "../../Sources/CKernels/products/products.h"

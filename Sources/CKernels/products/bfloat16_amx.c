// The matrix instruction of x86-64 (AMX) in bfloat16: tdpbf16ps makes 16 × 16 sums of one block of 32 terms, in an
// environment of its own, in which denormals are zero.
//
// Tiles are configured by every product and released by it, so that a thread which waits, or does anything else, has
// none that the system would save with it. To configure them is one instruction, which reads a line and sets eight
// tiles to zero; what that adds to a small product has not been measured.
#if defined(__x86_64__) && defined(__linux__)
#include "../finish.h"
#include "../lanes.h"
#include "bfloat16.h"
#include "blocks.h"

typedef struct {
  uint8_t palette, start_row, reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
} tile_configuration;
_Static_assert(sizeof(tile_configuration) == 64, "what the processor reads");

static const _Alignas(64) tile_configuration whole_tiles = {
  .palette = 1,
  .row_bytes = {64, 64, 64, 64, 64, 64, 64, 64},
  .rows = {16, 16, 16, 16, 16, 16, 16, 16},
};

#define LK_BFLOAT16
#define LK_MATRIX_INSTRUCTION
#define LK_TILE_ROWS 32
#define LK_TILE_VECTORS 2
#define BEGIN_TILES() _tile_loadconfig(&whole_tiles)
#define END_TILES() _tile_release()
#define TILE_LOAD(tile, from, row) _tile_loadd(tile, from, (row) * (long)sizeof(float))
#define TILE_STORE(tile, to, row) _tile_stored(tile, to, (row) * (long)sizeof(float))
#define TILE_ZERO(tile) _tile_zero(tile)
#define TILE_MULTIPLY(sums, left, right) _tile_dpbf16ps(sums, left, right)
// The instruction takes the second vector first, and rounds as LK_BFLOAT16_BITS does.
#define AS_BFLOAT16(first, second) _mm512_cvtne2ps_pbh((__m512)(second), (__m512)(first))
#define LK_PRECISION LK_BFLOAT16_PRODUCTS
#define LK_PRODUCTS lk_bfloat16_products_amx
#pragma clang attribute push( \
  __attribute__((target("arch=x86-64-v4,avx512bf16,amx-tile,amx-bf16"))), apply_to = function)
#include "products.h"
#pragma clang attribute pop
#endif

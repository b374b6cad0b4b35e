// AVX2 and FMA in bfloat16: of 16 registers of 8 floats 12 hold the two chains of a tile of 3 × 16.
#ifdef __x86_64__
#include "../lanes.h"
#include "../products/bfloat16.h"
#include "grid.h"
#define LK_BFLOAT16
#define LK_TILE_ROWS 3
#define LK_TILE_VECTORS 1
#define LK_TILE_TERMS 2
#define LK_EVERYWHERE(x) ((unaligned)(x))
#define LK_PRECISION LK_BFLOAT16_PRODUCTS
#define LK_CONVOLUTIONS lk_bfloat16_convolutions_v3
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#include "convolutions.h"
#pragma clang attribute pop
#endif

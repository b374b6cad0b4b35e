// AVX2 and FMA: 16 registers of 8 floats. 12 of them hold a tile of 6 × 16, the others its operands.
#ifdef __x86_64__
#include "../lanes.h"
#include "grid.h"
#define LK_TILE_ROWS 6
#define LK_TILE_VECTORS 1
#define LK_TILE_TERMS 4
#define LK_EVERYWHERE(x) ((unaligned)(x))
#define LK_PRECISION LK_FLOAT32
#define LK_CONVOLUTIONS lk_convolutions_v3
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#include "convolutions.h"
#pragma clang attribute pop
#endif

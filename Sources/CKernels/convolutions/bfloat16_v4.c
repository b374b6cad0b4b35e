// AVX-512 in bfloat16: of 32 registers 28 hold the two chains of a tile of 7 × 32, the others its operands.
#ifdef __x86_64__
#include "../lanes.h"
#include "../products/bfloat16.h"
#include "grid.h"
#define LK_BFLOAT16
#define LK_TILE_ROWS 7
#define LK_TILE_VECTORS 2
#define LK_TILE_TERMS 2
#define LK_EVERYWHERE(x) ({ unaligned all; __asm__("vbroadcastss %1, %0" : "=v"(all) : "m"(x)); all; })
#define LK_PRECISION LK_BFLOAT16_PRODUCTS
#define LK_CONVOLUTIONS lk_bfloat16_convolutions_v4
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"))), apply_to = function)
#include "convolutions.h"
#pragma clang attribute pop
#endif

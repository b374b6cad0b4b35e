// AVX-512: 32 registers of 16 floats. 28 of them hold a tile of 14 × 32, the others its operands.
#ifdef __x86_64__
#include "../lanes.h"
#include "grid.h"
#define LK_TILE_ROWS 14
#define LK_TILE_VECTORS 2
#define LK_TILE_TERMS 4
#define LK_EVERYWHERE(x) ({ unaligned all; __asm__("vbroadcastss %1, %0" : "=v"(all) : "m"(x)); all; })
#define LK_PRECISION LK_FLOAT32
#define LK_CONVOLUTIONS lk_convolutions_v4
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"))), apply_to = function)
#include "convolutions.h"
#pragma clang attribute pop
#endif

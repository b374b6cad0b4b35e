// AVX-512 in bfloat16: of 32 registers 28 hold the two chains of a tile of 7 × 32, the others its operands.
#define LK_BFLOAT16
#define LK_TILE_ROWS 7
#define LK_TILE_VECTORS 2
#define LK_TILE_TERMS 2
#define LK_EVERYWHERE(x) ({ unaligned all; __asm__("vbroadcastss %1, %0" : "=v"(all) : "m"(x)); all; })
#define LK_PRECISION LK_BFLOAT16_PRODUCTS

// AVX-512: 32 registers of 16 floats. 28 of them hold a tile of 14 × 32, the others its operands.
#define LK_TILE_ROWS 14
#define LK_TILE_VECTORS 2
#define LK_TILE_TERMS 4
#define LK_EVERYWHERE(x) ({ unaligned all; __asm__("vbroadcastss %1, %0" : "=v"(all) : "m"(x)); all; })
#define LK_PRECISION LK_FLOAT32

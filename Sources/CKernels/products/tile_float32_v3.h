// AVX2 and FMA: 16 registers of 8 floats. 12 of them hold a tile of 6 × 16, the others its operands.
#define LK_TILE_ROWS 6
#define LK_TILE_VECTORS 1
#define LK_TILE_TERMS 4
#define LK_EVERYWHERE(x) ((unaligned)(x))
#define LK_PRECISION LK_FLOAT32

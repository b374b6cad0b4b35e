// AVX2 and FMA in bfloat16: of 16 registers of 8 floats 12 hold the two chains of a tile of 3 × 16.
#define LK_BFLOAT16
#define LK_TILE_ROWS 3
#define LK_TILE_VECTORS 1
#define LK_TILE_TERMS 2
#define LK_EVERYWHERE(x) ((unaligned)(x))
#define LK_PRECISION LK_BFLOAT16_PRODUCTS

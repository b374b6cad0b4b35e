// What every processor of the architecture has, in bfloat16. On arm64: of 32 registers of 4 floats 24 hold the two
// chains of a tile of 3 × 16.
#define LK_BFLOAT16
#ifdef __aarch64__
#define LK_TILE_ROWS 3
#else
#define LK_TILE_ROWS 1
#endif
#define LK_TILE_TERMS 1
#define LK_TILE_VECTORS 1
#define LK_EVERYWHERE(x) ((unaligned)(x))
#define LK_PRECISION LK_BFLOAT16_PRODUCTS

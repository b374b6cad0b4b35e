// What every processor of the architecture has. On arm64: 32 registers of 4 floats, 24 of which hold a tile of 6 × 16.
// One term a turn: of several, clang would load all operands first, which do not fit beside it.
#ifdef __aarch64__
#define LK_TILE_ROWS 6
#define LK_TILE_TERMS 1
#else
#define LK_TILE_ROWS 3
#define LK_TILE_TERMS 4
#endif
#define LK_TILE_VECTORS 1
#define LK_EVERYWHERE(x) ((unaligned)(x))
#define LK_PRECISION LK_FLOAT32

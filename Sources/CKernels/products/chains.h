// Tiles whose sums are chains of multiply-adds in vector registers. Included once per instruction set and precision;
// see tile.h.
#ifdef LK_BFLOAT16
#include "chains_bfloat16.h"
#else
#include "chains_float32.h"
#endif

#define TILE_OF(n) \
  case n: \
    if (n <= LK_TILE_ROWS) tile_sums(n, vectors, transposed, t); \
    return;

LK_INLINE void tile_of_rows(long rows, const int vectors, const int transposed, const tile *t) {
  switch (rows) {
    TILE_OF(1) TILE_OF(2) TILE_OF(3) TILE_OF(4) TILE_OF(5) TILE_OF(6) TILE_OF(7)
    TILE_OF(8) TILE_OF(9) TILE_OF(10) TILE_OF(11) TILE_OF(12) TILE_OF(13) TILE_OF(14)
  }
}

LK_TILE void wide(long rows, const tile *t) { tile_of_rows(rows, LK_TILE_VECTORS, 0, t); }
LK_TILE void narrow(long rows, const tile *t) { tile_of_rows(rows, 1, 0, t); }
LK_TILE void wide_transposed(long rows, const tile *t) { tile_of_rows(rows, LK_TILE_VECTORS, 1, t); }
LK_TILE void narrow_transposed(long rows, const tile *t) { tile_of_rows(rows, 1, 1, t); }

static void whole(long rows, long width, int transposed, const tile *t) {
  void (*sums)(long, const tile *) = width <= LK_LANES ? transposed ? narrow_transposed : narrow
                                                       : transposed ? wide_transposed : wide;
  tile_whole(sums, rows, padded(width), transposed, t);
}

enum {
  PANELS_AT_ONCE = LK_PANELS,
  TERMS_AT_ONCE = LK_BLOCK_TERMS,
  FILLS_BLOCKS = 0, // operands are packed as many terms as there are
  SPREADS_FETCHES = 0,
  EVEN_TILES = 1,   // a side is cut into tiles that are all as long as can be equal
};
_Static_assert(!ROUNDS_OPERANDS || LK_TILE_ROWS <= LK_COPIED_ROWS, "a tile's rows do not fit their scratch");

#define BEGIN_TILES() ((void)0)
#define END_TILES() ((void)0)

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

#ifdef LEAVES_TOGETHER
// As tree_of_shards in products.h, the chains of all shards first: of 32 at most, a tile each in `stack`.
static void tree_of_leaves(long shards, const long *shard_rows, long rows, long width, const tile *t, float *stack) {
  chains_of_shards(width <= LK_LANES ? narrow_transposed : wide_transposed, shards, shard_rows, rows, t, stack);
  // A node's sum takes the place of its first leaf's, or one before.
  tile node = {.c_row = PANEL};
  long open = 0;
  for (long s = 0; s + 1 < shards; s++) {
    long merged = __builtin_ctzl((unsigned long)s + 1);
    node.c = stack + (open - merged) * TILE;
    node.left[0] = (waiting){merged, node.c, PANEL, TILE};
    if (merged > 0 || open < s) add_waiting(rows, padded(width), stack + s * TILE, &node);
    open += 1 - merged;
  }
  float *last = stack + (shards - 1) * TILE;
  int is_whole = width == padded(width);
  node.left[0] = (waiting){open, stack, PANEL, TILE};
  node.left[1] = t->left[1];
  node.c = is_whole ? t->c : last;
  node.c_row = is_whole ? t->c_row : PANEL;
  node.largest = is_whole ? t->largest : NULL;
  node.streams = is_whole && t->streams;
  add_waiting(rows, padded(width), last, &node);
  if (!is_whole) keep(rows, width, last, PANEL, t);
}
#endif

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

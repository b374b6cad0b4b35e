// Tiles whose sums a matrix instruction makes. Included once for the processor's (AMX), and once in the tests for a
// model of it; see tile.h. Who includes it says what it works with, tiles of 16 rows of 64 bytes, numbered 0 to 7:
//
//   BEGIN_TILES(), END_TILES()        before the first of the others, and after the last
//   TILE_LOAD(tile, from, row)        16 rows of 16 elements, `row` elements from one to the next
//   TILE_STORE(tile, to, row)         the same
//   TILE_ZERO(tile)
//   TILE_MULTIPLY(sums, left, right)  one block of 32 terms of the definition in chains_bfloat16.h: left has rows of
//                                     16 pairs of terms, right 16 rows of pairs
//   AS_BFLOAT16(first, second)        two vectors rounded to bfloat16, one after the other in the space of one
//
// A tile here is 2 × 2 of the processor's, so that a load serves two products.
#include "bfloat16.h"

enum {
  SIDE = 16,            // rows of the processor's tile, elements of each, and pairs of a block
  BLOCK = SIDE * PANEL, // elements of a block of either operand, as it is packed
  PANELS_AT_ONCE = LK_MATRIX_PANELS,
  TERMS_AT_ONCE = LK_MATRIX_TERMS,
  ROUNDS_OPERANDS = 1,
  FILLS_BLOCKS = 1, // operands are packed as whole blocks, with zeros behind the last term
  SPREADS_FETCHES = 1,
  EVEN_TILES = 0,   // a side is cut into whole tiles, and a rest
};
_Static_assert(LK_TILE_ROWS == 2 * SIDE && PANEL == 2 * SIDE, "a tile is 2 × 2 of the processor's");
_Static_assert(TERMS_AT_ONCE % LK_BLOCK == 0 && LK_PART_ROWS % LK_BLOCK == 0, "a sum is cut within a block");
_Static_assert(TERMS_AT_ONCE / LK_BLOCK * BLOCK <= LK_COPIED_ROWS * LK_BLOCK_TERMS, "rows do not fit their scratch");

// Of its four quarters the upper left one, and what is `tall` and `broad` of the others.
LK_INLINE void tile_sums(const int tall, const int broad, const tile *t) {
  const float *a = t->a, *b = t->b;
  if (t->start) {
    TILE_LOAD(0, t->start, t->start_row);
    if (broad) TILE_LOAD(1, t->start + SIDE, t->start_row);
    if (tall) TILE_LOAD(2, t->start + SIDE * t->start_row, t->start_row);
    if (tall && broad) TILE_LOAD(3, t->start + SIDE * t->start_row + SIDE, t->start_row);
  } else {
    TILE_ZERO(0);
    if (broad) TILE_ZERO(1);
    if (tall) TILE_ZERO(2);
    if (tall && broad) TILE_ZERO(3);
  }
  for (long terms = t->terms; terms > 0; terms -= LK_BLOCK) {
    TILE_LOAD(4, a, SIDE);
    TILE_LOAD(6, b, PANEL);
    TILE_MULTIPLY(0, 4, 6);
    if (broad) {
      TILE_LOAD(7, b + SIDE, PANEL);
      TILE_MULTIPLY(1, 4, 7);
    }
    if (tall) {
      TILE_LOAD(5, a + SIDE * SIDE, SIDE);
      TILE_MULTIPLY(2, 5, 6);
    }
    if (tall && broad) TILE_MULTIPLY(3, 5, 7);
    a += BLOCK;
    b += BLOCK;
  }
  if (t->terms == 0) {
    // One block of zeros: it makes a negative zero positive, and a denormal zero.
    TILE_ZERO(4);
    TILE_ZERO(6);
    TILE_MULTIPLY(0, 4, 6);
    if (broad) TILE_MULTIPLY(1, 4, 6);
    if (tall) TILE_MULTIPLY(2, 4, 6);
    if (tall && broad) TILE_MULTIPLY(3, 4, 6);
  }
  TILE_STORE(0, t->c, t->c_row);
  if (broad) TILE_STORE(1, t->c + SIDE, t->c_row);
  if (tall) TILE_STORE(2, t->c + SIDE * t->c_row, t->c_row);
  if (tall && broad) TILE_STORE(3, t->c + SIDE * t->c_row + SIDE, t->c_row);
}

static void quarters(long rows, long columns, const tile *t) {
  if (rows > SIDE) {
    if (columns > SIDE) tile_sums(1, 1, t);
    else tile_sums(1, 0, t);
  } else {
    if (columns > SIDE) tile_sums(0, 1, t);
    else tile_sums(0, 0, t);
  }
}

// Rows beyond `rows` are computed from whatever stands there, and dropped.
static void whole(long rows, long width, int transposed, const tile *t) {
  (void)transposed; // packed either way
  long columns = padded(width);
  if (rows % SIDE == 0 && t->left[0].count + t->left[1].count == 0 && !t->largest) {
    quarters(rows, columns, t);
    return;
  }
  _Alignas(64) float beside[TILE];
  tile own = *t;
  own.c = beside;
  own.c_row = PANEL;
  if (t->start && t->start_row != 0 && rows % SIDE != 0) {
    for (long i = 0; i < rows; i++)
      memcpy(beside + i * PANEL, t->start + i * t->start_row, (size_t)columns * sizeof(float));
    own.start = beside;
    own.start_row = PANEL;
  }
  quarters(rows, columns, &own);
  // Sums over shards are float32.
  add_waiting(rows, columns, beside, t);
}

// Copies of a matrix's parts as a matrix instruction reads them: rounded to bfloat16, two terms that follow one another
// in the space of one element. A block of 32 terms is 16 rows of a panel, or 16 elements of each of a left operand's
// rows; terms that the last block lacks are zeros.
#include "tile.h"
#include "transpose.h"

typedef uint16_t halves __attribute__((ext_vector_type(2 * LK_LANES)));

// Elements that stand at the same place of two vectors, as pairs.
#define AS_PAIRS(even, odd) \
  ({ \
    halves one = (halves)AS_BFLOAT16(even, odd); \
    (unaligned)SHUFFLE(one, one, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23, 8, 24, 9, 25, 10, 26, 11, 27, \
                       12, 28, 13, 29, 14, 30, 15, 31); \
  })

// Some rows and columns of a block of `all` elements, copied, and zeros for the rest of it.
__attribute__((noinline)) static const float *filled(long rows, long columns, const float *from, long row, long all,
                                                     long block_row, float *block) {
  memset(block, 0, (size_t)all * sizeof(float));
  for (long i = 0; i < rows; i++) memcpy(block + i * block_row, from + i * row, (size_t)columns * sizeof(float));
  return block;
}

// Rows of a panel that some terms take.
static long packed_terms(long terms) { return (terms + LK_BLOCK - 1) / LK_BLOCK * SIDE; }

static int copies_left(long row) { return (void)row, 1; }

// Some rows of a left operand as a tile: block by block, in each one row after the other.
static void copy_left(long rows, tile *t, float *copy) {
  float block[LK_BLOCK];
  for (long i = 0; i < rows; i++) {
    for (long done = 0; done < t->terms; done += LK_BLOCK) {
      const float *from = t->a + i * t->a_row + done;
      if (t->terms - done < LK_BLOCK) from = filled(1, t->terms - done, from, 0, LK_BLOCK, 0, block);
      STORE(copy + done / LK_BLOCK * BLOCK + i * SIDE, AS_BFLOAT16(LOAD(from), LOAD(from + LK_LANES)));
    }
  }
  t->a = copy;
}

// `columns` columns of row-major rows to panels of `depth` rows. Two rows at a time, because the rows may lie far apart
// in memory.
static void pack_columns(long terms, long columns, const float *b, long row, long depth, float *panels) {
  float block[2 * LK_LANES];
  for (long p = 0; p < packed_terms(terms); p++) {
    long rows = terms - 2 * p < 0 ? 0 : smaller(terms - 2 * p, 2);
    for (long j = 0; j < columns; j += LK_LANES) {
      const float *even = b + 2 * p * row + j, *odd = even + row;
      if (rows < 2 || columns - j < LK_LANES) {
        even = filled(rows, smaller(columns - j, LK_LANES), even, row, 2 * LK_LANES, LK_LANES, block);
        odd = even + LK_LANES;
      }
      STORE(panels + j / PANEL * PANEL * depth + p * PANEL + j % PANEL, AS_PAIRS(LOAD(even), LOAD(odd)));
    }
  }
}

// The transpose of row-major rows to panels: of 16 rows a block at a time.
static void transpose_rows(long terms, long columns, const float *b, long row, float *panels) {
  float block[LK_LANES * LK_BLOCK];
  for (long j = 0; j < columns; j += LK_LANES) {
    float *panel = panels + j / PANEL * PANEL * packed_terms(terms) + j % PANEL;
    for (long done = 0; done < terms; done += LK_BLOCK) {
      long rows = smaller(columns - j, LK_LANES), here = smaller(terms - done, LK_BLOCK), apart = row;
      const float *from = b + j * row + done;
      if (rows < LK_LANES || here < LK_BLOCK) {
        from = filled(rows, here, from, row, LK_LANES * LK_BLOCK, LK_BLOCK, block);
        apart = LK_BLOCK;
      }
      unaligned x[LK_LANES];
      UNROLLED for (long i = 0; i < LK_LANES; i++)
        x[i] = (unaligned)AS_BFLOAT16(LOAD(from + i * apart), LOAD(from + i * apart + LK_LANES));
      transpose_16(x);
      UNROLLED for (long p = 0; p < SIDE; p++) STORE(panel + (done / 2 + p) * PANEL, x[p]);
    }
  }
}

// From one row to the next of a packed tile of columns of x.
static long packed_tile_row(long n) {
  (void)n;
  return LK_TILE_ROWS;
}

// Tiles of the columns of x, of `depth` rows, one after the other: the transpose of 16 columns a block at a time.
static void pack_tiles(long rows, long columns, const float *x, long row, long depth, float *packed) {
  float block[LK_BLOCK * LK_LANES];
  for (long done = 0; done < rows; done += LK_BLOCK) {
    for (long i = 0; i < columns; i += LK_LANES) {
      long here = smaller(rows - done, LK_BLOCK), width = smaller(columns - i, LK_LANES), apart = row;
      const float *from = x + done * row + i;
      if (here < LK_BLOCK || width < LK_LANES) {
        from = filled(here, width, from, row, LK_BLOCK * LK_LANES, LK_LANES, block);
        apart = LK_LANES;
      }
      unaligned pairs[SIDE];
      UNROLLED for (long p = 0; p < SIDE; p++)
        pairs[p] = AS_PAIRS(LOAD(from + 2 * p * apart), LOAD(from + (2 * p + 1) * apart));
      transpose_16(pairs);
      float *to = packed + i / LK_TILE_ROWS * LK_TILE_ROWS * depth + done / 2 * LK_TILE_ROWS + i % LK_TILE_ROWS * SIDE;
      UNROLLED for (long k = 0; k < SIDE; k++) STORE(to + k * SIDE, pairs[k]);
    }
  }
}

// Copies of a matrix's parts in the order in which tiles read them: panels of PANEL columns, one row after the other.
// Columns beyond the matrix are zeros. Every element is copied as the operand that it becomes.
#include "tile.h"
#include "transpose.h"

// Rows of a panel that some terms take.
static long packed_terms(long terms) { return terms; }

// Whether a left operand is copied: where it is multiplied otherwise than it is, or where its rows lie so far apart
// that they fall on one another, and a tile has more than the first cache has ways.
static int copies_left(long row) {
  return ROUNDS_OPERANDS || (row % LK_FALLING_ROWS == 0 && LK_TILE_ROWS > lk_first_cache_ways());
}

// Some rows of a left operand as they are multiplied, no more falling on one another.
static void copy_left(long rows, tile *t, float *copy) {
  long terms = t->terms, copied_row = lk_copied_row(terms);
  for (long i = 0; i < rows; i++) {
    const float *from = t->a + i * t->a_row;
    float *to = copy + i * copied_row;
    long p = 0;
    for (; p + LK_LANES <= terms; p += LK_LANES) STORE(to + p, AS_OPERANDS(LOAD(from + p)));
    for (; p < terms; p++) to[p] = AS_OPERAND(from[p]);
  }
  t->a = copy;
  t->a_row = copied_row;
}

// `columns` columns of row-major rows to panels of `depth` rows: panel j / PANEL holds b[p * row + j] at
// p * PANEL + j % PANEL. Row by row, because the rows may lie far apart in memory.
static void pack_columns(long terms, long columns, const float *b, long row, long depth, float *panels) {
  long whole = columns / PANEL * PANEL;
  if (whole < columns) memset(panels + whole * depth, 0, (size_t)(terms * PANEL) * sizeof(float));
  for (long p = 0; p < terms; p++) {
    const float *from = b + p * row;
    float *to = panels + p * PANEL;
    for (long j = 0; j < whole; j += PANEL)
      UNROLLED for (int v = 0; v < PANEL; v += LK_LANES) STORE(to + j * depth + v, AS_OPERANDS(LOAD(from + j + v)));
    for (long j = whole; j < columns; j++) to[whole * depth + j - whole] = AS_OPERAND(from[j]);
  }
}

// The transpose of at most PANEL row-major rows to a panel: panel[p][j] = b[j * row + p], j < rows
static void transpose_panel(long terms, long rows, const float *b, long row, float *panel) {
  if (rows < PANEL) memset(panel, 0, (size_t)(terms * PANEL) * sizeof(float));
  for (long j = 0; j < rows; j += LK_LANES) {
    long p = 0, end = rows - j < LK_LANES ? rows : j + LK_LANES;
    if (end == j + LK_LANES)
      for (; p + LK_LANES <= terms; p += LK_LANES) {
        unaligned x[LK_LANES];
        UNROLLED for (int i = 0; i < LK_LANES; i++) x[i] = LOAD(b + (j + i) * row + p);
        transpose_16(x);
        UNROLLED for (int i = 0; i < LK_LANES; i++) STORE(panel + (p + i) * PANEL + j, AS_OPERANDS(x[i]));
      }
    for (; p < terms; p++)
      for (long c = j; c < end; c++) panel[p * PANEL + c] = AS_OPERAND(b[c * row + p]);
  }
}

static void transpose_rows(long terms, long columns, const float *b, long row, float *panels) {
  for (long j = 0; j < columns; j += PANEL)
    transpose_panel(terms, columns - j < PANEL ? columns - j : PANEL, b + j * row, row, panels + j * terms);
}

// From one row to the next of a packed tile of n columns of x.
static long packed_tile_row(long n) { return n; }

// Elements [begin, begin + AT_ONCE) of a row, or as many as it has, as the operands that they become.
enum { AT_ONCE = 32 * LK_LANES };
LK_INLINE void take_operands(long columns, const float *row, long begin, float *operands) {
  long i = begin, end = smaller(columns, begin + AT_ONCE);
  for (; i + LK_LANES <= end; i += LK_LANES) STORE(operands + i - begin, AS_OPERANDS(LOAD(row + i)));
  for (; i < end; i++) operands[i - begin] = AS_OPERAND(row[i]);
}

// Tiles of the columns of x, of `depth` rows, one after the other: element (p, i) of a tile of n columns at p * n + i
static void pack_tiles(long rows, long columns, const float *x, long row, long depth, float *packed) {
  float operands[AT_ONCE + LK_LANES];
  long tiles = tile_count(columns), least = columns / (tiles > 0 ? tiles : 1), longer = columns - least * tiles;
  for (long p = 0; p < rows; p++) {
    // The tiles that tile_begin makes, without its divisions; and what of the row has become operands.
    long over = 0, first = 0, end = 0;
    for (long begin = 0, n; begin < columns; begin += n) {
      over += longer;
      n = least + (over >= tiles);
      over -= over >= tiles ? tiles : 0;
      if (ROUNDS_OPERANDS && begin + n > end) {
        first = begin;
        end = begin + AT_ONCE;
        take_operands(columns, x + p * row, first, operands);
      }
      const float *from = ROUNDS_OPERANDS ? operands + begin - first : x + p * row + begin;
      float *to = packed + begin * depth + p * n;
      // A whole vector writes into the places of the next rows too, which are written later.
      if ((rows - p) * n >= LK_LANES && (ROUNDS_OPERANDS || begin + LK_LANES <= columns)) {
        STORE(to, LOAD(from));
      } else {
        for (long i = 0; i < n; i++) to[i] = from[i];
      }
    }
  }
}

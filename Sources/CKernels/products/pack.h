// Copies of a matrix's parts in the order in which tiles read them: panels of PANEL columns, one row after the other.
// Columns beyond the matrix are zeros. Every element is copied as the operand that it becomes.
#include "tile.h"

// `columns` columns of row-major rows to panels: panel j / PANEL holds b[p * row + j] at p * PANEL + j % PANEL. Row by
// row, because the rows may lie far apart in memory.
static void pack_columns(long terms, long columns, const float *b, long row, float *panels) {
  long whole = columns / PANEL * PANEL;
  if (whole < columns) memset(panels + whole * terms, 0, (size_t)(terms * PANEL) * sizeof(float));
  for (long p = 0; p < terms; p++) {
    const float *from = b + p * row;
    float *to = panels + p * PANEL;
    for (long j = 0; j < whole; j += PANEL)
      UNROLLED for (int v = 0; v < PANEL; v += LK_LANES) STORE(to + j * terms + v, AS_OPERANDS(LOAD(from + j + v)));
    for (long j = whole; j < columns; j++) to[whole * terms + j - whole] = AS_OPERAND(from[j]);
  }
}

#define SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)

// to[p][c] = from[c * row + p] for 16 × 16 elements, in four steps: vectors 1, 2, 4, then 8 apart exchange the elements
// that lie as far off the diagonal.
LK_INLINE void transpose_16(const float *from, long row, float *to, long to_row) {
  unaligned x[16], y[16];
  UNROLLED for (int i = 0; i < 16; i++) x[i] = LOAD(from + i * row);
  UNROLLED for (int i = 0; i < 16; i += 2) {
    y[i] = SHUFFLE(x[i], x[i + 1], 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30);
    y[i + 1] = SHUFFLE(x[i], x[i + 1], 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31);
  }
  UNROLLED for (int k = 0; k < 16; k += 4) UNROLLED for (int i = k; i < k + 2; i++) {
    x[i] = SHUFFLE(y[i], y[i + 2], 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29);
    x[i + 2] = SHUFFLE(y[i], y[i + 2], 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
  }
  UNROLLED for (int k = 0; k < 16; k += 8) UNROLLED for (int i = k; i < k + 4; i++) {
    y[i] = SHUFFLE(x[i], x[i + 4], 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27);
    y[i + 4] = SHUFFLE(x[i], x[i + 4], 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31);
  }
  UNROLLED for (int i = 0; i < 8; i++) {
    x[i] = SHUFFLE(y[i], y[i + 8], 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
    x[i + 8] = SHUFFLE(y[i], y[i + 8], 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
  }
  UNROLLED for (int i = 0; i < 16; i++) STORE(to + i * to_row, AS_OPERANDS(x[i]));
}

// The transpose of at most PANEL row-major rows to a panel: panel[p][j] = b[j * row + p], j < rows
static void transpose_panel(long terms, long rows, const float *b, long row, float *panel) {
  if (rows < PANEL) memset(panel, 0, (size_t)(terms * PANEL) * sizeof(float));
  for (long j = 0; j < rows; j += LK_LANES) {
    long p = 0, end = rows - j < LK_LANES ? rows : j + LK_LANES;
    if (end == j + LK_LANES)
      for (; p + LK_LANES <= terms; p += LK_LANES) transpose_16(b + j * row + p, row, panel + p * PANEL + j, PANEL);
    for (; p < terms; p++)
      for (long c = j; c < end; c++) panel[p * PANEL + c] = AS_OPERAND(b[c * row + p]);
  }
}

static void transpose_rows(long terms, long columns, const float *b, long row, float *panels) {
  for (long j = 0; j < columns; j += PANEL)
    transpose_panel(terms, columns - j < PANEL ? columns - j : PANEL, b + j * row, row, panels + j * terms);
}

// Tiles of the columns of x, one after the other: element (p, i) of a tile of n columns at p * n + i
static void pack_tiles(long rows, long columns, const float *x, long row, float *packed) {
  long tiles = tile_count(columns);
  for (long p = 0; p < rows; p++) {
    for (long t = 0, begin = 0, n; t < tiles; t++, begin += n) {
      n = tile_begin(columns, t + 1, tiles) - begin;
      const float *from = x + p * row + begin;
      float *to = packed + begin * rows + p * n;
      // A whole vector writes into the places of the next rows too, which are written later.
      if ((rows - p) * n >= LK_LANES && begin + LK_LANES <= columns) {
        STORE(to, AS_OPERANDS(LOAD(from)));
      } else {
        for (long i = 0; i < n; i++) to[i] = AS_OPERAND(from[i]);
      }
    }
  }
}

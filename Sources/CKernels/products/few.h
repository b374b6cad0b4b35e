// Products in float32 of so few columns or rows that other tiles than those of `product` are less work. Included once
// per instruction set; see tile.h.

// A product of few columns: they are the rows of a tile whose columns are rows of c, so that whole vectors are
// computed.
static void product_of_few_columns(long rows, long inner, long columns, const float *a, long a_row, const float *b,
                                   long b_row, const float *bias, const lk_finish *finish, float *c, long c_row,
                                   float *scratch) {
  float sums[LK_FEW_COLUMNS * PANEL];
  for (long first = 0; first < rows; first += PANEL) {
    long here = smaller(PANEL, rows - first);
    for (long i = 0; i < columns * PANEL; i++) sums[i] = bias ? bias[i / PANEL] : 0.0f;
    for (long done = 0; done < inner; done += LK_BLOCK_TERMS) {
      long terms = smaller(inner - done, LK_BLOCK_TERMS);
      transpose_panel(terms, here, a + first * a_row + done, a_row, scratch);
      tile t = {.terms = terms, .a_row = b_row, .b = scratch, .b_term = PANEL, .c_row = PANEL, .start_row = PANEL};
      for (long i = 0; i < columns; i += LK_TILE_ROWS) {
        t.a = b + done * b_row + i;
        t.c = sums + i * PANEL;
        t.start = t.c;
        whole(smaller(LK_TILE_ROWS, columns - i), here, 1, &t);
      }
    }
    for (long r = 0; r < here; r++)
      for (long i = 0; i < columns; i++) c[(first + r) * c_row + i] = sums[i * PANEL + r];
    lk_finish_rows(finish, first, here, columns, c_row, c);
  }
}

// The same for few rows and a transposed b, whose rows are those of the tiles, read as they lie: transposing a instead
// is less work.
static void product_of_few_rows(long rows, long inner, long columns, const float *a, long a_row, const float *b,
                                long b_row, const lk_finish *finish, float *c, long c_row, float *scratch) {
  long tiles = tile_count(columns), group = lk_panel_columns(inner, LK_PANELS) / PANEL * PANEL;
  int copies = copies_left(b_row);
  float sums[TILE];
  for (long first = 0; first < rows; first += group) {
    long here = smaller(group, rows - first);
    transpose_rows(inner, here, a + first * a_row, a_row, scratch);
    for (long i = 0; i < tiles; i++) {
      long column = tile_begin(columns, i, tiles), n = tile_begin(columns, i + 1, tiles) - column;
      tile t = {.terms = inner, .a = b + column * b_row, .a_row = b_row, .b_term = PANEL, .c = sums, .c_row = PANEL};
      if (copies) copy_left(n, &t, scratch + PANELS_AT_ONCE);
      for (long j = 0; j < here; j += PANEL) {
        long width = smaller(PANEL, here - j);
        t.b = scratch + j * inner;
        whole(n, width, 0, &t);
        for (long r = 0; r < width; r++) {
          float *row = c + (first + j + r) * c_row + column;
          for (long k = 0; k < n; k++) row[k] = sums[k * PANEL + r];
        }
      }
    }
    lk_finish_rows(finish, first, here, columns, c_row, c);
  }
}

// The matrix products of a dense layer, out of tiles. Included once per instruction set and precision; see tile.h.
#ifdef LK_MATRIX_INSTRUCTION
#include "pack_pairs.h"
#else
#include "pack.h"
#endif
#include "../finish.h"
#include "blocks.h"

_Static_assert(32 * TILE <= LK_STACK(LK_PRECISION) && PANEL <= LK_WIDEST_PANEL, "tiles do not fit their scratch");

// Asks for a row that is read soon, and that another core may have written: a tile reads a line of each of its rows at
// a time, and would wait for them in turn.
static void fetch_row(long terms, const float *a) {
  for (long p = 0; p < terms; p += 16) __builtin_prefetch(a + p);
}

// c [rows, columns] = bias + a [rows, inner] b, then finished; b [inner, columns] or, if transposed, [columns, inner];
// the rows of each may be those of a wider matrix, a_row, b_row and c_row elements apart
//
// A group of b's panels that fits the second cache is packed, and every tile of rows goes over it while its own rows
// are in the first. A long sum goes on in c, block by block.
static void product(long rows, long inner, long columns, const float *a, long a_row, const float *b, long b_row,
                    int transposed, const float *bias, const lk_finish *finish, float *c, long c_row, float *scratch) {
  long tiles = tile_count(rows), depth = packed_terms(smaller(inner, TERMS_AT_ONCE));
  long group = lk_panel_columns(depth, PANELS_AT_ONCE) / PANEL * PANEL;
  int packs = ROUNDS_OPERANDS || transposed || columns % PANEL != 0 || b_row > LK_NEAR_ROWS;
  int copies = copies_left(a_row);
  for (long first = 0; first < columns; first += group) {
    long here = smaller(group, columns - first);
    for (long done = 0; done == 0 || done < inner; done += TERMS_AT_ONCE) {
      long terms = smaller(inner - done, TERMS_AT_ONCE);
      if (transposed) {
        transpose_rows(terms, here, b + first * b_row + done, b_row, scratch);
      } else if (packs) {
        pack_columns(terms, here, b + done * b_row + first, b_row, packed_terms(terms), scratch);
      }
      for (long i = 0; i < tiles; i++) {
        long row = tile_begin(rows, i, tiles), next = tile_begin(rows, i + 1, tiles);
        tile t = {.terms = terms, .a = a + row * a_row + done, .a_row = a_row, .c_row = c_row};
        long fetched = next, last = i + 1 < tiles ? tile_begin(rows, i + 2, tiles) : next;
        if (copies) copy_left(next - row, &t, scratch + PANELS_AT_ONCE);
        for (long j = 0; j < here; j += PANEL) {
          // The next tile's rows: all at once, or, where they are so many that they would be in the way, some a panel.
          long until = SPREADS_FETCHES ? next + smaller((last - next) * (j + PANEL) / here, last - next) : last;
          for (; fetched < until; fetched++) fetch_row(terms, a + fetched * a_row + done);
          t.b = packs ? scratch + j * packed_terms(terms) : b + done * b_row + first + j;
          t.b_term = packs ? PANEL : b_row;
          t.c = c + row * c_row + first + j;
          t.start = done > 0 ? t.c : bias ? bias + first + j : NULL;
          t.start_row = done > 0 ? c_row : 0;
          compute(next - row, smaller(PANEL, here - j), 0, &t);
        }
        if (first + here == columns && done + terms == inner)
          lk_finish_rows(finish, row, next - row, columns, c_row, c);
      }
    }
  }
}

#ifndef LK_BFLOAT16
#include "few.h"
#endif

static void any_product(long rows, long inner, long columns, const float *a, long a_row, const float *b, long b_row,
                        int transposed, const float *bias, const lk_finish *finish, float *c, long c_row,
                        float *scratch) {
  BEGIN_TILES();
#ifndef LK_BFLOAT16
  if (columns <= LK_FEW_COLUMNS && !transposed) {
    product_of_few_columns(rows, inner, columns, a, a_row, b, b_row, bias, finish, c, c_row, scratch);
  } else if (transposed && !bias && lk_are_few_rows(rows, inner, columns)) {
    product_of_few_rows(rows, inner, columns, a, a_row, b, b_row, finish, c, c_row, scratch);
  } else
#endif
    product(rows, inner, columns, a, a_row, b, b_row, transposed, bias, finish, c, c_row, scratch);
  END_TILES();
}

// The tree over the sums of some shards for one tile; `stack` holds those that wait. As in a binary counter, shard s
// completes as many nodes as s + 1 has zeros at its end, and the last all that are open. `t` says where that goes, and
// what waits for it outside.
static void tree_of_shards(long shards, const long *shard_rows, long rows, long width, const tile *t, float *stack) {
#ifdef LEAVES_TOGETHER
  if (shards > 1 && shards <= 32) {
    tree_of_leaves(shards, shard_rows, rows, width, t, stack);
    return;
  }
#endif
  tile leaf = *t;
  leaf.left[1] = (waiting){0};
  leaf.largest = NULL;
  leaf.streams = 0;
  long open = 0;
  for (long s = 0; s + 1 < shards; s++) {
    long merged = __builtin_ctzl((unsigned long)s + 1);
    leaf.terms = shard_rows[s];
    leaf.c = stack + (open - merged) * TILE;
    leaf.left[0] = (waiting){merged, leaf.c, padded(width), TILE};
    leaf.c_row = padded(width);
    whole(rows, width, 1, &leaf);
    leaf.a += packed_terms(leaf.terms) * leaf.a_row;
    leaf.b += packed_terms(leaf.terms) * leaf.b_term;
    open += 1 - merged;
  }
  leaf.terms = shard_rows[shards - 1];
  leaf.left[0] = (waiting){open, stack, padded(width), TILE};
  leaf.left[1] = t->left[1];
  leaf.c = t->c;
  leaf.c_row = t->c_row;
  leaf.largest = t->largest;
  leaf.streams = t->streams;
  compute(rows, width, 1, &leaf);
}

// Some shards, or a part of one: where the sum so far stands (NULL: nowhere), where it goes, and what waits for it.
typedef struct {
  long shards;
  const long *shard_rows;
  long rows;
  const float *x, *dy;
  long x_row, dy_row;
  const float *so_far; // its rows as far apart as the gradient's
  float *gradient;
  long gradient_row;
  waiting left;
  magnitudes *largest; // of the sums; NULL where they are not the last
  int streams;         // see tile; likewise
} portion;

static void gradient_of(const portion *part, long inputs, long units, float *scratch) {
  long rows = part->rows, tiles = tile_count(inputs), depth = 0;
  // A shard is packed by itself where it is filled up to whole blocks.
  long cuts = FILLS_BLOCKS ? part->shards : 1;
  const long *cut_rows = FILLS_BLOCKS ? part->shard_rows : &rows;
  for (long s = 0; s < cuts; s++) depth += packed_terms(cut_rows[s]);
  long group = lk_panel_columns(depth, PANELS_AT_ONCE) / PANEL * PANEL;
  float *panels = scratch, *stack = panels + PANELS_AT_ONCE, *packed = stack + LK_STACK(LK_PRECISION);
  int packs_x = lk_packs_input(rows, inputs, LK_PRECISION);
  int packs_dy = ROUNDS_OPERANDS || (tiles > 1 && rows * units > LK_UNPACKED);
  for (long s = 0, row = 0, at = 0; packs_x && s < cuts; s++) {
    pack_tiles(cut_rows[s], inputs, part->x + row * part->x_row, part->x_row, depth, packed + at * LK_TILE_ROWS);
    row += cut_rows[s];
    at += packed_terms(cut_rows[s]);
  }
  for (long first = 0; first < units; first += group) {
    long here = smaller(group, units - first);
    // Columns that fill no panel are packed at any rate.
    long unpacked = packs_dy ? 0 : here / PANEL * PANEL;
    const float *dy = part->dy + first + unpacked;
    for (long s = 0, at = 0; s < cuts; s++) {
      pack_columns(cut_rows[s], here - unpacked, dy, part->dy_row, depth, panels + unpacked * depth + at * PANEL);
      dy += cut_rows[s] * part->dy_row;
      at += packed_terms(cut_rows[s]);
    }
    // The panel stays in the first cache while the tiles of x pass by.
    for (long j = 0; j < here; j += PANEL) {
      tile t = {.a_row = part->x_row, .c_row = part->gradient_row, .left[1] = part->left, .largest = part->largest};
      t.streams = part->streams;
      t.b = j < unpacked ? part->dy + first + j : panels + j * depth;
      t.b_term = j < unpacked ? part->dy_row : PANEL;
      t.start_row = part->gradient_row;
      for (long i = 0; i < tiles; i++) {
        long begin = tile_begin(inputs, i, tiles), n = tile_begin(inputs, i + 1, tiles) - begin;
        long column = first + j;
        t.a = packs_x ? packed + begin * depth : part->x + begin;
        if (packs_x) t.a_row = packed_tile_row(n);
        t.c = part->gradient + begin * part->gradient_row + column;
        t.start = part->so_far ? part->so_far + begin * part->gradient_row + column : NULL;
        t.left[1].first = part->left.count > 0 ? part->left.first + begin * part->left.row + column : NULL;
        tree_of_shards(part->shards, part->shard_rows, n, smaller(PANEL, here - j), &t, stack);
      }
    }
  }
}

// gradient [inputs, units] = tree over the shards of x_s^T dy_s; the shards' rows follow one another in x and dy. The
// rows of all three may be those of wider matrices.
//
// As many shards at a time as stay in the second cache, or a part of one that does not. They are 2^k, a node of the
// tree, and the nodes' gradients wait in a stack like the shards' in tree_of_shards.
static void weight_gradient(long shards, const long *shard_rows, long inputs, long units, const float *x, long x_row,
                            const float *dy, long dy_row, float *gradient, long gradient_row, int goes_past,
                            uint32_t *largest, float *scratch) {
  long most = 0, open = 0, apart = lk_waiting_scratch(inputs, units);
  for (long s = 0; s < shards; s++) most = shard_rows[s] > most ? shard_rows[s] : most;
  long together = lk_shards_together(most, LK_PRECISION), nodes = (shards + together - 1) / together;
  float *stack = scratch + lk_portion_scratch(shards, most, inputs, LK_PRECISION);
  magnitudes noted = 0;
  int streams = goes_past && ((uintptr_t)gradient / sizeof(float) | (uintptr_t)gradient_row) % 16 == 0;
  for (long node = 0; node < nodes; node++) {
    const long *its_rows = shard_rows + node * together;
    long count = smaller(together, shards - node * together), rows = 0;
    for (long s = 0; s < count; s++) rows += its_rows[s];
    int is_last = node + 1 == nodes;
    long merged = is_last ? open : __builtin_ctzl((unsigned long)node + 1);
    float *own = is_last ? gradient : stack + open * apart;
    long own_row = is_last ? gradient_row : units;
    for (long done = 0; done == 0 || done < rows; done += LK_PART_ROWS) {
      long here = smaller(rows - done, LK_PART_ROWS);
      portion part = {.shards = count, .shard_rows = rows > LK_PART_ROWS ? &here : its_rows, .rows = here};
      part.x = x;
      part.x_row = x_row;
      part.dy = dy;
      part.dy_row = dy_row;
      part.so_far = done > 0 ? own : NULL;
      part.gradient = own;
      part.gradient_row = own_row;
      if (done + here == rows) {
        // What waits is added to the whole sum, and makes room.
        part.left = (waiting){merged, stack + (open - merged) * apart, units, apart};
        if (!is_last) part.gradient -= merged * apart;
        if (largest && is_last) part.largest = &noted;
        part.streams = streams && is_last;
      }
      gradient_of(&part, inputs, units, scratch);
      x += here * x_row;
      dy += here * dy_row;
    }
    open += 1 - merged;
  }
  if (streams) STREAMED();
  if (largest) *largest = __builtin_reduce_max(noted);
}

// For few units the transpose is computed, so that whole vectors are: what is multiplied and in which order is the
// same.
static void any_weight_gradient(long shards, const long *shard_rows, long inputs, long units, const float *x,
                                long x_row, const float *dy, long dy_row, float *gradient, long gradient_row,
                                int goes_past, uint32_t *largest, float *scratch) {
  BEGIN_TILES();
  if (units > LK_FEW_UNITS || inputs <= units) {
    weight_gradient(shards, shard_rows, inputs, units, x, x_row, dy, dy_row, gradient, gradient_row, goes_past, largest,
                    scratch);
  } else {
    float *transposed = scratch, *rest = scratch + lk_whole_lines(inputs * units);
    weight_gradient(shards, shard_rows, units, inputs, dy, dy_row, x, x_row, transposed, inputs, 0, largest, rest);
    for (long j = 0; j < units; j++)
      for (long i = 0; i < inputs; i++) gradient[i * gradient_row + j] = transposed[j * inputs + i];
  }
  END_TILES();
}

const lk_products LK_PRODUCTS = {any_product, any_weight_gradient};

// How the products cut their operands: the same on every instruction set, because the caller's scratch memory is.
#ifndef LOCKSTEP_PRODUCT_BLOCKS_H
#define LOCKSTEP_PRODUCT_BLOCKS_H

#include "CKernelsProducts.h"

enum {
  LK_WIDEST_PANEL = 32,        // columns of the widest panel of all instruction sets
  LK_PANELS = 1 << 17,         // elements of the panels that are packed together: 512 KiB, a part of the second cache
  LK_BLOCK_TERMS = 4096,       // terms of a sum that are packed at once, so that a panel fits
  LK_PART_ROWS = 512,          // rows of a weight gradient that are worked through at once
  LK_NEAR_ROWS = 512,          // elements of a right operand's rows that may be read as they lie; longer ones fall on one
                               // another in the first cache
  LK_UNPACKED = 1 << 13,       // elements of a gradient that lies in the first cache as it is: 32 KiB
  LK_UNPACKED_INPUT = 1 << 17, // elements of an input that lies in the second cache as it is: 512 KiB
  LK_MOST_ROWS = 14,           // of a tile of any instruction set
  LK_COPIED_ROWS = 7,          // the same in bfloat16
  LK_FALLING_ROWS = 512,       // elements, or a multiple, from one row to the next that fall on one another in a first
                               // cache: 2 KiB, half of the distance at which its places repeat
  LK_MATRIX_PANELS = 1 << 18,  // the panels of a matrix instruction: 1 MiB, where the second cache has 2
  LK_MATRIX_TERMS = 1024,      // its terms that are packed at once: 64 KiB of left operand, and many columns beside it
  LK_FEW_COLUMNS = 8,          // columns of a product that are too few for a tile's vectors
  LK_FEW_UNITS = 14,           // the same of a weight gradient, which has nothing to transpose for it
};

// Lines of the first cache that may stand at one of its places. It decides about time alone.
long lk_first_cache_ways(void);

// Elements of tiles that wait in a tree over shards, one a bit of their number, each the largest of a precision.
#define LK_STACK(precision) (32 * 32 * ((precision) == LK_FLOAT32 ? 14 : 32))

static inline long lk_whole_lines(long elements) { return (elements + 15) / 16 * 16; }

// Columns of the panels of `terms` rows that `elements` hold together: whole panels, at least one.
static inline long lk_panel_columns(long terms, long elements) {
  long columns = terms > 0 ? elements / terms / LK_WIDEST_PANEL * LK_WIDEST_PANEL : 0;
  return columns < LK_WIDEST_PANEL ? LK_WIDEST_PANEL : columns;
}

// Whether transposing `rows` rows of `inner` terms, and the result back, is less work than transposing `columns` of
// them.
static inline int lk_are_few_rows(long rows, long inner, long columns) {
  return 4 * rows <= columns && inner >= 128 && inner <= LK_BLOCK_TERMS;
}

// Rows of memory that a shard's rows take where they are packed: in pairs and whole blocks, a matrix instruction's take
// 16 for each 32 rows.
static inline long lk_packed_rows(long shard_rows, lk_precision precision) {
  return precision != LK_FLOAT32 && shard_rows > 0 && shard_rows < 16 ? 16 : shard_rows;
}

// Shards of a weight gradient that are worked through at once: 2^k, so that they are a node of the tree.
static inline long lk_shards_together(long shard_rows, lk_precision precision) {
  long shards = 1, rows = lk_packed_rows(shard_rows, precision);
  while (shards < LK_PART_ROWS && 2 * shards * rows <= LK_PART_ROWS) shards *= 2;
  return shards;
}

// Operands that are rounded are always copied.
static inline int lk_packs_input(long rows, long inputs, lk_precision precision) {
  return precision != LK_FLOAT32 || rows * inputs > LK_UNPACKED_INPUT;
}

// From one copied row of a left operand to the next: not a power of two.
static inline long lk_copied_row(long terms) { return lk_whole_lines(terms) + 16; }

// Scratch elements of the panels that are packed together.
static inline long lk_panels(lk_precision precision) { return precision == LK_FLOAT32 ? LK_PANELS : LK_MATRIX_PANELS; }

// Scratch elements of a portion of at most so many shards and rows: panels, stack, packed input, of which a matrix
// instruction takes whole panels. Fewer rows never take more.
static inline long lk_portion_scratch(long shards, long shard_rows, long inputs, lk_precision precision) {
  long rows = shards * lk_packed_rows(shard_rows, precision), here = rows < LK_PART_ROWS ? rows : LK_PART_ROWS;
  long width = precision == LK_FLOAT32 ? inputs : (inputs + LK_WIDEST_PANEL - 1) / LK_WIDEST_PANEL * LK_WIDEST_PANEL;
  long packed = lk_packs_input(here, inputs, precision) ? lk_whole_lines(here * width) : 0;
  return lk_panels(precision) + LK_STACK(precision) + packed;
}

// Scratch elements of a gradient that waits: the last vector of its last row is read whole.
static inline long lk_waiting_scratch(long inputs, long units) { return lk_whole_lines(inputs * units + 15); }

#endif

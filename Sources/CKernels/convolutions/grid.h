// How convolutions cut images and weights: the same on every instruction set, because the caller's scratch memory is.
//
// Nobody gathers a whole image's windows: a kernel row's terms of an output position follow one another in the image,
// and positions beside one another are a stride apart. Where zeros outside the image are terms, some of its rows are
// copied with the zeros around them: a strip.
#ifndef LOCKSTEP_CONVOLUTION_GRID_H
#define LOCKSTEP_CONVOLUTION_GRID_H

#include "../finish.h"
#include "../products/blocks.h"
#include "CKernelsConvolutions.h"

#include <string.h>

enum {
  LK_PADDED_CHANNELS = 8,      // of a pixel that are too few to skip the zeros around an image
  LK_MOST_CUT = 2,             // rows at one end of a tile that may lack terms which the others have
  LK_STRIP = 1 << 15,          // elements of a strip, if one row of positions needs no more: 128 KiB
  LK_GRADIENT_STRIP = 1 << 16, // the same of a weight gradient, which has more to do with it
  LK_GRADIENT_POSITIONS = 512, // positions of a weight gradient worked through at once: whole blocks of bfloat16
  LK_NEAR_FILTERS = 64,        // of a dy that is read as it lies: positions do not fall on one another in the first cache
  LK_FEW_INPUTS = 64,          // of a gradient whose tiles are too few for packing dy
  LK_FAR_POSITIONS = 256,      // elements from a position to the next that fall on one another in the first cache
  LK_NARROW = 6,               // positions of a row that are too few for a tile
  LK_NARROW_STRIP = 1 << 13,   // elements of their strips, of which there are several
  LK_BESIDE = 16,              // elements behind a strip and behind what is gathered: whole vectors are copied
};

// Some terms of sums that follow one another in both operands: elements from the operands' first to theirs, and how
// many; and how many rows of a tile, at its beginning or at its end, do not have them.
typedef struct {
  long left, right, terms;
  long skipped, dropped;
} lk_segment;

// Kernel rows, or columns, that meet an image at all: how many, where in the window the first lies, and from one to the
// next.
typedef struct {
  long count, first, step;
} lk_places;

// A grid of positions, each with a window of an image: what a pass over images reads and writes.
typedef struct {
  long height, width, depth; // of the image that is read
  long apart;                // elements from one of its pixels to the next: depth, but where only some channels are read
  long top, left;            // its row and column where the window of position (0, 0) begins, perhaps outside
  long down, right;          // rows and columns from one position's window to the next
  long span_height, span_width; // of a window
  lk_places kernel_rows, kernel_columns;
  long rows, columns;        // of the positions
  long result, result_down, result_right; // elements of a result before its first position, and between two
} lk_grid;

static inline long lk_most(long a, long b) { return a > b ? a : b; }
static inline long lk_least(long a, long b) { return a < b ? a : b; }
static inline long lk_between(long x, long low, long high) { return lk_least(lk_most(x, low), high); }

// Whether zeros outside an image are no terms.
static inline int lk_skips_padding(lk_precision precision, long channels) {
  return precision == LK_FLOAT32 && channels >= LK_PADDED_CHANNELS;
}

// Those of `places` that lie inside 0 ..< length, of a window that begins at `start`.
static inline void lk_places_inside(const lk_places *places, long start, long length, long *from, long *to) {
  *from = 0;
  *to = places->count;
  long first = start + places->first, last = first + (places->count - 1) * places->step;
  for (; *from < *to && (first < 0 || first >= length); first += places->step) *from += 1;
  for (; *from < *to && (last < 0 || last >= length); last -= places->step) *to -= 1;
}

static inline long lk_strip_row(const lk_grid *grid) {
  return ((grid->columns - 1) * grid->right + grid->span_width) * grid->depth;
}

// Rows of an image under so many rows of positions.
static inline long lk_strip_height(const lk_grid *grid, long rows) { return (rows - 1) * grid->down + grid->span_height; }

// Whether the rows of a tile may be images, each with a strip, and not the positions of a row.
static inline int lk_is_narrow(const lk_grid *grid) { return grid->columns <= LK_NARROW; }

// Rows of positions whose strip is copied at once.
static inline long lk_strip_rows(const lk_grid *grid) {
  long most = lk_is_narrow(grid) ? LK_NARROW_STRIP : LK_STRIP;
  long rows = (most / lk_strip_row(grid) - grid->span_height) / grid->down + 1;
  return rows < 1 ? 1 : rows > grid->rows ? grid->rows : rows;
}

// The strip under `rows` rows of positions from `first` on, zeros outside the image.
static inline void lk_copy_strip(const lk_grid *grid, const float *image, long first, long rows, float *strip) {
  long row = lk_strip_row(grid), pixels = row / grid->depth;
  long begin = lk_between(-grid->left, 0, pixels), skipped = lk_between(grid->left, 0, grid->width);
  long copied = lk_least(grid->width - skipped, pixels - begin), end = begin + copied;
  for (long r = 0; r < lk_strip_height(grid, rows); r++, strip += row) {
    long line = grid->top + first * grid->down + r;
    if (line < 0 || line >= grid->height) {
      memset(strip, 0, (size_t)row * sizeof(float));
      continue;
    }
    const float *from = image + (line * grid->width + skipped) * grid->apart;
    memset(strip, 0, (size_t)(begin * grid->depth) * sizeof(float));
    if (grid->apart == grid->depth) {
      memcpy(strip + begin * grid->depth, from, (size_t)(copied * grid->depth) * sizeof(float));
    } else {
      for (long i = 0; i < copied; i++)
        memcpy(strip + (begin + i) * grid->depth, from + i * grid->apart, (size_t)grid->depth * sizeof(float));
    }
    memset(strip + end * grid->depth, 0, (size_t)(row - end * grid->depth) * sizeof(float));
  }
}

// What is done to columns of the results of n positions, `apart` elements from one to the next, at c + offset.
static inline void lk_finish_positions(const lk_finish *finish, long n, long columns, long apart, float *c,
                                       long offset) {
  if (!finish) return;
  lk_finish here = *finish;
  if (here.value) here.value += offset;
  lk_finish_rows(&here, 0, n, columns, apart, c + offset);
}

// The pixels from the first to the last that a kernel of `kernel` places sees.
static inline long lk_span(long kernel, long dilation) { return (kernel - 1) * dilation + 1; }

static inline long lk_inputs(const lk_convolution *c) { return c->kernel_height * c->kernel_width * c->channels; }

static inline lk_grid lk_forward_grid(const lk_convolution *c) {
  return (lk_grid){
    .height = c->height, .width = c->width, .depth = c->channels, .apart = c->channels,
    .top = -c->before_height, .left = -c->before_width,
    .down = c->stride_height, .right = c->stride_width, .span_height = lk_span(c->kernel_height, c->dilation_height),
    .span_width = lk_span(c->kernel_width, c->dilation_width),
    .kernel_rows = {.count = c->kernel_height, .step = c->dilation_height},
    .kernel_columns = {.count = c->kernel_width, .step = c->dilation_width},
    .rows = c->output_height, .columns = c->output_width,
    .result_down = c->output_width * c->filters, .result_right = c->filters,
  };
}

// One axis of the input gradient. Pixels that are a stride apart, `phase` the first of them, are seen from the same
// places of the kernel, the ones that lie on an output position there: pixel phase + i * stride from the output
// position i + lk_position(axis, phase, place).
typedef struct {
  long pixels, kernel, stride, dilation, before;
} lk_axis;

static inline lk_axis lk_rows_of(const lk_convolution *c) {
  return (lk_axis){c->height, c->kernel_height, c->stride_height, c->dilation_height, c->before_height};
}
static inline lk_axis lk_columns_of(const lk_convolution *c) {
  return (lk_axis){c->width, c->kernel_width, c->stride_width, c->dilation_width, c->before_width};
}

static inline int lk_is_seen(const lk_axis *axis, long phase, long place) {
  return (phase + axis->before - place * axis->dilation) % axis->stride == 0;
}
static inline long lk_position(const lk_axis *axis, long phase, long place) {
  return (phase + axis->before - place * axis->dilation) / axis->stride;
}
static inline long lk_pixels(const lk_axis *axis, long phase) {
  return phase < axis->pixels ? (axis->pixels - phase + axis->stride - 1) / axis->stride : 0;
}

// Phases that have a pixel.
static inline long lk_phases(const lk_axis *axis) {
  return axis->stride < axis->pixels ? axis->stride : axis->pixels;
}

// The places that a phase's pixels are seen from, in the window of output positions that begins at *start; a window of
// 1 where there is none.
static inline lk_places lk_seen(const lk_axis *axis, long phase, long *start, long *span) {
  lk_places seen = {0};
  long first = 0, last = 0;
  for (long place = 0; place < axis->kernel; place++) {
    if (!lk_is_seen(axis, phase, place)) continue;
    last = lk_position(axis, phase, place);
    if (seen.count == 0) first = last;
    if (seen.count == 1) seen.step = last - first;
    seen.count += 1;
  }
  *start = last; // places are seen from positions further and further up
  *span = first - last + 1;
  seen.first = first - last;
  return seen;
}

// Of the pixels of one phase a row and column.
static inline lk_grid lk_phase_grid(const lk_convolution *c, long phase_row, long phase_column) {
  lk_axis rows = lk_rows_of(c), columns = lk_columns_of(c);
  lk_grid grid = {
    .height = c->output_height, .width = c->output_width, .depth = c->filters, .apart = c->filters,
    .down = 1, .right = 1,
    .rows = lk_pixels(&rows, phase_row), .columns = lk_pixels(&columns, phase_column),
    .result = (phase_row * c->width + phase_column) * c->channels,
    .result_down = c->stride_height * c->width * c->channels, .result_right = c->stride_width * c->channels,
  };
  grid.kernel_rows = lk_seen(&rows, phase_row, &grid.top, &grid.span_height);
  grid.kernel_columns = lk_seen(&columns, phase_column, &grid.left, &grid.span_width);
  return grid;
}

// Positions of a row that are a tile, with their terms of a kernel row.
typedef struct {
  long column, positions;
  const lk_segment *segments;
  long count;
} lk_row_tile;

// Positions of a row that a weight gradient sums over, of those that are worked through at once: where their windows
// begin in a strip, and how many terms come before theirs.
typedef struct {
  long image, row, column, positions;
  long strip, before;
} lk_row_part;

// Elements of the strip of a weight gradient's block of so many positions, wherever it begins: they lie in so many rows
// of positions of so many images at most.
static inline long lk_gradient_strip(const lk_convolution *c, long positions) {
  lk_grid grid = lk_forward_grid(c);
  long rows = (positions + grid.columns - 2) / grid.columns + 1, images = (rows + grid.rows - 2) / grid.rows + 1;
  return (rows * grid.down + images * grid.span_height) * lk_strip_row(&grid);
}

static inline long lk_gradient_positions(const lk_convolution *c) {
  long positions = LK_GRADIENT_POSITIONS;
  while (positions > 32 && lk_gradient_strip(c, positions) > LK_GRADIENT_STRIP) positions /= 2;
  return positions;
}

// Tiles of a row at most, and segments: as many as a kernel row has places for each.
static inline long lk_row_tiles(const lk_convolution *c) { return lk_most(c->width, c->output_width); }
static inline long lk_row_segments(const lk_convolution *c) { return lk_row_tiles(c) * c->kernel_width; }
// Segments of a weight gradient's block: one for each part of a row.
static inline long lk_part_segments(const lk_convolution *c) { return lk_gradient_positions(c) + 1; }

// Scratch: packed panels, a strip, segments and what they are of, and what is gathered, each at whole lines.
typedef struct {
  long panels, strip, segments, gathered;
} lk_convolution_parts;

// Elements of the strips that are copied at once.
static inline long lk_strips(const lk_grid *grid) {
  long one = lk_strip_height(grid, lk_strip_rows(grid)) * lk_strip_row(grid);
  return lk_is_narrow(grid) ? LK_MOST_ROWS * one : one;
}

// The same of a convolution or its input gradient at most.
static inline long lk_most_strips(const lk_convolution *c) {
  lk_grid grid = lk_forward_grid(c);
  long most = lk_strips(&grid);
  lk_axis rows = lk_rows_of(c), columns = lk_columns_of(c);
  for (long row = 0; row < lk_phases(&rows); row++)
    for (long column = 0; column < lk_phases(&columns); column++) {
      grid = lk_phase_grid(c, row, column);
      most = lk_most(most, lk_strips(&grid));
    }
  return most;
}

static inline lk_convolution_parts lk_parts(const lk_convolution *c) {
  long terms = lk_most(lk_inputs(c), c->kernel_height * c->kernel_width * c->filters);
  long positions = lk_gradient_positions(c);
  size_t of_row = (size_t)lk_row_segments(c) * sizeof(lk_segment) + (size_t)lk_row_tiles(c) * sizeof(lk_row_tile);
  size_t of_gradient = (size_t)lk_part_segments(c) * (2 * sizeof(lk_segment) + sizeof(lk_row_part));
  return (lk_convolution_parts){
    .panels = lk_most(LK_PANELS, LK_WIDEST_PANEL * lk_most(terms, positions)),
    .strip = lk_whole_lines(lk_most(lk_most_strips(c), lk_gradient_strip(c, positions)) + LK_BESIDE),
    .segments = lk_whole_lines((long)((of_row > of_gradient ? of_row : of_gradient) / sizeof(float))),
    .gathered = lk_most(LK_COPIED_ROWS * lk_copied_row(terms), LK_BESIDE * positions) + LK_BESIDE,
  };
}

// Elements of a shard's gradient that waits.
static inline long lk_waiting_gradient(const lk_convolution *c) {
  return lk_waiting_scratch(lk_inputs(c), c->filters);
}

#endif

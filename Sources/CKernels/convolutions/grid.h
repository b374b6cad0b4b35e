// How convolutions cut images and weights: the same on every instruction set, because the caller's scratch memory is.
//
// Nobody gathers a whole image's windows. Some rows of an image are copied, with the zeros around it: a strip, in which
// a kernel row's terms of an output position follow one another, and positions beside one another are a stride apart.
#ifndef LOCKSTEP_CONVOLUTION_GRID_H
#define LOCKSTEP_CONVOLUTION_GRID_H

#include "../finish.h"
#include "../products/blocks.h"
#include "CKernelsConvolutions.h"

#include <string.h>

enum {
  LK_STRIP = 1 << 15,          // elements of a strip, if one row of positions needs no more: 128 KiB
  LK_GRADIENT_STRIP = 1 << 16, // the same of a weight gradient, which has more to do with it
  LK_GRADIENT_POSITIONS = 512, // positions of a weight gradient worked through at once: whole blocks of bfloat16
  LK_NEAR_FILTERS = 64,        // of a dy that is read as it lies: positions do not fall on one another in the first cache
  LK_FEW_INPUTS = 64,          // of a gradient whose tiles are too few for packing dy
  LK_NARROW = 6,               // positions of a row that are too few for a tile
  LK_NARROW_STRIP = 1 << 13,   // elements of their strips, of which there are several
  LK_MOST_ROWS = 14,           // of a tile of any instruction set
  LK_BESIDE = 16,              // elements behind a strip and behind what is gathered: whole vectors are copied
};

// Some terms of a sum that follow one another in both operands: elements from the operands' first to theirs, and how
// many.
typedef struct {
  long left, right, terms;
} lk_segment;

// A grid of positions, each with a window of an image: what a pass over images reads and writes.
typedef struct {
  long height, width, depth; // of the image that is read
  long apart;                // elements from one of its pixels to the next: depth, but where only some channels are read
  long top, left;            // its row and column where the window of position (0, 0) begins, perhaps outside
  long down, right;          // rows and columns from one position's window to the next
  long span_height, span_width; // of a window
  long rows, columns;        // of the positions
  long result, result_down, result_right; // elements of a result before its first position, and between two
} lk_grid;

static inline long lk_most(long a, long b) { return a > b ? a : b; }
static inline long lk_least(long a, long b) { return a < b ? a : b; }
static inline long lk_between(long x, long low, long high) { return lk_least(lk_most(x, low), high); }

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
    .span_width = lk_span(c->kernel_width, c->dilation_width), .rows = c->output_height, .columns = c->output_width,
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

// The output positions that a phase's first pixel is seen from: the first of them, and the span to the last; a span of
// 1 where there is none.
static inline void lk_seen_span(const lk_axis *axis, long phase, long *first, long *span) {
  long last = 0, seen = 0;
  for (long place = 0; place < axis->kernel; place++) {
    if (!lk_is_seen(axis, phase, place)) continue;
    *first = lk_position(axis, phase, place);
    if (!seen++) last = *first;
  }
  if (!seen) *first = 0;
  *span = last - *first + 1;
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
  lk_seen_span(&rows, phase_row, &grid.top, &grid.span_height);
  lk_seen_span(&columns, phase_column, &grid.left, &grid.span_width);
  return grid;
}

// The terms of a window in a strip whose rows have `row` elements, against a weight whose rows have `weight_row`: those
// of a kernel row, or of a kernel column where they are apart.
static inline long lk_window_segments(const lk_convolution *c) {
  return c->kernel_height * (c->dilation_width == 1 ? 1 : c->kernel_width);
}
static inline lk_segment lk_window_segment(const lk_convolution *c, long index, long row, long weight_row) {
  if (c->dilation_width == 1) {
    long terms = c->kernel_width * c->channels;
    return (lk_segment){index * c->dilation_height * row, index * terms * weight_row, terms};
  }
  long across = index % c->kernel_width * c->dilation_width * c->channels;
  return (lk_segment){index / c->kernel_width * c->dilation_height * row + across, index * c->channels * weight_row,
                      c->channels};
}

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

// Scratch: packed panels, a strip, segments, and what is gathered, each at whole lines.
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
  return (lk_convolution_parts){
    .panels = lk_most(LK_PANELS, LK_WIDEST_PANEL * lk_most(terms, positions)),
    .strip = lk_whole_lines(lk_most(lk_most_strips(c), lk_gradient_strip(c, positions)) + LK_BESIDE),
    .segments = lk_whole_lines(lk_most(c->kernel_height * c->kernel_width, positions + 1) *
                               (long)(sizeof(lk_segment) / sizeof(float))),
    .gathered = LK_COPIED_ROWS * lk_copied_row(lk_most(terms, positions)) + LK_BESIDE,
  };
}

// Elements of a shard's gradient that waits.
static inline long lk_waiting_gradient(const lk_convolution *c) {
  return lk_waiting_scratch(lk_inputs(c), c->filters);
}

#endif

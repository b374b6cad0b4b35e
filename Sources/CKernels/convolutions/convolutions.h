// Convolutions out of tiles. Included once per instruction set and precision; see products/tile.h.
#include "segments.h"

_Static_assert(LK_TILE_ROWS <= (ROUNDS_OPERANDS ? LK_COPIED_ROWS : LK_MOST_ROWS), "rows do not fit their scratch");

typedef struct {
  float *panels, *strip, *gathered, *rest;
  lk_segment *segments;
} workspace;

static workspace workspace_in(float *scratch, const lk_convolution *convolution) {
  lk_convolution_parts parts = lk_parts(convolution);
  workspace w = {.panels = scratch, .strip = scratch + parts.panels};
  float *segments = w.strip + parts.strip;
  w.segments = (lk_segment *)(void *)segments;
  w.gathered = segments + parts.segments;
  w.rest = w.gathered + parts.gathered;
  return w;
}

// A strip as it is multiplied.
static void copy_strip(const lk_grid *grid, const float *image, long first, long rows, float *strip) {
  lk_copy_strip(grid, image, first, rows, strip);
  if (!ROUNDS_OPERANDS) return;
  long n = lk_strip_height(grid, rows) * lk_strip_row(grid), p = 0;
  for (; p + LK_LANES <= n; p += LK_LANES) STORE(strip + p, AS_OPERANDS(LOAD(strip + p)));
  for (; p < n; p++) strip[p] = AS_OPERAND(strip[p]);
}

// MARK: Forward and input gradient

// What is made of images: of `columns` columns, from `first_column` on, the results of all positions, which begin with
// `start`.
typedef struct {
  lk_grid grid;
  long segments, terms;
  const float *images;
  long image_row;
  long columns, first_column;
  const float *start;
  float *results;
  long result_row;
  const lk_finish *finish;
  int abreast; // whether the rows of a tile are images
} image_product;

// Some rows of positions of one image, or of several abreast, with their strips copied.
static void multiply_strips(const image_product *p, long image, long images, long first, long rows,
                            const workspace *w) {
  const lk_grid *grid = &p->grid;
  long row = lk_strip_row(grid), strip = lk_strip_height(grid, rows) * row, right = grid->right * grid->depth;
  long tiles = p->abreast ? grid->columns : tile_count(grid->columns);
  long offset = image * p->result_row + grid->result + first * grid->result_down + p->first_column;
  for (long j = 0; j < p->columns; j += PANEL) {
    segmented t = {.segments = w->segments, .count = p->segments, .terms = p->terms, .gathered = w->gathered};
    t.a_row = p->abreast ? strip : right;
    t.b = w->panels + j * p->terms;
    t.b_term = PANEL;
    t.start = p->start ? p->start + j : NULL;
    t.c_row = p->abreast ? p->result_row : grid->result_right;
    for (long r = 0; r < rows; r++) {
      for (long i = 0; i < tiles; i++) {
        long column = tile_begin(grid->columns, i, tiles), next = tile_begin(grid->columns, i + 1, tiles);
        t.a = w->strip + r * grid->down * row + column * right;
        t.c = p->results + offset + r * grid->result_down + column * grid->result_right + j;
        segmented_compute(p->abreast ? images : next - column, smaller(PANEL, p->columns - j), 0, &t);
      }
    }
  }
  for (long i = 0; i < images; i++, offset += p->result_row)
    for (long r = 0; r < rows; r++)
      lk_finish_positions(p->finish, grid->columns, p->columns, grid->result_right, p->results,
                          offset + r * grid->result_down);
}

// With the panels of the right operand packed. The rows of a tile are positions of a row, and where those are few, the
// same position of several images.
static void multiply_images(image_product *p, long images, const workspace *w) {
  const lk_grid *grid = &p->grid;
  p->abreast = lk_is_narrow(grid) && images > grid->columns;
  long strips = (grid->rows + lk_strip_rows(grid) - 1) / lk_strip_rows(grid);
  long groups = p->abreast ? tile_count(images) : images;
  for (long g = 0; g < groups; g++) {
    long image = tile_begin(images, g, groups), count = tile_begin(images, g + 1, groups) - image;
    for (long s = 0; s < strips; s++) {
      long first = grid->rows * s / strips, rows = grid->rows * (s + 1) / strips - first;
      for (long i = 0; p->terms > 0 && i < count; i++)
        copy_strip(grid, p->images + (image + i) * p->image_row, first, rows,
                   w->strip + i * lk_strip_height(grid, rows) * lk_strip_row(grid));
      multiply_strips(p, image, count, first, rows, w);
    }
  }
}

static void forward(const lk_convolution *convolution, long images, const float *x, long x_row, const float *weight,
                    const float *bias, long first_filter, long filters, const lk_finish *finish, float *y, long y_row,
                    float *scratch) {
  workspace w = workspace_in(scratch, convolution);
  image_product p = {.grid = lk_forward_grid(convolution), .images = x, .image_row = x_row, .results = y,
                     .result_row = y_row, .finish = finish};
  p.terms = lk_inputs(convolution);
  p.segments = lk_window_segments(convolution);
  for (long s = 0; s < p.segments; s++)
    w.segments[s] = lk_window_segment(convolution, s, lk_strip_row(&p.grid), PANEL);
  long group = lk_panel_columns(p.terms, LK_PANELS), end = first_filter + filters;
  for (long first = first_filter; first < end; first += group) {
    p.columns = smaller(group, end - first);
    p.first_column = first;
    p.start = bias ? bias + first : NULL;
    pack_columns(p.terms, p.columns, weight + first, convolution->filters, p.terms, w.panels);
    multiply_images(&p, images, &w);
  }
}

// The pixels of one phase.
static void input_gradient_of_phase(const lk_convolution *convolution, long phase_row, long phase_column, long images,
                                    const float *dy, long dy_row, const float *weight, long first_channel,
                                    long channels, const lk_finish *finish, float *dx, long dx_row,
                                    const workspace *w) {
  lk_axis rows = lk_rows_of(convolution), columns = lk_columns_of(convolution);
  image_product p = {.images = dy, .image_row = dy_row, .results = dx, .result_row = dx_row, .finish = finish};
  p.grid = lk_phase_grid(convolution, phase_row, phase_column);
  long depth = convolution->filters, row = lk_strip_row(&p.grid);
  for (long k = 0; k < convolution->kernel_height; k++) {
    for (long l = 0; l < convolution->kernel_width; l++) {
      if (!lk_is_seen(&rows, phase_row, k) || !lk_is_seen(&columns, phase_column, l)) continue;
      long down = lk_position(&rows, phase_row, k) - p.grid.top;
      long right = lk_position(&columns, phase_column, l) - p.grid.left;
      w->segments[p.segments] = (lk_segment){down * row + right * depth, p.segments * depth * PANEL, depth};
      p.segments += 1;
    }
  }
  p.terms = p.segments * depth;
  long group = lk_panel_columns(p.terms, LK_PANELS), end = first_channel + channels;
  for (long first = first_channel; first < end; first += group) {
    p.columns = smaller(group, end - first);
    p.first_column = first;
    for (long k = 0, s = 0; k < convolution->kernel_height; k++) {
      for (long l = 0; l < convolution->kernel_width; l++) {
        if (!lk_is_seen(&rows, phase_row, k) || !lk_is_seen(&columns, phase_column, l)) continue;
        const float *place = weight + ((k * convolution->kernel_width + l) * convolution->channels + first) * depth;
        for (long j = 0; j < p.columns; j += PANEL)
          transpose_panel(depth, smaller(PANEL, p.columns - j), place + j * depth, depth,
                          w->panels + j * p.terms + s * depth * PANEL);
        s++;
      }
    }
    multiply_images(&p, images, w);
  }
}

static void input_gradient(const lk_convolution *convolution, long images, const float *dy, long dy_row,
                           const float *weight, long first_channel, long channels, const lk_finish *finish, float *dx,
                           long dx_row, float *scratch) {
  workspace w = workspace_in(scratch, convolution);
  lk_axis rows = lk_rows_of(convolution), columns = lk_columns_of(convolution);
  for (long row = 0; row < lk_phases(&rows); row++)
    for (long column = 0; column < lk_phases(&columns); column++)
      input_gradient_of_phase(convolution, row, column, images, dy, dy_row, weight, first_channel, channels, finish, dx,
                              dx_row, &w);
}

// MARK: Weight gradient

// What of a gradient is computed, of whom.
typedef struct {
  const lk_convolution *convolution;
  const float *x, *dy;
  long x_row, dy_row;
  long first_input, inputs, first_filter, filters;
} gradient_part;

// Some positions of one image, of the block of positions that begins at `done`.
typedef struct {
  long image, first, count;
} piece;

static piece piece_at(const lk_convolution *c, long position, long end) {
  long all = c->output_height * c->output_width;
  piece p = {.image = position / all, .first = position % all};
  p.count = smaller(all - p.first, end - position);
  return p;
}

// Whether dy is read as it lies, if it is not to be rounded: where its panels are whole vectors, and rows near one
// another or so few tiles of inputs that packing costs more.
static int reads_as_it_lies(const gradient_part *part) {
  return !ROUNDS_OPERANDS && part->filters % LK_LANES == 0 &&
         (part->convolution->filters <= LK_NEAR_FILTERS || part->inputs <= LK_FEW_INPUTS);
}

// Positions that are summed together: segments of those in one row, from one to the next `apart` elements of a strip.
typedef struct {
  lk_segment *segments;
  long count, terms;
  long apart, row;
} block;

// Of the positions from `done` to `end` the strips, one after the other.
static block copy_block(const gradient_part *part, long done, long end, const workspace *w) {
  const lk_convolution *c = part->convolution;
  lk_grid grid = lk_forward_grid(c);
  block b = {.segments = w->segments, .apart = grid.right * grid.depth, .row = lk_strip_row(&grid)};
  float *strip = w->strip;
  piece p;
  for (long at = done; at < end; at += p.count) {
    p = piece_at(c, at, end);
    long begin = p.first / grid.columns, rows = (p.first + p.count - 1) / grid.columns + 1 - begin;
    copy_strip(&grid, part->x + p.image * part->x_row, begin, rows, strip);
    for (long r = begin; r < begin + rows; r++) {
      long from = lk_most(p.first, r * grid.columns), to = smaller(p.first + p.count, (r + 1) * grid.columns);
      long offset = (r - begin) * grid.down * b.row + (from - r * grid.columns) * b.apart;
      long right = reads_as_it_lies(part) ? p.image * part->dy_row + from * c->filters : b.terms * PANEL;
      b.segments[b.count++] = (lk_segment){strip - w->strip + offset, right, to - from};
      b.terms += to - from;
    }
    strip += lk_strip_height(&grid, rows) * b.row;
  }
  return b;
}

static void pack_block(const gradient_part *part, long done, long end, long filter, long width, const workspace *w) {
  long filters = part->convolution->filters;
  piece p;
  for (long at = done; at < end; at += p.count) {
    p = piece_at(part->convolution, at, end);
    pack_columns(p.count, width, part->dy + p.image * part->dy_row + p.first * filters + filter, filters,
                 end - done, w->panels + (at - done) * PANEL);
  }
}

// The sums of some positions of a shard's images, added to the gradient where they are not the first. A panel of dy
// stays in the first cache while the tiles of inputs pass by.
static void gradient_of_block(const gradient_part *part, long done, long end, float *gradient, const workspace *w) {
  const lk_convolution *c = part->convolution;
  block b = copy_block(part, done, end, w);
  for (long j = 0; j < part->filters; j += PANEL) {
    long filter = part->first_filter + j, width = smaller(PANEL, part->filters - j);
    segmented t = {.segments = b.segments, .count = b.count, .terms = b.terms, .a_row = b.apart};
    t.start_row = t.c_row = c->filters;
    t.gathered = w->gathered;
    if (reads_as_it_lies(part)) {
      t.b = part->dy + filter;
      t.b_term = c->filters;
    } else {
      pack_block(part, done, end, filter, width, w);
      t.b = w->panels;
      t.b_term = PANEL;
    }
    for (long s = 0, input = 0; s < lk_window_segments(c); s++) {
      lk_segment its = lk_window_segment(c, s, b.row, c->filters);
      long first = lk_between(part->first_input - input, 0, its.terms);
      long length = lk_between(part->first_input + part->inputs - input, first, its.terms) - first;
      long tiles = tile_count(length);
      for (long i = 0; i < tiles; i++) {
        long at = first + tile_begin(length, i, tiles), n = first + tile_begin(length, i + 1, tiles) - at;
        t.a = w->strip + its.left + at;
        t.c = gradient + its.right + at * c->filters + filter;
        t.start = done > 0 ? t.c : NULL;
        segmented_compute(n, width, 1, &t);
      }
      input += its.terms;
    }
  }
}

static void gradient_of_shard(const gradient_part *part, long images, float *gradient, const workspace *w) {
  long positions = images * part->convolution->output_height * part->convolution->output_width;
  long block = lk_gradient_positions(part->convolution);
  for (long done = 0; done == 0 || done < positions; done += block)
    gradient_of_block(part, done, smaller(done + block, positions), gradient, w);
}

// to = to + from, of the part
static void add_gradient(const gradient_part *part, const float *from, float *to) {
  for (long i = part->first_input; i < part->first_input + part->inputs; i++) {
    long at = i * part->convolution->filters + part->first_filter;
    lk_add(part->filters, to + at, from + at, to + at);
  }
}

// As in a binary counter, shard s completes as many nodes of the tree as s + 1 has zeros at its end, and the last all
// that are open. What is complete waits in a stack.
static void weight_gradient(const lk_convolution *convolution, long shards, const long *shard_images, const float *x,
                            long x_row, const float *dy, long dy_row, long first_input, long inputs, long first_filter,
                            long filters, float *gradient, uint32_t *largest, float *scratch) {
  workspace w = workspace_in(scratch, convolution);
  gradient_part part = {convolution, x, dy, x_row, dy_row, first_input, inputs, first_filter, filters};
  long open = 0, apart = lk_waiting_gradient(convolution);
  for (long s = 0; s < shards; s++) {
    int is_last = s + 1 == shards;
    float *own = is_last ? gradient : w.rest + open * apart;
    gradient_of_shard(&part, shard_images[s], own, &w);
    for (long merged = is_last ? open : __builtin_ctzl((unsigned long)s + 1); merged > 0; merged--) {
      float *left = w.rest + --open * apart;
      add_gradient(&part, is_last ? left : left + apart, is_last ? gradient : left);
    }
    open += 1;
    part.x += shard_images[s] * x_row;
    part.dy += shard_images[s] * dy_row;
  }
  if (!largest) return;
  *largest = 0;
  for (long i = first_input; i < first_input + inputs; i++) {
    uint32_t its = lk_largest_magnitude(filters, gradient + i * convolution->filters + first_filter);
    *largest = its > *largest ? its : *largest;
  }
}

const lk_convolutions LK_CONVOLUTIONS = {forward, input_gradient, weight_gradient};

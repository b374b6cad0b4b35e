// Convolutions out of tiles. Included once per instruction set and precision; see products/tile.h.
#include "segments.h"

_Static_assert(LK_TILE_ROWS <= (ROUNDS_OPERANDS ? LK_COPIED_ROWS : LK_MOST_ROWS), "rows do not fit their scratch");

typedef struct {
  float *panels, *strip, *gathered, *rest;
  lk_segment *segments;
  lk_row_tile *tiles; // of an image product, behind the segments
  lk_row_part *parts; // of a weight gradient, there too
  lk_segment *gathered_segments; // behind them
} workspace;

static workspace workspace_in(float *scratch, const lk_convolution *convolution) {
  lk_convolution_parts parts = lk_parts(convolution);
  workspace w = {.panels = scratch, .strip = scratch + parts.panels};
  float *segments = w.strip + parts.strip;
  w.segments = (lk_segment *)(void *)segments;
  w.tiles = (lk_row_tile *)(void *)(w.segments + lk_row_segments(convolution));
  w.parts = (lk_row_part *)(void *)(w.segments + lk_part_segments(convolution));
  w.gathered_segments = (lk_segment *)(void *)(w.parts + lk_part_segments(convolution));
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
  long terms;
  const float *images;
  long image_row;
  long columns, first_column;
  const float *start;
  float *results;
  long result_row;
  const lk_finish *finish;
  int skips;   // whether zeros outside the image are no terms
  int abreast; // whether the rows of a tile are images
  int copies;  // whether strips are read, not the images
  const lk_row_tile *tiles;
  long tile_count;
} image_product;

// Adds the positions from `column` on as a tile, or as tiles where it would be cut too much. Its segments begin at
// `next`; returns the end of those of all.
static lk_segment *add_tile(const image_product *p, long column, long end, lk_row_tile *tiles, long *count,
                            lk_segment *next) {
  const lk_grid *grid = &p->grid;
  lk_row_tile tile = {column, end - column, next, 0};
  for (long j = 0; j < grid->kernel_columns.count; j++) {
    long place = grid->kernel_columns.first + j * grid->kernel_columns.step;
    lk_segment here = {place * grid->depth, j * grid->depth * PANEL, grid->depth, 0, 0};
    if (p->skips) {
      long first = grid->left + column * grid->right + place, last = first + (tile.positions - 1) * grid->right;
      for (; here.skipped < tile.positions && first < 0; first += grid->right) here.skipped += 1;
      for (; here.dropped < tile.positions && last >= grid->width; last -= grid->right) here.dropped += 1;
      if (here.skipped + here.dropped >= tile.positions) continue;
      if (lk_most(here.skipped, here.dropped) > LK_MOST_CUT || (here.skipped && here.dropped)) {
        long middle = (column + end) / 2;
        return add_tile(p, middle, end, tiles, count, add_tile(p, column, middle, tiles, count, next - tile.count));
      }
    }
    lk_segment *before = next - 1;
    if (tile.count > 0 && before->left + before->terms == here.left && before->skipped == here.skipped &&
        before->dropped == here.dropped) {
      before->terms += here.terms;
    } else {
      *next++ = here;
      tile.count += 1;
    }
  }
  tiles[(*count)++] = tile;
  return next;
}

static void cut_row(image_product *p, const workspace *w) {
  long columns = p->grid.columns, tiles = p->abreast ? columns : tile_count(columns);
  lk_segment *next = w->segments;
  p->tiles = w->tiles;
  p->tile_count = 0;
  for (long i = 0; i < tiles; i++) {
    long column = p->abreast ? i : tile_begin(columns, i, tiles);
    long end = p->abreast ? i + 1 : tile_begin(columns, i + 1, tiles);
    next = add_tile(p, column, end, w->tiles, &p->tile_count, next);
  }
}

// Some rows of positions of one image, or of several abreast.
static void multiply_strips(const image_product *p, long image, long images, long first, long rows,
                            const workspace *w) {
  const lk_grid *grid = &p->grid;
  const lk_places *places = &grid->kernel_rows;
  long row = p->copies ? lk_strip_row(grid) : grid->width * grid->depth;
  long apart = p->copies ? lk_strip_height(grid, rows) * row : p->image_row, right = grid->right * grid->depth;
  long corner = p->copies ? 0 : (grid->top + first * grid->down) * row + grid->left * grid->depth;
  long offset = image * p->result_row + grid->result + first * grid->result_down + p->first_column;
  segmented t = {.b_term = PANEL, .gathered = w->gathered};
  t.a = p->copies ? w->strip : p->images + image * p->image_row;
  t.a_row = p->abreast ? apart : right;
  t.c_row = p->abreast ? p->result_row : grid->result_right;
  t.terms = grid->kernel_columns.count * grid->depth;
  t.a_again = places->step * row;
  t.b_again = t.terms * PANEL;
  for (long j = 0; j < p->columns; j += PANEL) {
    t.start = p->start ? p->start + j : NULL;
    for (long r = 0; r < rows; r++) {
      long from = 0, to = places->count;
      if (p->skips) lk_places_inside(places, grid->top + (first + r) * grid->down, grid->height, &from, &to);
      t.times = to - from;
      t.b = w->panels + j * p->terms + from * t.b_again;
      long line = corner + (r * grid->down + places->first) * row + from * t.a_again;
      for (const lk_row_tile *tile = p->tiles; tile < p->tiles + p->tile_count; tile++) {
        t.segments = tile->segments;
        t.count = tile->count;
        t.a_first = line + tile->column * right;
        t.c = p->results + offset + r * grid->result_down + tile->column * grid->result_right + j;
        segmented_compute(p->abreast ? images : tile->positions, smaller(PANEL, p->columns - j), 0, &t);
      }
    }
  }
  for (long i = 0; i < images; i++, offset += p->result_row)
    for (long r = 0; r < rows; r++)
      lk_finish_positions(p->finish, grid->columns, p->columns, grid->result_right, p->results,
                          offset + r * grid->result_down);
}

// With the panels of the right operand packed. The rows of a tile are positions of a row, and where those are few, the
// same position of several images; those are copied, so that they do not fall on one another in the first cache.
static void multiply_images(image_product *p, long images, const workspace *w) {
  const lk_grid *grid = &p->grid;
  p->abreast = lk_is_narrow(grid) && images > grid->columns;
  p->skips = lk_skips_padding(LK_PRECISION, grid->depth);
  p->copies = p->abreast || !p->skips;
  cut_row(p, w);
  long strips = (grid->rows + lk_strip_rows(grid) - 1) / lk_strip_rows(grid);
  long groups = p->abreast ? tile_count(images) : images;
  for (long g = 0; g < groups; g++) {
    long image = tile_begin(images, g, groups), count = tile_begin(images, g + 1, groups) - image;
    for (long s = 0; s < strips; s++) {
      long first = grid->rows * s / strips, rows = grid->rows * (s + 1) / strips - first;
      for (long i = 0; p->copies && p->terms > 0 && i < count; i++)
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
  long depth = convolution->filters;
  p.terms = p.grid.kernel_rows.count * p.grid.kernel_columns.count * depth;
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

// Positions that are summed together, those of a row each a part.
typedef struct {
  lk_grid grid;
  long parts, terms;
  int skips; // whether zeros outside the image are no terms: the images are read, and no strips
} block;

// The positions from `done` to `end`, with their strips, one after the other, where those are read.
static block block_of(const gradient_part *part, long done, long end, const workspace *w) {
  block b = {.grid = lk_forward_grid(part->convolution)};
  b.skips = lk_skips_padding(LK_PRECISION, b.grid.depth);
  long columns = b.grid.columns, row = lk_strip_row(&b.grid), strip = 0;
  piece p;
  for (long at = done; at < end; at += p.count) {
    p = piece_at(part->convolution, at, end);
    long begin = p.first / columns, rows = (p.first + p.count - 1) / columns + 1 - begin;
    if (!b.skips) copy_strip(&b.grid, part->x + p.image * part->x_row, begin, rows, w->strip + strip);
    for (long r = begin; r < begin + rows; r++) {
      long from = lk_most(p.first - r * columns, 0), to = smaller(p.first + p.count - r * columns, columns);
      w->parts[b.parts++] = (lk_row_part){.image = p.image, .row = r, .column = from, .positions = to - from,
                                          .strip = strip + (r - begin) * b.grid.down * row, .before = b.terms};
      b.terms += to - from;
    }
    strip += lk_strip_height(&b.grid, rows) * row;
  }
  return b;
}

// Columns of dy from `filter` on, as panels.
static void pack_block(const gradient_part *part, long done, long end, long filter, long columns, const workspace *w) {
  long filters = part->convolution->filters;
  piece p;
  for (long at = done; at < end; at += p.count) {
    p = piece_at(part->convolution, at, end);
    pack_columns(p.count, columns, part->dy + p.image * part->dy_row + p.first * filters + filter, filters,
                 end - done, w->panels + (at - done) * PANEL);
  }
}

// Inputs of a window that follow one another wherever it lies: those of a kernel row, or of one place of it where
// places are apart, or do not all meet the image.
typedef struct {
  long row, column; // of the first in the window
  long inputs;
} window_part;

static window_part window_part_of(const lk_convolution *c, long index, int skips) {
  if (!skips && c->dilation_width == 1)
    return (window_part){index * c->dilation_height, 0, c->kernel_width * c->channels};
  return (window_part){index / c->kernel_width * c->dilation_height, index % c->kernel_width * c->dilation_width,
                       c->channels};
}

// The terms of the first of these inputs: a segment for each part of the block that has any. Of x they are the
// elements behind the block's images or strips.
static void find_terms(const gradient_part *part, const block *b, window_part window, segmented *t,
                       const workspace *w) {
  const lk_grid *grid = &b->grid;
  long filters = part->convolution->filters, apart = grid->right * grid->depth;
  t->segments = w->segments;
  t->count = t->terms = 0;
  for (const lk_row_part *its = w->parts; its < w->parts + b->parts; its++) {
    long from = its->column, to = its->column + its->positions, left;
    if (b->skips) {
      long line = grid->top + its->row * grid->down + window.row, column = grid->left + window.column;
      if (line < 0 || line >= grid->height) continue;
      while (from < to && column + from * grid->right < 0) from++;
      while (from < to && column + (to - 1) * grid->right >= grid->width) to--;
      if (from == to) continue;
      left = its->image * part->x_row + (line * grid->width + column) * grid->depth + from * apart;
    } else {
      left = its->strip + window.row * lk_strip_row(grid) + window.column * grid->depth + from * apart;
    }
    long right = reads_as_it_lies(part)
                   ? its->image * part->dy_row + (its->row * grid->columns + from) * filters
                   : (its->before + from - its->column) * PANEL;
    w->segments[t->count++] = (lk_segment){.left = left, .right = right, .terms = to - from};
    t->terms += to - from;
  }
}

// The sums of some positions of a shard's images, added to the gradient where they are not the first. Of dy as many
// panels are packed as fit the second cache, and a tile of inputs stays in the first while they pass by.
static void gradient_of_block(const gradient_part *part, long done, long end, float *gradient, const workspace *w) {
  const lk_convolution *c = part->convolution;
  block b = block_of(part, done, end, w);
  long apart = b.grid.right * b.grid.depth;
  int gathers = ROUNDS_OPERANDS || (apart >= LK_FAR_POSITIONS && b.grid.depth >= LK_LANES);
  int packs = !reads_as_it_lies(part);
  long group = packs ? lk_panel_columns(end - done, LK_PANELS) : part->filters;
  for (long j = 0; j < part->filters; j += group) {
    long filter = part->first_filter + j, filters = smaller(group, part->filters - j);
    if (packs) pack_block(part, done, end, filter, filters, w);
    for (long s = 0, input = 0; input < lk_inputs(c); s++) {
      window_part window = window_part_of(c, s, b.skips);
      long first = lk_between(part->first_input - input, 0, window.inputs);
      long length = lk_between(part->first_input + part->inputs - input, first, window.inputs) - first;
      long tiles = tile_count(length);
      segmented terms = {.a = b.skips ? part->x : w->strip, .a_row = apart, .times = 1,
                         .start_row = c->filters, .c_row = c->filters, .gathered = w->gathered};
      if (tiles > 0) find_terms(part, &b, window, &terms, w);
      for (long i = 0; i < tiles; i++) {
        segmented t = terms;
        long at = first + tile_begin(length, i, tiles), n = first + tile_begin(length, i + 1, tiles) - at;
        t.a_first = at;
        // Behind a strip there is room for a vector's last elements, behind an image none.
        if (gathers)
          gather_transposed(b.skips ? lk_most(at + LK_LANES - window.inputs, 0) : 0, &t, w->gathered_segments);
        for (long k = 0; k < filters; k += PANEL) {
          t.b = packs ? w->panels + k * (end - done) : part->dy + filter + k;
          t.b_term = packs ? PANEL : c->filters;
          t.c = gradient + (input + at) * c->filters + filter + k;
          t.start = done > 0 ? t.c : NULL;
          segmented_compute(n, smaller(PANEL, filters - k), 1, &t);
        }
      }
      input += window.inputs;
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

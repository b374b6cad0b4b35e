// Depthwise convolutions: a filter a channel, which is not a matrix product. Sixteen channels are a vector, and some
// positions' sums, or some places' of the kernel, stay in registers while the terms pass by.
#include "../lanes.h"
#include "grid.h"

enum { SUMS = 8 };

typedef float unaligned __attribute__((ext_vector_type(LK_LANES), aligned(4)));
#define LOAD(p) (*(const unaligned *)(p))
#define STORE(p, v) (*(unaligned *)(p) = (v))
#define UNROLLED _Pragma("clang loop unroll(full)")

// The first n <= 16 elements, and zeros.
#define LOAD_SOME(p, n) ({ unaligned some = 0.0f; memcpy(&some, (p), (size_t)(n) * sizeof(float)); some; })

// One row of results: `columns` of them, each of `channels` channels. A place of the kernel lies at its offset in the
// strip; its weights, and the start of the sums, are whole vectors.
typedef struct {
  long columns, channels, right;
  long places;
  const long *offsets;
  const float *strip, *weight, *start;
  float *result;
  long result_right;
} depthwise_row;

LK_INLINE void depthwise_sums(const depthwise_row *p, const int n, long column, long channel) {
  long padded = lk_whole_lines(p->channels), here = lk_least(LK_LANES, p->channels - channel);
  unaligned sums[SUMS];
  UNROLLED for (int i = 0; i < n; i++) sums[i] = LOAD(p->start + channel);
  for (long k = 0; k < p->places; k++) {
    unaligned weight = LOAD(p->weight + k * padded + channel);
    const float *x = p->strip + p->offsets[k] + column * p->right + channel;
    UNROLLED for (int i = 0; i < n; i++) sums[i] += LOAD(x + i * p->right) * weight;
  }
  float *y = p->result + column * p->result_right + channel;
  if (here == LK_LANES) {
    UNROLLED for (int i = 0; i < n; i++) STORE(y + i * p->result_right, sums[i]);
  } else {
    UNROLLED for (int i = 0; i < n; i++) memcpy(y + i * p->result_right, &sums[i], (size_t)here * sizeof(float));
  }
}

// The last positions of a row that has enough of them are computed with some before them, twice.
LK_STATIC_KERNEL(void, depthwise_products, (const depthwise_row *p), (p)) {
  for (long channel = 0; channel < p->channels; channel += LK_LANES) {
    if (p->columns < SUMS) {
      for (long column = 0; column < p->columns; column++) depthwise_sums(p, 1, column, channel);
    } else {
      for (long column = 0; column < p->columns; column += SUMS)
        depthwise_sums(p, SUMS, lk_least(column, p->columns - SUMS), channel);
    }
  }
}

// sums [places, channels in whole vectors] = sums + x dy over one row of positions, in their order
typedef struct {
  long columns, channels, right;
  long places;
  const long *offsets;
  const float *strip, *dy;
  long dy_right;
  float *sums;
} depthwise_gradient_row;

LK_INLINE void depthwise_gradient_sums(const depthwise_gradient_row *p, const int n, const int is_whole, long place,
                                       long channel) {
  long padded = lk_whole_lines(p->channels);
  unaligned sums[SUMS];
  UNROLLED for (int k = 0; k < n; k++) sums[k] = LOAD(p->sums + (place + k) * padded + channel);
  for (long i = 0; i < p->columns; i++) {
    const float *from = p->dy + i * p->dy_right + channel, *x = p->strip + i * p->right + channel;
    unaligned dy = is_whole ? LOAD(from) : LOAD_SOME(from, p->channels - channel);
    UNROLLED for (int k = 0; k < n; k++) sums[k] += LOAD(x + p->offsets[place + k]) * dy;
  }
  UNROLLED for (int k = 0; k < n; k++) STORE(p->sums + (place + k) * padded + channel, sums[k]);
}

#define GRADIENT_OF(n) \
  case n: depthwise_gradient_sums(p, n, is_whole, place, channel); break;

LK_INLINE void depthwise_gradient_of(const depthwise_gradient_row *p, const int is_whole, long channel) {
  for (long place = 0; place < p->places; place += SUMS) {
    switch (lk_least(SUMS, p->places - place)) {
      GRADIENT_OF(1) GRADIENT_OF(2) GRADIENT_OF(3) GRADIENT_OF(4) GRADIENT_OF(5) GRADIENT_OF(6) GRADIENT_OF(7)
      GRADIENT_OF(8)
    }
  }
}

LK_STATIC_KERNEL(void, depthwise_gradient_products, (const depthwise_gradient_row *p), (p)) {
  for (long channel = 0; channel < p->channels; channel += LK_LANES) {
    if (channel + LK_LANES <= p->channels)
      depthwise_gradient_of(p, 1, channel);
    else
      depthwise_gradient_of(p, 0, channel);
  }
}

// MARK: Images

// Scratch: the kernel in whole vectors, the start, the kernel's places in a strip, a strip; then gradients that wait.
typedef struct {
  float *weight, *start, *strip, *rest;
  long *offsets;
} workspace;

static long places_of(const lk_convolution *c) { return c->kernel_height * c->kernel_width; }
static long kernel_elements(const lk_convolution *c) { return places_of(c) * lk_whole_lines(c->channels); }
static long offset_elements(const lk_convolution *c) {
  return lk_whole_lines(places_of(c) * (long)(sizeof(long) / sizeof(float)));
}
// Of fewer channels a strip may have more rows. A vector of the last channels is read whole.
static long strip_elements(const lk_convolution *c) {
  return lk_whole_lines(lk_most(LK_STRIP, lk_most_strips(c)) + LK_LANES);
}

static workspace workspace_in(float *scratch, const lk_convolution *c) {
  workspace w = {.weight = scratch};
  w.start = w.weight + kernel_elements(c);
  float *offsets = w.start + lk_whole_lines(c->channels);
  w.offsets = (long *)(void *)offsets;
  w.strip = offsets + offset_elements(c);
  w.rest = w.strip + strip_elements(c);
  return w;
}

long lk_depthwise_scratch(const lk_convolution *c, long shards) {
  long waiting = 1;
  for (long nodes = shards - 1; nodes > 0; nodes /= 2) waiting += 1;
  return (1 + waiting) * kernel_elements(c) + lk_whole_lines(c->channels) + offset_elements(c) + strip_elements(c);
}

// Some channels' place of a kernel, in whole vectors.
static void copy_place(const lk_convolution *c, const float *weight, long place, long first, long channels, float *to) {
  memset(to, 0, (size_t)lk_whole_lines(channels) * sizeof(float));
  memcpy(to, weight + place * c->channels + first, (size_t)channels * sizeof(float));
}

// One image, `places` of the kernel in the scratch; the grid reads the part's channels.
static void depthwise_image(const lk_grid *grid, long places, const float *image, const lk_finish *finish,
                            float *result, long offset, const workspace *w) {
  long most = lk_strip_rows(grid), strips = (grid->rows + most - 1) / most, row = lk_strip_row(grid);
  depthwise_row p = {.columns = grid->columns, .channels = grid->depth, .right = grid->right * grid->depth};
  p.places = places;
  p.offsets = w->offsets;
  p.weight = w->weight;
  p.start = w->start;
  p.result_right = grid->result_right;
  for (long s = 0; s < strips; s++) {
    long first = grid->rows * s / strips, end = grid->rows * (s + 1) / strips;
    if (places > 0) lk_copy_strip(grid, image, first, end - first, w->strip);
    for (long r = first; r < end; r++) {
      p.strip = w->strip + (r - first) * grid->down * row;
      p.result = result + offset + r * grid->result_down;
      depthwise_products(&p);
      lk_finish_positions(finish, grid->columns, grid->depth, grid->result_right, result, offset + r * grid->result_down);
    }
  }
}

// The grid of the part's channels.
static lk_grid channels_of(lk_grid grid, long channels) {
  grid.apart = grid.depth;
  grid.depth = channels;
  return grid;
}

static void forward_offsets(const lk_convolution *c, const lk_grid *grid, long *offsets) {
  for (long k = 0; k < places_of(c); k++)
    offsets[k] = k / c->kernel_width * c->dilation_height * lk_strip_row(grid) +
                 k % c->kernel_width * c->dilation_width * grid->depth;
}

void lk_depthwise_convolve(const lk_convolution *c, long images, const float *x, long x_row, const float *weight,
                           const float *bias, long first_channel, long channels, const lk_finish *finish, float *y,
                           long y_row, float *scratch) {
  if (channels == 0) return;
  workspace w = workspace_in(scratch, c);
  lk_grid grid = channels_of(lk_forward_grid(c), channels);
  forward_offsets(c, &grid, w.offsets);
  for (long k = 0; k < places_of(c); k++)
    copy_place(c, weight, k, first_channel, channels, w.weight + k * lk_whole_lines(channels));
  memset(w.start, 0, (size_t)lk_whole_lines(channels) * sizeof(float));
  if (bias) memcpy(w.start, bias + first_channel, (size_t)channels * sizeof(float));
  for (long i = 0; i < images; i++)
    depthwise_image(&grid, places_of(c), x + i * x_row + first_channel, finish, y, i * y_row + first_channel, &w);
}

void lk_depthwise_input_gradient(const lk_convolution *c, long images, const float *dy, long dy_row,
                                 const float *weight, long first_channel, long channels, const lk_finish *finish,
                                 float *dx, long dx_row, float *scratch) {
  if (channels == 0) return;
  workspace w = workspace_in(scratch, c);
  memset(w.start, 0, (size_t)lk_whole_lines(channels) * sizeof(float));
  lk_axis rows = lk_rows_of(c), columns = lk_columns_of(c);
  for (long row = 0; row < lk_phases(&rows); row++) {
    for (long column = 0; column < lk_phases(&columns); column++) {
      lk_grid grid = channels_of(lk_phase_grid(c, row, column), channels);
      long places = 0;
      for (long k = 0; k < places_of(c); k++) {
        long down = k / c->kernel_width, right = k % c->kernel_width;
        if (!lk_is_seen(&rows, row, down) || !lk_is_seen(&columns, column, right)) continue;
        w.offsets[places] = (lk_position(&rows, row, down) - grid.top) * lk_strip_row(&grid) +
                            (lk_position(&columns, column, right) - grid.left) * channels;
        copy_place(c, weight, k, first_channel, channels, w.weight + places++ * lk_whole_lines(channels));
      }
      for (long i = 0; i < images; i++)
        depthwise_image(&grid, places, dy + i * dy_row + first_channel, finish, dx,
                        i * dx_row + grid.result + first_channel, &w);
    }
  }
}

// The shards' sums wait in a stack, as those of a convolution do.
void lk_depthwise_weight_gradient(const lk_convolution *c, long shards, const long *shard_images, const float *x,
                                  long x_row, const float *dy, long dy_row, long first_channel, long channels,
                                  float *gradient, float *scratch) {
  if (channels == 0) return;
  workspace w = workspace_in(scratch, c);
  lk_grid grid = channels_of(lk_forward_grid(c), channels);
  forward_offsets(c, &grid, w.offsets);
  long elements = places_of(c) * lk_whole_lines(channels), open = 0;
  depthwise_gradient_row p = {.columns = grid.columns, .channels = channels, .right = grid.right * channels};
  p.places = places_of(c);
  p.offsets = w.offsets;
  p.dy_right = c->channels;
  long most = lk_strip_rows(&grid), strips = (grid.rows + most - 1) / most;
  for (long shard = 0; shard < shards; shard++) {
    p.sums = w.rest + open++ * elements;
    memset(p.sums, 0, (size_t)elements * sizeof(float));
    for (long i = 0; i < shard_images[shard]; i++, x += x_row, dy += dy_row) {
      for (long s = 0; s < strips; s++) {
        long first = grid.rows * s / strips, end = grid.rows * (s + 1) / strips;
        lk_copy_strip(&grid, x + first_channel, first, end - first, w.strip);
        for (long r = first; r < end; r++) {
          p.strip = w.strip + (r - first) * grid.down * lk_strip_row(&grid);
          p.dy = dy + r * grid.columns * c->channels + first_channel;
          depthwise_gradient_products(&p);
        }
      }
    }
    long merged = shard + 1 == shards ? open - 1 : __builtin_ctzl((unsigned long)shard + 1);
    for (; merged > 0; merged--, open--) {
      float *last = w.rest + (open - 1) * elements;
      lk_add(elements, last - elements, last, last - elements);
    }
  }
  for (long k = 0; k < places_of(c); k++)
    memcpy(gradient + k * c->channels + first_channel, w.rest + k * lk_whole_lines(channels),
           (size_t)channels * sizeof(float));
}

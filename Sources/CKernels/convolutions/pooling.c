// Pooling over windows of an image. Only pixels of the image are looked at, a window's in the order of its rows and
// columns; every window has one. Sixteen channels are a vector; of the channels left over eight, four, or one.
#include "../lanes.h"
#include "grid.h"

// A window's pixels inside the image: rows from `row` to `row_end`, columns likewise.
typedef struct {
  long row, row_end, column, column_end;
} window;

// Where positions from first to end, a stride apart, lie inside 0 ..< limit.
LK_INLINE void inside(long start, long kernel, long limit, long *first, long *end) {
  *first = lk_most(start, 0);
  *end = lk_least(start + kernel, limit);
}

LK_INLINE window window_at(const lk_convolution *c, long row, long column) {
  window w;
  inside(row * c->stride_height - c->before_height, c->kernel_height, c->height, &w.row, &w.row_end);
  inside(column * c->stride_width - c->before_width, c->kernel_width, c->width, &w.column, &w.column_end);
  return w;
}

typedef float lk_f32x8 __attribute__((ext_vector_type(8)));
typedef float lk_f32x4 __attribute__((ext_vector_type(4)));

// The first n elements: sixteen, eight, four or one, known when this is compiled; the other lanes are anything.
#define LOAD_SOME(p, n) \
  ({ \
    lk_f32x16 some; \
    lk_f32x8 eight; \
    lk_f32x4 four; \
    switch (n) { \
    case 16: memcpy(&some, (p), sizeof some); break; \
    case 8: \
      memcpy(&eight, (p), sizeof eight); \
      some = __builtin_shufflevector(eight, eight, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7); \
      break; \
    case 4: \
      memcpy(&four, (p), sizeof four); \
      some = __builtin_shufflevector(four, four, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3); \
      break; \
    default: some = *(p); \
    } \
    some; \
  })
#define STORE_SOME(p, n, v) \
  do { \
    lk_f32x16 some = (v); \
    memcpy((p), &some, (size_t)(n) * sizeof(float)); \
  } while (0)

#define EACH_POSITION(c, row, column) \
  for (long row = 0; row < (c)->output_height; row++) \
    for (long column = 0; column < (c)->output_width; column++)

// pass(n, height, width, first of n channels, …) of every vector of channels, with n known when it is compiled, and so
// the window's height and width where they are the usual ones.
#define EACH_VECTOR(w, first_channel, channels, pass, ...) \
  do { \
    long at = (first_channel), end = (first_channel) + (channels); \
    long height = (w).row_end - (w).row, width = (w).column_end - (w).column; \
    for (; at + 16 <= end; at += 16) { \
      if (height == 2 && width == 2) \
        pass(16, 2, 2, at, __VA_ARGS__); \
      else if (height == 3 && width == 3) \
        pass(16, 3, 3, at, __VA_ARGS__); \
      else \
        pass(16, height, width, at, __VA_ARGS__); \
    } \
    for (; at + 8 <= end; at += 8) pass(8, height, width, at, __VA_ARGS__); \
    for (; at + 4 <= end; at += 4) pass(4, height, width, at, __VA_ARGS__); \
    for (; at < end; at++) pass(1, height, width, at, __VA_ARGS__); \
  } while (0)

// Whether no pixel has two windows, so that what it gets of one is all.
LK_INLINE int is_disjoint(const lk_convolution *c) {
  return c->stride_height >= c->kernel_height && c->stride_width >= c->kernel_width;
}

// Zeros, where not every pixel is written for its one window.
static void clear_channels(const lk_convolution *c, long first_channel, long channels, float *image) {
  long pixels = c->height * c->width;
  if (c->stride_height == c->kernel_height && c->stride_width == c->kernel_width &&
      c->output_height * c->stride_height - c->before_height >= c->height &&
      c->output_width * c->stride_width - c->before_width >= c->width)
    return;
  if (channels == c->channels) {
    memset(image, 0, (size_t)(pixels * channels) * sizeof(float));
    return;
  }
  for (long i = 0; i < pixels; i++)
    memset(image + i * c->channels + first_channel, 0, (size_t)channels * sizeof(float));
}

// The largest of a window, whose rows are `down` elements apart and columns `right`. The first of equals stays, and so
// does the first NaN.
LK_INLINE void largest_of(int n, long height, long width, long at, long down, long right, const float *x, float *y) {
  lk_f32x16 largest = LOAD_SOME(x + at, n);
  for (long row = 0; row < height; row++)
    for (long column = 0; column < width; column++) {
      lk_f32x16 other = LOAD_SOME(x + row * down + column * right + at, n);
      lk_i32x16 wins = ~(other <= largest) & (largest == largest);
      largest = LK_SELECT(wins, largest, other);
    }
  STORE_SOME(y + at, n, largest);
}

LK_KERNEL(void, lk_max_pool, (const lk_convolution *c, long images, const float *x, long x_row, long first_channel,
                              long channels, float *y, long y_row),
          (c, images, x, x_row, first_channel, channels, y, y_row)) {
  long right = c->channels, down = c->width * right;
  for (long i = 0; i < images; i++, x += x_row, y += y_row) {
    EACH_POSITION(c, row, column) {
      window w = window_at(c, row, column);
      EACH_VECTOR(w, first_channel, channels, largest_of, down, right, x + w.row * down + w.column * right,
                  y + (row * c->output_width + column) * right);
    }
  }
}

// dx of a window's pixels += the gradient where the pixel is the first that has the window's value.
LK_INLINE void hand_to_largest(int n, long height, long width, long at, long down, long right, int disjoint,
                               const float *x, const float *y, const float *dy, float *dx) {
  lk_f32x16 value = LOAD_SOME(y + at, n), gradient = LOAD_SOME(dy + at, n), zero = 0.0f;
  lk_i32x16 found = 0;
  for (long row = 0; row < height; row++)
    for (long column = 0; column < width; column++) {
      long pixel = row * down + column * right + at;
      lk_f32x16 other = LOAD_SOME(x + pixel, n);
      lk_i32x16 won = ((other == value) | ((other != other) & (value != value))) & ~found;
      lk_f32x16 handed = LK_SELECT(won, zero, gradient);
      STORE_SOME(dx + pixel, n, disjoint ? handed : LOAD_SOME(dx + pixel, n) + handed);
      found |= won;
    }
}

// Elements of gradients that are finished at a time.
enum { LK_FINISHED = 1024 };

// Where no pixel has two windows, what a window hands on is finished before: its largest pixel has the window's value,
// and the others get zero, which stays zero.
LK_KERNEL(void, lk_max_pool_backward, (const lk_convolution *c, long images, const float *x, long x_row,
                                       const float *y, const float *dy, long y_row, long first_channel, long channels,
                                       const lk_finish *finish, float *gradient, long dx_row),
          (c, images, x, x_row, y, dy, y_row, first_channel, channels, finish, gradient, dx_row)) {
  long right = c->channels, down = c->width * right;
  int disjoint = is_disjoint(c), before = finish && disjoint && channels == right && channels <= LK_FINISHED;
  long together = before ? LK_FINISHED / channels : c->output_width;
  float finished[LK_FINISHED], *dx = gradient;
  for (long i = 0; i < images; i++, x += x_row, y += y_row, dy += y_row, dx += dx_row) {
    clear_channels(c, first_channel, channels, dx);
    for (long row = 0; row < c->output_height; row++) {
      for (long first = 0; first < c->output_width; first += together) {
        long end = lk_least(first + together, c->output_width), start = (row * c->output_width + first) * right;
        const float *handed = dy + start;
        if (before) {
          lk_activation_backward(finish->function, finish->parameter, (end - first) * right, y + start, y + start,
                                 handed, finished);
          handed = finished;
        }
        for (long column = first; column < end; column++, handed += right) {
          window w = window_at(c, row, column);
          long begin = w.row * down + w.column * right;
          EACH_VECTOR(w, first_channel, channels, hand_to_largest, down, right, disjoint, x + begin,
                      y + (row * c->output_width + column) * right, handed, dx + begin);
        }
      }
    }
    if (!before)
      lk_finish_positions(finish, c->height * c->width, channels, right, gradient, i * dx_row + first_channel);
  }
}

// By a power of two it may be multiplied by the inverse, which is as exact.
#define DIVIDED(v, count) \
  (((count) & ((count) - 1)) == 0 ? (v) * (1.0f / (float)(count)) : (v) / (float)(count))

LK_INLINE void average_of(int n, long height, long width, long at, long down, long right, const float *x, float *y) {
  lk_f32x16 sum = 0.0f;
  for (long row = 0; row < height; row++) {
    lk_f32x16 of_line = 0.0f;
    for (long column = 0; column < width; column++) of_line += LOAD_SOME(x + row * down + column * right + at, n);
    sum += of_line;
  }
  STORE_SOME(y + at, n, DIVIDED(sum, height * width));
}

LK_KERNEL(void, lk_average_pool, (const lk_convolution *c, long images, const float *x, long x_row, long first_channel,
                                  long channels, float *y, long y_row),
          (c, images, x, x_row, first_channel, channels, y, y_row)) {
  long right = c->channels, down = c->width * right;
  for (long i = 0; i < images; i++, x += x_row, y += y_row) {
    EACH_POSITION(c, row, column) {
      window w = window_at(c, row, column);
      EACH_VECTOR(w, first_channel, channels, average_of, down, right, x + w.row * down + w.column * right,
                  y + (row * c->output_width + column) * right);
    }
  }
}

LK_INLINE void hand_to_all(int n, long height, long width, long at, long down, long right, int disjoint,
                           const float *dy, float *dx) {
  lk_f32x16 gradient = LOAD_SOME(dy + at, n), zero = 0.0f, share = DIVIDED(gradient, height * width);
  for (long row = 0; row < height; row++)
    for (long column = 0; column < width; column++) {
      long pixel = row * down + column * right + at;
      lk_f32x16 before = disjoint ? zero : LOAD_SOME(dx + pixel, n);
      STORE_SOME(dx + pixel, n, before + share);
    }
}

LK_KERNEL(void, lk_average_pool_backward, (const lk_convolution *c, long images, const float *dy, long dy_row,
                                           long first_channel, long channels, const lk_finish *finish, float *gradient,
                                           long dx_row),
          (c, images, dy, dy_row, first_channel, channels, finish, gradient, dx_row)) {
  long right = c->channels, down = c->width * right;
  int disjoint = is_disjoint(c);
  float *dx = gradient;
  for (long i = 0; i < images; i++, dy += dy_row, dx += dx_row) {
    clear_channels(c, first_channel, channels, dx);
    EACH_POSITION(c, row, column) {
      window w = window_at(c, row, column);
      EACH_VECTOR(w, first_channel, channels, hand_to_all, down, right, disjoint,
                  dy + (row * c->output_width + column) * right, dx + w.row * down + w.column * right);
    }
    lk_finish_positions(finish, c->height * c->width, channels, right, gradient, i * dx_row + first_channel);
  }
}

// Pooling over windows of an image. Only pixels of the image are looked at, a window's in the order of its rows and
// columns; every window has one. Sixteen channels are a vector.
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

// The first n <= 16 elements, and zeros.
#define LOAD_SOME(p, n) \
  ({ \
    lk_f32x16 some = 0.0f; \
    if ((n) == LK_LANES) \
      memcpy(&some, (p), sizeof some); \
    else \
      memcpy(&some, (p), (size_t)(n) * sizeof(float)); \
    some; \
  })
#define STORE_SOME(p, n, v) \
  do { \
    lk_f32x16 some = (v); \
    if ((n) == LK_LANES) \
      memcpy((p), &some, sizeof some); \
    else \
      memcpy((p), &some, (size_t)(n) * sizeof(float)); \
  } while (0)

#define EACH_POSITION(c, row, column) \
  for (long row = 0; row < (c)->output_height; row++) \
    for (long column = 0; column < (c)->output_width; column++)

// Vectors of channels: the first channel, and how many.
#define EACH_VECTOR(first_channel, channels, at, n) \
  for (long at = (first_channel), n; n = lk_least(LK_LANES, (first_channel) + (channels) - at), n > 0; at += n)

#define EACH_PIXEL(c, w, at, pixel) \
  for (long pixel##_row = (w).row; pixel##_row < (w).row_end; pixel##_row++) \
    for (long pixel = (pixel##_row * (c)->width + (w).column) * (c)->channels + (at), \
              pixel##_end = pixel + ((w).column_end - (w).column) * (c)->channels; \
         pixel < pixel##_end; pixel += (c)->channels)

static void clear_channels(const lk_convolution *c, long first_channel, long channels, float *image) {
  for (long i = 0; i < c->height * c->width; i++)
    memset(image + i * c->channels + first_channel, 0, (size_t)channels * sizeof(float));
}

LK_KERNEL(void, lk_max_pool, (const lk_convolution *c, long images, const float *x, long x_row, long first_channel,
                              long channels, float *y, long y_row),
          (c, images, x, x_row, first_channel, channels, y, y_row)) {
  for (long i = 0; i < images; i++, x += x_row, y += y_row) {
    EACH_POSITION(c, row, column) {
      window w = window_at(c, row, column);
      float *result = y + (row * c->output_width + column) * c->channels;
      EACH_VECTOR(first_channel, channels, at, n) {
        lk_f32x16 largest = -__builtin_inff();
        // The first of equals stays, and so does the first NaN.
        EACH_PIXEL(c, w, at, pixel) {
          lk_f32x16 other = LOAD_SOME(x + pixel, n);
          lk_i32x16 wins = (other > largest) | ((other != other) & (largest == largest));
          largest = LK_SELECT(wins, largest, other);
        }
        STORE_SOME(result + at, n, largest);
      }
    }
  }
}

LK_KERNEL(void, lk_max_pool_backward, (const lk_convolution *c, long images, const float *x, long x_row,
                                       const float *y, const float *dy, long y_row, long first_channel, long channels,
                                       float *dx, long dx_row),
          (c, images, x, x_row, y, dy, y_row, first_channel, channels, dx, dx_row)) {
  for (long i = 0; i < images; i++, x += x_row, y += y_row, dy += y_row, dx += dx_row) {
    clear_channels(c, first_channel, channels, dx);
    EACH_POSITION(c, row, column) {
      window w = window_at(c, row, column);
      long position = (row * c->output_width + column) * c->channels;
      EACH_VECTOR(first_channel, channels, at, n) {
        lk_f32x16 value = LOAD_SOME(y + position + at, n), gradient = LOAD_SOME(dy + position + at, n);
        lk_i32x16 found = 0;
        EACH_PIXEL(c, w, at, pixel) {
          lk_f32x16 other = LOAD_SOME(x + pixel, n);
          lk_i32x16 won = ((other == value) | ((other != other) & (value != value))) & ~found;
          STORE_SOME(dx + pixel, n, LOAD_SOME(dx + pixel, n) + LK_SELECT(won, (lk_f32x16)0.0f, gradient));
          found |= won;
        }
      }
    }
  }
}

LK_KERNEL(void, lk_average_pool, (const lk_convolution *c, long images, const float *x, long x_row, long first_channel,
                                  long channels, float *y, long y_row),
          (c, images, x, x_row, first_channel, channels, y, y_row)) {
  for (long i = 0; i < images; i++, x += x_row, y += y_row) {
    EACH_POSITION(c, row, column) {
      window w = window_at(c, row, column);
      float count = (float)((w.row_end - w.row) * (w.column_end - w.column));
      float *result = y + (row * c->output_width + column) * c->channels;
      EACH_VECTOR(first_channel, channels, at, n) {
        lk_f32x16 sum = 0.0f;
        for (long line = w.row; line < w.row_end; line++) {
          window its = {line, line + 1, w.column, w.column_end};
          lk_f32x16 of_line = 0.0f;
          EACH_PIXEL(c, its, at, pixel) of_line += LOAD_SOME(x + pixel, n);
          sum += of_line;
        }
        STORE_SOME(result + at, n, sum / count);
      }
    }
  }
}

LK_KERNEL(void, lk_average_pool_backward, (const lk_convolution *c, long images, const float *dy, long dy_row,
                                           long first_channel, long channels, float *dx, long dx_row),
          (c, images, dy, dy_row, first_channel, channels, dx, dx_row)) {
  for (long i = 0; i < images; i++, dy += dy_row, dx += dx_row) {
    clear_channels(c, first_channel, channels, dx);
    EACH_POSITION(c, row, column) {
      window w = window_at(c, row, column);
      float count = (float)((w.row_end - w.row) * (w.column_end - w.column));
      long position = (row * c->output_width + column) * c->channels;
      EACH_VECTOR(first_channel, channels, at, n) {
        lk_f32x16 share = LOAD_SOME(dy + position + at, n) / count;
        EACH_PIXEL(c, w, at, pixel) STORE_SOME(dx + pixel, n, LOAD_SOME(dx + pixel, n) + share);
      }
    }
  }
}

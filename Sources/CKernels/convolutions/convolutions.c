// Chooses the convolutions of the machine's instruction set; a kernel of one place is a matrix product over positions.
#include "CKernelsConvolutions.h"
#include "grid.h"

#include <stddef.h>

extern const lk_convolutions lk_convolutions_base, lk_bfloat16_convolutions_base;
#ifdef __x86_64__
extern const lk_convolutions lk_convolutions_v3, lk_bfloat16_convolutions_v3;
extern const lk_convolutions lk_convolutions_v4, lk_bfloat16_convolutions_v4;
#endif

static const lk_convolutions *of(lk_instructions set, lk_precision precision) {
  int rounds = precision == LK_BFLOAT16_PRODUCTS;
#ifdef __x86_64__
  if (set >= LK_X86_64_V4) return rounds ? &lk_bfloat16_convolutions_v4 : &lk_convolutions_v4;
  if (set == LK_X86_64_V3) return rounds ? &lk_bfloat16_convolutions_v3 : &lk_convolutions_v3;
#endif
  (void)set;
  return rounds ? &lk_bfloat16_convolutions_base : &lk_convolutions_base;
}

const lk_convolutions *lk_convolutions_of(lk_instructions set, lk_precision precision) {
  return lk_has(set) ? of(set, precision) : NULL;
}

// Whether output position and pixel are one, so that its window is that pixel.
static int is_product(const lk_convolution *c) {
  return c->kernel_height == 1 && c->kernel_width == 1 && c->stride_height == 1 && c->stride_width == 1 &&
         c->before_height == 0 && c->before_width == 0 && c->output_height == c->height && c->output_width == c->width;
}

// Images that are one run of pixels on both sides are one matrix.
static long images_together(const lk_convolution *c, long images, long x_row, long y_row) {
  long pixels = c->height * c->width;
  return x_row == pixels * c->channels && y_row == pixels * c->filters ? images : 1;
}

long lk_convolution_scratch(lk_precision precision, const lk_convolution *c, long shards) {
  lk_convolution_parts parts = lk_parts(c);
  long elements = parts.panels + parts.strip + parts.segments + parts.gathered;
  for (long nodes = shards - 1; nodes > 0; nodes /= 2) elements += lk_waiting_gradient(c);
  return lk_most(elements, lk_product_scratch(precision));
}

void lk_convolve(lk_precision precision, const lk_convolution *c, long images, const float *x, long x_row,
                 const float *weight, const float *bias, long first_filter, long filters, const lk_finish *finish,
                 float *y, long y_row, float *scratch) {
  if (!is_product(c)) {
    of(lk_running(), precision)->forward(c, images, x, x_row, weight, bias, first_filter, filters, finish, y, y_row,
                                         scratch);
    return;
  }
  long together = images_together(c, images, x_row, y_row);
  for (long i = 0; i < images; i += together)
    lk_product(precision, together * c->height * c->width, c->channels, filters, x + i * x_row, c->channels,
               weight + first_filter, c->filters, bias ? bias + first_filter : NULL, finish,
               y + i * y_row + first_filter, c->filters, scratch);
}

void lk_convolve_input_gradient(lk_precision precision, const lk_convolution *c, long images, const float *dy,
                                long dy_row, const float *weight, long first_channel, long channels,
                                const lk_finish *finish, float *dx, long dx_row, float *scratch) {
  if (!is_product(c)) {
    of(lk_running(), precision)->input_gradient(c, images, dy, dy_row, weight, first_channel, channels, finish, dx,
                                                dx_row, scratch);
    return;
  }
  long together = images_together(c, images, dx_row, dy_row);
  for (long i = 0; i < images; i += together) {
    long offset = i * dx_row + first_channel;
    lk_finish here = finish ? *finish : (lk_finish){0};
    if (here.value) here.value += offset;
    lk_product_transposed(precision, together * c->height * c->width, c->filters, channels, dy + i * dy_row, c->filters,
                          weight + first_channel * c->filters, c->filters, finish ? &here : NULL, dx + offset,
                          c->channels, scratch);
  }
}

void lk_convolve_weight_gradient(lk_precision precision, const lk_convolution *c, long shards, const long *shard_images,
                                 const float *x, long x_row, const float *dy, long dy_row, long first_input,
                                 long inputs, long first_filter, long filters, float *gradient, uint32_t *largest,
                                 float *scratch) {
  of(lk_running(), precision)->weight_gradient(c, shards, shard_images, x, x_row, dy, dy_row, first_input, inputs,
                                               first_filter, filters, gradient, largest, scratch);
}

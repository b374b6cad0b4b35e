// Convolutions and pooling of images. An image is [height, width, channels], channels last, a row of a matrix of images
// whose rows are `…_row` elements apart. See CKernels.h for what holds of all kernels.
//
// Outside an image there are zeros. They are terms like others, except in float32's sums over pixels that have eight
// elements or more (of x its channels, of dy its filters): those leave them out, which is faster, and shows in a bit
// only where an operand is not finite or a sum is -0. A sum's terms are in the order of its window: kernel row, kernel
// column, and within them channel or filter. So an element's bits follow from its own window alone: images, filters and
// channels may be dealt out to anybody.
#ifndef LOCKSTEP_KERNELS_CONVOLUTIONS_H
#define LOCKSTEP_KERNELS_CONVOLUTIONS_H

#include "CKernels.h"
#include "CKernelsCPU.h"

#ifdef __cplusplus
extern "C" {
#endif

// Output (row, column) sees input (row * stride + kernel row * dilation - before, …). Kernels, strides and dilations
// are at least 1. Of a depthwise convolution and of pooling the filters are the channels.
typedef struct {
  long height, width;                   // of an image
  long output_height, output_width;     // of what is made of it
  long kernel_height, kernel_width;
  long stride_height, stride_width;
  long dilation_height, dilation_width; // pixels from one kernel row or column to the next
  long before_height, before_width;     // rows and columns of zeros before the first pixel
  long channels, filters;
} lk_convolution;

// MARK: Convolutions. weight [kernel height, kernel width, channels, filters], y and dy [output height, output width,
// filters]. The chains, and `precision`, are those of the matrix products; `scratch` is aligned to 64 bytes.

// y = bias + x * weight, then finished, of the filters from first_filter on; bias, of all filters, or NULL for zeros;
// finish may be NULL
void lk_convolve(lk_precision precision, const lk_convolution *convolution, long images, const float *x, long x_row,
                 const float *weight, const float *bias, long first_filter, long filters, const lk_finish *finish,
                 float *y, long y_row, float *scratch);
// dx = the gradient of x, then finished, of the channels from first_channel on: a sum over the places of the kernel
// that some position has there, of dy * weight, dy being zero outside its grid. finish->value is as dx.
void lk_convolve_input_gradient(lk_precision precision, const lk_convolution *convolution, long images,
                                const float *dy, long dy_row, const float *weight, long first_channel, long channels,
                                const lk_finish *finish, float *dx, long dx_row, float *scratch);
// gradient = tree over the shards (that of lk_tree_sum) of the weight's gradient, a shard's a sum over its images and
// their positions in order: of the filters from first_filter on, and of the inputs from first_input on, an input being
// a (kernel row, kernel column, channel). Shard s has shard_images[s] images. `largest` as of lk_weight_gradient.
void lk_convolve_weight_gradient(lk_precision precision, const lk_convolution *convolution, long shards,
                                 const long *shard_images, const float *x, long x_row, const float *dy, long dy_row,
                                 long first_input, long inputs, long first_filter, long filters, float *gradient,
                                 uint32_t *largest, float *scratch);
// Scratch elements of all three, for weight gradients of at most so many shards.
long lk_convolution_scratch(lk_precision precision, const lk_convolution *convolution, long shards);

// The same of one instruction set.
typedef struct {
  void (*forward)(const lk_convolution *convolution, long images, const float *x, long x_row, const float *weight,
                  const float *bias, long first_filter, long filters, const lk_finish *finish, float *y, long y_row,
                  float *scratch);
  void (*input_gradient)(const lk_convolution *convolution, long images, const float *dy, long dy_row,
                         const float *weight, long first_channel, long channels, const lk_finish *finish, float *dx,
                         long dx_row, float *scratch);
  void (*weight_gradient)(const lk_convolution *convolution, long shards, const long *shard_images, const float *x,
                          long x_row, const float *dy, long dy_row, long first_input, long inputs, long first_filter,
                          long filters, float *gradient, uint32_t *largest, float *scratch);
} lk_convolutions;

// NULL where this processor does not have the set.
const lk_convolutions *lk_convolutions_of(lk_instructions set, lk_precision precision);

// MARK: Depthwise convolutions: a filter a channel, weight [kernel height, kernel width, channels], of the channels
// from first_channel on. One chain of float32 multiply-adds an element, over kernel row and column, or over a shard's
// images and positions. They are no matrix products, which a precision is about.

// y = bias + x * weight, then finished; bias may be NULL for zeros, and finish NULL
void lk_depthwise_convolve(const lk_convolution *convolution, long images, const float *x, long x_row,
                           const float *weight, const float *bias, long first_channel, long channels,
                           const lk_finish *finish, float *y, long y_row, float *scratch);
void lk_depthwise_input_gradient(const lk_convolution *convolution, long images, const float *dy, long dy_row,
                                 const float *weight, long first_channel, long channels, const lk_finish *finish,
                                 float *dx, long dx_row, float *scratch);
void lk_depthwise_weight_gradient(const lk_convolution *convolution, long shards, const long *shard_images,
                                  const float *x, long x_row, const float *dy, long dy_row, long first_channel,
                                  long channels, float *gradient, float *scratch);
// Scratch elements of all three, for weight gradients of at most so many shards.
long lk_depthwise_scratch(const lk_convolution *convolution, long shards);

// MARK: Pooling, of the channels from first_channel on. Pixels outside the image are not looked at; every window has
// one inside. Dilations are 1.

// y = the largest of the window; a NaN is larger than all numbers.
void lk_max_pool(const lk_convolution *convolution, long images, const float *x, long x_row, long first_channel,
                 long channels, float *y, long y_row);
// dx = the sum of dy over the windows, in the order of their positions, in which the pixel is the first of the largest;
// then finished, as an input gradient is
void lk_max_pool_backward(const lk_convolution *convolution, long images, const float *x, long x_row, const float *y,
                          const float *dy, long y_row, long first_channel, long channels, const lk_finish *finish,
                          float *dx, long dx_row);
// y = the sums of the window's rows, added, over the number of its pixels
void lk_average_pool(const lk_convolution *convolution, long images, const float *x, long x_row, long first_channel,
                     long channels, float *y, long y_row);
// dx = the sum over the windows that have the pixel, in the order of their positions, of dy over their pixels' number;
// then finished
void lk_average_pool_backward(const lk_convolution *convolution, long images, const float *dy, long dy_row,
                              long first_channel, long channels, const lk_finish *finish, float *dx, long dx_row);

#ifdef __cplusplus
}
#endif
#endif

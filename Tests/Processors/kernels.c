// Runs every kernel over fixed data and prints a hash of what each gives: two processors that print the same lines give
// the same bits. tools/processors builds it for several and compares.
// usage: kernels [INSTRUCTION SET]
#include "CKernels.h"
#include "CKernelsConvolutions.h"
#include "CKernelsData.h"
#include "CKernelsPictures.h"
#include "CKernelsProducts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// MARK: What is hashed

static uint64_t hash;

static void take_word(uint64_t word) {
  for (int byte = 0; byte < 8; byte++, word >>= 8) hash = (hash ^ (word & 0xFF)) * 0x100000001B3u;
}

// A NaN's sign and payload are no result: a run that meets one stops.
static void take(long n, const float *x) {
  for (long i = 0; i < n; i++) {
    uint32_t bits;
    memcpy(&bits, x + i, sizeof bits);
    take_word(x[i] != x[i] ? 0x7FC00000u : bits);
  }
}

static void take_double(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  take_word(x != x ? 0x7FF8000000000000u : bits);
}

static void begin(void) { hash = 0xCBF29CE484222325u; }
static void end(const char *name) { printf("%-34s %016llx\n", name, (unsigned long long)hash); }

// MARK: Data

enum { MEMORY = 1 << 22 };
static float *memory;
static long used;
static uint32_t drawn;

// Memory for n floats that begins with a line of the cache.
static float *zeros(long n) {
  float *x = memory + used;
  used += (n + 79) / 64 * 64;
  if (used > MEMORY) abort();
  memset(x, 0, (size_t)n * sizeof *x);
  return x;
}

static float *normal(long n, float scale) {
  float *x = zeros(n);
  lk_stream stream = {{7, 11}, {drawn++, 3, 5}};
  lk_random_normal(stream, n, x);
  for (long i = 0; i < n; i++) x[i] *= scale;
  return x;
}

static float *magnitudes(long n, float scale) {
  float *x = normal(n, scale);
  for (long i = 0; i < n; i++) x[i] = fabsf(x[i]);
  return x;
}

static void forget(void) { used = 0; }

// Numbers as they are, large and small ones, and such that products of two are denormal, or they themselves.
static const float SCALES[] = {1.0f, 30.0f, 0x1p60f, 0x1p-40f, 0x1p-63f, 0x1p-70f, 0x1p-125f, 0x1p-140f};
#define EACH_SCALE(scale) \
  for (int scale##_i = 0; scale##_i < 8; scale##_i++, forget()) \
    for (float scale = SCALES[scale##_i], *scale##_once = memory; scale##_once; scale##_once = NULL)

// MARK: Kernels

// Just below the smallest normal number before it is rounded, and that number after: processors that flush denormals
// do not agree on it.
static void example(void) {
  begin();
  float a = (1 + 0x1p-13f) * 0x1p-63f, b = (1 - 0x1p-13f) * 0x1p-63f, c;
  lk_multiply(1, &a, &b, &c);
  take(1, &c);
  lk_product(LK_FLOAT32, 1, 1, 1, &a, 1, &b, 1, NULL, NULL, &c, 1, zeros(lk_product_scratch(LK_FLOAT32)));
  take(1, &c);
  forget();
  end("the smallest normal number");
}

// In bfloat16's chains denormals are zero, a number being denormal if it is one once it is rounded to 24 bits: half of
// the last place below the smallest normal number is rounded up to it, a little more is not.
static void edge_of_normal(void) {
  begin();
  for (int k = 0; k <= 2; k++) {
    float a[] = {0x1p-63f, 0, -0x1p-76f}, b[] = {0x1p-63f, 0, 0x1p-75f * (1 + (float)k * 0x1p-7f)}, c;
    lk_product(LK_BFLOAT16_PRODUCTS, 1, 3, 1, a, 3, b, 1, NULL, NULL, &c, 1, zeros(lk_product_scratch(LK_BFLOAT16_PRODUCTS)));
    take(1, &c);
    forget();
  }
  end("the smallest normal number in bfloat16");
}

static void products_in(lk_precision precision, const char *name) {
  static const long shapes[][3] = {{1, 64, 33}, {5, 1, 7}, {17, 31, 13}, {37, 29, 3}, {64, 128, 10}, {96, 300, 65}, {61, 130, 600}};
  begin();
  for (unsigned s = 0; s < sizeof shapes / sizeof *shapes; s++) EACH_SCALE(scale) {
    long m = shapes[s][0], k = shapes[s][1], n = shapes[s][2];
    float *a = normal(m * k, scale), *b = normal(k * n, scale), *bias = normal(n, scale), *c = zeros(m * n);
    float *scratch = zeros(lk_product_scratch(precision));
    lk_product(precision, m, k, n, a, k, b, n, NULL, NULL, c, n, scratch);
    take(m * n, c);
    lk_finish finish = {LK_TANH, 0, NULL};
    lk_product(precision, m, k, n, a, k, b, n, bias, &finish, c, n, scratch);
    take(m * n, c);
    float *dx = zeros(m * k);
    lk_product_transposed(precision, m, n, k, c, n, b, n, NULL, dx, k, scratch);
    take(m * k, dx);
    long rows[] = {m / 3, m - m / 3};
    uint32_t largest;
    float *more = zeros(lk_weight_gradient_scratch(precision, 2, m - m / 3, k, n));
    lk_weight_gradient(precision, 2, rows, k, n, a, k, c, n, b, n, 0, &largest, more);
    take(k * n, b);
    take_word(largest);
  }
  end(name);
}

static void products(void) {
  products_in(LK_FLOAT32, "matrix products");
  products_in(LK_BFLOAT16_PRODUCTS, "matrix products in bfloat16");
}

// Kernels of several places and of one, strides, dilations and zeros before the image, odd and even sizes.
static const lk_convolution CONVOLUTIONS[] = {
  {9, 11, 9, 11, 3, 3, 1, 1, 1, 1, 1, 1, 5, 33},
  {10, 12, 5, 6, 3, 3, 2, 2, 1, 1, 0, 0, 17, 20},
  {13, 7, 9, 5, 2, 3, 1, 2, 4, 1, 0, 2, 3, 3},
  {6, 6, 6, 6, 1, 1, 1, 1, 1, 1, 0, 0, 37, 18},
  {4, 4, 1, 1, 4, 4, 1, 1, 1, 1, 0, 0, 33, 7},
};
#define EACH_CONVOLUTION(c) \
  for (const lk_convolution *c = CONVOLUTIONS; c < CONVOLUTIONS + sizeof CONVOLUTIONS / sizeof *CONVOLUTIONS; c++)

enum { IMAGES = 3 };
static const long SHARD_IMAGES[] = {1, 0, 2};

static void convolutions_in(lk_precision precision, const char *name) {
  begin();
  EACH_CONVOLUTION(c) EACH_SCALE(scale) {
    long inputs = c->height * c->width * c->channels, outputs = c->output_height * c->output_width * c->filters;
    long window = c->kernel_height * c->kernel_width * c->channels, n = window * c->filters;
    float *x = normal(IMAGES * inputs, scale), *dx = zeros(IMAGES * inputs), *y = zeros(IMAGES * outputs);
    float *weight = normal(n, scale), *bias = normal(c->filters, scale), *gradient = zeros(n);
    float *scratch = zeros(lk_convolution_scratch(precision, c, 3));
    lk_finish finish = {LK_TANH, 0, NULL};
    lk_convolve(precision, c, IMAGES, x, inputs, weight, bias, 0, c->filters, &finish, y, outputs, scratch);
    take(IMAGES * outputs, y);
    lk_convolve_input_gradient(precision, c, IMAGES, y, outputs, weight, 0, c->channels, NULL, dx, inputs, scratch);
    take(IMAGES * inputs, dx);
    uint32_t largest;
    lk_convolve_weight_gradient(precision, c, 3, SHARD_IMAGES, x, inputs, y, outputs, 0, window, 0, c->filters,
                                gradient, &largest, scratch);
    take(n, gradient);
    take_word(largest);
  }
  end(name);
}

static void channel_by_channel(void) {
  begin();
  EACH_CONVOLUTION(its) EACH_SCALE(scale) {
    lk_convolution with_filters = *its, *c = &with_filters;
    c->filters = c->channels;
    long inputs = c->height * c->width * c->channels, outputs = c->output_height * c->output_width * c->channels;
    long n = c->kernel_height * c->kernel_width * c->channels;
    float *x = normal(IMAGES * inputs, scale), *dx = zeros(IMAGES * inputs), *y = zeros(IMAGES * outputs);
    float *weight = normal(n, scale), *dy = normal(IMAGES * outputs, 1);
    float *scratch = zeros(lk_depthwise_scratch(c, 3));
    lk_depthwise_convolve(c, IMAGES, x, inputs, weight, NULL, 0, c->channels, NULL, y, outputs, scratch);
    take(IMAGES * outputs, y);
    lk_depthwise_input_gradient(c, IMAGES, y, outputs, weight, 0, c->channels, NULL, dx, inputs, scratch);
    take(IMAGES * inputs, dx);
    lk_depthwise_weight_gradient(c, 3, SHARD_IMAGES, x, inputs, y, outputs, 0, c->channels, weight, scratch);
    take(n, weight);
    if (c->dilation_height > 1) continue;
    lk_max_pool(c, IMAGES, x, inputs, 0, c->channels, y, outputs);
    take(IMAGES * outputs, y);
    lk_max_pool_backward(c, IMAGES, x, inputs, y, dy, outputs, 0, c->channels, NULL, dx, inputs);
    take(IMAGES * inputs, dx);
    lk_average_pool(c, IMAGES, x, inputs, 0, c->channels, y, outputs);
    take(IMAGES * outputs, y);
    lk_average_pool_backward(c, IMAGES, dy, outputs, 0, c->channels, NULL, dx, inputs);
    take(IMAGES * inputs, dx);
  }
  end("depthwise convolutions, pooling");
}

static void convolutions(void) {
  convolutions_in(LK_FLOAT32, "convolutions");
  convolutions_in(LK_BFLOAT16_PRODUCTS, "convolutions in bfloat16");
  channel_by_channel();
}

static void activations(void) {
  enum { N = 1000 };
  static const char *names[] = {"sigmoid", "tanh", "relu", "leaky_relu", "elu", "selu", "softplus", "softsign", "gelu", "gelu_tanh", "silu", "mish"};
  for (int kind = LK_SIGMOID; kind <= LK_MISH; kind++) {
    begin();
    EACH_SCALE(scale) {
      float *x = normal(N, scale), *y = zeros(N), *dy = normal(N, scale);
      x[0] = 0, x[1] = -0.0f, x[2] = INFINITY, x[3] = -INFINITY;
      lk_activation_forward((lk_activation)kind, 0.3f, N, x, y);
      take(N, y);
      lk_activation_backward((lk_activation)kind, 0.3f, N, x, y, dy, dy);
      take(N, dy);
    }
    end(names[kind]);
  }
}

static void rectifiers(void) {
  begin();
  for (long columns = 3; columns < 300; columns = columns * 2 + 1) EACH_SCALE(scale) {
    enum { ROWS = 37 };
    long n = ROWS * columns;
    for (int shared = 0; shared < 2; shared++) {
      float *x = normal(n, scale), *dy = normal(n, 1), *slope = normal(columns, 1), *gradient = zeros(columns);
      float *y = zeros(n);
      lk_prelu_forward(ROWS, columns, columns, slope, shared, x, y);
      take(n, y);
      lk_prelu_backward_sums(ROWS, columns, columns, x, dy, gradient);
      lk_prelu_backward_input(ROWS, columns, columns, slope, shared, x, dy, y);
      take(n, y);
      take(columns, gradient);
    }
    float *weight = normal(n, scale);
    lk_max_norm(ROWS, columns, 2 * scale, weight, zeros(columns));
    take(n, weight);
  }
  end("prelu, max norm");
}

static void normalization(void) {
  begin();
  for (long rows = 1; rows < 1200; rows = rows * 5 + 2) for (long columns = 3; columns < 300; columns = columns * 3 + 1)
    EACH_SCALE(scale) {
      long n = rows * columns;
      float *x = normal(n, scale), *dy = normal(n, 1), *y = zeros(n), *gamma = normal(columns, 1), *beta = normal(columns, 1);
      float *sums = zeros(columns), *mean = zeros(columns), *low = zeros(columns), *m2 = zeros(columns);
      float *mean2 = zeros(columns), *low2 = zeros(columns), *m22 = zeros(columns), *inverse = zeros(columns);
      lk_column_sums(rows, columns, columns, x, sums);
      take(columns, sums);
      lk_column_moments(rows, columns, columns, x, mean, low, m2);
      lk_column_moments(rows, columns, columns, dy, mean2, low2, m22);
      lk_inverse_deviation(columns, m2, (double)rows, 1e-5f, inverse);
      take(columns, inverse);
      lk_batch_norm_forward(rows, columns, columns, x, mean, low, inverse, gamma, beta, NULL, y);
      take(n, y);
      lk_finish finish = {LK_SELU, 0, NULL};
      lk_batch_norm_forward(rows, columns, columns, x, mean, NULL, inverse, gamma, beta, &finish, y);
      take(n, y);
      float *dgamma = zeros(columns), *dbeta = zeros(columns);
      lk_batch_norm_backward_sums(rows, columns, columns, x, mean, low, inverse, dy, dgamma, dbeta);
      take(columns, dgamma);
      take(columns, dbeta);
      lk_batch_norm_backward_input(rows, columns, columns, (double)rows, x, mean, low, inverse, gamma, dgamma, dbeta, dy, y);
      take(n, y);
      lk_batch_norm_backward_fixed(rows, columns, columns, inverse, gamma, dy, y);
      take(n, y);
      lk_merge_moments(columns, (double)rows, mean, low, m2, 7, mean2, low2, m22, mean, low, m2);
      take(columns, mean);
      take(columns, low);
      take(columns, m2);
      lk_fold_running(columns, 0.9f, (double)rows, mean, low, m2, gamma, beta);
      take(columns, gamma);
      take(columns, beta);
    }
  end("batch norm");
}

static void losses(void) {
  static const long widths[] = {2, 3, 7, 29, 40, 300};
  begin();
  for (int w = 0; w < 6; w++) for (int weighted = 0; weighted < 2; weighted++) EACH_SCALE(scale) {
    enum { ROWS = 37 };
    long columns = widths[w], n = ROWS * columns, correct;
    float *p = normal(n, scale), *t = normal(n, 1), *g = zeros(n), *labels = zeros(ROWS);
    float *weights = weighted ? magnitudes(ROWS, 1) : NULL;
    double units[300], squared;
    for (long i = 0; i < ROWS; i++) labels[i] = (float)(i % columns);
    for (long i = 0; i < columns; i++) units[i] = 1.0 / (double)(i + 3);
    for (int smooth = 0; smooth < 2; smooth++) {
      take_double(lk_softmax_cross_entropy(ROWS, columns, smooth ? 0.1f : 0, 0.3f, p, labels, weights, g, &correct));
      take(n, g);
      take_word((uint64_t)correct);
    }
    take_double(lk_squared_error(ROWS, columns, 0.3f, p, t, weights, g));
    take(n, g);
    take_double(lk_absolute_error(ROWS, columns, 0.3f, p, t, weights, g));
    take(n, g);
    take_double(lk_huber(ROWS, columns, 0.7f, 0.3f, p, t, weights, g));
    take(n, g);
    take_double(lk_errors_in_units(ROWS, columns, units, p, t, &squared));
    take_double(squared);
    for (long i = 0; i < n; i++) t[i] = i % 3 == 0;
    take_double(lk_binary_cross_entropy(ROWS, columns, 0.3f, p, t, weights, g, &correct));
    take(n, g);
    lk_softmax(ROWS, columns, p, g);
    take(n, g);
  }
  end("losses");
}

static void random_layers(void) {
  enum { N = 999 };
  begin();
  EACH_SCALE(scale) {
    lk_stream stream = {{1, 2}, {3, 4, 5}};
    float *x = normal(N, scale), *y = zeros(N), *factor = zeros(N);
    uint32_t words[N], block[4];
    lk_random_words(stream, N, words);
    for (int i = 0; i < N; i++) take_word(words[i]);
    lk_philox4x32_10((const uint32_t[]){1, 2, 3, 4}, (const uint32_t[]){5, 6}, block);
    for (int i = 0; i < 4; i++) take_word(block[i]);
    lk_random_uniform(stream, N, y);
    take(N, y);
    lk_random_normal(stream, N, y);
    take(N, y);
    for (int layer = 0; layer < 3; layer++) {
      if (layer == 0) lk_rrelu_row(stream, 0, N, 0.125f, 1 / 3.0f, x, y, factor);
      if (layer == 1) lk_dropout_row(stream, 0, N, 0.2f, x, y, factor);
      if (layer == 2) lk_alpha_dropout_row(stream, 0, N, 0.1f, x, y, factor);
      take(N, y);
      take(N, factor);
    }
  }
  end("random numbers and layers");
}

static void reductions(void) {
  enum { N = 1000 };
  begin();
  EACH_SCALE(scale) {
    float *leaves = normal(16 * N, scale), *sum = zeros(N);
    for (int count = 1; count <= 16; count++) {
      lk_tree_sum(N, count, N, leaves, sum);
      take(N, sum);
    }
    lk_node_sum(N, 7, N, (const int32_t[]){4, 2, 1}, leaves, sum);
    take(N, sum);
    lk_add(N, leaves, leaves + N, sum);
    take(N, sum);
    lk_multiply(N, leaves, leaves + N, sum);
    lk_scale_columns(1, N, N, sum, leaves, sum);
    take(N, sum);
    take_double(lk_sum_of_squares(16 * N, leaves));
    take_word(lk_largest_magnitude(16 * N, leaves));
    take_word((uint64_t)lk_first_non_finite(16 * N, leaves));
  }
  end("sums and products");
}

static void updates(void) {
  enum { N = 1000 };
  begin();
  EACH_SCALE(scale) {
    float *p = normal(N, 1), *g = normal(N, scale), *m = zeros(N), *v = zeros(N), *average = zeros(N);
    for (int update = 0; update < 40; update++) {
      // Twenty gradients, then none, so that what is kept fades.
      if (update == 20) memset(g, 0, N * sizeof *g);
      lk_clip_and_regularize(N, 0.7f, 1.0f, update < 20 ? 1e-4f : 0, 1e-3f * (float)(update < 20), p, g);
      switch (update % 7) {
      case 0: lk_sgd(N, 0.999f, 0.1f, 0, 0, g, NULL, p); break;
      case 1: lk_sgd(N, 0.999f, 0.1f, 0.9f, 0, g, m, p); break;
      case 2: lk_sgd(N, 0.999f, 0.1f, 0.9f, 1, g, m, p); break;
      case 3: lk_adagrad(N, 1, 0.01f, 1e-10f, g, v, p); break;
      case 4: lk_rmsprop(N, 1, 0.01f, 0.99f, 0.01f, 1e-8f, g, v, p); break;
      case 5: lk_adam(N, 0.999f, 0.01f, 0.002f, 0.9f, 0.1f, 0.999f, 0.001f, 1.5f, 1e-8f, g, m, v, p); break;
      case 6: lk_adamax(N, 1, 0.01f, 0.9f, 0.1f, 0.999f, 1e-8f, g, m, v, p); break;
      }
      take(N, p);
      take(N, m);
      take(N, v);
      lk_move_average(N, 0.01f, p, average);
      take(N, average);
    }
    for (int i = 0; i < N; i++) m[i] *= 0x1p-100f;
    lk_flush(N, m);
    take(N, m);
  }
  end("optimizers");
}

static void functions_of_double(void) {
  begin();
  for (int i = 1; i < 3000; i++) {
    take_double(lk_double_exp(700.0 - i / 2.0));
    take_double(lk_double_log(i * 1e-3));
    take_double(lk_double_pow(i / 3000.0, i * 0.01));
    take_double(lk_double_pow(0.999, i));
    take_double(lk_double_cos(i * 0.01));
  }
  end("functions of Double");
}

static void generators(void) {
  enum { ROWS = 101, COLUMNS = 37, STRIDE = 64, WIDTH = 33 };
  const uint32_t key[2] = {1, 2}, noise_key[2] = {3, 4};
  long samples[ROWS];
  begin();
  lk_permutation permutation;
  lk_make_permutation((lk_stream){{1, 2}, {3, 4, 5}}, 1000003, &permutation);
  lk_permute_range(&permutation, 17, ROWS, samples);
  for (int i = 0; i < ROWS; i++) take_word((uint64_t)samples[i]);
  float *x = zeros(ROWS * COLUMNS), *labels = zeros(ROWS), *y = zeros(ROWS * COLUMNS);
  lk_normal_rows(ROWS, samples, key, COLUMNS, x);
  take(ROWS * COLUMNS, x);
  lk_class_labels(ROWS, samples, key, 5, labels);
  take(ROWS, labels);
  lk_relabel(ROWS, samples, key, 5, 0.3, labels);
  take(ROWS, labels);
  lk_gaussian_cluster_rows(ROWS, samples, key, COLUMNS, STRIDE, normal(5 * STRIDE, 1), normal(STRIDE, 1), labels, y);
  take(ROWS * COLUMNS, y);
  lk_add_noise(ROWS, samples, key, COLUMNS, 0.3f, y);
  take(ROWS * COLUMNS, y);
  lk_spiral_plane(ROWS, samples, key, 5, 1.5, 0.02f, (const float[]){1.1f, 0.9f}, labels, COLUMNS, x);
  take(ROWS * COLUMNS, x);
  lk_sign_rows(ROWS, samples, key, COLUMNS, x);
  take(ROWS * COLUMNS, x);
  lk_parity_labels(ROWS, COLUMNS, x, 3, (const long[]){2, 9, 30}, labels);
  take(ROWS, labels);
  lk_uniform_rows(ROWS, samples, key, COLUMNS, 1.7f, -0.3f, x);
  take(ROWS * COLUMNS, x);
  lk_friedman_targets(ROWS, samples, key, noise_key, 0.5f, 14.4f, 0.2f, y);
  take(ROWS, y);
  for (int kind = LK_SIGMOID; kind <= LK_MISH; kind++) {
    lk_teacher teacher = {COLUMNS, 2, WIDTH, 4, (lk_activation)kind, 0.3f, NULL};
    teacher.weights = normal((COLUMNS + 1) * STRIDE + (WIDTH + 1) * STRIDE + (WIDTH + 1) * LK_DATA_PADDING, 0.2f);
    lk_teacher_rows(&teacher, ROWS, x, y);
    take(ROWS * 4, y);
    lk_teacher_labels(&teacher, (const float[]){0, 0, 0, 0}, (const float[]){1, 2, 3, 4}, ROWS, x, labels);
    take(ROWS, labels);
  }
  forget();
  end("generators");
}

static void pictures(void) {
  enum { ROWS = 9, COLUMNS = 23, NEW_ROWS = 4, NEW_COLUMNS = 7, MOST = 5 };
  begin();
  uint32_t words[ROWS * COLUMNS * 3];
  uint8_t in[ROWS * COLUMNS * 3], between[ROWS * NEW_COLUMNS * 3], out[NEW_ROWS * NEW_COLUMNS * 3];
  lk_random_words((lk_stream){{7, 11}, {1, 2, 3}}, ROWS * COLUMNS * 3, words);
  for (long i = 0; i < ROWS * COLUMNS * 3; i++) in[i] = (uint8_t)words[i];
  int32_t first[NEW_COLUMNS], count[NEW_COLUMNS], weights[NEW_COLUMNS * MOST];
  for (long i = 0; i < NEW_COLUMNS; i++) {
    first[i] = (int32_t)i;
    count[i] = MOST - (int32_t)(i % 2);
    for (long k = 0; k < MOST; k++) weights[i * MOST + k] = (1 << 22) / (MOST - (int32_t)(i % 2));
  }
  for (long channels = 1; channels <= 3; channels += 2) {
    lk_taps taps = {NEW_COLUMNS, MOST, first, count, weights};
    lk_resample_columns(taps, ROWS, COLUMNS, channels, in, between);
    taps.elements = NEW_ROWS;
    lk_resample_rows(taps, 0, NEW_COLUMNS * channels, between, out);
    for (long i = 0; i < NEW_ROWS * NEW_COLUMNS * channels; i++) take_word(out[i]);
  }
  end("pictures of another size");
}

static void synthetic_pictures(void) {
  // Widths beside a vector of sixteen, and colours.
  const long formats[][3] = {{17, 16, 1}, {19, 33, 1}, {16, 31, 3}, {40, 50, 3}};
  const uint32_t key[2] = {1, 2};
  const uint32_t turns[4][2] = {{0, 5u << 29}, {1u << 29, 7}, {3u << 28, 1u << 31}, {0xFFFFFFFFu, 12345}};
  enum { ROWS = 41 };
  long samples[ROWS];
  for (int i = 0; i < ROWS; i++) samples[i] = 1000003L * i;
  begin();
  for (int f = 0; f < 4; f++) {
    const long count = formats[f][0] * formats[f][1] * formats[f][2];
    const lk_canvas picture = {formats[f][0], formats[f][1], formats[f][2], 0.3f, 0.9f};
    float *x = zeros(ROWS * count), *labels = zeros(ROWS);
    const lk_texture texture = {picture, {0.2f, 0.07f}, {0.1f, 0.04f}, turns[0]};
    lk_class_labels(ROWS, samples, key, 4, labels);
    lk_normal_rows(ROWS, samples, key, count, x);
    lk_texture_rows(&texture, ROWS, samples, key, labels, x);
    take(ROWS * count, x);
    const lk_drawing drawing = {picture, 1.7f, {0.32f, 0.44f}, {0.18f, 0.1f}, 0.3f, 0.3f};
    lk_class_labels(ROWS, samples, key, LK_FIGURES * LK_FIGURE_STYLES * LK_FIGURE_COUNTS, labels);
    lk_drawing_rows(&drawing, ROWS, samples, key, labels, x);
    take(ROWS * count, x);
  }
  for (int f = 0; f < 4; f++) {
    const long height = formats[f][0], width = formats[f][1], channels = formats[f][2], count = height * width * channels;
    const lk_augmentation augmentation = {height, width, channels, 1, 5, 7, 0.3f, 0.4f};
    float *x = normal(ROWS * count, 1), *scratch = zeros(count);
    lk_augment_rows(&augmentation, key, 0x100000003u, 5, ROWS, count, x, scratch);
    take(ROWS * count, x);
  }
  for (int figure = 0; figure < LK_FIGURES; figure++) take_double(lk_figure_reach((lk_figure)figure));
  forget();
  end("pictures");
}

int main(int count, char **arguments) {
  if (count > 1) {
    lk_instructions set = LK_X86_64_AMX;
    while (set > LK_BASE && strcmp(lk_name(set), arguments[1]) != 0) set--;
    if (strcmp(lk_name(set), arguments[1]) != 0 || !lk_products_of(set, LK_BFLOAT16_PRODUCTS)) {
      fprintf(stderr, "kernels: found the instruction set %s, which this processor does not have\n", arguments[1]);
      return 2;
    }
    lk_run(set);
  }
  memory = aligned_alloc(64, MEMORY * sizeof *memory);
  if (!memory) return 1;
  uint64_t state = lk_enter_environment();
  example();
  edge_of_normal();
  products();
  activations();
  rectifiers();
  normalization();
  losses();
  random_layers();
  reductions();
  updates();
  functions_of_double();
  generators();
  pictures();
  synthetic_pictures();
  convolutions();
  lk_leave_environment(state);
  free(memory);
  return 0;
}

// The random layers, a row at a time: a uniform number decides each unit's factor.
#include "normal_block.h"

#define SELU_LIMIT 1.7580993408473766

// Sets y and the factor f of every unit of a row from `draw`, its uniform number, and `value` = x. A whole block is
// drawn also where the last one is not full, so that a unit's number depends on its place alone: the first is unit
// `first`, at which a block begins.
#define FOR_EACH_UNIT(y_value, factor_value) \
  lk_round_keys keys; \
  lk_make_round_keys(stream.key, &keys); \
  for (long start = 0; start < n; start += LK_BLOCK) { \
    lk_f32x16 uniform[2]; \
    lk_uniform_block(&keys, stream.counter, (uint32_t)((first + start) / LK_BLOCK), &uniform[0], &uniform[1]); \
    float draws[LK_BLOCK]; \
    memcpy(draws, uniform, sizeof draws); \
    const float *xs = x + start; \
    float *ys = y + start, *factors = factor + start; \
    long count = n - start < LK_BLOCK ? n - start : LK_BLOCK; \
    LK_ELEMENTWISE for (long i = 0; i < count; i++) { \
      float value = xs[i], draw = draws[i]; \
      float f = (factor_value); \
      factors[i] = f; \
      ys[i] = (y_value); \
    } \
  }

LK_KERNEL(void, lk_rrelu_row, (lk_stream stream, long first, long n, float lower, float upper, const float *x, float *y,
                               float *factor), (stream, first, n, lower, upper, x, y, factor)) {
  float span = upper - lower;
  FOR_EACH_UNIT(f * value, value > 0.0f ? 1.0f : draw * span + lower)
}

LK_KERNEL(void, lk_dropout_row, (lk_stream stream, long first, long n, float rate, const float *x, float *y,
                                 float *factor), (stream, first, n, rate, x, y, factor)) {
  float kept = 1.0f / (1.0f - rate);
  FOR_EACH_UNIT(f * value, draw >= rate ? kept : 0.0f)
}

LK_KERNEL(void, lk_alpha_dropout_row, (lk_stream stream, long first, long n, float rate, const float *x, float *y,
                                       float *factor), (stream, first, n, rate, x, y, factor)) {
  double probability = (double)rate;
  double variance = (1.0 - probability) * (1.0 + probability * SELU_LIMIT * SELU_LIMIT);
  double scale = 1.0 / __builtin_elementwise_sqrt(variance);
  float a = (float)scale, b = (float)(scale * probability * SELU_LIMIT);
  float dropped = (float)(scale * probability * SELU_LIMIT - scale * SELU_LIMIT);
  FOR_EACH_UNIT(draw >= rate ? a * value + b : dropped, draw >= rate ? a : 0.0f)
}

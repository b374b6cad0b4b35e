// Activations and their derivatives. Every formula holds its argument in a range where no intermediate overflows, so
// that finite input never gives a NaN, while a NaN passes.
#include "CKernels.h"
#include "elementary.h"

#define SELU_ALPHA 1.6732632423543772f
#define SELU_LAMBDA 1.0507009873554805f
#define SELU_LIMIT 1.7580993408473766f // lambda * alpha
#define ROOT_2_OVER_PI 0.797884560802865f
#define GELU_CUBE 0.044715f

// Below this, x times a vanishing factor is taken at this x, so that minus infinity gives 0, the limit.
#define FAR_NEGATIVE -1e4f

// 1 above zero and `slope` at and below it.
LK_INLINE float slope_at(float x, float slope) { return x > 0.0f ? 1.0f : (x <= 0.0f ? slope : x); }

LK_INLINE float softplus(float x) { return lk_at_least(x, 0.0f) + lk_log1p_unit(lk_exp(-lk_magnitude(x))); }

// Finite for an infinite x too.
LK_INLINE float softsign(float x) {
  float held = lk_at_most(lk_at_least(x, -1e30f), 1e30f);
  return held / (1.0f + lk_magnitude(held));
}

LK_INLINE float softsign_slope(float x) {
  float inverse = 1.0f / (1.0f + lk_magnitude(x));
  return inverse * inverse;
}

LK_INLINE float gelu(float x) { return lk_at_least(x, FAR_NEGATIVE) * lk_normal_at(x).distribution; }

LK_INLINE float gelu_slope(float x) {
  lk_normal_law law = lk_normal_at(x);
  return lk_at_most(lk_at_least(x, -14.0f), 14.0f) * law.density + law.distribution;
}

// x/2 (1 + tanh u) = x sigmoid(2u), u = sqrt(2/pi) (x + 0.044715 x^3)
LK_INLINE float gelu_tanh(float x) {
  float held = lk_at_most(lk_at_least(x, FAR_NEGATIVE), -FAR_NEGATIVE);
  float u = held * (GELU_CUBE * ROOT_2_OVER_PI * held * held + ROOT_2_OVER_PI);
  return lk_at_least(x, FAR_NEGATIVE) * lk_sigmoid(2.0f * u);
}

LK_INLINE float gelu_tanh_slope(float x) {
  float held = lk_at_most(lk_at_least(x, -20.0f), 20.0f);
  float square = held * held;
  float s = lk_sigmoid(2.0f * held * (GELU_CUBE * ROOT_2_OVER_PI * square + ROOT_2_OVER_PI));
  float u_slope = 3.0f * GELU_CUBE * ROOT_2_OVER_PI * square + ROOT_2_OVER_PI;
  return 2.0f * held * u_slope * s * (1.0f - s) + s;
}

LK_INLINE float silu(float x) { return lk_at_least(x, FAR_NEGATIVE) * lk_sigmoid(x); }

LK_INLINE float silu_slope(float x) {
  float s = lk_sigmoid(x);
  float held = lk_at_most(lk_at_least(x, FAR_NEGATIVE), -FAR_NEGATIVE);
  return s * (held * (1.0f - s) + 1.0f);
}

// tanh(ln(1 + w)) = (w^2 + 2w) / (w^2 + 2w + 2), w = e^x; it is 1 in float32 long before x = 20.
LK_INLINE float mish(float x) {
  float w = lk_exp(lk_at_most(x, 20.0f));
  float numerator = w * (w + 2.0f);
  return lk_at_least(x, FAR_NEGATIVE) * (numerator / (numerator + 2.0f));
}

// tanh(softplus) + x sigmoid(x) (1 - tanh^2(softplus)), over the common denominator
LK_INLINE float mish_slope(float x) {
  float held = lk_at_most(lk_at_least(x, FAR_NEGATIVE), 20.0f);
  float w = lk_exp(held);
  float numerator = w * (w + 2.0f);
  float inverse = 1.0f / (numerator + 2.0f);
  return numerator * inverse + 4.0f * held * (w * inverse) * ((w + 1.0f) * inverse);
}

#define FORWARD(expression) \
  do { \
    LK_ELEMENTWISE for (long i = 0; i < n; i++) y[i] = (expression); \
  } while (0)

LK_KERNEL(void, lk_activation_forward, (lk_activation kind, float parameter, long n, const float *x, float *y),
          (kind, parameter, n, x, y)) {
  switch (kind) {
  case LK_SIGMOID: FORWARD(lk_sigmoid(x[i])); break;
  case LK_TANH: FORWARD(lk_tanh(x[i])); break;
  case LK_RELU: FORWARD(lk_at_least(x[i], 0.0f)); break;
  case LK_LEAKY_RELU: FORWARD(x[i] > 0.0f ? x[i] : parameter * x[i]); break;
  case LK_ELU: FORWARD(x[i] > 0.0f ? x[i] : parameter * lk_expm1(x[i])); break;
  case LK_SELU: FORWARD(x[i] > 0.0f ? SELU_LAMBDA * x[i] : SELU_LIMIT * lk_expm1(x[i])); break;
  case LK_SOFTPLUS: FORWARD(softplus(x[i])); break;
  case LK_SOFTSIGN: FORWARD(softsign(x[i])); break;
  case LK_GELU: FORWARD(gelu(x[i])); break;
  case LK_GELU_TANH: FORWARD(gelu_tanh(x[i])); break;
  case LK_SILU: FORWARD(silu(x[i])); break;
  case LK_MISH: FORWARD(mish(x[i])); break;
  }
}

#define BACKWARD(expression) \
  do { \
    LK_ELEMENTWISE for (long i = 0; i < n; i++) dx[i] = lk_flushed(dy[i] * (expression)); \
  } while (0)

LK_KERNEL(void, lk_activation_backward, (lk_activation kind, float parameter, long n, const float *x, const float *y,
                                         const float *dy, float *dx), (kind, parameter, n, x, y, dy, dx)) {
  switch (kind) {
  case LK_SIGMOID: BACKWARD(y[i] * (1.0f - y[i])); break;
  case LK_TANH: BACKWARD(1.0f - y[i] * y[i]); break;
  case LK_RELU: BACKWARD(slope_at(x[i], 0.0f)); break;
  case LK_LEAKY_RELU: BACKWARD(slope_at(x[i], parameter)); break;
  case LK_ELU: BACKWARD(x[i] > 0.0f ? 1.0f : y[i] + parameter); break;
  case LK_SELU: BACKWARD(x[i] > 0.0f ? SELU_LAMBDA : y[i] + SELU_LIMIT); break;
  case LK_SOFTPLUS: BACKWARD(-lk_expm1(-y[i])); break; // sigmoid(x) = 1 - e^(-softplus(x))
  case LK_SOFTSIGN: BACKWARD(softsign_slope(x[i])); break;
  case LK_GELU: BACKWARD(gelu_slope(x[i])); break;
  case LK_GELU_TANH: BACKWARD(gelu_tanh_slope(x[i])); break;
  case LK_SILU: BACKWARD(silu_slope(x[i])); break;
  case LK_MISH: BACKWARD(mish_slope(x[i])); break;
  }
}

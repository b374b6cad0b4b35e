// Elementary functions of float32, written so that clang can widen them: no branches, no tables, no library.
//
// The polynomials are minimax fits in the weight of the relative error (Lawson's iteration on Chebyshev nodes); the
// figure after each is the largest relative error of the fit itself, before rounding.
#ifndef LOCKSTEP_ELEMENTARY_H
#define LOCKSTEP_ELEMENTARY_H

#include "clones.h"

// e^x = 2^n (1 + e) with n = round(x / ln 2); e = e^r - 1 of the rest r, |r| <= ln(2) / 2. The argument is held within
// [-88, 87], where 2^n is a float32 and 1 / e^x no denormal: below it the power is 0, above it e^87.
typedef struct {
  float power;
  float rest;
} lk_exponential;

LK_INLINE lk_exponential lk_split_exponential(float x) {
  x = lk_at_most(lk_at_least(x, -88.0f), 87.0f);
  // Adding 1.5 * 2^23 rounds to an integer and leaves that integer in the low bits.
  const float shift = 12582912.0f;
  float shifted = x * 1.44269504f + shift;
  float n = shifted - shift;
  // ln 2 in two parts, the first with few enough bits that n times it is exact.
  float r = x - n * 0.693359375f;
  r = r - n * -2.12194440e-4f;
  // (e^r - 1 - r) / r^2 — 3e-9
  float p = 1.395048690e-3f;
  p = p * r + 8.368889801e-3f;
  p = p * r + 4.166620597e-2f;
  p = p * r + 1.666651815e-1f;
  p = p * r + 0.5f;
  lk_exponential result;
  result.power = lk_from_bits((lk_bits(shifted) + 127u) << 23);
  result.rest = (r * r) * p + r;
  return result;
}

// e^x for x in [-88, 87]; 0 below, e^87 above.
LK_INLINE float lk_exp(float x) {
  lk_exponential e = lk_split_exponential(x);
  return e.power * e.rest + e.power;
}

// e^x - 1, relatively exact near 0.
LK_INLINE float lk_expm1(float x) {
  lk_exponential e = lk_split_exponential(x);
  return e.power * e.rest + (e.power - 1.0f);
}

// ln(1 + t) for t in [0, 1] — 7e-10
LK_INLINE float lk_log1p_unit(float t) {
  float p = 2.030179370e-3f;
  p = p * t - 1.340722013e-2f;
  p = p * t + 4.147756845e-2f;
  p = p * t - 8.244097978e-2f;
  p = p * t + 1.241838112e-1f;
  p = p * t - 1.610566676e-1f;
  p = p * t + 1.989074051e-1f;
  p = p * t - 2.498726994e-1f;
  p = p * t + 3.333255947e-1f;
  p = p * t - 4.999998212e-1f;
  return (p * t) * t + t;
}

// ln(1 + f) for f in [sqrt(1/2) - 1, sqrt(2) - 1] — 7e-10
LK_INLINE float lk_log1p_near_zero(float f) {
  float p = 6.746552140e-2f;
  p = p * f - 1.167562827e-1f;
  p = p * f + 1.188819036e-1f;
  p = p * f - 1.240559444e-1f;
  p = p * f + 1.421954930e-1f;
  p = p * f - 1.666799486e-1f;
  p = p * f + 2.000211924e-1f;
  p = p * f - 2.500000894e-1f;
  p = p * f + 3.333331347e-1f;
  float square = f * f;
  return (square * f) * p + (f - 0.5f * square);
}

// ln(1 + t) for t >= 0. With u = 1 + t rounded, ln u = e ln 2 + ln(1 + f), f in [sqrt(1/2) - 1, sqrt(2) - 1); what
// the rounding took from t comes back as (t - (u - 1)) / u.
LK_INLINE float lk_log1p(float t) {
  float u = 1.0f + t;
  uint32_t above = lk_bits(u) - 0x3F3504F3u; // the bits of sqrt(1/2)
  float exponent = (float)((int32_t)above >> 23);
  float fraction = lk_from_bits((above & 0x007FFFFFu) + 0x3F3504F3u) - 1.0f;
  float rest = (t - (u - 1.0f)) / u + lk_log1p_near_zero(fraction);
  return exponent * 0.693359375f + (exponent * -2.12194440e-4f + rest);
}

LK_INLINE float lk_sigmoid(float x) { return 1.0f / (1.0f + lk_exp(-x)); }

// tanh |x| = -t / (t + 2) with t = e^(-2|x|) - 1
LK_INLINE float lk_tanh(float x) {
  float t = lk_expm1(-2.0f * lk_magnitude(x));
  return lk_with_sign_of(-t / (t + 2.0f), x);
}

// The normal distribution at x: density, and distribution function Phi. Phi(-|x|) / density' is smooth in
// t = 1 / (1 + 0.3 |x|), as in Abramowitz and Stegun 26.2.17; polynomial of degree 8 for |x| <= 14 — 6e-8
typedef struct {
  float density;
  float distribution;
} lk_normal_law;

LK_INLINE lk_normal_law lk_normal_at(float x) {
  float magnitude = lk_at_most(lk_magnitude(x), 14.0f);
  float t = 1.0f / (1.0f + 0.3f * magnitude);
  float e = lk_exp(-0.5f * magnitude * magnitude);
  float p = 3.837855905e-2f;
  p = p * t - 1.691673547e-1f;
  p = p * t + 2.286624908e-1f;
  p = p * t - 7.650903612e-2f;
  p = p * t + 1.425371468e-1f;
  p = p * t + 9.468289465e-2f;
  p = p * t + 1.219204888e-1f;
  p = p * t + 1.194876730e-1f;
  p = p * t + 7.169771834e-6f;
  float tail = e * p;
  lk_normal_law result;
  result.density = 0.398942280f * e;
  result.distribution = x > 0.0f ? 1.0f - tail : tail;
  return result;
}

// The square root of x >= 0 within an ulp, by multiply-adds alone: the processor's own takes three times as long. Two
// of Goldschmidt's steps for the root and half its inverse, from a guess that halves the exponent; then the root again
// from its inverse alone, and a last step. For zero and normal x: no intermediate is denormal then, for the residual is
// that of root * inverse, about 1. Of a denormal it is at most the root, and not below 0. Zero gives zero, infinity the
// root of the largest number, a NaN a NaN.
LK_INLINE float lk_quick_root(float x) {
  float held = lk_at_most(x, 3.4028235e38f);
  float inverse = lk_from_bits(0x5F3759DFu - (lk_bits(held) >> 1));
  float root = held * inverse, half = 0.5f * inverse;
  float rest = 0.5f - root * half;
  root = root * rest + root;
  half = half * rest + half;
  half = half * (0.5f - root * half) + half;
  root = held * (half + half);
  return root * (0.5f - root * half) + root;
}

#endif

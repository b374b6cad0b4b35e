// Elementary functions of Double, for what a step or a tensor needs once: learning rates, corrections, quantiles.
//
// No library takes part, so the bits follow from the operations of IEEE 754 alone, the same on every processor and
// system. Numbers are carried as the unevaluated sum of two Doubles, 106 bits (Dekker 1971), of which a series needs 75
// or more; the sum is rounded once. So a result is the exact one, correctly rounded, but where that lies within 2^-22
// of a unit of the middle between two Doubles: once in millions, and then it is the other neighbour.
#include "CKernels.h"

#include <string.h>

#pragma STDC FP_CONTRACT OFF

// high + low, |low| at most half a unit of high's last place.
typedef struct {
  double high, low;
} pair;

// Knuth 1969, TwoSum: exact.
static pair sum_of(double a, double b) {
  double sum = a + b, part = sum - a;
  return (pair){sum, (a - (sum - part)) + (b - part)};
}

// Dekker 1971, for |a| >= |b| or a = 0: exact.
static pair normalized(double a, double b) {
  double sum = a + b;
  return (pair){sum, b - (sum - a)};
}

// Dekker's product, exact where neither overflows: no fused multiply-add, which not every processor has.
static pair product_of(double a, double b) {
  double spread_a = 0x8000001p0 * a, spread_b = 0x8000001p0 * b;
  double high_a = spread_a - (spread_a - a), high_b = spread_b - (spread_b - b);
  double low_a = a - high_a, low_b = b - high_b, product = a * b;
  return (pair){product, ((high_a * high_b - product) + high_a * low_b + low_a * high_b) + low_a * low_b};
}

static pair plus(pair a, pair b) {
  pair sum = sum_of(a.high, b.high), rest = sum_of(a.low, b.low);
  sum = sum_of(sum.high, sum.low + rest.high);
  return normalized(sum.high, sum.low + rest.low);
}

static pair times(pair a, pair b) {
  pair product = product_of(a.high, b.high);
  return normalized(product.high, product.low + (a.high * b.low + a.low * b.high));
}

static pair over(pair a, pair b) {
  double first = a.high / b.high;
  pair rest = plus(a, times(b, (pair){-first, 0}));
  double second = rest.high / b.high;
  rest = plus(rest, times(b, (pair){-second, 0}));
  pair quotient = normalized(first, second);
  return normalized(quotient.high, quotient.low + rest.high / b.high);
}

static pair whole(double n) { return (pair){n, 0}; }

// The nearest whole number to |x| < 2^51.
static double nearest(double x) { return (x + 0x1.8p52) - 0x1.8p52; }

static double power_of_two(int exponent) {
  uint64_t bits = (uint64_t)(exponent + 1023) << 52;
  double power;
  memcpy(&power, &bits, sizeof power);
  return power;
}

static const pair LN_2 = {0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56};

// The terms of a series from here on weigh so little that a Double holds them.
enum { IN_PAIRS = 5 };

// 1 / k! and 1 / (2 k + 1)
static const pair INVERSE_FACTORIALS[] = {
    {1, 0}, {1, 0}, {0.5, 0}, {0x1.5555555555555p-3, 0x1.5555555555555p-57},
    {0x1.5555555555555p-5, 0x1.5555555555555p-59}, {0x1.1111111111111p-7, 0x1.1111111111111p-63},
};
static const pair INVERSE_ODDS[] = {
    {1, 0}, {0x1.5555555555555p-2, 0x1.5555555555555p-56}, {0x1.999999999999ap-3, -0x1.999999999999ap-57},
    {0x1.2492492492492p-3, 0x1.2492492492492p-57}, {0x1.c71c71c71c71cp-4, 0x1.c71c71c71c71cp-58},
    {0x1.745d1745d1746p-4, -0x1.745d1745d1746p-59},
};

// e^x. x = n ln 2 + r; e^(r / 16) is the series 1 + t + t^2 / 2! + ..., |t| < 0.022, then squared four times.
static double exponential_of(pair x) {
  if (x.high > 710) return __builtin_inf();
  if (x.high < -710) return 0;
  double n = nearest(x.high / LN_2.high);
  pair t = plus(x, times(LN_2, whole(-n)));
  t = (pair){t.high / 16, t.low / 16};
  // The terms from t^6 / 6! on.
  double rest = 1;
  for (int k = 16; k > IN_PAIRS + 1; k--) rest = 1 + t.high * rest / k;
  pair power = whole(rest / 720);
  for (int k = IN_PAIRS; k >= 0; k--) power = plus(INVERSE_FACTORIALS[k], times(t, power));
  for (int squares = 0; squares < 4; squares++) power = times(power, power);
  if (n < -1021) return 0;
  return n > 1023 ? power.high * power_of_two(1023) * 2 : power.high * power_of_two((int)n);
}

// ln x for a normal x > 0. x = 2^n m; ln m = 2 s (1 + z/3 + z^2/5 ...), s = (m - 1) / (m + 1), z = s^2 < 0.03
static pair logarithm_of(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  uint64_t above = bits - 0x3FE6A09E667F3BCDu; // the bits of sqrt(1/2)
  double n = (double)((int64_t)above >> 52), m;
  bits = (above & 0x000FFFFFFFFFFFFFu) + 0x3FE6A09E667F3BCDu;
  memcpy(&m, &bits, sizeof m);
  pair s = over(whole(m - 1), sum_of(m, 1)), z = times(s, s);
  double rest = 0;
  for (int k = 20; k > IN_PAIRS; k--) rest = rest * z.high + 1.0 / (2 * k + 1);
  pair series = whole(rest);
  for (int k = IN_PAIRS; k >= 0; k--) series = plus(times(series, z), INVERSE_ODDS[k]);
  series = times(series, s);
  return plus(times(LN_2, whole(n)), (pair){2 * series.high, 2 * series.low});
}

double lk_double_exp(double x) { return x == x ? exponential_of(whole(x)) : x; }

double lk_double_log(double x) {
  if (x == 0) return -__builtin_inf();
  if (x < 0) return __builtin_nan("");
  if (!(x < __builtin_inf())) return x;
  if (x >= 0x1p-1022) return logarithm_of(x).high;
  return plus(logarithm_of(x * 0x1p54), times(LN_2, whole(-54))).high;
}

double lk_double_pow(double x, double y) {
  if (y == 0 || x == 1) return 1;
  if (x != x || y != y || x < 0) return __builtin_nan("");
  if (x < 0x1p-1022) return y > 0 ? 0 : __builtin_inf();
  if (x == __builtin_inf()) return y > 0 ? x : 0;
  pair logarithm = logarithm_of(x);
  double about = logarithm.high * y;
  // Beyond the ends, before an intermediate overflows.
  if (about > 711) return __builtin_inf();
  if (about < -711) return 0;
  return exponential_of(times(logarithm, whole(y)));
}

// x = n pi/2 + r; cosine and sine of r are 1 - z/(1*2) (1 - z/(3*4) (1 - ...)) and r (1 - z/(2*3) (1 - z/(4*5) ...)),
// z = r^2 < 0.62.
double lk_double_cos(double x) {
  double magnitude = x < 0 ? -x : x;
  if (!(magnitude <= 0x1p20)) return __builtin_nan("");
  double n = nearest(magnitude / 0x1.921fb54442d18p+0);
  pair r = plus(whole(magnitude), product_of(-n, 0x1.921fb54442d18p+0));
  r = plus(r, product_of(-n, 0x1.1a62633145c07p-54));
  r = plus(r, product_of(-n, -0x1.f1976b7ed8fbcp-110));
  int quarter = (int)n & 3, odd = quarter & 1;
  pair z = times(r, r);
  double rest = 1;
  for (int k = 14; k > IN_PAIRS; k--) rest = 1 - z.high * rest / ((2 * k - 1 + odd) * (2 * k + odd));
  pair series = whole(rest);
  for (int k = IN_PAIRS; k > 0; k--) {
    pair term = over(times(z, series), whole((2 * k - 1 + odd) * (2 * k + odd)));
    series = plus(whole(1), (pair){-term.high, -term.low});
  }
  if (odd) series = times(series, r);
  return quarter == 1 || quarter == 2 ? -series.high : series.high;
}

// Softmax and its cross entropy. The largest logit is taken off first, so that no exponential overflows.
//
// Few classes are computed sixteen rows at a time, one row a lane; many, row by row. Which of the two follows from the
// number of classes alone, and a row's result from its own logits alone.
#include "CKernels.h"
#include "elementary.h"
#include "lanes.h"

enum { FEW = 32, CHUNK = 256 };

// Sixteen rows of at most FEW classes, transposed: logits[k] holds class k of every row.
typedef struct {
  lk_f32x16 logits[FEW];       // less the row's largest
  lk_f32x16 exponentials[FEW]; // of those
  lk_f32x16 top;               // the first class with the largest logit
  lk_f32x16 rest;              // sum of the exponentials, without the top class's, which is 1
} sixteen_rows;

// Reads `rows` <= 16 rows; the lanes beyond hold zeros.
LK_INLINE void read_rows(sixteen_rows *block, long rows, long classes, const float *logits) {
  float *lanes = (float *)block->logits;
  if (rows < LK_LANES) memset(lanes, 0, (size_t)classes * sizeof(lk_f32x16));
  for (long l = 0; l < rows; l++)
    for (long k = 0; k < classes; k++) lanes[k * LK_LANES + l] = logits[l * classes + k];
}

LK_INLINE void exponentiate(sixteen_rows *block, long classes) {
  lk_f32x16 largest = block->logits[0], top = 0.0f, rest = 0.0f;
  for (long k = 1; k < classes; k++) {
    lk_i32x16 above = block->logits[k] > largest;
    largest = LK_SELECT(above, largest, block->logits[k]);
    top = LK_SELECT(above, top, (lk_f32x16)(float)k);
  }
  for (long k = 0; k < classes; k++) block->logits[k] -= largest;
  const float *z = (const float *)block->logits;
  float *e = (float *)block->exponentials;
  LK_ELEMENTWISE for (long i = 0; i < classes * LK_LANES; i++) e[i] = lk_exp(z[i]);
  for (long k = 0; k < classes; k++) {
    lk_i32x16 is_top = top == (lk_f32x16)(float)k;
    rest += LK_SELECT(is_top, block->exponentials[k], (lk_f32x16)0.0f);
  }
  block->top = top;
  block->rest = rest;
}

// Denormals are written as zeros.
LK_INLINE void write_rows(long rows, long classes, lk_f32x16 *values, float *out) {
  float *lanes = (float *)values;
  LK_ELEMENTWISE for (long i = 0; i < classes * LK_LANES; i++) lanes[i] = lk_flushed(lanes[i]);
  for (long l = 0; l < rows; l++)
    for (long k = 0; k < classes; k++) out[l * classes + k] = lanes[k * LK_LANES + l];
}

// Adds the losses of `rows` rows to `sum`; returns how many tops are the label's.
LK_INLINE long few_cross_entropy(long rows, long classes, float smoothing, float scale, const float *logits,
                                 const float *labels, const float *weights, float *gradient, lk_sum *sum) {
  sixteen_rows block;
  read_rows(&block, rows, classes, logits);
  exponentiate(&block, classes);
  // The hit of a label that is no class stays a NaN.
  lk_f32x16 label = -1.0f, hit = __builtin_nanf(""), all = 0.0f, inverse = 1.0f / (1.0f + block.rest);
  memcpy(&label, labels, (size_t)rows * sizeof *labels);
  float uniform = smoothing / (float)classes, sharp = 1.0f - smoothing;
  for (long k = 0; k < classes; k++) {
    lk_i32x16 is_label = label == (lk_f32x16)(float)k;
    hit = LK_SELECT(is_label, hit, block.logits[k]);
    all += block.logits[k];
    lk_f32x16 target = LK_SELECT(is_label, (lk_f32x16)uniform, (lk_f32x16)(uniform + sharp));
    block.exponentials[k] = scale * (block.exponentials[k] * inverse - target);
  }
  float rest[LK_LANES], terms[LK_LANES], expected[LK_LANES];
  if (smoothing != 0.0f) hit = sharp * hit + uniform * all;
  memcpy(rest, &block.rest, sizeof rest);
  memcpy(expected, &hit, sizeof expected);
  LK_ELEMENTWISE for (long l = 0; l < rows; l++) terms[l] = lk_log1p(rest[l]) - expected[l];
  if (weights) {
    lk_f32x16 weight = 0.0f;
    memcpy(&weight, weights, (size_t)rows * sizeof *weights);
    for (long k = 0; k < classes; k++) block.exponentials[k] *= weight;
    for (long l = 0; l < rows; l++) terms[l] *= weights[l];
  }
  lk_add_terms(sum, rows, terms);
  if (gradient) write_rows(rows, classes, block.exponentials, gradient);
  long right = 0;
  for (long l = 0; l < rows; l++) right += block.top[l] == label[l];
  return right;
}

// Index of the first of the largest elements.
LK_INLINE long index_of_largest(long n, const float *z) {
  lk_f32x16 lanes = z[0], block;
  long k = 0;
  for (; k + LK_LANES <= n; k += LK_LANES) {
    memcpy(&block, z + k, sizeof block);
    lk_i32x16 above = block > lanes;
    lanes = LK_SELECT(above, lanes, block);
  }
  float largest = lanes[0];
  for (int l = 1; l < LK_LANES; l++) largest = lanes[l] > largest ? lanes[l] : largest;
  for (; k < n; k++) largest = z[k] > largest ? z[k] : largest;
  for (k = 0; k < n; k++)
    if (z[k] == largest) return k;
  return 0; // only where the first is a NaN
}

// out[k] = e^(z[k] - largest); returns the sum. `out` may be z.
LK_INLINE double exponentials(long n, const float *z, float largest, float *out) {
  lk_sum sum = {0};
  LK_ELEMENTWISE for (long k = 0; k < n; k++) out[k] = lk_exp(z[k] - largest);
  lk_add_terms(&sum, n, out);
  return lk_total(&sum);
}

// The class that a label names, or -1 where it names none.
LK_INLINE long class_of(float label, long classes) {
  // Beyond these bounds, and for a NaN, the conversion is not defined.
  if (!(label >= 0.0f && (double)label < (double)classes)) return -1;
  long class = (long)label;
  return (float)class == label ? class : -1;
}

// The loss of one row of many classes, times its weight; `right` grows by one if its top is the label's.
LK_INLINE double many_cross_entropy(long classes, float smoothing, float scale, const float *z, float label,
                                    float weight, float *gradient, long *right) {
  long class = class_of(label, classes);
  long top = index_of_largest(classes, z);
  float largest = z[top], buffer[CHUNK];
  double total = 0, all = 0;
  for (long start = 0; start < classes; start += CHUNK) {
    long n = classes - start < CHUNK ? classes - start : CHUNK;
    total += exponentials(n, z + start, largest, gradient ? gradient + start : buffer);
    if (smoothing != 0.0f)
      for (long k = 0; k < n; k++) all += (double)(z[start + k] - largest);
  }
  *right += top == class;
  float uniform = smoothing / (float)classes, sharp = 1.0f - smoothing, inverse = (float)(1.0 / total);
  if (gradient) {
    LK_ELEMENTWISE for (long k = 0; k < classes; k++) gradient[k] = lk_flushed(scale * (gradient[k] * inverse - uniform));
    if (class >= 0) gradient[class] -= scale * sharp;
    if (weight != 1.0f)
      LK_ELEMENTWISE for (long k = 0; k < classes; k++) gradient[k] = lk_flushed(gradient[k] * weight);
  }
  if (class < 0) return __builtin_nan("");
  double expected = smoothing != 0.0f ? (double)uniform * all : 0;
  // The top's exponential is 1; what the others add to it keeps its own precision.
  double loss = (double)lk_log1p((float)(total - 1.0)) - (double)sharp * (double)(z[class] - largest) - expected;
  return (double)weight * loss;
}

LK_KERNEL(double, lk_softmax_cross_entropy, (long rows, long classes, float smoothing, float scale, const float *logits,
                                             const float *labels, const float *weights, float *gradient, long *correct),
          (rows, classes, smoothing, scale, logits, labels, weights, gradient, correct)) {
  long right = 0;
  if (classes <= FEW) {
    lk_sum sum = {0};
    for (long r = 0; r < rows; r += LK_LANES)
      right += few_cross_entropy(rows - r < LK_LANES ? rows - r : LK_LANES, classes, smoothing, scale,
                                 logits + r * classes, labels + r, weights ? weights + r : NULL,
                                 gradient ? gradient + r * classes : NULL, &sum);
    *correct = right;
    return lk_total(&sum);
  }
  double sum = 0;
  for (long r = 0; r < rows; r++)
    sum += many_cross_entropy(classes, smoothing, scale, logits + r * classes, labels[r],
                              weights ? weights[r] : 1.0f, gradient ? gradient + r * classes : NULL, &right);
  *correct = right;
  return sum;
}

LK_KERNEL(void, lk_softmax, (long rows, long classes, const float *logits, float *probabilities),
          (rows, classes, logits, probabilities)) {
  if (classes <= FEW) {
    for (long r = 0; r < rows; r += LK_LANES) {
      long here = rows - r < LK_LANES ? rows - r : LK_LANES;
      sixteen_rows block;
      read_rows(&block, here, classes, logits + r * classes);
      exponentiate(&block, classes);
      lk_f32x16 inverse = 1.0f / (1.0f + block.rest);
      for (long k = 0; k < classes; k++) block.exponentials[k] *= inverse;
      write_rows(here, classes, block.exponentials, probabilities + r * classes);
    }
    return;
  }
  for (long r = 0; r < rows; r++) {
    const float *z = logits + r * classes;
    float *p = probabilities + r * classes;
    float inverse = (float)(1.0 / exponentials(classes, z, z[index_of_largest(classes, z)], p));
    LK_ELEMENTWISE for (long k = 0; k < classes; k++) p[k] = lk_flushed(p[k] * inverse);
  }
}

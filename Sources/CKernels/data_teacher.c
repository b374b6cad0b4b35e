// Labels and targets from a random network: see CKernelsData.h.
#include "CKernelsData.h"
#include "sample_words.h"

#pragma STDC FP_CONTRACT OFF

// Rows that walk through the network together, so that a weight is loaded once for all of them. A row's sums do not
// mix with the others'.
enum { TEACHER_ROWS = 4 };
// The values of a layer, a row of LK_TEACHER_WIDTH floats each.
typedef float lk_teacher_layer[TEACHER_ROWS][LK_TEACHER_WIDTH] __attribute__((aligned(64)));

static long padded(long count) { return (count + LK_DATA_PADDING - 1) / LK_DATA_PADDING * LK_DATA_PADDING; }

// out[r][j] = bias[j] + sum over i of x[r][i] * weight[i][j], a fused chain in the order of i; `weights` holds the
// bias row and the weight rows.
LK_INLINE void dense(int rows, long inputs, long units, const float *weights, const float *x, long stride,
                     float (*out)[LK_TEACHER_WIDTH]) {
  const long row = padded(units);
  for (long j = 0; j < units; j += 32) {
    lk_f32x16 sums[TEACHER_ROWS][2];
    for (int r = 0; r < rows; r++) memcpy(sums[r], weights + j, sizeof sums[r]);
    for (long i = 0; i < inputs; i++) {
      lk_f32x16 weight[2];
      memcpy(weight, weights + (i + 1) * row + j, sizeof weight);
      for (int r = 0; r < rows; r++) {
        const lk_f32x16 value = (lk_f32x16)x[r * stride + i];
        sums[r][0] = __builtin_elementwise_fma(value, weight[0], sums[r][0]);
        sums[r][1] = __builtin_elementwise_fma(value, weight[1], sums[r][1]);
      }
    }
    for (int r = 0; r < rows; r++) memcpy(out[r] + j, sums[r], sizeof sums[r]);
  }
}

LK_STATIC_KERNEL(void, dense_group, (long inputs, long units, const float *weights, const float *x, long stride,
                                     float (*out)[LK_TEACHER_WIDTH]), (inputs, units, weights, x, stride, out)) {
  dense(TEACHER_ROWS, inputs, units, weights, x, stride, out);
}

LK_STATIC_KERNEL(void, dense_row, (long inputs, long units, const float *weights, const float *x,
                                   float (*out)[LK_TEACHER_WIDTH]), (inputs, units, weights, x, out)) {
  dense(1, inputs, units, weights, x, 0, out);
}

// Walks `rows` rows, TEACHER_ROWS or 1, through the network; layer l stands in layers[l % 2], the outputs in
// layers[depth % 2].
static void forward(const lk_teacher *teacher, long rows, const float *x, lk_teacher_layer layers[2]) {
  const float *weights = teacher->weights;
  long inputs = teacher->inputs, stride = teacher->inputs;
  for (long layer = 0; layer <= teacher->depth; layer++) {
    const int hidden = layer < teacher->depth;
    const long units = hidden ? teacher->width : teacher->outputs;
    float(*out)[LK_TEACHER_WIDTH] = layers[layer % 2];
    if (rows == TEACHER_ROWS) {
      dense_group(inputs, units, weights, x, stride, out);
    } else {
      dense_row(inputs, units, weights, x, out);
    }
    for (long r = 0; hidden && r < rows; r++)
      lk_activation_forward(teacher->activation, teacher->parameter, units, out[r], out[r]);
    weights += (inputs + 1) * padded(units);
    inputs = units;
    x = out[0];
    stride = LK_TEACHER_WIDTH;
  }
}

void lk_teacher_rows(const lk_teacher *teacher, long rows, const float *x, float *y) {
  lk_teacher_layer layers[2];
  float(*out)[LK_TEACHER_WIDTH] = layers[teacher->depth % 2];
  for (long r = 0; r < rows;) {
    const long group = rows - r >= TEACHER_ROWS ? TEACHER_ROWS : 1;
    forward(teacher, group, x + r * teacher->inputs, layers);
    for (long i = 0; i < group; i++, r++)
      memcpy(y + r * teacher->outputs, out[i], (size_t)teacher->outputs * sizeof *y);
  }
}

void lk_teacher_labels(const lk_teacher *teacher, const float *center, const float *scale, long rows, const float *x,
                       float *labels) {
  lk_teacher_layer layers[2];
  float(*out)[LK_TEACHER_WIDTH] = layers[teacher->depth % 2];
  for (long r = 0; r < rows;) {
    const long group = rows - r >= TEACHER_ROWS ? TEACHER_ROWS : 1;
    forward(teacher, group, x + r * teacher->inputs, layers);
    for (long i = 0; i < group; i++, r++) {
      long largest = 0;
      float best = (out[i][0] - center[0]) * scale[0];
      for (long k = 1; k < teacher->outputs; k++) {
        const float value = (out[i][k] - center[k]) * scale[k];
        if (value > best) {
          best = value;
          largest = k;
        }
      }
      labels[r] = (float)largest;
    }
  }
}

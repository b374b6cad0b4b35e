// Rows of synthetic samples. Row r is sample `samples[r]`; it takes its numbers from the streams (key, counter (0,
// low word of the sample, high word of the sample)) described in CKernels.h, so that it does not depend on the rows
// beside it. Products and sums are fused where written so, and nowhere else: but for a teacher's activations, a
// sample's bits are the same on every instruction set.
#ifndef LOCKSTEP_KERNELS_DATA_H
#define LOCKSTEP_KERNELS_DATA_H

#include "CKernels.h"

#ifdef __cplusplus
extern "C" {
#endif

// Rows of the tables that the kernels below read are padded to a multiple of this many floats.
#define LK_DATA_PADDING 32
// The widest layer of a teacher, its output included.
#define LK_TEACHER_WIDTH 1024

// MARK: Order

// A keyed permutation of 0 ..< count, count <= 2^48: a Feistel network over Z_left_size x Z_2^right_bits with cycle
// walking (Black, Rogaway 2002). x = left 2^right_bits + right; in turn each half is shifted, modulo its size, by a
// keyed hash of the other. Six rounds, or the most there are if the count is at most 1024.
enum { LK_PERMUTATION_ROUNDS = 24 };
typedef struct {
  uint64_t count;
  uint32_t left_size, right_bits, rounds;
  uint32_t keys[2 * LK_PERMUTATION_ROUNDS];
} lk_permutation;

// The keys are the first words of the stream; 2^right_bits is the smallest power of two whose square is at least the
// count.
void lk_make_permutation(lk_stream stream, uint64_t count, lk_permutation *permutation);
// samples[i] = where the permutation takes first + i; the positions are inside 0 ..< count.
void lk_permute_range(const lk_permutation *permutation, uint64_t first, long n, long *samples);

// MARK: Rows of numbers

// x[r][c] = element c of the sample's stream: N(0, 1).
void lk_normal_rows(long rows, const long *samples, const uint32_t key[2], long columns, float *x);
// x[r][c] = fma(u, scale, shift), u = element c of the sample's stream, uniform in [0, 1).
void lk_uniform_rows(long rows, const long *samples, const uint32_t key[2], long columns, float scale, float shift,
                     float *x);
// x[r][c] = 1 where the highest bit of the stream's word for element c is set, else -1.
void lk_sign_rows(long rows, const long *samples, const uint32_t key[2], long columns, float *x);
// x[r][c] = fma(n, deviation[c], means[labels[r]][c]), n = element c of the sample's stream: N(0, 1). means is
// [classes, stride], deviation [stride], stride = columns rounded up to LK_DATA_PADDING.
void lk_gaussian_cluster_rows(long rows, const long *samples, const uint32_t key[2], long columns, long stride,
                              const float *means, const float *deviation, const float *labels, float *x);

// MARK: Labels and targets. w0, w1, w2 are the words of the counter (0, 0, sample) under `key`.

// labels[r] = floor(classes * w0 2^-32): uniform over the classes.
void lk_class_labels(long rows, const long *samples, const uint32_t key[2], uint32_t classes, float *labels);
// Where w1 2^-32 < share, a label becomes one of the others: (label + 1 + floor((classes - 1) * w2 2^-32)) mod classes.
void lk_relabel(long rows, const long *samples, const uint32_t key[2], uint32_t classes, double share, float *labels);
// y[r][c] = fma(n, deviation, y[r][c]), n = element c of the sample's stream: N(0, 1).
void lk_add_noise(long rows, const long *samples, const uint32_t key[2], long columns, float deviation, float *y);
// labels[r] = 1 if an odd number of the features at `positions` are 1, else 0.
void lk_parity_labels(long rows, long columns, const float *x, long bits, const long *positions, float *labels);
// Features 0 and 1 of every row, which hold two N(0, 1), become a point about the arm `label`: with t = (w1 + 0.5)
// 2^-32 the radius and a = label / classes + turns * t the angle in turns, (t cos 2 pi a + noise * x0) * scale[0] and
// (t sin 2 pi a + noise * x1) * scale[1].
void lk_spiral_plane(long rows, const long *samples, const uint32_t key[2], uint32_t classes, double turns, float noise,
                     const float scale[2], const float *labels, long columns, float *x);
// y[r] = (10 sin(pi u0 u1) + 20 (u2 - 1/2)^2 + 10 u3 + 5 u4 + noise * n - center) * scale: u the first elements of
// the sample's uniform stream under `key`, n the first of its normal stream under `noise_key`.
void lk_friedman_targets(long rows, const long *samples, const uint32_t key[2], const uint32_t noise_key[2],
                         float noise, float center, float scale, float *y);

// A random network: `depth` hidden layers of `width` units, then `outputs` linear ones. `weights` holds for each
// layer its bias, then one row an input, every row padded to LK_DATA_PADDING.
typedef struct {
  long inputs, depth, width, outputs;
  lk_activation activation;
  float parameter;
  const float *weights;
} lk_teacher;

// y[r][k] = output k for the row x[r]: a fused chain over the inputs in order, row by row.
void lk_teacher_rows(const lk_teacher *teacher, long rows, const float *x, float *y);
// labels[r] = the k with the largest (output k - center[k]) * scale[k], the first of equals.
void lk_teacher_labels(const lk_teacher *teacher, const float *center, const float *scale, long rows, const float *x,
                       float *labels);

// MARK: Pictures. Each row of x, [height, width, channels], holds N(0, 1) before, and is noise times them plus `gain`
// times what is drawn. w[i] is the word of element 32 + i of the sample's stream under `key`, u(i) = floor(w[i] 2^-8)
// 2^-24. A colour from w[i] on has for channel c the number g(u(i + c)), g(u) = v + 1/2 for v = u - 1/2 >= 0, else
// v - 1/2: of either sign, from 1/2 to 1. Pixel (i, j) has its middle at (i + 1/2, j + 1/2).

typedef struct {
  long height, width, channels; // channels 1 or 3
  float noise, gain;
} lk_canvas;

// The widest picture.
#define LK_PICTURE_WIDTH 512
// The most channels.
#define LK_PICTURE_CHANNELS 3

// A grating under the envelope of another: at pixel (i, j) (1 + cos 2 pi p1) cos 2 pi p0 times the colour from w[6] on,
// with p_k = w[k] 2^-32 + f_k (i sin 2 pi a_k + j cos 2 pi a_k). The direction is a_k = (turns[label][k] + floor(w[2 +
// k] 2^-5) - 2^26) 2^-32, the frequency f_k = low[k] + range[k] u(4 + k), in waves a pixel.
typedef struct {
  lk_canvas picture;
  float low[2], range[2];
  const uint32_t *turns; // [classes, 2]
} lk_texture;

void lk_texture_rows(const lk_texture *texture, long rows, const long *samples, const uint32_t key[2],
                     const float *labels, float *x);

// Figures of the label and strokes that say nothing. Thing t = 0, 1, ... takes the words from w[8 t] on: its place by
// u(0) and u(1), its turn by w[2], its size by u(3), its colour by those from w[4] on. Things 0 to 3 are figures, 4 and
// 5 strokes. A label counts (figure, style, count) in that order: figure fastest, then filled or outlined, then how
// many there are.
typedef enum { LK_DISC, LK_SQUARE, LK_TRIANGLE, LK_CROSS, LK_STAR } lk_figure;
enum { LK_FIGURES = 5, LK_FIGURE_STYLES = 2, LK_FIGURE_COUNTS = 4, LK_STROKES = 2 };

// One figure has the whole picture as its cell; of several, figure t has the quarter (t + floor(w[7] 2^-30)) mod 4 of
// picture (rows, then columns). With s the cell's shorter side times low + range u(3), the root of the figure's area,
// and r = s lk_figure_reach, its middle along a side c of the cell is c / 2 + (u - 1/2) max(0, c - 2 r) from the cell's
// corner. A stroke's cell is the picture, r half its length, s of the same kind. Every pixel gets the colour times its
// cover, 1/2 - d held within 0 and 1, d the distance in pixels from the figure, negative inside; outlined, |d| -
// thickness / 2; of a stroke, the distance from its line less that.
typedef struct {
  lk_canvas picture;
  float thickness;
  float low[2], range[2]; // of one figure, of several
  float stroke_low, stroke_range;
} lk_drawing;

void lk_drawing_rows(const lk_drawing *drawing, long rows, const long *samples, const uint32_t key[2],
                     const float *labels, float *x);
// How far a figure of area 1 reaches from its middle.
float lk_figure_reach(lk_figure figure);

// MARK: Training pictures, varied

// Each row of x is a picture [height, width, channels]. w[i] is the word of element i of the stream (key, counter (row
// of the batch, low word of the step, high word of the step)), u(i) = floor(w[i] 2^-8) 2^-24, below(i, n) = floor(n
// w[i] 2^-32). In this order: every number becomes fma(x, 1 + contrast (2 u(5) - 1), brightness (2 u(6) - 1)); where
// `mirrors` is not 0 and the highest bit of w[0] is set, left and right are exchanged; the picture, with `padding`
// zeros on every side, is seen through a window of its own size that begins below(1, 2 padding + 1) rows and below(2, 2
// padding + 1) columns from the corner; a square of `cutout` pixels, which begins cutout / 2 before row below(3,
// height) and column below(4, width), becomes 0 where it lies within. A padding, cutout, brightness or contrast of 0
// leaves it.
typedef struct {
  long height, width, channels;
  int mirrors;
  long padding, cutout; // padding below the shorter side
  float brightness, contrast;
} lk_augmentation;

// Rows [first, first + rows) of the batch, which stand `row` floats apart. `scratch` has room for one picture.
void lk_augment_rows(const lk_augmentation *augmentation, const uint32_t key[2], uint64_t step, long first, long rows,
                     long row, float *x, float *scratch);

#ifdef __cplusplus
}
#endif
#endif

// Labels and targets of synthetic tasks that are formulas: see CKernelsData.h.
#include "CKernelsData.h"
#include "sample_words.h"

#pragma STDC FP_CONTRACT OFF

void lk_parity_labels(long rows, long columns, const float *x, long bits, const long *positions, float *labels) {
  for (long r = 0; r < rows; r++) {
    const float *row = x + r * columns;
    int odd = 0;
    for (long i = 0; i < bits; i++) odd ^= row[positions[i]] > 0.0f;
    labels[r] = (float)odd;
  }
}

LK_KERNEL(void, lk_spiral_plane, (long rows, const long *samples, const uint32_t key[2], uint32_t classes, double turns,
                                  float noise, const float scale[2], const float *labels, long columns, float *x),
          (rows, samples, key, classes, turns, noise, scale, labels, columns, x)) {
  lk_round_keys keys;
  lk_make_round_keys(key, &keys);
  for (long r = 0; r < rows; r += 8) {
    const long here = rows - r < 8 ? rows - r : 8;
    uint64_t words[4][8];
    lk_label_words(&keys, samples + r, rows - r, words);
    uint32_t turn[16] = {0};
    float radius[8];
    for (long i = 0; i < here; i++) {
      const double t = ((double)words[1][i] + 0.5) * 0x1p-32;
      const double angle = (double)labels[r + i] / (double)classes + turns * t;
      radius[i] = (float)t;
      turn[i] = (uint32_t)(uint64_t)((angle - (double)(int64_t)angle) * 0x1p32);
    }
    lk_u32x16 turns_of_rows;
    lk_f32x16 direction[2];
    memcpy(&turns_of_rows, turn, sizeof turn);
    lk_cos_sin_turn(&turns_of_rows, &direction[0], &direction[1]);
    float cosine[16], sine[16];
    memcpy(cosine, &direction[0], sizeof cosine);
    memcpy(sine, &direction[1], sizeof sine);
    for (long i = 0; i < here; i++) {
      float *point = x + (r + i) * columns;
      point[0] = __builtin_fmaf(noise, point[0], radius[i] * cosine[i]) * scale[0];
      point[1] = __builtin_fmaf(noise, point[1], radius[i] * sine[i]) * scale[1];
    }
  }
}

LK_KERNEL(void, lk_friedman_targets, (long rows, const long *samples, const uint32_t key[2],
                                      const uint32_t noise_key[2], float noise, float center, float scale, float *y),
          (rows, samples, key, noise_key, noise, center, scale, y)) {
  lk_round_keys keys, noise_keys;
  lk_make_round_keys(key, &keys);
  lk_make_round_keys(noise_key, &noise_keys);
  for (long r = 0; r < rows; r++) {
    uint32_t counter[3];
    lk_sample_counter(samples[r], counter);
    lk_f32x16 first, rest, cosine, sine, normals;
    lk_uniform_block(&keys, counter, 0, &first, &rest);
    lk_normal_block(&noise_keys, counter, 0, &normals, &rest);
    float u[16];
    memcpy(u, &first, sizeof u);
    // The sine of pi times a product of two numbers below 1: at most half a turn.
    const lk_u32x16 turn = (lk_u32x16)(uint32_t)((double)u[0] * (double)u[1] * 0x1p31);
    lk_cos_sin_turn(&turn, &cosine, &sine);
    const double middle = (double)u[2] - 0.5;
    double target = 10.0 * (double)sine[0] + 20.0 * (middle * middle);
    target = target + 10.0 * (double)u[3];
    target = target + 5.0 * (double)u[4];
    target = target + (double)noise * (double)normals[0];
    y[r] = (float)((target - (double)center) * (double)scale);
  }
}

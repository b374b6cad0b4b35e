// Gratings under gratings: see "Pictures" in CKernelsData.h.
#include "picture.h"

#pragma STDC FP_CONTRACT OFF

// A wave: its phase at the first pixel and what a step down and a step to the right add, as fractions of a turn 2^-32,
// so that sums are exact.
typedef struct {
  uint32_t phase, down, right;
} lk_wave;

LK_INLINE void lk_make_waves(const lk_texture *texture, const uint32_t *turns, const uint32_t *words, lk_wave wave[2]) {
  lk_u32x16 turn = {0};
  for (int k = 0; k < 2; k++) turn[k] = turns[k] + (words[2 + k] >> 5) - (1u << 26);
  lk_f32x16 cosine, sine;
  lk_cos_sin_turn(&turn, &cosine, &sine);
  for (int k = 0; k < 2; k++) {
    const float frequency = __builtin_fmaf(texture->range[k], lk_unit(words[4 + k]), texture->low[k]) * 0x1p32f;
    wave[k].down = (uint32_t)(int32_t)(frequency * sine[k]);
    wave[k].right = (uint32_t)(int32_t)(frequency * cosine[k]);
    // The phase is that of (0, 0), half a step before the middle of the first pixel: no matter, it is uniform.
    wave[k].phase = words[k];
  }
}

LK_KERNEL(void, lk_texture_rows, (const lk_texture *texture, long rows, const long *samples, const uint32_t key[2],
                                  const float *labels, float *x), (texture, rows, samples, key, labels, x)) {
  const lk_canvas *picture = &texture->picture;
  const lk_u32x16 lanes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  const long line = picture->width * picture->channels;
  lk_round_keys keys;
  lk_make_round_keys(key, &keys);
  for (long r = 0; r < rows; r++) {
    uint32_t counter[3], words[LK_BLOCK];
    lk_sample_counter(samples[r], counter);
    lk_element_words(&keys, counter, 1, words);
    lk_wave wave[2];
    lk_make_waves(texture, texture->turns + 2 * (long)labels[r], words, wave);
    float colour[LK_PICTURE_CHANNELS], value[LK_PICTURE_WIDTH];
    lk_colour(picture, words + 6, colour);
    for (long i = 0; i < picture->height; i++) {
      lk_u32x16 phase[2];
      for (int k = 0; k < 2; k++) phase[k] = wave[k].phase + (uint32_t)i * wave[k].down + lanes * wave[k].right;
      for (long j = 0; j < picture->width; j += 16) {
        lk_f32x16 carrier, envelope, rest;
        lk_cos_sin_turn(&phase[0], &carrier, &rest);
        lk_cos_sin_turn(&phase[1], &envelope, &rest);
        carrier = __builtin_elementwise_fma(envelope, carrier, carrier);
        memcpy(value + j, &carrier, sizeof carrier);
        for (int k = 0; k < 2; k++) phase[k] += 16u * wave[k].right;
      }
      lk_paint(picture->width, picture->channels, value, colour, picture->noise, x);
      x += line;
    }
  }
}

// What textures and drawings share: see "Pictures" in CKernelsData.h.
#ifndef LOCKSTEP_PICTURE_H
#define LOCKSTEP_PICTURE_H

#include "CKernelsData.h"
#include "sample_words.h"

// The words of the elements [32 * block, 32 * block + 32) of a sample's stream.
LK_INLINE void lk_element_words(const lk_round_keys *keys, const uint32_t counter[3], uint32_t block,
                                uint32_t words[LK_BLOCK]) {
  lk_u32x16 first, second;
  lk_block_words(keys, counter, block, &first, &second);
  const lk_u32x16 low = LK_ELEMENTS_LOW(first, second), high = LK_ELEMENTS_HIGH(first, second);
  memcpy(words, &low, sizeof low);
  memcpy(words + LK_BLOCK / 2, &high, sizeof high);
}

// Uniform in [0, 1).
LK_INLINE float lk_unit(uint32_t word) { return (float)(word >> 8) * 0x1p-24f; }

LK_INLINE void lk_colour(const lk_canvas *picture, const uint32_t *words, float colour[LK_PICTURE_CHANNELS]) {
  for (long c = 0; c < LK_PICTURE_CHANNELS; c++) {
    const float v = lk_unit(words[c]) - 0.5f;
    colour[c] = picture->gain * (v < 0.0f ? v - 0.5f : v + 0.5f);
  }
}

// pixel[c] = fma(value, colour[c], scale * pixel[c]) for `n` pixels side by side.
LK_INLINE void lk_paint(long n, long channels, const float *value, const float *colour, float scale, float *pixel) {
  if (channels == 1) {
    const float grey = colour[0];
    LK_ELEMENTWISE for (long i = 0; i < n; i++) pixel[i] = __builtin_fmaf(value[i], grey, scale * pixel[i]);
    return;
  }
  const float r = colour[0], g = colour[1], b = colour[2];
  // The numbers of sixteen pixels are three vectors.
  const lk_f32x16 colours[3] = {{r, g, b, r, g, b, r, g, b, r, g, b, r, g, b, r},
                                {g, b, r, g, b, r, g, b, r, g, b, r, g, b, r, g},
                                {b, r, g, b, r, g, b, r, g, b, r, g, b, r, g, b}};
  long i = 0;
  for (; i + 16 <= n; i += 16) {
    lk_f32x16 v, numbers[3];
    memcpy(&v, value + i, sizeof v);
    memcpy(numbers, pixel + 3 * i, sizeof numbers);
    const lk_f32x16 values[3] = {
        __builtin_shufflevector(v, v, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5),
        __builtin_shufflevector(v, v, 5, 5, 6, 6, 6, 7, 7, 7, 8, 8, 8, 9, 9, 9, 10, 10),
        __builtin_shufflevector(v, v, 10, 11, 11, 11, 12, 12, 12, 13, 13, 13, 14, 14, 14, 15, 15, 15)};
    for (int k = 0; k < 3; k++) numbers[k] = __builtin_elementwise_fma(values[k], colours[k], scale * numbers[k]);
    memcpy(pixel + 3 * i, numbers, sizeof numbers);
  }
  for (; i < n; i++)
    for (long c = 0; c < 3; c++) pixel[3 * i + c] = __builtin_fmaf(value[i], colour[c], scale * pixel[3 * i + c]);
}

#endif

// Training pictures, varied: see CKernelsData.h.
#include "picture.h"

#pragma STDC FP_CONTRACT OFF

// Where a picture's window, square, factor and shift are.
typedef struct {
  int is_mirrored;
  long down, right;         // of the window's corner from the picture's
  long square[2][2];        // rows, columns: first, end
  float factor, shift;
} lk_variation;

// Uniform over 0 ..< count.
LK_INLINE long lk_below(uint32_t word, long count) { return (long)(((uint64_t)word * (uint64_t)count) >> 32); }
// Uniform in [-1, 1).
LK_INLINE float lk_signed_unit(uint32_t word) { return __builtin_fmaf(2.0f, lk_unit(word), -1.0f); }

LK_INLINE void lk_vary(const lk_augmentation *a, const uint32_t *words, lk_variation *v) {
  const long sides[2] = {a->height, a->width};
  v->is_mirrored = a->mirrors && words[0] >> 31;
  v->down = lk_below(words[1], 2 * a->padding + 1) - a->padding;
  v->right = lk_below(words[2], 2 * a->padding + 1) - a->padding;
  for (int axis = 0; axis < 2; axis++) {
    const long first = lk_below(words[3 + axis], sides[axis]) - a->cutout / 2, end = first + a->cutout;
    v->square[axis][0] = first < 0 ? 0 : first;
    v->square[axis][1] = end > sides[axis] ? sides[axis] : end;
  }
  v->factor = __builtin_fmaf(a->contrast, lk_signed_unit(words[5]), 1.0f);
  v->shift = a->brightness * lk_signed_unit(words[6]);
}

// to[i] = fma(from[i], factor, shift) for n numbers; of a mirrored row of pixels, `from` is the last.
LK_INLINE void lk_vary_run(long pixels, long channels, const lk_variation *v, const float *from, float *to) {
  const float factor = v->factor, shift = v->shift;
  if (!v->is_mirrored) {
    LK_ELEMENTWISE for (long i = 0; i < pixels * channels; i++) to[i] = __builtin_fmaf(from[i], factor, shift);
  } else if (channels == 1) {
    LK_ELEMENTWISE for (long i = 0; i < pixels; i++) to[i] = __builtin_fmaf(from[-i], factor, shift);
  } else {
    for (long i = 0; i < pixels; i++)
      for (long c = 0; c < channels; c++)
        to[i * channels + c] = __builtin_fmaf(from[c - i * channels], factor, shift);
  }
}

LK_INLINE void lk_zero(float *from, long count) { memset(from, 0, (size_t)count * sizeof *from); }

LK_KERNEL(void, lk_augment_rows, (const lk_augmentation *a, const uint32_t key[2], uint64_t step, long first, long rows,
                                  long row, float *x, float *scratch), (a, key, step, first, rows, row, x, scratch)) {
  const long channels = a->channels, line = a->width * channels;
  lk_round_keys keys;
  lk_make_round_keys(key, &keys);
  for (long r = 0; r < rows; r++, x += row) {
    const uint32_t counter[3] = {(uint32_t)(first + r), (uint32_t)step, (uint32_t)(step >> 32)};
    uint32_t words[LK_BLOCK];
    lk_element_words(&keys, counter, 0, words);
    lk_variation v;
    lk_vary(a, words, &v);
    if (a->mirrors || a->padding > 0 || a->brightness > 0.0f || a->contrast > 0.0f) {
      memcpy(scratch, x, (size_t)(a->height * line) * sizeof *x);
      // The columns of the result that the window sees of the picture.
      const long begin = v.right < 0 ? -v.right : 0, end = v.right > 0 ? a->width - v.right : a->width;
      for (long i = 0; i < a->height; i++) {
        float *to = x + i * line;
        if (i + v.down < 0 || i + v.down >= a->height) {
          lk_zero(to, line);
          continue;
        }
        const long column = v.is_mirrored ? a->width - 1 - (begin + v.right) : begin + v.right;
        lk_zero(to, begin * channels);
        const float *from = scratch + (i + v.down) * line + column * channels;
        lk_vary_run(end - begin, channels, &v, from, to + begin * channels);
        lk_zero(to + end * channels, (a->width - end) * channels);
      }
    }
    for (long i = v.square[0][0]; i < v.square[0][1]; i++)
      lk_zero(x + i * line + v.square[1][0] * channels, (v.square[1][1] - v.square[1][0]) * channels);
  }
}

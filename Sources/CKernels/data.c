// Rows of synthetic samples: numbers and labels. See CKernelsData.h.
#include "CKernelsData.h"
#include "sample_words.h"

#pragma STDC FP_CONTRACT OFF

// A block of a matrix that is filled row by row.
typedef struct {
  long row, column;
} lk_place;

LK_INLINE void lk_advance(lk_place *place, long columns) {
  place->column += LK_BLOCK;
  if (place->column >= columns) {
    place->column = 0;
    place->row++;
  }
}

// Writes the block at `place`. Where its thirty-two floats lie inside the matrix it is written whole: what is beyond
// its row is overwritten by the rows that follow.
LK_INLINE void lk_store_block(float *x, long rows, long columns, lk_place place, const lk_f32x16 *low,
                              const lk_f32x16 *high) {
  const long start = place.row * columns + place.column;
  if (rows * columns - start >= LK_BLOCK) {
    memcpy(x + start, low, sizeof *low);
    memcpy(x + start + LK_BLOCK / 2, high, sizeof *high);
    return;
  }
  float values[LK_BLOCK];
  memcpy(values, low, sizeof *low);
  memcpy(values + LK_BLOCK / 2, high, sizeof *high);
  const long wanted = columns - place.column < LK_BLOCK ? columns - place.column : LK_BLOCK;
  for (long i = 0; i < wanted; i++) x[start + i] = values[i];
}

// The words of many blocks first, then what is made of them: a block is one long chain of dependent operations, and
// two short loops keep more chains in flight than one long loop.
enum { LK_BLOCKS_AHEAD = 16 };
typedef struct {
  lk_u32x16 first, second;
} lk_words;

// Fills x block by block; `make_block` turns the words of the block at a place into its thirty-two numbers.
#define FOR_EACH_BLOCK(make_block, ...) \
  lk_round_keys keys; \
  lk_make_round_keys(key, &keys); \
  lk_words words[LK_BLOCKS_AHEAD]; \
  for (lk_place ahead = {0, 0}; columns > 0 && ahead.row < rows;) { \
    lk_place place = ahead; \
    int blocks = 0; \
    while (blocks < LK_BLOCKS_AHEAD && ahead.row < rows) { \
      uint32_t counter[3]; \
      lk_sample_counter(samples[ahead.row], counter); \
      do { \
        lk_words *next = &words[blocks++]; \
        lk_block_words(&keys, counter, (uint32_t)(ahead.column / LK_BLOCK), &next->first, &next->second); \
        ahead.column += LK_BLOCK; \
      } while (blocks < LK_BLOCKS_AHEAD && ahead.column < columns); \
      if (ahead.column >= columns) { \
        ahead.column = 0; \
        ahead.row++; \
      } \
    } \
    for (int i = 0; i < blocks; i++, lk_advance(&place, columns)) { \
      lk_f32x16 low, high; \
      make_block(&words[i], place, &low, &high, ##__VA_ARGS__); \
      lk_store_block(x, rows, columns, place, &low, &high); \
    } \
  }

LK_INLINE void normal_block(const lk_words *words, lk_place place, lk_f32x16 *low, lk_f32x16 *high) {
  (void)place;
  lk_words_to_normals(&words->first, &words->second, low, high);
}

LK_KERNEL(void, lk_normal_rows, (long rows, const long *samples, const uint32_t key[2], long columns, float *x),
          (rows, samples, key, columns, x)) {
  FOR_EACH_BLOCK(normal_block)
}

LK_INLINE void uniform_block(const lk_words *words, lk_place place, lk_f32x16 *low, lk_f32x16 *high, float scale,
                             float shift) {
  (void)place;
  const lk_u32x16 first = LK_ELEMENTS_LOW(words->first, words->second) >> 8;
  const lk_u32x16 last = LK_ELEMENTS_HIGH(words->first, words->second) >> 8;
  const lk_f32x16 by = scale * 0x1p-24f, to = shift;
  *low = __builtin_elementwise_fma(__builtin_convertvector(first, lk_f32x16), by, to);
  *high = __builtin_elementwise_fma(__builtin_convertvector(last, lk_f32x16), by, to);
}

LK_KERNEL(void, lk_uniform_rows, (long rows, const long *samples, const uint32_t key[2], long columns, float scale,
                                  float shift, float *x), (rows, samples, key, columns, scale, shift, x)) {
  FOR_EACH_BLOCK(uniform_block, scale, shift)
}

LK_INLINE void sign_block(const lk_words *words, lk_place place, lk_f32x16 *low, lk_f32x16 *high) {
  (void)place;
  const uint32_t one = 0x3F800000u;
  *low = (lk_f32x16)((~LK_ELEMENTS_LOW(words->first, words->second) & 0x80000000u) | one);
  *high = (lk_f32x16)((~LK_ELEMENTS_HIGH(words->first, words->second) & 0x80000000u) | one);
}

LK_KERNEL(void, lk_sign_rows, (long rows, const long *samples, const uint32_t key[2], long columns, float *x),
          (rows, samples, key, columns, x)) {
  FOR_EACH_BLOCK(sign_block)
}

LK_INLINE void cluster_block(const lk_words *words, lk_place place, lk_f32x16 *low, lk_f32x16 *high, long stride,
                             const float *means, const float *deviation, const float *labels) {
  const float *mean = means + (long)labels[place.row] * stride + place.column;
  lk_f32x16 mean_low, mean_high, by_low, by_high;
  memcpy(&mean_low, mean, sizeof mean_low);
  memcpy(&mean_high, mean + LK_BLOCK / 2, sizeof mean_high);
  memcpy(&by_low, deviation + place.column, sizeof by_low);
  memcpy(&by_high, deviation + place.column + LK_BLOCK / 2, sizeof by_high);
  lk_words_to_normals(&words->first, &words->second, low, high);
  *low = __builtin_elementwise_fma(*low, by_low, mean_low);
  *high = __builtin_elementwise_fma(*high, by_high, mean_high);
}

LK_KERNEL(void, lk_gaussian_cluster_rows, (long rows, const long *samples, const uint32_t key[2], long columns,
                                           long stride, const float *means, const float *deviation, const float *labels,
                                           float *x),
          (rows, samples, key, columns, stride, means, deviation, labels, x)) {
  FOR_EACH_BLOCK(cluster_block, stride, means, deviation, labels)
}

// MARK: Labels

LK_KERNEL(void, lk_class_labels, (long rows, const long *samples, const uint32_t key[2], uint32_t classes,
                                  float *labels), (rows, samples, key, classes, labels)) {
  lk_round_keys keys;
  lk_make_round_keys(key, &keys);
  for (long r = 0; r < rows; r += 8) {
    uint64_t words[4][8];
    float label[8];
    lk_label_words(&keys, samples + r, rows - r, words);
    for (int i = 0; i < 8; i++) label[i] = (float)(int32_t)((words[0][i] * classes) >> 32);
    if (rows - r >= 8) {
      memcpy(labels + r, label, sizeof label);
    } else {
      memcpy(labels + r, label, (size_t)(rows - r) * sizeof *label);
    }
  }
}

LK_KERNEL(void, lk_relabel, (long rows, const long *samples, const uint32_t key[2], uint32_t classes, double share,
                             float *labels), (rows, samples, key, classes, share, labels)) {
  const uint64_t below = (uint64_t)(share * 0x1p32);
  lk_round_keys keys;
  lk_make_round_keys(key, &keys);
  for (long r = 0; r < rows; r += 8) {
    const long here = rows - r < 8 ? rows - r : 8;
    uint64_t words[4][8];
    lk_label_words(&keys, samples + r, rows - r, words);
    for (long i = 0; i < here; i++) {
      if (words[1][i] >= below) continue;
      const uint64_t away = 1 + ((words[2][i] * (classes - 1)) >> 32);
      labels[r + i] = (float)(((uint64_t)labels[r + i] + away) % classes);
    }
  }
}

LK_KERNEL(void, lk_add_noise, (long rows, const long *samples, const uint32_t key[2], long columns, float deviation,
                               float *y), (rows, samples, key, columns, deviation, y)) {
  lk_round_keys keys;
  lk_make_round_keys(key, &keys);
  for (long r = 0; r < rows; r++) {
    uint32_t counter[3];
    lk_sample_counter(samples[r], counter);
    for (long c = 0; c < columns; c += LK_BLOCK) {
      lk_f32x16 normals[2];
      float noise[LK_BLOCK];
      lk_normal_block(&keys, counter, (uint32_t)(c / LK_BLOCK), &normals[0], &normals[1]);
      memcpy(noise, normals, sizeof noise);
      float *row = y + r * columns + c;
      for (long i = 0; i < LK_BLOCK && c + i < columns; i++) row[i] = __builtin_fmaf(noise[i], deviation, row[i]);
    }
  }
}

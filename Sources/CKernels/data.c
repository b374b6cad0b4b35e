// Rows of synthetic samples: see CKernelsData.h.
#include "CKernelsData.h"
#include "normal_block.h"

// Eight samples side by side: one counter a sample.
LK_CLONES
void lk_class_labels(long rows, const long *samples, const uint32_t key[2], uint32_t classes, float *labels) {
  lk_round_keys keys;
  lk_make_round_keys(key, &keys);
  for (long r = 0; r < rows; r += 8) {
    const long here = rows - r < 8 ? rows - r : 8;
    uint64_t sample[8] = {0};
    for (long i = 0; i < here; i++) sample[i] = (uint64_t)samples[r + i];
    lk_u64x8 index;
    memcpy(&index, sample, sizeof index);
    lk_counters c = {{0, 0, index & 0xFFFFFFFFu, index >> 32}};
    lk_philox_rounds(&keys, &c);
    lk_u64x8 label = ((c.w[0] & 0xFFFFFFFFu) * (uint64_t)classes) >> 32;
    for (long i = 0; i < here; i++) labels[r + i] = (float)label[i];
  }
}

// A block whose thirty-two floats lie inside `end` is written whole, its surplus beyond the row being overwritten by the rows that follow.
LK_INLINE void lk_store_block(float *out, const float *end, long wanted, const lk_f32x16 *low, const lk_f32x16 *high) {
  if (end - out >= LK_BLOCK) {
    *(lk_f32x16_any *)out = *low;
    *(lk_f32x16_any *)(out + 16) = *high;
    return;
  }
  float values[LK_BLOCK];
  memcpy(values, low, sizeof *low);
  memcpy(values + 16, high, sizeof *high);
  for (long i = 0; i < wanted; i++) out[i] = values[i];
}

LK_CLONES
void lk_gaussian_cluster_rows(long rows, const long *samples, const uint32_t key[2], long columns, long stride, const float *means,
                              const float *deviation, const float *labels, float *x) {
  lk_round_keys keys;
  lk_make_round_keys(key, &keys);
  const float *end = x + rows * columns;
  for (long r = 0; r < rows; r++) {
    const uint64_t sample = (uint64_t)samples[r];
    const uint32_t counter[3] = {0, (uint32_t)sample, (uint32_t)(sample >> 32)};
    const float *mean = means + (long)labels[r] * stride;
    float *row = x + r * columns;
    for (long c = 0; c < columns; c += LK_BLOCK) {
      lk_f32x16 low, high;
      lk_normal_block(&keys, counter, (uint32_t)(c / LK_BLOCK), &low, &high);
      low = __builtin_elementwise_fma(low, *(const lk_f32x16_any *)(deviation + c), *(const lk_f32x16_any *)(mean + c));
      high = __builtin_elementwise_fma(high, *(const lk_f32x16_any *)(deviation + c + 16), *(const lk_f32x16_any *)(mean + c + 16));
      lk_store_block(row + c, end, columns - c < LK_BLOCK ? columns - c : LK_BLOCK, &low, &high);
    }
  }
}

// Counter-based random numbers: a counter and a key make the number, and there is no state.
#include "normal_block.h"

void lk_philox4x32_10(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
  lk_round_keys keys;
  lk_make_round_keys(key, &keys);
  lk_counters c;
  for (int w = 0; w < 4; w++) c.w[w] = (lk_u64x8)(uint64_t)counter[w];
  lk_philox_rounds(&keys, &c);
  for (int w = 0; w < 4; w++) out[w] = (uint32_t)c.w[w][0];
}

// Writes a stream's elements block by block; what a last block has beyond n is dropped. `block_kernel` makes the block
// `index` as two vectors.
#define FOR_EACH_BLOCK(vector, block_kernel) \
  lk_round_keys keys; \
  lk_make_round_keys(stream.key, &keys); \
  for (long start = 0; start < n; start += LK_BLOCK) { \
    vector low, high; \
    block_kernel(&keys, stream.counter, (uint32_t)(start / LK_BLOCK), &low, &high); \
    if (n - start >= LK_BLOCK) { \
      memcpy(out + start, &low, sizeof low); \
      memcpy(out + start + LK_BLOCK / 2, &high, sizeof high); \
    } else { \
      vector rest[2] = {low, high}; \
      memcpy(out + start, rest, (size_t)(n - start) * sizeof *out); \
    } \
  }

LK_INLINE void words_block(const lk_round_keys *keys, const uint32_t counter[3], uint32_t block, lk_u32x16 *low,
                           lk_u32x16 *high) {
  lk_u32x16 first, second;
  lk_block_words(keys, counter, block, &first, &second);
  *low = LK_ELEMENTS_LOW(first, second);
  *high = LK_ELEMENTS_HIGH(first, second);
}

LK_KERNEL(void, lk_random_words, (lk_stream stream, long n, uint32_t *out), (stream, n, out)) {
  FOR_EACH_BLOCK(lk_u32x16, words_block)
}

LK_KERNEL(void, lk_random_uniform, (lk_stream stream, long n, float *out), (stream, n, out)) {
  FOR_EACH_BLOCK(lk_f32x16, lk_uniform_block)
}

LK_KERNEL(void, lk_random_normal, (lk_stream stream, long n, float *out), (stream, n, out)) {
  FOR_EACH_BLOCK(lk_f32x16, lk_normal_block)
}

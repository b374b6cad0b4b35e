// Where a sample's words stand: see CKernelsData.h.
#ifndef LOCKSTEP_SAMPLE_WORDS_H
#define LOCKSTEP_SAMPLE_WORDS_H

#include "normal_block.h"

// The counter of a sample's stream.
LK_INLINE void lk_sample_counter(long sample, uint32_t counter[3]) {
  counter[0] = 0;
  counter[1] = (uint32_t)(uint64_t)sample;
  counter[2] = (uint32_t)((uint64_t)sample >> 32);
}

// words[w][i] = word w of the counter (0, 0, samples[i]), for the first eight of `count` samples side by side.
LK_INLINE void lk_label_words(const lk_round_keys *keys, const long *samples, long count, uint64_t words[4][8]) {
  lk_u64x8 index = 0;
  // A copy of a fixed size is one instruction, of any other a call.
  if (count >= 8) {
    memcpy(&index, samples, sizeof index);
  } else {
    memcpy(&index, samples, (size_t)count * sizeof *samples);
  }
  lk_counters counters = {{0, 0, index & 0xFFFFFFFFu, index >> 32}};
  lk_philox_rounds(keys, &counters);
  for (int w = 0; w < 4; w++) {
    const lk_u64x8 word = counters.w[w] & 0xFFFFFFFFu;
    memcpy(words[w], &word, sizeof word);
  }
}

#endif

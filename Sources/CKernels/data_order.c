// A keyed permutation of 0 ..< count: see CKernelsData.h.
#include "CKernelsData.h"
#include "normal_block.h"

void lk_make_permutation(lk_stream stream, uint64_t count, lk_permutation *permutation) {
  uint32_t bits = 0;
  while (((uint64_t)1 << (2 * bits)) < count) bits++;
  permutation->count = count;
  permutation->right_bits = bits;
  permutation->left_size = (uint32_t)((count + ((uint64_t)1 << bits) - 1) >> bits);
  // Six rounds mix halves of more than five bits; with fewer values a half it takes more rounds to reach every order
  // equally often.
  permutation->rounds = bits > 5 ? 6 : LK_PERMUTATION_ROUNDS;
  lk_random_words(stream, 2 * (long)permutation->rounds, permutation->keys);
}

// A keyed hash of numbers below 2^32: each multiplication makes 64 bits, whose halves are folded.
LK_INLINE void lk_fold(lk_u64x8 *x, uint32_t key, uint32_t multiplier) {
  const lk_u64x8 product = ((*x ^ (uint64_t)key) & 0xFFFFFFFFu) * (uint64_t)multiplier;
  *x = (product ^ (product >> 32)) & 0xFFFFFFFFu;
}

LK_INLINE void lk_hash(const lk_u64x8 *half, const uint32_t key[2], lk_u64x8 *hash) {
  *hash = *half;
  // Odd constants of the finaliser of MurmurHash3 and of Philox: any with well spread bits will do.
  lk_fold(hash, key[0], 0xCC9E2D51u);
  lk_fold(hash, key[1], 0xD2511F53u);
}

LK_INLINE void lk_permute(const lk_permutation *permutation, lk_u64x8 *x) {
  const uint64_t left_size = permutation->left_size, right_mask = ((uint64_t)1 << permutation->right_bits) - 1;
  lk_u64x8 left = *x >> (uint64_t)permutation->right_bits, right = *x & right_mask, hash;
  for (uint32_t round = 0; round < permutation->rounds; round += 2) {
    // The hash of one half shifts the other, modulo its size.
    lk_hash(&right, permutation->keys + 2 * round, &hash);
    left += (hash * left_size) >> 32;
    left -= left_size & (lk_u64x8)(left >= left_size);
    lk_hash(&left, permutation->keys + 2 * round + 2, &hash);
    right = (right + hash) & right_mask;
  }
  *x = (left << (uint64_t)permutation->right_bits) | right;
}

LK_KERNEL(void, lk_permute_range, (const lk_permutation *permutation, uint64_t first, long n, long *samples),
          (permutation, first, n, samples)) {
  const lk_u64x8 lanes = {0, 1, 2, 3, 4, 5, 6, 7};
  const uint64_t count = permutation->count;
  for (long i = 0; i < n; i += 8) {
    lk_u64x8 x = lanes + (first + (uint64_t)i);
    // Lanes beyond the range take part with a number that is inside, so that they end.
    x &= (lk_u64x8)(x < count);
    lk_permute(permutation, &x);
    while (1) {
      const lk_u64x8 outside = (lk_u64x8)(x >= count);
      if (!__builtin_reduce_or(outside)) break;
      lk_u64x8 again = x;
      lk_permute(permutation, &again);
      x = (again & outside) | (x & ~outside);
    }
    if (n - i >= 8) {
      memcpy(samples + i, &x, sizeof x);
    } else {
      memcpy(samples + i, &x, (size_t)(n - i) * sizeof *samples);
    }
  }
}

// Thirty-two elements of a stream at once, for the kernels that make random numbers (see "Random numbers" in
// CKernels.h for which counter and word element e has). Everything is written in explicit vectors and explicit fused
// multiply-adds, so that an element has the same bits on every instruction set.
#ifndef LOCKSTEP_NORMAL_BLOCK_H
#define LOCKSTEP_NORMAL_BLOCK_H

#include "CKernels.h"
#include "clones.h"

typedef uint64_t lk_u64x8 __attribute__((ext_vector_type(8)));
typedef uint32_t lk_u32x16 __attribute__((ext_vector_type(16)));
typedef int32_t lk_i32x16 __attribute__((ext_vector_type(16)));
typedef float lk_f32x16 __attribute__((ext_vector_type(16)));

#define LK_BLOCK 32

// The round keys of Philox4x32-10: (k[2i], k[2i + 1]) is round i's.
typedef struct { uint64_t k[20]; } lk_round_keys;

// Words 0...3 of eight counters, in the low half of each lane; the high halves hold rubbish.
typedef struct { lk_u64x8 w[4]; } lk_counters;

LK_INLINE void lk_make_round_keys(const uint32_t key[2], lk_round_keys *keys) {
  for (int i = 0; i < 10; i++) {
    keys->k[2 * i] = (uint32_t)(key[0] + (uint32_t)i * 0x9E3779B9u);
    keys->k[2 * i + 1] = (uint32_t)(key[1] + (uint32_t)i * 0xBB67AE85u);
  }
}

// Each lane's high half moved to the low one: a shuffle, because shifts wait for the port that multiplies.
#define LK_HIGH_HALVES(p) \
  ((lk_u64x8)__builtin_shufflevector((lk_u32x16)(p), (lk_u32x16)(p), 1, 1, 3, 3, 5, 5, 7, 7, 9, 9, 11, 11, 13, 13, \
                                     15, 15))

// Ten rounds, in 64-bit lanes, which hold whole products; the masks tell the compiler that a 32-bit multiply will do.
LK_INLINE void lk_philox_rounds(const lk_round_keys *keys, lk_counters *c) {
  const uint64_t low = 0xFFFFFFFFu;
  lk_u64x8 c0 = c->w[0], c1 = c->w[1], c2 = c->w[2], c3 = c->w[3];
#pragma clang loop unroll(full)
  for (int i = 0; i < 10; i++) {
    lk_u64x8 p0 = (c0 & low) * (lk_u64x8)0xD2511F53u;
    lk_u64x8 p1 = (c2 & low) * (lk_u64x8)0xCD9E8D57u;
    c0 = LK_HIGH_HALVES(p1) ^ c1 ^ keys->k[2 * i];
    c2 = LK_HIGH_HALVES(p0) ^ c3 ^ keys->k[2 * i + 1];
    c1 = p1;
    c3 = p0;
  }
  c->w[0] = c0, c->w[1] = c1, c->w[2] = c2, c->w[3] = c3;
}

// Elements [32 * block, 32 * block + 32) as words: `first` holds word 0 of the eight counters, then word 2; `second`
// word 1, then word 3.
LK_INLINE void lk_block_words(const lk_round_keys *keys, const uint32_t counter[3], uint32_t block, lk_u32x16 *first,
                              lk_u32x16 *second) {
  const lk_u64x8 lanes = {0, 1, 2, 3, 4, 5, 6, 7};
  lk_counters c;
  c.w[0] = lanes + (uint64_t)(block * 8u);
  c.w[1] = (lk_u64x8)(uint64_t)counter[0];
  c.w[2] = (lk_u64x8)(uint64_t)counter[1];
  c.w[3] = (lk_u64x8)(uint64_t)counter[2];
  lk_philox_rounds(keys, &c);
  lk_u32x16 w0 = (lk_u32x16)c.w[0], w1 = (lk_u32x16)c.w[1], w2 = (lk_u32x16)c.w[2], w3 = (lk_u32x16)c.w[3];
  *first = __builtin_shufflevector(w0, w2, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  *second = __builtin_shufflevector(w1, w3, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
}

// `first` and `second` as above, put into the order of the elements: [0, 16) and [16, 32) of the block.
#define LK_ELEMENTS_LOW(first, second) \
  __builtin_shufflevector(first, second, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)
#define LK_ELEMENTS_HIGH(first, second) \
  __builtin_shufflevector(first, second, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31)

// Lanes of b where the sign bit of `mask` is set, else of a.
#define LK_SELECT(mask, a, b) \
  ((lk_f32x16)(((lk_i32x16)(a) & ~((mask) >> 31)) | ((lk_i32x16)(b) & ((mask) >> 31))))

// -2 ln u for u = (word + 0.5) * 2^-32. ln m = x Q(x) about m = 1 + x in [sqrt 1/2, sqrt 2); Q is a minimax
// polynomial, relative error 3e-8.
LK_INLINE void lk_minus_two_log(const lk_u32x16 *word, lk_f32x16 *result) {
  lk_f32x16 u =
      __builtin_elementwise_fma(__builtin_convertvector(*word, lk_f32x16), (lk_f32x16)0x1p-32f, (lk_f32x16)0x1p-33f);
  lk_i32x16 above = (lk_i32x16)u - 0x3F3504F3;  // bits of sqrt 1/2
  lk_f32x16 exponent = __builtin_convertvector(above >> 23, lk_f32x16);
  lk_f32x16 x = (lk_f32x16)((above & 0x007FFFFF) + 0x3F3504F3) - 1.0f;
  // Above 3/4 the rest is what the complement of the word holds, not what rounding u to float32 has left of it.
  lk_f32x16 complement =
      __builtin_elementwise_fma(__builtin_convertvector(~*word, lk_f32x16), (lk_f32x16)-0x1p-32f, (lk_f32x16)-0x1p-33f);
  lk_i32x16 near_one = (lk_i32x16)(*word & (*word << 1));
  x = LK_SELECT(near_one, x, complement);
  exponent = LK_SELECT(near_one, exponent, (lk_f32x16)0.0f);
  lk_f32x16 q = -0.1748107522726059f;
  q = __builtin_elementwise_fma(q, x, (lk_f32x16)0.28619736433029175f);
  q = __builtin_elementwise_fma(q, x, (lk_f32x16)-0.2983352541923523f);
  q = __builtin_elementwise_fma(q, x, (lk_f32x16)0.331400603055954f);
  q = __builtin_elementwise_fma(q, x, (lk_f32x16)-0.39924314618110657f);
  q = __builtin_elementwise_fma(q, x, (lk_f32x16)0.5000357031822205f);
  q = __builtin_elementwise_fma(q, x, (lk_f32x16)-0.6666789650917053f);
  q = __builtin_elementwise_fma(q, x, (lk_f32x16)0.9999998211860657f);
  q = __builtin_elementwise_fma(q, x, (lk_f32x16)-2.0f);
  *result = __builtin_elementwise_fma(q, x, exponent * -1.3862943611198906f);
}

// Cosine and sine of the angle 2 pi word 2^-32: the nearest quarter turn is taken off exactly, minimax polynomials
// (error 3e-8) do the rest.
LK_INLINE void lk_cos_sin_turn(const lk_u32x16 *word, lk_f32x16 *cosine, lk_f32x16 *sine) {
  lk_u32x16 quarter = (*word + 0x20000000u) & 0xC0000000u;
  // Half turns, in [-1/4, 1/4).
  lk_f32x16 h = __builtin_convertvector((lk_i32x16)(*word - quarter), lk_f32x16) * 0x1p-31f;
  lk_f32x16 z = h * h;
  lk_f32x16 s = -0.5995358228683472f;
  s = __builtin_elementwise_fma(s, z, (lk_f32x16)2.550776958465576f);
  s = __builtin_elementwise_fma(s, z, (lk_f32x16)-5.1677327156066895f);
  s = __builtin_elementwise_fma(s, z, (lk_f32x16)3.1415927410125732f);
  s = s * h;
  lk_f32x16 c = -1.307389497756958f;
  c = __builtin_elementwise_fma(c, z, (lk_f32x16)4.057712078094482f);
  c = __builtin_elementwise_fma(c, z, (lk_f32x16)-4.9347920417785645f);
  c = __builtin_elementwise_fma(c, z, (lk_f32x16)1.0f);
  // A quarter turn swaps the two; cos is negative in quarters 1 and 2, sin in quarters 2 and 3.
  lk_i32x16 swap = (lk_i32x16)(quarter << 1);
  lk_u32x16 cosine_sign = (quarter + 0x40000000u) & 0x80000000u;
  lk_u32x16 sine_sign = quarter & 0x80000000u;
  *cosine = (lk_f32x16)((lk_u32x16)LK_SELECT(swap, c, s) ^ cosine_sign);
  *sine = (lk_f32x16)((lk_u32x16)LK_SELECT(swap, s, c) ^ sine_sign);
}

// The words of a block made N(0, 1): `low` the first sixteen elements, `high` the others.
LK_INLINE void lk_words_to_normals(const lk_u32x16 *first, const lk_u32x16 *second, lk_f32x16 *low, lk_f32x16 *high) {
  lk_f32x16 square, cosine, sine;
  lk_minus_two_log(first, &square);
  lk_cos_sin_turn(second, &cosine, &sine);
  lk_f32x16 radius = __builtin_elementwise_sqrt(square);
  cosine *= radius;
  sine *= radius;
  *low = LK_ELEMENTS_LOW(cosine, sine);
  *high = LK_ELEMENTS_HIGH(cosine, sine);
}

// N(0, 1) for the elements [32 * block, 32 * block + 32).
LK_INLINE void lk_normal_block(const lk_round_keys *keys, const uint32_t counter[3], uint32_t block, lk_f32x16 *low,
                               lk_f32x16 *high) {
  lk_u32x16 first, second;
  lk_block_words(keys, counter, block, &first, &second);
  lk_words_to_normals(&first, &second, low, high);
}

// Uniform in [0, 1), 24 bits, in the same order.
LK_INLINE void lk_uniform_block(const lk_round_keys *keys, const uint32_t counter[3], uint32_t block, lk_f32x16 *low,
                                lk_f32x16 *high) {
  lk_u32x16 first, second;
  lk_block_words(keys, counter, block, &first, &second);
  *low = __builtin_convertvector(LK_ELEMENTS_LOW(first, second) >> 8, lk_f32x16) * 0x1p-24f;
  *high = __builtin_convertvector(LK_ELEMENTS_HIGH(first, second) >> 8, lk_f32x16) * 0x1p-24f;
}

#endif

// An element in bfloat16, as the processor's matrix instruction (AMX, tdpbf16ps) computes it: the terms in blocks of
// 32, in each the even ones a chain of fused multiply-adds from zero and the odd ones another, then
// element + (even + odd); denormals are zero. Operands are rounded before, so a product of two is exact.
//
// Terms that a block lacks are zeros. All of them together change a chain as adding zero once does: a zero that has
// been flushed from below becomes positive.
#include "bfloat16.h"

// Not inlined, so that no arithmetic leaves the environment in which denormals are zero.
#define LK_TILE __attribute__((noinline)) static

LK_INLINE void tile_sums(const int rows, const int vectors, const int transposed, const tile *t) {
  const float *a = t->a, *b = t->b, *so_far = t->start;
  const long a_row = t->a_row, b_term = t->b_term, a_term = transposed ? a_row : 1;
  long so_far_row = t->start_row, terms = t->terms;
  do {
    unaligned even[LK_TILE_ROWS][LK_TILE_VECTORS], odd[LK_TILE_ROWS][LK_TILE_VECTORS], right[LK_TILE_VECTORS];
    UNROLLED for (int i = 0; i < rows; i++)
      UNROLLED for (int j = 0; j < vectors; j++) even[i][j] = odd[i][j] = 0.0f;
    for (long p = terms < LK_BLOCK ? terms / 2 : LK_BLOCK / 2; p > 0; p--) {
      UNROLLED for (int j = 0; j < vectors; j++) right[j] = LOAD(b + j * LK_LANES);
      UNROLLED for (int i = 0; i < rows; i++) {
        unaligned left = transposed ? (unaligned)a[i] : LK_EVERYWHERE(a[i * a_row]);
        UNROLLED for (int j = 0; j < vectors; j++) even[i][j] += left * right[j];
      }
      UNROLLED for (int j = 0; j < vectors; j++) right[j] = LOAD(b + b_term + j * LK_LANES);
      UNROLLED for (int i = 0; i < rows; i++) {
        unaligned left = transposed ? (unaligned)a[i + a_term] : LK_EVERYWHERE(a[i * a_row + 1]);
        UNROLLED for (int j = 0; j < vectors; j++) odd[i][j] += left * right[j];
      }
      a += 2 * a_term;
      b += 2 * b_term;
    }
    if (terms < LK_BLOCK) {
      if (terms % 2 != 0) {
        UNROLLED for (int j = 0; j < vectors; j++) right[j] = LOAD(b + j * LK_LANES);
        UNROLLED for (int i = 0; i < rows; i++) {
          unaligned left = transposed ? (unaligned)a[i] : LK_EVERYWHERE(a[i * a_row]);
          UNROLLED for (int j = 0; j < vectors; j++) even[i][j] += left * right[j];
        }
      }
      // Where nothing but a positive zero stands before them, their sum says no more than that.
      if (so_far) {
        UNROLLED for (int i = 0; i < rows; i++) UNROLLED for (int j = 0; j < vectors; j++) {
          even[i][j] += 0.0f;
          odd[i][j] += 0.0f;
        }
      }
    }
    UNROLLED for (int i = 0; i < rows; i++) UNROLLED for (int j = 0; j < vectors; j++) {
      unaligned sum = so_far ? LOAD(so_far + i * so_far_row + j * LK_LANES) : (unaligned)0.0f;
      STORE(t->c + i * t->c_row + j * LK_LANES, sum + (even[i][j] + odd[i][j]));
    }
    so_far = t->c;
    so_far_row = t->c_row;
    terms -= LK_BLOCK;
  } while (terms > 0);
}

#ifndef __x86_64__
// The same, an element after the other, where the processor would flush what it should not.
static void exact_sums(long rows, long columns, int transposed, const tile *t) {
  for (long i = 0; i < rows; i++) {
    for (long j = 0; j < columns; j++) {
      float sum = t->start ? lk_flushed(t->start[i * t->start_row + j]) : 0.0f;
      for (long first = 0; first == 0 || first < t->terms; first += LK_BLOCK) {
        float chains[2] = {0.0f, 0.0f};
        for (long p = first; p < t->terms && p < first + LK_BLOCK; p++) {
          float left = transposed ? t->a[i + p * t->a_row] : t->a[i * t->a_row + p];
          chains[p % 2] = lk_flushing_fma(left, t->b[p * t->b_term + j], chains[p % 2]);
        }
        if (t->terms - first < LK_BLOCK) chains[0] += 0.0f, chains[1] += 0.0f;
        sum = lk_flushing_sum(sum, lk_flushing_sum(chains[0], chains[1]));
      }
      t->c[i * t->c_row + j] = sum;
    }
  }
}
#endif

// The chains alone, of a tile for which nothing waits.
LK_INLINE void tile_chains(void (*sums)(long, const tile *), long rows, long columns, int transposed, const tile *t) {
#if defined(__x86_64__)
  lk_begin_flushing();
  sums(rows, t);
  lk_end_flushing();
  (void)columns, (void)transposed;
#elif defined(__aarch64__)
  float start[TILE];
  tile again = *t;
  if (t->start) {
    for (long i = 0; i < rows; i++)
      memcpy(start + i * PANEL, t->start + i * t->start_row, (size_t)columns * sizeof(float));
    again.start = start;
    again.start_row = PANEL;
  }
  uint64_t state = lk_begin_flushing();
  sums(rows, t);
  int has_flushed = lk_has_flushed();
  lk_end_flushing(state);
  if (has_flushed) exact_sums(rows, columns, transposed, &again);
#else
  (void)sums;
  exact_sums(rows, columns, transposed, t);
#endif
}

LK_INLINE void tile_whole(void (*sums)(long, const tile *), long rows, long columns, int transposed, const tile *t) {
  if (t->left[0].count + t->left[1].count == 0 && !t->largest) {
    tile_chains(sums, rows, columns, transposed, t);
    return;
  }
  // What is added to them may stand where they go.
  float beside[TILE];
  tile own = *t;
  own.c = beside;
  own.c_row = PANEL;
  tile_chains(sums, rows, columns, transposed, &own);
  // Sums over shards are float32.
  add_waiting(rows, columns, beside, t);
}

#ifdef __x86_64__
#define LEAVES_TOGETHER
// The chains of each of some shards, tiles of TILE elements one after the other: the environment changes once for all,
// which takes as long as a shard of some rows.
static void chains_of_shards(void (*sums)(long, const tile *), long shards, const long *shard_rows, long rows,
                             const tile *t, float *tiles) {
  tile leaf = {.a = t->a, .a_row = t->a_row, .b = t->b, .b_term = t->b_term, .c = tiles, .c_row = PANEL};
  lk_begin_flushing();
  for (long s = 0; s < shards; s++) {
    leaf.terms = shard_rows[s];
    sums(rows, &leaf);
    leaf.a += leaf.terms * leaf.a_row;
    leaf.b += leaf.terms * leaf.b_term;
    leaf.c += TILE;
  }
  lk_end_flushing();
}
#endif

// Operands are rounded where they are copied.
enum { ROUNDS_OPERANDS = 1 };
#define AS_OPERAND(x) lk_from_bits(LK_BFLOAT16_BITS(uint32_t, lk_bits(x)))
#define AS_OPERANDS(x) ((unaligned)LK_BFLOAT16_BITS(magnitudes, (magnitudes)(x))) // the same of a vector

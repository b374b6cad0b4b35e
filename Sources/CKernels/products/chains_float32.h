// An element in float32: one chain of fused multiply-adds over the terms in order.
#define LK_TILE static

LK_INLINE void tile_sums(const int rows, const int vectors, const int transposed, const tile *t) {
  unaligned sums[LK_TILE_ROWS][LK_TILE_VECTORS];
  if (t->start) {
    UNROLLED for (int i = 0; i < rows; i++)
      UNROLLED for (int j = 0; j < vectors; j++) sums[i][j] = LOAD(t->start + i * t->start_row + j * LK_LANES);
  } else {
    UNROLLED for (int i = 0; i < rows; i++) UNROLLED for (int j = 0; j < vectors; j++) sums[i][j] = 0.0f;
  }
  const float *a = t->a, *b = t->b;
  const long a_row = t->a_row, b_term = t->b_term;
  _Pragma("clang loop unroll_count(LK_TILE_TERMS)") for (long p = t->terms; p > 0; p--) {
    unaligned right[LK_TILE_VECTORS];
    UNROLLED for (int j = 0; j < vectors; j++) right[j] = LOAD(b + j * LK_LANES);
    UNROLLED for (int i = 0; i < rows; i++) {
      unaligned left = LEFT(a[transposed ? i : i * a_row], transposed, vectors);
      UNROLLED for (int j = 0; j < vectors; j++) sums[i][j] += left * right[j];
    }
    a += transposed ? a_row : 1;
    b += b_term;
  }
  for (const waiting *left = t->left; left < t->left + 2; left++) {
    for (long m = left->count; m > 0; m--) {
      const float *other = left->first + (m - 1) * left->apart;
      UNROLLED for (int i = 0; i < rows; i++)
        UNROLLED for (int j = 0; j < vectors; j++) sums[i][j] += LOAD(other + i * left->row + j * LK_LANES);
    }
  }
  if (t->streams) {
    UNROLLED for (int i = 0; i < rows; i++)
      UNROLLED for (int j = 0; j < vectors; j++) STREAM(t->c + i * t->c_row + j * LK_LANES, sums[i][j]);
  } else {
    UNROLLED for (int i = 0; i < rows; i++)
      UNROLLED for (int j = 0; j < vectors; j++) STORE(t->c + i * t->c_row + j * LK_LANES, sums[i][j]);
  }
  // Noted from the registers: reading the sums again would wait for their way to memory.
  if (t->largest) {
    magnitudes largest = *t->largest;
    UNROLLED for (int i = 0; i < rows; i++)
      UNROLLED for (int j = 0; j < vectors; j++) NOTE_MAGNITUDES(sums[i][j], &largest);
    *t->largest = largest;
  }
}

LK_INLINE void tile_whole(void (*sums)(long, const tile *), long rows, long columns, int transposed,
                          const tile *t) {
  (void)columns, (void)transposed;
  sums(rows, t);
}

// Operands are multiplied as they are.
enum { ROUNDS_OPERANDS = 0 };
#define AS_OPERAND(x) (x)
#define AS_OPERANDS(x) (x)

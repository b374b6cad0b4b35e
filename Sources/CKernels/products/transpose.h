// Sixteen vectors as a square of 16 × 16 elements, transposed in registers. Included once per instruction set and
// precision; see tile.h.
#define SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)

// Exchanges x[i][j] and x[j][i] for 16 × 16 elements, in four steps: vectors 1, 2, 4, then 8 apart exchange the
// elements that lie as far off the diagonal.
LK_INLINE void transpose_16(unaligned x[16]) {
  unaligned y[16];
  UNROLLED for (int i = 0; i < 16; i += 2) {
    y[i] = SHUFFLE(x[i], x[i + 1], 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30);
    y[i + 1] = SHUFFLE(x[i], x[i + 1], 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31);
  }
  UNROLLED for (int k = 0; k < 16; k += 4) UNROLLED for (int i = k; i < k + 2; i++) {
    x[i] = SHUFFLE(y[i], y[i + 2], 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29);
    x[i + 2] = SHUFFLE(y[i], y[i + 2], 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
  }
  UNROLLED for (int k = 0; k < 16; k += 8) UNROLLED for (int i = k; i < k + 4; i++) {
    y[i] = SHUFFLE(x[i], x[i + 4], 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27);
    y[i + 4] = SHUFFLE(x[i], x[i + 4], 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31);
  }
  UNROLLED for (int i = 0; i < 8; i++) {
    x[i] = SHUFFLE(y[i], y[i + 8], 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
    x[i + 8] = SHUFFLE(y[i], y[i + 8], 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
  }
}

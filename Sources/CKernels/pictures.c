// Pictures of another size. See CKernelsPictures.h.
#include "CKernelsPictures.h"
#include "clones.h"

enum { LK_WEIGHT_BITS = 22, LK_BLOCK_BYTES = 256 };

LK_INLINE uint8_t lk_rounded(uint32_t sum) {
  // Rounded weights may add up to a little more than one.
  const uint32_t value = (sum + (1u << (LK_WEIGHT_BITS - 1))) >> LK_WEIGHT_BITS;
  return (uint8_t)(value > 255 ? 255 : value);
}

LK_INLINE void lk_resample_row(const lk_taps *taps, long channels, const uint8_t *in, uint8_t *out) {
  for (long i = 0; i < taps->elements; i++) {
    const int32_t *weights = taps->weights + i * taps->most;
    const uint8_t *source = in + taps->first[i] * channels;
    uint32_t sums[3] = {0, 0, 0};
    for (long k = 0; k < taps->count[i]; k++)
      for (long c = 0; c < channels; c++) sums[c] += (uint32_t)weights[k] * source[k * channels + c];
    for (long c = 0; c < channels; c++) out[i * channels + c] = lk_rounded(sums[c]);
  }
}

LK_KERNEL(void, lk_resample_columns, (lk_taps taps, long rows, long columns, long channels, const uint8_t *in,
                                      uint8_t *out), (taps, rows, columns, channels, in, out)) {
  for (long r = 0; r < rows; r++) {
    const uint8_t *source = in + r * columns * channels;
    uint8_t *target = out + r * taps.elements * channels;
    // The number of channels as a constant, so that the innermost loop is unrolled.
    if (channels == 3) lk_resample_row(&taps, 3, source, target);
    else lk_resample_row(&taps, 1, source, target);
  }
}

LK_KERNEL(void, lk_resample_rows, (lk_taps taps, long origin, long row, const uint8_t *in, uint8_t *out),
          (taps, origin, row, in, out)) {
  for (long i = 0; i < taps.elements; i++) {
    const int32_t *weights = taps.weights + i * taps.most;
    const uint8_t *source = in + (taps.first[i] - origin) * row;
    for (long start = 0; start < row; start += LK_BLOCK_BYTES) {
      uint32_t sums[LK_BLOCK_BYTES] = {0};
      const long n = row - start < LK_BLOCK_BYTES ? row - start : LK_BLOCK_BYTES;
      for (long k = 0; k < taps.count[i]; k++) {
        const uint32_t weight = (uint32_t)weights[k];
        const uint8_t *bytes = source + k * row + start;
        for (long b = 0; b < n; b++) sums[b] += weight * bytes[b];
      }
      for (long b = 0; b < n; b++) out[i * row + start + b] = lk_rounded(sums[b]);
    }
  }
}

// Pictures of another size: 8 bits a channel, in integers, so that the bits are the same on every processor.
#ifndef LOCKSTEP_KERNELS_PICTURES_H
#define LOCKSTEP_KERNELS_PICTURES_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Element i of a pass is round(2^-22 sum_k weights[i * most + k] in[first[i] + k]), k < count[i]. The weights of an
// element are at least 0 and add up to 2^22, but for the rounding of each.
typedef struct {
  long elements, most;
  const int32_t *first, *count, *weights;
} lk_taps;

// Each of `rows` rows, of `columns` pixels with 1 or 3 channels, becomes one of taps.elements pixels.
void lk_resample_columns(lk_taps taps, long rows, long columns, long channels, const uint8_t *in, uint8_t *out);
// Rows of `row` bytes become taps.elements of them, whose first source row is `origin` rows below `in`.
void lk_resample_rows(lk_taps taps, long origin, long row, const uint8_t *in, uint8_t *out);

#ifdef __cplusplus
}
#endif

#endif

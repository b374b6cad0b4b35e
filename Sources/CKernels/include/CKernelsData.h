// Rows of synthetic samples. Row r is sample `samples[r]`; it takes its numbers from the streams (key, counter (c1, low word of the
// sample, high word of the sample)) described in CKernels.h, so that it does not depend on the rows beside it. A sample's
// bits are also the same on every instruction set: products and sums are fused where written so, and nowhere else.
#ifndef LOCKSTEP_KERNELS_DATA_H
#define LOCKSTEP_KERNELS_DATA_H

#include "CKernels.h"

#ifdef __cplusplus
extern "C" {
#endif

// Rows of memory that the kernels below read beside the rows they write are padded to a multiple of this many floats.
#define LK_DATA_PADDING 32

// labels[r] = floor(classes * w 2^-32), w word 0 of the counter (0, 0, sample): uniform over the classes.
void lk_class_labels(long rows, const long *samples, const uint32_t key[2], uint32_t classes, float *labels);
// x[r][c] = means[labels[r]][c] + deviation[c] * normal(key, (0, sample))[c]. means is [classes, stride], deviation [stride],
// stride = columns rounded up to LK_DATA_PADDING.
void lk_gaussian_cluster_rows(long rows, const long *samples, const uint32_t key[2], long columns, long stride, const float *means,
                              const float *deviation, const float *labels, float *x);

#ifdef __cplusplus
}
#endif
#endif

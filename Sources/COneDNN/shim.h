#ifndef LOCKSTEP_ONEDNN_SHIM_H
#define LOCKSTEP_ONEDNN_SHIM_H

#include <dnnl.h>
#include <dnnl_version.h>

// From libgomp, the OpenMP runtime that oneDNN is built with; declared here because its header belongs to
// the compiler. The setting is per calling thread.
void omp_set_num_threads(int threads);
int omp_get_max_threads(void);

// C [m, n] = op(A) [m, k] op(B) [k, n], all row-major; `lda`, `ldb`, `ldc` are row lengths as stored. Returns dnnl_status_t.
static inline int lockstep_sgemm(int transpose_a, int transpose_b, long m, long n, long k, const float *a, long lda,
                                 const float *b, long ldb, float *c, long ldc) {
  return dnnl_sgemm(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', m, n, k, 1.0f, a, lda, b, ldb, 0.0f, c, ldc);
}

static inline int lockstep_onednn_major(void) { return dnnl_version()->major; }
static inline int lockstep_onednn_minor(void) { return dnnl_version()->minor; }
static inline int lockstep_onednn_patch(void) { return dnnl_version()->patch; }

#endif

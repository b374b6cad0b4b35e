internal import COneDNN

// Matrix products run on one thread each, through oneDNN's row-major `dnnl_sgemm`. One call with one shape gives the same
// bits on every thread; a call over the rows of several shards does not always give the bits of a call a shard, so the
// shape of a call follows from the configuration and the shard, never from the worker.

/// c = a b. Shapes: a [m, k], b [k, n], c [m, n].
package func multiply(_ a: Matrix, _ b: Matrix, into c: Matrix) {
  precondition(a.columns == b.rows && c.rows == a.rows && c.columns == b.columns, "shapes do not fit")
  product(false, false, m: c.rows, n: c.columns, k: a.columns, a, b, c)
}

/// c = aᵀ b, the weight gradient of a dense layer. Shapes: a [k, m], b [k, n], c [m, n].
package func multiplyTransposingFirst(_ a: Matrix, _ b: Matrix, into c: Matrix) {
  precondition(a.rows == b.rows && c.rows == a.columns && c.columns == b.columns, "shapes do not fit")
  product(true, false, m: c.rows, n: c.columns, k: a.rows, a, b, c)
}

/// c = a bᵀ, the input gradient of a dense layer. Shapes: a [m, k], b [n, k], c [m, n].
package func multiplyTransposingSecond(_ a: Matrix, _ b: Matrix, into c: Matrix) {
  precondition(a.columns == b.columns && c.rows == a.rows && c.columns == b.rows, "shapes do not fit")
  product(false, true, m: c.rows, n: c.columns, k: a.columns, a, b, c)
}

private func product(
  _ transposesA: Bool, _ transposesB: Bool, m: Int, n: Int, k: Int, _ a: Matrix, _ b: Matrix, _ c: Matrix
) {
  if m == 0 || n == 0 { return }
  // An empty sum is zero; the library does not promise to write it.
  if k == 0 { return c.elements.fill(0) }
  let status = lockstep_sgemm(
    transposesA ? 1 : 0, transposesB ? 1 : 0, m, n, k, a.base, a.columns, b.base, b.columns, c.base, c.columns)
  precondition(status == 0, "dnnl_sgemm(\(m), \(n), \(k)) failed with status \(status)")
}

/// How many threads a matrix product of the calling thread may take: a setting of that thread.
package var threadsForProducts: Int {
  get { Int(omp_get_max_threads()) }
  set { omp_set_num_threads(Int32(clamping: newValue)) }
}

/// Keeps the matrix products of the calling thread on that thread, from now on; `withLockstepArithmetic` does so for a while.
package func useOneThreadForProducts() {
  threadsForProducts = 1
}

/// Version of the library that computes the products, such as `oneDNN 2.6.3`.
public let matrixProductLibrary =
  "oneDNN \(lockstep_onednn_major()).\(lockstep_onednn_minor()).\(lockstep_onednn_patch())"

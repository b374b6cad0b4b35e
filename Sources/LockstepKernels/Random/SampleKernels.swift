internal import CKernels

// Rows of synthetic samples. In each function row r is sample `samples[r]`, made from `key.stream(samples[r])` alone:
// the same bits whatever the rows beside it. Nothing allocates.

/// Floats to which the rows of the tables read by the sample kernels are padded.
package let sampleTablePadding = Int(LK_DATA_PADDING)

/// `count` rounded up to `sampleTablePadding`.
package func paddedTableColumns(_ count: Int) -> Int {
  (count + sampleTablePadding - 1) / sampleTablePadding * sampleTablePadding
}

// MARK: Rows of numbers

/// x[r, c] ~ N(0, 1): element c of the sample's stream.
package func fillNormalRows(_ samples: Span<Int>, key: RandomKey, into x: Matrix) {
  precondition(x.rows == samples.count)
  withPointers(samples, key) { lk_normal_rows(x.rows, $0, $1, x.columns, x.elements.base) }
}

/// x[r, c] = scale · u + shift, u uniform in [0, 1): element c of the sample's stream.
package func fillUniformRows(_ samples: Span<Int>, key: RandomKey, scale: Float, shift: Float, into x: Matrix) {
  precondition(x.rows == samples.count)
  withPointers(samples, key) { lk_uniform_rows(x.rows, $0, $1, x.columns, scale, shift, x.elements.base) }
}

/// x[r, c] = 1 or −1, each with probability 1/2: the highest bit of the stream's word for element c.
package func fillSignRows(_ samples: Span<Int>, key: RandomKey, into x: Matrix) {
  precondition(x.rows == samples.count)
  withPointers(samples, key) { lk_sign_rows(x.rows, $0, $1, x.columns, x.elements.base) }
}

/// x[r, c] = means[labels[r], c] + deviation[c] · n, n ~ N(0, 1).
///
/// - Parameters:
///   - means: [classes, `paddedTableColumns(x.columns)`].
///   - deviation: as many values as `means` has columns.
///   - labels: [rows, 1], indices into the rows of `means`.
package func fillGaussianClusters(
  _ samples: Span<Int>, key: RandomKey, means: Matrix, deviation: Vector, labels: Matrix, into x: Matrix
) {
  precondition(x.rows == samples.count && labels.rows == samples.count && labels.columns == 1)
  precondition(means.columns == paddedTableColumns(x.columns) && deviation.count == means.columns)
  withPointers(samples, key) {
    lk_gaussian_cluster_rows(
      x.rows, $0, $1, x.columns, means.columns, means.elements.base, deviation.base, labels.elements.base,
      x.elements.base)
  }
}

// MARK: Labels and targets

/// labels[r, 0] = a class index, uniform over `classes`.
package func fillClassLabels(_ samples: Span<Int>, key: RandomKey, classes: Int, into labels: Matrix) {
  precondition(labels.rows == samples.count && labels.columns == 1 && classes > 0 && classes <= 1 << 24)
  withPointers(samples, key) { lk_class_labels(labels.rows, $0, $1, UInt32(classes), labels.elements.base) }
}

/// Turns each label, with probability `share`, into another one, uniform over the others.
package func replaceLabels(_ samples: Span<Int>, key: RandomKey, classes: Int, share: Double, in labels: Matrix) {
  precondition(labels.rows == samples.count && labels.columns == 1 && classes > 1 && classes <= 1 << 24)
  precondition(share >= 0 && share <= 1)
  withPointers(samples, key) { lk_relabel(labels.rows, $0, $1, UInt32(classes), share, labels.elements.base) }
}

/// y[r, c] += deviation · n, n ~ N(0, 1): element c of the sample's stream.
package func addNoise(_ samples: Span<Int>, key: RandomKey, deviation: Float, to y: Matrix) {
  precondition(y.rows == samples.count)
  withPointers(samples, key) { lk_add_noise(y.rows, $0, $1, y.columns, deviation, y.elements.base) }
}

/// labels[r, 0] = 1 if an odd number of x[r, positions] are positive, else 0.
package func fillParityLabels(_ x: Matrix, positions: [Int], into labels: Matrix) {
  precondition(labels.rows == x.rows && labels.columns == 1 && positions.allSatisfy { $0 >= 0 && $0 < x.columns })
  positions.withUnsafeBufferPointer {
    lk_parity_labels(x.rows, x.columns, x.elements.base, positions.count, $0.baseAddress, labels.elements.base)
  }
}

/// Moves the first two columns of x, N(0, 1) before, onto the spiral's arms: with t uniform in (0, 1) and the angle a
/// = label / classes + turns · t, x[r, 0] = (t cos 2πa + noise · x[r, 0]) · scale.0 and x[r, 1] = (t sin 2πa + noise
/// · x[r, 1]) · scale.1.
package func placeOnSpiral(
  _ samples: Span<Int>, key: RandomKey, classes: Int, turns: Double, noise: Float, scale: (Float, Float),
  labels: Matrix,
  in x: Matrix
) {
  precondition(x.rows == samples.count && x.columns >= 2 && labels.rows == samples.count && labels.columns == 1)
  precondition(classes > 0 && turns >= 0 && turns < 1e6)
  withUnsafeTemporaryAllocation(of: Float.self, capacity: 2) { scales in
    scales.initializeElement(at: 0, to: scale.0)
    scales.initializeElement(at: 1, to: scale.1)
    withPointers(samples, key) {
      lk_spiral_plane(
        x.rows, $0, $1, UInt32(classes), turns, noise, scales.baseAddress, labels.elements.base, x.columns,
        x.elements.base)
    }
  }
}

/// y[r, 0] = (10 sin(π u₁u₂) + 20 (u₃ − 1/2)² + 10 u₄ + 5 u₅ + noise · n − center) · scale, u the first elements of
/// the sample's uniform stream under `key`, n ~ N(0, 1) the first of its stream under `noiseKey`.
package func fillFriedmanTargets(
  _ samples: Span<Int>, key: RandomKey, noiseKey: RandomKey, noise: Float, center: Float, scale: Float, into y: Matrix
) {
  precondition(y.rows == samples.count && y.columns == 1)
  withPointers(samples, key) { first, key in
    noiseKey.withPointer { lk_friedman_targets(y.rows, first, key, $0, noise, center, scale, y.elements.base) }
  }
}

// MARK: Pointers for C

/// Calls `body` with the first sample and the key, unless there is no sample.
func withPointers(
  _ samples: Span<Int>, _ key: RandomKey, _ body: (UnsafePointer<Int>, UnsafePointer<UInt32>) -> Void
) {
  samples.withUnsafeBufferPointer { samples in
    guard let first = samples.baseAddress, samples.count > 0 else { return }
    key.withPointer { body(first, $0) }
  }
}

extension RandomKey {
  func withPointer(_ body: (UnsafePointer<UInt32>) -> Void) {
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 2) { copy in
      copy.initializeElement(at: 0, to: words.0)
      copy.initializeElement(at: 1, to: words.1)
      if let base = copy.baseAddress { body(base) }
    }
  }
}

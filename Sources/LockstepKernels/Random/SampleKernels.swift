internal import CKernels

// Rows of synthetic samples. In each function row r is sample `samples[r]`, made from the streams `key.stream(samples[r])`
// alone: the same bits whatever the rows beside it. Nothing allocates.

/// Floats to which the rows of tables read by the sample kernels are padded.
public let sampleTablePadding = Int(LK_DATA_PADDING)

/// labels[r, 0] = a class index, uniform over `classes`.
public func fillClassLabels(_ samples: Span<Int>, key: RandomKey, classes: Int, into labels: Matrix) {
  precondition(labels.rows == samples.count && labels.columns == 1 && classes > 0 && classes <= 1 << 24)
  samples.withUnsafeBufferPointer { samples in
    guard let first = samples.baseAddress else { return }
    key.withPointer { lk_class_labels(samples.count, first, $0, UInt32(classes), labels.base) }
  }
}

/// x[r, c] = means[labels[r], c] + deviation[c] · n, n ~ N(0, 1).
///
/// - Parameters:
///   - means: [classes, `x.columns` rounded up to `sampleTablePadding`].
///   - deviation: as many values as `means` has columns.
///   - labels: [rows, 1], as `fillClassLabels` makes them.
public func fillGaussianClusters(
  _ samples: Span<Int>, key: RandomKey, means: Matrix, deviation: Vector, labels: Matrix, into x: Matrix
) {
  precondition(x.rows == samples.count && labels.rows == samples.count && labels.columns == 1)
  precondition(means.columns == deviation.count && means.columns >= x.columns && means.columns % sampleTablePadding == 0)
  samples.withUnsafeBufferPointer { samples in
    guard let first = samples.baseAddress else { return }
    key.withPointer {
      lk_gaussian_cluster_rows(
        samples.count, first, $0, x.columns, means.columns, means.base, deviation.base, labels.base, x.base)
    }
  }
}

extension RandomStream {
  /// The first sixteen words of the stream as eight numbers of 64 bits, the first of each two the lower half.
  public func longWords() -> SIMD8<UInt64> {
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 16) { words in
      lk_random_words(value, 16, words.baseAddress)
      var numbers = SIMD8<UInt64>()
      for i in 0..<8 { numbers[i] = UInt64(words[2 * i]) | UInt64(words[2 * i + 1]) << 32 }
      return numbers
    }
  }
}

extension RandomKey {
  /// The two words as C wants them.
  func withPointer<Result>(_ body: (UnsafePointer<UInt32>) -> Result) -> Result {
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 2) { copy in
      copy.initializeElement(at: 0, to: words.0)
      copy.initializeElement(at: 1, to: words.1)
      return body(UnsafePointer(copy.baseAddress.unsafelyUnwrapped))
    }
  }
}

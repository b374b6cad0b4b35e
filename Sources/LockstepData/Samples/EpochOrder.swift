import LockstepKernels

/// The order in which an epoch visits the samples: a keyed permutation of 0 ..< count, another one for each seed and
/// epoch, that costs no memory.
package struct EpochOrder: Sendable {
  /// The largest set that can be ordered.
  package static let maximumCount = KeyedPermutation.maximumCount

  private let keyed: KeyedPermutation

  /// - Parameters:
  ///   - count: samples, 1 ... `maximumCount`.
  ///   - seed: the run's.
  ///   - epoch: counts from 0.
  package init(count: Int, seed: UInt64, epoch: Int) {
    self.init(count: count, key: EpochOrder.key(seed: seed), epoch: epoch)
  }

  init(count: Int, key: RandomKey, epoch: Int) {
    keyed = KeyedPermutation(count: count, stream: key.stream(UInt64(bitPattern: Int64(epoch))))
  }

  static func key(seed: UInt64) -> RandomKey { RandomKey(seed: seed, purpose: .epochOrder) }

  /// Number of samples.
  package var count: Int { keyed.count }

  /// The sample at `position`, both in 0 ..< count.
  package func sample(at position: Int) -> Int { keyed[position] }

  /// The samples at `positions`, into the first elements of `samples`: the fast way to many.
  package func samples(at positions: Range<Int>, into samples: inout MutableSpan<Int>) {
    keyed.fill(&samples, positions: positions)
  }

  /// Writes them into the first of `slots`.
  package func samples(at positions: Range<Int>, into slots: Slots<Int>) {
    precondition(positions.lowerBound >= 0 && positions.upperBound <= count, "positions outside the epoch")
    for start in stride(from: positions.lowerBound, to: positions.upperBound, by: 8) {
      let eight = keyed.eight(at: start)
      for i in 0..<min(8, positions.upperBound - start) { slots[start - positions.lowerBound + i] = eight[i] }
    }
  }
}

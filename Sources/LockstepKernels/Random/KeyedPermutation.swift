internal import CKernels

/// A permutation of 0 ..< count that a random stream picks, computed where it is asked for, in O(1) memory.
///
/// A number x is split into two halves, x = left · b + right, and in turn, six times or more, one half is shifted,
/// modulo its size, by a keyed hash of the other: a generalised Feistel network over Z_a × Z_b, b the smallest power
/// of two with b² ≥ count, a = ⌈count / b⌉. A result outside 0 ..< count is permuted again until it is inside (cycle
/// walking): seldom for large sets, since a·b exceeds the count by less than b < 2√count. Black, Rogaway 2002,
/// "Ciphers with arbitrary finite domains", https://www.cs.ucdavis.edu/~rogaway/papers/subset.pdf Four rounds of a
/// random function suffice against an adversary (Luby, Rackoff 1988); six leave a margin for the hash, and sets of at
/// most 1024 take 24 to reach every order equally often.
package struct KeyedPermutation: Sendable {
  /// The largest set that can be permuted: far beyond any, and small enough that sums over many epochs of it fit an
  /// Int.
  package static let maximumCount = 1 << 48

  package let count: Int
  private let state: lk_permutation

  /// - Parameters:
  ///   - count: 1 ... `maximumCount`.
  ///   - stream: where the keys come from.
  package init(count: Int, stream: RandomStream) {
    precondition(count >= 1 && count <= KeyedPermutation.maximumCount, "a permutation of \(count) numbers")
    self.count = count
    var state = lk_permutation()
    lk_make_permutation(stream.value, UInt64(count), &state)
    self.state = state
  }

  /// Where the permutation takes `position`, both in 0 ..< count.
  package subscript(position: Int) -> Int {
    precondition(position >= 0 && position < count, "position outside the permutation")
    var result = 0
    withUnsafePointer(to: state) { lk_permute_range($0, UInt64(position), 1, &result) }
    return result
  }

  /// Where the permutation takes `position` and the seven positions after it; those beyond the count come as 0.
  package func eight(at position: Int) -> SIMD8<Int> {
    precondition(position >= 0 && position < count, "position outside the permutation")
    var results = SIMD8<Int>()
    withUnsafeMutableBytes(of: &results) { bytes in
      guard let base = bytes.baseAddress else { return }
      let room = base.assumingMemoryBound(to: Int.self)
      withUnsafePointer(to: state) { lk_permute_range($0, UInt64(position), min(8, count - position), room) }
    }
    return results
  }

  /// Where the permutation takes each of `positions`, into the first elements of `results`; eight at a time, several
  /// times as fast as one by one.
  package func fill(_ results: inout MutableSpan<Int>, positions: Range<Int>) {
    precondition(positions.lowerBound >= 0 && positions.upperBound <= count, "positions outside the permutation")
    precondition(positions.count <= results.count, "no room for \(positions.count) results")
    results.withUnsafeMutableBufferPointer { results in
      guard let base = results.baseAddress else { return }
      withUnsafePointer(to: state) { lk_permute_range($0, UInt64(positions.lowerBound), positions.count, base) }
    }
  }
}

internal import CKernels

/// What a random number is drawn for. Streams of different purposes never share a number.
public enum RandomPurpose: UInt32, Sendable {
  /// Initial weights.
  case initialization = 1
  /// The permutations of the samples.
  case epochOrder = 2
  /// Samples of a synthetic data set.
  case features = 3
  /// Their classes and targets.
  case labels = 4
  /// What all samples of a synthetic data set have in common, such as the means of its classes.
  case task = 5
  case dropout = 6
  case alphaDropout = 7
  case randomizedReLU = 8
  /// What the arithmetic of two machines is compared by.
  case probe = 9
  case dataSplit = 10
  /// Which intervals of a run are trained again.
  case verification = 11
  /// How a training picture is varied.
  case augmentation = 12
  /// Which settings the trials of a search have.
  case search = 13
  /// In which order the cells of a column are shuffled among samples.
  case importance = 14
}

/// A key for Philox4x32-10, derived from a seed, a purpose and an index. A data set of your own that draws its samples
/// takes random numbers that depend on the sample's number alone:
///
/// ```swift
/// let key = RandomKey(seed: 1, purpose: .features)
/// key.stream(UInt64(sample)).normal(into: features.row(r))
/// ```
public struct RandomKey: Sendable, Equatable {
  /// The key as the generator takes it.
  public let words: (UInt32, UInt32)

  /// - Parameter index: tells keys of one purpose apart: a tensor, a layer, a split.
  public init(seed: UInt64, purpose: RandomPurpose, index: UInt64 = 0) {
    let counter: [UInt32] = [
      purpose.rawValue, UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32), 0x4C4F_434B,
    ]
    let block = philox4x32(
      counter: counter, key: [UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)])
    words = (block[0], block[1])
  }

  public static func == (a: RandomKey, b: RandomKey) -> Bool { a.words == b.words }

  /// The random numbers that belong to `index` (a sample's number, a step) and `row`.
  public func stream(_ index: UInt64, row: UInt32 = 0) -> RandomStream {
    RandomStream(
      value: lk_stream(
        key: words, counter: (row, UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32))))
  }
}

/// A sequence of random numbers addressed by element: element e is always the same, however many are asked for.
public struct RandomStream: Sendable {
  let value: lk_stream

  /// Elements that are drawn together; who draws a part of them begins with a multiple.
  package static let block = 32

  /// Fills `out` with numbers uniform in [0, 1), multiples of 2⁻²⁴.
  public func uniform(into out: Vector) {
    withFloatingPointEnvironment { lk_random_uniform(value, out.count, out.base) }
  }

  /// Fills `out` with numbers of N(0, 1) — Box, Muller 1958
  public func normal(into out: Vector) {
    withFloatingPointEnvironment { lk_random_normal(value, out.count, out.base) }
  }

  /// The first `count` 32-bit words, each uniform.
  public func words(count: Int) -> [UInt32] {
    // Of no words, the standard library would write their number, 0, into the one empty array that all threads share.
    if count == 0 { return [] }
    return [UInt32](unsafeUninitializedCapacity: count) { buffer, initialized in
      if let base = buffer.baseAddress { lk_random_words(value, count, base) }
      initialized = count
    }
  }
}

/// Philox4x32-10: ten rounds of a counter-based generator — Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers:
/// as easy as 1, 2, 3".
///
/// - Parameters:
///   - counter: four words.
///   - key: two words.
/// - Returns: four random words.
package func philox4x32(counter: [UInt32], key: [UInt32]) -> [UInt32] {
  precondition(counter.count == 4 && key.count == 2)
  return [UInt32](unsafeUninitializedCapacity: 4) { buffer, initialized in
    if let base = buffer.baseAddress { lk_philox4x32_10(counter, key, base) }
    initialized = 4
  }
}

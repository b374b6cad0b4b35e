internal import CKernels

/// What a random number is drawn for. Streams of different purposes never share a number.
package enum RandomPurpose: UInt32, Sendable {
  case initialization = 1
  case epochOrder = 2
  case features = 3
  case labels = 4
  case task = 5
  case dropout = 6
  case alphaDropout = 7
  case randomizedReLU = 8
  case probe = 9
  case dataSplit = 10
}

/// A key for Philox4x32-10, derived from the seed, the purpose and an index (a tensor, a layer, a split): equal
/// arguments, equal key.
package struct RandomKey: Sendable, Equatable {
  package let words: (UInt32, UInt32)

  package init(seed: UInt64, purpose: RandomPurpose, index: UInt64 = 0) {
    let counter: [UInt32] = [
      purpose.rawValue, UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32), 0x4C4F_434B,
    ]
    let block = philox4x32(
      counter: counter, key: [UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)])
    words = (block[0], block[1])
  }

  package static func == (a: RandomKey, b: RandomKey) -> Bool { a.words == b.words }

  /// The stream at `index` (a sample's number, a step) and `row`.
  package func stream(_ index: UInt64, row: UInt32 = 0) -> RandomStream {
    RandomStream(
      value: lk_stream(
        key: words, counter: (row, UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32))))
  }
}

/// A sequence of random numbers addressed by element: element e is always the same, however many are asked for.
package struct RandomStream: Sendable {
  let value: lk_stream

  /// Uniform in [0, 1), 24 bits.
  package func uniform(into out: Vector) {
    withFloatingPointEnvironment { lk_random_uniform(value, out.count, out.base) }
  }

  /// N(0, 1) — Box, Muller 1958.
  package func normal(into out: Vector) {
    withFloatingPointEnvironment { lk_random_normal(value, out.count, out.base) }
  }

  /// Raw 32-bit words.
  package func words(count: Int) -> [UInt32] {
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

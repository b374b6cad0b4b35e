/// A small generator for test data — SplitMix64, Steele, Lea, Flood 2014. Equal seeds, equal data.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Uniform float32 numbers in the range.
  public mutating func uniform(_ count: Int, in range: ClosedRange<Float> = -1...1) -> [Float] {
    let span = range.upperBound - range.lowerBound
    return (0..<count).map { _ in range.lowerBound + span * Float(next() >> 40) / 16_777_216 }
  }

  /// Roughly normal numbers of mean 0 and variance 1: the sum of four uniform ones, scaled.
  public mutating func normal(_ count: Int) -> [Float] {
    (0..<count).map { _ in
      let bits = next()
      let sum = (bits & 0xFFFF) + ((bits >> 16) & 0xFFFF) + ((bits >> 32) & 0xFFFF) + (bits >> 48)
      return (Float(sum) / 65536 - 2) * 1.7320508
    }
  }

  /// Indices below `bound`, as labels are stored.
  public mutating func labels(_ count: Int, below bound: Int) -> [Float] {
    (0..<count).map { _ in Float((next() >> 11) % UInt64(bound)) }
  }
}

/// Seeds for tests that loop over data; a failure should name the one it saw.
public let testSeeds: [UInt64] = [1, 2026, 0xDEAD_BEEF]

/// Sizes that kernels stumble over: none, one, around the width of a vector and its double, odd, prime, and more than a
/// second-level cache holds of float32.
public enum Sizes {
  public static let small = [0, 1, 2, 3, 7, 8, 15, 16, 17, 31, 32, 33, 47, 63, 64, 65, 100, 127, 257, 509, 1009]
  public static let beyondCache = 1_000_003

  /// (rows, columns)
  public static let matrices = [
    (0, 5), (1, 1), (1, 16), (2, 1), (3, 2), (4, 10), (5, 7), (7, 15), (8, 64), (13, 17), (16, 4), (31, 33), (32, 32),
    (37, 3),
    (64, 100), (67, 1), (97, 13), (128, 2), (129, 10), (101, 211), (257, 1031),
  ]
}

extension Array where Element == Float {
  /// The same numbers, exactly.
  public var doubles: [Double] { map(Double.init) }
}

/// Classes of float32 values that share sign, exponent and the first bits of the fraction: of equal relative width over
/// all magnitudes, and found by a shift.
struct ValueBins {
  /// Of five bits: 3 % wide at most.
  static let fine = ValueBins(fractionBits: 5)

  private let shift: UInt32

  init(fractionBits: Int) { shift = UInt32(23 - fractionBits) }

  var count: Int { 1 << (32 - Int(shift)) }
  /// Negative values stand in the upper half, the largest magnitudes last.
  private var negative: Int { count / 2 }

  @inline(__always)
  func bin(of value: Float) -> Int { Int(truncatingIfNeeded: value.bitPattern >> shift) }

  /// Every class from the most negative values up.
  var ascending: some Sequence<Int> {
    (0..<count).lazy.map { $0 < negative ? count - 1 - $0 : $0 - negative }
  }

  /// The least and the greatest value of a class. What is smaller than the normal numbers is 0: computing flushes it.
  func bounds(_ bin: Int) -> (low: Double, high: Double) {
    let magnitude = UInt32(bin % negative)
    let inner = edge(magnitude)
    let outer = edge(magnitude + 1)
    if outer == edge(1 << (23 - shift)) || outer == 0 { return (0, 0) }
    return bin < negative ? (inner, outer) : (-outer, -inner)
  }

  private func edge(_ magnitude: UInt32) -> Double {
    let value = Float(bitPattern: magnitude << shift)
    return value.isNormal ? Double(value) : value.isInfinite || value.isNaN ? Double(Float.greatestFiniteMagnitude) : 0
  }
}

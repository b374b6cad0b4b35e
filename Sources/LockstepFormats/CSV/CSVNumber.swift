/// Decimal text → the nearest float32 or float64, without making a string of it.
///
/// Digits are gathered as an integer w and a power of ten p. For w ≤ 2⁵³ and |p| ≤ 22 both are exact in Double, and so
/// their product or quotient is rounded once; for larger w it is within 2 units of its last place — Clinger 1990, "How
/// to read floating point numbers accurately" — and rounding it to float32 is right unless it lies next to the middle
/// between two of them. There, and for what is longer or outside that range, the standard library decides.
package enum CSVNumber {
  fileprivate static let powers: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21,
    1e22,
  ]

  /// - Returns: nil where the bytes `range` are no number such as 7, -0.5, .5, 1e-3; an infinity where `Value` does not
  ///   hold it.
  @inline(__always)
  package static func parse<Value: DecimalValue>(
    _ bytes: Span<UInt8>, _ range: Range<Int>, as: Value.Type = Value.self
  ) -> Value? {
    var (i, end) = (range.lowerBound, range.upperBound)
    guard i < end else { return nil }
    let isNegative = bytes[i] == 0x2D
    if isNegative || bytes[i] == 0x2B { i += 1 }
    var (digits, mantissa, power, kept) = (0, UInt64(0), 0, 0)
    while i < end, bytes[i] &- 0x30 < 10 {
      (digits, kept) = (digits + 1, kept + (mantissa > 0 || bytes[i] > 0x30 ? 1 : 0))
      mantissa = mantissa &* 10 &+ UInt64(bytes[i] &- 0x30)
      i += 1
    }
    if i < end, bytes[i] == 0x2E {
      i += 1
      let point = i
      while i < end, bytes[i] &- 0x30 < 10 {
        kept += mantissa > 0 || bytes[i] > 0x30 ? 1 : 0
        mantissa = mantissa &* 10 &+ UInt64(bytes[i] &- 0x30)
        i += 1
      }
      (digits, power) = (digits + i - point, point - i)
    }
    if digits == 0 { return nil }
    if i < end, bytes[i] | 0x20 == 0x65 {
      guard let exponent = exponent(bytes, i + 1..<end) else { return nil }
      (power, i) = (power + exponent, end)
    }
    if i < end { return nil }
    end = range.upperBound
    if kept <= 19 {
      if mantissa == 0 { return isNegative ? -0.0 : 0 }
      if abs(power) <= 22, let value = Value.nearest(mantissa, power) { return isNegative ? -value : value }
    }
    return exactly(bytes, range)
  }

  private static func exponent(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
    var i = range.lowerBound
    guard i < range.upperBound else { return nil }
    let isNegative = bytes[i] == 0x2D
    if isNegative || bytes[i] == 0x2B { i += 1 }
    guard i < range.upperBound else { return nil }
    var value = 0
    while i < range.upperBound {
      guard bytes[i] &- 0x30 < 10 else { return nil }
      // Larger powers are infinite or zero anyway.
      value = min(value * 10 + Int(bytes[i] &- 0x30), 1_000_000)
      i += 1
    }
    return isNegative ? -value : value
  }

  private static func exactly<Value: DecimalValue>(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Value? {
    Value(String(decoding: range.map { bytes[$0] }, as: UTF8.self))
  }
}

/// What decimal text is read as.
package protocol DecimalValue: BinaryFloatingPoint, LosslessStringConvertible {
  /// w · 10ᵖ for |p| ≤ 22, w < 2⁶⁴; nil where its rounding is not sure.
  static func nearest(_ mantissa: UInt64, _ power: Int) -> Self?
}

extension Double: DecimalValue {
  @inline(__always)
  package static func nearest(_ mantissa: UInt64, _ power: Int) -> Double? {
    guard mantissa <= 1 << 53 else { return nil }
    return power < 0 ? Double(mantissa) / CSVNumber.powers[-power] : Double(mantissa) * CSVNumber.powers[power]
  }
}

extension Float: DecimalValue {
  /// nil where it is too close to the middle between two floats to be sure, or outside the normal ones.
  @inline(__always)
  package static func nearest(_ mantissa: UInt64, _ power: Int) -> Float? {
    let value =
      power < 0 ? Double(mantissa) / CSVNumber.powers[-power] : Double(mantissa) * CSVNumber.powers[power]
    let below = Int(value.bitPattern & 0x1FFF_FFFF)
    guard abs(below - 0x1000_0000) > 4, value >= 0x1p-126, value < 0x1p127 else { return nil }
    return Float(value)
  }
}

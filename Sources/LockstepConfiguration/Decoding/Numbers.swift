/// Numbers as a configuration writes them: 512, -3, 0.1, 1e-06, 1e9. Stricter and plainer than YAML 1.1: no
/// underscores, no octal by a leading zero, no hexadecimal, no infinity.
enum Numbers {
  enum Reading<Value: Equatable>: Equatable {
    case value(Value)
    /// A number, but with more digits than the type holds.
    case tooLarge
    /// A number with a fractional part where an integer is asked for.
    case fraction
    case noNumber
  }

  /// An integer; a power of ten may stand as in `1e9`.
  static func integer<Value: FixedWidthInteger>(_ text: String, as type: Value.Type = Value.self) -> Reading<Value> {
    guard let parts = Parts(text) else { return .noNumber }
    if !parts.fraction.isEmpty || parts.hasPoint || parts.exponent < 0 { return .fraction }
    var value: Value = 0
    let zeros = parts.whole.allSatisfy { $0 == 0 } ? 0 : parts.exponent
    if zeros > 40 { return .tooLarge }
    for digit in parts.whole + Array(repeating: 0, count: zeros) {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) =
        parts.isNegative
        ? product.subtractingReportingOverflow(Value(digit)) : product.addingReportingOverflow(Value(digit))
      if overflow || carry { return .tooLarge }
      value = sum
    }
    return .value(value)
  }

  /// A finite number of either precision, the nearest to what is written.
  static func number<Value: BinaryFloatingPoint & LosslessStringConvertible & Equatable>(
    _ text: String, as type: Value.Type = Value.self
  ) -> Reading<Value> {
    guard Parts(text) != nil, let value = Value(text) else { return .noNumber }
    return value.isFinite ? .value(value) : .tooLarge
  }

  /// Whether it reads as a number of any kind.
  static func isNumber(_ text: String) -> Bool { Parts(text) != nil }

  /// `[+-] digits [. digits] [e [+-] digits]`, with a digit on one side of the point and no idle leading zero.
  private struct Parts {
    var isNegative = false
    var whole: [UInt8] = []
    var hasPoint = false
    var fraction: [UInt8] = []
    var exponent = 0

    init?(_ text: String) {
      var rest = text.utf8.prefix(400)
      if rest.count < text.utf8.count { return nil }
      func digits() -> [UInt8] {
        let digits = rest.prefix { (0x30...0x39).contains($0) }
        rest = rest.dropFirst(digits.count)
        return digits.map { $0 - 0x30 }
      }
      func sign() -> Bool {
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        return isNegative
      }
      isNegative = sign()
      whole = digits()
      if rest.first == UInt8(ascii: ".") {
        hasPoint = true
        rest = rest.dropFirst()
        fraction = digits()
      }
      if whole.isEmpty && fraction.isEmpty || whole.count > 1 && whole[0] == 0 { return nil }
      if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
        rest = rest.dropFirst()
        let isNegative = sign()
        let power = digits()
        if power.isEmpty { return nil }
        // Larger powers are infinite or zero anyway.
        let size = power.reduce(0) { min($0 * 10 + Int($1), 100_000) }
        exponent = isNegative ? -size : size
      }
      if !rest.isEmpty { return nil }
    }
  }
}

/// Numbers as people read them.
enum Format {
  /// `digits` significant digits: 0.0001234, 12.3, 1230.
  static func significant(_ value: Double, _ digits: Int = 4) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
    if value == 0 { return "0" }
    let exponent = Int(value.magnitude.exponent10.rounded(.down))
    if exponent < -4 || exponent >= 9 {
      let mantissa = value / power(exponent)
      return "\(fixed(mantissa, max(0, digits - 1)))e\(exponent)"
    }
    return fixed(value, max(0, digits - 1 - exponent))
  }

  /// With `decimals` digits after the point.
  static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite else { return significant(value) }
    let scale = power(decimals)
    guard value.magnitude < 9e15 / scale else { return "\(value)" }
    let scaled = Int((value.magnitude * scale).rounded())
    let (whole, rest) = scaled.quotientAndRemainder(dividingBy: Int(scale))
    let sign = value < 0 && scaled > 0 ? "-" : ""
    if decimals == 0 { return "\(sign)\(whole)" }
    let digits = String(rest)
    return "\(sign)\(whole).\(String(repeating: "0", count: decimals - digits.count))\(digits)"
  }

  /// 1 234 567, with thin gaps between thousands.
  static func count(_ value: Int) -> String {
    let digits = Array(String(value.magnitude))
    var text = value < 0 ? "-" : ""
    for (place, digit) in digits.enumerated() {
      if place > 0 && (digits.count - place) % 3 == 0 { text.append(" ") }
      text.append(digit)
    }
    return text
  }

  static func percent(_ share: Double) -> String { "\(fixed(share * 100, 1)) %" }

  static func bytes(_ count: Int) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
    var (value, unit) = (Double(count), 0)
    while value >= 1024 && unit + 1 < units.count {
      value /= 1024
      unit += 1
    }
    return unit == 0 ? "\(count) B" : "\(significant(value, 3)) \(units[unit])"
  }

  /// 45 s, 3:20, 2:03:20, 4 d 02:03.
  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e12 else { return "?" }
    if seconds < 9.95 { return "\(fixed(seconds, 1)) s" }
    let total = Int(seconds.rounded())
    let (days, hours, minutes, rest) = (total / 86_400, total / 3600 % 24, total / 60 % 60, total % 60)
    if total < 60 { return "\(total) s" }
    if days > 0 { return "\(days) d \(two(hours)):\(two(minutes))" }
    return hours > 0 ? "\(hours):\(two(minutes)):\(two(rest))" : "\(minutes):\(two(rest))"
  }

  /// `text` with blanks before it, or after it, to `width` characters.
  static func right(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - text.count)) + text }
  static func left(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }

  private static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }

  private static func power(_ exponent: Int) -> Double {
    var result = 1.0
    for _ in 0..<abs(exponent) { result *= 10 }
    return exponent < 0 ? 1 / result : result
  }
}

extension Double {
  /// log₁₀, by counting: exact enough to choose a number of digits.
  fileprivate var exponent10: Double {
    var (value, exponent) = (self, 0.0)
    while value >= 10 {
      value /= 10
      exponent += 1
    }
    while value < 1 {
      value *= 10
      exponent -= 1
    }
    return exponent
  }
}

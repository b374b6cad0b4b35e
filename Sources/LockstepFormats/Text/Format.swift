import Libc

/// Numbers as people read them, on a terminal as on a page: below 0 with a minus sign, − (U+2212), not with a hyphen.
/// An exponent stays as programs write it. For programs, and for what is pasted into a command or a file, there are
/// `written`, `exact` and `rounded`; what a file or a configuration holds is quoted as it stands there.
package enum Format {
  /// `digits` significant digits: 0.0001234, 12.30, −1230, 1.234e-5, 1.234e9.
  package static func significant(_ value: Double, _ digits: Int = 4) -> String { minus(written(value, digits)) }

  /// As `significant`, for programs: with the hyphen that they read as a minus sign.
  package static func written(_ value: Double, _ digits: Int = 4) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
    if value == 0 { return "0" }
    let parts = print("%.*e", max(0, digits - 1), value).split(separator: "e")
    // After rounding: 9.9996 has the exponent 1 in four digits.
    guard let mantissa = parts.first, let exponent = parts.last.flatMap({ Int($0) }) else { return "\(value)" }
    if exponent < -4 || exponent >= 9 { return "\(mantissa)e\(exponent)" }
    return print("%.*f", max(0, digits - 1 - exponent), value)
  }

  /// A number that a program has written, as people read it.
  package static func minus(_ text: String) -> String { text.hasPrefix("-") ? "−\(text.dropFirst())" : text }

  /// To some significant digits, with its sign whichever it is; 0 has none.
  package static func signed(_ value: Double, _ digits: Int) -> String {
    (value > 0 ? "+" : "") + significant(value, digits)
  }

  /// The fewest digits that tell a number from every other Double, a whole one without a point.
  package static func exact(_ value: Double) -> String {
    let text = "\(value)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// With `decimals` digits after the point.
  package static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite else { return significant(value) }
    let text = print("%.*f", max(0, decimals), value)
    // What is rounded to nothing has no sign.
    return text.allSatisfy { "-0.".contains($0) } ? String(text.trimmingPrefix("-")) : minus(text)
  }

  /// The nearest number with so many digits after the point.
  package static func rounded(_ value: Double, _ decimals: Int) -> Double {
    Double(print("%.*f", max(0, decimals), value)) ?? value
  }

  /// 1 234 567, with gaps between thousands.
  package static func count(_ value: Int) -> String {
    let digits = Array(String(value.magnitude))
    var text = value < 0 ? "−" : ""
    for (place, digit) in digits.enumerated() {
      if place > 0 && (digits.count - place) % 3 == 0 { text.append(" ") }
      text.append(digit)
    }
    return text
  }

  /// To the nearest whole number.
  package static func count(_ value: Double) -> String {
    Int(exactly: value.rounded()).map { count($0) } ?? significant(value)
  }

  /// `step`, or `steps` for any other number than 1.
  package static func plural(_ count: Int, _ word: String) -> String { count == 1 ? word : word + "s" }

  package static func percent(_ share: Double, decimals: Int = 1) -> String { "\(fixed(share * 100, decimals)) %" }

  package static func bytes(_ count: Int) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
    var (value, unit) = (Double(count), 0)
    // What would be shown as 1024.
    while value >= 1023.5 && unit + 1 < units.count {
      value /= 1024
      unit += 1
    }
    return unit == 0 ? "\(minus("\(count)")) B" : "\(significant(value, 3)) \(units[unit])"
  }

  /// 45 s, 3:20, 2:03:20, 4 d 02:03.
  package static func duration(_ seconds: Double) -> String {
    guard seconds >= 0, seconds < 1e12 else { return "?" }
    if seconds < 9.95 { return "\(fixed(seconds, 1)) s" }
    let total = Int(seconds.rounded())
    let (days, hours, minutes, rest) = (total / 86_400, total / 3600 % 24, total / 60 % 60, total % 60)
    if total < 60 { return "\(total) s" }
    if days > 0 { return "\(days) d \(two(hours)):\(two(minutes))" }
    return hours > 0 ? "\(hours):\(two(minutes)):\(two(rest))" : "\(minutes):\(two(rest))"
  }

  /// The decimal logarithm and its inverse, for scales.
  package static func log10(_ value: Double) -> Double { log2(value) / log2(10) }
  package static func power10(_ exponent: Double) -> Double { exp2(exponent * log2(10)) }

  /// `text` with blanks before it, or after it, to `width` columns of a terminal.
  package static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - self.width(text))) + text
  }
  package static func left(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - self.width(text)))
  }

  private static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }

  /// C's `printf` with one number of digits and one value.
  private static func print(_ format: String, _ digits: Int, _ value: Double) -> String {
    // The longest double has 309 digits before the point.
    var buffer = [CChar](repeating: 0, count: 400 + digits)
    let size = buffer.count
    let count = unsafe withVaList([Int32(digits), value]) { unsafe vsnprintf(&buffer, size, format, $0) }
    return String(decoding: buffer.prefix(max(0, Int(count))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

extension Format {
  /// A short time with its unit: `1.24 ms`; empty for none.
  package static func short(_ seconds: Double?) -> String {
    guard let seconds else { return "" }
    let (scale, unit) = seconds < 1e-3 ? (1e6, "µs") : seconds < 1 ? (1e3, "ms") : (1, "s")
    return "\(significant(seconds * scale, 3)) \(unit)"
  }
}

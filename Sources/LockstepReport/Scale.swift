import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepRuns
import LockstepTraining

/// How numbers become places along an axis.
package struct Scale: Sendable {
  package enum Spacing: Sendable, Equatable {
    case linear
    /// Linear, and only whole numbers have ticks.
    case whole
    /// To base 10; only numbers above 0 have a place.
    case logarithmic
    /// Names in a row; the value of each is its index.
    case named([String])
  }

  package let spacing: Spacing
  /// The two ends; of a logarithmic scale their logarithms to base 10.
  package let (low, high): (Double, Double)

  /// A scale that holds all of `values` (those above 0, on a logarithmic one) and ends on round numbers; 0 … 1, or 0.1
  /// … 10, if there are none.
  ///
  /// - Parameter span: the decades, or the length, that it has at least: what differs little shall look alike.
  package init(_ spacing: Spacing, holding values: [Double], span: Double = 0) {
    self.spacing = spacing
    if case .named(let names) = spacing {
      (low, high) = (-0.5, Double(max(1, names.count)) - 0.5)
      return
    }
    let usable = values.filter { $0.isFinite && (spacing != .logarithmic || $0 > 0) }
    let places = usable.map { spacing == .logarithmic ? Format.log10($0) : $0 }
    var (low, high) = (places.min() ?? (spacing == .logarithmic ? -1 : 0), places.max() ?? 1)
    // A single value stands in the middle of something of its own size.
    let least = high > low ? 0 : spacing == .linear && high != 0 ? abs(high) : 1
    let missing = max(0, max(span, least) - (high - low))
    // What is never below 0 has no axis there.
    let down = spacing == .linear && low >= 0 ? min(low, missing / 2) : missing / 2
    low -= down
    high += missing - down
    let step = Scale.step(spacing, high - low)
    // Whole numbers count things, and the first is not to stand away from the axis; nor is a whole decade to be empty.
    let unit = spacing == .linear ? step : 1
    self.low = (low / unit + 1e-9).rounded(.down) * unit
    self.high = (high / unit - 1e-9).rounded(.up) * unit
  }

  /// The share of the axis before `value`; nil where it has no place.
  package func place(_ value: Double) -> Double? {
    guard value.isFinite, spacing != .logarithmic || value > 0 else { return nil }
    return ((spacing == .logarithmic ? Format.log10(value) : value) - low) / (high - low)
  }

  /// Round values with their labels, about five of them; of names all.
  package var ticks: [(place: Double, label: String)] {
    if case .named(let names) = spacing {
      return names.enumerated().map { (place: (Double($0.offset) - low) / (high - low), label: $0.element) }
    }
    let step = Scale.step(spacing, high - low)
    let first = (low / step - 1e-9).rounded(.up)
    let last = (high / step + 1e-9).rounded(.down)
    return stride(from: first, through: last, by: 1).map { index in
      let value = index * step
      return (
        (value - low) / (high - low), spacing == .logarithmic ? Scale.power(value) : Scale.label(value, step: step)
      )
    }
  }

  /// A value as it is told of a point.
  func words(_ value: Double) -> String {
    if case .named(let names) = spacing, let index = Int(exactly: value), names.indices.contains(index) {
      return names[index]
    }
    return Scale.plain(value, digits: 9)
  }

  /// In thousands or millions where it is large, with as many digits as tell it from its neighbours.
  private static func label(_ value: Double, step: Double) -> String {
    let size = abs(value)
    guard size >= step / 2 else { return "0" }
    let digits = max(3, Int(Format.log10(size / step).rounded(.up)) + 1)
    if size < 10_000 || size >= 1e12 { return plain(value, digits: digits) }
    let (unit, letter) = size < 1e6 ? (1e3, "k") : size < 1e9 ? (1e6, "M") : (1e9, "G")
    return plain(value / unit, digits: digits) + letter
  }

  /// Without the zeros after the point that say nothing.
  static func plain(_ value: Double, digits: Int = 3) -> String {
    let text = Format.significant(value, digits)
    guard text.contains(".") else { return text }
    let exponent = text.drop { $0 != "e" }
    var mantissa = text.dropLast(exponent.count)
    while mantissa.hasSuffix("0") { mantissa.removeLast() }
    return String((mantissa.hasSuffix(".") ? mantissa.dropLast() : mantissa) + exponent)
  }

  /// 10⁻⁶, but 0.01, 0.1, 1, 10, 100 in full.
  private static func power(_ exponent: Double) -> String {
    let whole = Int(exponent.rounded())
    switch whole {
    case -2...2: return ["0.01", "0.1", "1", "10", "100"][whole + 2]
    default:
      let digits = [
        "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷", "8": "⁸", "9": "⁹", "-": "⁻",
      ]
      return "10" + String(whole).map { digits[String($0)] ?? "" }.joined()
    }
  }

  /// 1, 2 or 5 times a power of ten (whole decades on a logarithmic scale, whose labels are short), so that about five
  /// steps make `length`, or six decades.
  private static func step(_ spacing: Spacing, _ length: Double) -> Double {
    let rough = max(length, 1e-30) / (spacing == .logarithmic ? 6 : 5)
    var power = 1.0
    while power > rough { power /= 10 }
    while power * 10 <= rough { power *= 10 }
    let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough * (1 - 1e-9) } ?? power
    return spacing == .linear ? step : max(1, step.rounded())
  }
}

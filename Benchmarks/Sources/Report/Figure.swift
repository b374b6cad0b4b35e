import Foundation

/// Numbers as people compare them: three digits that count.
enum Figure {
  static func short(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return value == 0 ? "0" : "–" }
    // The rounded number may have a digit more before the point.
    let rounded = Double(String(format: "%.2e", value)) ?? value
    let exponent = Int((log10(abs(rounded)) + 1e-9).rounded(.down))
    return String(format: "%.\(max(0, 2 - exponent))f", rounded)
  }

  static func percent(_ share: Double) -> String { String(format: "%.1f %%", share * 100) }

  /// 340 ns, 1.20 µs, 15.0 ms, 2.10 s.
  static func time(_ seconds: Double) -> String { inUnit(seconds, short) }

  /// The same of a round number, without zeros that say nothing: 20 ms.
  static func roundTime(_ seconds: Double) -> String { inUnit(seconds) { String(format: "%g", $0) } }

  private static func inUnit(_ seconds: Double, _ text: (Double) -> String) -> String {
    let units = [(1e-9, "ns"), (1e-6, "µs"), (1e-3, "ms"), (1.0, "s")]
    let unit = units.last { seconds >= $0.0 * 0.9995 } ?? units[0]
    return "\(text(seconds / unit.0)) \(unit.1)"
  }

  /// 16 KiB, 2 MiB.
  static func bytes(_ count: Int) -> String {
    let power = count >= 1 << 20 ? (20, "MiB") : (10, "KiB")
    return "\(short(Double(count) / Double(1 << power.0))) \(power.1)"
  }
}

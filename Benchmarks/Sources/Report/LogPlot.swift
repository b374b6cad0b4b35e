import Foundation

/// Lines over two logarithmic axes, as one self-contained SVG: with a background and colours of its own it can be read
/// on a light page and a dark one.
struct LogPlot {
  struct Line {
    enum Style {
      case measured
      case compared
      case straight

      var colour: String {
        switch self {
        case .measured: "#1f6fc4"
        case .compared: "#c2571a"
        case .straight: "#6b6b6b"
        }
      }
    }

    var name: String
    var style: Style
    /// Both above zero.
    var points: [(x: Double, y: Double)]
  }

  var title: String
  var xLabel: String
  var yLabel: String
  /// Where the horizontal axis is labelled, in order; the first and the last are its ends.
  var xTicks: [(value: Double, text: String)]
  /// The text beside a value of the vertical axis.
  var yText: (Double) -> String
  var lines: [Line]

  private static let (left, right, top, bottom) = (96.0, 732.0, 92.0, 412.0)

  var svg: String {
    """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 480" role="img" aria-label="\(Self.escaped(title))" \
    font-family="system-ui, 'Segoe UI', 'DejaVu Sans', Arial, sans-serif" font-size="14" fill="#1a1a1a">
    <rect width="760" height="480" rx="8" fill="#ffffff"/>
    \(Self.text(title, x: Self.left, y: 34, "font-size=\"18\" font-weight=\"600\""))
    \((legend + grid + lines.reversed().flatMap(drawing)).joined(separator: "\n"))
    \(Self.text(xLabel, x: (Self.left + Self.right) / 2, y: 460, "text-anchor=\"middle\""))
    \(Self.text(yLabel, x: 0, y: 0, "text-anchor=\"middle\" transform=\"translate(22 252) rotate(-90)\""))
    </svg>

    """
  }

  // MARK: Axes

  /// Powers of ten and their two- and fivefold, from below the least value to above the largest.
  static func ticks(from least: Double, to largest: Double) -> [Double] {
    let steps = [1.0, 2, 5]
    let first = Int(log10(least).rounded(.down))
    let last = Int(log10(largest).rounded(.up))
    let all = (first...max(first, last)).flatMap { power in steps.map { $0 * pow(10, Double(power)) } }
    let low = all.last { $0 <= least * 1.0001 } ?? all[0]
    let high = all.first { $0 >= largest * 0.9999 && $0 > low } ?? all[all.count - 1]
    return all.filter { $0 >= low && $0 <= high }
  }

  private var yTicks: [Double] {
    let values = lines.flatMap(\.points).map(\.y)
    return Self.ticks(from: values.min() ?? 1, to: values.max() ?? 10)
  }

  private func x(_ value: Double) -> Double {
    Self.place(value, from: xTicks.first?.value, to: xTicks.last?.value, Self.left, Self.right)
  }

  private func y(_ value: Double) -> Double {
    Self.place(value, from: yTicks.first, to: yTicks.last, Self.bottom, Self.top)
  }

  /// Where `value` stands between `start` and `end`, logarithmically.
  private static func place(_ value: Double, from low: Double?, to high: Double?, _ start: Double, _ end: Double)
    -> Double
  {
    guard let low, let high, high > low else { return (start + end) / 2 }
    return start + (end - start) * log(value / low) / log(high / low)
  }

  // MARK: Elements

  private var grid: [String] {
    // Over many powers of ten only they are labelled.
    let isLong = yTicks.count > 12
    let rows = yTicks.flatMap { tick -> [String] in
      let isPower = abs(log10(tick) - log10(tick).rounded()) < 1e-6
      let line = Self.line(
        (Self.left, y(tick)), (Self.right, y(tick)), "stroke=\"\(isPower ? "#cfcfcf" : "#ececec")\"")
      let label = Self.text(yText(tick), x: Self.left - 10, y: y(tick) + 5, "text-anchor=\"end\"")
      return isLong && !isPower ? [line] : [line, label]
    }
    let columns = xTicks.flatMap { tick in
      [
        Self.line((x(tick.value), Self.top), (x(tick.value), Self.bottom), "stroke=\"#ececec\""),
        Self.text(tick.text, x: x(tick.value), y: Self.bottom + 22, "text-anchor=\"middle\""),
      ]
    }
    return rows + columns
  }

  private var legend: [String] {
    var start = Self.left
    return lines.flatMap { line in
      defer { start += 46 + 7.6 * Double(line.name.count) }
      let sample = Self.line((start, 61), (start + 26, 61), Self.stroke(line.style))
      return [sample, Self.text(line.name, x: start + 34, y: 66, "")]
    }
  }

  private func drawing(_ line: Line) -> [String] {
    let places = line.points.map { "\(Self.number(x($0.x))),\(Self.number(y($0.y)))" }
    let path = "<polyline points=\"\(places.joined(separator: " "))\" fill=\"none\" \(Self.stroke(line.style))/>"
    if line.style == .straight { return [path] }
    return [path]
      + line.points.map {
        "<circle cx=\"\(Self.number(x($0.x)))\" cy=\"\(Self.number(y($0.y)))\" r=\"4\" fill=\"\(line.style.colour)\" "
          + "stroke=\"#ffffff\" stroke-width=\"1.5\"/>"
      }
  }

  private static func stroke(_ style: Line.Style) -> String {
    "stroke=\"\(style.colour)\" stroke-width=\"2\"\(style == .straight ? " stroke-dasharray=\"6 4\"" : "")"
  }

  private static func line(_ a: (Double, Double), _ b: (Double, Double), _ attributes: String) -> String {
    "<line x1=\"\(number(a.0))\" y1=\"\(number(a.1))\" x2=\"\(number(b.0))\" y2=\"\(number(b.1))\" \(attributes)/>"
  }

  private static func text(_ text: String, x: Double, y: Double, _ attributes: String) -> String {
    "<text x=\"\(number(x))\" y=\"\(number(y))\"\(attributes.isEmpty ? "" : " ")\(attributes)>\(escaped(text))</text>"
  }

  private static func number(_ value: Double) -> String { String(format: "%.1f", value) }

  static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;")
  }
}

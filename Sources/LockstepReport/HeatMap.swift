import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepRuns
import LockstepTraining

/// Figures over two directions as shades, as SVG: a row a layer, a column a moment, the darker (on dark paper the
/// brighter) the larger, on a logarithmic scale.
package struct HeatMap: Sendable {
  /// What each row is called, from the top.
  package var names: [String]
  /// By row, then column; what is not finite, or not above 0, stays empty.
  package var values: [[Double?]]
  /// What is written under the first and the last column.
  package var ends: (String, String)
  /// What the columns count, such as `step`; written under them.
  package var xTitle: String
  /// What the picture shows, for whoever does not see it.
  package var title: String

  package init(_ values: [[Double?]], names: [String], ends: (String, String), xTitle: String, title: String) {
    (self.values, self.names, self.ends, self.xTitle, self.title) = (values, names, ends, xTitle, title)
  }

  private static let (width, shades) = (380.0, 12)
  private static let (top, bottom) = (30.0, 34.0)
  private var rowHeight: Double { min(16, max(6, 190 / Double(max(1, names.count)))) }
  private var height: Double { Self.top + rowHeight * Double(names.count) + Self.bottom }

  /// Names that would touch are left out.
  private var labelled: [(row: Int, name: String)] {
    let gap = Int((13 / rowHeight).rounded(.up))
    return names.indices.filter { $0 % gap == 0 }.map { row in
      let name = names[row]
      guard name.count > 18 else { return (row, name) }
      // Both ends of a path say which layer it is: repeat0.13.residual0.dense0 → repeat0.13…dense0.
      let start = name.prefix(11)
      return (row, "\(start.lastIndex(of: ".").map { start[..<$0] } ?? start)…\(name.suffix(6))")
    }
  }

  private var left: Double { Double(labelled.map(\.name.count).max() ?? 0) * LineChart.character + 10 }

  private var usable: [Double] { values.flatMap { $0.compactMap { $0 } }.filter { $0.isFinite && $0 > 0 } }

  /// 380 units wide, its height by the rows; with a legend of the shades.
  package var svg: HTML {
    let (low, high) = (usable.min() ?? 1, usable.max() ?? 1)
    let columns = values.map(\.count).max() ?? 0
    let room = Self.width - left - 4
    let (wide, tall) = (room / Double(max(1, columns)), rowHeight)
    var cells = [String](repeating: "", count: Self.shades)
    for (row, line) in values.enumerated() {
      for (column, value) in line.enumerated() {
        guard let value, value.isFinite, value > 0 else { continue }
        let share = high > low ? Format.log10(value / low) / Format.log10(high / low) : 1
        let shade = min(Self.shades - 1, Int(share * Double(Self.shades)))
        let (x, y) = (left + Double(column) * wide, Self.top + Double(row) * tall)
        // Half a unit of overlap leaves no seams.
        cells[max(0, shade)] +=
          "M\(coordinate(x)) \(coordinate(y))h\(coordinate(min(wide + 0.4, Self.width - x)))v\(coordinate(tall))h-\(coordinate(min(wide + 0.4, Self.width - x)))z"
      }
    }
    let paths = cells.enumerated().filter { $0.element != "" }.map { shade, path in
      HTML.element("path", [("class", "f0"), ("fill-opacity", Self.opacity(shade)), ("d", path)])
    }
    let floor = Self.top + tall * Double(names.count)
    let labels = labelled.map { text($0.name, left - 6, Self.top + (Double($0.row) + 0.5) * tall + 4, "end") }
    let axis = [
      text(ends.0, left, floor + 16, "start"), text(ends.1, Self.width - 2, floor + 16, "end"),
      text(xTitle, Self.width - 2, floor + 30, "end"),
    ]
    return .element(
      "svg",
      [
        ("class", "chart"), ("viewBox", "0 0 \(Int(Self.width)) \(coordinate(height))"), ("role", "img"),
        ("aria-label", title),
      ], paths + labels + axis + legend(low, high))
  }

  /// From the smallest value to the largest.
  private func legend(_ low: Double, _ high: Double) -> [HTML] {
    guard !usable.isEmpty else { return [text("no number above 0", left, 16, "start")] }
    let (first, last) = (Format.significant(low, 2), Format.significant(high, 2))
    let box = 9.0
    let end = Self.width - 2 - Double(last.count) * LineChart.character - 6
    let start = end - box * Double(Self.shades)
    let boxes = (0..<Self.shades).map { shade in
      HTML.element(
        "rect",
        [
          ("class", "f0"), ("fill-opacity", Self.opacity(shade)), ("x", coordinate(start + Double(shade) * box)),
          ("y", "7"), ("width", coordinate(box)), ("height", "10"),
        ])
    }
    return [text(first, start - 6, 16, "end"), text(last, end + 6, 16, "start")] + boxes
  }

  private static func opacity(_ shade: Int) -> String {
    coordinate(0.06 + 0.94 * Double(shade) / Double(shades - 1))
  }

  private func text(_ text: String, _ x: Double, _ y: Double, _ anchor: String) -> HTML {
    .element("text", [("x", coordinate(x)), ("y", coordinate(y)), ("text-anchor", anchor)], text: text)
  }
}

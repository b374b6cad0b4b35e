import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepRuns
import LockstepTraining

/// Figures over two directions as shades: a row a layer, a column a moment, the darker (on dark paper the
/// brighter) the larger, on a logarithmic scale. Rows that are alike stand close together under one name.
package struct HeatMap: Sendable {
  /// What each row is called, from the top.
  package var names: [String]
  /// Rows that are drawn close together, ascending, and what each run of them is called.
  package var alike: [(rows: Range<Int>, name: String)] = []
  /// By row, then column; what is not finite, or not above 0, stays empty.
  package var values: [[Double?]]
  /// What is written under the first and the last column: their names.
  package var ends: (String, String) { (moments.first ?? "", moments.last ?? "") }
  /// What each column is called.
  package var moments: [String]
  /// What the columns count, such as `step`; written under them.
  package var xTitle: String
  /// What the picture shows, for whoever does not see it.
  package var title: String

  package init(_ values: [[Double?]], names: [String], moments: [String], xTitle: String, title: String) {
    (self.values, self.names, self.moments, self.xTitle, self.title) = (values, names, moments, xTitle, title)
  }

  private static let shades = 12
  private static let (top, bottom) = (30.0, 34.0)
  /// Rows and the names of some, laid out.
  private var layout: HeatMapRows { HeatMapRows(names, alike) }

  private var usable: [Double] { values.flatMap { $0.compactMap { $0 } }.filter { $0.isFinite && $0 > 0 } }

  /// As wide as its place, its height by the rows; with a legend of the shades.
  package var svg: HTML {
    let (low, high) = (usable.min() ?? 1, usable.max() ?? 1)
    let columns = max(1, values.map(\.count).max() ?? 0)
    let rows = layout
    let (labels, height) = (rows.labels, rows.height)
    let closer = alike.map { " \($0.name) are drawn close together." }.joined()
    var plot = Plot(
      top: Self.top, right: 4, bottom: Self.bottom,
      left: Double(labels.map(\.text.count).max() ?? 0) * LineChart.character + 10, height: height, title: title,
      description:
        "Across: \(xTitle), \(ends.0) to \(ends.1). Down: \(names.count) layers, \(names.first ?? "") to \(names.last ?? "").\(closer) "
        + (usable.isEmpty
          ? "No number is above 0."
          : "Shades: \(Format.significant(low, 2)) to \(Format.significant(high, 2)), logarithmic."),
      content: [])
    let axis = [
      Plot.text(ends.0, 0, height + 16, "start"), Plot.text(ends.1, 1, height + 16, "end"),
      Plot.text(xTitle, 1, height + 30, "end"),
    ]
    plot.content =
      [Plot.stretched(cells(low, high, rows), width: Double(columns), height: height, pixels: height)]
      + rows.bands.map { Plot.line("bracket", (0, $0.lowerBound + 1), (0, $0.upperBound - 1), beside: -3) }
      + labels.map { Plot.text($0.text, 0, $0.middle + 4, "end", beside: -7) } + axis + legend(low, high)
    plot.readings = (0..<columns).compactMap(reading(columns))
    return plot.html
  }

  /// A path a shade, a unit wide and a row high a cell.
  private func cells(_ low: Double, _ high: Double, _ rows: HeatMapRows) -> [HTML] {
    var cells = [String](repeating: "", count: Self.shades)
    for (row, place) in rows.drawn {
      let (top, tall) = (coordinate(place.lowerBound), coordinate(place.upperBound - place.lowerBound))
      for (column, value) in values[row].enumerated() {
        guard let value, value.isFinite, value > 0 else { continue }
        let share = high > low ? Format.log10(value / low) / Format.log10(high / low) : 1
        let shade = max(0, min(Self.shades - 1, Int(share * Double(Self.shades))))
        cells[shade] += "M\(column) \(top)h1v\(tall)h-1z"
      }
    }
    return cells.enumerated().filter { $0.element != "" }.map { shade, path in
      HTML.element("path", [("class", "f0 cells"), ("fill-opacity", Self.opacity(shade)), ("d", path)])
    }
  }

  /// What is to be read of a column: its least and its largest number, and where they are.
  private func reading(_ columns: Int) -> (Int) -> Plot.Reading? {
    { column in
      let figures = zip(names, values).compactMap { name, line in
        (line.indices.contains(column) ? line[column] : nil).map { (name: name, value: $0) }
      }.filter { $0.value.isFinite }
      guard let least = figures.min(by: { $0.value < $1.value }), let most = figures.max(by: { $0.value < $1.value })
      else { return nil }
      func words(_ figure: (name: String, value: Double)) -> String {
        "\(Format.significant(figure.value, 3)) in \(figure.name)"
      }
      let place = moments.indices.contains(column) ? moments[column] : "column \(column + 1)"
      return Plot.Reading(
        place: (Double(column) + 0.5) / Double(columns),
        words: "\(xTitle) \(place): from \(words(least)) to \(words(most))")
    }
  }

  /// From the smallest value to the largest, above the plot.
  private func legend(_ low: Double, _ high: Double) -> [HTML] {
    guard !usable.isEmpty else { return [Plot.text("no number above 0", 0, 16 - Self.top, "start")] }
    let (first, last) = (Format.significant(low, 2), Format.significant(high, 2))
    let box = 9.0
    let end = -2 - Double(last.count) * LineChart.character - 6
    let start = end - box * Double(Self.shades)
    let boxes = (0..<Self.shades).map { shade in
      HTML.element(
        "rect",
        [
          ("class", "f0"), ("fill-opacity", Self.opacity(shade)), ("x", coordinate(start + Double(shade) * box)),
          ("y", "0"), ("width", coordinate(box)), ("height", "10"),
        ])
    }
    // A frame that begins at the right end of the plot.
    return [
      .element(
        "svg", [("x", "100%"), ("y", coordinate(7 - Self.top)), ("overflow", "visible")],
        [
          .element("text", [("x", coordinate(start - 6)), ("y", "9"), ("text-anchor", "end")], text: first),
          .element("text", [("x", coordinate(end + 6)), ("y", "9")], text: last),
        ] + boxes)
    ]
  }

  private static func opacity(_ shade: Int) -> String {
    coordinate(0.06 + 0.94 * Double(shade) / Double(shades - 1))
  }
}

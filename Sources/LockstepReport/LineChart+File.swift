extension LineChart {
  /// An SVG file with its styles inside, light or dark as the reader's system is.
  package var file: String {
    let (width, plot) = (570.0, plot)
    let rows = legendRows(width)
    let above = Self.rowHeight * Double(rows.count) + plot.top
    let height = above + plot.height + plot.bottom
    func number(_ name: String, _ value: Double) -> (String, String) { (name, coordinate(value)) }
    let paper = HTML.element(
      "rect", [number("width", width), number("height", height), ("style", "fill: var(--card)")])
    let style = HTML.element("style", [], [HTML(markup: Page.colors + Page.chartStyle)])
    let drawing = HTML.element(
      "svg",
      [
        number("x", plot.left), number("y", above), number("width", width - plot.left - plot.right),
        number("height", plot.height), ("overflow", "visible"),
      ], plot.content)
    return HTML.element(
      "svg",
      [
        ("xmlns", "http://www.w3.org/2000/svg"), ("class", "chart"), number("width", width), number("height", height),
        ("viewBox", "0 0 \(coordinate(width)) \(coordinate(height))"),
      ], [style, paper, drawing] + legend(rows, width)
    ).markup + "\n"
  }

  private static let rowHeight = 16.0

  /// Those of a file, in rows that it holds; one series needs no name.
  private func legendRows(_ width: Double) -> [[Int]] {
    guard named.count > 1 else { return [] }
    var (rows, used) = ([[Int]()], 8.0)
    for index in named {
      if used + nameWidth(index) > width, used > 8 {
        rows.append([])
        used = 8
      }
      rows[rows.count - 1].append(index)
      used += nameWidth(index)
    }
    return rows
  }

  /// With its line and the gap behind.
  private func nameWidth(_ index: Int) -> Double { Double(series[index].name.count) * Self.boldCharacter + 32 }

  /// Names in the order of the series, at the top on the right.
  private func legend(_ rows: [[Int]], _ width: Double) -> [HTML] {
    rows.enumerated().flatMap { row, indices in
      let y = 12 + Double(row) * Self.rowHeight
      var start = width + 10 - indices.reduce(0) { $0 + nameWidth($1) }
      return indices.flatMap { index in
        let path = HTML.element(
          "path",
          [
            ("class", kind(index)),
            ("d", "M\(coordinate(start)) \(coordinate(y)) L\(coordinate(start + 12)) \(coordinate(y))"),
          ])
        let text = HTML.element(
          "text", [("class", "label"), ("x", coordinate(start + 17)), ("y", coordinate(y + 4))],
          text: series[index].name)
        start += nameWidth(index)
        return [path, text]
      }
    }
  }
}

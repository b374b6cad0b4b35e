/// Rows of a number each with how sure it is: a dot, the line of its interval, and the single values that it comes of.
package struct IntervalPlot: Sendable {
  package struct Row: Sendable {
    package var name: String
    package var value: Double
    /// nil where it is not known.
    package var interval: ClosedRange<Double>?
    /// The single values; may be empty.
    package var values: [Double]
    /// Drawn in the colour of what stands out.
    package var isMarked: Bool

    package init(
      _ name: String, _ value: Double, interval: ClosedRange<Double>?, values: [Double] = [], isMarked: Bool = false
    ) {
      (self.name, self.value, self.interval, self.values, self.isMarked) = (name, value, interval, values, isMarked)
    }
  }

  package var rows: [Row]
  /// What the numbers are.
  package var xTitle: String
  /// A place that is marked over the whole height, such as 0 of a difference; nil for none.
  package var mark: Double?

  package init(_ rows: [Row], xTitle: String, mark: Double? = nil) {
    (self.rows, self.xTitle, self.mark) = (rows, xTitle, mark)
  }

  private static let rowHeight = 36.0
  private var scale: Scale {
    let ends = rows.flatMap { [$0.value] + $0.values + ($0.interval.map { [$0.lowerBound, $0.upperBound] } ?? []) }
    return Scale(.linear, holding: ends + (mark.map { [$0] } ?? []))
  }

  /// As wide as its place, its height by the rows; the name of each stands above it.
  package var svg: HTML {
    let (scale, height) = (scale, Self.rowHeight * Double(rows.count))
    let most = Int((Plot.narrow - 26) / LineChart.character)
    let names = ShortNames.of(rows.map(\.name), most: most)
    var plot = Plot(
      top: 2, right: 16, bottom: 40, left: 10, height: height, title: "\(xTitle) of \(rows.count) variants",
      description:
        "Across: \(xTitle), \(Scale.plain(scale.low, digits: 4)) to \(Scale.plain(scale.high, digits: 4)). Down: \(rows.map(\.name).joined(separator: "; ")). A dot is the mean, a line its 95 % interval.",
      content: [])
    let ticks = scale.ticks
    // Every other label, where all would touch.
    let widest = Double(ticks.map(\.label.count).max() ?? 0) * LineChart.character + 8
    let gap = max(1, Int((widest * Double(ticks.count) / plot.narrowest).rounded(.up)))
    // That of the mark, 0 of a difference, among them.
    let first =
      (mark.flatMap { scale.place($0) }.flatMap { place in ticks.firstIndex { abs($0.place - place) < 1e-9 } } ?? 0)
      % gap
    let axis = ticks.enumerated().flatMap { index, tick -> [HTML] in
      let line = Plot.line("gridline", (tick.place, 0), (tick.place, height))
      guard index % gap == first else { return [line] }
      let (room, before) = ((1 - tick.place) * plot.narrowest + plot.right, tick.place * plot.narrowest + plot.left)
      let half = Double(tick.label.count) * LineChart.character / 2
      let anchor = half > room ? "end" : half > before ? "start" : "middle"
      let beside = half > room ? room : half > before ? -before : 0
      return [line, Plot.text(tick.label, tick.place, height + 18, anchor, beside: beside)]
    }
    let marks = mark.flatMap { scale.place($0) }.map { [Plot.line("event", ($0, 0), ($0, height))] } ?? []
    plot.content =
      axis + marks + zip(rows, names).enumerated().flatMap { draw($0.element.0, named: $0.element.1, $0.offset, scale) }
      + [Plot.line("axis", (0, height), (1, height)), Plot.text(xTitle, 1, height + 34, "end")]
    plot.areRows = true
    plot.readings = rows.enumerated().map { index, row in
      Plot.Reading(place: (Double(index) + 0.62) / Double(rows.count), words: words(row))
    }
    return plot.html
  }

  private func words(_ row: Row) -> String {
    func number(_ value: Double) -> String { Scale.plain(value, digits: 4) }
    let interval = row.interval.map { ", 95 % interval \(number($0.lowerBound)) to \(number($0.upperBound))" } ?? ""
    let values = row.values.isEmpty ? "" : "; single: \(row.values.map(number).joined(separator: ", "))"
    return "\(row.name): \(number(row.value))\(interval)\(values)"
  }

  private func draw(_ row: Row, named name: String, _ index: Int, _ scale: Scale) -> [HTML] {
    let top = Self.rowHeight * Double(index)
    let y = top + 24
    let color = row.isMarked ? "0" : "3"
    func dot(_ value: Double, _ radius: String, _ kind: String) -> [HTML] {
      scale.place(value).map {
        [
          .element(
            "circle", [("class", kind), ("cx", percent($0)), ("cy", coordinate(y)), ("r", radius)])
        ]
      } ?? []
    }
    let line = row.interval.flatMap { interval in
      scale.place(interval.lowerBound).flatMap { low in
        scale.place(interval.upperBound).map { Plot.line("series s\(color)", (low, y), ($0, y)) }
      }
    }
    return [Plot.text(name, 0, top + 13, "start", kind: "label beside")] + (line.map { [$0] } ?? [])
      + row.values.flatMap { dot($0, "2", "single") } + dot(row.value, "5", "f\(color)")
  }
}

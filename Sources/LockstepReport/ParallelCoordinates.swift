import LockstepFormats

/// Rows of a table as lines across parallel axes, a column an axis, as SVG — Inselberg 1985, "The plane with parallel
/// coordinates", https://doi.org/10.1007/BF01898350
package struct ParallelCoordinates: Sendable {
  /// A column.
  package struct Axis: Sendable {
    package var name: String
    package var scale: Scale

    package init(_ name: String, _ scale: Scale) { (self.name, self.scale) = (name, scale) }
  }

  /// A row.
  package struct Line: Sendable {
    /// How much it is to be seen.
    package enum Weight: String, Sendable {
      case best
      case good
      case rest
      case bad
    }

    /// By axis; a line ends before the first that has no place.
    package var values: [Double?]
    package var weight: Weight
    /// What a pointer over it is told.
    package var words: String

    package init(_ values: [Double?], _ weight: Weight, words: String) {
      (self.values, self.weight, self.words) = (values, weight, words)
    }
  }

  package var axes: [Axis]
  package var lines: [Line]
  /// What the picture shows, for whoever does not see it.
  package var title: String

  package init(_ axes: [Axis], _ lines: [Line], title: String) {
    (self.axes, self.lines, self.title) = (axes, lines, title)
  }

  private static let (height, top, bottom) = (280.0, 34.0, 12.0)
  private static let most = 20

  /// A name or a number as it is written: what is too long for its place is cut.
  private static func short(_ text: String) -> String { text.count > most ? text.prefix(most - 1) + "…" : text }

  /// The numbers, or names, beside each axis.
  private var labels: [[(place: Double, label: String)]] {
    axes.map { $0.scale.ticks.map { (place: $0.place, label: Self.short($0.label)) } }
  }

  /// Where each axis stands: each has its labels on its left, and half of its name on both sides.
  private var places: [Double] {
    var (places, former): ([Double], Double) = ([], 0)
    for (axis, labels) in zip(axes, labels) {
      let half = Double(Self.short(axis.name).count) * LineChart.boldCharacter / 2 + 6
      let beside = Double(labels.map(\.label.count).max() ?? 0) * LineChart.character + 12
      places.append(places.last.map { $0 + max(84, former + half, beside + 24) } ?? max(half, beside))
      former = half
    }
    return places
  }

  /// As wide as its axes need, 280 units high; it scrolls where the page is narrower.
  package var svg: HTML {
    let names = axes.map { Self.short($0.name) }
    let width = (places.last ?? 0) + Double(names.last?.count ?? 0) * LineChart.boldCharacter / 2 + 12
    let rows = [Line.Weight.bad, .rest, .good, .best].flatMap { weight in
      lines.filter { $0.weight == weight }.map(draw)
    }
    let frames = zip(zip(places, names), labels).flatMap { axis, labels in
      [line(axis.0), text(axis.1, axis.0, 16, "middle", kind: "label")]
        + labels.map { text($0.label, axis.0 - 8, up($0.place) + 4, "end", kind: "beside") }
    }
    return .element(
      "svg",
      [
        ("class", "chart"), ("viewBox", "0 0 \(coordinate(width)) \(Int(Self.height))"), ("role", "img"),
        ("aria-label", title), ("style", "min-width: \(Int(width))px; max-width: \(Int(2 * width))px"),
      ], rows + frames)
  }

  private func up(_ share: Double) -> Double {
    Self.height - Self.bottom - share * (Self.height - Self.top - Self.bottom)
  }

  private func draw(_ line: Line) -> HTML {
    var words: [String] = []
    for (index, x) in places.enumerated() {
      guard let share = line.values[index].flatMap({ axes[index].scale.place($0) }) else { break }
      words.append("\(words.isEmpty ? "M" : "L")\(coordinate(x)) \(coordinate(up(share)))")
    }
    return .element(
      "path", [("class", "row \(line.weight.rawValue)"), ("d", words.joined(separator: " "))],
      [.element("title", text: line.words)])
  }

  private func line(_ x: Double) -> HTML {
    .element(
      "line",
      [
        ("class", "axis"), ("x1", coordinate(x)), ("y1", coordinate(up(0))), ("x2", coordinate(x)),
        ("y2", coordinate(up(1))),
      ])
  }

  private func text(_ text: String, _ x: Double, _ y: Double, _ anchor: String, kind: String) -> HTML {
    .element(
      "text", [("class", kind), ("x", coordinate(x)), ("y", coordinate(y)), ("text-anchor", anchor)], text: text)
  }
}

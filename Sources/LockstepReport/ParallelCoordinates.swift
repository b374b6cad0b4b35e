import LockstepFormats

/// Rows of a table as lines across parallel axes, a column an axis — Inselberg 1985, "The plane with parallel
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
    /// What a pointer over it is told, and who comes to it by keyboard.
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

  private static let height = 234.0
  private static let most = 20

  /// The names of the axes, and the numbers or names beside each.
  private var names: [String] { ShortNames.of(axes.map(\.name), most: Self.most) }
  private var labels: [[(place: Double, label: String)]] {
    axes.map { axis in
      let ticks = axis.scale.ticks
      return zip(ticks, ShortNames.of(ticks.map(\.label), most: Self.most)).map { ($0.place, $1) }
    }
  }

  /// Where each axis stands at least, in pixels from the left edge: each has its labels on its left, and half of its
  /// name on both sides.
  private var places: [Double] {
    var (places, former): ([Double], Double) = ([], 0)
    for (name, labels) in zip(names, labels) {
      let half = Double(name.count) * LineChart.boldCharacter / 2 + 6
      let beside = Double(labels.map(\.label.count).max() ?? 0) * LineChart.character + 12
      places.append(places.last.map { $0 + max(84, former + half, beside + 24) } ?? max(half, beside))
      former = half
    }
    return places
  }

  /// As wide as its place, or as its axes need: then it scrolls.
  package var svg: HTML {
    let (places, names) = (places, names)
    let first = places.first ?? 0
    let width = max(1, (places.last ?? 0) - first)
    let shares = places.map { ($0 - first) / width }
    let rows = [Line.Weight.bad, .rest, .good, .best].flatMap { weight in
      lines.filter { $0.weight == weight }.map { draw($0, shares) }
    }
    let frames = zip(zip(shares, names), labels).flatMap { axis, labels in
      [
        Plot.line("axis", (axis.0, Self.height), (axis.0, 0)),
        Plot.text(axis.1, axis.0, -18, "middle", kind: "label"),
      ] + labels.map { Plot.text($0.label, axis.0, up($0.place) + 4, "end", beside: -8, kind: "beside") }
    }
    let ranges = axes.map { axis in
      let ticks = axis.scale.ticks
      return "\(axis.name) \(ticks.first?.label ?? "") to \(ticks.last?.label ?? "")"
    }
    let right = Double(names.last?.count ?? 0) * LineChart.boldCharacter / 2 + 12
    return Plot(
      top: 34, right: right, bottom: 34, left: first,
      height: Self.height, title: title,
      description: "\(lines.count) lines across the axes \(ranges.joined(separator: "; ")).",
      content: [Plot.stretched(rows, width: 1000, height: Self.height, pixels: Self.height)] + frames,
      readings: lines.compactMap { line in
        ends(line).map { Plot.Reading(place: 1 - $0, words: line.words) }
      }, areRows: true, areForKeysAlone: true, least: first + width + right
    ).html
  }

  /// Where a line ends, as a share of the height; nil where it does not begin.
  private func ends(_ line: Line) -> Double? {
    zip(axes, line.values).map { axis, value in value.flatMap { axis.scale.place($0) } }.prefix { $0 != nil }.last
      ?? nil
  }

  private func up(_ share: Double) -> Double { (1 - share) * Self.height }

  private func draw(_ line: Line, _ shares: [Double]) -> HTML {
    var words: [String] = []
    for (index, share) in shares.enumerated() {
      guard let place = line.values[index].flatMap({ axes[index].scale.place($0) }) else { break }
      words.append("\(words.isEmpty ? "M" : "L")\(coordinate(1000 * share)) \(coordinate(up(place)))")
    }
    return .element(
      "path", [("class", "row \(line.weight.rawValue)"), ("d", words.joined(separator: " "))],
      [.element("title", text: line.words)])
  }
}

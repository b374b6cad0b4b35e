import LockstepConfiguration
import LockstepFormats

/// Lines, or points, over two axes, as SVG: up to eight series, told apart by colour, and by dashes from the fifth on.
package struct LineChart: Sendable {
  /// One line.
  package struct Series: Sendable {
    /// How it is drawn.
    package enum Style: Sendable {
      case line
      /// Dashed, unnamed, in the colour of the series before it: a fit.
      case fit
      /// Points that no line joins.
      case points
    }

    /// Written in the legend; empty for none.
    package var name: String
    /// A point without a place on its axis (nil, or 0 on a logarithmic one) is a gap.
    package var points: [(x: Double, y: Double?)]
    package var style: Style
    var isFit: Bool { style == .fit }

    package init(name: String, points: [(x: Double, y: Double?)], style: Style = .line) {
      (self.name, self.points, self.style) = (name, points, style)
    }
  }

  /// Something that happened at one place, a dashed line over the whole height.
  package struct Event: Sendable {
    package var x: Double
    package var name: String
    /// Drawn in the colour of errors.
    package var isBad: Bool

    package init(_ name: String, at x: Double, isBad: Bool = false) {
      (self.name, self.x, self.isBad) = (name, x, isBad)
    }
  }

  package var series: [Series]
  package var events: [Event]
  /// What the axes measure, with the unit, if there is one.
  package var (xTitle, yTitle): (String, String)
  package var (x, y): (Scale, Scale)

  /// - Parameters:
  ///   - span: the decades, or the length, that the vertical axis has at least.
  ///   - values: what it holds besides the series'.
  package init(
    _ series: [Series], xTitle: String, yTitle: String, x: Scale.Spacing = .linear, y: Scale.Spacing = .linear,
    span: Double = 0, including values: [Double] = [], events: [Event] = []
  ) {
    (self.series, self.events, self.xTitle, self.yTitle) = (series, events, xTitle, yTitle)
    self.x = Scale(x, holding: series.flatMap { $0.points.map(\.x) } + events.map(\.x))
    self.y = Scale(y, holding: series.flatMap { $0.points.compactMap(\.y) } + values, span: span)
  }

  static let (width, height) = (380.0, 260.0)
  private static let (right, bottom) = (12.0, 40.0)
  private static let rowHeight = 16.0
  /// Of a character of the widest fonts that a system may take, and of one in bold.
  static let (character, boldCharacter) = (7.7, 8.4)

  /// Room for the numbers beside the vertical axis.
  private var left: Double { max(44, Double(y.ticks.map(\.label.count).max() ?? 0) * Self.character + 12) }

  /// Room for names and numbers, in the picture's units.
  private var plotWidth: Double { Self.width - left - Self.right }

  /// Room for the names, in as many rows as they need.
  private var top: Double { 10 + Self.rowHeight * Double(max(1, legendRows.count)) }

  /// 380 × 260 units, with axes, events and a legend; its styles are those of the page.
  package var svg: HTML {
    .element(
      "svg",
      [
        ("class", "chart"), ("viewBox", "0 0 \(Int(Self.width)) \(Int(Self.height))"), ("role", "img"),
        ("aria-label", "\(yTitle) over \(xTitle)"),
      ], axes + marks + lines + legend)
  }

  /// An SVG file with its styles inside, light or dark as the reader's system is.
  package var file: String {
    let size = "0 0 \(Int(Self.width)) \(Int(Self.height))"
    let paper = HTML.element(
      "rect", [("width", "\(Int(Self.width))"), ("height", "\(Int(Self.height))"), ("style", "fill: var(--card)")])
    let style = HTML.element("style", [], [HTML(markup: Page.colors + Page.chartStyle)])
    return HTML.element(
      "svg", [("xmlns", "http://www.w3.org/2000/svg"), ("class", "chart"), ("viewBox", size), ("width", "570")],
      [style, paper] + axes + marks + lines + legend
    ).markup + "\n"
  }

  private func across(_ share: Double) -> Double { left + share * plotWidth }
  private func up(_ share: Double) -> Double {
    Self.height - Self.bottom - share * (Self.height - top - Self.bottom)
  }

  /// Of the horizontal axis; names are cut where they would touch.
  private var ticks: [(place: Double, label: String)] {
    guard case .named(let names) = x.spacing else { return x.ticks }
    let most = max(2, Int(plotWidth / Double(max(1, names.count)) / Self.character) - 1)
    return x.ticks.map { ($0.place, $0.label.count > most ? $0.label.prefix(most - 1) + "…" : $0.label) }
  }

  private var axes: [HTML] {
    let rows = y.ticks.flatMap { tick in
      [
        line("gridline", (across(0), up(tick.place)), (across(1), up(tick.place))),
        label(tick.label, across(0) - 8, up(tick.place) + 4, anchor: "end"),
      ]
    }
    let columns = ticks.map { tick in
      // The last number would stand out of the picture.
      let isCut = across(tick.place) + (Double(tick.label.count) * Self.character + 4) / 2 > Self.width
      return label(
        tick.label, isCut ? Self.width - 1 : across(tick.place), up(0) + 18, anchor: isCut ? "end" : "middle")
    }
    return rows + columns + [
      line("axis", (across(0), up(0)), (across(1), up(0))),
      label(xTitle, across(1), Self.height - 6, anchor: "end"), label(yTitle, 4, 14, anchor: "start"),
    ]
  }

  /// Events, named on the side where there is room, or not at all.
  private var marks: [HTML] {
    let places = events.compactMap { event in x.place(event.x).map { (event: event, at: across($0)) } }.sorted {
      $0.at < $1.at
    }
    var taken: [ClosedRange<Double>] = []
    return places.flatMap { event, at -> [HTML] in
      let dashed = line(event.isBad ? "event bad" : "event", (at, up(0)), (at, up(1)))
      let width = Double(event.name.count) * Self.character + 8
      func isFree(_ room: ClosedRange<Double>) -> Bool {
        room.lowerBound >= left && room.upperBound <= Self.width && !taken.contains { $0.overlaps(room) }
          && !places.contains { $0.at != at && room.contains($0.at) }
      }
      guard let room = [at...at + width, at - width...at].first(where: isFree) else { return [dashed] }
      taken.append(room)
      let isBefore = room.upperBound == at
      return [
        dashed, label(event.name, isBefore ? at - 4 : at + 4, up(1) + 12, anchor: isBefore ? "end" : "start"),
      ]
    }
  }

  /// The number of a series' colour: fits share that of the series before.
  private func color(_ index: Int) -> Int { number(index) % 4 }

  private func number(_ index: Int) -> Int { max(0, series[...index].count { !$0.isFit } - 1) }

  /// Its classes: those from the fifth on are dashed.
  private func kind(_ index: Int) -> String {
    "\(series[index].isFit ? "fit" : "series") s\(color(index))\(number(index) >= 4 ? " second" : "")"
  }

  private var lines: [HTML] {
    series.indices.flatMap { index in
      if series[index].style == .points { return dots(index) }
      let path = HTML.element(
        "path", [("class", kind(index)), ("d", trace(series[index]))])
      return [path] + (series[index].isFit ? [] : dots(index))
    }
  }

  /// Moves and lines through the points, a new move behind every gap.
  private func trace(_ series: Series) -> String {
    var words: [String] = []
    var isOpen = false
    for point in drawn(series) {
      guard let place = place(point) else {
        isOpen = false
        continue
      }
      words.append("\(isOpen ? "L" : "M")\(coordinate(place.x)) \(coordinate(place.y))")
      isOpen = true
    }
    return words.joined(separator: " ")
  }

  private func place(_ point: (x: Double, y: Double?)) -> (x: Double, y: Double)? {
    guard let value = point.y, let x = x.place(point.x), let y = y.place(value) else { return nil }
    return (across(x), up(y))
  }

  private func dots(_ index: Int) -> [HTML] {
    guard series[index].style == .points || series[index].points.count <= 60 else { return [] }
    return series[index].points.compactMap { point in
      guard let place = place(point), let value = point.y else { return nil }
      return .element(
        "circle",
        [("class", "f\(color(index))"), ("cx", coordinate(place.x)), ("cy", coordinate(place.y)), ("r", "2.75")],
        [.element("title", text: words(series[index].name, point.x, value))])
    }
  }

  /// What a pointer over a point is told: `training, step 600: 0.3117`.
  private func words(_ name: String, _ x: Double, _ y: Double) -> String {
    "\(name == "" ? "" : "\(name), ")\(xTitle) \(self.x.words(x)): \(Scale.plain(y, digits: 4))"
  }

  /// What is drawn of a series: all of it, or what shows of very many points.
  private func drawn(_ series: Series) -> [(x: Double, y: Double?)] {
    Thinning.points(series.points, columns: Int(plotWidth)) { x.place($0) }
  }

  /// The series that are named, in rows that the picture holds; one series needs no name. The vertical axis' title
  /// stands before the first row.
  private var legendRows: [[Int]] {
    let named = series.indices.filter { !series[$0].isFit && series[$0].name != "" }
    guard named.count > 1 else { return [] }
    let room = Self.width - 8
    var (rows, used) = ([[Int]()], Double(yTitle.count) * Self.character + 8)
    for index in named {
      if used + nameWidth(index) > room {
        rows.append([])
        used = 0
      }
      rows[rows.count - 1].append(index)
      used += nameWidth(index)
    }
    return rows
  }

  /// A name as it is written: one that is wider than the picture is cut.
  private func name(_ index: Int) -> String {
    let most = Int((Self.width - 8 - 32) / Self.boldCharacter)
    let name = series[index].name
    return name.count > most ? name.prefix(most - 1) + "…" : name
  }

  /// With its line and the gap behind.
  private func nameWidth(_ index: Int) -> Double { Double(name(index).count) * Self.boldCharacter + 32 }

  /// Names in the order of the series, at the top on the right.
  private var legend: [HTML] {
    legendRows.enumerated().flatMap { row, indices in
      let y = 10 + Double(row) * Self.rowHeight
      var start = Self.width + 10 - indices.reduce(0) { $0 + nameWidth($1) }
      return indices.flatMap { index in
        let path = HTML.element(
          "path",
          [
            ("class", kind(index)),
            ("d", "M\(coordinate(start)) \(coordinate(y)) L\(coordinate(start + 12)) \(coordinate(y))"),
          ])
        let text = label(name(index), start + 17, y + 4, anchor: "start", kind: "label")
        start += nameWidth(index)
        return [path, text]
      }
    }
  }

  private func line(_ kind: String, _ from: (Double, Double), _ to: (Double, Double)) -> HTML {
    .element(
      "line",
      [
        ("class", kind), ("x1", coordinate(from.0)), ("y1", coordinate(from.1)), ("x2", coordinate(to.0)),
        ("y2", coordinate(to.1)),
      ])
  }

  private func label(_ text: String, _ x: Double, _ y: Double, anchor: String, kind: String? = nil) -> HTML {
    .element(
      "text",
      (kind.map { [("class", $0)] } ?? []) + [("x", coordinate(x)), ("y", coordinate(y)), ("text-anchor", anchor)],
      text: text)
  }
}

import LockstepConfiguration
import LockstepFormats

/// Lines, or points, over two axes: up to eight series, told apart by colour, and by dashes from the fifth on.
package struct LineChart: Sendable {
  /// One line.
  package struct Series: Sendable {
    /// How it is drawn.
    package enum Style: Sendable {
      case line
      /// Dashed, unnamed, in the colour of the series before it: a fit.
      case fit
      /// A line without its points: so many that they are a curve.
      case curve
      /// Points that no line joins.
      case points
      /// Dashed, unnamed, grey: what the others are held against.
      case reference
    }

    /// Written in the legend; empty for none.
    package var name: String
    /// A point without a place on its axis (nil, or 0 on a logarithmic one) is a gap.
    package var points: [(x: Double, y: Double?)]
    package var style: Style
    var isFit: Bool { style == .fit || style == .reference }

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

  /// Of the plot.
  static let height = 194.0
  private static let right = 12.0
  private static let rowHeight = 16.0
  /// Columns that very many points are thinned to; more than that are seldom seen.
  private static let columns = 600
  /// Of a character of the widest fonts that a system may take, and of one in bold.
  static let (character, boldCharacter) = (7.7, 8.4)

  /// Room for the numbers beside the vertical axis.
  private var left: Double { max(44, Double(y.ticks.map(\.label.count).max() ?? 0) * Self.character + 12) }

  /// Room for the vertical axis' title.
  private var top: Double { yTitle.isEmpty ? 10 : 24 }

  /// The plot with its axes and events, as wide as its place, and the names of the series above; styles are the page's.
  package var svg: HTML {
    let plot = plot
    let names = named.map { index in
      (name: series[index].name, mark: series[index].style == .points ? "dot s\(color(index))" : kind(index))
    }
    return names.count < 2 ? plot.html : .element("div", [], [Plot.legend(names), plot.html])
  }

  private var plot: Plot {
    var plot = Plot(
      top: top, right: Self.right, bottom: 40, left: left, height: Self.height, title: title, description: description,
      content: [])
    let ticks = ticks(plot.narrowest)
    if ticks.isUpright { plot.bottom = 30 + Self.character * Double(ticks.labels.map(\.label.count).max() ?? 0) }
    plot.content = axes(ticks, plot) + marks(plot.narrowest) + lines
    plot.readings = readings
    return plot
  }

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

  private func up(_ share: Double) -> Double { (1 - share) * Self.height }

  // MARK: In words

  private var title: String {
    let what = named.map { series[$0].name }.joined(separator: ", ")
    if yTitle.isEmpty { return "\(what.isEmpty ? "values" : what) over \(xTitle)" }
    return "\(yTitle) over \(xTitle)\(what.isEmpty ? "" : ": \(what)")"
  }

  /// Axes with their ranges, and what is drawn.
  private var description: String {
    func range(_ values: [Double], _ scale: Scale) -> String {
      guard let low = values.min(), let high = values.max() else { return "empty" }
      return "\(scale.words(low)) to \(scale.words(high))\(scale.spacing == .logarithmic ? ", logarithmic" : "")"
    }
    let points = series.filter { !$0.isFit }.flatMap { $0.points.filter { place($0) != nil } }
    let across = "Across: \(xTitle), \(range(points.map(\.x), x))."
    let up = "Up: \(yTitle.isEmpty ? "values" : yTitle), \(range(points.compactMap(\.y), y))."
    let events = events.map { "\($0.name) at \(x.words($0.x))" }
    return "\(across) \(up)\(events.isEmpty ? "" : " Marked: \(events.joined(separator: ", ")).")"
  }

  /// What is to be read at each place that has a point: `step 600: training 0.3117, validation 0.2956`.
  private var readings: [Plot.Reading] {
    var values: [Double: [String]] = [:]
    for line in series where !line.isFit {
      for point in line.points {
        guard place(point) != nil, let value = point.y else { continue }
        values[point.x, default: []].append(
          "\(line.name.isEmpty ? "" : "\(line.name) ")\(Scale.plain(value, digits: 4))")
      }
    }
    // Where some series have fewer points, those with most to tell.
    let most = values.values.map(\.count).max() ?? 0
    let full = values.filter { $0.value.count == most }
    let shown = values.count > Plot.mostReadings && full.count > 1 ? full : values
    return Plot.thinned(shown.keys.sorted()).compactMap { key in
      x.place(key).map {
        .init(place: $0, words: "\(xTitle) \(x.words(key)): \((shown[key] ?? []).joined(separator: ", "))")
      }
    }
  }

  // MARK: Axes

  /// Of the horizontal axis; names that would touch are shortened, and stand upright where that is not enough.
  private func ticks(_ room: Double) -> (labels: [(place: Double, label: String)], isUpright: Bool) {
    guard case .named(let names) = x.spacing else { return (x.ticks, false) }
    let most = Int(room / Double(max(1, names.count)) / Self.character) - 1
    let isUpright = names.contains { $0.count > most }
    let labels = isUpright ? ShortNames.of(names, most: 18) : names
    return (zip(x.ticks, labels).map { ($0.place, $1) }, isUpright)
  }

  private func axes(_ ticks: (labels: [(place: Double, label: String)], isUpright: Bool), _ plot: Plot) -> [HTML] {
    let rows = y.ticks.flatMap { tick in
      [
        Plot.line("gridline", (0, up(tick.place)), (1, up(tick.place))),
        Plot.text(tick.label, 0, up(tick.place) + 4, "end", beside: -8),
      ]
    }
    let columns = ticks.labels.map { tick in
      if ticks.isUpright { return upright(tick.label, tick.place) }
      // The last number would stand out of the picture.
      let room = (1 - tick.place) * plot.narrowest + plot.right - 1
      let isCut = Double(tick.label.count) * Self.character / 2 + 2 > room
      return Plot.text(
        tick.label, tick.place, Self.height + 18, isCut ? "end" : "middle", beside: isCut ? room : 0)
    }
    return rows + columns + [
      Plot.line("axis", (0, Self.height), (1, Self.height)),
      Plot.text(xTitle, 1, Self.height + plot.bottom - 6, "end"),
    ] + (yTitle.isEmpty ? [] : [Plot.text(yTitle, 0, -10, "start", beside: 4 - left)])
  }

  /// A name from below upwards, in a frame of its own that its place moves.
  private func upright(_ text: String, _ share: Double) -> HTML {
    .element(
      "svg", [("x", percent(share)), ("y", coordinate(Self.height + 8)), ("overflow", "visible")],
      [.element("text", [("text-anchor", "end"), ("transform", "rotate(-90)"), ("y", "4")], text: text)])
  }

  /// Events, named on the side where there is room, or not at all.
  private func marks(_ width: Double) -> [HTML] {
    let places = events.compactMap { event in
      x.place(event.x).map { (event: event, share: $0, at: $0 * width) }
    }.sorted { $0.at < $1.at }
    var taken: [ClosedRange<Double>] = []
    return places.flatMap { event, share, at -> [HTML] in
      let dashed = Plot.line(event.isBad ? "event bad" : "event", (share, Self.height), (share, 0))
      let wide = Double(event.name.count) * Self.character + 8
      func isFree(_ room: ClosedRange<Double>) -> Bool {
        room.lowerBound >= 0 && room.upperBound <= width + Self.right && !taken.contains { $0.overlaps(room) }
          && !places.contains { $0.at != at && room.contains($0.at) }
      }
      guard let room = [at...at + wide, at - wide...at].first(where: isFree) else { return [dashed] }
      taken.append(room)
      let isBefore = room.upperBound == at
      return [
        dashed, Plot.text(event.name, share, 12, isBefore ? "end" : "start", beside: isBefore ? -4 : 4, kind: "beside"),
      ]
    }
  }

  // MARK: Series

  /// The number of a series' colour: fits share that of the series before.
  private func color(_ index: Int) -> Int { number(index) % 4 }

  private func number(_ index: Int) -> Int { max(0, series[...index].count { !$0.isFit } - 1) }

  /// Its classes: those from the fifth on are dashed.
  private func kind(_ index: Int) -> String {
    if series[index].style == .reference { return "reference" }
    return "\(series[index].isFit ? "fit" : "series") s\(color(index))\(number(index) >= 4 ? " second" : "")"
  }

  /// Units that a line's points are told in, so many as wide as the plot.
  private static let units = 1000.0

  private var lines: [HTML] {
    let drawn = series.indices.filter { series[$0].style != .points }
    let paths = drawn.map { HTML.element("path", [("class", kind($0)), ("d", trace(series[$0]))]) }
    let stretched = Plot.stretched(paths, width: Self.units, height: Self.height, pixels: Self.height)
    return (paths.isEmpty ? [] : [stretched])
      + series.indices.filter { [.line, .points].contains(series[$0].style) }.flatMap(dots)
  }

  /// Moves and lines through the points, a new move behind every gap.
  private func trace(_ series: Series) -> String {
    var words: [String] = []
    var isOpen = false
    for point in Thinning.points(series.points, columns: Self.columns, place: { x.place($0) }) {
      guard let place = place(point) else {
        isOpen = false
        continue
      }
      words.append("\(isOpen ? "L" : "M")\(coordinate(Self.units * place.share)) \(coordinate(place.y))")
      isOpen = true
    }
    return words.joined(separator: " ")
  }

  private func place(_ point: (x: Double, y: Double?)) -> (share: Double, y: Double)? {
    guard let value = point.y, let x = x.place(point.x), let y = y.place(value) else { return nil }
    return (x, up(y))
  }

  private func dots(_ index: Int) -> [HTML] {
    guard series[index].style == .points || series[index].points.count <= 60 else { return [] }
    return series[index].points.compactMap { point in
      place(point).map { place in
        .element(
          "circle",
          [("class", "f\(color(index))"), ("cx", percent(place.share)), ("cy", coordinate(place.y)), ("r", "2.75")])
      }
    }
  }

  // MARK: Names

  /// The series that a legend names.
  private var named: [Int] { series.indices.filter { !series[$0].isFit && series[$0].name != "" } }

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

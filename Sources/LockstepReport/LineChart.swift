import LockstepConfiguration
import LockstepFormats

/// Lines, or points, over two axes: up to eight series, told apart by colour, and by dashes from the fifth on.
package struct LineChart: Sendable {
  /// One line.
  package struct Series: Sendable {
    /// How it is drawn.
    package enum Style: Sendable {
      case line
      /// Dotted, unnamed, in the colour of the series before it: a fit.
      case fit
      /// A line without its points: so many that they are a curve.
      case curve
      /// Points that no line joins.
      case points
      /// Dotted, unnamed, grey: what the others are held against.
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
  static let right = 12.0
  /// Columns that very many points are thinned to; more than that are seldom seen.
  private static let columns = 600
  /// Of a character of the widest fonts that a system may take, and of one in bold.
  static let (character, boldCharacter) = (7.7, 8.4)

  /// Room for the numbers beside the vertical axis.
  var left: Double { max(44, Double(y.ticks.map(\.label.count).max() ?? 0) * Self.character + 12) }

  /// Room for the vertical axis' title.
  var top: Double { yTitle.isEmpty ? 10 : 24 }

  /// The plot with its axes and events, as wide as its place, and the names of the series above; styles are the page's.
  package var svg: HTML {
    let plot = plot
    let names = named.map { index in
      (name: series[index].name, mark: series[index].style == .points ? "dot s\(color(index))" : kind(index))
    }
    return names.count < 2 ? plot.html : .element("div", [], [Plot.legend(names), plot.html])
  }

  var plot: Plot {
    var plot = Plot(
      top: top, right: Self.right, bottom: 40, left: left, height: Self.height, title: title, description: description,
      content: [])
    let ticks = ticks(plot.narrowest)
    if ticks.isUpright { plot.bottom = 30 + Self.character * Double(ticks.labels.map(\.label.count).max() ?? 0) }
    plot.content = axes(ticks, plot) + marks(plot.narrowest) + lines
    plot.readings = readings
    return plot
  }

  func up(_ share: Double) -> Double { (1 - share) * Self.height }

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

  // MARK: Series

  /// The number of a series' colour: fits share that of the series before.
  func color(_ index: Int) -> Int { number(index) % 4 }

  private func number(_ index: Int) -> Int { max(0, series[...index].count { !$0.isFit } - 1) }

  /// Its classes: those from the fifth on are dashed.
  func kind(_ index: Int) -> String {
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

  func place(_ point: (x: Double, y: Double?)) -> (share: Double, y: Double)? {
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
  var named: [Int] { series.indices.filter { !series[$0].isFit && series[$0].name != "" } }
}

import LockstepConfiguration
import LockstepFormats
import LockstepReport

/// A chart of a page with what it shows, so that it can be drawn again without measuring: the tool's way of drawing
/// changes, the figures do not.
struct Picture {
  let file: String
  let series: [LineChart.Series]
  let (xTitle, yTitle): (String, String)
  let (x, y): (Axis, Axis)
  /// What the vertical axis spans at least.
  let span: Double

  enum Axis: String {
    case linear, whole, logarithmic

    var spacing: Scale.Spacing {
      switch self {
      case .linear: .linear
      case .whole: .whole
      case .logarithmic: .logarithmic
      }
    }
  }

  init(
    _ file: String, _ series: [LineChart.Series], xTitle: String, yTitle: String, x: Axis = .linear, y: Axis = .linear,
    span: Double = 0
  ) {
    self.file = file
    // Drawn as they are written down, so that both ways give one picture.
    self.series = series.map { one in
      LineChart.Series(
        name: one.name, points: one.points.map { ($0.x, $0.y.flatMap(Self.rounded)) }, style: one.style)
    }
    (self.xTitle, self.yTitle, self.x, self.y, self.span) = (xTitle, yTitle, x, y, span)
  }

  var svg: String {
    LineChart(series, xTitle: xTitle, yTitle: yTitle, x: x.spacing, y: y.spacing, span: span).file
  }

  /// Five digits, more than a picture shows; nil for what is not finite.
  private static func rounded(_ value: Double) -> Double? {
    value.isFinite ? Double(Format.significant(value, 5)) ?? value : nil
  }
}

extension Picture {
  /// The pictures of a page, a line each, as `NAME-pictures.json` holds them.
  static func text(_ pictures: [Picture]) -> String {
    "[\n" + pictures.map { "  \($0.json.text)" }.joined(separator: ",\n") + "\n]\n"
  }

  /// - Throws: `ReadingError` where the file is not as `text` writes it.
  static func read(_ path: String) throws -> [Picture] {
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    bytes.removeLast(bytes.count - (try FileDescriptor.reading(path).read(into: &bytes)))
    guard let pictures = try JSONValue(parsing: bytes).array?.map(Picture.init),
      !pictures.contains(where: { $0 == nil })
    else { throw ReadingError(path: path) }
    return pictures.compactMap(\.self)
  }

  struct ReadingError: Error, CustomStringConvertible {
    let path: String
    var description: String { "\(path): found no list of pictures, expected what tools/reproduce writes there" }
  }

  private var json: JSONValue {
    let lines = series.map { one -> JSONValue in
      [
        "name": .string(one.name), "is_fit": .bool(one.style == .fit), "x": .array(one.points.map { .number($0.x) }),
        "y": .array(one.points.map { $0.y.map { .number($0) } ?? .null }),
      ]
    }
    return [
      "file": .string(file), "x_title": .string(xTitle), "y_title": .string(yTitle), "x": .string(x.rawValue),
      "y": .string(y.rawValue), "span": .number(span), "series": .array(lines),
    ]
  }

  private init?(_ json: JSONValue) {
    guard let object = json.object, let file = object["file"]?.string, let xTitle = object["x_title"]?.string,
      let yTitle = object["y_title"]?.string, let x = object["x"]?.string.flatMap(Axis.init),
      let y = object["y"]?.string.flatMap(Axis.init), let span = object["span"]?.number,
      let lines = object["series"]?.array
    else { return nil }
    var series: [LineChart.Series] = []
    for line in lines {
      guard let line = line.object, let name = line["name"]?.string, let isFit = line["is_fit"]?.bool,
        let xs = line["x"]?.array, let ys = line["y"]?.array, xs.count == ys.count
      else { return nil }
      series.append(
        LineChart.Series(
          name: name, points: zip(xs, ys).map { ($0.number ?? .nan, $1.number) }, style: isFit ? .fit : .line))
    }
    self.init(file, series, xTitle: xTitle, yTitle: yTitle, x: x, y: y, span: span)
  }
}

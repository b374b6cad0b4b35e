/// The frame of a picture: the plot inside is as wide as its place on the page, while text and lines keep their size.
///
/// Across, everything stands at a share of the plot's width; down, at its pixels. Text may reach into the margins. What
/// is drawn at a place can be read there, under the pointer or by keyboard: the readings are one group of radio
/// buttons, so a picture is one stop of the tabulator, and the arrow keys go from reading to reading. No script is
/// needed for that.
struct Plot {
  /// A place along the plot, as shares of its width (of its height where they are rows), and what is to be read there.
  struct Reading {
    var place: Double
    var words: String
  }

  /// The narrowest that most pictures get, their margins included, in pixels of CSS.
  static let narrow = 270.0
  /// More would be no reading any more, but a table.
  static let mostReadings = 40

  /// Room for text around the plot, in pixels.
  var (top, right, bottom, left): (Double, Double, Double, Double)
  /// Of the plot itself, in pixels.
  var height: Double
  /// What the picture shows, for whoever does not see it.
  var title: String
  /// Axes, ranges, and what is drawn, likewise.
  var description: String
  var content: [HTML]
  var readings: [Reading] = []
  /// Whether readings stand one below the other rather than side by side.
  var areRows = false
  /// Whether a pointer is told by what is drawn itself: lines that cross have no places one beside the other.
  var areForKeysAlone = false
  /// The least width of the picture, its margins included, in pixels: where its place is narrower, it scrolls.
  var least = Plot.narrow

  /// The width of the plot where the picture is narrowest, in pixels: what has room there has room everywhere.
  var narrowest: Double { least - left - right }

  var html: HTML {
    let names = [("--t", top), ("--r", right), ("--b", bottom), ("--l", left)]
    let room = names.map { "\($0.0):\(coordinate($0.1))px" }.joined(separator: ";")
    let words: [(String, String)] =
      [("class", "chart"), ("height", coordinate(height)), ("role", "img"), ("aria-label", title)]
    let svg = HTML.element("svg", words, [.element("desc", text: description)] + content)
    return .element(
      "div", [("class", "plot"), ("style", "\(room);min-width:\(coordinate(least))px")],
      [svg] + (readings.isEmpty ? [] : [points]))
  }

  /// A button a reading; each reaches half-way to its neighbours.
  private var points: HTML {
    let shown = Self.thinned(readings.sorted { $0.place < $1.place })
    let between = zip(shown, shown.dropFirst()).map { ($0.place + $1.place) / 2 }
    let ends = [0] + between + [1]
    let buttons = shown.enumerated().map { index, reading in
      HTML.element(
        "input",
        [
          ("type", "radio"), ("name", "at"), ("aria-label", reading.words),
          (
            "style",
            "--x:\(percent(reading.place));flex-grow:\(coordinate(1000 * max(1e-3, ends[index + 1] - ends[index])))"
          ),
        ])
    }
    // Its method keeps the return key from loading the page again.
    return .element(
      "form",
      [
        ("class", "points\(areRows ? " rows" : "")\(areForKeysAlone ? " keys" : "")"), ("method", "dialog"),
        ("role", "radiogroup"),
        ("aria-label", "Values: \(title)"),
      ], buttons)
  }

  /// At most as many as are readings, evenly apart, the first and the last among them.
  static func thinned<Element>(_ all: [Element]) -> [Element] {
    guard all.count > mostReadings else { return all }
    return (0..<mostReadings).map { all[$0 * (all.count - 1) / (mostReadings - 1)] }
  }
}

/// A share as CSS and SVG write it.
func percent(_ share: Double) -> String { "\(coordinate(100 * share))%" }

extension Plot {
  /// A path in units of which `width` are as wide as the plot, and `height` as high: it is stretched, its line is not.
  static func stretched(_ paths: [HTML], width: Double, height: Double, pixels: Double) -> HTML {
    .element(
      "svg",
      [
        ("viewBox", "0 0 \(coordinate(width)) \(coordinate(height))"), ("preserveAspectRatio", "none"),
        ("width", "100%"), ("height", coordinate(pixels)),
      ], paths)
  }

  /// Text at a share of the width, or so many pixels beside it.
  static func text(
    _ text: String, _ share: Double, _ y: Double, _ anchor: String, beside pixels: Double = 0, kind: String? = nil
  ) -> HTML {
    .element(
      "text",
      (kind.map { [("class", $0)] } ?? []) + [("x", percent(share))] + (pixels == 0 ? [] : [("dx", coordinate(pixels))])
        + [("y", coordinate(y)), ("text-anchor", anchor)], text: text)
  }

  /// A straight line between two places, or so many pixels beside them.
  static func line(
    _ kind: String, _ from: (share: Double, y: Double), _ to: (share: Double, y: Double), beside pixels: Double = 0
  ) -> HTML {
    .element(
      "line",
      [
        ("class", kind), ("x1", percent(from.share)), ("y1", coordinate(from.y)), ("x2", percent(to.share)),
        ("y2", coordinate(to.y)),
      ] + (pixels == 0 ? [] : [("transform", "translate(\(coordinate(pixels)))")]))
  }

  /// Names beside marks in their colours, in as many lines as they need.
  ///
  /// - Parameter marks: the class of each name's mark.
  static func legend(_ names: [(name: String, mark: String)]) -> HTML {
    .element(
      "ul", [("class", "legend")],
      names.map { name, mark in
        .element("li", [], [.element("i", [("class", mark)], text: ""), .text(name)])
      })
  }
}

/// Bars that stand side by side between two ends, as SVG: a histogram, with its ends written below.
package struct BarChart: Sendable {
  /// At least 0; their heights are relative to the largest.
  package var values: [Double]
  /// The numbers written at the left and the right end.
  package var (low, high): (String, String)
  /// Where 0 lies between the ends, as a share of the width; nil outside.
  package var zero: Double?
  /// What the picture shows, for whoever does not see it.
  package var title: String

  /// - Parameters:
  ///   - low: the lower bound of the first bar; shown with three digits.
  ///   - high: the upper bound of the last.
  package init(_ values: [Double], low: Double, high: Double, title: String) {
    self.values = values
    (self.low, self.high) = (Scale.plain(low), Scale.plain(high))
    zero = low < 0 && high > 0 ? -low / (high - low) : nil
    self.title = title
  }

  private static let (width, height, bottom) = (200.0, 84.0, 16.0)

  /// 200 × 84 units; bars have no names, only the two ends and, if it lies in the middle half, 0.
  package var svg: HTML {
    let (room, floor) = (Self.width, Self.height - Self.bottom)
    let most = values.max() ?? 0
    let step = room / Double(max(1, values.count))
    let bars = values.enumerated().filter { $0.element > 0 }.map { index, value in
      // A bar that is there is to be seen.
      let tall = max(0.75, value / max(most, 1e-300) * (floor - 4))
      return HTML.element(
        "rect",
        [
          ("class", "f0"), ("x", coordinate(Double(index) * step)), ("y", coordinate(floor - tall)),
          ("width", coordinate(max(0.5, step - 0.75))), ("height", coordinate(tall)),
        ])
    }
    let axis = HTML.element(
      "line",
      [("class", "axis"), ("x1", "0"), ("y1", coordinate(floor)), ("x2", coordinate(room)), ("y2", coordinate(floor))])
    let middle = zero.flatMap { (0.25...0.75).contains($0) ? [text("0", $0 * room, "middle")] : nil } ?? []
    return .element(
      "svg", [("viewBox", "0 0 \(Int(room)) \(Int(Self.height))"), ("role", "img"), ("aria-label", title)],
      bars + [axis, text(low, 0, "start"), text(high, room, "end")] + middle)
  }

  private func text(_ text: String, _ x: Double, _ anchor: String) -> HTML {
    .element(
      "text", [("x", coordinate(x)), ("y", coordinate(Self.height - 3)), ("text-anchor", anchor)], text: text)
  }
}

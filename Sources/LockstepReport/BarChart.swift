/// Bars that stand side by side between two ends: a histogram, with its ends written below.
package struct BarChart: Sendable {
  /// At least 0; their heights are relative to the largest.
  package var values: [Double]
  /// The numbers at the left and the right end.
  package var (low, high): (Double, Double)
  /// Where 0 lies between the ends, as a share of the width; nil outside.
  package var zero: Double? { low < 0 && high > 0 ? -low / (high - low) : nil }
  /// What the picture shows, for whoever does not see it.
  package var title: String
  /// What is to be read at each bar; where there is none, its ends and its share.
  package var words: [String] = []
  /// Of the bars, in pixels: such as many small pictures have side by side.
  package var height = 68.0

  /// - Parameters:
  ///   - low: the lower bound of the first bar; shown with three digits.
  ///   - high: the upper bound of the last.
  package init(_ values: [Double], low: Double, high: Double, title: String) {
    (self.values, self.low, self.high, self.title) = (values, low, high, title)
  }

  /// What the ends measure; empty where that is plain.
  package var xTitle = ""

  private var bottom: Double { xTitle.isEmpty ? 16 : 40 }
  /// The width that has room for both ends.
  private static let least = 150.0

  /// As wide as its place; bars have no names, only the two ends and, where it has room between them,
  /// 0.
  package var svg: HTML {
    let most = values.max() ?? 0
    let step = 1 / Double(max(1, values.count))
    let drawn = values.enumerated().filter { $0.element > 0 }
    let bars = drawn.map { index, value in
      // A bar that is there is to be seen.
      let tall = max(0.75, value / max(most, 1e-300) * (height - 4))
      return HTML.element(
        "rect",
        [
          ("class", "f0"), ("x", percent(Double(index) * step)), ("y", coordinate(height - tall)),
          ("width", percent(0.97 * step)), ("height", coordinate(tall)),
        ], [])
    }
    let readings = drawn.map { index, value in
      Plot.Reading(
        place: (Double(index) + 0.485) * step,
        words: words.indices.contains(index) ? words[index] : "\(bounds(index)): \(share(value))")
    }
    let floor = height + (xTitle.isEmpty ? 13 : 18)
    let ends = (Scale.plain(low), Scale.plain(high))
    func room(_ end: String) -> Double { Double(end.count) * LineChart.character + 8 }
    let middle = zero.map { zero in
      zero * Self.least > room(ends.0) && (1 - zero) * Self.least > room(ends.1)
        ? [Plot.text("0", zero, floor, "middle")] : []
    }
    return Plot(
      top: 0, right: 0, bottom: bottom, left: 0, height: height, title: title, description: description,
      content: bars + [
        Plot.line("axis", (0, height), (1, height)), Plot.text(ends.0, 0, floor, "start"),
        Plot.text(ends.1, 1, floor, "end"),
      ] + (middle ?? []) + (xTitle.isEmpty ? [] : [Plot.text(xTitle, 1, height + 34, "end")]), readings: readings,
      least: Self.least
    ).html
  }

  private func bounds(_ index: Int) -> String {
    let width = (high - low) / Double(values.count)
    return "\(Scale.plain(low + Double(index) * width)) … \(Scale.plain(low + Double(index + 1) * width))"
  }

  private func share(_ value: Double) -> String {
    let whole = values.reduce(0, +)
    return "\(Scale.plain(100 * value / max(whole, 1e-300), digits: 2)) %"
  }

  /// The ends, and the highest bar.
  private var description: String {
    let ends = "\(values.count) bars from \(Scale.plain(low)) to \(Scale.plain(high))"
    guard let most = values.max(), most > 0, let index = values.firstIndex(of: most) else {
      return "\(ends), all empty."
    }
    return "\(ends); the highest, \(bounds(index)), holds \(share(most))."
  }
}

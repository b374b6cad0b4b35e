import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepRuns
import LockstepTraining

/// Shares of a whole as parts of bars, one below the other.
package struct StackedBars: Sendable {
  /// One whole.
  package struct Bar: Sendable {
    /// Written before the bar; empty for none.
    package var name: String
    /// One for each of `parts`, in their order; they add up to 1.
    package var shares: [Double]

    package init(name: String, shares: [Double]) { (self.name, self.shares) = (name, shares) }
  }

  /// What the parts are called, from the left.
  package var parts: [String]
  package var bars: [Bar]
  /// What the picture shows, for whoever does not see it.
  package var title: String

  package init(_ bars: [Bar], parts: [String], title: String) {
    (self.bars, self.parts, self.title) = (bars, parts, title)
  }

  /// Few bars are thicker.
  private var rowHeight: Double { min(48, max(24, 144 / Double(max(1, bars.count)))) }
  /// Characters of a name before its bar.
  private static let most = 14

  /// As wide as its place, its height by the bars; the names of the parts stand below.
  package var svg: HTML {
    let names = ShortNames.of(bars.map(\.name), most: Self.most)
    let longest = names.map(\.count).max() ?? 0
    let height = rowHeight * Double(bars.count)
    var plot = Plot(
      top: 0, right: 0, bottom: 20, left: longest == 0 ? 0 : Double(longest) * LineChart.character + 10,
      height: height, title: title, description: "Across: shares of the whole, 0 % to 100 %.", content: [])
    plot.content =
      bars.enumerated().flatMap { index, bar in draw(bar, at: rowHeight * Double(index)) }
      + names.enumerated().filter { $0.element != "" }.map { index, name in
        Plot.text(name, 0, rowHeight * (Double(index) + 0.5) + 2, "end", beside: -8)
      } + [Plot.text("0 %", 0, height + 16, "start"), Plot.text("100 %", 1, height + 16, "end")]
    plot.areRows = true
    plot.readings = bars.enumerated().map { index, bar in
      let shares = zip(parts, bar.shares).filter { $0.1 > 0 }.map { "\($0.0) \(Format.percent($0.1))" }
      return Plot.Reading(
        place: (Double(index) + 0.5) / Double(bars.count),
        words: "\(bar.name == "" ? "" : "\(bar.name): ")\(shares.joined(separator: ", "))")
    }
    let legend = Plot.legend(parts.indices.map { (name: name($0), mark: "box p\($0)") })
    return .element("div", [], [plot.html, legend])
  }

  /// A part's name, and its share where there is but one bar.
  private func name(_ part: Int) -> String {
    bars.count == 1 ? "\(parts[part]) \(Format.percent(bars[0].shares[part]))" : parts[part]
  }

  private func draw(_ bar: Bar, at y: Double) -> [HTML] {
    var start = 0.0
    return bar.shares.enumerated().filter { $0.element > 0 }.map { part, share in
      defer { start += share }
      return HTML.element(
        "rect",
        [
          ("class", "p\(part)"), ("x", percent(start)), ("y", coordinate(y + 2)),
          ("width", percent(min(share, 1 - start))), ("height", coordinate(rowHeight - 8)),
        ])
    }
  }
}

import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepRuns
import LockstepTraining

/// Shares of a whole as parts of bars, one below the other, as SVG.
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

  private static let width = 380.0
  private static let (rowHeight, barHeight, box) = (24.0, 16.0, 10.0)

  private var left: Double {
    let longest = bars.map(\.name.count).max() ?? 0
    return longest == 0 ? 0 : Double(longest) * LineChart.character + 10
  }

  /// A part's name, and its share where there is but one bar.
  private func name(_ part: Int) -> String {
    bars.count == 1 ? "\(parts[part]) \(Format.percent(bars[0].shares[part]))" : parts[part]
  }

  /// Places of the names under the bars, in rows that the picture holds.
  private var places: [(part: Int, row: Int, x: Double)] {
    var (row, x) = (0, 0.0)
    return parts.indices.map { part in
      let width = Double(name(part).count) * LineChart.character + 26
      if x > 0, x + width > Self.width + 10 { (row, x) = (row + 1, 0) }
      defer { x += width }
      return (part, row, x)
    }
  }

  /// 380 units wide, its height by the bars; the names of the parts stand below.
  package var svg: HTML {
    let floor = Self.rowHeight * Double(bars.count) + 22
    let rows = bars.enumerated().flatMap { index, bar in draw(bar, at: Self.rowHeight * Double(index)) }
    let ends = [
      text("0 %", left, floor - 6, "start"), text("100 %", Self.width, floor - 6, "end"),
    ]
    let names = places.flatMap { place in
      let y = floor + 8 + 18 * Double(place.row)
      return [
        rectangle(part: place.part, x: place.x, y: y, width: Self.box, height: Self.box),
        text(name(place.part), place.x + Self.box + 5, y + Self.box, "start"),
      ]
    }
    let height = floor + 26 + 18 * Double(places.last?.row ?? 0)
    return .element(
      "svg",
      [
        ("class", "chart"), ("viewBox", "0 0 \(Int(Self.width)) \(coordinate(height))"), ("role", "img"),
        ("aria-label", title),
      ], rows + ends + names)
  }

  private func draw(_ bar: Bar, at y: Double) -> [HTML] {
    let room = Self.width - left
    var x = left
    let pieces = bar.shares.enumerated().filter { $0.element > 0 }.map { part, share in
      defer { x += share * room }
      let words = "\(bar.name == "" ? "" : "\(bar.name), ")\(parts[part]): \(Format.percent(share))"
      return rectangle(
        part: part, x: x, y: y + 2, width: min(share * room, Self.width - x), height: Self.barHeight, words)
    }
    return (bar.name == "" ? [] : [text(bar.name, left - 8, y + 14, "end")]) + pieces
  }

  /// - Parameter words: what a pointer over it is told; nil for nothing.
  private func rectangle(
    part: Int, x: Double, y: Double, width: Double, height: Double, _ words: String? = nil
  ) -> HTML {
    .element(
      "rect",
      [
        ("class", "p\(part)"), ("x", coordinate(x)), ("y", coordinate(y)), ("width", coordinate(max(0.1, width))),
        ("height", coordinate(height)),
      ], words.map { [.element("title", text: $0)] } ?? [])
  }

  private func text(_ text: String, _ x: Double, _ y: Double, _ anchor: String) -> HTML {
    .element("text", [("x", coordinate(x)), ("y", coordinate(y)), ("text-anchor", anchor)], text: text)
  }
}

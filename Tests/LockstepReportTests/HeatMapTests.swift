import LockstepReport
import Testing

@Suite struct HeatMapTests {
  @Test func shadesAreLogarithmicAndGapsEmpty() {
    let map = HeatMap(
      [[1e-6, 1e-3, 1], [nil, 0, .infinity]], names: ["first", "second"], ends: ("1", "3"), xTitle: "step", title: "map"
    )
    let parsed = ParsedPage(map.svg.markup)
    #expect(parsed.problem == nil)
    // Three shades of one cell each, from the palest to the darkest; twelve boxes for the legend.
    let cells = (parsed.attributes["d"] ?? []).map { $0.count { $0 == "M" } }
    #expect(cells == [1, 1, 1] && parsed.elements["rect"] == 12)
    #expect(parsed.attributes["fill-opacity"]?.prefix(3) == ["0.06", "0.57", "1"])
    for words in ["first", "second", "1.0e-6", "1.0", "step"] { #expect(parsed.texts.contains(words), "\(words)") }
    #expect(
      ParsedPage(HeatMap([[nil]], names: ["a"], ends: ("1", "1"), xTitle: "", title: "").svg.markup).problem == nil)
  }

  @Test func partsOfABarCoverIt() {
    let bars = StackedBars(
      [.init(name: "1", shares: [0.25, 0.75, 0]), .init(name: "2", shares: [0.5, 0.25, 0.25])], parts: ["a", "b", "c"],
      title: "bars")
    let parsed = ParsedPage(bars.svg.markup)
    #expect(parsed.problem == nil)
    // What is nothing is not drawn; a box for every name.
    #expect(parsed.elements["rect"] == 2 + 3 + 3)
    let widths = (parsed.attributes["width"] ?? []).compactMap(Double.init)
    let whole = widths[0] + widths[1]
    #expect(abs(widths[0] / whole - 0.25) < 1e-3 && abs(widths[2...4].reduce(0, +) - whole) < 0.02)
  }
}

import LockstepReport
import Testing

@Suite struct HeatMapTests {
  @Test func shadesAreLogarithmicAndGapsEmpty() {
    let map = HeatMap(
      [[1e-6, 1e-3, 1], [nil, 0, .infinity]], names: ["first", "second"], moments: ["1", "2", "3"], xTitle: "step",
      title: "map"
    )
    let parsed = ParsedPage(map.svg.markup)
    #expect(parsed.problem == nil)
    // Three shades of one cell each, from the palest to the darkest; twelve boxes for the legend.
    let cells = (parsed.attributes["d"] ?? []).map { $0.count { $0 == "M" } }
    #expect(cells == [1, 1, 1] && parsed.elements["rect"] == 12)
    #expect(parsed.attributes["fill-opacity"]?.prefix(3) == ["0.06", "0.57", "1"])
    // Of every column that has a number its least and its largest are to be read.
    #expect(parsed.elements["input"] == 3)
    #expect(parsed.attributes["aria-label"]?.contains("step 2: from 0 in second to 0.00100 in first") == true)
    for words in ["first", "second", "1.0e-6", "1.0", "step"] { #expect(parsed.texts.contains(words), "\(words)") }
    #expect(
      ParsedPage(HeatMap([[nil]], names: ["a"], moments: ["1"], xTitle: "", title: "").svg.markup).problem == nil)
  }

  @Test func partsOfABarCoverIt() {
    let bars = StackedBars(
      [.init(name: "1", shares: [0.25, 0.75, 0]), .init(name: "2", shares: [0.5, 0.25, 0.25])], parts: ["a", "b", "c"],
      title: "bars")
    let parsed = ParsedPage(bars.svg.markup)
    #expect(parsed.problem == nil)
    // What is nothing is not drawn; a box for every name.
    #expect(parsed.elements["rect"] == 2 + 3 && parsed.elements["li"] == 3)
    #expect(parsed.attributes["width"] == ["25%", "75%", "50%", "25%", "25%"])
    #expect(parsed.attributes["aria-label"]?.last == "2: a 50.0 %, b 25.0 %, c 25.0 %")
  }
}

import TestSupport
import Testing

@testable import LockstepReport

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

  /// Of a hundred layers those that are alike share the room of a few; the others keep that of their names.
  @Test func alikeRowsStandCloseTogether() throws {
    let names = (0..<100).map { "repeat0.\($0).dense0" } + ["dense0"]
    let rows = HeatMapRows(names, [(1..<99, "98 blocks alike")])
    #expect(rows.labels.map(\.text).sorted() == ["98 blocks alike", "dense0", "repeat0.0.dense0", "repeat0.99.dense0"])
    let heights = rows.drawn.map { $0.place.upperBound - $0.place.lowerBound }
    #expect(rows.drawn.map(\.row) == Array(0...100) && rows.height < 220)
    #expect(heights[1..<99].allSatisfy { (1..<2).contains($0) })
    #expect([0, 99, 100].allSatisfy { heights[$0] >= 14 })
    let band = try #require(rows.bands.first)
    #expect(rows.bands.count == 1 && rows.drawn[1].place.lowerBound == band.lowerBound)
    #expect(abs(rows.drawn[98].place.upperBound - band.upperBound) < 1e-9)
    // The picture has a shade a row, and says what is close together.
    var map = HeatMap(
      names.indices.map { [Double($0 + 1)] }, names: names, moments: ["1"], xTitle: "step", title: "deep")
    map.alike = [(1..<99, "98 blocks alike")]
    let parsed = ParsedPage(map.svg.markup)
    #expect(parsed.problem == nil && parsed.texts.contains("98 blocks alike"))
    #expect((parsed.attributes["d"] ?? []).reduce(0) { $0 + $1.count { $0 == "M" } } == 101)
    #expect(parsed.texts.contains("98 blocks alike are drawn close together."))
  }

  /// Whatever layers there are, the picture is seen at once, no row is less than a pixel, and no name lies on another.
  @Test func anyDepthHasRoom() {
    var random = SeededGenerator(seed: 22)
    for count in [0, 1, 2, 13, 14, 25, 26, 100, 361, 1000, 20_000] {
      for _ in 0..<8 {
        var (alike, next): ([(rows: Range<Int>, name: String)], Int) = ([], 0)
        while Bool.random(using: &random), next + 3 < count {
          let start = Int.random(in: next..<count - 3, using: &random)
          next = Int.random(in: start + 3...count, using: &random)
          alike.append((start..<next, "\(next - start) blocks alike"))
        }
        let rows = HeatMapRows((0..<count).map { "layer\($0)" }, alike)
        let what = "\(count) rows, \(alike)"
        #expect(rows.height <= 360, "\(what)")
        var end = 0.0
        for (_, place) in rows.drawn {
          #expect(abs(place.lowerBound - end) < 1e-6 && place.upperBound - place.lowerBound > 1 - 1e-6, "\(what)")
          end = place.upperBound
        }
        #expect(abs(end - rows.height) < 1e-6 && rows.drawn.map(\.row) == rows.drawn.map(\.row).sorted(), "\(what)")
        if count > 0 { #expect(rows.drawn.first?.row == 0 && rows.drawn.last?.row == count - 1, "\(what)") }
        if count <= 360 { #expect(rows.drawn.count == count, "\(what)") }
        let middles = rows.labels.map(\.middle).sorted()
        #expect(zip(middles, middles.dropFirst()).allSatisfy { $1 - $0 > 13.9 }, "\(what)")
      }
    }
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

import Testing

@testable import LockstepReport

/// What a picture says to whoever points at it, goes through it by keyboard, or does not see it.
@Suite struct PlotTests {
  private func chart(_ count: Int) -> LineChart {
    LineChart(
      [
        .init(name: "training", points: (1...count).map { (x: Double($0), y: 1 / Double($0)) }),
        .init(name: "validation", points: (1...count).map { (x: Double($0), y: $0 % 2 == 0 ? 0.5 : nil) }),
      ], xTitle: "step", yTitle: "", x: .whole, y: .logarithmic, events: [.init("restored", at: 2)])
  }

  @Test func everyPlaceIsToBeRead() {
    let page = ParsedPage(chart(3).svg.markup)
    #expect(page.problem == nil && page.elements["form"] == 1 && page.elements["input"] == 3)
    let words = page.attributes["aria-label"] ?? []
    for expected in [
      "step 1: training 1", "step 2: training 0.5, validation 0.5", "step 3: training 0.3333",
      "training, validation over step",
    ] { #expect(words.contains(expected), "\(expected) in \(words)") }
    #expect(
      page.texts.contains(
        "Across: step, 1 to 3. Up: values, 0.333333333 to 1, logarithmic. Marked: restored at 2."))
    // One stop of the tabulator: buttons of one name in one form.
    #expect(page.attributes["name"] == ["at", "at", "at"] && page.attributes["tabindex"] == nil)
  }

  /// Of many places 40, those that have most to tell; the first and the last are among them.
  @Test func readingsAreFew() {
    let page = ParsedPage(chart(1000).svg.markup)
    #expect(page.elements["input"] == Plot.mostReadings)
    let words = (page.attributes["aria-label"] ?? []).filter { $0.hasPrefix("step ") }
    #expect(words.first == "step 2: training 0.5, validation 0.5" && words.last?.hasPrefix("step 1000: ") == true)
    #expect(words.allSatisfy { $0.contains("validation") })
  }

  /// A button reaches half-way to its neighbours: 0, 25 and 100 of 100 share the width as 12.5, 50 and 37.5.
  @Test func buttonsReachHalfWay() {
    let chart = LineChart(
      [.init(name: "", points: [(0, 1), (25, 2), (100, 3)])], xTitle: "x", yTitle: "")
    #expect(
      chart.svg.markup.matches(of: /--x:([\d.]+)%;flex-grow:([\d.]+)/).map { "\($0.1) \($0.2)" } == [
        "0 125", "25 500", "100 375",
      ])
  }

  /// Lines are told in thousandths of the width, whatever that is.
  @Test func linesAreStretched() {
    let chart = LineChart([.init(name: "", points: [(0, 0), (5, 1), (10, 0.5)])], xTitle: "x", yTitle: "")
    let page = ParsedPage(chart.svg.markup)
    #expect(page.attributes["d"] == ["M0 194 L500 0 L1000 97"])
    #expect(page.attributes["viewBox"] == ["0 0 1000 194"] && page.attributes["cx"] == ["0%", "50%", "100%"])
    #expect(ParsedPage(chart.file).problem == nil)
  }

  /// Names too long for their places stand upright, and still differ.
  @Test func namesDoNotTouch() {
    let names = ["{leaky_relu: {negative_slope: 0.1}}", "{leaky_relu: {negative_slope: 0.2}}", "elu"]
    let chart = LineChart(
      [.init(name: "", points: names.indices.map { (x: Double($0), y: 1) }, style: .points)], xTitle: "activation",
      yTitle: "loss", x: .named(names))
    let page = ParsedPage(chart.svg.markup)
    #expect(page.problem == nil && page.attributes["transform"]?.count == 3)
    for words in ["0.1}}", "0.2}}"] { #expect(page.texts.contains(words), "\(page.texts)") }
  }
}

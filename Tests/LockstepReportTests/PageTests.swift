import Foundation
import LockstepConfiguration
import LockstepReport
import LockstepTraining
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Elements of a page, counted by an XML parser, which accepts nothing that is not well-formed.
final class ParsedPage: NSObject, XMLParserDelegate {
  /// Pictures that are drawn: a frame within one is none.
  var charts: Int { (attributes["role"] ?? []).count { $0 == "img" } }

  private(set) var elements: [String: Int] = [:]
  private(set) var texts = ""
  private(set) var attributes: [String: [String]] = [:]
  private(set) var problem: String?

  init(_ text: String) {
    super.init()
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = self
    if !parser.parse() { problem = "line \(parser.lineNumber): \(parser.parserError.map { "\($0)" } ?? "?")" }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes words: [String: String]
  ) {
    elements[name, default: 0] += 1
    for (key, value) in words { attributes[key, default: []].append(value) }
  }

  func parser(_ parser: XMLParser, foundCharacters text: String) { texts += text }
}

@Suite struct PageTests {
  @Test func textIsEscapedEverywhere() {
    let hostile = "<script>alert('1')</script> & \"quotes\" \u{0} \u{7}"
    let page = Page(
      title: hostile, subtitle: hostile,
      content: [
        Page.section(hostile, [Page.verdict(hostile, [hostile], tone: .bad), Page.paragraph(hostile)]),
        Page.table([hostile], [[.text(hostile)]]),
        Page.figure(
          LineChart([.init(name: hostile, points: [(1, 2), (2, 3)])], xTitle: hostile, yTitle: hostile).svg,
          caption: hostile),
        BarChart([1, 2], low: 0, high: 1, title: hostile).svg,
      ])
    let parsed = ParsedPage(page.text)
    #expect(parsed.problem == nil)
    #expect(parsed.elements["script"] == nil)
    #expect(parsed.texts.contains("<script>alert('1')</script> & \"quotes\""))
  }

  @Test func pageStandsByItself() {
    let text = Page(title: "a", subtitle: "b", content: []).text
    #expect(text.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">"))
    #expect(text.contains("prefers-color-scheme: dark") && text.contains("width=device-width"))
    for fetched in ["src=", "<link", "@import", "url("] { #expect(!text.contains(fetched)) }
  }

  @Test func lineChartLeavesGaps() {
    let chart = LineChart(
      [
        .init(name: "one", points: [(1, 1), (2, nil), (3, 100), (4, 0), (5, 10), (6, 1)]),
        .init(name: "fit", points: [(1, 1), (6, 10)], style: .fit), .init(name: "two", points: []),
      ], xTitle: "x", yTitle: "y", x: .whole, y: .logarithmic)
    let parsed = ParsedPage(chart.svg.markup)
    #expect(parsed.problem == nil)
    let traces = parsed.attributes["d"] ?? []
    #expect(traces.first?.filter { $0 == "M" }.count == 3 && traces.first?.filter { $0 == "L" }.count == 1)
    #expect(parsed.elements["circle"] == 4)
    #expect(!chart.svg.markup.contains("nan") && !chart.svg.markup.contains("inf"))
  }

  /// A name stands on the side where nothing else does.
  @Test func eventsAreNamedWhereThereIsRoom() {
    func anchors(_ places: [Double]) -> [String] {
      let chart = LineChart(
        [.init(name: "", points: [(0, 0), (100, 1)])], xTitle: "", yTitle: "", x: .whole,
        events: places.map { .init("eventful", at: $0) })
      return (ParsedPage(chart.svg.markup).attributes["text-anchor"] ?? []).filter { $0 != "middle" }
    }
    let none = anchors([])
    func added(_ places: [Double]) -> [String] {
      let all = anchors(places)
      return ["start", "end"].flatMap { side in
        Array(repeating: side, count: all.count { $0 == side } - none.count { $0 == side })
      }
    }
    #expect(added([50]) == ["start"] && added([100]) == ["end"])
    #expect(added([50, 55]) == ["start", "end"] && added([50, 52, 54]) == ["start", "end"])
  }

  /// Where a line passes at the top, the name stands at the bottom; where lines pass at both, at the top.
  @Test(
    arguments: [
      ([(0.0, 0.0), (100, 1)], 12), ([(0, 1), (100, 0.9)], 186), ([(50, 0), (50, 1)], 12),
      ([(0, 0.5), (100, 0.5)], 12), ([(0, 1), (48, 1), (100, 0)], 186),
    ] as [([(Double, Double)], Double)])
  func namesOfEventsAvoidLines(points: [(Double, Double)], y: Double) throws {
    let chart = LineChart(
      [.init(name: "", points: points.map { (x: $0, y: $1) })], xTitle: "", yTitle: "", x: .whole,
      including: [0, 1], events: [.init("eventful", at: 50)])
    let text = try #require(chart.svg.markup.firstMatch(of: /<text[^>]* y="([^"]*)"[^>]*>eventful</))
    #expect(Double(text.1) == y)
  }

  /// A line of text never ends between a number and what it counts in.
  @Test func unitsStayBesideTheirNumbers() {
    #expect(
      HTML.element("p", text: "12 345 of 7 %, 2.5 × 3 × it").markup
        == "<p>12\u{A0}345 of 7\u{A0}%, 2.5 × 3\u{A0}× it</p>")
    #expect(HTML.element("code", text: "12 345 7 %").markup == "<code>12 345 7 %</code>")
  }

  @Test func largeNumbersAreShort() {
    #expect(Scale(.whole, holding: [0, 1_000_000]).ticks.map(\.label) == ["0", "200k", "400k", "600k", "800k", "1M"])
    #expect(Scale(.whole, holding: [0, 5_000_000_000]).ticks.last?.label == "5G")
    // Neighbours are told apart, and what never changes stands in the middle.
    let close = Scale(.linear, holding: [0.12345, 0.12349]).ticks.map(\.label)
    #expect(Set(close).count == close.count)
    #expect(abs((Scale(.linear, holding: [0.002, 0.002]).place(0.002) ?? 0) - 0.5) < 0.01)
    #expect(Scale(.linear, holding: [0, 0], span: 0.1).low == 0)
  }

  @Test func scalesEndOnRoundNumbers() {
    let decades = Scale(.logarithmic, holding: [3e-7, 0.2, 0, .nan])
    #expect(decades.ticks.map(\.label) == ["10⁻⁶", "10⁻⁴", "0.01", "1"])
    let six = Scale(.logarithmic, holding: [3e-6, 0.2]).ticks.map(\.label)
    #expect(six == ["10⁻⁶", "10⁻⁵", "10⁻⁴", "10⁻³", "0.01", "0.1", "1"])
    #expect(decades.place(0) == nil && decades.place(.infinity) == nil)
    #expect(abs((decades.place(1e-4) ?? 0) - 3.0 / 7) < 1e-12)
    // Where only every second decade is named, none stands empty all the same.
    let rates = Scale(.logarithmic, holding: [1e-7, 10])
    #expect(rates.ticks.map(\.label) == ["10⁻⁶", "10⁻⁴", "0.01", "1"] && rates.low == -7 && rates.high == 1)
    #expect(Scale(.linear, holding: [0.1, 9.7]).ticks.map(\.label) == ["0", "2", "4", "6", "8", "10"])
    #expect(Scale(.whole, holding: [1, 3]).ticks.map(\.label) == ["1", "2", "3"])
    // Nothing, one value, and values that hardly differ make a scale too.
    for values in [[], [5], [1, 1.0000001]] {
      for spacing in [Scale.Spacing.linear, .whole, .logarithmic] {
        let scale = Scale(spacing, holding: values)
        #expect(scale.high > scale.low && !scale.ticks.isEmpty)
      }
    }
    let wide = Scale(.logarithmic, holding: [0.9, 1.1], span: 3)
    #expect(wide.high - wide.low >= 3)
  }
}

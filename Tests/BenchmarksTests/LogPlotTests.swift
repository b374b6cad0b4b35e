import Foundation
import Testing

@testable import Benchmarks

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct LogPlotTests {
  @Test(arguments: [
    (0.9, 110.0, [0.5, 1, 2, 5, 10, 20, 50, 100, 200]), (1, 10, [1, 2, 5, 10]), (3, 3, [2, 5]), (1, 1, [1, 2]),
    (2e-6, 4.9e-6, [2e-6, 5e-6]),
  ])
  func `Ticks enclose the values`(least: Double, largest: Double, expected: [Double]) {
    let ticks = LogPlot.ticks(from: least, to: largest)
    #expect(ticks.count == expected.count)
    for (tick, value) in zip(ticks, expected) { #expect(abs(tick / value - 1) < 1e-9) }
  }

  /// Where the circles of the measured line stand.
  private func circles(_ svg: String) -> [(x: Double, y: Double)] {
    svg.matches(of: /<circle cx="([0-9.]+)" cy="([0-9.]+)"/).map { (Double($0.1) ?? .nan, Double($0.2) ?? .nan) }
  }

  private func plot(_ points: [(x: Double, y: Double)], title: String = "time") -> LogPlot {
    LogPlot(
      title: title, xLabel: "rows", yLabel: "time of a step", xTicks: points.map { ($0.x, "\(Int($0.x))") },
      yText: Figure.time,
      lines: [
        .init(name: "step", style: .measured, points: points), .init(name: "ceiling", style: .straight, points: points),
      ])
  }

  @Test func `A power is a straight line`() {
    let points = circles(plot([(1, 1e-3), (10, 1e-1), (100, 10)]).svg)
    #expect(points.count == 3)
    let (a, b, c) = (points[0], points[1], points[2])
    #expect(a.x < b.x && a.y > b.y)
    #expect(abs((b.x - a.x) - (c.x - b.x)) < 0.2 && abs((b.y - a.y) - (c.y - b.y)) < 0.2)
  }

  @Test func `Everything stands inside the picture`() {
    for point in circles(plot([(64, 3e-5), (128, 2e-4), (8192, 0.4)]).svg) {
      #expect((92...732).contains(point.x) && (92...412).contains(point.y))
    }
  }

  @Test func `The picture is XML, whatever it is called`() throws {
    for title in ["a < b & \"c\"", "plain"] {
      let parser = XMLParser(data: Data(plot([(1, 1), (2, 2)], title: title).svg.utf8))
      #expect(parser.parse(), "\(String(describing: parser.parserError))")
    }
  }
}

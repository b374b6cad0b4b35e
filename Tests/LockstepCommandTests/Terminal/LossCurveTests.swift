import LockstepFormats
import Testing

@testable import LockstepCommand
@testable import LockstepRuns

@Suite("The curve of a loss in a line") struct LossCurveTests {
  private func curve(_ losses: [Double], of steps: Int? = nil) -> LossCurve {
    var curve = LossCurve(steps: steps ?? losses.count)
    for (index, loss) in losses.enumerated() { curve.add(loss, from: index + 1, to: index + 1) }
    return curve
  }

  @Test func heights() {
    #expect(curve([8, 7, 6, 5, 4, 3, 2, 1].map { $0 + 8 }).text(width: 8) == "█▇▆▅▄▃▂▁")
    #expect(curve([1, 1, 1]).text(width: 3) == "▁▁▁")
    // Decades: the logarithm's steps are equal.
    let decades = curve([1, 0.1, 0.01, 0.001, 1e-4, 1e-5, 1e-6, 1e-7])
    #expect(decades.isLogarithmic && decades.text(width: 8) == "█▇▆▅▄▃▂▁")
    #expect(!curve([2, 1]).isLogarithmic && !curve([10, -1]).isLogarithmic)
  }

  @Test func whatIsToComeIsDotted() {
    let half = curve([4, 3, 2, 1], of: 8)
    #expect(half.text(width: 8, share: 0.5) == "█▆▃▁····")
    #expect(LossCurve(steps: 8).text(width: 4, share: 0) == "····" && LossCurve(steps: 8).isEmpty)
    for share in [-1, 2, .nan, .infinity] { #expect(half.text(width: 10, share: share).count == 10) }
    // What is not finite has no height.
    #expect(curve([4, .nan, 2, .infinity, 1]).text(width: 5) == "██▃▃▁")
  }

  /// The mean of the steps in a column, of any number of steps.
  @Test(arguments: [1, 2, 7, 119, 120, 121, 5000]) func everyLength(steps: Int) {
    let falling = curve((0..<steps).map { Double(2 * steps - $0) })
    for width in [1, 8, 30, 200] {
      let text = Array(falling.text(width: width))
      #expect(text.count == width && zip(text, text.dropFirst()).allSatisfy { $0 >= $1 })
      if steps > 7, width > 7 { #expect(text.first == "█" && text.last == "▁") }
    }
  }

  @Test func stepsThatAreTakenBackAreForgotten() {
    var curve = curve([9, 8, 100, 100], of: 8)
    curve.goBack(to: 2)
    #expect(curve.text(width: 8, share: 0.25) == "█▁······" && !curve.isEmpty)
    curve.goBack(to: 0)
    #expect(curve.isEmpty)
  }

  @Test func fromALog() {
    func line(_ step: Int, _ loss: Double) -> MetricsLine {
      MetricsLine(event: "train", step: step, ["loss": .number(loss)])
    }
    let lines = [line(1, 4), line(2, 3), line(4, 2), line(8, 1)]
    #expect(LossCurve(lines, steps: 8).text(width: 8) == "█▆▃▃▁▁▁▁")
    #expect(LossCurve(lines, steps: 8, upTo: 4).text(width: 8, share: 0.5) == "█▅▁▁····")
  }
}

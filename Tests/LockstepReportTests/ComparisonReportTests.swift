import LockstepTraining
import Testing

@testable import LockstepReport
@testable import LockstepStudies

/// What the page of `compare` says first: the best variant, or that there is none.
@Suite struct ComparisonReportTests {
  private func page(
    _ values: [(String, [Double?])], trials: Comparison.Trials = .seeds(3), key: String = "activation"
  ) -> ParsedPage {
    let cells = values.map { name, metrics in
      Comparison.Cell(
        choices: [Comparison.Choice(key: key, value: name)],
        trials: metrics.map {
          Comparison.Trial(
            metrics: [:], metric: $0, diverged: $0 == nil ? "step 7" : nil, stepSeconds: 0.002, inferenceSeconds: 3e-6,
            dead: nil, verdicts: [.healthy], weightsDigest: "")
        }, difference: nil)
    }
    let comparison = Comparison(metric: .loss, trials: trials, cells: cells, overlap: 0)
    return ParsedPage(comparison.report(name: "run").text)
  }

  /// By hand: the differences of elu are 1 of deviation 0; those of selu −1, 0 and 2.
  @Test func aTieHasNoWinner() {
    let page = page([("elu", [2, 3, 4]), ("selu", [0, 2, 5]), ("relu", [1, 2, 3]), ("tanh", [1, nil, 3])])
    #expect(page.problem == nil)
    #expect(
      page.texts.contains("2 variants are not told apart") && page.texts.contains("relu; selu: loss 2.000 to 2.333."))
    #expect(!page.texts.contains("Better than every other variant"))
    // The mean of relu with its interval, 2 ± 4.302653 / √3.
    #expect(
      page.attributes["aria-label"]?.contains("relu: 2, 95 % interval −0.4841 to 4.484; single: 1, 2, 3") == true,
      "\(page.attributes["aria-label"] ?? [])")
    // What diverged has no place: three rows, and two differences.
    #expect(page.attributes["aria-label"]?.contains("elu: 1, 95 % interval 1 to 1") == true)
    #expect(page.charts == 3)
  }

  /// Keys have two words, and what is worse or better is told with its sign.
  @Test func namesAreShort() {
    let page = page([("0.1", [2, 3, 4]), ("1", [1, 2, 3])], key: "optimizer.adam.learning_rate")
    #expect(page.texts.contains("run: adam.learning_rate compared") && page.texts.contains("adam.learning_rate 0.1"))
    #expect(!page.texts.contains("optimizer.") && page.texts.contains("+1.0+1.0 … +1.0"))
  }

  @Test func oneThatIsBetterIsNamed() {
    let page = page([("elu", [2, 3, 4]), ("relu", [1, 2, 3])])
    #expect(page.texts.contains("relu: loss 2.000") && page.texts.contains("Better than every other variant"))
    #expect(self.page([("elu", [2, 3, 4]), ("relu", [2, 3, 4])]).texts.contains("no variant is told apart"))
  }

  @Test func aSingleTrialNamesNone() {
    let page = page([("elu", [2]), ("relu", [1])], trials: .seeds(1))
    #expect(page.texts.contains("a single trial names no winner") && page.charts == 1)
  }
}

import LockstepTraining
import Testing

@testable import LockstepCommand
@testable import LockstepRuns
@testable import LockstepStudies

/// What `compare` prints: the leaderboard, and whom it does not tell apart from the best.
@Suite struct ComparisonTextTests {
  private func comparison(_ values: [(String, [Double?])], overlap: Double = 0) -> Comparison {
    let cells = values.map { name, metrics in
      Comparison.Cell(
        choices: [Comparison.Choice(key: "activation", value: name)],
        trials: metrics.map {
          Comparison.Trial(
            metrics: [:], metric: $0, diverged: $0 == nil ? "step 7: the loss is not finite" : nil, stepSeconds: 0.002,
            inferenceSeconds: 3e-6, dead: nil, verdicts: [.healthy], weightsDigest: "")
        }, difference: nil)
    }
    return Comparison(metric: .loss, trials: .folds(3), cells: cells, overlap: overlap)
  }

  /// The differences of `elu` are 1, 1.5 and 2, of mean 1.5 and deviation 0.5: ± 4.302653 · 0.5 / √3. Those of `selu`
  /// are −1, 0 and 2.
  @Test func whoIsNotToldApart() {
    let text = ComparisonText.of(
      comparison([("elu", [2, 3.5, 5]), ("selu", [0, 2, 5]), ("relu", [1, 2, 3]), ("tanh", [1, nil, 3])]), name: "run")
    #expect(text.hasPrefix("run: loss over 3 folds, the lowest first\n\n"))
    let lines = text.split(separator: "\n").map(String.init)
    let names = lines.filter { !$0.hasPrefix(" ") }.compactMap { $0.split(separator: " ").first.map(String.init) }
    #expect(
      names.filter { ["elu", "selu", "relu", "tanh"].contains($0) } == ["relu", "selu", "elu", "tanh"], "\(text)")
    #expect(text.contains("+1.5 [+0.26, +2.7]"), "\(text)")
    #expect(
      lines.contains(
        "No winner: 3 folds do not tell apart (the 95 % interval of the difference from the first holds 0): relu; selu"),
      "\(text)")
    #expect(text.hasSuffix("tanh: step 7: the loss is not finite"))
    #expect(text.contains("diverged") && text.contains("2.00 ms") && text.contains("3.00 µs"), "\(text)")
  }

  @Test func whereAllAreToldApart() {
    let text = ComparisonText.of(comparison([("relu", [1, 2, 3]), ("elu", [2, 3.5, 5])]), name: "run")
    #expect(!text.contains("No winner"))
  }
}

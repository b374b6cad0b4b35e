import Foundation
import LockstepModel
import LockstepTraining
import RunSupport
import TestSupport
import Testing

@testable import LockstepConfiguration
@testable import LockstepRuns
@testable import LockstepStudies

/// How sure a comparison is, and in which order it lists what it has found.
@Suite struct ComparisonIntervalTests {
  private func trial(_ metric: Double?) -> Comparison.Trial {
    Comparison.Trial(
      metrics: [:], metric: metric, diverged: metric == nil ? "step 1" : nil, stepSeconds: nil, inferenceSeconds: 0,
      dead: nil, verdicts: [.healthy], weightsDigest: "")
  }

  private func comparison(
    _ values: [[Double?]], metric: Metric = .loss, overlap: Double = 0
  ) -> Comparison {
    let cells = values.enumerated().map { index, metrics in
      Comparison.Cell(
        choices: [Comparison.Choice(key: "cell", value: "\(index)")], trials: metrics.map(trial), difference: nil)
    }
    return Comparison(
      metric: metric, trials: .folds(values[0].count), cells: cells, overlap: overlap)
  }

  private func order(_ comparison: Comparison) -> [Int] {
    comparison.cells.compactMap { Int($0.choices[0].value) }
  }

  /// By hand: the differences 1, 2, 3 have the mean 2 and the deviation 1; t₀.₉₇₅(2) = 4.302653; the training sets of
  /// three folds overlap, so the variance of the mean is 1/3 + 1/2 (Nadeau, Bengio 2003), not 1/3.
  @Test func intervals() throws {
    let values: [[Double?]] = [[1, 1, 1], [2, 3, 4]]
    for (overlap, variance) in [(0, 1.0 / 3), (0.5, 1.0 / 3 + 0.5)] {
      let difference = try #require(comparison(values, overlap: overlap).cells[1].difference)
      let (interval, margin) = (try #require(difference.interval), 4.302653 * variance.squareRoot())
      #expect(difference.mean == 2)
      expectClose(actual: [interval.lowerBound, interval.upperBound], expected: [2 - margin, 2 + margin])
    }
  }

  /// What the plan says of its folds: k − 1 of k parts are trained on for each that is held out.
  @Test(arguments: [2, 3, 5]) func foldsOverlap(folds: Int) throws {
    let quantiles = [2: 12.706205, 3: 4.302653, 5: 2.776445]
    let plan = try Comparison.Plan(
      tinyRun("training.shards=2", "training.batch_size=16"), varying: [Variation("activation=relu,tanh")],
      over: .folds(folds))
    let found = try plan.run()
    let pairs = zip(found.cells[1].trials, found.cells[0].trials).map { ($0.metric ?? .nan) - ($1.metric ?? .nan) }
    let mean = pairs.reduce(0, +) / Double(folds)
    let variance = pairs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(folds - 1)
    let margin =
      try #require(quantiles[folds]) * (variance * (1 / Double(folds) + 1 / Double(folds - 1))).squareRoot()
    let interval = try #require(found.cells[1].difference?.interval)
    expectClose(
      actual: [interval.lowerBound, interval.upperBound], expected: [mean - margin, mean + margin], absolute: 1e-12,
      relative: 1e-6)
  }

  /// Equal cells stay in the order in which they were asked for; those that diverged come last, in theirs.
  @Test func orderOfEqualCells() {
    let values: [[Double?]] = [[2], [nil], [1], [2], [1], [nil], [2], [1], [3]]
    #expect(order(comparison(values)) == [2, 4, 7, 0, 3, 6, 8, 1, 5])
    #expect(order(comparison(values, metric: .accuracy)) == [8, 0, 3, 6, 2, 4, 7, 1, 5])
    #expect(order(comparison([[1, 3], [2, 2], [3, 1]])) == [0, 1, 2])
    #expect(order(comparison((0..<40).map { _ in [0.5] })) == Array(0..<40))
    #expect(order(comparison([[nil], [nil]])) == [0, 1])
  }

  /// A cell of which one trial diverged has diverged; the differences of the others are to the best that has not.
  @Test func divergedCellsHaveNoDifference() {
    let found = comparison([[1, nil], [4, 5], [2, 3]])
    #expect(order(found) == [2, 1, 0])
    #expect(found.cells.map { $0.difference?.mean } == [nil, 2, nil])
  }
}

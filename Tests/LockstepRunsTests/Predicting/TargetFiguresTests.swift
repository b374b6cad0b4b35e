import LockstepKernels
import LockstepTraining
import TestSupport
import Testing

@testable import LockstepRuns

/// What an evaluation says of several targets: each its own figures, and beside them the root of the mean square over
/// all, and the mean of R².
@Suite struct TargetFiguresTests {
  private let memory = TestMemory()

  private func report(
    _ predictions: [[Float]], _ targets: [[Float]], block: Int, unit: Double = 1
  ) -> EvaluationReport {
    var report = EvaluationReport(samples: targets.count, means: [("loss", 0.5)])
    let columns = targets[0].count
    var figures = EvaluationFigures.targets(
      Array(repeating: RegressionFigures(), count: columns), units: Array(repeating: unit, count: columns))
    for start in stride(from: 0, to: targets.count, by: block) {
      let rows = start..<min(start + block, targets.count)
      func matrix(_ values: [[Float]]) -> Matrix {
        memory.matrix(values[rows].flatMap { $0 }, rows: rows.count, columns: columns)
      }
      figures.add(matrix(predictions), matrix(targets))
    }
    report.tell(figures, (0..<columns).map { "target \($0)" })
    return report
  }

  /// Errors 3 and 4 of one target, 0 and 0 of another: the roots are √12.5 and 0, that of all √6.25 and not their mean.
  @Test func byHand() {
    let found = report([[4, 10], [6, 20]], [[1, 10], [2, 20]], block: 1)
    #expect(found.targets.map(\.name) == ["target 0", "target 1"])
    #expect(found.targets.map(\.figures.rootMeanSquaredError) == [(12.5 as Double).squareRoot(), 0])
    #expect(found.targets.map(\.figures.meanAbsoluteError) == [3.5, 0])
    // 1 − 25 / ½ of the first.
    #expect(found.targets.map(\.figures.r2) == [-49, 1])
    #expect(found.further.map(\.name) == ["root_mean_squared_error", "r2"])
    #expect(found.further.map(\.value) == [2.5, -24])
  }

  /// Errors are in the units that outputs and targets had before they were divided by them; R² has none.
  @Test func figuresAreInUnits() {
    let (found, plain) = (
      report([[1], [2], [4]], [[3], [5], [8]], block: 2, unit: 10), report([[1], [2], [4]], [[3], [5], [8]], block: 2)
    )
    #expect(found.targets[0].figures.meanAbsoluteError == 30 && plain.targets[0].figures.meanAbsoluteError == 3)
    expectClose(actual: found.further[0].value, expected: (2900.0 / 3).squareRoot())
    expectClose(actual: found.further[1].value, expected: plain.further[1].value)
  }

  @Test(arguments: testSeeds, [1, 2, 5]) func byDefinition(seed: UInt64, columns: Int) {
    var generator = SeededGenerator(seed: seed)
    // Targets of unequal size: what is taken of one in the place of another shows.
    let scales = (0..<columns).map { Float($0 * $0 + 1) }
    func rows() -> [[Float]] { (0..<70).map { _ in zip(generator.normal(columns), scales).map { $0 * $1 + 10 } } }
    let (predictions, targets) = (rows(), rows())
    let whole = report(predictions, targets, block: 70)
    #expect(report(predictions, targets, block: 9).targets == whole.targets)
    var (squares, r2) = (0.0, 0.0)
    for column in 0..<columns {
      let pairs = zip(predictions, targets).map { (Double($0[column]), Double($1[column])) }
      let squared = pairs.reduce(0.0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      let centre = pairs.reduce(0.0) { $0 + $1.1 } / 70
      let spread = pairs.reduce(0.0) { $0 + ($1.1 - centre) * ($1.1 - centre) }
      let figures = whole.targets[column].figures
      expectClose(actual: figures.rootMeanSquaredError, expected: (squared / 70).squareRoot(), absolute: 1e-9)
      expectClose(
        actual: figures.meanAbsoluteError, expected: pairs.reduce(0.0) { $0 + abs($1.0 - $1.1) } / 70, absolute: 1e-9)
      expectClose(actual: figures.r2, expected: 1 - squared / spread, absolute: 1e-9)
      squares += squared
      r2 += 1 - squared / spread
    }
    expectClose(
      actual: whole.further.map(\.value),
      expected: [(squares / Double(70 * columns)).squareRoot(), r2 / Double(columns)], absolute: 1e-9)
  }
}

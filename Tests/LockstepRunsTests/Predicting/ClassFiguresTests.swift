import LockstepKernels
import LockstepTraining
import TestSupport
import Testing

@testable import LockstepRuns

/// What an evaluation says of samples that have one class each, by hand and by definition.
@Suite struct ClassFiguresTests {
  private let memory = TestMemory()

  /// Samples pass in blocks.
  private func report(_ logits: [[Float]], _ labels: [Int], classes: Int, block: Int) -> EvaluationReport {
    var report = EvaluationReport(samples: logits.count, means: [("loss", 0.5)])
    var figures = EvaluationFigures.classes(ClassificationFigures(classes: classes, samples: logits.count))
    for start in stride(from: 0, to: logits.count, by: block) {
      let rows = start..<min(start + block, logits.count)
      let outputs = memory.matrix(logits[rows].flatMap { $0 }, rows: rows.count, columns: logits[0].count)
      figures.add(outputs, memory.matrix(labels[rows].map(Float.init), rows: rows.count, columns: 1))
    }
    report.tell(figures, (0..<classes).map { "class \($0)" })
    return report
  }

  private func value(_ name: String, _ report: EvaluationReport) -> Double? {
    report.further.first { $0.name == name }?.value
  }

  /// Seven classes: the label counts among five where at most four others come before it, of equals the earlier.
  @Test func amongTheFirstFive() {
    let falling: [Float] = [6, 5, 4, 3, 2, 1, 0]
    let tied: [Float] = [1, 1, 1, 1, 1, 1, 1]
    let late: [Float] = [0, 2, 2, 2, 2, 2, 2]
    let cases: [([Float], Int, Bool)] = [
      (falling, 0, true), (falling, 4, true), (falling, 5, false), (falling, 6, false), (tied, 4, true),
      (tied, 5, false), (late, 5, true), (late, 6, false), (late, 0, false), (falling.reversed(), 2, true),
      (falling.reversed(), 1, false),
    ]
    for (logits, label, isAmong) in cases {
      let report = report([logits], [label], classes: 7, block: 1)
      #expect(value("top_5_accuracy", report) == (isAmong ? 1 : 0), "\(logits), label \(label)")
    }
    let all = report(cases.map(\.0), cases.map(\.1), classes: 7, block: 4)
    #expect(value("top_5_accuracy", all) == 5.0 / 11)
    // Of five classes all are.
    #expect(value("top_5_accuracy", report([[1, 2, 3, 4, 5]], [0], classes: 5, block: 1)) == nil)
  }

  /// The first of equal logits is what is predicted; of one logit, 0 is the first class.
  @Test func theFirstOfEqualsWins() {
    let found = report(
      [[2, 2, 2], [0, 3, 3], [1, 0, 1], [-1, -1, -2], [5, 6, 6]], [0, 2, 2, 1, 1], classes: 3, block: 2)
    #expect(found.confusion == [[1, 0, 0], [1, 1, 0], [1, 1, 0]])
    let one = report([[0], [-0.0], [1e-30], [-1e-30]], [0, 1, 1, 0], classes: 2, block: 4)
    #expect(one.confusion == [[2, 0], [1, 1]])
  }

  /// The loss counts hits alike, of few classes and of many, whichever way the kernel takes.
  @Test(arguments: [2, 3, 16, 17, 32, 33, 40, 1000]) func soDoesTheAccuracy(classes: Int) {
    for first in [0, 1, classes / 2, classes - 2] {
      var row = [Float](repeating: -1, count: classes)
      for index in first..<classes { row[index] = 4 }
      for rows in [1, 19] {
        for label in [first, first + 1] {
          let logits = memory.matrix((0..<rows).flatMap { _ in row }, rows: rows, columns: classes)
          let labels = memory.matrix([Float](repeating: Float(label), count: rows), rows: rows, columns: 1)
          let result = LossKernels.softmaxCrossEntropy(
            logits: logits, labels: labels, smoothing: 0, scale: 1, gradient: nil)
          #expect(result.correct == (label == first ? rows : 0), "\(classes) classes, the top from \(first)")
        }
      }
    }
  }

  /// The area of each class against all others is the share of its pairs in the right order; the columns are those of
  /// their classes, and blocks change nothing.
  @Test(arguments: testSeeds) func areasAreSharesOfPairs(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    for classes in [3, 4, 7] {
      let logits = (0..<80).map { _ in generator.normal(classes).map { 2 * $0 } }
      let probabilities = logits.map { Reference.softmax($0.doubles, classes: classes) }
      let labels = generator.labels(80, below: classes).map { Int($0) }
      let whole = report(logits, labels, classes: classes, block: 80)
      #expect(report(logits, labels, classes: classes, block: 7).classes == whole.classes)
      var sum = 0.0
      for index in 0..<classes {
        let area = pairsInOrder(probabilities.map { $0[index] }, labels.map { $0 == index })
        expectClose(
          actual: whole.classes[index].areaUnderROC ?? .nan, expected: area, absolute: 1e-12, "class \(index)")
        sum += area
      }
      expectClose(actual: value("roc_auc", whole) ?? .nan, expected: sum / Double(classes), absolute: 1e-12)
    }
  }

  /// Of two classes one curve tells all, from one logit and from two.
  @Test(arguments: testSeeds) func twoClassesHaveOneCurve(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let scores = generator.normal(60)
    let labels = generator.labels(60, below: 2).map { Int($0) }
    let area = pairsInOrder(scores.doubles, labels.map { $0 == 1 })
    for logits in [scores.map { [$0] }, scores.map { [0.5 - $0 / 2, 0.5 + $0 / 2] }] {
      let found = report(logits, labels, classes: 2, block: 13)
      for figures in found.classes {
        expectClose(actual: figures.areaUnderROC ?? .nan, expected: area, absolute: 1e-12, figures.name)
      }
      expectClose(actual: value("roc_auc", found) ?? .nan, expected: area, absolute: 1e-12)
    }
  }

  /// How many of the pairs of a positive and a negative sample are in the right order, a tie counting half.
  private func pairsInOrder(_ scores: [Double], _ isPositive: [Bool]) -> Double {
    var (right, pairs) = (0.0, 0.0)
    for i in scores.indices where isPositive[i] {
      for j in scores.indices where !isPositive[j] {
        right += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0
        pairs += 1
      }
    }
    return right / pairs
  }

  /// Precision, recall, F1 and their means by hand: one class that is never predicted, one that does not occur.
  @Test func byHand() {
    let guesses = [0, 0, 1, 1, 1, 3, 0]
    let labels = [0, 1, 1, 1, 2, 2, 2]
    let logits = guesses.map { guess in (0..<4).map { Float($0 == guess ? 3 : 0) } }
    let found = report(logits, labels, classes: 4, block: 3)
    #expect(found.classes.map(\.support) == [1, 3, 3, 0])
    #expect(found.classes.map(\.precision) == [1.0 / 3, 2.0 / 3, 0, 0])
    #expect(found.classes.map(\.recall) == [1, 2.0 / 3, 0, 0])
    #expect(found.classes.map(\.f1) == [0.5, 2.0 / 3, 0, 0])
    #expect(found.classes[3].areaUnderROC == nil)
    expectClose(
      actual: ["precision", "recall", "f1"].map { value($0, found) ?? .nan }, expected: [0.25, 5.0 / 12, 7.0 / 24],
      absolute: 1e-12)
    #expect(found.confusion == [[1, 0, 0, 0], [1, 2, 0, 0], [1, 1, 0, 1], [0, 0, 0, 0]])
  }
}

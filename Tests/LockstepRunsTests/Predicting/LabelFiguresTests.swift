import LockstepKernels
import LockstepTraining
import TestSupport
import Testing

@testable import LockstepRuns

/// What an evaluation says of samples that may have any number of labels.
@Suite struct LabelFiguresTests {
  private let memory = TestMemory()

  private func report(_ logits: [[Float]], _ targets: [[Float]], names: [String]) -> EvaluationReport {
    var report = EvaluationReport(samples: logits.count, means: [("loss", 0.5), ("accuracy", 0.25)])
    var figures = MultilabelFigures(labels: targets[0].count, samples: logits.count)
    for (logits, targets) in zip(logits, targets) {
      figures.add(true: memory.vector(targets), logits: memory.vector(logits))
    }
    report.tell(.labels(figures), names)
    return report
  }

  /// Four samples by hand; the second label is always there and has no curve, the third has no name.
  @Test func byHand() throws {
    let report = report(
      [[2, 1, -1], [-1, 3, 4], [0.5, -2, -3], [-3, 1, 1]], [[1, 1, 0], [0, 1, 1], [0, 1, 1], [1, 1, 0]],
      names: ["hot", "wet"])
    #expect(
      report.labels == [
        .init(name: "hot", accuracy: 0.5, precision: 0.5, recall: 0.5, f1: 0.5, support: 2, areaUnderROC: 0.5),
        .init(
          name: "wet", accuracy: 0.75, precision: 1, recall: 0.75, f1: 6.0 / 7, support: 4, areaUnderROC: nil),
        .init(name: "2", accuracy: 0.5, precision: 0.5, recall: 0.5, f1: 0.5, support: 2, areaUnderROC: 0.5),
      ])
    #expect(
      report.further.map(\.name) == ["subset_accuracy", "precision", "recall", "f1", "f1_micro", "roc_auc"])
    expectClose(
      actual: report.further.map(\.value),
      expected: [0.5, 2.0 / 3, (0.5 + 0.75 + 0.5) / 3, (0.5 + 6.0 / 7 + 0.5) / 3, 2.0 * 5 / (7 + 8), 0.5])
    #expect(report.classes.isEmpty && report.targets.isEmpty && report.confusion == nil)
    let json = report.json
    #expect(json["subset_accuracy"] == .number(0.5) && json["accuracy"] == .number(0.25))
    let labels = try #require(json["labels"]?.array)
    #expect(
      labels.count == 3
        && labels[1] == [
          "name": "wet", "accuracy": .number(0.75), "precision": .number(1), "recall": .number(0.75),
          "f1": .number(6.0 / 7), "support": .integer(4), "roc_auc": .null,
        ])
  }

  /// The area of each label is the share of its pairs in the right order.
  @Test(arguments: testSeeds)
  func areasAreSharesOfPairs(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let logits = (0..<90).map { _ in generator.normal(4).map { ($0 * 4).rounded() / 4 } }
    let targets = (0..<90).map { _ in generator.labels(4, below: 2) }
    let whole = report(logits, targets, names: [])
    for (label, figures) in whole.labels.enumerated() {
      var (right, pairs) = (0.0, 0.0)
      for i in 0..<90 where targets[i][label] == 1 {
        for j in 0..<90 where targets[j][label] == 0 {
          right += logits[i][label] > logits[j][label] ? 1 : logits[i][label] == logits[j][label] ? 0.5 : 0
          pairs += 1
        }
      }
      #expect(figures.areaUnderROC == right / pairs)
    }
  }
}

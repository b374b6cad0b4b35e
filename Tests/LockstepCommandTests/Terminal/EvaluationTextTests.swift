import Testing

@testable import LockstepCommand
@testable import LockstepRuns

@Suite("Evaluations as people read them")
struct EvaluationTextTests {
  private func report(labels: Int) -> EvaluationReport {
    var report = EvaluationReport(samples: 120, means: [("loss", 0.25), ("accuracy", 0.9)])
    report.further = [("subset_accuracy", 0.5), ("f1", 0.8)]
    report.labels = (0..<labels).map {
      .init(
        name: $0 == 0 ? "wet\u{1B}" : "\($0)", accuracy: 0.75, precision: 1, recall: 0.5, f1: 2.0 / 3, support: 40 * $0,
        areaUnderROC: $0 == 0 ? nil : 0.875)
    }
    return report
  }

  @Test func labelsHaveALineEach() {
    let lines = EvaluationText.of(report(labels: 2)).split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.split(separator: " ", omittingEmptySubsequences: true).map(String.init) }
    #expect(lines.contains(["subset_accuracy", "0.500000"]) && lines.contains(["samples", "120"]), "\(lines)")
    #expect(lines.contains(["label", "accuracy", "precision", "recall", "F1", "ROC", "AUC", "samples"]), "\(lines)")
    let shares = ["0.7500", "1.0000", "0.5000", "0.6667"]
    #expect(lines.contains(["1"] + shares + ["0.8750", "40"]), "\(lines)")
    #expect(lines.contains { $0.first?.hasPrefix("wet") == true && $0.dropFirst() == shares + ["–", "0"] }, "\(lines)")
    #expect(!EvaluationText.of(report(labels: 2)).contains("\u{1B}"))
  }

  @Test func aLongTableIsNotShown() {
    #expect(EvaluationText.of(report(labels: 100)).contains("label"))
    #expect(!EvaluationText.of(report(labels: 101)).contains("label"))
  }
}

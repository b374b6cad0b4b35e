import LockstepKernels
import LockstepTraining

/// Of samples that may have any number of labels.
struct LabelSampleFigures: SampleFigures {
  private var figures: MultilabelFigures
  private var scores: KeptScores
  /// Whether each sample has the label, label by label, beside the scores.
  private var isPositive: [[Bool]]

  init(_ labels: Int, samples: Int) {
    figures = MultilabelFigures(labels: labels)
    scores = KeptScores(labels, samples: samples)
    isPositive = Array(repeating: [], count: labels)
  }

  mutating func add(_ outputs: Matrix, _ targets: Matrix, conclude: (Matrix) -> Void) {
    for row in 0..<outputs.rows { figures.add(true: targets.row(row), logits: outputs.row(row)) }
    guard scores.columns != nil else { return }
    for label in isPositive.indices {
      for row in 0..<targets.rows { isPositive[label].append(targets[row, label] > 0.5) }
    }
    conclude(outputs)
    scores.add(outputs)
  }

  func conclude(_ report: inout EvaluationReport, name: (Int) -> String) {
    let areas = isPositive.indices.map { label in
      scores.columns.flatMap { ROC.area(scores: $0[label], isPositive: isPositive[label]) }
    }
    report.further += [
      ("subset_accuracy", figures.subsetAccuracy), ("precision", figures.macro { $0.precision(1) }),
      ("recall", figures.macro { $0.recall(1) }), ("f1", figures.macro { $0.f1(1) }), ("f1_micro", figures.microF1),
    ]
    report.addMean(of: areas)
    report.labels = figures.labels.enumerated().map { index, matrix in
      EvaluationReport.LabelFigures(
        name: name(index), accuracy: matrix.accuracy, precision: matrix.precision(1), recall: matrix.recall(1),
        f1: matrix.f1(1), support: matrix.support[1], areaUnderROC: areas[index])
    }
  }
}

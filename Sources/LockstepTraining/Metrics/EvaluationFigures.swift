import LockstepData
import LockstepKernels
import LockstepModel

/// What an evaluation tells beside the sums of the loss: the figures that need every output.
public enum EvaluationFigures: Sendable, Equatable {
  /// Of samples that have one class each.
  case classes(ClassificationFigures)
  /// Of samples that have any number of labels.
  case labels(MultilabelFigures)
  /// Of a regression, one for each target, in its own units; `units` is what each target was divided by in training.
  case targets([RegressionFigures], units: [Double])

  /// - Parameter ranks: whether areas under curves are wanted, for which every score is kept.
  package init(of data: any Dataset, ranks: Bool = true) {
    switch data.task {
    case .classification(let classes):
      self = .classes(ClassificationFigures(classes: classes, samples: data.count, ranks: ranks))
    case .labels(let labels): self = .labels(MultilabelFigures(labels: labels, samples: data.count, ranks: ranks))
    case .regression(let targets):
      let units = data.targetDeviations
      self = .targets(
        Array(repeating: RegressionFigures(), count: targets),
        units: units.isEmpty ? Array(repeating: 1, count: targets) : units)
    }
  }

  /// - Parameters:
  ///   - outputs: [rows, units], as the network gives them.
  ///   - targets: [rows, targetColumns], as the data set does.
  package mutating func add(_ outputs: Matrix, _ targets: Matrix) {
    switch self {
    case .classes(var figures):
      // Alone, so that its arrays are not copied.
      self = .targets([], units: [])
      for row in 0..<outputs.rows { figures.add(true: Int(targets[row, 0]), logits: outputs.row(row)) }
      self = .classes(figures)
    case .labels(var figures):
      self = .targets([], units: [])
      for row in 0..<outputs.rows { figures.add(true: targets.row(row), logits: outputs.row(row)) }
      self = .labels(figures)
    case .targets(var figures, let units):
      self = .targets([], units: [])
      for row in 0..<outputs.rows {
        for column in figures.indices {
          figures[column].add(true: targets[row, column], predicted: outputs[row, column], unit: units[column])
        }
      }
      self = .targets(figures, units: units)
    }
  }

  /// What the loss does not sum, such as precision, recall and F1. A metric that these samples do not have, such as the
  /// area under a curve where all are of one class, is left out.
  public var metrics: [(metric: Metric, value: Double)] {
    switch self {
    case .classes(let figures): figures.metrics(figures.areas)
    case .labels(let figures): figures.metrics(figures.areas)
    case .targets(let figures, _): figures.metrics
    }
  }

  /// The metrics that there are for targets of `task`, in the order of `metrics`.
  package static func metrics(of task: LearningTask) -> [Metric] {
    switch task {
    case .classification(let classes):
      (classes > ClassificationFigures.topK ? [.top5Accuracy] : []) + [.precision, .recall, .f1, .rocAUC]
    case .labels: [.subsetAccuracy, .precision, .recall, .f1, .microF1, .rocAUC]
    case .regression: [.rootMeanSquaredError, .r2]
    }
  }
}

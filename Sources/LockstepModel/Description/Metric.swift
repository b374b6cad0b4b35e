import LockstepDeclarations

/// A figure of an evaluation: its name, and whether small or large is better. The raw value is the name in
/// configurations and logs.
///
/// `Loss.metrics` computes those that are summed beside the loss, `EvaluationFigures` those that need every output.
public enum Metric: String, Sendable, CaseIterable {
  /// Mean of the loss that the model is trained by.
  case loss
  /// Share of samples whose largest logit is that of their class; of labels, the share on the right side of 0.
  case accuracy
  /// Share of samples whose class is among the five largest logits.
  case top5Accuracy = "top_5_accuracy"
  /// Share of samples all of whose labels are right.
  case subsetAccuracy = "subset_accuracy"
  /// True positives over what was predicted, averaged over classes or labels.
  case precision
  /// True positives over what there was, averaged over classes or labels.
  case recall
  /// Harmonic mean of precision and recall, averaged over classes or labels.
  case f1
  /// F1 of the counts of all labels together.
  case microF1 = "f1_micro"
  /// Area under the receiver operating characteristic, averaged over classes or labels.
  case rocAUC = "roc_auc"
  case meanAbsoluteError = "mean_absolute_error"
  case meanSquaredError = "mean_squared_error"
  case rootMeanSquaredError = "root_mean_squared_error"
  /// 1 − Σ(t − y)² / Σ(t − mean t)²
  case r2

  /// Whether the smallest value is the best or the largest.
  public enum Mode: String, Sendable, CaseIterable {
    case min
    case max

    /// Whether `value` is better than `other`. A value that is no number never is.
    package func isBetter(_ value: Double, than other: Double) -> Bool {
      switch self {
      case .min: value < other
      case .max: value > other
      }
    }
  }

  /// `min` for the loss and errors, `max` for the others.
  public var mode: Mode {
    switch self {
    case .loss, .meanAbsoluteError, .meanSquaredError, .rootMeanSquaredError: .min
    case .accuracy, .top5Accuracy, .subsetAccuracy, .precision, .recall, .f1, .microF1, .rocAUC, .r2: .max
    }
  }
}

extension Metric: Declared {
  package static let noun = "metric"

  package static let declarations = allCases.map { Declaration<Metric>($0.rawValue, $0, $0.sentence) }

  private var sentence: String {
    switch self {
    case .loss: "mean of the loss that the model is trained by; smaller is better"
    case .accuracy: "share of samples, or of labels, that are right"
    case .top5Accuracy: "share of samples whose class is among the five largest logits"
    case .subsetAccuracy: "share of samples all of whose labels are right"
    case .precision: "true positives over what was predicted, averaged over classes or labels"
    case .recall: "true positives over what there was, averaged over classes or labels"
    case .f1: "harmonic mean of precision and recall, averaged over classes or labels"
    case .microF1: "F1 of the counts of all labels together"
    case .rocAUC: "area under the receiver operating characteristic, averaged over classes or labels"
    case .meanAbsoluteError: "mean of |y − t|; smaller is better"
    case .meanSquaredError: "mean of (y − t)²; smaller is better"
    case .rootMeanSquaredError: "root of the mean of (y − t)²; smaller is better"
    case .r2: "1 − Σ(t − y)² / Σ(t − mean t)²"
    }
  }
}

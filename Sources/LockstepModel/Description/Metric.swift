/// A figure of an evaluation: its name, which way it is better, and nothing else. Every key that takes a metric takes
/// one of these.
///
/// What each is stands with whoever computes it: `Loss.metrics` for those that are summed beside the loss,
/// `EvaluationFigures` for those that need every output.
public enum Metric: String, Sendable, CaseIterable {
  case loss
  case accuracy
  case top5Accuracy = "top_5_accuracy"
  case subsetAccuracy = "subset_accuracy"
  case precision
  case recall
  case f1
  case microF1 = "f1_micro"
  case rocAUC = "roc_auc"
  case meanAbsoluteError = "mean_absolute_error"
  case meanSquaredError = "mean_squared_error"
  case rootMeanSquaredError = "root_mean_squared_error"
  case r2

  /// Which way a metric is watched.
  public enum Mode: String, Sendable, CaseIterable {
    case min
    case max

    /// Whether `value` is better than `other`. A value that is no number never is.
    public func isBetter(_ value: Double, than other: Double) -> Bool {
      switch self {
      case .min: value < other
      case .max: value > other
      }
    }
  }

  /// The way in which it is better: errors are better the smaller they are, shares of what is right the larger.
  public var mode: Mode {
    switch self {
    case .loss, .meanAbsoluteError, .meanSquaredError, .rootMeanSquaredError: .min
    case .accuracy, .top5Accuracy, .subsetAccuracy, .precision, .recall, .f1, .microF1, .rocAUC, .r2: .max
    }
  }
}

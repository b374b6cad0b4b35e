import LockstepModel

/// Metrics as people read them.
extension Metric {
  /// What it is called in a sentence.
  package var words: String {
    switch self {
    case .f1: "F1"
    case .microF1: "micro F1"
    case .r2: "R²"
    case .rocAUC: "ROC AUC"
    case .top5Accuracy: "top-5 accuracy"
    case .loss, .accuracy, .subsetAccuracy, .precision, .recall, .meanAbsoluteError, .meanSquaredError,
      .rootMeanSquaredError:
      rawValue.replacing("_", with: " ")
    }
  }

  /// What it is called above a column.
  package var abbreviation: String {
    switch self {
    case .top5Accuracy: "top-5"
    case .subsetAccuracy: "subset"
    case .meanAbsoluteError: "MAE"
    case .meanSquaredError: "MSE"
    case .rootMeanSquaredError: "RMSE"
    case .loss, .accuracy, .precision, .recall, .f1, .microF1, .r2, .rocAUC: words
    }
  }
}

import LockstepKernels

/// What training makes small: the mean over the rows of the batch (cross entropy over classes) or over all its elements
/// (the others).
public enum Loss: Sendable, Equatable {
  /// −Σₖ tₖ · log softmax(z)ₖ, t = (1 − labelSmoothing) · onehot + labelSmoothing / classes; the network ends in one
  /// logit a class.
  case softmaxCrossEntropy(labelSmoothing: Float)
  /// max(z, 0) − z·t + log(1 + e^−|z|) on logits.
  case binaryCrossEntropy
  case meanSquaredError
  case meanAbsoluteError
  /// d² / 2 where |d| ≤ delta, else delta · (|d| − delta / 2) — Huber 1964
  case huber(delta: Float)

  public static let softmaxCrossEntropy = softmaxCrossEntropy(labelSmoothing: 0)
  public static let huber = huber(delta: 1)

  /// The name that configurations use.
  public var name: String {
    switch self {
    case .softmaxCrossEntropy: "softmax_cross_entropy"
    case .binaryCrossEntropy: "binary_cross_entropy"
    case .meanSquaredError: "mean_squared_error"
    case .meanAbsoluteError: "mean_absolute_error"
    case .huber: "huber"
    }
  }

  /// The metrics that are summed with it, itself first.
  public var summedMetrics: [Metric] {
    switch self {
    case .softmaxCrossEntropy, .binaryCrossEntropy: [.loss, .accuracy]
    case .meanSquaredError, .meanAbsoluteError, .huber: [.loss, .meanAbsoluteError, .meanSquaredError]
    }
  }

  /// The metric by which a person would choose among models, where none is named: accuracy of a classifier, else the
  /// loss.
  public var headlineMetric: Metric { summedMetrics.contains(.accuracy) ? .accuracy : .loss }
}

extension Loss {
  /// Columns of the targets that fit a network of `outputs` units: a class index, or a number a unit.
  public func targetColumns(outputs: Int) -> Int {
    if case .softmaxCrossEntropy = self { return 1 }
    return outputs
  }
}

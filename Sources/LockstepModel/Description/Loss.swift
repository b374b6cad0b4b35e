import LockstepDeclarations
import LockstepKernels

/// What training makes small: the mean over the rows of the batch (cross entropy over classes) or over all its elements
/// (the others).
public enum Loss: Sendable, Equatable {
  /// −Σₖ tₖ · log softmax(z)ₖ, t = (1 − labelSmoothing) · onehot + labelSmoothing / classes; the network ends in one
  /// logit a class.
  case softmaxCrossEntropy(labelSmoothing: Float)
  /// max(z, 0) − z·t + log(1 + e^−|z|) on logits.
  case binaryCrossEntropy
  /// (y − t)²
  case meanSquaredError
  /// |y − t|
  case meanAbsoluteError
  /// d² / 2 where |d| ≤ delta, else delta · (|d| − delta / 2), d = y − t — Huber 1964
  case huber(delta: Float)

  /// Without label smoothing.
  public static let softmaxCrossEntropy = softmaxCrossEntropy(labelSmoothing: 0)
  /// delta 1.
  public static let huber = huber(delta: 1)

  /// The name in configurations, such as `softmax_cross_entropy`.
  public var name: String { declared.name }

  /// The metrics that are summed beside the loss, the loss itself first.
  package var summedMetrics: [Metric] {
    switch self {
    case .softmaxCrossEntropy, .binaryCrossEntropy: [.loss, .accuracy]
    case .meanSquaredError, .meanAbsoluteError, .huber: [.loss, .meanAbsoluteError, .meanSquaredError]
    }
  }

  /// Whether classes can count more or less than others in it.
  package var takesClassWeights: Bool {
    switch self {
    case .softmaxCrossEntropy, .binaryCrossEntropy: true
    case .meanSquaredError, .meanAbsoluteError, .huber: false
    }
  }

  /// The metric by which a person would choose among models, where none is named: accuracy of a classifier, else the
  /// loss.
  package var headlineMetric: Metric { summedMetrics.contains(.accuracy) ? .accuracy : .loss }
}

extension Loss {
  /// Columns of the targets that fit a network of `outputs` units: a class index, or a number a unit.
  package func targetColumns(outputs: Int) -> Int {
    if case .softmaxCrossEntropy = self { return 1 }
    return outputs
  }
}

extension Loss: Declared {
  package static let noun = "loss"

  package static let declarations: [Declaration<Loss>] = [
    Declaration(
      "softmax_cross_entropy", .softmaxCrossEntropy,
      "−Σₖ tₖ · log softmax(z)ₖ, t = (1 − label_smoothing) · onehot + label_smoothing / classes, for one logit a class",
      Setting.single("label_smoothing", .belowOne, "what of a target is given to all classes alike"),
      make: { .softmaxCrossEntropy(labelSmoothing: $0) },
      take: { if case .softmaxCrossEntropy(let smoothing) = $0 { smoothing } else { nil } }),
    Declaration(
      "binary_cross_entropy", .binaryCrossEntropy,
      "max(z, 0) − z · t + log(1 + e^−|z|), for the logit of the second of two classes, or of each of several labels"),
    Declaration("mean_squared_error", .meanSquaredError, "(y − t)²"),
    Declaration("mean_absolute_error", .meanAbsoluteError, "|y − t|"),
    Declaration(
      "huber", .huber, main: "delta",
      "d² / 2 where |d| ≤ delta, else delta · (|d| − delta / 2), d = y − t — Huber 1964",
      Setting.single("delta", .positiveSingle, "where the square becomes a line"),
      make: { .huber(delta: $0) }, take: { if case .huber(let delta) = $0 { delta } else { nil } }),
  ]
}

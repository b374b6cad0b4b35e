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
  /// A function of a program's own.
  case custom(NamedLoss)

  /// A loss of one's own.
  public static func custom(_ loss: some CustomLoss) -> Loss { .custom(NamedLoss(loss)) }

  /// Without label smoothing.
  public static let softmaxCrossEntropy = softmaxCrossEntropy(labelSmoothing: 0)
  /// delta 1.
  public static let huber = huber(delta: 1)

  /// The name in configurations, such as `softmax_cross_entropy`; of one's own, what it calls itself.
  public var name: String { if case .custom(let named) = self { named.name } else { declared.name } }

  /// What it compares outputs with.
  public var targets: LossTargets {
    switch self {
    case .softmaxCrossEntropy: .classes
    case .binaryCrossEntropy: .labels
    case .meanSquaredError, .meanAbsoluteError, .huber: .numbers
    case .custom(let named): named.targets
    }
  }

  /// The metrics that are summed beside the loss, the loss itself first.
  package var summedMetrics: [Metric] {
    switch targets {
    case .classes, .labels: [.loss, .accuracy]
    case .numbers: [.loss, .meanAbsoluteError, .meanSquaredError]
    }
  }

  /// Whether classes can count more or less than others in it.
  package var takesClassWeights: Bool { targets != .numbers }

  /// The metric by which a person would choose among models, where none is named: accuracy of a classifier, else the
  /// loss.
  package var headlineMetric: Metric { summedMetrics.contains(.accuracy) ? .accuracy : .loss }
}

extension Loss {
  /// Columns of the targets that fit a network of `outputs` units: a class index, or a number a unit.
  package func targetColumns(outputs: Int) -> Int {
    targets == .classes ? 1 : outputs
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
    Declaration(
      "custom_loss", .custom(NamedLoss(named: "own", .numbers)),
      "a function that a program gave, which it alone can give again",
      Setting.name("name", "what the program calls it").required,
      Setting.word("targets", LossTargets.self, "what outputs are compared with").required,
      make: { .custom(NamedLoss(named: $0, $1)) },
      take: { if case .custom(let named) = $0 { (named.name, named.targets) } else { nil } },
      problems: { if case .custom(let named) = $0 { catalogue.problems(ofOwn: named.name) } else { [] } }),
  ]
}

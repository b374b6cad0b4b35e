import LockstepModel

/// Why a trainer cannot be made, or a step not be done.
public enum TrainingError: Error, Sendable, Equatable, CustomStringConvertible {
  case model(ModelError)
  case data(DatasetError)
  /// A setting that cannot work: what was found, what is expected.
  case setting(String)
  /// The loss of a shard is not finite. The parameters are those before the step.
  case lossNotFinite(step: Int, shard: Int, layer: String?)
  /// The norm of the reduced gradient is not finite. The parameters are those before the step.
  case gradientNotFinite(step: Int)
  /// The output of a dense layer spreads so that its weights cannot be scaled to variance 1.
  case outputNotScalable(layer: String, variance: Double)

  public var description: String {
    switch self {
    case .model(let error): error.description
    case .data(let error): error.description
    case .setting(let text): text
    case .lossNotFinite(let step, let shard, let layer):
      "step \(step): the loss of shard \(shard) is not finite; \(TrainingError.origin(layer)). "
        + "The step was not applied. Try a smaller learning rate, gradient clipping, or another initializer."
    case .gradientNotFinite(let step):
      "step \(step): the norm of the gradient is not finite, while the loss is. The step was not applied. Try a smaller learning rate or another initializer."
    case .outputNotScalable(let layer, let variance):
      "LSUV cannot scale layer \(layer): over the first batches its output has the variance \(variance), expected a number above 0. "
        + "Look at the features, the bias and the activations before it, or leave model.initialization out."
    }
  }

  /// Where the first value that is not finite stands.
  private static func origin(_ layer: String?) -> String {
    switch layer {
    case nil: "every layer's output is finite, the loss itself is not"
    case "input": "the data set's features are not finite"
    case let layer?: "the first value that is not finite is the output of layer \(layer)"
    }
  }
}

import LockstepData
import LockstepModel

/// Why a trainer cannot be made, or a step not be done.
public enum TrainingError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The model cannot be built.
  case model(ModelError)
  /// Samples cannot be read.
  case data(DatasetError)
  /// A setting that cannot work: what was found, what is expected.
  case setting(String)
  /// The loss of a shard is not finite. The parameters are those before the step.
  case lossNotFinite(step: Int, shard: Int, layer: String?)
  /// The reduced gradient is not finite, first of all that of `tensor`. The parameters are those before the step.
  case gradientNotFinite(step: Int, tensor: String?)
  /// The statistics of the batch at a BatchNorm are not finite. The parameters are those before the step.
  case statisticsNotFinite(step: Int, layer: String)
  /// The update, from a finite gradient, would make numbers of `tensor` infinite: a parameter, a slot of the optimizer,
  /// or an average. The parameters are those before the step.
  case updateNotFinite(step: Int, tensor: String)
  /// The variance of a dense layer's output is 0 or no finite number, so its weights cannot be scaled to variance 1.
  case outputNotScalable(layer: String, variance: Double)
  /// After so many steps these ranks do not have the parameters and running statistics that the others have.
  case ranksDiffer(step: Int, ranks: [String])

  /// Whether numbers have diverged: a smaller learning rate or other data might do.
  public var isDivergence: Bool {
    switch self {
    case .lossNotFinite, .gradientNotFinite, .statisticsNotFinite, .updateNotFinite: true
    case .model, .data, .setting, .outputNotScalable, .ranksDiffer: false
    }
  }

  /// Where, what was found, and what to do.
  public var description: String {
    switch self {
    case .model(let error): error.description
    case .data(let error): error.description
    case .setting(let text): "training: \(text)"
    case .lossNotFinite(let step, let shard, let layer):
      "step \(step): the loss of shard \(shard) is not finite; \(TrainingError.origin(layer)). "
        + "The step was not applied. Try a smaller learning rate, gradient clipping, or another initializer."
    case .gradientNotFinite(let step, let tensor):
      "step \(step): the gradient\(tensor.map { " of \($0)" } ?? "") is not finite, while the loss is. "
        + "The step was not applied. Try a smaller learning rate or another initializer."
    case .statisticsNotFinite(let step, let layer):
      "step \(step): the batch's mean or variance at \(layer) is not finite, while the loss is. "
        + "The step was not applied. Try a smaller learning rate or another initializer."
    case .updateNotFinite(let step, let tensor):
      "step \(step): the update would make \(tensor) infinite, while the gradient is finite. "
        + "The step was not applied. Try a smaller learning rate, gradient clipping, or another initializer."
    case .ranksDiffer(let step, let ranks):
      "after step \(step): \(ranks.joined(separator: ", ")) \(ranks.count == 1 ? "has" : "have") other weights than the other ranks, though all began with the same: "
        + "a machine, or the network between them, changes bits. Go on from the last checkpoint without it."
    case .outputNotScalable(let layer, let variance):
      "model.initialization: LSUV cannot scale layer \(layer): over the first batches its output has the variance \(variance), expected a number above 0. "
        + "Look at the features, the bias and the activations before it, or leave it out."
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

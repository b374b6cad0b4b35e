import LockstepKernels
import LockstepModel

/// A tensor of a trainer: the memory itself, not a copy.
public struct TrainerTensor: Sendable {
  /// What the names of averaged parameters begin with.
  package static let averagePrefix = "average."

  /// `model.<layer path>.<name>`, `optimizer.<slot>.<parameter>` or `average.<parameter>`.
  public var name: String
  /// The length of every axis, as checkpoints hold them.
  public var shape: [Int]
  /// The elements, row-major.
  public var values: Vector
  /// The memory that `values` is a view of, so that it lives as long as the tensor is held.
  public var owner: Arena

  init(_ entry: ParameterLayout.Entry, in arena: Arena, prefix: String) {
    name = prefix + entry.name
    shape = entry.shape.dimensions
    values = arena.vector(entry)
    owner = arena
  }
}

extension Network {
  /// Names and shapes of everything that `Trainer.tensors` holds, in its order, known before any memory is taken.
  ///
  /// - Parameters:
  ///   - slots: those of the optimizer.
  ///   - isAveraged: whether there is an average of the weights.
  package func tensors(slots: [String], isAveraged: Bool = false) -> [(name: String, shape: [Int])] {
    func tensors(_ layout: ParameterLayout, _ prefix: String) -> [(name: String, shape: [Int])] {
      layout.entries.map { (prefix + $0.name, $0.shape.dimensions) }
    }
    return tensors(parameters, "model.") + tensors(runningStatistics, "model.")
      + slots.flatMap { tensors(parameters, "optimizer.\($0).") }
      + (isAveraged ? tensors(parameters, TrainerTensor.averagePrefix) : [])
  }
}

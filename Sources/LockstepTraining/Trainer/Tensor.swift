import LockstepFormats
import LockstepKernels
import LockstepModel

/// A named tensor of float32: the memory itself, not a copy.
public struct Tensor: Sendable {
  /// What the names of averaged parameters begin with.
  package static let averagePrefix = "average."

  /// `model.<layer path>.<name>`, `optimizer.<slot>.<parameter>` or `average.<parameter>`.
  public let name: String
  /// The length of every axis; none for a single number.
  public let shape: [Int]
  /// The elements, row-major.
  public let values: Vector
  /// Whose memory the elements are in; the tensor keeps it alive.
  public let owner: Arena

  /// A tensor whose elements are `values`, a view into `owner`.
  public init(name: String, shape: [Int], values: Vector, owner: Arena) {
    precondition(shape.reduce(1, *) == values.count, "tensor \(name): shape \(shape) and \(values.count) values")
    (self.name, self.shape, self.values, self.owner) = (name, shape, values, owner)
  }

  init(_ entry: ParameterLayout.Entry, in arena: Arena, prefix: String) {
    self.init(
      name: prefix + entry.name, shape: entry.shape.dimensions, values: arena.vector(entry), owner: arena)
  }

  /// What files say of it.
  public var info: TensorInfo { TensorInfo(name, shape: shape) }

  /// Tensors of these names and shapes in memory of their own, filled with zeros. Every tensor begins on a cache line.
  package static func zeros(_ tensors: [TensorInfo]) -> [Tensor] {
    var offsets: [Int] = []
    var end = 0
    for tensor in tensors {
      offsets.append(end)
      end += Arena.aligned(tensor.count)
    }
    let arena = Arena(count: end)
    return zip(tensors, offsets).map { tensor, offset in
      Tensor(
        name: tensor.name, shape: tensor.shape, values: arena.vector(at: offset, count: tensor.count), owner: arena)
    }
  }
}

extension Network {
  /// Everything that `Trainer.tensors` holds, in its order, known before any memory is taken.
  ///
  /// - Parameters:
  ///   - slots: those of the optimizer.
  ///   - isAveraged: whether there is an average of the weights.
  package func tensors(slots: [String], isAveraged: Bool = false) -> [TensorInfo] {
    func tensors(_ layout: ParameterLayout, _ prefix: String) -> [TensorInfo] {
      layout.entries.map { TensorInfo(prefix + $0.name, shape: $0.shape.dimensions) }
    }
    return tensors(parameters, "model.") + tensors(runningStatistics, "model.")
      + slots.flatMap { tensors(parameters, "optimizer.\($0).") }
      + (isAveraged ? tensors(parameters, Tensor.averagePrefix) : [])
  }
}

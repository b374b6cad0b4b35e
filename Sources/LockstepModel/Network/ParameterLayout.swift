import LockstepKernels

/// Where every tensor of a network stands in an arena: parameters, their gradients and every optimizer slot share one
/// layout, running statistics have their own.
package struct ParameterLayout: Sendable, Equatable {
  /// What a tensor is to its layer. The raw value is its name there.
  package enum Role: String, Sendable, Equatable {
    /// What multiplies a layer's inputs; the only one whose gradient is a matrix product.
    case weight
    case bias
    case gamma
    case beta
    case slope
    case runningMean = "running_mean"
    case runningVariance = "running_variance"
  }

  /// Where a tensor stands: numbers alone, so that whoever computes with it counts no references.
  struct Place: Sendable, Equatable {
    let offset: Int
    /// Of the matrix that the tensor is; see `TensorShape`.
    let rows: Int
    let columns: Int
    /// Where its gradient over one shard stands among those of a shard; nil for a weight, whose gradient is summed over
    /// shards as it is computed.
    let shardOffset: Int?

    var count: Int { rows * columns }
    var range: Range<Int> { offset..<offset + count }
  }

  /// One tensor and its place.
  package struct Entry: Sendable, Equatable {
    /// Layer path and name, such as `dense0.weight`.
    package let name: String
    /// Path of the layer, such as `dense0`.
    package let layer: String
    /// What it is to its layer.
    package let role: Role
    /// Its axes and what they mean.
    package let shape: TensorShape
    /// How it is trained.
    package let training: LayerTraining
    let place: Place

    /// First element in the arena, a multiple of `Arena.alignment`.
    package var offset: Int { place.offset }
    /// Elements.
    package var count: Int { place.count }
    /// Its elements in the arena.
    package var range: Range<Int> { place.range }
    /// Whether weight decay, L1 and L2 act on it unless all parameters are asked for.
    package var decays: Bool { role == .weight }
  }

  /// Elements per block of a sum over parameters; slices of workers begin on a block.
  package static let block = 1024

  /// In the order of the arena, which is that of the layers.
  package private(set) var entries: [Entry] = []
  private var end = 0
  /// Elements of the gradients that every shard keeps apart.
  private(set) var shardCount = 0

  /// A layout of no tensor.
  package init() {}

  /// Elements of an arena of this layout: whole blocks, zero where no tensor stands.
  package var count: Int { blocks * ParameterLayout.block }
  /// Blocks of an arena of this layout.
  package var blocks: Int { (end + ParameterLayout.block - 1) / ParameterLayout.block }
  /// Elements that tensors stand on.
  package var elements: Int { entries.reduce(0) { $0 + $1.count } }

  /// Elements of the tensors that are trained.
  package var trainedElements: Int {
    entries.reduce(0) { $0 + ($1.training.isTrainable ? $1.count : 0) }
  }

  mutating func append(
    layer: String, _ role: Role, _ shape: TensorShape, _ training: LayerTraining = LayerTraining()
  ) -> Entry {
    let place = Place(
      offset: end, rows: shape.rows, columns: shape.columns, shardOffset: role == .weight ? nil : shardCount)
    let entry = Entry(
      name: "\(layer).\(role.rawValue)", layer: layer, role: role, shape: shape, training: training, place: place)
    entries.append(entry)
    end += Arena.aligned(entry.count)
    if role != .weight { shardCount += Arena.aligned(entry.count) }
    return entry
  }

  /// The elements of the slice that worker `worker` of `workers` owns.
  ///
  /// - Parameter part: what the workers share, in whole blocks; nil for all of it.
  package func slice(of worker: Int, workers: Int, in part: Range<Int>? = nil) -> Range<Int> {
    let block = ParameterLayout.block
    let (start, blocks) = ((part?.lowerBound ?? 0) / block, part.map { $0.count / block } ?? blocks)
    let (first, last) = (start + worker * blocks / workers, start + (worker + 1) * blocks / workers)
    return first * block..<last * block
  }
}

extension Arena {
  /// The tensor's elements in the order of memory.
  package func vector(_ entry: ParameterLayout.Entry) -> Vector { vector(at: entry.offset, count: entry.count) }

  /// The tensor as the matrix [rows, columns] of its `TensorShape`.
  package func matrix(_ entry: ParameterLayout.Entry) -> Matrix {
    matrix(at: entry.offset, rows: entry.shape.rows, columns: entry.shape.columns)
  }
}

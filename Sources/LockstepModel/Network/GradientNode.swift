import LockstepKernels

/// A node of the tree over all shards that one team owns whole: some of its shards, and the slot that holds their
/// summed gradients.
///
/// `@unchecked Sendable` as its rows are: each member of the team writes its own part of the slot, and others read it
/// once the backward pass is done. Nothing checks exclusive access to its variables, as there.
final class GradientNode: BatchRows, @unchecked Sendable {
  /// Rows of each of its shards.
  let shardRows: Slots<Int>
  /// The summed gradients, in the layout of the parameters.
  private let slot: Vector
  /// The gradients of its shards' vectors, a shard after the other.
  private let shardGradients: Vector
  private let vectors: [ParameterLayout.Place]
  /// Of the gradients that the present backward pass has summed so far.
  @exclusivity(unchecked) private(set) var largest = Magnitude()

  /// - Parameters:
  ///   - vectors: what has a gradient of every shard.
  ///   - slot: where the sums go, in the layout of the parameters.
  ///   - shardGradients: those of the node's shards, one after the other.
  init(shards: Int, _ storage: RowStorage, vectors: [ParameterLayout.Place], slot: Vector, shardGradients: Vector) {
    shardRows = Slots(repeating: 0, count: shards)
    self.slot = slot
    self.shardGradients = shardGradients
    self.vectors = vectors
    super.init(storage)
  }

  /// A backward pass begins.
  func beginBackward() { largest = Magnitude() }

  /// Takes note of the largest magnitude of a gradient.
  func note(_ magnitude: Magnitude) { largest.note(magnitude) }

  /// Whether the gradients are more than the caches hold between the backward pass and the update: from 8 MiB on. No
  /// bit depends on it.
  var goesPastCaches: Bool { slot.count >= 1 << 21 }

  func weightGradient(_ place: ParameterLayout.Place) -> Matrix {
    slot.matrix(at: place.offset, rows: place.rows, columns: place.columns)
  }

  /// Sums the gradients of the shards' vectors along the tree, as far as they stand in `range` of the parameters.
  func sumVectors(_ range: Range<Int>) {
    let stride = shardGradients.count / shardRows.count
    for vector in vectors {
      let part = vector.range.clamped(to: range)
      guard let start = vector.shardOffset, !part.isEmpty else { continue }
      let sum = slot[part]
      Tree.sum(
        shardGradients, leaves: shardRows.count, stride: stride, at: start + part.lowerBound - vector.offset, into: sum)
      note(sum.largestMagnitude)
    }
  }
}

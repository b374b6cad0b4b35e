import LockstepKernels

/// Where a synchronised BatchNorm's joined values stand in a worker's memory: mean, inverse deviation, dγ, dβ, `stride` apart.
struct JoinPlace: Sendable {
  var offset: Int
  var width: Int
  var stride: Int { Arena.aligned(width) }
}

/// A worker's memory for what it joins from all shards along the tree.
package struct JoinMemory: Sendable {
  private let joined: Arena
  private let scratch: Arena
  private let scratchStride: Int
  /// The gradient slots of all shards, `gradientStride` apart.
  private let gradients: Arena
  private let gradientStride: Int
  private let shards: Int

  init(network: Network, shards: Int, gradients: Arena) {
    self.gradients = gradients
    gradientStride = network.parameters.count
    self.shards = shards
    joined = Arena(count: network.joinCount)
    scratchStride = Arena.aligned(network.widestStatistics)
    // Levels of the tree, each with a mean and an M2.
    let levels = Int.bitWidth - max(shards - 1, 0).leadingZeroBitCount
    scratch = Arena(count: 2 * scratchStride * max(levels, 1))
  }

  func mean(_ place: JoinPlace) -> Vector { part(0, place) }
  func inverseDeviation(_ place: JoinPlace) -> Vector { part(1, place) }
  func gammaGradient(_ place: JoinPlace) -> Vector { part(2, place) }
  func betaGradient(_ place: JoinPlace) -> Vector { part(3, place) }

  private func part(_ index: Int, _ place: JoinPlace) -> Vector {
    joined.vector(at: place.offset + index * place.stride, count: place.width)
  }

  /// The moments of all shards' rows, merged along the tree. The result is a view of scratch, valid until the next call.
  func mergedMoments(of all: [ShardMemory], at place: StatisticsPlace) -> Moments {
    merge(all, 0..<all.count, at: place, level: 0)
  }

  /// The left child may use this node's own level, the right one those above it, so neither overwrites the other.
  private func merge(_ all: [ShardMemory], _ range: Range<Int>, at place: StatisticsPlace, level: Int) -> Moments {
    if range.count == 1 { return all[range.lowerBound].moments(place) }
    let middle = range.lowerBound + Tree.split(range.count)
    let left = merge(all, range.lowerBound..<middle, at: place, level: level)
    let right = merge(all, middle..<range.upperBound, at: place, level: level + 1)
    let offset = 2 * scratchStride * level
    return Moments.merge(
      left, right, intoMean: scratch.vector(at: offset, count: place.width),
      m2: scratch.vector(at: offset + scratchStride, count: place.width))
  }

  /// The tree sum of all shards' gradients of one tensor.
  func sumGradients(_ entry: ParameterLayout.Entry, into sum: Vector) {
    Tree.sum(gradients.all, leaves: shards, stride: gradientStride, at: entry.offset, into: sum)
  }
}

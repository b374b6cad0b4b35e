import LockstepKernels

/// Where a synchronised BatchNorm's joined values stand in a worker's memory.
struct JoinPlace: Sendable {
  /// The two parts of the mean, and 1 / √(variance + epsilon).
  static let parts = 3
  let vectors: ColumnVectors

  init(_ vectors: ColumnVectors) { self.vectors = vectors }

  subscript(columns: Range<Int>) -> JoinPlace { JoinPlace(vectors[columns]) }
}

/// A worker's memory for what it joins from all shards along the tree.
struct JoinMemory: Sendable {
  private let joined: Arena
  private let scratch: Arena
  private let scratchStride: Int
  /// Vectors of scratch of each level of the tree: merged moments, or sums of gradients.
  private static let scratchParts = 3

  init(network: Network, shards: Int) {
    joined = Arena(count: network.joinCount)
    scratchStride = Arena.aligned(network.widestStatistics)
    scratch = Arena(count: Self.scratchParts * scratchStride * Self.levels(shards))
  }

  /// Levels of the tree.
  private static func levels(_ shards: Int) -> Int { max(1, Int.bitWidth - max(shards - 1, 0).leadingZeroBitCount) }

  /// Float32 elements that it takes.
  static func elements(network: Network, shards: Int) -> Int {
    network.joinCount + scratchParts * Arena.aligned(network.widestStatistics) * levels(shards)
  }

  func mean(_ place: JoinPlace) -> Vector { part(0, place) }
  func meanLow(_ place: JoinPlace) -> Vector { part(1, place) }
  func inverseDeviation(_ place: JoinPlace) -> Vector { part(2, place) }

  private func part(_ index: Int, _ place: JoinPlace) -> Vector {
    joined.all[place.vectors.vector(index)]
  }

  /// The moments of the rows of a node's shards, merged along the tree. The result is a view of scratch, or of a shard,
  /// valid until the next call.
  func mergedMoments(of tree: StatisticsTree, in node: Range<Int>, at place: StatisticsPlace) -> Moments {
    merge(tree, node, at: place, level: 0)
  }

  /// Σ dy · x̂ and Σ dy over those rows, summed along the tree; views likewise.
  func summedGradients(
    of tree: StatisticsTree, in node: Range<Int>, at place: StatisticsPlace
  ) -> (gamma: Vector, beta: Vector) {
    sum(tree, node, at: place, level: 0)
  }

  /// The left child may use this node's own level, the right one those above it, so neither overwrites the other.
  private func merge(
    _ tree: StatisticsTree, _ range: Range<Int>, at place: StatisticsPlace, level: Int
  ) -> Moments {
    if let moments = tree.moments(of: range, at: place) { return moments }
    let middle = range.lowerBound + Tree.split(range.count)
    let left = merge(tree, range.lowerBound..<middle, at: place, level: level)
    let right = merge(tree, middle..<range.upperBound, at: place, level: level + 1)
    let space = Moments(
      count: 0, mean: space(0, level, place), meanLow: space(1, level, place), m2: space(2, level, place))
    return Moments.merge(left, right, into: space)
  }

  private func sum(
    _ tree: StatisticsTree, _ range: Range<Int>, at place: StatisticsPlace, level: Int
  ) -> (gamma: Vector, beta: Vector) {
    if let sums = tree.gradientSums(of: range, at: place) { return sums }
    let middle = range.lowerBound + Tree.split(range.count)
    let left = sum(tree, range.lowerBound..<middle, at: place, level: level)
    let right = sum(tree, middle..<range.upperBound, at: place, level: level + 1)
    let (gamma, beta) = (space(0, level, place), space(1, level, place))
    add(left.gamma, right.gamma, into: gamma)
    add(left.beta, right.beta, into: beta)
    return (gamma, beta)
  }

  private func space(_ index: Int, _ level: Int, _ place: StatisticsPlace) -> Vector {
    scratch.vector(at: (Self.scratchParts * level + index) * scratchStride, count: place.width)
  }
}

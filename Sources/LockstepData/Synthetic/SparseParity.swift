import LockstepKernels

/// Features ±1 with equal probability; the class is the parity of a few secret ones: no single feature, nor any set
/// that lacks one of the secret ones, tells anything about it. Features have mean 0 and variance 1 as they are.
struct SparseParity: Dataset {
  let count: Int
  let features: Int
  let task: LearningTask
  let fingerprint: String
  /// The secret features, in the order they were drawn.
  let positions: [Int]
  private let noise: Double
  private let streams: SyntheticStreams

  init(parityBits: Int, noise: Double, _ specification: SyntheticSpecification, seed: UInt64) {
    (count, features, task) = (specification.samples, specification.features, specification.task)
    fingerprint = specification.fingerprint(seed: seed)
    self.noise = noise
    let streams = SyntheticStreams(seed: seed, split: specification.split)
    self.streams = streams
    // A keyed permutation of the features: its first positions are a uniform draw without repetition.
    let order = KeyedPermutation(count: features, stream: streams.task.stream(0))
    positions = (0..<parityBits).map { order[$0] }
  }

  func fill(_ indices: Span<Int>, features x: Matrix, targets y: Matrix) throws(DatasetError) {
    try checkFill(indices, features: x, targets: y)
    withFloatingPointEnvironment { compute(indices, features: x, targets: y) }
  }

  private func compute(_ indices: Span<Int>, features x: Matrix, targets y: Matrix) {
    fillSignRows(indices, key: streams.features, into: x)
    fillParityLabels(x, positions: positions, into: y)
    if noise > 0 { replaceLabels(indices, key: streams.labels, classes: 2, share: noise, in: y) }
  }
}

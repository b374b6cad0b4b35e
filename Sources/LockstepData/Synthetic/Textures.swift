import LockstepKernels
import LockstepModel

/// Pictures of a fine grating whose contrast a coarse one modulates, at random phases, colours and frequencies. The
/// class is the pair of their directions: the fine one's is seen in a patch of a few pixels, the coarse one's only in
/// how the contrast of such patches changes across the picture. At every pixel the mean of every class is 0, and the
/// variance the same, so a linear model knows nothing.
///
/// Standardised numbers are divided by √(¾ · 7/12 + noise²).
struct Textures: Dataset {
  /// More would be told apart by less than their directions vary.
  static let maximumClasses = 64

  let count: Int
  let features: Int
  let shape: Shape
  let task: LearningTask
  let fingerprint: String
  private let classes: Int
  private let streams: SyntheticStreams
  private let kernel: TextureKernel

  init(
    height: Int, width: Int, channels: Int, noise: Double, classes: Int, _ specification: SyntheticSpecification,
    seed: UInt64
  ) {
    (count, features, shape) = (specification.samples, specification.features, specification.shape)
    (task, fingerprint) = (specification.task, specification.fingerprint(seed: seed))
    self.classes = classes
    streams = SyntheticStreams(seed: seed, split: specification.split)
    let variance = TextureKernel.variance * PictureFormat.meanSquareOfColour + noise * noise
    let scale = specification.standardize ? 1 / variance.squareRoot() : 1
    kernel = TextureKernel(
      PictureFormat(
        height: height, width: width, channels: channels, noise: Float(noise * scale), gain: Float(scale)),
      directions: Textures.directions(classes: classes, streams.task), carrier: 0.2...0.3, envelope: 0.05...0.08)
  }

  /// The pairs of the classes: of ⌈√classes⌉ directions of the envelope and as many of the carrier as are needed,
  /// evenly spaced over half a turn from a random one on, a random draw without repetition.
  private static func directions(classes: Int, _ task: RandomKey) -> [(carrier: UInt32, envelope: UInt32)] {
    var envelopes = 1
    while envelopes * envelopes < classes { envelopes += 1 }
    let carriers = (classes + envelopes - 1) / envelopes
    let first = task.stream(0).words(count: 2)
    let order = KeyedPermutation(count: carriers * envelopes, stream: task.stream(1))
    return (0..<classes).map { k in
      let (envelope, carrier) = order[k].quotientAndRemainder(dividingBy: carriers)
      let half = 1 << 31
      return (
        first[0] &+ UInt32(carrier * half / carriers), first[1] &+ UInt32(envelope * half / envelopes)
      )
    }
  }

  func fill(_ indices: Span<Int>, features x: Matrix, targets y: Matrix) throws(DatasetError) {
    try checkFill(indices, features: x, targets: y)
    withFloatingPointEnvironment { compute(indices, features: x, targets: y) }
  }

  private func compute(_ indices: Span<Int>, features x: Matrix, targets y: Matrix) {
    fillClassLabels(indices, key: streams.labels, classes: classes, into: y)
    fillNormalRows(indices, key: streams.features, into: x)
    kernel.draw(indices, key: streams.labels, labels: y, into: x)
  }
}

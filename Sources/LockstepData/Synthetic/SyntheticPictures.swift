import LockstepKernels
import LockstepModel

/// Labelled pictures, each drawn over its noise from (seed, split, index) alone: `Textures` and `Drawings` say how.
struct SyntheticPictures: Dataset {
  let count: Int
  let features: Int
  let shape: Shape
  let task: LearningTask
  let fingerprint: String
  private let classes: Int
  private let streams: SyntheticStreams
  private let kernel: any PictureKernel

  init(
    _ specification: SyntheticSpecification, seed: UInt64, classes: Int, _ streams: SyntheticStreams,
    _ kernel: any PictureKernel
  ) {
    (count, features, shape) = (specification.samples, specification.features, specification.shape)
    (task, fingerprint) = (specification.task, specification.fingerprint(seed: seed))
    (self.classes, self.streams, self.kernel) = (classes, streams, kernel)
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

extension PictureFormat {
  /// Of pictures whose pattern has this mean square, under noise.
  ///
  /// - Parameter isStandardized: whether their numbers are divided by the root of their mean square.
  init(_ settings: SyntheticSpecification.Generator.PictureSettings, meanSquare: Double, isStandardized: Bool) {
    let variance = meanSquare + settings.noise * settings.noise
    let scale = isStandardized ? 1 / variance.squareRoot() : 1
    self.init(
      height: settings.height, width: settings.width, channels: settings.channels,
      noise: Float(settings.noise * scale), gain: Float(scale))
  }
}

import LockstepDeclarations
import LockstepKernels
import LockstepModel
import TestSupport
import Testing

/// The gradients of layers of images against central differences in Double, over odd shapes, uneven and empty shards.
@Suite struct ImageGradientTests {
  private static let image = Shape.image(height: 5, width: 4, channels: 3)

  @Test(arguments: [
    GradientCase("alone", input: image, Conv2D(2, kernel: 3), Flatten(), Dense(2)),
    GradientCase("nothing else", input: image, Conv2D(2, kernel: Extent(5, 4)), Flatten()),
    GradientCase(
      "same", input: image, rows: 3, shards: 4, Conv2D(4, kernel: Extent(2, 3), padding: .same), Flatten(), Dense(1)),
    GradientCase(
      "stride", input: image, Conv2D(3, kernel: 3, stride: 2, padding: .same, bias: false), Tanh(), Flatten()),
    GradientCase(
      "strides apart", input: image, Conv2D(3, kernel: Extent(2, 1), stride: Extent(1, 3), padding: .same), Flatten()),
    GradientCase("dilation", input: image, Conv2D(2, kernel: 2, dilation: Extent(3, 2)), ELU(), Flatten(), Dense(2)),
    GradientCase(
      "two", input: image, rows: 6, shards: 3, Conv2D(3, kernel: 3, padding: .same), ReLU(), Conv2D(2, kernel: 2),
      SiLU(), Flatten(), Dense(2)),
    GradientCase(
      "seventeen filters", input: .image(height: 3, width: 3, channels: 17), rows: 2, shards: 2,
      Conv2D(19, kernel: 2, padding: .same), GlobalAveragePool(), Dense(1)),
  ])
  func convolution(_ trial: GradientCase) throws { try trial.check() }

  @Test(arguments: [
    GradientCase("alone", input: image, DepthwiseConv2D(kernel: 3), Flatten(), Dense(2)),
    GradientCase("same", input: image, DepthwiseConv2D(kernel: Extent(3, 2), padding: .same, bias: false), Flatten()),
    GradientCase(
      "stride and neighbours", input: image, rows: 7, shards: 3, Conv2D(5, kernel: 2, padding: .same), SELU(),
      DepthwiseConv2D(kernel: 3, stride: 2, padding: .same), Softplus(), Conv2D(2, kernel: 1), Flatten()),
  ])
  func depthwise(_ trial: GradientCase) throws { try trial.check() }

  @Test(arguments: [
    GradientCase("max", input: image, Conv2D(3, kernel: 2, padding: .same), MaxPool(2), Flatten(), Dense(2)),
    GradientCase(
      "max that overlaps", input: image, Conv2D(2, kernel: 1), MaxPool(3, stride: 1, padding: .same), Flatten()),
    GradientCase("max of nothing trained", input: image, MaxPool(2), Flatten(), Dense(2)),
    GradientCase("average", input: image, Conv2D(3, kernel: 2), AveragePool(Extent(2, 1)), Tanh(), Flatten(), Dense(1)),
    GradientCase(
      "average at edges", input: image, Conv2D(2, kernel: 1), AveragePool(3, stride: 2, padding: .same), Flatten()),
    GradientCase(
      "global", input: image, rows: 4, shards: 3, Conv2D(4, kernel: 2), ReLU(), GlobalAveragePool(), Dense(2)),
    GradientCase("global alone", input: image, Conv2D(3, kernel: 2), GlobalAveragePool()),
  ])
  func pooling(_ trial: GradientCase) throws { try trial.check() }

  @Test(arguments: BatchNorm.Statistics.allCases)
  func batchNorm(_ statistics: BatchNorm.Statistics) throws {
    let norm = BatchNorm(statistics: statistics, epsilon: 0.01)
    for (rows, shards) in [(5, 2), (4, 1), (7, 3)] {
      try GradientCase(
        "after a convolution", input: Self.image, rows: rows, shards: shards, Conv2D(3, kernel: 2), norm, ReLU(),
        Flatten(), Dense(2)
      ).check()
      try GradientCase(
        "first, and behind a pool", input: Self.image, rows: rows, shards: shards, norm, Conv2D(2, kernel: 2),
        AveragePool(2, stride: 1), norm, Tanh(), GlobalAveragePool(), Dense(2)
      ).check()
    }
    try GradientCase(
      "frozen", input: Self.image, Conv2D(3, kernel: 2), norm.frozen(), ELU(), Flatten(), Dense(2)
    ).check()
  }

  @Test(arguments: [
    GradientCase("a slope a channel", input: image, Conv2D(3, kernel: 2), PReLU(), Flatten(), Dense(2)),
    GradientCase("one slope", input: image, Conv2D(3, kernel: 2), PReLU(slopes: .shared), Flatten(), Dense(2)),
    GradientCase("drawn slopes", input: image, Conv2D(3, kernel: 2), RReLU(), Flatten(), Dense(2)),
    GradientCase("dropout", input: image, Dropout(rate: 0.3), Conv2D(3, kernel: 2), AlphaDropout(rate: 0.2), Flatten()),
    GradientCase(
      "channels dropped", input: image, Conv2D(7, kernel: 2), SpatialDropout(rate: 0.4), ReLU(), Flatten(), Dense(2)),
    GradientCase("first", input: image, SpatialDropout(rate: 0.4), Conv2D(2, kernel: 2), Flatten()),
  ])
  func elementwise(_ trial: GradientCase) throws { try trial.check() }

  @Test(arguments: [
    GradientCase(
      "identity", input: image, Conv2D(2, kernel: 1), residual(Conv2D(2, kernel: 3, padding: .same), Tanh()), ReLU(),
      Flatten(), Dense(1)),
    GradientCase(
      "projection", input: image, rows: 6, shards: 3, Conv2D(2, kernel: 2, padding: .same), ELU(),
      residual(
        [Conv2D(4, kernel: 3, stride: 2, padding: .same), BatchNorm(epsilon: 0.01), Tanh(), Conv2D(4, kernel: 1)],
        projection: [Conv2D(4, kernel: 1, stride: 2, padding: .same)]), ReLU(), Flatten(), Dense(2)),
    GradientCase(
      "first", input: image,
      residual([Conv2D(4, kernel: 2)], projection: [Conv2D(4, kernel: 1), AveragePool(2, stride: 1)]),
      SiLU(), GlobalAveragePool()),
    GradientCase(
      "nothing learns but the projection", input: image,
      residual([MaxPool(2, stride: 1)], projection: [Conv2D(3, kernel: 2)]), Flatten()),
    GradientCase(
      "nothing learns but the layers", input: image,
      residual([Conv2D(3, kernel: 2)], projection: [MaxPool(2, stride: 1)]), Flatten(), Dense(2)),
    GradientCase(
      "of dense layers", features: 4, residual([Dense(6), Tanh(), Dense(3)], projection: [Dense(3)]), Dense(2)),
    GradientCase(
      "one in another", input: image, Conv2D(2, kernel: 2),
      residual(
        [residual([Conv2D(3, kernel: 2, padding: .same), PReLU()], projection: [Conv2D(3, kernel: 1)]), MaxPool(2)],
        projection: [residual(Conv2D(2, kernel: 1)), Conv2D(3, kernel: 2, stride: 2)]),
      GlobalAveragePool(), Dense(2)),
    GradientCase(
      "two after the other", input: image, Conv2D(2, kernel: 2),
      residual([Conv2D(3, kernel: 1), ReLU()], projection: [Conv2D(3, kernel: 1)]),
      residual([Conv2D(2, kernel: 1), ReLU()], projection: [Conv2D(2, kernel: 1)]), Flatten()),
  ])
  func residuals(_ trial: GradientCase) throws { try trial.check() }
}

import LockstepDeclarations
import LockstepKernels
import Testing

@testable import LockstepModel

/// Where a window may stand: the rule of TensorFlow,
/// https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2
@Suite struct WindowTests {
  /// Positions, and zeros before the first pixel, for (pixels, kernel, stride, dilation).
  @Test(
    arguments: [
      ((13, 6, 5, 1), valid: (2, 0), same: (3, 1)),
      ((28, 3, 1, 1), valid: (26, 0), same: (28, 1)),
      ((28, 2, 2, 1), valid: (14, 0), same: (14, 0)),
      ((5, 2, 2, 1), valid: (2, 0), same: (3, 0)),
      ((32, 3, 2, 1), valid: (15, 0), same: (16, 0)),
      ((7, 3, 2, 1), valid: (3, 0), same: (4, 1)),
      ((8, 3, 1, 2), valid: (4, 0), same: (8, 2)),
      ((3, 1, 2, 1), valid: (2, 0), same: (2, 0)),
      ((1, 5, 1, 1), valid: nil, same: (1, 2)),
      ((4, 3, 1, 2), valid: nil, same: (4, 2)),
    ] as [((Int, Int, Int, Int), valid: (Int, Int)?, same: (Int, Int))])
  func positions(_ numbers: (Int, Int, Int, Int), _ valid: (Int, Int)?, _ same: (Int, Int)) throws {
    let (pixels, kernel, stride, dilation) = numbers
    for padding in Padding.allCases {
      // The other axis has nothing to do with it.
      let window = Window(
        kernel: Extent(kernel, 1), stride: Extent(stride, 1), padding: padding, dilation: Extent(dilation, 1))
      let expected = padding == .valid ? valid : same
      let shape = window.over(Extent(pixels, 3), channels: 2, filters: 5)
      #expect(shape?.output.height == expected?.0 && shape?.padding.height == expected?.1, "\(padding)")
      guard let shape else { continue }
      #expect(shape.output.width == 3 && shape.padding.width == 0 && shape.filters == 5 && shape.channels == 2)
    }
  }

  /// What does not fit is said with the shapes of all layers before.
  @Test(arguments: [
    (Layer.convolution(Conv2D(2, kernel: 9)), "an image of 8 × 6", "input 8 × 6 × 3, max_pool0 8 × 6 × 3"),
    (MaxPool(Extent(1, 7)).layer, "smaller than the 1 × 7", "input 8 × 6 × 3"),
    (.dense(Dense(3)), "an image of 8 × 6 × 3, expected features: put `flatten`", "max_pool0 8 × 6 × 3"),
    (
      .residual([.convolution(Conv2D(4, kernel: 1))]), "turn 8 × 6 × 3 units into 8 × 6 × 4",
      "residual0.conv2d0 8 × 6 × 4"
    ),
    (
      .residual([.convolution(Conv2D(4, kernel: 1))], projection: [.convolution(Conv2D(5, kernel: 1))]),
      "into 8 × 6 × 4, but its projection gives 8 × 6 × 5", "residual0.projection.conv2d0 8 × 6 × 5"
    ),
  ])
  func misfits(_ layer: Layer, _ problem: String, _ shapes: String) throws {
    let model = Model(
      input: .image(height: 8, width: 6, channels: 3),
      layers: [MaxPool(1).layer, layer, .flatten, .dense(Dense(1))])
    let error = try #require(throws: ModelError.self) { try Network(model, seed: 1) }
    #expect(error.problem.contains(problem) && error.shapes.contains(shapes), "\(error)")
    #expect(error.description.contains(shapes))
  }

  /// Numbers beyond all measure are errors like others: nothing overflows.
  @Test(arguments: [
    (Conv2D(1, kernel: Extent(.max, 2), padding: .same).layer, "found a kernel of \(Int.max) × 2, expected 1 to 4096"),
    (Conv2D(1, kernel: 0).layer, "found a kernel of 0 × 0"),
    (Conv2D(.max, kernel: 3).layer, "weights, expected at most 2³⁴"),
    (Conv2D(1 << 24, kernel: 4096, padding: .same).layer, "weights, expected at most 2³⁴"),
    (Conv2D(1, kernel: 2, padding: .same, dilation: Extent(1, .max)).layer, "found a dilation of 1 × \(Int.max)"),
    (DepthwiseConv2D(kernel: Extent(1, -1)).layer, "found a kernel of 1 × -1"),
    (MaxPool(2, stride: Extent(.max, 1)).layer, "found a stride of \(Int.max) × 1"),
    (AveragePool(Extent(.max, .max)).layer, "found a kernel of"),
    (Conv2D(1 << 22, kernel: 1).layer, "expected at most 16777216"),
    (Dense(.max).layer, "expected features"),
  ])
  func nothingOverflows(_ layer: Layer, _ problem: String) throws {
    let model = Model(input: .image(height: 8, width: 6, channels: 3), layers: [layer, .flatten, .dense(Dense(1))])
    let error = try #require(throws: ModelError.self) { try Network(model, seed: 1) }
    #expect(error.problem.contains(problem), "\(error)")
  }

  @Test(arguments: [
    Layer.convolution(Conv2D(2, kernel: 1)), .depthwiseConvolution(DepthwiseConv2D(kernel: 1)), MaxPool(1).layer,
    AveragePool(1).layer, .globalAveragePool, .spatialDropout(SpatialDropout(rate: 0.1)),
  ])
  func featuresAreNoImage(_ layer: Layer) throws {
    let error = try #require(throws: ModelError.self) {
      try Network(Model(features: 4, layers: [.dense(Dense(3)), layer, .dense(Dense(1))]), seed: 1)
    }
    #expect(error.problem.contains("found 3 features, expected an image"), "\(error)")
  }
}

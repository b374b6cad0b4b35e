import LockstepDeclarations
import LockstepKernels
import LockstepModel
import LockstepTraining
import SampleSupport
import TestSupport
import Testing

/// Initialisation by data of convolutions: variances over rows and positions against a forward pass in Double that is
/// written here, and filters that are orthonormal.
@Suite struct ImageLSUVTests {
  private static let image = Shape.image(height: 6, width: 5, channels: 2)
  private static let data = TestData(samples: 96, shape: image, task: .regression(targets: 2))

  private static func trainer(
    _ model: Model, batch: Int = 32, shards: Int = 4, threads: Int = 2, lsuv: LSUV = LSUV(tolerance: 0.01, samples: 64)
  ) throws -> Trainer {
    let trainer = try Trainer(
      model, loss: .meanSquaredError, optimizer: .sgd(learningRate: 1e-3),
      options: Trainer.Options(batch: batch, shards: shards, threads: .count(threads), seed: 3, lsuv: lsuv))
    try trainer.attach(data)
    return trainer
  }

  /// Convolutions one behind the other, every third depthwise.
  private static func deep(_ activation: ActivationFunction, depth: Int) -> Model {
    Model(input: image) {
      for layer in 0..<depth {
        if layer % 3 == 2 {
          DepthwiseConv2D(kernel: 3, padding: .same)
        } else {
          Conv2D(12, kernel: 3, padding: .same)
        }
        Activation.function(activation)
      }
      Flatten()
      Dense(2)
    }
  }

  @Test(arguments: [ActivationFunction.selu, .relu, .tanh])
  func everyConvolutionHasVarianceOne(_ activation: ActivationFunction) throws {
    let depth = 24
    let trainer = try Self.trainer(Self.deep(activation, depth: depth))
    try trainer.initializeFromData()
    let sampler = try #require(trainer.sampler)
    let samples = (0..<2).flatMap { step in (0..<32).map { sampler.sample(step, row: $0) } }
    var value = try Rows(Self.data, samples).features.flatMap { $0.map(Double.init) }
    var channels = 2
    for layer in 0..<depth {
      let isDepthwise = layer % 3 == 2
      let path = isDepthwise ? "depthwise_conv2d\(layer / 3)" : "conv2d\(layer - layer / 3)"
      let weight = try trainer.tensor("model.\(path).weight").array.map(Double.init)
      let bias = try trainer.tensor("model.\(path).bias").array.map(Double.init)
      let shape = ConvolutionShape(
        image: Extent(6, 5), channels: channels, filters: isDepthwise ? channels : 12, kernel: 3,
        padding: Extent(1, 1), output: Extent(6, 5))
      value =
        isDepthwise
        ? Reference.depthwiseConvolution(value, weight: weight, bias: bias, images: 64, shape: shape)
        : Reference.convolution(value, weight: weight, bias: bias, images: 64, shape: shape)
      channels = 12
      #expect(abs(moments(value).variance - 1) < 0.01 + 1e-4, "\(activation), \(path)")
      value = value.map { Reference.value(of: activation, at: $0) }
    }
  }

  /// As a matrix [window, filters] its rows or columns are orthogonal, and of one length.
  @Test func filtersAreOrthogonal() throws {
    let model = Model(input: Self.image) {
      Conv2D(31, kernel: 3, initializer: .zeros)
      Conv2D(5, kernel: Extent(1, 2), initializer: .heNormal)
      DepthwiseConv2D(kernel: 2)
      Flatten()
      Dense(2)
    }
    let trainer = try Self.trainer(model)
    try trainer.initializeFromData()
    for (name, rows, columns) in [("conv2d0", 18, 31), ("conv2d1", 62, 5), ("depthwise_conv2d0", 4, 5)] {
      let weight = try trainer.tensor("model.\(name).weight").array.map(Double.init)
      let isTall = rows >= columns
      let vectors = (0..<min(rows, columns)).map { v in
        (0..<max(rows, columns)).map { isTall ? weight[$0 * columns + v] : weight[v * columns + $0] }
      }
      let length = vectors[0].reduce(0) { $0 + $1 * $1 }
      for (i, a) in vectors.enumerated() {
        for (j, b) in vectors.enumerated() {
          let product = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
          expectClose(actual: product / length, expected: i == j ? 1 : 0, absolute: 1e-5, "\(name) \(i) \(j)")
        }
      }
    }
  }

  private static let mixed = Model(input: image) {
    Conv2D(9, kernel: 3, padding: .same, bias: false)
    BatchNorm()
    RReLU()
    SpatialDropout(rate: 0.2)
    Residual {
      Conv2D(9, kernel: 3, padding: .same)
      BatchNorm(statistics: .batch)
      PReLU()
    }
    MaxPool(2)
    Flatten()
    Dense(2)
  }

  @Test(arguments: [96, 20])
  func bitsDoNotDependOnThreads(samples: Int) throws {
    for shards in [3, 8] {
      var first: TrainedBits?
      for threads in [1, 2, 3, 8] {
        let trainer = try Self.trainer(
          Self.mixed, shards: shards, threads: threads, lsuv: LSUV(tolerance: 0.01, samples: samples))
        let bits = TrainedBits(trainer, try (0..<3).map { _ in try trainer.step() })
        if let first { #expect(bits.difference(from: first) == nil, "\(threads) threads") } else { first = bits }
      }
    }
  }
}

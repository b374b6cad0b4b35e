import LockstepDeclarations
import LockstepKernels
import LockstepModel
import LockstepTraining
import SampleSupport
import TestSupport
import Testing

/// A look at the layers of images during a step, against a forward pass written here.
@Suite struct ImageLayerObserverTests {
  private static let image = Shape.image(height: 5, width: 4, channels: 2)
  private static let data = TestData(samples: 100, shape: image, task: .classification(classes: 3))
  private static let model = Model(input: image) {
    Conv2D(37, kernel: 3, padding: .same, biasInitializer: .normal(mean: -4, stddev: 2))
    ReLU()
    MaxPool(2)
    Conv2D(19, kernel: 2, biasInitializer: .normal(mean: -1, stddev: 1))
    PReLU()
    Flatten()
    Dense(33)
    LeakyReLU(negativeSlope: 0.1)
    Dense(3)
  }

  private static func trainer(threads: Int, shards: Int = 4) throws -> Trainer {
    let trainer = try Trainer(
      model, loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: 0.1), batch: 8, shards: shards, threads: threads,
      seed: 3)
    try trainer.attach(data)
    return trainer
  }

  /// A channel is dead where no row passes it at any position; a signal is over all positions.
  @Test(arguments: [1, 2, 3, 8])
  func deadAreChannels(threads: Int) throws {
    let trainer = try Self.trainer(threads: threads)
    for step in 0..<3 {
      func tensor(_ name: String) throws -> [Double] { try trainer.tensor("model.\(name)").array.map(Double.init) }
      let batch = try #require(trainer.sampler).batch(at: step)
      let x = try Rows(Self.data, (0..<8).map { batch.sample($0) }).features.flatMap { $0.map(Double.init) }
      var (dead, signals): ([Double], [Double]) = ([], [])
      func look(_ z: [Double], _ y: [Double], channels: Int) {
        let count = (0..<channels).count { c in stride(from: c, to: z.count, by: channels).allSatisfy { z[$0] <= 0 } }
        dead.append(Double(count) / Double(channels))
        signals.append((y.reduce(0) { $0 + $1 * $1 } / Double(y.count)).squareRoot())
      }
      let first = Reference.convolution(
        x, weight: try tensor("conv2d0.weight"), bias: try tensor("conv2d0.bias"), images: 8,
        shape: ConvolutionShape(
          image: Extent(5, 4), channels: 2, filters: 37, kernel: 3, padding: Extent(1, 1), output: Extent(5, 4)))
      look(first, first.map { max(0, $0) }, channels: 37)
      let pooled = Reference.maxPool(
        first.map { max(0, $0) }, images: 8,
        shape: ConvolutionShape(image: Extent(5, 4), channels: 37, kernel: 2, stride: 2, output: 2))
      let second = Reference.convolution(
        pooled, weight: try tensor("conv2d1.weight"), bias: try tensor("conv2d1.bias"), images: 8,
        shape: ConvolutionShape(image: 2, channels: 37, filters: 19, kernel: 2, output: 1))
      let passed = Reference.parametricReLU(second, slope: try tensor("prelu0.slope"), columns: 19)
      look(second, passed, channels: 19)
      let third = Reference.dense(
        passed, weight: try tensor("dense0.weight"), bias: try tensor("dense0.bias"), rows: 8, inputs: 19, units: 33)
      look(third, third.map { $0 > 0 ? $0 : 0.1 * $0 }, channels: 33)
      let layers = try #require(try trainer.step(observingLayers: true).layers)
      let rectifiers = layers.filter { $0.dead != nil }
      #expect(rectifiers.map(\.name) == ["relu0", "prelu0", "leaky_relu0"])
      #expect(rectifiers.map(\.dead) == dead, "step \(step)")
      #expect(dead[0] > 0 && dead[0] < 1)
      let weighted = layers.filter { $0.signal != nil }
      #expect(weighted.map(\.name) == ["conv2d0", "conv2d1", "dense0", "dense1"])
      expectClose(actual: weighted.prefix(3).compactMap(\.signal), expected: signals, relative: 1e-5, "step \(step)")
    }
  }

  /// Looking or not, on any number of threads, the bits are the same, and so is what is seen.
  @Test func bitsAreThoseOfAStepUnseen() throws {
    let unseen = try Self.trainer(threads: 2)
    let expected = TrainedBits(unseen, try (0..<4).map { _ in try unseen.step() })
    var first: [[LayerFigures]]?
    for threads in [1, 2, 3, 5, 8] {
      let trainer = try Self.trainer(threads: threads)
      let steps = try (0..<4).map { _ in try trainer.step(observingLayers: true) }
      #expect(TrainedBits(trainer, steps).difference(from: expected) == nil, "\(threads) threads")
      #expect(first == nil || steps.compactMap(\.layers) == first, "\(threads) threads")
      first = steps.compactMap(\.layers)
    }
  }
}

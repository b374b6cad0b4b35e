import LockstepDeclarations
import LockstepKernels
import LockstepModel
import SampleSupport
import TestSupport
import Testing

@testable import LockstepTraining

/// What a diagnosis finds of images: figures channel by channel, against a forward pass written here, and receptive
/// fields that are known.
@Suite struct ImageDiagnosisTests {
  private static let image = Shape.image(height: 6, width: 5, channels: 2)

  private static func trainer(
    _ model: Model, threads: Int = 2, shards: Int = 2, batch: Int = 8, samples: Int = 32
  ) throws -> Trainer {
    let trainer = try Trainer(
      model, loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: 0.01, momentum: 0.9), batch: batch,
      shards: shards, threads: threads, seed: 5)
    try trainer.attach(TestData(samples: samples, shape: model.input, task: .classification(classes: 3)))
    return trainer
  }

  private static func inputs(_ trainer: Trainer, batches: Int) throws -> [Double] {
    let sampler = try #require(trainer.sampler)
    let data = TestData(samples: 32, shape: image, task: .classification(classes: 3))
    let order = (0..<batches).flatMap { step in (0..<8).map { sampler.sample(step, row: $0) } }
    return try Rows(data, order).features.flatMap { $0.map(Double.init) }
  }

  /// Biases far below 0 kill some channels: at all positions of all samples, where single units are 0 all over.
  @Test func channelsAreCountedOverAllPositions() throws {
    let model = Model(input: Self.image) {
      Conv2D(7, kernel: 3, padding: .same, initializer: .heNormal, biasInitializer: .normal(mean: -4, stddev: 3))
      ReLU()
      Flatten()
      Dense(3)
    }
    let trainer = try Self.trainer(model)
    let z = Reference.convolution(
      try Self.inputs(trainer, batches: 4), weight: try trainer.tensor("model.conv2d0.weight").array.doubles,
      bias: try trainer.tensor("model.conv2d0.bias").array.doubles, images: 32,
      shape: ConvolutionShape(
        image: Extent(6, 5), channels: 2, filters: 7, kernel: 3, padding: Extent(1, 1), output: Extent(6, 5)))
    let channels = (0..<7).map { c in stride(from: c, to: z.count, by: 7).map { z[$0] } }
    let stage = try #require(Diagnosis.measure(trainer, steps: 0).stages.first)
    let layer = try #require(stage.layers.first { $0.name == "relu0" })
    let dead = channels.map { $0.allSatisfy { $0 <= 0 } }
    #expect(layer.channels.map(\.isDead) == dead && layer.dead == Double(dead.count { $0 }) / 7)
    #expect(dead.contains(true) && dead.contains(false))
    #expect(layer.units == 210 && layer.shape == .image(height: 6, width: 5, channels: 7))
    let expected = channels.map { ($0.reduce(0) { $0 + max(0, $1) * max(0, $1) } / 960).squareRoot() }
    expectClose(actual: layer.channels.compactMap(\.rms), expected: expected, relative: 1e-5)
    // Mean squares of the channels average to the layer's.
    let gradient = layer.channels.compactMap(\.gradientRMS).reduce(0) { $0 + $1 * $1 } / 7
    expectClose(actual: gradient.squareRoot(), expected: layer.gradientRMS ?? 0, absolute: 0, relative: 1e-12)
    #expect(layer.channels.allSatisfy { $0.saturated == nil })
    #expect(stage.layers.first { $0.name == "dense0" }?.channels == [])
    #expect(zip(layer.channels, dead).allSatisfy { $1 ? $0.gradientRMS != nil && $0.rms == 0 : $0.rms ?? 0 > 0 })
  }

  @Test func saturatedChannels() throws {
    let model = Model(input: Self.image) {
      Conv2D(4, kernel: 1, initializer: .normal(mean: 0, stddev: 3))
      Tanh()
      GlobalAveragePool()
      Dense(3)
    }
    let stage = try #require(Diagnosis.measure(Self.trainer(model), steps: 0).stages.first)
    let shares = stage.layers[1].channels.compactMap(\.saturated)
    #expect(shares.count == 4 && Set(shares).count > 1)
    expectClose(
      actual: shares.reduce(0, +) / 4, expected: stage.layers[1].saturated ?? 0, absolute: 0, relative: 1e-12)
    #expect(stage.layers[0].channels.allSatisfy { $0.saturated == nil && $0.isDead == nil })
  }

  /// A rectifier at the beginning of a projection reads what the residual reads, not what its layers give.
  @Test func deadChannelsOfAProjectionAreThoseOfTheSkip() throws {
    let model = Model(
      input: Self.image,
      layers: [
        Conv2D(4, kernel: 1, biasInitializer: .constant(-100)).layer,
        .residual(
          [Conv2D(3, kernel: 1, initializer: .zeros, biasInitializer: .constant(100)).layer],
          projection: [ReLU().layer, Conv2D(3, kernel: 1).layer]),
        ReLU().layer, Flatten().layer, Dense(3).layer,
      ])
    let stage = try #require(Diagnosis.measure(Self.trainer(model), steps: 0).stages.first)
    #expect(stage.layers.first { $0.name == "residual0.projection.relu0" }?.dead == 1)
    #expect(stage.layers.first { $0.name == "relu0" }?.dead == 0)
  }

  // MARK: Receptive fields

  /// Equal weights and no activation: the gradient along an axis is that of `depth` boxes of three, the trinomial
  /// coefficients, so that it grows with the root of the depth — Luo et al. 2016, section 2.1.
  @Test(arguments: [1, 2, 5, 12])
  func equalWeightsSeeATrinomial(depth: Int) throws {
    let side = 2 * depth + 5
    let model = Model(input: .image(height: side, width: side + 2, channels: 1)) {
      for _ in 0..<depth { Conv2D(1, kernel: 3, padding: .same, initializer: .constant(1.0 / 9), bias: false) }
      Flatten()
      Dense(3)
    }
    var coefficients = [1.0]
    for _ in 0..<depth {
      let padded: [Double] = [0, 0] + coefficients + [0, 0]
      coefficients = (0..<coefficients.count + 2).map { padded[$0...$0 + 2].reduce(0, +) }
    }
    let total = coefficients.reduce(0, +)
    var (expected, cut) = (coefficients.count, 0.0)
    // Symmetric with one peak: the shortest run loses the smaller end, one after the other.
    for index in 0..<coefficients.count {
      cut += coefficients[index / 2]
      if cut > 0.05 * total { break }
      expected -= 1
    }
    let field = try #require(Diagnosis.measure(Self.trainer(model), steps: 0).stages.first?.receptiveField)
    #expect(field.layer == "conv2d\(depth - 1)" && field.image == Extent(side, side + 2))
    #expect(field.theoretical == Extent(2 * depth + 1, 2 * depth + 1))
    #expect(field.effective == Extent(expected, expected))
  }

  /// A network of zeros sees nothing, whatever theory allows; else it is the taps that count.
  @Test func whatCountsIsWhatIsPassed() throws {
    func field(_ initializer: Initializer, kernel: Extent) throws -> Diagnosis.ReceptiveField? {
      let model = Model(input: Self.image) {
        Conv2D(3, kernel: kernel, padding: .same, dilation: 2, initializer: initializer)
        ReLU()
        GlobalAveragePool()
        Dense(3)
      }
      return try Diagnosis.measure(Self.trainer(model), steps: 0).stages.first?.receptiveField
    }
    #expect(try field(.constant(0), kernel: 3)?.effective == nil)
    #expect(try field(.constant(0), kernel: 3)?.theoretical == 5)
    #expect(try field(.constant(1), kernel: 1)?.effective == 1)
    #expect(try field(.constant(1), kernel: Extent(3, 1))?.effective == Extent(5, 1))
  }

  @Test func theShortestRunHoldsTheShare() {
    #expect(FieldRecord.side(of: [0, 0, 0]) == nil && FieldRecord.side(of: [1, .nan]) == nil)
    #expect(FieldRecord.side(of: [0, 7, 0]) == 1 && FieldRecord.side(of: [1, 1, 1]) == 3)
    #expect(FieldRecord.side(of: [1, 0, 50, 48, 1]) == 2 && FieldRecord.side(of: [0.04, 0.9, 0.06]) == 2)
  }

  // MARK: The promise

  private static let everything = Model(input: image) {
    Conv2D(6, kernel: 3, padding: .same, bias: false)
    BatchNorm()
    PReLU()
    SpatialDropout(rate: 0.2)
    Residual {
      DepthwiseConv2D(kernel: 3, padding: .same)
      BatchNorm(statistics: .batch)
      ReLU()
    }
    MaxPool(2)
    Conv2D(4, kernel: 2, padding: .same)
    Tanh()
    GlobalAveragePool()
    Dense(3)
  }

  @Test func figuresDoNotDependOnThreads() throws {
    let expected = try Diagnosis.measure(Self.trainer(Self.everything, threads: 1, shards: 4), steps: 5)
    #expect(expected.stages.count == 2 && expected.stages.allSatisfy { $0.receptiveField?.effective != nil })
    for threads in [2, 3, 4, 8] {
      let found = try Diagnosis.measure(Self.trainer(Self.everything, threads: threads, shards: 4), steps: 5)
      #expect(found == expected, "\(threads)")
    }
  }

  /// Looking, at the receptive field too, changes nothing.
  @Test func trainingKeepsItsBits() throws {
    let (plain, watched) = (try Self.trainer(Self.everything), try Self.trainer(Self.everything))
    let losses = try (0..<5).map { _ in try plain.step().loss }
    var seen: [Double] = []
    _ = try Diagnosis.measure(watched, steps: 5) { seen.append($0.loss) }
    #expect(seen == losses && plain.tensorBits == watched.tensorBits)
  }
}

import LockstepKernels
import LockstepModel
import LockstepTraining
import TestSupport
import Testing

/// What a diagnosis finds, on networks whose fate is known.
@Suite struct DiagnosisTests {
  private static func stack(
    _ depth: Int, _ activation: Activation, _ initializer: Initializer, width: Int = 32, bias: Initializer = .zeros
  ) -> Model {
    Model(features: 16) {
      for _ in 0..<depth {
        Dense(width, initializer: initializer, biasInitializer: bias)
        activation
      }
      Dense(3)
    }
  }

  private static func trainer(
    _ model: Model, rate: Double = 0.01, threads: Int = 2, shards: Int = 8, batch: Int = 64, samples: Int = 1500
  ) throws -> Trainer {
    let trainer = try Trainer(
      model, loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: rate, momentum: 0.9), batch: batch,
      shards: shards, threads: threads, seed: 5)
    try trainer.attach(TestData(samples: samples, features: model.features, task: .classification(classes: 3)))
    return trainer
  }

  private func measure(_ model: Model, steps: Int = 0, rate: Double = 0.01) throws -> Diagnosis {
    try Diagnosis.measure(Self.trainer(model, rate: rate), steps: steps)
  }

  // MARK: Verdicts

  @Test(arguments: [20, 100])
  func reluWithHeIsHealthy(depth: Int) throws {
    let stage = try #require(measure(Self.stack(depth, .relu, .heNormal, width: 64)).stages.first)
    #expect(stage.verdicts == [.healthy])
    #expect((0.9...1.1).contains(stage.signalGrowth ?? 0) && (0.9...1.1).contains(stage.gradientGrowth ?? 0))
  }

  /// The mean square of f′ = y (1 − y) near 0 is about 1/16, and Glorot's weights have n σ² = 1: a quarter is left a
  /// layer.
  @Test(arguments: [20, 100])
  func sigmoidWithGlorotVanishesBackwards(depth: Int) throws {
    let stage = try #require(measure(Self.stack(depth, .sigmoid, .glorotUniform)).stages.first)
    #expect(stage.verdicts == [.vanishingGradient])
    #expect((0.2...0.26).contains(1 / (stage.gradientGrowth ?? 0)), "\(stage.gradientGrowth ?? 0)")
    #expect((0.95...1.05).contains(stage.signalGrowth ?? 0))
    #expect(stage.samplesLostAt != nil)
    #expect(stage.findings.first?.end == "sigmoid0")
  }

  /// Where the backward pass ends nothing has exploded, and above it the gradient is what it was.
  @Test func belowWhatIsTrainedThereIsNoGradient() throws {
    let whole = Self.stack(20, .relu, .heNormal, width: 64)
    var layers = whole.layers
    for index in layers.indices.prefix(20) { layers[index] = layers[index].frozen() }
    let plain = try #require(measure(whole).stages.first)
    let found = try #require(measure(Model(features: 16, layers: layers), steps: 3).stages.first)
    #expect(found.verdicts == [.healthy])
    for (index, layer) in found.layers.enumerated() {
      #expect(layer.rms == plain.layers[index].rms)
      #expect(layer.gradientRMS == (index < 20 ? nil : plain.layers[index].gradientRMS), "\(layer.name)")
      #expect(layer.updateRatio == (index < 20 ? nil : plain.layers[index].updateRatio), "\(layer.name)")
    }
    // What is trained beneath frozen layers has a gradient, and a verdict.
    let vanishing = Self.stack(20, .sigmoid, .glorotUniform)
    var some = vanishing.layers
    for index in some.indices.dropFirst(10) { some[index] = some[index].frozen() }
    #expect(try measure(Model(features: 16, layers: some)).stages.first?.verdicts == [.vanishingGradient])
  }

  /// A layer multiplies the mean square by n σ² / 2 = 16.
  @Test func unitWeightsExplodeBehindReLU() throws {
    let stage = try #require(measure(Self.stack(20, .relu, .normal(mean: 0, stddev: 1))).stages.first)
    #expect(Set(stage.verdicts) == [.explodingSignal, .explodingGradient])
    expectClose(actual: stage.signalGrowth ?? 0, expected: 4, absolute: 0.5, relative: 0)
  }

  /// 4¹⁰⁰ is beyond float32.
  @Test func whatIsNoNumberIsLeftOut() throws {
    let stage = try #require(measure(Self.stack(100, .relu, .normal(mean: 0, stddev: 1))).stages.first)
    #expect(stage.verdicts == [.explodingSignal])
    #expect(stage.layers.last?.rms == nil && stage.layers.last?.histogram == nil)
    #expect(stage.signalGrowth.map { (3.5...4.5).contains($0) } == true)
    #expect(stage.gradientGrowth == nil)
    #expect(stage.stopped?.contains("step 1: the loss of shard 0 is not finite") == true)
  }

  @Test func unitWeightsSaturateTanh() throws {
    let stage = try #require(measure(Self.stack(8, .tanh, .normal(mean: 0, stddev: 1), width: 128)).stages.first)
    #expect(stage.verdicts.contains(.saturated))
    let tame = try #require(measure(Self.stack(8, .tanh, .glorotUniform, width: 128)).stages.first)
    #expect(tame.verdicts == [.healthy])
  }

  /// A bias that no signal reaches over: every unit is 0 for every sample.
  @Test func aNegativeBiasKillsReLU() throws {
    let stage = try #require(measure(Self.stack(3, .relu, .heNormal, bias: .constant(-100))).stages.first)
    let relus = stage.layers.filter { $0.kind == "relu" }
    #expect(relus.count == 3 && relus.allSatisfy { $0.dead == 1 && $0.rms == 0 })
    #expect(relus.dropLast().allSatisfy { $0.gradientRMS == 0 } && (relus.last?.gradientRMS ?? 0) > 0)
    #expect(stage.verdicts == [.vanishingSignal, .vanishingGradient], "at the start nothing is dying")
  }

  @Test func stepsThatAreTooLargeKillUnits() throws {
    let diagnosis = try measure(Self.stack(3, .relu, .heNormal), steps: 40, rate: 2)
    #expect(diagnosis.stages.first?.verdicts == [.healthy])
    #expect(diagnosis.verdicts.contains(.dying))
  }

  @Test func stepsThatDivergeAreAResult() throws {
    let diagnosis = try measure(Self.stack(3, .elu, .heNormal), steps: 200, rate: 1e6)
    let end = try #require(diagnosis.stages.last)
    #expect(diagnosis.stages.count == 2 && end.step > 0 && end.step < 200)
    #expect(end.stopped?.hasPrefix("step \(end.step + 1): ") == true)
  }

  // MARK: Figures

  /// Four batches of 8 rows in the sampler's order, in Double from their definitions.
  @Test func figuresAreThoseOfTheBatchesToCome() throws {
    let model = Model(features: 5) {
      Dense(7, initializer: .heNormal)
      LeakyReLU(negativeSlope: 0.2)
      Dense(3)
    }
    let trainer = try Self.trainer(model, shards: 2, batch: 8, samples: 32)
    let weight = try trainer.tensor("model.dense0.weight").array.doubles
    let data = TestData(samples: 32, features: 5, task: .classification(classes: 3))
    let memory = (x: Arena(count: 32 * 5), y: Arena(count: 32))
    let sampler = try #require(trainer.sampler)
    let order = (0..<4).flatMap { step in (0..<8).map { sampler.sample(step, row: $0) } }
    let features = memory.x.matrix(at: 0, rows: 32, columns: 5)
    try data.fill(order.span, features: features, targets: memory.y.matrix(at: 0, rows: 32, columns: 1))
    let z = Reference.dense(
      features.elements.array.doubles, weight: weight, bias: [Double](repeating: 0, count: 7), rows: 32, inputs: 5,
      units: 7)
    let y = z.map { Reference.value(of: .leakyReLU(negativeSlope: 0.2), at: $0) }
    let deviations = (0..<7).map { unit in
      let column = (0..<32).map { y[$0 * 7 + unit] }
      let mean = column.reduce(0, +) / 32
      return (column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 32).squareRoot()
    }

    let stage = try #require(Diagnosis.measure(trainer, steps: 0).stages.first)
    let layer = try #require(stage.layers.first { $0.name == "leaky_relu0" })
    #expect(stage.rows == 32 && stage.batches == 4, "an epoch is all there is")
    expectClose(actual: layer.mean ?? 0, expected: y.reduce(0, +) / 224, absolute: 1e-6)
    expectClose(actual: layer.rms ?? 0, expected: (y.reduce(0) { $0 + $1 * $1 } / 224).squareRoot(), absolute: 1e-6)
    expectClose(actual: layer.stddev ?? 0, expected: deviations.reduce(0, +) / 7, absolute: 1e-6)
    let dead = (0..<7).count { unit in (0..<32).allSatisfy { z[$0 * 7 + unit] <= 0 } }
    #expect(layer.dead == Double(dead) / 7)
    #expect(layer.saturated == nil && stage.layers.first?.dead == nil)
    let (norm, rms) = (layer.gradientNorm ?? 0, layer.gradientRMS ?? 1)
    expectClose(actual: norm / rms, expected: (8.0 * 7).squareRoot(), absolute: 0, relative: 1e-12, "norm over RMS")
  }

  /// f′ at 5 % of its maximum, on both sides of the edge.
  @Test(arguments: [ActivationFunction.sigmoid, .tanh, .softsign])
  func saturatedIsWhereTheSlopeIsSmall(function: ActivationFunction) throws {
    let model = Model(features: 16) {
      Dense(64, initializer: .normal(mean: 0, stddev: 1))
      Activation.function(function)
      Dense(3)
    }
    let trainer = try Self.trainer(model, batch: 64, samples: 64)
    let weight = try trainer.tensor("model.dense0.weight").array.doubles
    let memory = (x: Arena(count: 64 * 16), y: Arena(count: 64))
    let features = memory.x.matrix(at: 0, rows: 64, columns: 16)
    try TestData(samples: 64, features: 16, task: .classification(classes: 3)).fill(
      Array(0..<64).span, features: features, targets: memory.y.matrix(at: 0, rows: 64, columns: 1))
    let z = Reference.dense(
      features.elements.array.doubles, weight: weight, bias: [Double](repeating: 0, count: 64), rows: 64, inputs: 16,
      units: 64)
    let limit = 0.05 * Reference.derivative(of: function, at: 0)
    let expected = z.count { Reference.derivative(of: function, at: $0) < limit }
    let stage = try #require(Diagnosis.measure(trainer, steps: 0).stages.first)
    // One value of 4,096 may stand on the edge itself.
    expectClose(
      actual: stage.layers[1].saturated ?? 0, expected: Double(expected) / 4096, absolute: 1.5 / 4096, relative: 0)
    #expect(expected > 100)
  }

  /// Plain SGD moves by rate · gradient: the ratio follows from the trained weights.
  @Test func updateRatioIsThatOfTheStep() throws {
    let model = Self.stack(2, .relu, .heNormal)
    let (plain, watched) = (try Self.trainer(model), try Self.trainer(model))
    let before = try plain.tensor("model.dense1.weight").array.doubles
    try plain.step()
    let after = try plain.tensor("model.dense1.weight").array.doubles
    let change = zip(before, after).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
    let size = before.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let stage = try #require(Diagnosis.measure(watched, steps: 0).stages.first)
    expectClose(
      actual: stage.layers.first { $0.name == "dense1" }?.updateRatio ?? 0, expected: change / size, absolute: 0,
      relative: 1e-12)
    #expect(stage.layers.first { $0.name == "relu0" }?.updateRatio == nil)
  }

  // MARK: The promise

  private static let everything = Model(features: 16) {
    Dense(24, initializer: .heNormal, bias: false)
    BatchNorm()
    RReLU()
    Dropout(rate: 0.2)
    Dense(16)
    BatchNorm(statistics: .batch)
    PReLU()
    Residual {
      Dense(16)
      Sigmoid()
    }
    Dense(3)
  }

  @Test func figuresDoNotDependOnThreads() throws {
    let expected = try Diagnosis.measure(Self.trainer(Self.everything, threads: 1), steps: 7)
    #expect(expected.stages.count == 2 && expected.stages.allSatisfy { $0.layers.count == 11 })
    for threads in [2, 3, 5] {
      #expect(
        try Diagnosis.measure(Self.trainer(Self.everything, threads: threads), steps: 7) == expected, "\(threads)")
    }
  }

  /// Looking changes nothing: running statistics, random layers and all.
  @Test func trainingKeepsItsBits() throws {
    let (plain, watched) = (try Self.trainer(Self.everything), try Self.trainer(Self.everything))
    let losses = try (0..<7).map { _ in try plain.step().loss }
    var seen: [Double] = []
    _ = try Diagnosis.measure(watched, steps: 7) { seen.append($0.loss) }
    #expect(seen == losses)
    #expect(plain.tensorBits == watched.tensorBits)
  }
}

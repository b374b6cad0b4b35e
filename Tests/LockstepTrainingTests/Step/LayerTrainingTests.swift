import LockstepKernels
import LockstepModel
import TestSupport
import Testing

@testable import LockstepTraining

/// Frozen layers, and layers with a learning rate of their own.
@Suite struct LayerTrainingTests {
  private static let data = TestData(samples: 100, features: 12, task: .classification(classes: 3))

  /// Parameters in a dozen blocks: frozen ones between trained ones, and rates that change within a slice.
  private static let mixed = Model(features: 12) {
    Dense(70).learningRate(times: 0.5)
    BatchNorm().frozen()
    PReLU().learningRate(times: 3)
    Dense(60).frozen()
    BatchNorm(statistics: .batch)
    PReLU().frozen()
    Residual {
      Dense(60, bias: false)
      ELU()
    }.learningRate(times: 0.25)
    Dense(3)
  }

  private static let optimizers: [Optimizer] =
    Optimizer.all.map { $0.with(learningRate: 0.01) } + [.sgd(learningRate: 0.05, momentum: 0.9, nesterov: true)]

  private func makeRun(_ model: Model, _ optimizer: Optimizer, _ options: Trainer.Options) -> Run {
    Run(name: optimizer.name, model: model, optimizer: optimizer, options: options, data: Self.data, steps: 6)
  }

  /// On any number of threads, with all that reads or changes parameters, and where it was stopped.
  @Test(arguments: optimizers)
  func sameBits(_ optimizer: Optimizer) throws {
    for clip in [nil, GradientClip.globalNorm(0.3), .value(0.01)] {
      let regularization = Regularization(l1: 1e-4, l2: 1e-3, decoupled: 0.05, maxNorm: 0.9, everything: true)
      let options = Trainer.Options(
        batch: 36, shards: 5, regularization: regularization, clip: clip, accumulate: 1,
        weightAverage: WeightAverage(decay: 0.9))
      let run = makeRun(Self.mixed, optimizer, options)
      try run.expectSameBits(threads: [2, 3, 5])
      let whole = try run.train(threads: 1).tensors
      for stop in 1..<6 {
        let (first, second) = (try run.trainer(threads: 2), try run.trainer(threads: 3, seed: 99))
        for _ in 0..<stop { try first.step() }
        second.takeOver(from: first)
        // The seed orders the samples, too.
        let third = try run.trainer(threads: 3)
        third.takeOver(from: second)
        for _ in stop..<6 { try third.step() }
        #expect(third.tensorBits == whole, "stopped after \(stop)")
      }
    }
  }

  /// What is frozen stays bit for bit, under penalties, bounds and averages; running statistics too. All else moves.
  @Test(arguments: optimizers)
  func frozenStays(_ optimizer: Optimizer) throws {
    let regularization = Regularization(l1: 1e-3, l2: 1e-2, decoupled: 0.1, maxNorm: 0.2, everything: true)
    let trainer = try makeRun(
      Self.mixed, optimizer,
      Trainer.Options(batch: 36, shards: 4, regularization: regularization, weightAverage: WeightAverage(decay: 0.5))
    ).trainer(threads: 2)
    let before = trainer.tensorBits
    for _ in 0..<5 { try trainer.step() }
    let frozen = ["batch_norm0", "dense1", "prelu1"]
    for (name, bits) in trainer.tensorBits {
      let isFrozen = frozen.contains { name.contains(".\($0).") && !name.contains("residual") }
      let isSlot = name.hasPrefix("optimizer.")
      #expect((bits == before[name]) == isFrozen, "\(name)")
      if isFrozen && isSlot { #expect(bits.allSatisfy { $0 == 0 }, "\(name)") }
    }
    #expect(trainer.gradients.map(\.name).filter { name in frozen.contains { name.hasPrefix("\($0).") } } == [])
  }

  /// A factor on every layer is a factor on the learning rate, for every optimizer and with a decay of both kinds.
  @Test(arguments: optimizers)
  func factorOfAll(_ optimizer: Optimizer) throws {
    func model(_ factor: Double?) -> Model {
      var layers: [Layer] = [
        Dense(20).layer, BatchNorm().layer, PReLU().layer, .repeated(times: 2, [Dense(20).layer, ELU().layer]),
        .residual([Dense(20).layer]), Dense(3).layer,
      ]
      if let factor { layers = layers.map { $0.learningRate(times: factor) } }
      return Model(features: 12, layers: layers)
    }
    let options = Trainer.Options(
      batch: 36, shards: 4, regularization: Regularization(l2: 1e-2, decoupled: 0.2), clip: .globalNorm(1))
    let plain = optimizer.with(learningRate: 0.01)
    // A quarter of four times the rate is exactly the rate.
    let scaled = try makeRun(model(0.25), plain.with(learningRate: 0.04), options).train(threads: 2)
    #expect(try makeRun(model(nil), plain, options).train(threads: 2).tensors == scaled.tensors)
    #expect(try makeRun(model(0.5), plain, options).train(threads: 2).tensors != scaled.tensors)
  }

  /// After one step each layer is where the run with its own rate has it.
  @Test(arguments: optimizers)
  func factorOfOne(_ optimizer: Optimizer) throws {
    func weights(_ model: Model, _ rate: Double) throws -> [String: [UInt32]] {
      let options = Trainer.Options(
        batch: 36, shards: 4, regularization: Regularization(l1: 1e-3, decoupled: 0.2))
      let trainer = try makeRun(model, optimizer.with(learningRate: rate), options).trainer(threads: 3)
      #expect(try trainer.step().learningRate == rate)
      return trainer.tensorBits.filter { $0.key.hasPrefix("model.dense") }
    }
    let plain = Model(features: 12, layers: [Dense(40).layer, Tanh().layer, Dense(3).layer])
    let one = Model(features: 12, layers: [Dense(40).learningRate(times: 0.5), Tanh().layer, Dense(3).layer])
    let (found, fast, slow) = (try weights(one, 0.02), try weights(plain, 0.02), try weights(plain, 0.01))
    for (name, bits) in found {
      #expect(bits == (name.hasPrefix("model.dense0") ? slow : fast)[name], "\(name)")
      #expect(slow[name] != fast[name], "\(name)")
    }
  }

  /// What is trained has the gradient that it has beside trained layers, and the norm is that of these gradients alone.
  @Test func gradientsAndNorm() throws {
    func layers(_ frozen: Bool) -> [Layer] {
      let (first, second) = (Dense(40).layer, Dense(50).layer)
      return [
        frozen ? first.frozen() : first, PReLU().layer, frozen ? second.frozen() : second, Tanh().layer, Dense(3).layer,
      ]
    }
    let options = Trainer.Options(batch: 36, shards: 5)
    func step(_ frozen: Bool) throws -> (norm: Double, gradients: [String: [Float]], figures: [LayerFigures]) {
      let trainer = try makeRun(Model(features: 12, layers: layers(frozen)), .sgd(learningRate: 0.05), options).trainer(
        threads: 2)
      let result = try trainer.step(measuringNorm: true, observingLayers: true, keepingGradient: true)
      let gradients = trainer.gradients.map { ($0.name, $0.values.array) }
      return (
        try #require(result.gradientNorm), Dictionary(uniqueKeysWithValues: gradients), try #require(result.layers)
      )
    }
    let (all, some) = (try step(false), try step(true))
    #expect(Set(some.gradients.keys) == ["prelu0.slope", "dense2.weight", "dense2.bias"])
    for (name, gradient) in some.gradients { #expect(gradient == all.gradients[name], "\(name)") }
    let squares = some.gradients.values.joined().reduce(0) { $0 + Double($1) * Double($1) }
    expectClose(actual: some.norm, expected: squares.squareRoot(), relative: 1e-6)
    #expect(some.norm < all.norm)
    for (seen, whole) in zip(some.figures, all.figures) {
      let isFrozen = ["dense0", "dense1"].contains(seen.name)
      #expect(seen.signal == whole.signal && seen.dead == whole.dead, "\(seen.name)")
      #expect(seen.gradientNorm == (isFrozen ? nil : whole.gradientNorm), "\(seen.name)")
      #expect(seen.updateRatio == (isFrozen ? nil : whole.updateRatio), "\(seen.name)")
    }
  }

  /// Only the products that somebody needs: none backward below the lowest trained layer.
  @Test func products() throws {
    let model = Model(
      features: 8,
      layers: [
        Dense(4).frozen(), ReLU().layer, Dense(4).layer, ReLU().layer, Dense(4).frozen(), ReLU().layer, Dense(3).layer,
      ])
    let products = try Network(model, seed: 1).products
    #expect(products.map(\.hasWeightGradient) == [false, true, false, true])
    #expect(products.map(\.hasInputGradient) == [false, false, true, true])
    #expect(products.map(\.multiplyAdds) == [32, 32, 32, 36])
  }

  @Test func nothingIsTrained() throws {
    let model = Model(features: 12, layers: [Dense(4).frozen(), Residual { Dense(4) }.frozen(), Dense(3).frozen()])
    do {
      _ = try makeRun(model, .sgd(learningRate: 0.05), Trainer.Options(batch: 8, shards: 2)).trainer(threads: 1)
      Issue.record("trained")
    } catch { #expect("\(error)".contains("found only frozen layers, expected at least one that is trained")) }
  }

  /// A factor must be one that single precision knows.
  @Test(arguments: [0, -1, .nan, 1e-60, .infinity])
  func impossibleFactor(_ factor: Double) throws {
    let model = Model(features: 12, layers: [Dense(3).learningRate(times: factor)])
    #expect(throws: (any Error).self) {
      try makeRun(model, .sgd(learningRate: 0.05), Trainer.Options(batch: 8, shards: 2)).trainer(threads: 1)
    }
  }

  /// A frozen BatchNorm needs no rows for its statistics, and recalibration leaves it as it is.
  @Test func frozenStatistics() throws {
    let model = Model(features: 12, layers: [Dense(8).layer, BatchNorm().frozen(), ReLU().layer, Dense(3).layer])
    let trainer = try makeRun(model, .sgd(learningRate: 0.05), Trainer.Options(batch: 4, shards: 4)).trainer(threads: 2)
    try trainer.step()
    #expect(throws: TrainingError.self) { try trainer.recalibrate() }
    let both = Model(
      features: 12,
      layers: [Dense(8).layer, BatchNorm().frozen(), ReLU().layer, Dense(8).layer, BatchNorm().layer, Dense(3).layer])
    let other = try makeRun(both, .sgd(learningRate: 0.05), Trainer.Options(batch: 20, shards: 4)).trainer(threads: 2)
    try other.step()
    let before = other.tensorBits
    try other.recalibrate()
    for (name, bits) in other.tensorBits { #expect((bits == before[name]) == !name.contains("batch_norm1.running")) }
  }
}

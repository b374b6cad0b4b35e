import LockstepKernels
import LockstepModel
import LockstepTraining
import SampleSupport
import TestSupport
import Testing

/// A look at the layers: what it finds, against sums over whole tensors and a forward pass written here, and that it
/// leaves no trace.
@Suite struct LayerObserverTests {
  private static let data = TestData(samples: 100, features: 12, task: .classification(classes: 3))
  private static let model = Model(features: 12) {
    Dense(96, bias: false)
    BatchNorm()
    ReLU()
    Dense(96)
    BatchNorm(statistics: .batch)
    RReLU()
    Residual {
      Dense(96)
      LeakyReLU(negativeSlope: 0.1)
    }
    PReLU()
    Dense(3)
  }

  private static func trainer(
    _ optimizer: Optimizer = .sgd(learningRate: 0.05), clip: GradientClip? = nil,
    regularization: Regularization = .none, threads: Int = 2
  ) throws -> Trainer {
    let trainer = try Trainer(
      model, loss: .softmaxCrossEntropy, optimizer: optimizer,
      options: Trainer.Options(
        batch: 36, shards: 8, threads: .count(threads), seed: 3, regularization: regularization, clip: clip))
    try trainer.attach(data)
    return trainer
  }

  /// Whatever is done to the gradient, looking or not gives the same bits, and what is seen is the same on any number
  /// of threads.
  @Test func bitsAreThoseOfAStepUnseen() throws {
    let decay = Regularization(l1: 1e-4, l2: 1e-3, decoupled: 1e-3, maxNorm: 2)
    for (optimizer, clip, regularization) in [
      (Optimizer.sgd(learningRate: 0.05, momentum: 0.9), nil, .none),
      (.adam(learningRate: 0.01), .globalNorm(0.1), decay),
      (.nadam(learningRate: 0.01), .value(1e-3), .none), (.adamax(learningRate: 0.01), nil, decay),
    ] as [(Optimizer, GradientClip?, Regularization)] {
      let unseen = try Self.trainer(optimizer, clip: clip, regularization: regularization)
      let expected = TrainedBits(unseen, try (0..<7).map { _ in try unseen.step() })
      var first: [[LayerFigures]]?
      for threads in [1, 2, 3, 5, 8] {
        let trainer = try Self.trainer(optimizer, clip: clip, regularization: regularization, threads: threads)
        let steps = try (0..<7).map { try trainer.step(observingLayers: $0 != 3) }
        #expect(TrainedBits(trainer, steps).difference(from: expected) == nil, "\(optimizer.name), \(threads) threads")
        #expect(steps[3].layers == nil)
        let figures = steps.compactMap(\.layers)
        #expect(figures.count == 6)
        #expect(first == nil || figures == first, "\(optimizer.name), \(threads) threads")
        first = figures
      }
    }
  }

  private static let dense = ["dense0", "dense1", "residual0.dense0", "dense2"]

  /// Under plain SGD the update is the gradient times the rate, so both figures follow from the weights before and
  /// after.
  @Test(arguments: [1, 3, 8])
  func normsAreThoseOfTheTensors(threads: Int) throws {
    let rate = 0.0625
    let trainer = try Self.trainer(.sgd(learningRate: rate), threads: threads)
    for _ in 0..<5 {
      let before = try Self.dense.map { try trainer.tensor("model.\($0).weight").array.map(Double.init) }
      let layers = try #require(try trainer.step(observingLayers: true).layers)
      #expect(
        layers.map(\.name) == [
          "dense0", "relu0", "dense1", "rrelu0", "residual0.dense0", "residual0.leaky_relu0", "prelu0", "dense2",
        ])
      for (name, old) in zip(Self.dense, before) {
        let new = try trainer.tensor("model.\(name).weight").array.map(Double.init)
        let update = zip(new, old).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
        let size = old.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let found = try #require(layers.first { $0.name == name })
        expectClose(actual: try #require(found.updateRatio), expected: update / size, relative: 1e-5, name)
        // The weights after the step are rounded, the gradient is not.
        expectClose(actual: try #require(found.gradientNorm), expected: update / rate, relative: 1e-4, name)
        #expect(found.dead == nil)
      }
    }
  }

  /// The gradient is told as it comes, however it is clipped afterwards; the update is what is left of it.
  @Test func gradientIsThatBeforeClipping() throws {
    let free = try #require(try Self.trainer().step(observingLayers: true).layers)
    for clip in [GradientClip.globalNorm(1e-3), .value(1e-5)] {
      let clipped = try #require(try Self.trainer(clip: clip).step(observingLayers: true).layers)
      #expect(clipped.map(\.gradientNorm) == free.map(\.gradientNorm))
      for (a, b) in zip(clipped, free) where a.updateRatio != nil {
        #expect(a.updateRatio ?? 1 < (b.updateRatio ?? 0) / 10, "\(a.name)")
      }
    }
    // Over all parameters the squares sum to the global norm's; here over the weights alone.
    let step = try Self.trainer(clip: .globalNorm(1e9)).step(observingLayers: true)
    let weights = (step.layers ?? []).reduce(0) { $0 + ($1.gradientNorm ?? 0) * ($1.gradientNorm ?? 0) }.squareRoot()
    #expect(weights <= step.gradientNorm ?? 0 && weights > (step.gradientNorm ?? 0) / 2)
  }

  /// A weight of zeros has no ratio.
  @Test func weightOfZeros() throws {
    let trainer = try Trainer(
      Model(features: 12) { Dense(3, initializer: .zeros) }, loss: .softmaxCrossEntropy,
      optimizer: .sgd(learningRate: 0.1), batch: 36, threads: 1)
    try trainer.attach(Self.data)
    let first = try #require(try trainer.step(observingLayers: true).layers?.first)
    #expect(first.updateRatio == nil && first.gradientNorm ?? 0 > 0)
    #expect(try trainer.step(observingLayers: true).layers?.first?.updateRatio ?? 0 > 0)
  }

  /// Over all parameters, where that is asked for: the same as where it is clipped by it, in that step alone, and no
  /// bit follows from it.
  @Test(arguments: [1, 3, 8])
  func normIsMeasuredWhereItIsAskedFor(threads: Int) throws {
    let adam = Optimizer.adam(learningRate: 0.01)
    let unseen = try Self.trainer(adam, threads: threads)
    // Clipped by far more than there is: the gradient is left as it is.
    let clipped = try Self.trainer(adam, clip: .globalNorm(1e9), threads: 2)
    let measured = try Self.trainer(adam, threads: threads)
    for step in 0..<6 {
      try unseen.step()
      let expected = try #require(try clipped.step().gradientNorm)
      let found = try measured.step(measuringNorm: step % 2 == 0, observingLayers: step == 2).gradientNorm
      #expect(found == (step % 2 == 0 ? expected : nil))
    }
    #expect(measured.tensorBits == unseen.tensorBits)
    let byValue = try Self.trainer(adam, clip: .value(1e-5), threads: threads)
    #expect(
      try byValue.step(measuringNorm: true).gradientNorm == Self.trainer(clip: .globalNorm(1)).step().gradientNorm)
  }

  /// With four rows a batch some units of every layer pass none of them. One rectifier stands right behind its dense
  /// layer, which applies it at once, others do not. The signals are those of that forward pass.
  @Test(arguments: [1, 2, 4])
  func deadUnitsAreThoseThatPassNoRow(threads: Int) throws {
    let model = Model(features: 12) {
      Dense(150)
      ReLU()
      Dense(150)
      LeakyReLU(negativeSlope: 0.2)
      Residual { Dense(150, initializer: .glorotUniform) }
      ReLU()
      Dense(150)
      PReLU()
      Dense(150)
      RReLU()
      Dense(3)
    }
    let trainer = try Trainer(
      model, loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: 0.1), batch: 4, shards: 4, threads: threads)
    try trainer.attach(Self.data)
    for step in 0..<4 {
      let tensors = try ["dense0", "dense1", "residual0.dense0", "dense2", "dense3"].map { name in
        (
          weight: try trainer.tensor("model.\(name).weight").array.map(Double.init),
          bias: try trainer.tensor("model.\(name).bias").array.map(Double.init)
        )
      }
      let slope = try trainer.tensor("model.prelu0.slope").array.map(Double.init)
      let batch = try #require(trainer.sampler).batch(at: step)
      var value = try Rows(Self.data, (0..<4).map { batch.sample($0) }).features.flatMap { $0.map(Double.init) }
      var expected: [Double] = []
      var signals: [Double] = []
      func dense(_ index: Int) -> [Double] {
        Reference.dense(
          value, weight: tensors[index].weight, bias: tensors[index].bias, rows: 4, inputs: value.count / 4, units: 150)
      }
      func count() {
        let dead = (0..<150).count { unit in (0..<4).allSatisfy { value[$0 * 150 + unit] <= 0 } }
        expected.append(Double(dead) / 150)
      }
      func measure() { signals.append((value.reduce(0) { $0 + $1 * $1 } / 600).squareRoot()) }
      value = dense(0)
      count()
      value = value.map { max(0, $0) }
      measure()
      value = dense(1)
      count()
      value = value.map { $0 > 0 ? $0 : 0.2 * $0 }
      measure()
      value = zip(value, dense(2)).map { $0 + $1 }
      count()
      value = value.map { max(0, $0) }
      measure()
      value = dense(3)
      count()
      value = Reference.parametricReLU(value, slope: slope, columns: 150)
      measure()
      value = dense(4)
      count()
      let layers = try #require(try trainer.step(observingLayers: true).layers)
      let found = layers.filter { $0.dead != nil }
      #expect(found.map(\.name) == ["relu0", "leaky_relu0", "relu1", "prelu0", "rrelu0"])
      #expect(found.map(\.dead) == expected, "step \(step)")
      #expect(expected.contains { $0 > 0 } && expected.allSatisfy { $0 < 0.75 })
      #expect(found.allSatisfy { $0.signal == nil && $0.gradientNorm == nil && $0.updateRatio == nil })
      let seen = layers.filter { $0.signal != nil }
      #expect(seen.map(\.name) == ["dense0", "dense1", "residual0.dense0", "dense2", "dense3", "dense4"])
      expectClose(actual: seen.prefix(4).compactMap(\.signal), expected: signals, relative: 1e-5, "step \(step)")
    }
  }

  @Test func allDeadAndNoneDead() throws {
    for (bias, dead) in [(Float(-100), 1.0), (100, 0)] {
      let model = Model(features: 12) {
        Dense(30, biasInitializer: .constant(bias))
        ReLU()
        Dense(3)
      }
      let trainer = try Trainer(model, loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: 0.1), batch: 36)
      try trainer.attach(Self.data)
      #expect(try trainer.step(observingLayers: true).layers?[1] == LayerFigures(name: "relu0", dead: dead))
    }
  }
}

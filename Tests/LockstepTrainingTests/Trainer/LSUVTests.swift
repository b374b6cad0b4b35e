import LockstepKernels
import LockstepModel
import LockstepTraining
import SampleSupport
import TestSupport
import Testing

/// Initialisation by data: variances against a forward pass in Double that is written here.
@Suite struct LSUVTests {
  private static let data = TestData(samples: 300, features: 20, task: .regression(targets: 2))

  private static func trainer(
    _ model: Model, batch: Int = 128, shards: Int = 4, threads: Int = 2, lsuv: LSUV? = LSUV(samples: 128),
    data: TestData = data, seed: UInt64 = 3
  ) throws -> Trainer {
    let trainer = try Trainer(
      model, loss: .meanSquaredError, optimizer: .sgd(learningRate: 1e-3),
      options: Trainer.Options(batch: batch, shards: shards, threads: .count(threads), seed: seed, lsuv: lsuv))
    try trainer.attach(data)
    return trainer
  }

  /// `depth` dense layers of 32 units, each with its activation, and two units at the end.
  private static func deep(_ activation: ActivationFunction, depth: Int) -> Model {
    Model(features: 20) {
      Repeat(times: depth) {
        Dense(32)
        Activation.function(activation)
      }
      Dense(2)
    }
  }

  /// The variance of what each dense layer of `deep` gives to the rows of the first `batches` batches, before its
  /// activation.
  private static func variances(
    _ trainer: Trainer, _ activation: ActivationFunction, depth: Int, batches: Int
  ) throws -> [Double] {
    let sampler = try #require(trainer.sampler)
    let samples = (0..<batches).flatMap { step in
      let batch = sampler.batch(at: step)
      return (0..<batch.rows).map { batch.sample($0) }
    }
    var value = try Rows(data, samples).features.flatMap { $0.map(Double.init) }
    var (variances, width): ([Double], Int) = ([], 20)
    for layer in 0...depth {
      let path = layer < depth ? "repeat0.\(layer).dense0" : "dense0"
      let bias = try trainer.tensor("model.\(path).bias").array.map(Double.init)
      value = Reference.dense(
        value, weight: try trainer.tensor("model.\(path).weight").array.map(Double.init), bias: bias,
        rows: samples.count, inputs: width, units: bias.count)
      width = bias.count
      variances.append(moments(value).variance)
      value = value.map { Reference.value(of: activation, at: $0) }
    }
    return variances
  }

  /// Fifty layers deep, with activations that would let the signal die or leave it: every layer's output has variance
  /// 1.
  @Test(arguments: [ActivationFunction.tanh, .relu, .sigmoid, .selu])
  func everyLayerHasVarianceOne(_ activation: ActivationFunction) throws {
    for (batch, samples, tolerance, batches) in [(128, 128, 0.1, 1), (32, 100, 0.1, 4), (128, 1024, 1e-3, 3)] {
      let depth = batches == 1 ? 50 : 12
      let lsuv = LSUV(tolerance: tolerance, samples: samples)
      let trainer = try Self.trainer(Self.deep(activation, depth: depth), batch: batch, lsuv: lsuv)
      try trainer.initializeFromData()
      let found = try Self.variances(trainer, activation, depth: depth, batches: batches)
      #expect(found.count == depth + 1)
      for (layer, variance) in found.enumerated() {
        #expect(abs(variance - 1) < tolerance + 1e-4, "\(activation), layer \(layer), batches of \(batch)")
      }
    }
  }

  /// Before it is scaled a weight is orthonormal, whatever its initializer: its rows or columns stay orthogonal and of
  /// one length.
  @Test func weightsAreOrthogonal() throws {
    let model = Model(features: 20) {
      Dense(9, initializer: .zeros)
      Dense(31, initializer: .heNormal)
      Dense(2)
    }
    let trainer = try Self.trainer(model)
    try trainer.initializeFromData()
    for (name, rows, columns) in [("dense0", 20, 9), ("dense1", 9, 31), ("dense2", 31, 2)] {
      let weight = try trainer.tensor("model.\(name).weight").array.map(Double.init)
      let isTall = rows >= columns
      let vectors = (0..<min(rows, columns)).map { v in
        (0..<max(rows, columns)).map { isTall ? weight[$0 * columns + v] : weight[v * columns + $0] }
      }
      let length = zip(vectors[0], vectors[0]).reduce(0) { $0 + $1.0 * $1.1 }
      for (i, a) in vectors.enumerated() {
        for (j, b) in vectors.enumerated() {
          let product = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
          expectClose(actual: product / length, expected: i == j ? 1 : 0, absolute: 1e-5, "\(name) \(i) \(j)")
        }
      }
      #expect(try trainer.tensor("model.\(name).bias").array.allSatisfy { $0 == 0 })
    }
  }

  private static let mixed = Model(features: 20) {
    Dense(24, bias: false)
    BatchNorm()
    RReLU()
    Dropout(rate: 0.2)
    Residual {
      Dense(24)
      BatchNorm(statistics: .batch)
      PReLU()
    }
    Dense(2)
  }

  /// One batch and several, uneven ones too; initial and trained bits.
  @Test(arguments: [1024, 100])
  func bitsDoNotDependOnThreads(samples: Int) throws {
    for shards in [5, 8] {
      var first: TrainedBits?
      for threads in [1, 2, 3, 5, 8] {
        let trainer = try Self.trainer(
          Self.mixed, batch: 112, shards: shards, threads: threads, lsuv: LSUV(tolerance: 0.01, samples: samples))
        let bits = TrainedBits(trainer, try (0..<4).map { _ in try trainer.step() })
        if let first { #expect(bits.difference(from: first) == nil, "\(threads) threads") } else { first = bits }
      }
    }
  }

  /// It happens once, before the first step, or earlier for who asks; without it, and after a resumption, never.
  @Test func itHappensOnce() throws {
    let (lazy, early) = (try Self.trainer(Self.mixed), try Self.trainer(Self.mixed))
    try early.initializeFromData()
    let initial = early.tensorBits
    try early.initializeFromData()
    #expect(early.tensorBits == initial)
    for _ in 0..<3 {
      let (a, b) = (try lazy.step(), try early.step())
      #expect(a == b)
    }
    #expect(lazy.tensorBits == early.tensorBits)
    let resumed = try Self.trainer(Self.mixed, threads: 3)
    resumed.takeOver(from: lazy)
    let (a, b) = (try resumed.step(), try lazy.step())
    #expect(a == b && resumed.tensorBits == lazy.tensorBits)
    let without = try Self.trainer(Self.mixed, lsuv: nil)
    let drawn = without.tensorBits
    try without.initializeFromData()
    #expect(without.tensorBits == drawn && drawn != initial)
    #expect(try Self.trainer(Self.mixed, seed: 4).step().loss != Self.trainer(Self.mixed).step().loss)
  }

  @Test func whatIsImpossibleIsSaid() throws {
    func expect(_ words: String..., make: () throws -> Trainer) {
      let error = #expect(throws: TrainingError.self) { try make().step() }
      for word in words { #expect(error?.description.contains(word) == true, "\(error?.description ?? "")") }
    }
    let zeros = TestData(
      features: 20, task: .regression(targets: 2), x: [Float](repeating: 0, count: 6400),
      y: [Float](repeating: 1, count: 640))
    expect("LSUV cannot scale layer dense0", "variance 0.0", "model.initialization") {
      try Self.trainer(Self.mixed, data: zeros)
    }
    // Nothing passes the bias of the first layer: the second is dead from the beginning.
    let dead = Model(features: 20) {
      Dense(8, biasInitializer: .constant(-100))
      ReLU()
      Residual { Dense(8) }
      Dense(2)
    }
    expect("layer residual0.dense0", "variance 0.0") { try Self.trainer(dead) }
    let huge = TestData(
      features: 20, task: .regression(targets: 2), x: (0..<6400).map { Float($0 % 7) * 1e38 },
      y: [Float](repeating: 1, count: 640))
    expect("LSUV cannot scale layer dense0") { try Self.trainer(Self.mixed, data: huge) }
    for (lsuv, words) in [
      (LSUV(tolerance: 0), "lsuv.tolerance: found 0.0"), (LSUV(tolerance: 1), "lsuv.tolerance: found 1.0"),
      (LSUV(tolerance: .nan), "lsuv.tolerance: found nan"), (LSUV(maxIterations: 0), "lsuv.max_iterations: found 0"),
      (LSUV(samples: -1), "lsuv.samples: found -1"),
    ] {
      expect(words) { try Self.trainer(Self.mixed, lsuv: lsuv) }
    }
    let detached = try Trainer(
      Self.mixed, loss: .meanSquaredError, optimizer: .sgd(learningRate: 1),
      options: Trainer.Options(batch: 64, lsuv: LSUV()))
    expect("no data is attached") { detached }
  }
}

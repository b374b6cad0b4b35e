import LockstepData
import LockstepKernels
import LockstepModel
import LockstepTraining
import SampleSupport
import TestSupport
import Testing

/// Running statistics as those of a population, against mean and variance taken in Double over all rows of a forward
/// pass written here.
@Suite struct RecalibrationTests {
  /// Batches of 32, 32, 32 and 24 rows an epoch.
  private static let data = TestData(samples: 120, features: 5, task: .regression(targets: 2))

  private static func trainer(
    _ model: Model, threads: Int = 2, shards: Int = 4, steps: Int = 6
  ) throws -> Trainer {
    let trainer = try Trainer(
      model, loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.05, momentum: 0.9), batch: 32, shards: shards,
      threads: threads, seed: 9)
    try trainer.attach(data)
    for _ in 0..<steps { try trainer.step() }
    return trainer
  }

  private static func running(_ trainer: Trainer) -> [String: [UInt32]] {
    trainer.tensorBits.filter { $0.key.contains("running") }
  }

  /// The rows of `batches` batches through Dense, BatchNorm over each shard, ReLU, Dense: what the first and the second
  /// BatchNorm normalise.
  private static func reference(_ trainer: Trainer, batches: Int, shards: Int) throws -> [[Double]] {
    func tensor(_ name: String) throws -> [Double] { try trainer.tensor("model.\(name)").array.map(Double.init) }
    let sampler = try #require(trainer.sampler)
    var rows: [[Double]] = [[], []]
    for step in 0..<batches {
      let batch = sampler.batch(at: step)
      let x = try Rows(data, (0..<batch.rows).map { batch.sample($0) }).features.flatMap { $0.map(Double.init) }
      let first = try Reference.dense(
        x, weight: tensor("dense0.weight"), bias: [Double](repeating: 0, count: 12), rows: batch.rows, inputs: 5,
        units: 12)
      var normalised: [Double] = []
      for shard in 0..<shards {
        let range = Shard.rows(shard, of: shards, batch: batch.rows)
        normalised += try Reference.batchNorm(
          Array(first[range.lowerBound * 12..<range.upperBound * 12]), rows: range.count,
          gamma: tensor("batch_norm0.gamma"), beta: tensor("batch_norm0.beta"), epsilon: 1e-5)
      }
      rows[0] += first
      rows[1] += try Reference.dense(
        normalised.map { max(0, $0) }, weight: tensor("dense1.weight"), bias: tensor("dense1.bias"), rows: batch.rows,
        inputs: 12, units: 7)
    }
    return rows
  }

  @Test(arguments: [1, 2, 4, 5, 9])
  func statisticsAreThoseOfAllRows(batches: Int) throws {
    let model = Model(features: 5) {
      Dense(12, bias: false)
      BatchNorm()
      ReLU()
      Dense(7, bias: true)
      BatchNorm(statistics: .batch)
      Dense(2)
    }
    let trainer = try Self.trainer(model)
    let followed = Self.running(trainer)
    let (done, rows) = try trainer.recalibrate(batches: batches)
    #expect(done == batches && rows == [32, 64, 96, 120, 152, 184, 216, 240, 272][batches - 1])
    #expect(Self.running(trainer) != followed)
    for (index, values) in try Self.reference(trainer, batches: batches, shards: 4).enumerated() {
      try expectRunningStatistics(of: trainer, index, moments: values, channels: [12, 7][index])
    }
  }

  private static let random = Model(features: 5) {
    Dense(24, bias: false)
    BatchNorm()
    RReLU()
    Dropout(rate: 0.3)
    Residual {
      Dense(24)
      BatchNorm(statistics: .batch)
      PReLU()
    }
    BatchNorm()
    Dense(2)
  }

  /// Random layers and both kinds of statistics, on any number of threads.
  @Test(arguments: [4, 5, 8])
  func bitsDoNotDependOnThreads(shards: Int) throws {
    var first: [String: [UInt32]]?
    for threads in [1, 2, 3, 5, 8] {
      let trainer = try Self.trainer(Self.random, threads: threads, shards: shards)
      try trainer.recalibrate(batches: 6)
      let bits = trainer.tensorBits
      #expect(first == nil || bits == first, "\(threads) threads, \(shards) shards")
      first = bits
    }
  }

  /// Nothing else changes: weights, optimizer, state, and so what is recalibrated once more or trained on.
  @Test func onlyRunningStatisticsChange() throws {
    let (trainer, other) = (try Self.trainer(Self.random), try Self.trainer(Self.random))
    let (before, state) = (trainer.tensorBits, trainer.state)
    try trainer.recalibrate()
    let after = trainer.tensorBits
    for (name, bits) in before { #expect((after[name] == bits) == !name.contains("running"), "\(name)") }
    #expect(trainer.state == state)
    try trainer.recalibrate(batches: 4)
    #expect(trainer.tensorBits == after, "an epoch has 4 batches")
    for _ in 0..<5 {
      let (a, b) = (try trainer.step(), try other.step())
      #expect(a == b)
    }
    #expect(try trainer.tensor("model.dense0.weight").array == other.tensor("model.dense0.weight").array)
  }

  @Test func whatIsImpossibleIsSaid() throws {
    func expect(_ words: String, _ trainer: Trainer, batches: Int?) {
      let before = Self.running(trainer)
      let error = #expect(throws: TrainingError.self) { try trainer.recalibrate(batches: batches) }
      #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
      #expect(Self.running(trainer) == before)
    }
    expect("the model has no batch_norm", try Self.trainer(Model(features: 5) { Dense(2) }), batches: nil)
    expect("found 0 batches", try Self.trainer(Self.random), batches: 0)
    let small = Model(features: 3) {
      Dense(4)
      BatchNorm()
      Dense(1)
    }
    let detached = try Trainer(small, loss: .meanSquaredError, optimizer: .sgd(learningRate: 1), batch: 32, threads: 1)
    expect("no data is attached", detached, batches: 1)
    try detached.attach(UnreadableData(count: 64, damaged: 5))
    expect("sample 5 is damaged", detached, batches: 2)
    // Weights that overflow: the squares of what they give do.
    let trainer = try Self.trainer(Self.random)
    try trainer.tensor("model.dense0.weight").fill(1e30)
    expect("batch_norm0.running_mean is not finite", trainer, batches: 1)
  }
}

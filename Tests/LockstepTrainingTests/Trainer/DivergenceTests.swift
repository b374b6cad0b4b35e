import LockstepData
import LockstepKernels
import LockstepModel
import LockstepTraining
import SampleSupport
import TestSupport
import Testing

/// Numbers that are no longer finite stop the run before the update is applied, and say where.
@Suite struct DivergenceTests {
  private static let model = Model(features: 3) {
    Dense(4)
    BatchNorm(statistics: .batch)
    ELU()
    Dense(4)
    Dense(1)
  }

  private func trainer(
    _ model: Model = DivergenceTests.model, rate: Double = 0.1, clip: GradientClip? = nil, threads: Int = 2
  ) throws -> Trainer {
    let options = Trainer.Options(batch: 12, shards: 4, threads: .count(threads), clip: clip)
    return try Trainer(
      model, loss: .meanSquaredError, optimizer: .sgd(learningRate: rate, momentum: 0.9), options: options)
  }

  /// An enormous rate: whenever the step that fails comes, it leaves no trace, and going on meets the same error.
  @Test(arguments: [1e3, 1e12, 1e30], [nil, GradientClip.globalNorm(1e20)] as [GradientClip?])
  func hugeLearningRate(rate: Double, clip: GradientClip?) throws {
    for threads in [1, 3] {
      let trainer = try trainer(rate: rate, clip: clip, threads: threads)
      try trainer.attach(TestData(samples: 40, features: 3, task: .regression(targets: 1)))
      var error: TrainingError?
      while error == nil && trainer.state.step < 500 {
        let (bits, state) = (trainer.tensorBits, trainer.state)
        do { try trainer.step() } catch let caught {
          error = caught
          #expect(trainer.tensorBits == bits && trainer.state == state, "the failing step has left a trace")
          #expect(throws: caught) { try trainer.step() }
        }
      }
      switch error {
      case .lossNotFinite(let step, let shard, _): #expect(step == trainer.state.step + 1 && (0..<4).contains(shard))
      case .gradientNotFinite(let step, let tensor): #expect(step == trainer.state.step + 1 && tensor != nil)
      case .statisticsNotFinite(let step, let layer):
        #expect(step == trainer.state.step + 1 && layer == "batch_norm0")
      case .updateNotFinite(let step, let tensor): #expect(step == trainer.state.step + 1 && !tensor.isEmpty)
      default:
        Issue.record(
          "rate \(rate), \(threads) threads: found \(String(describing: error)) after \(trainer.state.step) steps")
      }
    }
  }

  /// One row overflows in one layer: the error names the step, the row's shard, and the layer.
  @Test(arguments: [1, 2, 4])
  func namesShardAndLayer(threads: Int) throws {
    let trainer = try Trainer(
      Model(features: 1) {
        Dense(2, bias: false)
        Tanh()
        Dense(2, bias: false)
        LeakyReLU()
        Dense(1, bias: false)
      },
      loss: .meanSquaredError, optimizer: .sgd(learningRate: 1e-3),
      options: Trainer.Options(batch: 12, shards: 4, threads: .count(threads)))
    let data = ScriptedData(rows: 12, features: 1, task: .regression(targets: 1))
    try trainer.attach(data)
    let y = [Float](repeating: 0, count: 12)
    data.prepare(trainer, x: [Float](repeating: 0.1, count: 12), y: y)
    try trainer.step()
    try trainer.tensor("model.dense1.weight").fill(3e38)
    // Rows 6, 7, 8 are shard 2; only where tanh is 1 does the sum of two overflow. The sign keeps the other shards'
    // losses finite.
    var x = [Float](repeating: 0, count: 12)
    x[7] = 20
    try trainer.tensor("model.dense0.weight").fill(1)
    data.prepare(trainer, x: x, y: y)
    let (bits, state) = (trainer.tensorBits, trainer.state)
    let expected = TrainingError.lossNotFinite(step: 2, shard: 2, layer: "dense1")
    #expect(throws: expected) { try trainer.step() }
    #expect(trainer.tensorBits == bits && trainer.state == state)
    for word in ["step 2", "shard 2", "dense1", "learning rate"] { #expect(expected.description.contains(word)) }
    // With data that does not overflow the run goes on.
    data.prepare(trainer, x: y, y: y)
    #expect(try trainer.step().step == 2)
  }

  /// A value of the data set that is not finite is blamed on the data set.
  @Test func namesTheInput() throws {
    let trainer = try trainer()
    let data = ScriptedData(rows: 12, features: 3, task: .regression(targets: 1))
    try trainer.attach(data)
    var x = [Float](repeating: 0.5, count: 36)
    x[35] = .nan
    data.prepare(trainer, x: x, y: [Float](repeating: 0, count: 12))
    // Statistics of the batch carry it into every shard; the first of them is reported, by the first layer that it
    // reaches.
    #expect(throws: TrainingError.lossNotFinite(step: 1, shard: 0, layer: "batch_norm0")) { try trainer.step() }
    let alone = try self.trainer(Model(features: 3) { Dense(1) })
    try alone.attach(data)
    data.prepare(alone, x: x, y: [Float](repeating: 0, count: 12))
    #expect(throws: TrainingError.lossNotFinite(step: 1, shard: 3, layer: "input")) { try alone.step() }
  }

  /// The loss is finite, its gradient is not: this is found, clipped or not, and nothing is applied.
  @Test(arguments: [1, 2, 4], [nil, GradientClip.globalNorm(1), .value(1)] as [GradientClip?])
  func gradientNotFinite(threads: Int, clip: GradientClip?) throws {
    let trainer = try trainer(
      Model(features: 3) {
        Dense(1, bias: false)
        Dense(1, bias: false)
      }, clip: clip, threads: threads)
    let data = ScriptedData(rows: 12, features: 3, task: .regression(targets: 1))
    try trainer.attach(data)
    // h = 3 · 10³⁸ · 10⁻³⁸, y = 10³ h; dh = 2 y · 10³, and its product with x overflows.
    try trainer.tensor("model.dense0.weight").fill(2e-38)
    try trainer.tensor("model.dense1.weight").fill(1e3)
    let (bits, state) = (trainer.tensorBits, trainer.state)
    data.prepare(trainer, x: [Float](repeating: 1e38, count: 36), y: [Float](repeating: 0, count: 12))
    #expect(throws: TrainingError.gradientNotFinite(step: 1, tensor: "dense0.weight")) { try trainer.step() }
    #expect(trainer.tensorBits == bits && trainer.state == state)
  }

  /// Every shard's gradient is finite and only their sum overflows, whoever sums what; one that is nearly as large is
  /// applied, with the same bits everywhere.
  @Test(arguments: [nil, GradientClip.value(1e38)] as [GradientClip?])
  func sumOverShardsOverflows(clip: GradientClip?) throws {
    // With w = 0 and targets of −a the gradient of a shard of 3 of 12 rows is x a / 2.
    let (a, overflowing, large) = (Float(1e19), Float(4e19), Float(1.4e19))
    var applied: [[String: [UInt32]]] = []
    for threads in [1, 2, 3, 4] {
      let trainer = try trainer(
        Model(features: 3) { Dense(1, initializer: .zeros, bias: false) }, rate: 1e-30, clip: clip, threads: threads)
      let data = ScriptedData(rows: 12, features: 3, task: .regression(targets: 1))
      try trainer.attach(data)
      let bits = trainer.tensorBits
      data.prepare(
        trainer, x: [Float](repeating: overflowing, count: 36), y: [Float](repeating: -a, count: 12))
      #expect(throws: TrainingError.gradientNotFinite(step: 1, tensor: "dense0.weight")) { try trainer.step() }
      #expect(trainer.tensorBits == bits)
      data.prepare(trainer, x: [Float](repeating: large, count: 36), y: [Float](repeating: -a, count: 12))
      #expect(try trainer.step().gradientNorm == nil)
      #expect(trainer.tensorBits != bits)
      applied.append(trainer.tensorBits)
    }
    #expect(applied.allSatisfy { $0 == applied[0] })
  }

  /// A variance that overflows makes a layer's output its β and harms no loss; but inference would use it for ever.
  @Test(arguments: [1, 2, 4], BatchNorm.Statistics.allCases)
  func statisticsNotFinite(threads: Int, statistics: BatchNorm.Statistics) throws {
    let model = Model(features: 1) {
      Dense(1, initializer: .ones, bias: false)
      BatchNorm()
      Dense(1, initializer: .ones, bias: false)
      BatchNorm(statistics: statistics)
      Dense(1)
    }
    let trainer = try trainer(model, threads: threads)
    let data = ScriptedData(rows: 12, features: 1, task: .regression(targets: 1))
    try trainer.attach(data)
    // Enough to overflow behind the second weight alone.
    try trainer.tensor("model.dense1.weight").fill(3e19)
    let y = [Float](repeating: 0, count: 12)
    data.prepare(trainer, x: (0..<12).map { Float($0 * $0) }, y: y)
    let (bits, state) = (trainer.tensorBits, trainer.state)
    #expect(throws: TrainingError.statisticsNotFinite(step: 1, layer: "batch_norm1")) { try trainer.step() }
    #expect(trainer.tensorBits == bits && trainer.state == state)
    trainer.skip()
    #expect(trainer.tensorBits == bits && trainer.state.step == 1 && trainer.state.optimizer == state.optimizer)
    try trainer.tensor("model.dense1.weight").fill(3)
    data.prepare(trainer, x: (0..<12).map { Float($0 * $0) }, y: y)
    #expect(try trainer.step().step == 2)
  }

  /// What a data set cannot give is its own error, found by whichever worker, reported by shard.
  @Test(arguments: [1, 2, 4])
  func unreadableSample(threads: Int) throws {
    let trainer = try trainer(threads: threads)
    let data = UnreadableData(count: 30, damaged: 17)
    try trainer.attach(data)
    let bits = trainer.tensorBits
    var failures = 0
    for _ in 0..<3 {
      do { try trainer.step() } catch {
        #expect(error == .data(DatasetError("sample 17 is damaged")))
        failures += 1
        break
      }
    }
    #expect(failures == 1)
    if trainer.state.step == 0 { #expect(trainer.tensorBits == bits) }
    #expect(throws: TrainingError.data(DatasetError("sample 17 is damaged"))) { try trainer.evaluate(on: data) }
    #expect(try trainer.evaluate(on: UnreadableData(count: 17, damaged: 17)).sums.count == 17)
  }
}

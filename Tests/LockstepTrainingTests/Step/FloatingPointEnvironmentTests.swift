import KernelProbes
import LockstepData
import LockstepKernels
import LockstepModel
import LockstepTraining
import SampleSupport
import TestSupport
import Testing

/// How the caller's thread rounds, and whether it traps, changes no bit of what Lockstep computes, and is as it was
/// afterwards. Threads that start meanwhile have the caller's environment until they set their own.
@Suite struct FloatingPointEnvironmentTests {
  private static let roundings = [LK_PROBE_UPWARD, LK_PROBE_DOWNWARD, LK_PROBE_TOWARD_ZERO]

  /// What `body` computes in every other environment is what it computes in this thread's own.
  private func expectSameBits<Bits: Equatable>(
    _ what: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Bits
  ) throws {
    let expected = try body()
    for rounding in Self.roundings {
      for traps in [0, 1] {
        lk_probe_set_environment(rounding, Int32(traps))
        let before = lk_probe_environment()
        let found = Result { try body() }
        let after = lk_probe_environment()
        lk_probe_set_environment(LK_PROBE_NEAREST, 0)
        let name = "\(what), rounding \(rounding.rawValue), traps \(traps)"
        #expect(try found.get() == expected, "\(name): other bits", sourceLocation: sourceLocation)
        #expect(after == before, "\(name): the caller's environment is another", sourceLocation: sourceLocation)
      }
    }
  }

  private static let data = TestData(samples: 150, features: 12, task: .classification(classes: 3))

  private static func trainer(
    _ optimizer: Optimizer = .adam(learningRate: 0.01), schedule: Schedule = .cosine(end: 0.1).warmedUp(over: 3),
    statistics: BatchNorm.Statistics = .shard, lsuv: LSUV? = nil, batch: Int = 40
  ) throws -> Trainer {
    let model = Model(features: 12) {
      BatchNorm(statistics: statistics)
      Dense(19)
      BatchNorm(statistics: statistics)
      GELU()
      Dropout(rate: 0.2)
      Dense(7)
      Tanh()
      Dense(3)
    }
    let trainer = try Trainer(
      model, loss: .softmaxCrossEntropy(labelSmoothing: 0.1), optimizer: optimizer,
      options: .init(
        batch: batch, shards: 3, threads: .count(2), seed: 3,
        regularization: .init(l1: 1e-4, decoupled: 0.01, maxNorm: 2),
        clip: .globalNorm(0.5), schedule: schedule, horizon: 50, lsuv: lsuv, weightAverage: WeightAverage(decay: 0.9)))
    try trainer.attach(data)
    return trainer
  }

  private static func bits(_ sums: LossSums) -> [UInt64] {
    [sums.count, sums.loss, sums.first, sums.second, sums.meanLoss].map(\.bitPattern)
  }

  @Test(arguments: BatchNorm.Statistics.allCases) func steps(_ statistics: BatchNorm.Statistics) throws {
    let optimizers = Optimizer.all.map { $0.with(learningRate: 0.01) } + [.sgd(learningRate: 0.1, momentum: 0.9)]
    for optimizer in optimizers {
      try expectSameBits("\(optimizer.name), \(statistics)") {
        let trainer = try Self.trainer(optimizer, statistics: statistics)
        return TrainedBits(trainer, try (0..<7).map { _ in try trainer.step(measuringNorm: true) })
      }
    }
  }

  @Test func evaluationAndRecalibration() throws {
    let trainer = try Self.trainer()
    for _ in 0..<5 { try trainer.step() }
    try expectSameBits("evaluation") {
      let sums = try trainer.evaluate(on: Self.data).sums
      return Self.bits(sums) + trainer.loss.metrics(sums).map(\.value.bitPattern)
    }
    try expectSameBits("recalibration") {
      try trainer.recalibrate(batches: 3)
      return trainer.tensorBits
    }
  }

  @Test func prediction() throws {
    let predictor = try Predictor(Self.trainer().network.model, threads: 2)
    var generator = SeededGenerator(seed: 1)
    for tensor in predictor.tensors { tensor.values.copy(from: generator.uniform(tensor.values.count, in: 0.1...1)) }
    let memory = TestMemory()
    let x = memory.matrix(generator.normal(600 * 12), rows: 600, columns: 12)
    try expectSameBits("prediction") {
      let y = memory.matrix(rows: 600, columns: 3)
      predictor.predict(x, into: y)
      return y.array.map(\.bitPattern)
    }
  }

  @Test func initialization() throws {
    for initializer: Initializer in [
      .glorotUniform, .heNormal, .lecunNormal, .orthogonal(gain: 1), .normal(mean: 0.3, stddev: 0.1),
    ] {
      try expectSameBits("\(initializer)") {
        let model = Model(features: 12) {
          Dense(40, initializer: initializer)
          Dense(3, initializer: initializer)
        }
        return try Trainer(model, loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: 0.1), batch: 8).tensorBits
      }
      let memory = TestMemory()
      try expectSameBits("\(initializer) alone") {
        let tensor = memory.vector(count: 12 * 40)
        initializer.fill(
          tensor, shape: .matrix(inputs: 12, units: 40), key: RandomKey(seed: 2, purpose: .initialization))
        return tensor.array.map(\.bitPattern)
      }
    }
    try expectSameBits("by data") {
      let trainer = try Self.trainer(lsuv: LSUV(samples: 100))
      try trainer.initializeFromData()
      return trainer.tensorBits
    }
  }

  @Test(arguments: SyntheticSpecification.examples) func syntheticData(_ specification: SyntheticSpecification) throws {
    try expectSameBits("\(specification.kind.name)") { try Rows(specification.makeDataset(runSeed: 4), Array(0..<99)) }
  }

  @Test func schedules() throws {
    let plateau = Plateau(metric: .loss, mode: .min, factor: 0.3, patience: 0)
    let schedules: [Schedule] = [
      .step(every: 7, gamma: 0.3), .exponential(rate: 0.97, every: 13), .polynomial(power: 1.7, end: 0.01),
      .cosine(end: 0.1).warmedUp(over: 10), .oneCycle(peak: 0.3, divide: 25, finalDivide: 10_000),
    ]
    for schedule in schedules {
      try expectSameBits("\(schedule)") { (0..<100).map { schedule.factor(step: $0, horizon: 97).bitPattern } }
    }
    try expectSameBits("plateau") {
      var state = PlateauState()
      return (0..<5).map { _ in
        state.observe(0.7, plateau)
        return state.factor.bitPattern
      }
    }
  }

  @Test func rangeTest() throws {
    try expectSameBits("range test") {
      let plan = LearningRateRange.Plan(from: 1e-4, to: 3, steps: 40)
      let trainer = try Self.trainer(.sgd(learningRate: plan.from), schedule: plan.schedule)
      let range = try LearningRateRange.measure(trainer, plan)
      return "\(range) \(range.judgement)"
    }
  }

  @Test func diagnosis() throws {
    try expectSameBits("diagnosis") { "\(try Diagnosis.measure(Self.trainer(), steps: 4))" }
  }

  @Test func losses() throws {
    let memory = TestMemory()
    var generator = SeededGenerator(seed: 8)
    let (output, targets) = (
      memory.matrix(generator.normal(21), rows: 7, columns: 3), memory.matrix(generator.normal(21), rows: 7, columns: 3)
    )
    for loss: Loss in [.meanSquaredError, .meanAbsoluteError, .huber(delta: 0.7), .binaryCrossEntropy] {
      try expectSameBits("\(loss.name)") {
        let gradient = memory.matrix(rows: 7, columns: 3)
        let sums = loss.evaluate(output: output, targets: targets, batchRows: 7, gradient: gradient)
        return Self.bits(sums + sums) + gradient.array.map { UInt64($0.bitPattern) }
      }
    }
  }
}

import LockstepData
import LockstepKernels
import LockstepModel
import LockstepTraining
import Testing

/// Settings that cannot work are errors that say what was found and what is expected; none traps.
@Suite struct SettingsTests {
  private static let model = Model(features: 4) {
    Dense(6)
    BatchNorm()
    ReLU()
    Dense(3)
  }

  /// What is wrong, and words that its message holds.
  struct Wrong: Sendable, CustomTestStringConvertible {
    var words: [String]
    var model = SettingsTests.model
    var optimizer = Optimizer.sgd(learningRate: 0.1)
    var options = Trainer.Options(batch: 32, shards: 4)
    var testDescription: String { words.joined(separator: " … ") }

    init(_ words: String..., change: (inout Wrong) -> Void) {
      self.words = words
      change(&self)
    }
  }

  private static let wrongs = [
    Wrong("batch_size: found 0,") { $0.options.batch = 0 },
    Wrong("batch_size: found -3,") { $0.options.batch = -3 },
    Wrong("batch_size: found \(Int.max),") { $0.options.batch = .max },
    Wrong("shards: found 0,") { $0.options.shards = 0 },
    Wrong("shards: found \(Int.max),") { $0.options.shards = .max },
    Wrong("3 rows", "4 shards") { $0.options.batch = 3 },
    Wrong("threads: found 0,") { $0.options.threads = .count(0) },
    Wrong("threads: found -1,") { $0.options.threads = .count(-1) },
    Wrong("length of the run") { $0.options.schedule = .cosine() },
    Wrong("length of the run") { $0.options.schedule = .polynomial(power: 1, end: 0) },
    Wrong("dense0", "0 units") { $0.model = Model(features: 4) { Dense(0) } },
    Wrong("sgd.learning_rate", "0.0") { $0.optimizer = .sgd(learningRate: 0) },
    Wrong("adam.learning_rate", "nan") { $0.optimizer = .adam(learningRate: .nan) },
    Wrong("rmsprop.learning_rate", "inf") { $0.optimizer = .rmsprop(learningRate: .infinity) },
    Wrong("momentum", "1.0") { $0.optimizer = .sgd(learningRate: 0.1, momentum: 1) },
    Wrong("nesterov", "momentum") { $0.optimizer = .sgd(learningRate: 0.1, nesterov: true) },
    Wrong("adagrad", "epsilon", "0.0") { $0.optimizer = .adagrad(learningRate: 0.1, epsilon: 0) },
    Wrong("decay", "-0.1") { $0.optimizer = .rmsprop(learningRate: 0.1, decay: -0.1) },
    Wrong("beta1", "1.5") { $0.optimizer = .nadam(learningRate: 0.1, beta1: 1.5) },
    Wrong("beta2", "nan") { $0.optimizer = .adamax(learningRate: 0.1, beta2: .nan) },
    Wrong("nadam.momentum_decay", "-1.0") { $0.optimizer = .nadam(learningRate: 0.1, momentumDecay: -1) },
    Wrong("l1", "-1.0") { $0.options.regularization.l1 = -1 },
    Wrong("l2", "nan") { $0.options.regularization.l2 = .nan },
    Wrong("decoupled", "-0.1") { $0.options.regularization.decoupled = -0.1 },
    Wrong("regularization.max_norm", "0.0") { $0.options.regularization.maxNorm = 0 },
    Wrong("global_norm: found 0.0") { $0.options.clip = .globalNorm(0) },
    Wrong("value: found -2.0") { $0.options.clip = .value(-2) },
    Wrong("step.every: found 0") { $0.options.schedule = .step(every: 0, gamma: 0.5) },
    Wrong("gamma", "0.0") { $0.options.schedule = .step(every: 1, gamma: 0) },
    Wrong("1 factors for 1 boundaries") { $0.options.schedule = .piecewise(boundaries: [3], factors: [1]) },
    Wrong("boundaries", "grow") { $0.options.schedule = .piecewise(boundaries: [3, 3], factors: [1, 2, 3]) },
    Wrong("exponential.every: found -5") { $0.options.schedule = .exponential(rate: 0.5, every: -5) },
    Wrong("cosine.warmup: found -1") {
      ($0.options.schedule, $0.options.horizon) = (.cosine().warmedUp(over: -1), 10)
    },
    Wrong("end", "2.0") { ($0.options.schedule, $0.options.horizon) = (.polynomial(power: 1, end: 2), 10) },
    Wrong("peak", "1.5") {
      ($0.options.schedule, $0.options.horizon) = (.oneCycle(peak: 1.5, divide: 10, finalDivide: 10), 10)
    },
    Wrong("one_cycle.divide", "0.0") {
      ($0.options.schedule, $0.options.horizon) = (.oneCycle(peak: 0.5, divide: 0, finalDivide: 10), 10)
    },
    Wrong("cosine_restarts.period: found 0") { $0.options.schedule = .cosineRestarts(period: 0) },
    Wrong("cosine_restarts.multiplier: found 0") { $0.options.schedule = .cosineRestarts(period: 3, multiplier: 0) },
    Wrong("cosine_restarts.decay: found 0.0") { $0.options.schedule = .cosineRestarts(period: 3, decay: 0) },
    Wrong("reduce_on_plateau.cooldown: found -1") { $0.options.schedule = .reduceOnPlateau(Plateau(cooldown: -1)) },
    Wrong("reduce_on_plateau.factor: found 1.0") { $0.options.schedule = .reduceOnPlateau(Plateau(factor: 1)) },
    Wrong("reduce_on_plateau.patience: found -1") { $0.options.schedule = .reduceOnPlateau(Plateau(patience: -1)) },
  ]

  @Test(arguments: wrongs)
  func impossibleSettings(_ wrong: Wrong) throws {
    let error = try #require(throws: TrainingError.self) {
      try Trainer(wrong.model, loss: .softmaxCrossEntropy, optimizer: wrong.optimizer, options: wrong.options)
    }
    for word in wrong.words { #expect(error.description.contains(word), "\(error)") }
  }

  /// A loss, a network's outputs and a task that do not belong together.
  @Test(
    arguments: [
      (Loss.softmaxCrossEntropy(labelSmoothing: 0), 3, LearningTask.classification(classes: 4)),
      (.softmaxCrossEntropy(labelSmoothing: 0), 3, .regression(targets: 3)),
      (.binaryCrossEntropy, 3, .classification(classes: 2)),
      (.binaryCrossEntropy, 1, .classification(classes: 3)), (.meanSquaredError, 3, .classification(classes: 3)),
      (.meanAbsoluteError, 3, .regression(targets: 2)), (.huber(delta: 1), 1, .regression(targets: 2)),
      (.binaryCrossEntropy, 3, .labels(4)), (.softmaxCrossEntropy(labelSmoothing: 0), 3, .labels(3)),
      (.meanSquaredError, 3, .labels(3)),
    ] as [(Loss, Int, LearningTask)])
  func lossThatDoesNotFit(loss: Loss, units: Int, task: LearningTask) throws {
    let trainer = try Trainer(
      Model(features: 4) { Dense(units) }, loss: loss, optimizer: .sgd(learningRate: 0.1), batch: 8)
    let data = TestData(samples: 16, features: 4, task: task)
    let error = try #require(throws: TrainingError.self) { try trainer.attach(data) }
    guard case .setting(let text) = error else { throw error }
    #expect(
      text.contains(loss.name) && text.contains("\(units)") || text.contains("real targets")
        || text.contains("needs classes") || text.contains("take binary_cross_entropy"))
    #expect(throws: error) { try trainer.evaluate(on: data) }
    #expect(trainer.sampler == nil)
  }

  @Test func dataOfAnotherWidth() throws {
    let trainer = try Trainer(
      SettingsTests.model, loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: 0.1), batch: 32)
    let error = try #require(throws: TrainingError.self) {
      try trainer.attach(TestData(samples: 50, features: 5, task: .classification(classes: 3)))
    }
    #expect(error.description.contains("5 features") && error.description.contains("expects 4"))
    #expect(throws: TrainingError.self) { try trainer.step() }
  }

  /// One row in a shard has no variance: said before training, for the epoch's last batch too.
  @Test func shardsOfOneRow() throws {
    func attach(
      samples: Int, batch: Int, shards: Int, dropLast: Bool = false, _ statistics: BatchNorm.Statistics = .shard
    ) throws {
      let model = Model(features: 4) {
        Dense(6)
        Residual { BatchNorm(statistics: statistics) }
        Dense(3)
      }
      let trainer = try Trainer(
        model, loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: 0.1),
        options: Trainer.Options(batch: batch, shards: shards, dropLast: dropLast))
      try trainer.attach(TestData(samples: samples, features: 4, task: .classification(classes: 3)))
      for _ in 0..<3 { try trainer.step() }
    }
    for (samples, batch, shards, last) in [(65, 7, 4, 2), (37, 16, 3, 5), (5, 16, 4, 5), (33, 16, 1, 1), (64, 7, 4, 1)]
    {
      let error = try #require(throws: TrainingError.self) {
        try attach(samples: samples, batch: batch, shards: shards)
      }
      #expect(error.description.contains("2 rows") && error.description.contains("drop_last"))
      guard last == 1 else {
        #expect(error.description.contains("statistics: batch"))
        try attach(samples: samples, batch: batch, shards: shards, .batch)
        continue
      }
      // Over the batch it has none either, so neither error advises the other statistics.
      let batchError = try #require(throws: TrainingError.self) {
        try attach(samples: samples, batch: batch, shards: shards, .batch)
      }
      #expect(batchError.description.contains("a batch of 1 row") && batchError.description.contains("drop_last"))
      #expect(!batchError.description.contains("statistics: shard"))
      try attach(samples: samples, batch: batch, shards: 1, dropLast: true, .batch)
    }
    try attach(samples: 37, batch: 16, shards: 3, dropLast: true)
    try attach(samples: 38, batch: 16, shards: 3)
  }

  @Test func droppedLastBatchOfALargeBatch() throws {
    let trainer = try Trainer(
      SettingsTests.model, loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: 0.1),
      options: Trainer.Options(batch: 32, shards: 4, dropLast: true))
    let error = try #require(throws: TrainingError.self) {
      try trainer.attach(TestData(samples: 31, features: 4, task: .classification(classes: 3)))
    }
    #expect(error.description.contains("drop_last"))
  }

  /// No data, no step.
  @Test func stepWithoutData() throws {
    let trainer = try Trainer(
      SettingsTests.model, loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: 0.1), batch: 32)
    let error = try #require(throws: TrainingError.self) { try trainer.step() }
    #expect(error.description.contains("attach"))
  }

  /// As many threads as were asked for, also beyond the shards, and `auto` at most one a core.
  @Test func threads() throws {
    for (threads, expected) in [(Trainer.Threads.count(1), 1), (.count(4), 4), (.count(7), 7)] {
      let options = Trainer.Options(batch: 32, shards: 4, threads: threads)
      let trainer = try Trainer(
        SettingsTests.model, loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: 0.1), options: options)
      #expect(trainer.threads == expected)
    }
    let trainer = try Trainer(
      SettingsTests.model, loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: 0.1), batch: 32)
    #expect((1...Processor.availableCores).contains(trainer.threads) && trainer.options.shards == 2)
    // Each of at least 16 rows where the batch has as many.
    #expect([1, 16, 31, 32, 100, 128, 4096].map(Trainer.Options.shards(fitting:)) == [1, 1, 1, 2, 6, 8, 8])
  }

  /// `for try await step in trainer.steps(over: data).prefix(n)`
  @Test func stepsAsASequence() async throws {
    let data = TestData(samples: 64, features: 4, task: .classification(classes: 3))
    let trainer = try Trainer(
      SettingsTests.model, loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: 0.1), batch: 32)
    var steps: [Int] = []
    for try await step in trainer.steps(over: data).prefix(5) { steps.append(step.step) }
    for try await step in trainer.steps(over: data).prefix(2) { steps.append(step.step) }
    #expect(steps == [1, 2, 3, 4, 5, 6, 7])
  }
}

import LockstepKernels
import LockstepModel
import LockstepTraining
import Testing

/// The moving average of the weights: a₀ = θ₀, aₜ = dₜ aₜ₋₁ + (1 − dₜ) θₜ, dₜ = min(decay, (1 + t) / (10 + t)).
@Suite struct WeightAverageTests {
  /// A tensor of every role.
  private static let model = Model(features: 12) {
    Dense(90, bias: true)
    BatchNorm()
    PReLU()
    Dense(40)
    Dropout(rate: 0.2)
    Dense(3)
  }

  private static let data = TestData(samples: 100, features: 12, task: .classification(classes: 3))

  private func trainer(
    threads: Int = 1, decay: Double? = 0.9, maxNorm: Double? = nil, clip: GradientClip? = nil, microBatches: Int = 1,
    lsuv: LSUV? = nil
  ) throws -> Trainer {
    let trainer = try Trainer(
      Self.model, loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.02),
      options: Trainer.Options(
        batch: 36, shards: 4, threads: .count(threads), seed: 3, regularization: Regularization(maxNorm: maxNorm),
        clip: clip, lsuv: lsuv, accumulate: microBatches, weightAverage: decay.map { WeightAverage(decay: $0) }))
    try trainer.attach(Self.data)
    return trainer
  }

  private func values(_ trainer: Trainer, _ prefix: String) -> [String: [Double]] {
    var values: [String: [Double]] = [:]
    for tensor in trainer.tensors where tensor.name.hasPrefix(prefix) {
      values[String(tensor.name.dropFirst(prefix.count))] = tensor.values.array.map(Double.init)
    }
    return values
  }

  /// Computed again in Double from the weights after every step, of every tensor there is; bounded norms come before
  /// it.
  @Test(arguments: [nil, 0.7])
  func isTheAverageOfTheWeights(maxNorm: Double?) throws {
    let trainer = try trainer(threads: 2, decay: 0.6, maxNorm: maxNorm, clip: maxNorm == nil ? nil : .globalNorm(0.5))
    var expected = values(trainer, "model.")
    for t in 1...12 {
      try trainer.step()
      let decay = min(0.6, Double(1 + t) / Double(10 + t))
      let (weights, average) = (values(trainer, "model."), values(trainer, "average."))
      #expect(Set(average.keys) == Set(trainer.network.parameters.entries.map(\.name)))
      for (name, average) in average {
        let weights = try #require(weights[name])
        let next = zip(try #require(expected[name]), weights).map { decay * $0 + (1 - decay) * $1 }
        expected[name] = next
        for (found, expected) in zip(average, next) {
          #expect(abs(found - expected) < 2e-6, "\(name) after update \(t)")
        }
      }
      #expect(average["dense0.bias"] != weights["dense0.bias"])
    }
  }

  /// It has no part in training.
  @Test func theWeightsAreThoseOfARunWithoutIt() throws {
    let (with, without) = (try trainer(), try trainer(decay: nil))
    for _ in 0..<7 { #expect(try with.step() == without.step()) }
    for (name, bits) in without.tensorBits { #expect(with.tensorBits[name] == bits, "\(name)") }
    #expect(with.tensorBits.count > without.tensorBits.count)
  }

  @Test func bitsDoNotDependOnThreadsOrParts() throws {
    for maxNorm in [nil, 0.7] {
      let expected = try trainer(maxNorm: maxNorm)
      let steps = try (0..<7).map { _ in try expected.step() }
      for (threads, microBatches) in [(2, 1), (3, 1), (4, 1), (2, 2), (1, 4)] {
        let found = try trainer(threads: threads, maxNorm: maxNorm, microBatches: microBatches)
        for step in steps { #expect(try found.step() == step) }
        #expect(found.tensorBits == expected.tensorBits, "\(threads) threads, \(microBatches) micro-batches")
      }
    }
  }

  @Test func resumedAfterEveryStep() throws {
    let whole = try trainer()
    var resumed = try trainer()
    for threads in [1, 2, 3, 1, 2] {
      let step = try whole.step()
      let next = try trainer(threads: threads)
      next.takeOver(from: resumed)
      resumed = next
      #expect(try resumed.step() == step)
    }
    #expect(resumed.tensorBits == whole.tensorBits)
  }

  /// Evaluation is that of a trainer whose weights are the average, and leaves every bit where it was.
  @Test func evaluationTakesTheAverage() throws {
    let trainer = try trainer(threads: 2)
    for _ in 0..<9 { try trainer.step() }
    let before = trainer.tensorBits
    let other = try self.trainer(decay: nil)
    for tensor in other.tensors {
      let source = tensor.name.replacing("model.", with: "average.")
      let name = before[source] == nil ? tensor.name : source
      tensor.values.copy(from: try #require(before[name]).map(Float.init(bitPattern:)))
    }
    let averaged = try trainer.evaluate(on: Self.data)
    #expect(try averaged == other.evaluate(on: Self.data))
    trainer.infersFromAverage = false
    #expect(try trainer.evaluate(on: Self.data) != averaged)
    #expect(trainer.tensorBits == before)

    // Recalibration looks at what those weights make of the data.
    trainer.infersFromAverage = true
    try trainer.recalibrate(batches: 2)
    try other.recalibrate(batches: 2)
    #expect(
      try trainer.tensor("model.batch_norm0.running_mean").array == other.tensor("model.batch_norm0.running_mean").array
    )
  }

  /// Before the first update it is the weights themselves, however these were made.
  @Test func beginsWithTheWeights() throws {
    for lsuv in [nil, LSUV(samples: 36)] {
      let trainer = try trainer(lsuv: lsuv)
      try trainer.initializeFromData()
      #expect(values(trainer, "average.") == values(trainer, "model.").filter { !$0.key.contains("running") })
    }
  }

  /// A step that is not applied, or is skipped, is no update.
  @Test func aStepThatFailsLeavesIt() throws {
    let trainer = try trainer()
    try trainer.step()
    let weight = try trainer.tensor("model.dense0.weight")
    let (kept, average) = (weight.array, values(trainer, "average."))
    weight.fill(.infinity)
    #expect(throws: TrainingError.self) { try trainer.step() }
    #expect(values(trainer, "average.") == average)
    weight.copy(from: kept)
    trainer.skip()
    #expect(values(trainer, "average.") == average && trainer.state.optimizer.updates == 1)
  }

  @Test(arguments: [-0.1, 1, 1.5, .nan])
  func aDecayThatCannotBeIsRefused(decay: Double) {
    #expect { try trainer(decay: decay) } throws: { "\($0)".contains("decay") && "\($0)".contains("below 1") }
  }

  /// Also memory that is taken is counted.
  @Test func memoryIsCounted() throws {
    let network = try Network(Self.model, seed: 1)
    let need = MemoryEstimate(
      training: network,
      WorkspaceSize(rows: 36, shards: 4, TeamPlan(workers: 1, shards: 4, teams: 1), targetColumns: 1), slots: 2,
      isAveraged: true)
    #expect(need.parts.last?.purpose == "average" && need.parts.last?.bytes == network.parameters.count * 4)
  }
}

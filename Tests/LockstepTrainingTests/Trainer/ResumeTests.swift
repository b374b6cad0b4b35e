import LockstepKernels
import LockstepModel
import LockstepTraining
import TestSupport
import Testing

/// Stopping, going on elsewhere, and looking in between leave no trace in the bits.
@Suite struct ResumeTests {
  private static let run = Run(
    name: "resumed",
    model: Model(features: 12) {
      Dense(64, bias: false)
      BatchNorm()
      RReLU()
      Residual {
        Dense(64)
        BatchNorm(statistics: .batch)
        Dropout(rate: 0.2)
      }
      Dense(3)
    },
    optimizer: .nadam(learningRate: 5e-3),
    options: Trainer.Options(
      batch: 36, shards: 8, seed: 21, regularization: Regularization(l2: 1e-3, maxNorm: 1.5), clip: .globalNorm(1),
      schedule: .oneCycle(peak: 0.3, divide: 10, finalDivide: 100), horizon: 25),
    data: TestData(samples: 100, features: 12, task: .classification(classes: 3)), steps: 25)

  /// Tensors and state are handed from trainer to trainer at random steps, in the middle of epochs too, on random
  /// numbers of threads.
  @Test(arguments: testSeeds + [3, 4, 5])
  func handedOver(seed: UInt64) throws {
    let expected = try ResumeTests.run.train(threads: 1)
    var generator = SeededGenerator(seed: seed)
    func threads() -> Int { Int.random(in: 1...8, using: &generator) }
    var (trainer, steps): (Trainer, [StepResult]) = (try ResumeTests.run.trainer(threads: threads()), [])
    while steps.count < ResumeTests.run.steps {
      for _ in 0..<min(Int.random(in: 1...9, using: &generator), ResumeTests.run.steps - steps.count) {
        steps.append(try trainer.step())
      }
      let next = try ResumeTests.run.trainer(threads: threads())
      next.takeOver(from: trainer)
      trainer = next
    }
    let difference = TrainedBits(trainer, steps).difference(from: expected)
    #expect(difference == nil, "seed \(seed)")
  }

  /// An evaluation between steps, of any data set, changes nothing.
  @Test func evaluationInBetween() throws {
    let expected = try ResumeTests.run.train(threads: 2)
    let trainer = try ResumeTests.run.trainer(threads: 3)
    let other = TestData(samples: 41, features: 12, task: .classification(classes: 3), seed: 99)
    let steps = try (0..<ResumeTests.run.steps).map { step in
      if step % 3 == 0 { _ = try trainer.evaluate(on: step % 2 == 0 ? other : ResumeTests.run.data) }
      return try trainer.step()
    }
    let difference = TrainedBits(trainer, steps).difference(from: expected)
    #expect(difference == nil)
  }

  /// The sums of an evaluation do not depend on threads either.
  @Test(arguments: [1, 35, 36, 37, 100])
  func evaluationOnAnyThreads(samples: Int) throws {
    let data = TestData(samples: samples, features: 12, task: .classification(classes: 3), seed: 5)
    var first: LossSums?
    for threads in [1, 2, 3, 5, 8] {
      let trainer = try ResumeTests.run.trainer(threads: threads)
      for _ in 0..<3 { try trainer.step() }
      let sums = try trainer.evaluate(on: data).sums
      #expect(sums.count == Double(samples) && sums.loss.isFinite)
      #expect(first == nil || sums == first, "\(threads) threads")
      first = sums
    }
  }

  /// Another seed is another batch order, other weights and another result; it is the seed alone that makes the
  /// difference.
  @Test func seeds() throws {
    let run = ResumeTests.run
    let trainers = try [21, 21, 22, 21 + (1 << 32)].map { try run.trainer(threads: 2, seed: $0) }
    let orders = try trainers.map { trainer in
      let batch = try #require(trainer.sampler).batch(at: 0)
      return (0..<batch.rows).map { batch.sample($0) }
    }
    let bits = trainers.map(\.tensorBits)
    #expect(orders[0] == orders[1] && bits[0] == bits[1])
    for other in 2...3 {
      #expect(orders[other] != orders[0])
      #expect(bits[other]["model.dense0.weight"] != bits[0]["model.dense0.weight"])
      let trained = try run.train(threads: 2, seed: trainers[other].options.seed)
      #expect(try trained.difference(from: run.train(threads: 2)) != nil)
    }
  }

  /// A trainer made anew starts where the first one did.
  @Test func stateOfAFreshTrainer() throws {
    let trainer = try ResumeTests.run.trainer(threads: 2)
    #expect(trainer.state == TrainerState() && trainer.state.step == 0)
    for step in 1...4 {
      let result = try trainer.step()
      #expect(result.step == step && trainer.state.step == step && trainer.state.optimizer.updates == step)
      #expect(result.epoch == (step - 1) / 3 && result.rows == (step % 3 == 0 ? 28 : 36))
    }
  }
}

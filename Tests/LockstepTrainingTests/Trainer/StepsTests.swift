import Dispatch
import LockstepData
import LockstepKernels
import LockstepModel
import LockstepTraining
import Synchronization
import TestSupport
import Testing

/// `for try await step in trainer.steps(over: data)`: the actor is free meanwhile, and cancellation ends it.
@Suite("steps(over:)") struct StepsTests {
  private static let data = TestData(samples: 40, features: 4, task: .classification(classes: 3))

  private static func trainer(threads: Int = 2) throws -> Trainer {
    try Trainer(
      Model(features: 4) {
        Dense(6)
        Tanh()
        Dense(3)
      }, loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.01), batch: 16, shards: 4, threads: threads)
  }

  /// Samples that can be read once somebody has opened the gate.
  private final class Gated: Dataset {
    private let data = StepsTests.data
    let gate = Atomic(false)
    /// Whether the gate was opened while a step waited for it.
    let isOpenInTime = Atomic(true)
    var count: Int { data.count }
    var features: Int { data.features }
    var task: LearningTask { data.task }
    var fingerprint: String { "gated" }

    func fill(_ indices: Span<Int>, features x: Matrix, targets y: Matrix) throws(DatasetError) {
      let deadline = MonotonicClock.seconds() + 10
      while !gate.load(ordering: .acquiring) {
        guard MonotonicClock.seconds() < deadline else {
          isOpenInTime.store(false, ordering: .releasing)
          break
        }
        DispatchSemaphore(value: 0).wait(milliseconds: 1)
      }
      try data.fill(indices, features: x, targets: y)
    }
  }

  /// The bits are those of `step()`, on whatever thread a step is done.
  @Test func sameBits() async throws {
    let (plain, trainer) = (try Self.trainer(), try Self.trainer(threads: 3))
    try plain.attach(Self.data)
    let expected = try (0..<7).map { _ in try plain.step() }
    var found: [StepResult] = []
    for try await step in trainer.steps(over: Self.data).prefix(7) { found.append(step) }
    #expect(found == expected)
    #expect(trainer.tensorBits == plain.tensorBits)
  }

  /// A step waits for what only another task of the same actor does: that gets its turn.
  @Test @MainActor func actorIsFreeMeanwhile() async throws {
    let (trainer, data) = (try Self.trainer(), Gated())
    let other = Task { @MainActor in data.gate.store(true, ordering: .releasing) }
    var steps = 0
    for try await _ in trainer.steps(over: data).prefix(3) { steps += 1 }
    await other.value
    #expect(steps == 3)
    let isOpenInTime = data.isOpenInTime.load(ordering: .acquiring)
    #expect(isOpenInTime, "the actor was blocked by a step")
  }

  /// Who asks the trainer for something while a step is being done is told so, and the step is not disturbed.
  @Test @MainActor func othersWait() async throws {
    let (trainer, data) = (try Self.trainer(), Gated())
    let other = Task { @MainActor in
      defer { data.gate.store(true, ordering: .releasing) }
      #expect(throws: TrainingError.self) { try trainer.step() }
      #expect(throws: TrainingError.self) { try trainer.evaluate(on: Self.data) }
      #expect(throws: TrainingError.self) { try trainer.attach(Self.data) }
    }
    for try await _ in trainer.steps(over: data).prefix(2) {}
    await other.value
    let plain = try Self.trainer()
    try plain.attach(Self.data)
    for _ in 0..<2 { try plain.step() }
    #expect(trainer.tensorBits == plain.tensorBits)
    try trainer.step()
    #expect(trainer.state.step == 3)
  }

  /// A cancelled task does no further step, and the trainer goes on as if it had never been cancelled.
  @Test func cancellation() async throws {
    let plain = try Self.trainer()
    try plain.attach(Self.data)
    for _ in 0..<4 { try plain.step() }
    let bits = plain.tensorBits
    let found = try await Task { () throws -> (steps: Int, state: Int, bits: [String: [UInt32]]) in
      let trainer = try Self.trainer()
      var steps = 0
      for try await step in trainer.steps(over: Self.data) {
        steps += 1
        if step.step == 3 { withUnsafeCurrentTask { $0?.cancel() } }
        if steps > 20 { break }
      }
      let state = trainer.state.step
      try trainer.step()
      return (steps, state, trainer.tensorBits)
    }.value
    #expect(found.steps == 3 && found.state == 3)
    #expect(found.bits == bits)
  }

  /// An error comes to whoever waits, and the trainer is as before the step.
  @Test func errors() async throws {
    let trainer = try Self.trainer()
    let data = TestData(samples: 40, features: 5, task: .classification(classes: 3))
    await #expect(throws: TrainingError.self) {
      for try await _ in trainer.steps(over: data) {}
    }
    var steps = 0
    for try await _ in trainer.steps(over: Self.data).prefix(2) { steps += 1 }
    #expect(steps == 2)
  }
}

extension DispatchSemaphore {
  /// Lets other threads have the core.
  fileprivate func wait(milliseconds: Int) { _ = wait(timeout: .now() + .milliseconds(milliseconds)) }
}

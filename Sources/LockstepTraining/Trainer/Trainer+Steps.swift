import Dispatch
import LockstepData
import LockstepKernels

extension Trainer {
  /// Steps without end over `data`, one for every element asked for.
  ///
  /// ```swift
  /// for try await step in trainer.steps(over: data).prefix(1000) { print(step.loss) }
  /// ```
  /// Whoever awaits a step is suspended until it is done, so that its actor does other things meanwhile, such as
  /// drawing; of these none may use the trainer. A task that is cancelled ends the loop between two steps, and the
  /// trainer can be used as after any other.
  public func steps(over data: any Dataset) -> Steps { Steps(trainer: self, data: data) }

  /// Steps without end, each done when it is asked for.
  public struct Steps: AsyncSequence {
    /// The result of one step.
    public typealias Element = StepResult
    let trainer: Trainer
    let data: any Dataset

    /// One that attaches the data before its first step.
    public func makeAsyncIterator() -> Iterator { Iterator(trainer: trainer, data: data) }

    /// Does a step for every element that is asked for.
    public struct Iterator: AsyncIteratorProtocol {
      let trainer: Trainer
      let data: any Dataset
      private var begun = false
      /// Where steps are done, while their caller is suspended.
      private let queue = DispatchQueue(label: "lockstep.steps", qos: .userInitiated)

      init(trainer: Trainer, data: any Dataset) {
        self.trainer = trainer
        self.data = data
      }

      /// One step, on no actor.
      public mutating func next() async throws(TrainingError) -> StepResult? {
        try await next(isolation: nil)
      }

      /// One step beside the caller's actor, to which the result comes back; nil once the task is cancelled.
      ///
      /// - Throws: `TrainingError`, as `Trainer.attach(_:)` and `Trainer.step(…)` do.
      public mutating func next(isolation actor: isolated (any Actor)?) async throws(TrainingError) -> StepResult? {
        if Task.isCancelled { return nil }
        if !begun {
          try trainer.attach(data)
          begun = true
        }
        try trainer.checkIdle()
        trainer.isStepping = true
        let lent = LentTrainer(trainer: trainer)
        let result = await withCheckedContinuation(isolation: actor) { continuation in
          queue.async { continuation.resume(returning: lent.step()) }
        }
        trainer.isStepping = false
        return try result.get()
      }
    }
  }

  /// Throws where a step is being done beside the caller.
  func checkIdle() throws(TrainingError) {
    guard isStepping else { return }
    throw .setting("the trainer is asked for something while steps(over:) is doing a step: wait for that")
  }
}

/// A trainer in the hands of another thread.
///
/// `@unchecked Sendable`: whoever lends it waits for the result, and `isStepping` keeps others of its actor away from
/// the trainer until then.
private struct LentTrainer: @unchecked Sendable {
  let trainer: Trainer

  func step() -> Result<StepResult, TrainingError> {
    do throws(TrainingError) {
      return .success(
        try withFloatingPointEnvironment { () throws(TrainingError) in
          try trainer.advance(measuringNorm: false, observingLayers: false, keepingGradient: false)
        })
    } catch { return .failure(error) }
  }
}

import LockstepData

extension Trainer {
  /// Steps without end over `data`, one for every element asked for.
  ///
  /// ```
  /// for try await step in trainer.steps(over: data).prefix(1000) { print(step.loss) }
  /// ```
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

      init(trainer: Trainer, data: any Dataset) {
        self.trainer = trainer
        self.data = data
      }

      /// One step, on no actor.
      public mutating func next() async throws(TrainingError) -> StepResult? {
        try await next(isolation: nil)
      }

      /// One step on the caller's actor, which the trainer never leaves.
      ///
      /// - Throws: `TrainingError`, as `Trainer.attach(_:)` and `Trainer.step(…)` do.
      public mutating func next(isolation actor: isolated (any Actor)?) async throws(TrainingError) -> StepResult? {
        if !begun {
          try trainer.attach(data)
          begun = true
        }
        return try trainer.step()
      }
    }
  }
}

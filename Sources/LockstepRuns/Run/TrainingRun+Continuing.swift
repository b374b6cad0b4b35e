import LockstepFormats
import LockstepTraining

extension TrainingRun {
  /// The command that goes on with the run where it has not come to its end, as a shell reads it.
  ///
  /// Where numbers have diverged, that which does something about it: the same steps would only diverge again.
  public var continuation: String {
    if case .given = configuration.data.train { return "the program that gave the data" }
    guard hasDiverged else { return folder.resumeCommand }
    switch configuration.training.onDivergence {
    case .stop: return "\(folder.resumeCommand) --set training.on_divergence=restore"
    case .skip, .restore:
      let hasCheckpoint = (try? store.list().isEmpty) == false
      return hasCheckpoint ? folder.forkCommand(setting: [smallerRate]) : folder.trainCommand(setting: [smallerRate])
    }
  }

  /// A tenth of the learning rate with which the run has diverged.
  private var smallerRate: (key: String, value: String) {
    let rate = configuration.optimizer.learningRate * trainer.state.learningRateFactor / 10
    return (
      "optimizer.\(configuration.optimizer.name).learning_rate",
      "\(rate.isNormal ? LearningRateRange.rounded(rate) : rate)"
    )
  }

  /// Says in the log why the run has ended, as far as the device still takes a line. Going on removes it, since it
  /// stands at a step that has not been done.
  func noteFailure(_ error: RunError) {
    try? log?.fail()
    if hasDiverged { return }
    try? log?.append(event: RunRecord.failedEvent, step: trainer.state.step + 1, ["message": .string("\(error)")])
    try? log?.synchronize()
  }
}

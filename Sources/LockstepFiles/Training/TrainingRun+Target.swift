extension TrainingRun {
  /// The step after which a run stops: `steps`, or the configured length.
  static func target(_ configuration: RunConfiguration, upTo steps: Int?) throws(RunError) -> Int {
    let length = configuration.totalSteps
    guard let steps else { return length }
    if steps < 1 { throw .input("--steps \(steps): expected at least 1.") }
    if steps > length {
      throw .input(
        "--steps \(steps): the configured length of the run is \(length) steps. To make it longer, set its length: --set training.steps=\(steps)"
      )
    }
    return steps
  }

  /// How a run ends whose last step is `target`.
  static func end(at target: Int, of configuration: RunConfiguration) -> RunSummary.End {
    target == configuration.totalSteps ? .finished : .paused
  }

  /// Throws where more steps are `done`, in the checkpoint at `path`, than are wanted.
  static func check(target: Int, upTo steps: Int?, done: Int, _ path: String) throws(RunError) {
    guard done > target else { return }
    let wanted = steps.map { "--steps \($0)" } ?? "a run of \(target) steps"
    throw .input(
      "\(path): the run has done \(done) steps already, found \(wanted), expected at least \(done). "
        + "Leave the run as it is, or begin another in another folder.")
  }
}

import LockstepConfiguration
import LockstepFormats
import LockstepTraining

extension TrainingRun {
  /// The step after which a run stops: `steps`, or the configured length.
  package static func target(_ configuration: RunConfiguration, upTo steps: Int?) throws(RunError) -> Int {
    let length = configuration.totalSteps
    guard let steps else { return length }
    if steps < 1 { throw .input("--steps \(steps): expected at least 1") }
    if steps > length {
      throw .input(
        "--steps \(steps): the configured length of the run is \(length) steps. To make it longer, set its length: --set training.steps=\(steps)"
      )
    }
    return steps
  }

  /// How a run ends that has nothing left to do after `step`.
  static func end(
    at step: Int, of configuration: RunConfiguration, _ earlyStopping: EarlyStoppingState
  ) -> RunSummary.End {
    if step == configuration.totalSteps { return .finished }
    return earlyStopping.ends(under: configuration.training.earlyStopping) ? .stoppedEarly : .paused
  }

  /// Throws where more steps are `done`, in the checkpoint at `path`, than are wanted.
  static func check(target: Int, upTo steps: Int?, done: Int, _ path: String) throws(RunError) {
    guard done > target else { return }
    let wanted = steps.map { "--steps \($0)" } ?? "a run of \(target) steps"
    throw .input(
      "\(path): the run has done \(done) steps already, found \(wanted), expected at least \(done). "
        + "Leave the run as it is, or begin another in another folder.")
  }

  /// Whether an evaluation has ended the run.
  var hasStoppedEarly: Bool { state.earlyStopping.ends(under: configuration.training.earlyStopping) }

  /// Why the run has ended before its last step; nil where it has not.
  var stoppedEarlySummary: JSONObject? {
    guard hasStoppedEarly, trainer.state.step < configuration.totalSteps,
      let rule = configuration.training.earlyStopping
    else { return nil }
    return state.earlyStopping.values(rule, last: state.evaluation?[rule.metric])
  }
}

import LockstepConfiguration
import LockstepKernels
import LockstepTraining

extension Diagnosis {
  /// Looks at the network that a configuration describes, trains it as `train` would, and looks again. Nothing is
  /// written.
  ///
  /// - Parameters:
  ///   - steps: to train before the second look, at most the configured length; with 0 only the initial network is
  ///     looked at.
  ///   - observe: is told of every step.
  /// - Throws: `RunError.input` where the configuration cannot work, or is shorter. Numbers that diverge are a result,
  ///   not an error.
  public static func measure(
    _ configuration: RunConfiguration, steps: Int = 0, observe: (StepResult) -> Void = { _ in }
  ) throws(RunError) -> Diagnosis {
    try measure(RunSetup(configuration), steps: steps, observe: observe)
  }

  package static func measure(
    _ setup: RunSetup, steps: Int = 0, observe: (StepResult) -> Void = { _ in }
  ) throws(RunError) -> Diagnosis {
    guard steps >= 0 else { throw .input("--steps \(steps): expected at least 0, which looks at the start alone") }
    if steps > 0 { _ = try TrainingRun.target(setup.configuration, upTo: steps) }
    // The one that trains, and one with every stage apart that is looked at.
    let trainer = try setup.initialTrainer(for: .networks(2)).trainer
    return try asFailure { () throws(TrainingError) in
      try Diagnosis.measure(trainer, steps: steps, observe: observe)
    }
  }
}

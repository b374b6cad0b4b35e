import LockstepConfiguration
import LockstepKernels
import LockstepRuns
import LockstepTraining

extension Diagnosis {
  /// Measures signal and gradient in the network that a configuration describes, trains it as `TrainingRun` would, and
  /// measures again. Nothing is written.
  ///
  /// - Parameters:
  ///   - steps: how many steps to train, at most the configured length; 0 measures the initial network alone.
  ///   - observe: is called after every step.
  /// - Throws: `RunError.input` where the configuration cannot work or has fewer steps. Numbers that diverge are a
  ///   result, not an error.
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
    // One network trains; one, with every stage apart, is measured.
    let trainer = try setup.initialTrainer(for: .networks(2)).trainer
    return try asFailure { () throws(TrainingError) in
      try Diagnosis.measure(trainer, steps: steps, observe: observe)
    }
  }
}

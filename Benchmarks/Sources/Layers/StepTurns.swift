import LockstepKernels
import LockstepTraining

/// Steps of a trainer, timed in turns.
struct StepTurns {
  struct Turn {
    /// Of one step.
    var seconds = Double.infinity
    /// Of one step, summed over the workers.
    var phases: [(phase: Phase, seconds: Double)] = []
  }

  let trainer: Trainer
  /// The fastest so far.
  private(set) var best = Turn()

  init(_ workload: Workload, threads: Int) throws {
    trainer = try workload.trainer(threads: threads)
    // Memory is touched for the first time.
    try trainer.step()
  }

  /// Trains for about so many seconds. A first step wakes the workers, and counts only where another would take too
  /// long.
  mutating func take(seconds: Double) throws {
    let first = try measure(steps: 1)
    let turn = first.seconds < seconds ? try measure(steps: max(1, Int(seconds / first.seconds))) : first
    if turn.seconds < best.seconds { best = turn }
  }

  private func measure(steps: Int) throws -> Turn {
    let before = trainer.phaseSeconds
    let seconds = try Stopwatch.seconds { for _ in 0..<steps { try trainer.step() } }
    return Turn(
      seconds: seconds / Double(steps),
      phases: zip(trainer.phaseSeconds, before).map { ($0.phase, ($0.seconds - $1.seconds) / Double(steps)) })
  }
}

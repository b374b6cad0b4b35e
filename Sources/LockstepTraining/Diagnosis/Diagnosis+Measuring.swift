import LockstepKernels
import LockstepModel

extension Diagnosis {
  /// Looks at a trainer's network as it stands, trains it, and looks again.
  ///
  /// The trainer is used up: its first step is done in any case, because the ratio of update to weight is that of an
  /// actual step of the optimizer. The steps are those of training, bit for bit.
  ///
  /// - Parameters:
  ///   - trainer: with data attached.
  ///   - steps: to train before the second look; with 0 there is none.
  ///   - observe: is told of every step.
  /// - Throws: `TrainingError` where data cannot be read or memory is short. Numbers that diverge are a result: the
  ///   stage says where it stopped.
  public static func measure(
    _ trainer: Trainer, steps: Int, observe: (StepResult) -> Void = { _ in }
  ) throws(TrainingError) -> Diagnosis {
    try withFloatingPointEnvironment { () throws(TrainingError) in try look(at: trainer, steps, observe) }
  }

  private static func look(
    at trainer: Trainer, _ steps: Int, _ observe: (StepResult) -> Void
  ) throws(TrainingError) -> Diagnosis {
    precondition(steps >= 0, "\(steps) steps")
    try trainer.initializeFromData()
    let observer = try SignalObserver(trainer)
    let start = try observer.observe()
    let first = try trainer.measuredStep(observe)
    var stage = start.stage(first)
    stage.findings = stage.judge(against: nil)
    if first.stopped != nil || steps == 0 {
      stage.stopped = first.stopped
      return Diagnosis(stages: [stage])
    }
    var last = first
    for step in 1..<steps where last.stopped == nil {
      last = try trainer.measuredStep(observe, comparing: step == steps - 1)
    }
    var end = try observer.observe().stage(last)
    end.stopped = last.stopped
    end.findings = end.judge(against: stage)
    return Diagnosis(stages: [stage, end])
  }
}

/// A step that was looked at.
struct MeasuredStep {
  /// By the path of the layer.
  var updates: [String: WeightUpdate] = [:]
  /// What the schedule left of the optimizer's learning rate.
  var learningRateFactor = 1.0
  /// Why it could not be done, where the numbers diverge.
  var stopped: String?
}

extension Trainer {
  /// - Parameter comparing: whether the weights are held against those before.
  fileprivate func measuredStep(
    _ observe: (StepResult) -> Void, comparing: Bool = true
  ) throws(TrainingError) -> MeasuredStep {
    let entries = comparing ? network.parameters.entries.filter { $0.isMultiplier && $0.training.isTrainable } : []
    let before = entries.map { coordinator.parameters.vector($0).array }
    var measured = MeasuredStep()
    do throws(TrainingError) {
      let result = try step(keepingGradient: comparing)
      if optimizer.learningRate > 0 { measured.learningRateFactor = result.learningRate / optimizer.learningRate }
      observe(result)
    } catch {
      guard error.isDivergence else { throw error }
      return MeasuredStep(stopped: error.description)
    }
    for (entry, old) in zip(entries, before) {
      measured.updates[entry.layer] = WeightUpdate(
        from: old, to: coordinator.parameters.vector(entry).array, gradient: coordinator.gradient.vector(entry).array)
    }
    return measured
  }
}

extension ParameterLayout.Entry {
  /// Whether it multiplies what passes, so that its size means something; a bias starts at 0.
  fileprivate var isMultiplier: Bool { role == .weight || role == .gamma || role == .slope }

  /// The path of its layer.
  fileprivate var layer: String { name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name }
}

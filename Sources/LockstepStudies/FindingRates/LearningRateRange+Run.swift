import LockstepConfiguration
import LockstepFormats
import LockstepKernels
import LockstepRuns
import LockstepTraining

extension LearningRateRange {
  /// Trains the network of a configuration from its initial weights, with its data and optimizer, while the learning
  /// rate grows as `plan` says in the place of the configuration's schedule. Nothing is written.
  ///
  /// - Parameter observe: is called after every step.
  /// - Throws: `RunError.input` where the configuration or the plan cannot work.
  public static func measure(
    _ configuration: RunConfiguration, _ plan: Plan, observe: (StepResult) -> Void = { _ in }
  ) throws(RunError) -> LearningRateRange {
    try measure(RunSetup(configuration), plan, observe: observe)
  }

  package static func measure(
    _ setup: RunSetup, _ plan: Plan, observe: (StepResult) -> Void = { _ in }
  ) throws(RunError) -> LearningRateRange {
    try check(plan)
    var setup = setup
    setup.opened.configuration.optimizer = setup.configuration.optimizer.with(learningRate: plan.from)
    setup.opened.configuration.schedule = plan.schedule
    let trainer = try setup.initialTrainer(for: .run).trainer
    return try asFailure { () throws(TrainingError) in
      try LearningRateRange.measure(trainer, plan, observe: observe)
    }
  }

  private static func check(_ plan: Plan) throws(RunError) {
    for (name, rate) in [("--from", plan.from), ("--to", plan.to)] where !rate.isFinite || rate < 1e-30 || rate > 1e30 {
      throw .input("\(name) \(rate): expected a learning rate from 1e-30 to 1e30")
    }
    guard plan.to > plan.from else { throw .input("--to \(plan.to): expected more than --from \(plan.from)") }
    guard (20...1_000_000).contains(plan.steps) else {
      throw .input("--steps \(plan.steps): expected 20 … 1000000, so that there is a curve to be seen")
    }
  }

  /// The figures as `lockstep find-lr --json` writes them.
  ///
  /// - Parameter configuration: the one that was measured.
  public func json(for configuration: RunConfiguration) -> JSONObject {
    var json: JSONObject = [
      "from": .number(plan.from), "to": .number(plan.to), "steps": .integer(plan.steps),
      "smoothing": .number(Self.smoothing), "configured": .number(configuration.optimizer.learningRate),
      "points": .array(
        points.map {
          [
            "learning_rate": .number($0.learningRate), "loss": .number($0.loss), "mean_rate": .number($0.meanRate),
            "mean_loss": .number($0.meanLoss),
          ]
        }),
    ]
    switch end {
    case .completed: json["end"] = "completed"
    case .grown: json["end"] = "grown"
    case .diverged(let message):
      json["end"] = "diverged"
      json["message"] = .string(message)
    }
    switch judgement {
    case .flat: json["judgement"] = "flat"
    case .tooHigh: json["judgement"] = "too_high"
    case .found(let finding):
      json["judgement"] = "found"
      json["steepest"] = .number(finding.steepest)
      json["minimum"] = .number(finding.minimum)
      json["minimum_loss"] = .number(finding.minimumLoss)
      json["suggestion"] = .number(finding.suggestion)
      json["set"] = .string(finding.setting(for: configuration))
    }
    return json
  }

  /// What the curve says, in sentences.
  ///
  /// - Parameter configuration: the one that was measured.
  package func sentences(for configuration: RunConfiguration) -> [String] {
    switch judgement {
    case .flat:
      return [
        "The curve shows nothing: nowhere does the loss fall by more than it varies from batch to batch. Try a larger --to, or more --steps; "
          + "lockstep diagnose says whether signal and gradient reach all layers."
      ]
    case .tooHigh:
      let last =
        points.last.map {
          "after \(points.count) \(Format.plural(points.count, "step")), at \(Self.text($0.learningRate)), "
        } ?? ""
      return [
        "The curve shows nothing: \(last)the loss has grown or is not finite, and it has not fallen before. Begin lower: --from \(Self.text(plan.from / 1000))."
      ]
    case .found(let finding):
      let tenth = finding.minimum / 10
      let choice =
        finding.steepest < tenth
        ? "Suggested is the middle of both on the axis." : "Suggested is that, since the loss falls fastest beyond it."
      var sentences = [
        "The loss falls fastest at \(Self.text(finding.steepest)). It is smallest, \(Format.significant(finding.minimumLoss)), at \(Self.text(finding.minimum)); a tenth of that, \(Self.text(tenth)), keeps away from where it grows. \(choice)",
        comparison(finding, configuration.optimizer.learningRate),
      ]
      if finding.isFalling {
        sentences.append("The loss still falls at the end of the range: a larger --to may show more.")
      }
      if configuration.schedule != .constant {
        sentences.append("The configuration's schedule multiplies the rate by factors of its own; they rested here.")
      }
      return sentences
    }
  }

  /// A rate with two significant digits.
  package static func text(_ rate: Double) -> String {
    Format.exact(rounded(rate)).replacing("e-0", with: "e-")
  }

  private func comparison(_ finding: Finding, _ configured: Double) -> String {
    let ratio = configured / finding.suggestion
    let text = Self.text(configured)
    if ratio > 0.5 && ratio < 2 { return "The configuration's \(text) is about that." }
    let times = max(ratio, 1 / ratio)
    let many = times < 10 ? Format.fixed(times, 1) : Format.count(times)
    return ratio > 1
      ? "The configuration's \(text) is \(many) times as large\(configured >= finding.minimum ? ", beyond the minimum: it may diverge" : "")."
      : "The configuration's \(text) is \(many) times smaller: it may take more steps than are needed."
  }
}

extension LearningRateRange.Finding {
  /// The suggested rate as `--set` takes it: `optimizer.adam.learning_rate=0.0012`.
  package func setting(for configuration: RunConfiguration) -> String {
    "optimizer.\(configuration.optimizer.name).learning_rate=\(suggestion)"
  }
}

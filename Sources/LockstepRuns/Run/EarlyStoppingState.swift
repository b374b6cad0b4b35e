import LockstepFormats
import LockstepModel
import LockstepTraining

/// What early stopping remembers; part of every checkpoint.
struct EarlyStoppingState: Sendable, Equatable {
  var best: BestEvaluation?
  var evaluationsWithoutImprovement = 0

  init() {}

  /// Takes a scheduled evaluation into account.
  mutating func observe(_ evaluation: ScheduledEvaluation, _ rule: EarlyStopping) {
    guard let value = evaluation[rule.metric] else { return }
    if rule.isImprovement(value, on: best?.value) {
      best = BestEvaluation(step: evaluation.step, value: value)
      evaluationsWithoutImprovement = 0
    } else {
      evaluationsWithoutImprovement += 1
    }
  }

  /// Whether the run ends here.
  func ends(under rule: EarlyStopping?) -> Bool { rule.map { evaluationsWithoutImprovement > $0.patience } ?? false }

  /// Why the run ends here, as the log and the summary say it.
  ///
  /// - Parameter last: the metric at the evaluation that ends it.
  func values(_ rule: EarlyStopping, last: Double?) -> JSONObject {
    [
      "metric": .string(rule.metric.rawValue), "best": best.map { .number($0.value) } ?? .null,
      "best_step": best.map { .integer($0.step) } ?? .null,
      "evaluations_without_improvement": .integer(evaluationsWithoutImprovement),
      "message": .string(message(rule, last)),
    ]
  }

  private func message(_ rule: EarlyStopping, _ last: Double?) -> String {
    let waited = evaluationsWithoutImprovement
    let evaluations = "for \(waited) \(Format.plural(waited, "evaluation"))"
    guard let best else { return "\(rule.metric.rawValue) was not finite \(evaluations)" }
    let isFinite = last?.isFinite ?? true
    let enough = rule.minimumDelta > 0 ? " by more than \(rule.minimumDelta)" : ""
    return
      "\(rule.metric.rawValue) has not improved\(enough) \(evaluations)\(isFinite ? "" : ", and is not finite at the last"); it was best, \(Format.significant(best.value)), at step \(best.step)"
  }

  /// As a checkpoint holds it.
  var json: JSONObject {
    ["best": best.map { .object($0.json) } ?? .null, "waited": .integer(evaluationsWithoutImprovement)]
  }

  init?(_ json: JSONObject) {
    guard let waited = json["waited"]?.integer else { return nil }
    evaluationsWithoutImprovement = waited
    best = json["best"]?.object.flatMap(BestEvaluation.init)
  }

  /// Whether a run of so many steps can have come to this state.
  func isPossible(within steps: ClosedRange<Int>) -> Bool {
    steps.contains(evaluationsWithoutImprovement) && best.map { steps.contains($0.step) } ?? true
  }
}

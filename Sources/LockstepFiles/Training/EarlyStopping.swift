import LockstepTraining

/// Ends a run whose validation metric has stopped improving. Looked at only at scheduled evaluations, so that where the
/// run ends is a function of the steps done.
///
/// Source: Prechelt, "Early stopping, but when?", in Neural Networks: Tricks of the Trade, 1998;
/// https://doi.org/10.1007/3-540-49430-8_3
public struct EarlyStopping: Sendable, Equatable {
  /// The watched validation metric, `loss` or one of the loss's metrics.
  public var metric: String
  public var mode: Plateau.Mode
  /// Evaluations without improvement that are waited out; the next one ends the run.
  public var patience: Int
  /// An improvement is a change of more than this.
  public var minimumDelta: Double

  public init(metric: String = "loss", mode: Plateau.Mode? = nil, patience: Int = 5, minimumDelta: Double = 0) {
    self.metric = metric
    self.mode = mode ?? RunConfiguration.Checkpoints.Best.mode(of: metric)
    self.patience = patience
    self.minimumDelta = minimumDelta
  }

  /// Whether `value` is better than the best so far by enough. One that is not finite is not.
  func isImprovement(_ value: Double, on best: Double?) -> Bool {
    guard value.isFinite, let best else { return value.isFinite }
    return mode == .min ? value < best - minimumDelta : value > best + minimumDelta
  }
}

/// Where early stopping stands; part of every checkpoint.
struct EarlyStoppingState: Sendable, Equatable {
  var best: BestEvaluation?
  var evaluationsWithoutImprovement = 0

  init() {}

  /// Takes a scheduled evaluation into account.
  mutating func observe(_ evaluation: Evaluation, _ rule: EarlyStopping) {
    guard let value = evaluation.metrics.first(where: { $0.name == rule.metric })?.value else { return }
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
  func values(_ rule: EarlyStopping) -> JSONObject {
    [
      "metric": .string(rule.metric), "best": best.map { .number($0.value) } ?? .null,
      "best_step": best.map { .integer($0.step) } ?? .null,
      "evaluations_without_improvement": .integer(evaluationsWithoutImprovement), "message": .string(message(rule)),
    ]
  }

  private func message(_ rule: EarlyStopping) -> String {
    let waited = evaluationsWithoutImprovement
    let evaluations = "for \(waited) \(Format.plural(waited, "evaluation"))"
    guard let best else { return "\(rule.metric) was not finite \(evaluations)" }
    let enough = rule.minimumDelta > 0 ? " by more than \(rule.minimumDelta)" : ""
    return
      "\(rule.metric) has not improved\(enough) \(evaluations); it was best, \(Format.significant(best.value)), at step \(best.step)"
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

  /// Whether a run of so many steps can have come to it.
  func isPossible(within steps: ClosedRange<Int>) -> Bool {
    steps.contains(evaluationsWithoutImprovement) && best.map { steps.contains($0.step) } ?? true
  }
}

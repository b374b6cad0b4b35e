import LockstepTraining

/// Everything of a run that is not a tensor: a checkpoint holds it as one line of JSON. Doubles are written with the digits that read back as the same bits.
struct RunState: Sendable, Equatable {
  /// Its name in a checkpoint's metadata.
  static let key = "run_state"

  var trainer: TrainerState
  var window: MetricWindow
  var evaluation: Evaluation?
  var lastLoss: Double?

  var json: JSONObject {
    let plateau = trainer.plateau
    var json: JSONObject = [
      "step": .integer(trainer.step),
      "updates": .integer(trainer.optimizer.updates),
      "momentum_product": .number(trainer.optimizer.momentumProduct),
      "plateau": [
        "factor": .number(plateau.factor), "best": plateau.best.map { .number($0) } ?? .null,
        "waited": .integer(plateau.evaluationsWithoutImprovement),
      ],
      "window": .object(window.json),
      "last_loss": lastLoss.map { .number($0) } ?? .null,
    ]
    if let evaluation {
      json["evaluation"] = ["step": .integer(evaluation.step), "metrics": .object(evaluation.values)]
    }
    return json
  }

  init(trainer: TrainerState, window: MetricWindow, evaluation: Evaluation?, lastLoss: Double?) {
    self.trainer = trainer
    self.window = window
    self.evaluation = evaluation
    self.lastLoss = lastLoss
  }

  /// - Returns: nil where the text is not such a state.
  init?(_ text: String) {
    guard let json = (try? JSONValue(parsing: text))?.object, let step = json["step"]?.integer, step >= 0,
      let updates = json["updates"]?.integer, let product = json["momentum_product"]?.number,
      let plateau = json["plateau"]?.object, let factor = plateau["factor"]?.number,
      let waited = plateau["waited"]?.integer, let window = json["window"]?.object.flatMap(MetricWindow.init)
    else { return nil }
    trainer = TrainerState(
      step: step, optimizer: OptimizerProgress(updates: updates, momentumProduct: product),
      plateau: PlateauState(
        factor: factor, best: plateau["best"]?.number, evaluationsWithoutImprovement: waited))
    self.window = window
    lastLoss = json["last_loss"]?.number
    evaluation = json["evaluation"]?.object.flatMap { evaluation in
      guard let step = evaluation["step"]?.integer, let metrics = evaluation["metrics"]?.object else { return nil }
      return Evaluation(step: step, metrics: metrics.members.map { ($0.name, $0.value.number ?? .nan) })
    }
  }
}

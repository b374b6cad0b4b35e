import LockstepTraining

/// Everything of a run that is not a tensor: a checkpoint holds it as one line of JSON, in which every Double reads back as the same bits.
struct RunState: Sendable, Equatable {
  /// Its name in a checkpoint's metadata.
  static let key = "run_state"

  var trainer: TrainerState
  var window: MetricWindow
  var evaluation: Evaluation?
  /// Whether an evaluation that is due at this step has been interrupted, so that it comes first when the run goes on.
  var isEvaluationPending = false
  var lastLoss: Double?

  var json: JSONObject {
    let plateau = trainer.plateau
    var json: JSONObject = [
      "step": .integer(trainer.step),
      "updates": .integer(trainer.optimizer.updates),
      "momentum_product": .exact(trainer.optimizer.momentumProduct),
      "plateau": [
        "factor": .exact(plateau.factor), "best": plateau.best.map { .exact($0) } ?? .null,
        "waited": .integer(plateau.evaluationsWithoutImprovement),
      ],
      "window": .object(window.json),
      "last_loss": lastLoss.map { .exact($0) } ?? .null,
      "evaluation_pending": .bool(isEvaluationPending),
    ]
    if let evaluation { json["evaluation"] = .object(evaluation.json) }
    return json
  }

  init(
    trainer: TrainerState, window: MetricWindow, evaluation: Evaluation?, isEvaluationPending: Bool, lastLoss: Double?
  ) {
    self.trainer = trainer
    self.window = window
    self.evaluation = evaluation
    self.isEvaluationPending = isEvaluationPending
    self.lastLoss = lastLoss
  }

  /// Whether a line of the log tells of what this state includes, so that going on from it does not write the line again.
  func isPast(_ line: MetricsLine) -> Bool {
    line.step < trainer.step || line.step == trainer.step && !(isEvaluationPending && line.event == "validation")
  }

  /// - Returns: nil where the text is not such a state.
  init?(_ text: String) {
    guard let json = (try? JSONValue(parsing: text))?.object, let step = json["step"]?.integer, step >= 0,
      let updates = json["updates"]?.integer, let product = json["momentum_product"]?.exactNumber,
      let plateau = json["plateau"]?.object, let factor = plateau["factor"]?.exactNumber,
      let waited = plateau["waited"]?.integer, let window = json["window"]?.object.flatMap(MetricWindow.init),
      let isPending = json["evaluation_pending"]?.bool
    else { return nil }
    // Counts that no run reaches would overflow where it goes on counting.
    guard (0...step).contains(updates), (0...step).contains(waited), (0...step).contains(window.steps) else {
      return nil
    }
    trainer = TrainerState(
      step: step, optimizer: OptimizerProgress(updates: updates, momentumProduct: product),
      plateau: PlateauState(
        factor: factor, best: plateau["best"]?.exactNumber, evaluationsWithoutImprovement: waited))
    self.window = window
    isEvaluationPending = isPending
    lastLoss = json["last_loss"]?.exactNumber
    evaluation = json["evaluation"]?.object.flatMap(Evaluation.init)
  }
}

extension JSONValue {
  /// A Double that reads back with the same bits, one that is not finite too, for which JSON has no number: `"inf"`, `"-inf"`,
  /// `"nan 0x7ff8000000000000"`.
  static func exact(_ value: Double) -> JSONValue {
    if value.isFinite { return .number(value) }
    return .string(value.isNaN ? "nan 0x\(String(value.bitPattern, radix: 16))" : "\(value)")
  }

  /// The value that `exact` has written, or nil if this is none.
  var exactNumber: Double? {
    guard let text = string else { return number }
    switch text {
    case "inf": return .infinity
    case "-inf": return -.infinity
    default:
      guard text.utf8.starts(with: "nan 0x".utf8), let bits = UInt64(text.dropFirst(6), radix: 16) else { return nil }
      let value = Double(bitPattern: bits)
      return value.isNaN ? value : nil
    }
  }
}

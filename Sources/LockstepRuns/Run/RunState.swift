import LockstepConfiguration
import LockstepDeclarations
import LockstepFormats
import LockstepKernels
import LockstepTraining

/// Everything of a run that is not a tensor. A checkpoint holds it as one line of JSON, in which every Double reads
/// back as the same bits.
///
/// A field that is added here is part of a run, of its checkpoints and of what it is taken back to, once `json` writes
/// it and `init(_:)` reads it.
struct RunState: Sendable, Equatable {
  /// Its name in a checkpoint's metadata.
  private static let key = "run_state"
  /// The event of the log that says an evaluation has ended the run.
  static let stoppedEarlyEvent = "stopped_early"

  /// Steps, updates and what the schedule remembers, as the trainer counts them.
  var trainer = TrainerState()
  /// The training figures since the last line of them.
  var window = MetricWindow()
  /// The training figures of the interval that people are shown, as far as it has come.
  var interval = MetricWindow()
  /// The last scheduled evaluation.
  var evaluation: ScheduledEvaluation?
  /// Whether the evaluation that is due at this step is still to be done; where it was interrupted, it comes first when
  /// the run goes on.
  var isEvaluationPending = false
  /// The training loss of the last interval that has ended.
  var lastLoss: Double?
  var divergences = Divergences()
  /// The best scheduled evaluation so far, where the configuration asks for it.
  var best: BestEvaluation?
  /// What the best evaluation's step was at each of the newest checkpoints that were due: a run that diverges may be
  /// taken back to one of them, and its best with it.
  var bestsToReturnTo: [Int] = []
  var earlyStopping = EarlyStoppingState()
  /// The step from which on `training.on_divergence` has been `restore`; 0 where the run began under it.
  var restoresFrom = 0
  /// The checkpoint before that of this state; nil where there is none. It stands in the metadata by itself, for
  /// whoever follows the chain without Lockstep.
  var predecessor: CheckpointLink?

  var json: JSONObject {
    let plateau = trainer.plateau
    var json: JSONObject = [
      "step": .integer(trainer.step),
      "updates": .integer(trainer.optimizer.updates),
      "momentum_product": .exact(trainer.optimizer.momentumProduct),
      "plateau": [
        "factor": .exact(plateau.factor), "best": plateau.best.map { .exact($0) } ?? .null,
        "waited": .integer(plateau.evaluationsWithoutImprovement), "cooldown": .integer(plateau.cooldownLeft),
      ],
      "window": .object(window.json), "interval": .object(interval.json),
      "last_loss": lastLoss.map { .exact($0) } ?? .null,
      "evaluation_pending": .bool(isEvaluationPending),
    ]
    if trainer.learningRateFactor != 1 { json["learning_rate_factor"] = .exact(trainer.learningRateFactor) }
    if let evaluation { json["evaluation"] = .object(evaluation.json) }
    if divergences != Divergences() { json["divergences"] = .object(divergences.json) }
    if let best { json["best"] = .object(best.json) }
    if !bestsToReturnTo.isEmpty { json["bests_to_return_to"] = .array(bestsToReturnTo.map { .integer($0) }) }
    if restoresFrom != 0 { json["restores_from"] = .integer(restoresFrom) }
    if earlyStopping != EarlyStoppingState() { json["early_stopping"] = .object(earlyStopping.json) }
    return json
  }

  /// The state of a run at its beginning.
  init() {}

  /// The state that a checkpoint holds; nil where it holds none.
  init?(metadata: [String: String]) {
    guard let text = metadata[Self.key] else { return nil }
    self.init(text)
    predecessor = CheckpointLink(metadata: metadata)
  }

  /// Puts it into the metadata of a checkpoint.
  func write(to metadata: inout [String: String]) {
    metadata[Self.key] = JSONValue.object(json).text
    predecessor?.write(to: &metadata)
  }

  /// Whether a line of the log tells of what this state includes, so that going on from it does not write the line
  /// again.
  ///
  /// - Parameter rule: by which the run would stop early; another may have ended it before.
  func isPast(_ line: MetricsLine, _ rule: EarlyStopping?) -> Bool {
    if line.event == Self.stoppedEarlyEvent, !earlyStopping.ends(under: rule) { return false }
    // That the run was taken back is written before it is saved, and stays though it may go back further.
    if line.event == Divergences.restoredEvent { return line.values["restores"]?.integer ?? 0 <= divergences.restores }
    return includes(line.event, at: line.step)
  }

  /// Whether it includes what an event at `step` tells of.
  func includes(_ event: String, at step: Int) -> Bool {
    let ofEvaluation = ["validation", Self.stoppedEarlyEvent]
    return step < trainer.step || step == trainer.step && !(isEvaluationPending && ofEvaluation.contains(event))
  }

  /// - Returns: nil where the text is not such a state.
  init?(_ text: String) {
    guard let json = (try? JSONValue(parsing: text))?.object, let step = json["step"]?.integer, step >= 0,
      let updates = json["updates"]?.integer, let product = json["momentum_product"]?.exactNumber,
      let plateau = json["plateau"]?.object, let factor = plateau["factor"]?.exactNumber,
      let waited = plateau["waited"]?.integer, let window = json["window"]?.object.flatMap(MetricWindow.init),
      let isPending = json["evaluation_pending"]?.bool
    else { return nil }
    // Counts that no run reaches would overflow when counting goes on.
    guard (0...step).contains(updates), (0...step).contains(waited), (0...step).contains(window.steps),
      (0...step).contains(json["interval"]?.object?["steps"]?.integer ?? 0)
    else {
      return nil
    }
    trainer = TrainerState(
      step: step, optimizer: OptimizerProgress(updates: updates, momentumProduct: product),
      plateau: PlateauState(
        factor: factor, best: plateau["best"]?.exactNumber, evaluationsWithoutImprovement: waited,
        cooldownLeft: plateau["cooldown"]?.integer ?? 0))
    self.window = window
    interval = json["interval"]?.object.flatMap(MetricWindow.init) ?? MetricWindow()
    isEvaluationPending = isPending
    lastLoss = json["last_loss"]?.exactNumber
    evaluation = json["evaluation"]?.object.flatMap(ScheduledEvaluation.init)
    trainer.learningRateFactor = json["learning_rate_factor"]?.exactNumber ?? 1
    divergences = json["divergences"]?.object.flatMap(Divergences.init) ?? Divergences()
    best = json["best"]?.object.flatMap(BestEvaluation.init)
    bestsToReturnTo = json["bests_to_return_to"]?.array?.compactMap(\.integer) ?? []
    earlyStopping = json["early_stopping"]?.object.flatMap(EarlyStoppingState.init) ?? EarlyStoppingState()
    restoresFrom = json["restores_from"]?.integer ?? 0
    // What is counted on later must be what a run can come to.
    let steps = 0...step
    guard trainer.learningRateFactor > 0, trainer.learningRateFactor <= 1, divergences.arePossible(within: steps),
      best.map({ steps.contains($0.step) }) ?? true, bestsToReturnTo.allSatisfy(steps.contains),
      earlyStopping.isPossible(within: steps), restoresFrom >= 0, trainer.plateau.cooldownLeft >= 0
    else { return nil }
  }
}

/// Counts of steps whose numbers were not finite, and of what was done about them.
struct Divergences: Sendable, Equatable {
  /// The event of the log that says a run was taken back.
  static let restoredEvent = "restored"

  /// Steps that were skipped.
  var skipped = 0
  /// Steps that were skipped since the last one that was not.
  var skippedInARow = 0
  /// How often the run was taken back.
  var restores = 0
  /// The step to which it was taken back last.
  var returnedTo: Int?

  var json: JSONObject {
    [
      "skipped": .integer(skipped), "skipped_in_a_row": .integer(skippedInARow), "restores": .integer(restores),
      "returned_to": returnedTo.map { .integer($0) } ?? .null,
    ]
  }

  init() {}

  /// Whether a run of so many steps can have come to these; the times it was taken back are bounded by the
  /// configuration's rule.
  func arePossible(within steps: ClosedRange<Int>) -> Bool {
    steps.contains(skipped) && (0...skipped).contains(skippedInARow) && IntegerRule.countOrZero.range.contains(restores)
      && (returnedTo.map(steps.contains) ?? true)
  }

  init?(_ json: JSONObject) {
    guard let skipped = json["skipped"]?.integer, let row = json["skipped_in_a_row"]?.integer,
      let restores = json["restores"]?.integer
    else { return nil }
    (self.skipped, skippedInARow, self.restores) = (skipped, row, restores)
    returnedTo = json["returned_to"]?.integer
  }
}

/// Where a metric was best, and how good it was.
package struct BestEvaluation: Sendable, Equatable {
  var step: Int
  var value: Double

  var json: JSONObject { ["step": .integer(step), "value": .exact(value)] }

  init(step: Int, value: Double) { (self.step, self.value) = (step, value) }

  init?(_ json: JSONObject) {
    guard let step = json["step"]?.integer, let value = json["value"]?.exactNumber else { return nil }
    (self.step, self.value) = (step, value)
  }
}

extension JSONValue {
  /// A Double that reads back with the same bits, one that is not finite too, for which JSON has no number: `"inf"`,
  /// `"-inf"`, `"nan 0x7ff8000000000000"`.
  package static func exact(_ value: Double) -> JSONValue {
    if value.isFinite { return .number(value) }
    return .string(value.isNaN ? "nan 0x\(String(value.bitPattern, radix: 16))" : "\(value)")
  }

  /// The value that `exact` has written, or nil if this is none.
  package var exactNumber: Double? {
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

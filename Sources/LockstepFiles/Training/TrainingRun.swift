import LockstepKernels
import LockstepModel
import LockstepTraining

/// A run from its configuration to its last checkpoint: it trains, evaluates, logs and saves, each where the configuration says.
///
/// ```swift
/// let configuration = try RunConfiguration(file: "configs/quickstart.yaml")
/// let run = try TrainingRun.start(configuration, output: "runs/quickstart")
/// let summary = try run.train { event in … }
/// ```
///
/// Everything that happens at a step happens before that step is saved, so a checkpoint holds all that was due.
public final class TrainingRun {
  public let configuration: RunConfiguration
  public let folder: RunFolder
  public let trainer: Trainer
  /// The step after which it stops.
  public let target: Int
  /// What to tell about where the run goes on, before all else.
  private let resumptionEvents: [RunEvent]

  /// What stands in the folder where the run has nothing left to do.
  private let storedSummary: RunSummary?

  let store: CheckpointStore
  /// nil where nothing is left to do, and so nothing to write.
  let log: MetricsLog?
  private let validation: (any Dataset)?
  /// Texts that every checkpoint of this run carries.
  let constants: [String: String]
  var window: MetricWindow
  private(set) var lastEvaluation: Evaluation?
  /// Whether the evaluation that is due at the present step is still to be done.
  private var isEvaluationPending: Bool
  private var lastSaved: (step: Int, receipt: CheckpointFile.Receipt)?
  private var lastLoss: Double?
  private var pace = Pace()

  init(
    _ configuration: RunConfiguration, folder: RunFolder, trainer: Trainer, data: RunData, constants: [String: String],
    target: Int, going resumption: Resumption?
  ) throws(RunError) {
    self.configuration = configuration
    self.folder = folder
    self.trainer = trainer
    self.target = target
    self.constants = constants
    validation = data.validation
    window = resumption?.state.window ?? MetricWindow()
    lastEvaluation = resumption?.state.evaluation
    isEvaluationPending = resumption?.state.isEvaluationPending == true && data.validation != nil
    lastLoss = resumption?.state.lastLoss
    lastSaved = resumption?.saved
    resumptionEvents = resumption?.events ?? []
    storedSummary = resumption?.storedSummary
    store = CheckpointStore(folder: folder.checkpointsFolder, keep: configuration.checkpoint.keep)
    log =
      storedSummary == nil ? try asFailure { () throws(FileError) in try MetricsLog(folder.metricsFile) } : nil
  }

  /// Trains until `target` steps are done in all, or until `stop` asks; then saves. A run that has nothing left to do stays as it is, every file of it.
  ///
  /// - Parameter observe: is told of every step, evaluation and save, on the caller's thread.
  /// - Throws: `RunError.failed` where the numbers diverge or nothing can be written; the last good checkpoint stays.
  public func train(stop: StopRequest? = nil, observe: (RunEvent) -> Void = { _ in }) throws(RunError) -> RunSummary {
    for event in resumptionEvents { observe(event) }
    if let storedSummary { return storedSummary }
    while trainer.state.step < target || isEvaluationPending {
      if let signal = stop?.signal { return try end(.stopped(signal: signal), stop, observe) }
      try advance(stop, observe)
    }
    return try end(Self.end(at: target, of: configuration), stop, observe)
  }

  /// One step and whatever is due after it, or what an interrupted evaluation has left to do.
  private func advance(_ stop: StopRequest?, _ observe: (RunEvent) -> Void) throws(RunError) {
    if !isEvaluationPending { try step(observe) }
    if isEvaluationPending { try evaluateAsScheduled(stop, observe) }
    if !isEvaluationPending, isDue(configuration.checkpoint.every, at: trainer.state.step) { try save(observe) }
  }

  private func step(_ observe: (RunEvent) -> Void) throws(RunError) {
    let result: StepResult
    pace.resume()
    do throws(TrainingError) { result = try trainer.step() } catch { throw report(error) }
    pace.count(rows: result.rows)
    lastLoss = result.loss
    window.add(result)
    if isDue(configuration.metrics.every, at: result.step) {
      try write(
        "train", at: result.step, window.values(of: trainer.loss, result, samplesPerSecond: pace.samplesPerSecond))
      window = MetricWindow()
    }
    if let interval = configuration.metrics.digestEvery, isDue(interval, at: result.step) {
      try write("digest", at: result.step, ["weights_digest": .string(weightsDigest(of: tensors))])
    }
    observe(.step(result, progress))
    if let evaluation = configuration.evaluation, validation != nil {
      isEvaluationPending = isDue(evaluation.every, at: result.step)
    }
  }

  private func isDue(_ interval: Interval, at step: Int) -> Bool { step % configuration.steps(in: interval) == 0 }

  /// Leaves the evaluation pending where `stop` asks in its midst.
  private func evaluateAsScheduled(_ stop: StopRequest?, _ observe: (RunEvent) -> Void) throws(RunError) {
    guard let evaluation = try evaluate(stop) else { return }
    isEvaluationPending = false
    // What has been saved of this step lacks it.
    if lastSaved?.step == evaluation.step { lastSaved = nil }
    lastEvaluation = evaluation
    trainer.observe(evaluation.metrics)
    try write("validation", at: evaluation.step, evaluation.values)
    observe(.evaluated(step: evaluation.step, metrics: evaluation.metrics))
  }

  /// nil without validation data, and where `stop` asks before it is done.
  private func evaluate(_ stop: StopRequest?) throws(RunError) -> Evaluation? {
    guard let validation else { return nil }
    pace.pause()
    let sums = try asFailure { () throws(TrainingError) in
      try trainer.evaluate(on: validation) { stop?.signal != nil }
    }
    return sums.map { Evaluation(step: trainer.state.step, metrics: trainer.loss.metrics($0)) }
  }

  /// Says in the log that the numbers have diverged, and which checkpoint is still good.
  private func report(_ error: TrainingError) -> RunError {
    if case .data = error { return .failed("\(error)") }
    let step = trainer.state.step + 1
    try? log?.append(event: "diverged", step: step, ["message": .string("\(error)")])
    try? log?.synchronize()
    return .failed("\(error)\(lastGoodCheckpoint(before: step))")
  }

  private func lastGoodCheckpoint(before step: Int) -> String {
    let last = (try? store.list())?.last { $0.step < step }
    return last.map { " The last good checkpoint is \($0.path)." } ?? " No checkpoint was saved before it."
  }

  private func write(_ event: String, at step: Int, _ values: JSONObject) throws(RunError) {
    try asFailure { () throws(FileError) in try log?.append(event: event, step: step, values) }
  }

  private var progress: RunProgress {
    let rate = pace.samplesPerSecond
    let left = Double((target - trainer.state.step) * configuration.training.batchSize)
    return RunProgress(
      target: target, stepsPerEpoch: configuration.stepsPerEpoch, samplesPerSecond: rate,
      secondsLeft: rate.map { left / $0 })
  }
}

// MARK: - Saving and ending

extension TrainingRun {
  var tensors: [TensorRecord] { trainer.tensors.map(TensorRecord.init) }

  /// Saves the present step: first the log reaches the device, then the checkpoint.
  private func save(_ observe: (RunEvent) -> Void) throws(RunError) {
    let step = trainer.state.step
    let tensors = tensors
    if let bad = tensors.first(where: { $0.values.firstNonFinite != nil }) {
      throw .failed(
        "step \(step): tensor \(bad.name) holds a number that is not finite, so it is not saved. Go on from an earlier checkpoint with a smaller learning rate or gradient clipping."
      )
    }
    pace.resume()
    try asFailure { () throws(FileError) in try log?.synchronize() }
    let state = RunState(
      trainer: trainer.state, window: window, evaluation: lastEvaluation, isEvaluationPending: isEvaluationPending,
      lastLoss: lastLoss)
    var metadata = constants
    metadata["samples_seen"] = String(trainer.sampler?.samplesSeen(before: step) ?? 0)
    metadata[RunState.key] = JSONValue.object(state.json).text
    let content = CheckpointContent(tensors: tensors, metadata: metadata)
    let saved: CheckpointStore.Saved
    do throws(CheckpointError) { saved = try store.save(content, step: step) } catch {
      throw .failed("\(error)\(lastGoodCheckpoint(before: step))")
    }
    lastSaved = (step, saved.receipt)
    for error in saved.notDeleted { observe(.warning("an old checkpoint stays: \(error)")) }
    observe(.saved(step: step, path: saved.receipt.path, bytes: saved.receipt.fileSize))
  }

  private func end(
    _ wanted: RunSummary.End, _ stop: StopRequest?, _ observe: (RunEvent) -> Void
  ) throws(RunError) -> RunSummary {
    let step = trainer.state.step
    if lastSaved?.step != step { try save(observe) }
    pace.pause()
    var (end, evaluation) = (wanted, lastEvaluation)
    if case .stopped = wanted {
      // Whoever stops a run is in a hurry: what was evaluated last is told.
    } else if validation != nil, evaluation?.step != step {
      if let found = try evaluate(stop) {
        evaluation = found
      } else if let signal = stop?.signal {
        end = .stopped(signal: signal)
      }
    }
    let summary = RunSummary(end: end, json: summary(end, evaluation))
    try asFailure { () throws(FileError) in
      try folder.writeSummary(summary.json)
      try log?.synchronize()
    }
    return summary
  }

  private func summary(_ end: RunSummary.End, _ evaluation: Evaluation?) -> JSONObject {
    [
      "name": .string(configuration.name),
      "status": .string(end.status),
      "steps": .integer(trainer.state.step),
      "samples": .integer(trainer.sampler?.samplesSeen(before: trainer.state.step) ?? 0),
      "seconds": .number(pace.elapsed),
      "samples_per_second": pace.samplesPerSecond.map { .number($0) } ?? .null,
      "threads": .integer(trainer.threads),
      "ranks": .integer(1),
      "shards": .integer(trainer.options.shards),
      "parameters": .integer(trainer.network.parameters.elements),
      "final_loss": lastLoss.map { .number($0) } ?? .null,
      "validation": evaluation.map { .object($0.values) } ?? .null,
      "weights_digest": lastSaved.map { .string($0.receipt.weightsDigest) } ?? .null,
      "checkpoint": lastSaved.map { .string($0.receipt.path) } ?? .null,
    ]
  }
}

extension TensorRecord {
  init(_ tensor: TrainerTensor) {
    self.init(name: tensor.name, shape: tensor.shape, values: tensor.values, owner: tensor.owner)
  }
}

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
  /// What to tell about where the run goes on, for the first event.
  let resumption: RunEvent?

  let store: CheckpointStore
  let log: MetricsLog
  private let validation: (any Dataset)?
  /// Texts that every checkpoint of this run carries.
  let constants: [String: String]
  var window: MetricWindow
  private(set) var lastEvaluation: Evaluation?
  private var lastSaved: (step: Int, receipt: CheckpointFile.Receipt)?
  private var lastLoss: Double?
  private var pace = Pace()

  init(
    _ configuration: RunConfiguration, folder: RunFolder, trainer: Trainer, data: RunData, constants: [String: String],
    going resumption: Resumption?
  ) throws(RunError) {
    self.configuration = configuration
    self.folder = folder
    self.trainer = trainer
    self.constants = constants
    validation = data.validation
    window = resumption?.state.window ?? MetricWindow()
    lastEvaluation = resumption?.state.evaluation
    lastLoss = resumption?.state.lastLoss
    lastSaved = resumption?.saved
    self.resumption = resumption?.event
    store = CheckpointStore(folder: folder.checkpointsFolder, keep: configuration.checkpoint.keep)
    log = try asFailure { () throws(FileError) in try MetricsLog(folder.metricsFile) }
  }

  /// Trains until the configured length, or until `steps` steps are done in all, or until `stop` asks; then saves.
  ///
  /// - Parameters:
  ///   - steps: where to pause, at most the configured length; the length stays the horizon of the schedule.
  ///   - observe: is told of every step, evaluation and save, on the caller's thread.
  /// - Throws: `RunError.failed` where the numbers diverge or nothing can be written; the last good checkpoint stays.
  public func train(
    upTo steps: Int? = nil, stop: StopRequest? = nil, observe: (RunEvent) -> Void = { _ in }
  ) throws(RunError) -> RunSummary {
    let total = configuration.totalSteps
    if let steps, steps > total {
      throw .input(
        "--steps \(steps): the configured length of the run is \(total) steps. To make it longer, set its length: --set training.steps=\(steps)")
    }
    let target = steps ?? total
    if let resumption { observe(resumption) }
    while trainer.state.step < target {
      if let signal = stop?.signal { return try end(.stopped(signal: signal), observe) }
      try advance(target: target, observe)
    }
    return try end(trainer.state.step >= total ? .finished : .paused, observe)
  }

  /// One step, and whatever is due after it.
  private func advance(target: Int, _ observe: (RunEvent) -> Void) throws(RunError) {
    let result: StepResult
    pace.resume()
    do throws(TrainingError) { result = try trainer.step() } catch { throw report(error) }
    lastLoss = result.loss
    window.add(result)
    if isDue(configuration.metrics.every, at: result.step) {
      try write("train", at: result.step, window.values(of: trainer.loss, result, samplesPerSecond: pace.samplesPerSecond))
      window = MetricWindow()
    }
    if let interval = configuration.metrics.digestEvery, isDue(interval, at: result.step) {
      try write("digest", at: result.step, ["weights_digest": .string(weightsDigest(of: tensors))])
    }
    pace.count(rows: result.rows)
    observe(.step(result, progress(target: target)))
    if let evaluation = configuration.evaluation, validation != nil, isDue(evaluation.every, at: result.step) {
      pace.pause()
      try evaluateAsScheduled(observe)
    }
    if isDue(configuration.checkpoint.every, at: result.step) {
      pace.resume()
      try save(observe)
    }
  }

  private func isDue(_ interval: Interval, at step: Int) -> Bool { step % configuration.steps(in: interval) == 0 }

  private func evaluateAsScheduled(_ observe: (RunEvent) -> Void) throws(RunError) {
    guard let evaluation = try evaluate() else { return }
    lastEvaluation = evaluation
    trainer.observe(evaluation.metrics)
    try write("validation", at: evaluation.step, evaluation.values)
    observe(.evaluated(step: evaluation.step, metrics: evaluation.metrics))
  }

  private func evaluate() throws(RunError) -> Evaluation? {
    guard let validation else { return nil }
    let sums = try asFailure { () throws(TrainingError) in try trainer.evaluate(on: validation) }
    return Evaluation(step: trainer.state.step, metrics: trainer.loss.metrics(sums))
  }

  /// Says in the log that the numbers have diverged, and which checkpoint is still good.
  private func report(_ error: TrainingError) -> RunError {
    if case .data = error { return .failed("\(error)") }
    let step = trainer.state.step + 1
    try? log.append(event: "diverged", step: step, ["message": .string("\(error)")])
    try? log.synchronize()
    let last = (try? store.list())?.last { $0.step < step }
    let good = last.map { " The last good checkpoint is \($0.path)." } ?? " No checkpoint was saved before it."
    return .failed("\(error)\(good)")
  }

  private func write(_ event: String, at step: Int, _ values: JSONObject) throws(RunError) {
    try asFailure { () throws(FileError) in try log.append(event: event, step: step, values) }
  }

  private func progress(target: Int) -> RunProgress {
    let rate = pace.samplesPerSecond
    let left = Double((target - trainer.state.step) * configuration.training.batchSize)
    return RunProgress(
      target: target, stepsPerEpoch: configuration.stepsPerEpoch, samplesPerSecond: rate, secondsLeft: rate.map { left / $0 })
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
        "step \(step): tensor \(bad.name) holds a number that is not finite, so it is not saved. Go on from an earlier checkpoint with a smaller learning rate or gradient clipping.")
    }
    try asFailure { () throws(FileError) in try log.synchronize() }
    let state = RunState(trainer: trainer.state, window: window, evaluation: lastEvaluation, lastLoss: lastLoss)
    var metadata = constants
    metadata["samples_seen"] = String(trainer.sampler?.samplesSeen(before: step) ?? 0)
    metadata[RunState.key] = JSONValue.object(state.json).text
    let content = CheckpointContent(tensors: tensors, metadata: metadata)
    let saved = try asFailure { () throws(CheckpointError) in try store.save(content, step: step) }
    lastSaved = (step, saved.receipt)
    for error in saved.notDeleted { observe(.warning("an old checkpoint stays: \(error)")) }
    observe(.saved(step: step, path: saved.receipt.path, bytes: saved.receipt.fileSize))
  }

  private func end(_ end: RunSummary.End, _ observe: (RunEvent) -> Void) throws(RunError) -> RunSummary {
    let step = trainer.state.step
    pace.pause()
    if lastSaved?.step != step { try save(observe) }
    var evaluation = lastEvaluation
    if case .stopped = end {
      // Whoever stops a run is in a hurry: what was evaluated last is told.
    } else if evaluation?.step != step {
      evaluation = try evaluate()
    }
    let summary = RunSummary(end: end, json: summary(end, evaluation))
    try asFailure { () throws(FileError) in
      try folder.writeSummary(summary.json)
      try log.synchronize()
    }
    return summary
  }

  private func summary(_ end: RunSummary.End, _ evaluation: Evaluation?) -> JSONObject {
    let status =
      switch end {
      case .finished: "finished"
      case .paused: "paused"
      case .stopped: "stopped"
      }
    return [
      "name": .string(configuration.name),
      "status": .string(status),
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

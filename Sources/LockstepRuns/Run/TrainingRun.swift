import LockstepConfiguration
import LockstepData
import LockstepDeclarations
import LockstepFormats
import LockstepKernels
import LockstepModel
import LockstepTraining

/// A run in its folder: it trains, evaluates, logs and saves, each when the configuration says.
///
/// ```swift
/// let configuration = try RunConfiguration(file: "configs/quickstart.yaml")
/// let run = try TrainingRun.start(configuration, output: "runs/quickstart")
/// let summary = try run.train { event in … }
/// ```
///
/// Everything that happens at a step happens before that step is saved, so a checkpoint holds all that was due.
/// Training waits for a copy of the tensors; the checkpoint is written from that beside the next steps.
public final class TrainingRun {
  let setup: RunSetup
  /// The configuration, checked; what its data files hold is known.
  public var configuration: RunConfiguration { setup.configuration }
  /// Where it writes.
  public let folder: RunFolder
  /// The network with its weights, and how far it has been trained.
  public let trainer: Trainer
  /// The step after which it stops.
  public let target: Int
  /// Where it was forked from; nil for a run that began by itself.
  public let origin: Origin?
  /// The first step that it may be taken back to: no checkpoint of its own is older.
  var firstStep: Int { origin?.step ?? 0 }
  /// What to report first: where the run goes on, or what could be better about one that begins.
  private let openingEvents: [RunEvent]

  /// The summary in the folder of a run that has nothing left to do; nil for any other.
  private let storedSummary: RunSummary?

  /// Held until the run has ended: from then on another may go on in the folder.
  private var lock: FolderLock?
  let store: CheckpointStore
  /// nil where nothing is left to do, and so nothing to write.
  let log: RunLog?
  private var validation: (any Dataset)? { setup.validation }
  let writer: CheckpointWriter
  /// Texts that every checkpoint of this run carries.
  let constants: [String: String]
  /// Where the run stands. Between two saves the trainer alone knows its own part, which every save takes from it.
  var state: RunState
  /// The newest checkpoint that is known to be on the device.
  var lastSaved: (step: Int, receipt: CheckpointFile.Receipt)?
  var pace = Pace()
  /// When the last save began, or the run in this process: on the clock that checkpoints may go by.
  var lastSaveBegan = 0.0
  /// Whether it shall end after the present step.
  private var isPauseAsked = false
  /// Whether the run has ended because its numbers diverged.
  package internal(set) var hasDiverged = false

  init(
    _ setup: RunSetup, _ trainer: Trainer, folder: RunFolder, lock: FolderLock?, constants: [String: String],
    target: Int, going resumption: Resumption?
  ) throws(RunError) {
    let configuration = setup.configuration
    self.setup = setup
    self.folder = folder
    self.lock = lock
    self.trainer = trainer
    self.target = target
    self.constants = constants
    let origin = try Origin(metadata: constants, of: folder.path, until: resumption?.state.trainer.step ?? 0)
    self.origin = origin
    state = resumption?.state ?? RunState()
    if setup.validation == nil { state.isEvaluationPending = false }
    lastSaved = resumption?.saved
    openingEvents = resumption?.events ?? Self.opening(configuration)
    storedSummary = resumption?.storedSummary
    store = CheckpointStore(folder: folder.checkpointsFolder, keep: configuration.checkpoint.keep)
    // A run that goes on has read a checkpoint since its memory was checked.
    let bytes = CheckpointWriter.bytes(of: trainer.tensors)
    guard trainer.rankCount > 1 || MachineMemory.grants(bytes) else {
      throw .input(
        "\(folder.path): the copy that checkpoints are written from takes \(bytes >> 20) MiB, and the system does not grant so much at present. "
          + "Free some memory, or raise the limit that it is bounded by.")
    }
    writer = CheckpointWriter(of: trainer.tensors)
    if storedSummary == nil {
      let sampler = try setup.sampler()
      log = try asFailure { () throws(FileError) in
        try RunLog(
          folder, after: resumption?.state, from: origin, configuration, sampler, adding: setup.metrics.map(\.name))
      }
    } else {
      log = nil
    }
  }

  /// What a person should know before a run begins.
  static func opening(_ configuration: RunConfiguration) -> [RunEvent] {
    let read = configuration.data.summary.map { [RunEvent.read($0)] } ?? []
    return read + configuration.warnings.map { .warning($0) } + configuration.advice().map { .advice($0) }
  }

  /// Trains until `target` steps are done in all, or until `stop` asks it to end; then saves. A run that has nothing
  /// left to do is left as it is, with all its files.
  ///
  /// - Parameters:
  ///   - stop: may ask the run to end, from any thread.
  ///   - observe: is called with every event, on the caller's thread.
  /// - Returns: how it ended; `continuation` goes on with one that has more to do.
  /// - Throws: `RunError.failed` where the numbers diverge, or the last checkpoint cannot be written; the last good one
  ///   stays.
  public func train(stop: StopRequest? = nil, observe: (RunEvent) -> Void = { _ in }) throws(RunError) -> RunSummary {
    isPauseAsked = false
    if lock == nil { lock = try asInput { () throws(RunFolderError) in try FolderLock.take(in: folder) } }
    defer { lock = nil }
    for event in openingEvents { observe(event) }
    if let storedSummary { return storedSummary }
    if let warning = diskWarning { observe(.warning(warning)) }
    do throws(RunError) {
      return try withFloatingPointEnvironment { () throws(RunError) in try trainOn(stop, observe) }
    } catch {
      awaitSave(observe)
      noteFailure(error)
      throw error.adding("go on with: \(continuation)")
    }
  }

  /// Asks the run to end after the present step, with what is due then, and to save: whoever is told of an event may
  /// call it. The run is then paused, and going on goes on.
  public func pause() { isPauseAsked = true }

  /// A warning where the device may have no room for the checkpoints still to come; nil where it has.
  private var diskWarning: String? {
    let present = (try? store.list())?.reduce(0) { $0 + ((try? FileDescriptor.reading($1.path).size) ?? 0) } ?? 0
    return DiskEstimate(configuration, trainer.network, isForked: origin != nil).warning(
      in: store.folder, present: present)
  }

  private func trainOn(_ stop: StopRequest?, _ observe: (RunEvent) -> Void) throws(RunError) -> RunSummary {
    if trainer.rankCount == 1 { writer.prepare() }
    lastSaveBegan = MonotonicClock.seconds()
    // What a run that diverges before the first checkpoint is due is taken back to.
    if configuration.training.onDivergence.isRestore, trainer.state.step == 0, lastSaved == nil {
      try beginDueSave(observe)
    }
    while !hasStoppedEarly, trainer.state.step < target || state.isEvaluationPending {
      if let signal = Int32(exactly: trainer.noticed), signal > 0 { stop?.request(signal: signal) }
      if let wanted = stop?.end(reserving: reserve) { return try end(wanted, stop, observe) }
      if isPauseAsked { return try end(.paused, stop, observe) }
      try advance(stop, observe)
    }
    return try end(Self.end(at: trainer.state.step, of: configuration, state.earlyStopping), stop, observe)
  }

  /// One step and whatever is due after it, or what an interrupted evaluation has left to do.
  private func advance(_ stop: StopRequest?, _ observe: (RunEvent) -> Void) throws(RunError) {
    if !state.isEvaluationPending {
      guard try step(observe) else { return }
    }
    if state.isEvaluationPending { try evaluateAsScheduled(stop, observe) }
    if !state.isEvaluationPending {
      try asFailure { () throws(FileError) in try log?.finishStep() }
      if configuration.isIntervalEnd(trainer.state.step) { endInterval(observe) }
    }
    let isDue = !state.isEvaluationPending && isSaveDue
    if isDue || trainer.state.step % 1_000 == 0 { try asFailure(trainer.compareRanks) }
    if isDue { try beginDueSave(observe) }
  }

  /// - Returns: whether the next step has been done, rather than the run taken back.
  private func step(_ observe: (RunEvent) -> Void) throws(RunError) -> Bool {
    var result: StepResult?
    pace.resume()
    do throws(TrainingError) {
      result = try trainer.step(
        measuringNorm: configuration.isLogDue(at: trainer.state.step + 1),
        observingLayers: isDue(configuration.metrics.layersEvery, at: trainer.state.step + 1),
        keepingGradient: isDue(histogramsEvery, at: trainer.state.step + 1))
    } catch {
      guard try skip(error, observe) else { return false }
    }
    lookAfterSave(observe)
    if let result {
      pace.count(rows: result.rows)
      state.window.add(result)
      state.interval.add(result)
      state.divergences.skippedInARow = 0
    }
    let step = trainer.state.step
    if configuration.isLogDue(at: step) {
      let epoch = trainer.sampler?.epoch(of: step - 1) ?? 0
      try write(
        "train", at: step, state.window.values(of: trainer.loss, epoch: epoch, samplesPerSecond: pace.samplesPerSecond))
      state.window = MetricWindow()
    }
    if let layers = result?.layers {
      try write("layers", at: step, ["layers": .array(layers.map { .object($0.values) })])
    }
    if result != nil, isDue(histogramsEvery, at: step) {
      try asFailure { () throws(FileError) in try log?.appendHistograms(of: trainer) }
    }
    if isDue(configuration.metrics.digestEvery, at: step) {
      try write("digest", at: step, ["weights_digest": .string(weightsDigest(of: tensors))])
    }
    if let evaluation = configuration.evaluation, validation != nil {
      state.isEvaluationPending = isDue(evaluation.every, at: step)
    }
    if let result { observe(.step(result, progress)) }
    return true
  }

  private var histogramsEvery: Interval? { configuration.logging.tensorBoard?.histogramsEvery }

  private func endInterval(_ observe: (RunEvent) -> Void) {
    observe(.interval(interval(state.evaluation)))
    state.lastLoss = state.interval.meanLoss ?? state.lastLoss
    state.interval = MetricWindow()
  }

  /// The interval as far as it has come, with `evaluation` if that is of this step.
  private func interval(_ evaluation: ScheduledEvaluation?) -> RunInterval {
    let step = trainer.state.step
    return RunInterval(
      step: step, epoch: trainer.sampler?.epoch(of: step - 1) ?? 0,
      validation: evaluation?.step == step ? evaluation?.metrics ?? [] : [], progress: progress)
  }

  /// Whether `step` is a multiple of `interval`; false where that is nil.
  func isDue(_ interval: Interval?, at step: Int) -> Bool {
    interval.map { step % configuration.steps(in: $0) == 0 } ?? false
  }

  /// Leaves the evaluation pending where `stop` asks in its midst.
  private func evaluateAsScheduled(_ stop: StopRequest?, _ observe: (RunEvent) -> Void) throws(RunError) {
    guard let evaluation = try evaluate(stop, observe) else { return }
    state.isEvaluationPending = false
    // What has been saved of this step lacks it.
    if lastSaved?.step == evaluation.step { lastSaved = nil }
    warnOfNonFinite(evaluation, observe)
    state.evaluation = evaluation
    trainer.observe(evaluation.metrics)
    if let wanted = configuration.checkpoint.keepBest,
      let value = evaluation[wanted.metric], wanted.isBetter(value, than: state.best?.value)
    {
      state.best = BestEvaluation(step: evaluation.step, value: value)
    }
    if let rule = configuration.training.earlyStopping { state.earlyStopping.observe(evaluation, rule) }
    try write("validation", at: evaluation.step, evaluation.values)
    observe(.evaluated(step: evaluation.step, metrics: evaluation.metrics))
    if let why = stoppedEarlySummary {
      try write(RunState.stoppedEarlyEvent, at: evaluation.step, why)
      observe(.stoppedEarly(step: evaluation.step, reason: why["message"]?.string ?? ""))
    }
  }

  /// Warns of metrics that are not finite, at the first of several such evaluations.
  private func warnOfNonFinite(_ evaluation: ScheduledEvaluation, _ observe: (RunEvent) -> Void) {
    let names = evaluation.nonFinite
    guard !names.isEmpty, state.evaluation?.nonFinite.isEmpty ?? true else { return }
    observe(
      .warning(
        "step \(evaluation.step): \(names.joined(separator: ", ")) on the validation data \(names.count == 1 ? "is" : "are") not finite, "
          + "though training goes on: no improvement for whatever watches it"))
  }

  /// Evaluates the validation data; nil without any, and where `stop` asks before it is done.
  private func evaluate(_ stop: StopRequest?, _ observe: (RunEvent) -> Void) throws(RunError) -> ScheduledEvaluation? {
    guard let validation else { return nil }
    pace.pause()
    let (further, start) = (configuration.furtherMetrics, MonotonicClock.seconds())
    let found = try asFailure { () throws(TrainingError) in
      try trainer.evaluation(on: validation, measuring: further, adding: setup.metrics) {
        lookAfterSave(observe)
        return stop?.end(reserving: reserve) != nil
      }
    }
    if found != nil { pace.evaluated(in: MonotonicClock.seconds() - start) }
    return found.map { ScheduledEvaluation(step: trainer.state.step, metrics: $0.metrics) }
  }

  func lastGoodCheckpoint(before step: Int) -> String {
    let last = (try? store.list())?.last { $0.step < step }
    return last.map { " The last good checkpoint is \($0.path)." } ?? " No checkpoint was saved before it."
  }

  func write(_ event: String, at step: Int, _ values: JSONObject) throws(RunError) {
    try asFailure { () throws(FileError) in try log?.append(event: event, step: step, values) }
  }

  /// Seconds that a step and the last save may take, so that a run with a time limit ends in time: a device that writes
  /// 100 MB a second is slow.
  private var reserve: Double {
    let step = pace.samplesPerSecond.map { Double(configuration.training.batchSize) / $0 } ?? 0
    return 0.2 + Double(writer.bytes) / 100e6 + 2 * step
  }

  /// What a run needs.
  ///
  /// - Throws: `RunError.input` where its network cannot be made, which it has been already.
  package func estimate() throws(RunError) -> RunEstimate { try RunEstimate(setup) }

  private var progress: RunProgress {
    RunProgress(
      target: target, stepsPerEpoch: configuration.stepsPerEpoch, samplesPerSecond: pace.samplesPerSecond,
      seconds: pace.elapsed, secondsLeft: secondsLeft,
      endsInterval: configuration.isIntervalEnd(trainer.state.step) || trainer.state.step == target,
      loss: trainer.loss, sums: state.interval.sums)
  }

  /// Estimate for the steps left, with the saves beside them, the evaluations, and the last save, which is waited for.
  private var secondsLeft: Double? {
    guard let rate = pace.samplesPerSecond, let sampler = trainer.sampler else { return nil }
    let left = configuration.left(after: trainer.state.step, until: target, sampler)
    // Until one has been timed: inference takes a third of the products of training.
    let evaluation = pace.evaluationSeconds ?? Double(validation?.count ?? 0) / (3 * rate)
    let evaluations = left.evaluations + (state.isEvaluationPending ? 1 : 0)
    return Double(left.samples) / rate + Double(evaluations) * evaluation + (pace.saveSeconds ?? 0)
  }
}

// MARK: - Ending

extension TrainingRun {
  private func end(
    _ wanted: RunSummary.End, _ stop: StopRequest?, _ observe: (RunEvent) -> Void
  ) throws(RunError) -> RunSummary {
    let step = trainer.state.step
    try finishSaving(observe)
    pace.pause()
    var (end, evaluation) = (wanted, state.evaluation)
    if wanted.isStop {
      // Whoever stops a run is in a hurry: what was evaluated last is told.
    } else if validation != nil, evaluation?.step != step {
      if let found = try evaluate(stop, observe) {
        evaluation = found
      } else if let stopped = stop?.end(reserving: reserve) {
        end = stopped
      }
    }
    if state.interval.steps > 0 { observe(.interval(interval(evaluation))) }
    let summary = RunSummary(end: end, json: summary(end, evaluation))
    try asFailure { () throws(FileError) in
      // Once the summary is there, nobody makes good what is missing.
      try log?.finish(hasEnded: !summary.isUnfinished)
      try folder.writeSummary(summary.json)
    }
    return summary
  }

  /// The best scheduled evaluation and its checkpoint; nil where it is not asked for, or there was none.
  private var bestSummary: JSONObject? {
    guard let best = state.best, let wanted = configuration.checkpoint.keepBest else { return nil }
    return [
      "step": .integer(best.step), wanted.metric.rawValue: .number(best.value),
      "checkpoint": .string(store.path(step: best.step)),
    ]
  }

  /// The share of the workers' time in each phase of a step, since the run began in this process.
  private var phaseShares: JSONObject {
    let spent = trainer.phaseSeconds
    let total = spent.reduce(0) { $0 + $1.seconds }
    var shares = JSONObject()
    for (phase, seconds) in spent { shares.append(phase.name, .number(total > 0 ? seconds / total : 0)) }
    return shares
  }

  private func summary(_ end: RunSummary.End, _ evaluation: ScheduledEvaluation?) -> JSONObject {
    [
      "name": .string(configuration.name),
      "status": .string(end.status),
      "steps": .integer(trainer.state.step),
      "samples": .integer(trainer.sampler?.samplesSeen(before: trainer.state.step) ?? 0),
      "seconds": .number(pace.elapsed),
      "started_on": .string(Timestamp.text(WallClock.seconds() - pace.elapsed)),
      "finished_on": .string(Timestamp.text(WallClock.seconds())),
      "samples_per_second": pace.samplesPerSecond.map { .number($0) } ?? .null,
      "overall_samples_per_second": pace.overallSamplesPerSecond.map { .number($0) } ?? .null,
      "threads": .integer(trainer.threads),
      "one_thread_steps": .integer(trainer.stepsAlone),
      "ranks": .integer(trainer.rankCount),
      "phases": .object(phaseShares), "processor": .string(Processor.modelName),
      "program_digest": Folder.programDigest.map { .string($0) } ?? .null,
      "shards": .integer(trainer.options.shards),
      "parameters": .integer(trainer.network.parameters.elements),
      "skipped_steps": .integer(state.divergences.skipped),
      "restores": .integer(state.divergences.restores),
      "final_loss": (state.interval.meanLoss ?? state.lastLoss).map { .number($0) } ?? .null,
      "validation": evaluation.map { .object($0.values) } ?? .null,
      "forked_from": origin.map { .object($0.json) } ?? .null,
      "best": bestSummary.map { .object($0) } ?? .null,
      "stopped_early": stoppedEarlySummary.map { .object($0) } ?? .null,
      "weights_digest": lastSaved.map { .string($0.receipt.weightsDigest) } ?? .null,
      "checkpoint": lastSaved.map { .string($0.receipt.path) } ?? .null,
    ]
  }
}

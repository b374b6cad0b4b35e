import LockstepConfiguration
import LockstepFormats
import LockstepKernels
import LockstepRuns
import LockstepTraining

/// The steps from one checkpoint of a run to the next, trained again. The run is only read: what is written stands in a
/// folder that goes away.
struct RetrainedInterval: Sendable {
  /// nil for the initial weights.
  let start: CheckpointRecord?
  let end: CheckpointRecord
  var from: Int { start?.step ?? 0 }

  /// Why the steps cannot be trained as they were; nil where they can.
  ///
  /// - Parameter acceptsDifferentArithmetic: whether they are tried though this machine's arithmetic is another.
  private func obstacle(_ setup: RunSetup, acceptsDifferentArithmetic: Bool) -> String? {
    if let change = start.flatMap({ end.configuration.differences(from: $0.configuration) })?.first(
      where: \.touchesBits)
    {
      return
        "\(end.path): found \(change.key): \(change.new ?? "none"), expected \(change.old ?? "none") as in the checkpoint of step \(from)"
    }
    if let other = end.otherData(than: setup) { return other }
    if let change = setup.configuration.differences(from: end.configuration).first(where: \.touchesBits) {
      return
        "\(change.key): found \(change.new ?? "none"), expected \(change.old ?? "none"): a run is trained again as it was"
    }
    if acceptsDifferentArithmetic { return nil }
    let difference = end.arithmetic.map { ArithmeticFingerprint.current.difference(from: $0) } ?? "it says none"
    return difference.map {
      "\(end.path): this machine's arithmetic is not the checkpoint's: \($0). Try all the same by --accept-different-arithmetic"
    }
  }

  /// Trains the steps and compares.
  ///
  /// - Parameters:
  ///   - log: the lines of the run's log.
  ///   - threads: that train; nil for the configured ones.
  ///   - stop: may ask the training to end.
  /// - Returns: nil where it was stopped.
  func outcome(
    _ setup: RunSetup, log: [MetricsLine], threads: Int?, acceptsDifferentArithmetic: Bool, stop: StopRequest?
  ) throws(RunError) -> Verification.Outcome? {
    if let obstacle = obstacle(setup, acceptsDifferentArithmetic: acceptsDifferentArithmetic) {
      return .notTrained(obstacle)
    }
    let scratch = try asFailure { () throws(FileError) in try ScratchFolder() }
    defer { scratch.remove() }
    let folder = "\(scratch.path)/run"
    let run: TrainingRun
    let summary: RunSummary
    do throws(RunError) {
      run = try begin(quietly(setup, threads: threads), in: folder, acceptsDifferentArithmetic)
      summary = try run.train(stop: stop)
    } catch {
      // What else it says is how to go on in the folder, which goes away.
      let text = "\(error)".split(separator: "\n").first ?? ""
      return .notTrained(String(text).replacing(folder, with: "training again"))
    }
    if stop?.signal != nil { return nil }
    guard run.trainer.state.step == end.step else {
      return .notTrained(
        "training again has ended at step \(run.trainer.state.step) (\(summary.json["status"]?.string ?? "")), expected step \(end.step)"
      )
    }
    let trained = try CheckpointRecord(
      verifying: CheckpointStore(folder: run.folder.checkpointsFolder, keep: 1).path(step: end.step))
    if let obstacle = obstacle(trained) { return .notTrained(obstacle) }
    let lines = try asFailure { () throws(FileError) in try MetricsLog.lines(run.folder.metricsFile) }
    return try compare(trained, run.trainer.tensors, LogComparison(log, lines, after: from))
  }

  /// Saves, and writes, no more than is needed: where a run that diverges is taken back to its checkpoints, it needs
  /// them.
  private func quietly(_ setup: RunSetup, threads: Int?) -> RunSetup {
    var setup = setup
    if let threads { setup.opened.configuration.training.threads = .count(threads) }
    setup.opened.configuration.logging.tensorBoard = nil
    if !setup.configuration.training.onDivergence.isRestore {
      setup.opened.configuration.checkpoint = .init(every: .steps(setup.configuration.totalSteps), keep: 1)
    }
    return setup
  }

  private func begin(
    _ setup: RunSetup, in folder: String, _ acceptsDifferentArithmetic: Bool
  ) throws(RunError) -> TrainingRun {
    guard let start else { return try TrainingRun.start(setup, in: .at(folder), upTo: end.step) }
    try start.copy(toRun: folder)
    return try TrainingRun.resumeOrStart(
      setup, output: folder, upTo: end.step, acceptsDifferentArithmetic: acceptsDifferentArithmetic)
  }

  /// Why what was trained again is another run; nil where it is not.
  private func obstacle(_ trained: CheckpointRecord) -> String? {
    if start == nil, trained.initialWeights != end.initialWeights {
      return
        "model.weights: found a file whose tensors have the digest \(trained.initialWeights ?? "none"), expected \(end.initialWeights ?? "none"), with which the run began"
    }
    if trained.changedLength != end.changedLength {
      return
        "\(end.path): the length of the run was changed between these checkpoints (\(end.changedLength ?? "none")), where no checkpoint was kept"
    }
    return nil
  }

  private func compare(
    _ trained: CheckpointRecord, _ tensors: [Tensor], _ log: LogComparison
  ) throws(RunError) -> Verification.Outcome {
    let element = trained.weightsDigest == end.weightsDigest ? nil : try firstDifference(tensors)
    // One that was taken back later has smaller learning rates since then.
    let isOfState =
      trained.restores == end.restores && trained.trainer != nil && end.trainer != nil && trained.trainer != end.trainer
    if element == nil, log.difference == nil, !isOfState { return .same }
    let step = log.difference?.step ?? end.step
    // A line that was changed in the log alone stands at its step.
    let lastSame = element == nil && !isOfState ? step - 1 : min(log.lastSame, step - 1)
    return .differs(
      Verification.Difference(
        lastSame: lastSame, step: step, element: element, logValue: log.difference, isOfState: isOfState))
  }

  /// The first element of the checkpoint that is not the one in `tensors`, bit for bit.
  private func firstDifference(_ tensors: [Tensor]) throws(RunError) -> Verification.Difference.Element? {
    let checkpoint = try end.read()
    let byName = Dictionary(tensors.map { ($0.name, $0.values) }, uniquingKeysWith: { first, _ in first })
    var first: Verification.Difference.Element?
    for tensor in checkpoint.tensors {
      guard let expected = byName[tensor.name],
        let index = (0..<tensor.values.count).first(where: {
          tensor.values[$0].bitPattern != expected[$0].bitPattern
        })
      else { continue }
      first =
        first
        ?? .init(tensor: tensor.name, index: index, found: tensor.values[index], expected: expected[index], tensors: 0)
      first?.tensors += 1
    }
    return first
  }
}

extension CheckpointRecord {
  /// That the data of `setup` is not what the run was trained on; nil where it is.
  func otherData(than setup: RunSetup) -> String? {
    guard let trained = trainData, trained != setup.train.fingerprint else { return nil }
    let files = setup.configuration.data.train.file?.files.map { Display.whole($0.path) } ?? []
    let place = files.isEmpty ? "data.train" : files.joined(separator: ", ")
    return
      "\(place): found other data than the run was trained on: \"\(setup.train.fingerprint)\", expected \"\(trained)\""
  }
}

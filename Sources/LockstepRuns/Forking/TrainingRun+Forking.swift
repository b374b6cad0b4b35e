import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepModel
import LockstepTraining

extension TrainingRun {
  /// Begins a new run at a checkpoint of another, with other settings: weights, running statistics, what the optimizer
  /// remembers, the average of the weights and the step are those of the checkpoint. `train` does the steps that are
  /// left.
  ///
  /// ```swift
  /// let run = try TrainingRun.fork(
  ///   "runs/a", overrides: [ConfigurationOverride("optimizer.adam.learning_rate=1e-4")], output: "runs/b")
  /// ```
  ///
  /// Without overrides it ends with the bits of the run that goes on. With them its bits follow from the checkpoint and
  /// the settings, whatever the number of threads and wherever it is stopped. The other run is only read. The
  /// checkpoint is written to the new folder first, and stays there.
  ///
  /// - Parameters:
  ///   - origin: the folder of a run, or one of its checkpoints.
  ///   - choice: which checkpoint of a folder; nil for the newest.
  ///   - step: that of the checkpoint; nil for `choice`.
  ///   - overrides: settings that take the place of the checkpoint's.
  ///   - output: a folder that holds no run.
  ///   - steps: the step after which it pauses; nil for the configured length.
  /// - Throws: `RunError.input` where there is no such checkpoint, its tensors are not those of the model, its data has
  ///   other features or classes, or nothing is left to do; nothing is overwritten.
  public static func fork(
    _ origin: String, _ choice: RunModel? = nil, step: Int? = nil, overrides: [ConfigurationOverride] = [],
    output: String, upTo steps: Int? = nil
  ) throws(RunError) -> TrainingRun {
    try fork(origin, choice, step: step, overrides: overrides, upTo: steps) { (_) throws(RunError) in .at(output) }
  }

  /// - Parameter place: where the fork is written, of its name.
  package static func fork(
    _ origin: String, _ choice: RunModel? = nil, step: Int? = nil, overrides: [ConfigurationOverride] = [],
    upTo steps: Int? = nil, in place: (String) throws(RunError) -> NewRunFolder
  ) throws(RunError) -> TrainingRun {
    let path = try RunModel.checkpoint(at: origin, step: step, choice)
    let header = try asInput { () throws(CheckpointError) in
      try CheckpointFile.readHeader(path, verifyingSeal: true)
    }
    let saved = try RunConfiguration(of: header, path)
    let setup = try RunSetup(saved.forked(header, path, overrides))
    let configuration = setup.configuration
    let target = try target(configuration, upTo: steps)
    let fork = Fork(
      of: saved, as: configuration, hasOtherSamples: header.metadata[Key.trainData] != setup.train.fingerprint)
    try fork.check(path)
    try setup.checkMemory(for: .run)
    let trainer = try setup.trainer()
    let checkpoint = try asInput { [expected = try saved.checkpointTensors()] () throws(CheckpointError) in
      try CheckpointFile.read(path, expecting: expected, checkingFinite: true)
    }
    var state = fork.state(from: try Self.state(of: checkpoint))
    try checkFork(target: target, state, configuration, path)
    try fork.copy(checkpoint, into: trainer)
    trainer.resume(from: state.trainer)

    var constants = constants(setup, classWeights: trainer.options.classWeights)
    for key in [Key.accepted, Key.length, Key.initialWeights] { constants[key] = checkpoint.metadata[key] }
    let arithmetic = try noteArithmetic(of: checkpoint, &constants)
    let from = try Self.origin(checkpoint, fork, setup)
    constants[Origin.key] = JSONValue.object(from.json).text
    state.predecessor = CheckpointLink(step: from.step, weightsDigest: from.weightsDigest)

    let (folder, lock) = try takeFolder(place(configuration.name), besides: from.run)
    let store = CheckpointStore(folder: folder.checkpointsFolder, keep: configuration.checkpoint.keep)
    let receipt = try begin(fork: trainer, state, constants, folder, lock, store, configuration)
    let events =
      [.forked(from), .saved(step: state.trainer.step, path: receipt.path, bytes: receipt.fileSize)]
      + (arithmetic + fork.notes).map { RunEvent.warning($0) } + opening(configuration)
    return try TrainingRun(
      setup, trainer, folder: folder, lock: lock, constants: constants, target: target,
      going: Resumption(state: state, events: events, saved: (state.trainer.step, receipt)))
  }

  /// Writes the checkpoint that the fork begins at, and only then the configuration: a folder with a configuration and
  /// no checkpoint is one whose run begins with initial weights.
  private static func begin(
    fork trainer: Trainer, _ state: RunState, _ constants: [String: String], _ folder: RunFolder, _ lock: FolderLock?,
    _ store: CheckpointStore, _ configuration: RunConfiguration
  ) throws(RunError) -> CheckpointFile.Receipt {
    lock?.announce()
    var metadata = constants
    metadata[Key.samplesSeen] = String(trainer.sampler?.samplesSeen(before: state.trainer.step) ?? 0)
    state.write(to: &metadata)
    let content = CheckpointContent(tensors: trainer.tensors, metadata: metadata)
    try asFailure { () throws(FileError) in try store.prepare() }
    let saved = try asFailure { () throws(CheckpointError) in try store.save(content, step: state.trainer.step) }
    try prepare(folder, lock, store, configuration)
    return saved.receipt
  }

  /// The folder of the fork. It is never that of the run that it comes from.
  private static func takeFolder(
    _ place: NewRunFolder, besides run: String?
  ) throws(RunError) -> (RunFolder, FolderLock?) {
    if case .at(let path, true) = place, let run, Folder.isSame(path, run) {
      throw .input("\(path): found the run that is forked, expected another folder: a fork leaves it as it is")
    }
    return try asInput { () throws(RunFolderError) in try place.take() }
  }

  private static func origin(
    _ checkpoint: LoadedCheckpoint, _ fork: Fork, _ setup: RunSetup
  ) throws(RunError) -> Origin {
    var changes = fork.differences.map { Origin.Change(key: $0.key, old: $0.old, new: $0.new) }
    if fork.hasOtherSamples {
      let (old, new) = (checkpoint.metadata[Key.trainData], setup.train.fingerprint)
      changes.append(Origin.Change(key: Key.trainData + " samples", old: old, new: new))
    }
    let folder = Folder.parent(of: checkpoint.path)
    let isInRun = Folder.lastName(of: folder) == "checkpoints"
    return Origin(
      run: isInRun ? Folder.parent(of: folder) : nil, checkpoint: Folder.lastName(of: checkpoint.path),
      step: checkpoint.step ?? 0, weightsDigest: checkpoint.weightsDigest, changes: changes)
  }

  private static func checkFork(
    target: Int, _ state: RunState, _ configuration: RunConfiguration, _ path: String
  ) throws(RunError) {
    let done = state.trainer.step
    let hasEnded = state.earlyStopping.ends(under: configuration.training.earlyStopping)
    guard done >= target || hasEnded else { return }
    let why = hasEnded ? "its run was stopped early" : "the fork would end at step \(target)"
    throw .input(
      "\(path): found \(done) steps done, and nothing left to do: \(why). Make it longer by --set training.steps=\(max(done, target) * 2)"
        + (hasEnded ? ", with more --set training.early_stopping.patience" : "")
        + ", or take an earlier checkpoint by --step")
  }
}

extension RunConfiguration {
  /// The configuration of the checkpoint at `path` with other settings, its data open: prepared as the checkpoint says
  /// where the settings that read it are the same, else anew.
  fileprivate func forked(
    _ header: SafetensorsHeader, _ path: String, _ overrides: [ConfigurationOverride]
  ) throws(RunError) -> OpenedConfiguration {
    let text = header.metadata[TrainingRun.Key.configuration] ?? ""
    let recorded = header.metadata[Preprocessing.key].flatMap(Preprocessing.init)
    return try asInput { () throws(ConfigurationErrors) in
      try OpenedConfiguration(
        bytes: Array(text.utf8), file: "\(path) (its configuration)", overrides: overrides,
        files: .forked(recorded, readBy: data.fileDescription(loss)))
    }
  }
}

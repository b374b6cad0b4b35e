import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepKernels
import LockstepModel
import LockstepTraining

/// The checkpoint from which a run goes on.
struct Resumption {
  var state: RunState
  /// What to report about it.
  var events: [RunEvent]
  var saved: (step: Int, receipt: CheckpointFile.Receipt)
  /// Where nothing is left to do: the summary that says so.
  var storedSummary: RunSummary?
}

extension TrainingRun {
  /// Begins a new run in the folder `output`; `train` does its steps.
  ///
  /// - Parameter steps: the step after which it pauses, at most the configured length, which stays the horizon of the
  ///   schedule; nil for the configured length.
  /// - Throws: `RunError.input` where the configuration cannot work or the folder holds another run; nothing is
  ///   overwritten.
  public static func start(
    _ configuration: RunConfiguration, output: String, upTo steps: Int? = nil
  ) throws(RunError) -> TrainingRun {
    try start(RunSetup(configuration), in: .at(output), upTo: steps)
  }

  package static func start(
    _ setup: RunSetup, in place: NewRunFolder, upTo steps: Int? = nil
  ) throws(RunError) -> TrainingRun {
    let target = try target(setup.configuration, upTo: steps)
    let (trainer, weights) = try setup.initialTrainer(for: .run)
    let (folder, lock) = try asInput { () throws(RunFolderError) in try place.take() }
    return try begin(setup, trainer, folder, lock, target, initialWeights: weights)
  }

  /// Goes on with the run in the folder `output` from its newest valid checkpoint, or begins it if there is no
  /// checkpoint at all.
  ///
  /// - Parameters:
  ///   - configuration: the run's; it may differ from the checkpoint's only in keys that do not touch the bits.
  ///   - steps: the step after which it pauses, at most the configured length and at least what is done; nil for the
  ///     configured length.
  ///   - acceptsDifferentArithmetic: whether to go on where this machine's arithmetic is not the checkpoint's; later
  ///     checkpoints record that it did.
  /// - Throws: `RunError.input` where all checkpoints are damaged, or one is of a newer format, another arithmetic,
  ///   another model or other data; nothing is overwritten.
  public static func resumeOrStart(
    _ configuration: RunConfiguration, output: String, upTo steps: Int? = nil, acceptsDifferentArithmetic: Bool = false
  ) throws(RunError) -> TrainingRun {
    try resumeOrStart(
      RunSetup(configuration), output: output, upTo: steps, acceptsDifferentArithmetic: acceptsDifferentArithmetic)
  }

  package static func resumeOrStart(
    _ setup: RunSetup, output: String, upTo steps: Int? = nil, acceptsDifferentArithmetic: Bool = false
  ) throws(RunError) -> TrainingRun {
    let configuration = setup.configuration
    let target = try target(configuration, upTo: steps)
    try setup.checkMemory(for: .run)
    let trainer = try setup.trainer()
    let (folder, lock) = try asInput { () throws(RunFolderError) in
      let folder = try RunFolder.openOrCreate(output)
      return (folder, try FolderLock.take(in: folder))
    }
    let store = CheckpointStore(folder: folder.checkpointsFolder, keep: configuration.checkpoint.keep)
    guard let newest = try newestCheckpoint(store, configuration, trainer) else {
      let weights = try setup.initialize(trainer)
      return try begin(setup, trainer, folder, lock, target, initialWeights: weights)
    }

    let checkpoint = newest.checkpoint
    var constants = constants(setup, classWeights: trainer.options.classWeights)
    let (state, warning) = try compatibleState(
      of: checkpoint, setup, acceptsDifferentArithmetic, &constants)
    try check(target: target, upTo: steps, done: state.trainer.step, checkpoint.path)
    let isDone =
      state.trainer.step == target || state.earlyStopping.ends(under: configuration.training.earlyStopping)
    try asInput { () throws(CheckpointError) in try checkpoint.copy(into: trainer.tensors) }
    trainer.publish()
    trainer.resume(from: state.trainer)
    let receipt = CheckpointFile.Receipt(path: checkpoint.path, fileSize: 0, weightsDigest: checkpoint.weightsDigest)
    let summary =
      isDone
      ? try storedSummary(
        folder, end(at: state.trainer.step, of: configuration, state.earlyStopping), step: state.trainer.step, receipt)
      : nil
    if summary == nil { try prepare(folder, lock, store, configuration) }
    let event = RunEvent.resumed(
      step: state.trainer.step, checkpoint: checkpoint.path, skipped: newest.skipped.map(\.description), isDone: isDone)
    let events = [event] + (isDone ? [] : warning.map { [.warning($0)] } ?? [])
    return try TrainingRun(
      setup, trainer, folder: folder, lock: lock, constants: constants, target: target,
      going: Resumption(state: state, events: events, saved: (state.trainer.step, receipt), storedSummary: summary))
  }

  /// The newest checkpoint that is whole, if there is any. Its tensors are compared with those of `trainer` before
  /// memory is taken for them.
  private static func newestCheckpoint(
    _ store: CheckpointStore, _ configuration: RunConfiguration, _ trainer: Trainer
  ) throws(RunError) -> CheckpointStore.Newest? {
    do throws(CheckpointError) {
      return try store.newestValid(expecting: trainer.tensors.map(\.info), checkingFinite: true)
    } catch {
      // Where the configurations differ too, the key says more than the tensors.
      if case .otherModel(let path, _) = error, let header = try? CheckpointFile.readHeader(path) {
        try checkBits(configuration, header, path)
      }
      throw RunError(input: error)
    }
  }

  /// The summary that stands in the folder, if it is that of this very end of the run.
  private static func storedSummary(
    _ folder: RunFolder, _ end: RunSummary.End, step: Int, _ receipt: CheckpointFile.Receipt
  ) throws(RunError) -> RunSummary? {
    guard var json = try asFailure({ () throws(FileError) in try folder.readSummary() }),
      json["status"]?.string == end.status, json["steps"]?.integer == step,
      json["weights_digest"]?.string == receipt.weightsDigest
    else { return nil }
    // The folder may have been moved.
    json["checkpoint"] = .string(receipt.path)
    return RunSummary(end: end, json: json)
  }

  /// Makes a folder ready to be written into.
  static func prepare(
    _ folder: RunFolder, _ lock: FolderLock?, _ store: CheckpointStore, _ configuration: RunConfiguration
  ) throws(RunError) {
    lock?.announce()
    try asFailure { () throws(FileError) in
      try store.prepare()
      try folder.removeTemporaries()
      try folder.writeConfiguration(configuration.resolvedYAML)
    }
  }

  private static func begin(
    _ setup: RunSetup, _ trainer: Trainer, _ folder: RunFolder, _ lock: FolderLock?, _ target: Int,
    initialWeights: String?
  ) throws(RunError) -> TrainingRun {
    let configuration = setup.configuration
    // A run that was killed before it saved begins again, its lines too.
    let store = CheckpointStore(folder: folder.checkpointsFolder, keep: configuration.checkpoint.keep)
    try prepare(folder, lock, store, configuration)
    var constants = constants(setup, classWeights: trainer.options.classWeights)
    constants[Key.initialWeights] = initialWeights
    return try TrainingRun(
      setup, trainer, folder: folder, lock: lock, constants: constants, target: target,
      going: nil)
  }
}

extension TrainingRun {
  /// Goes on with the run in `folder`, whose own `config.yaml` says what it is.
  ///
  /// - Parameters:
  ///   - overrides: settings to change, only of keys that do not touch the bits.
  ///   - steps: the step after which it pauses, at most the configured length and at least what is done; nil for the
  ///     configured length.
  /// - Throws: `RunError.input` where the folder holds no run, or it cannot go on.
  public static func resume(
    _ folder: String, overrides: [ConfigurationOverride] = [], upTo steps: Int? = nil,
    acceptsDifferentArithmetic: Bool = false
  ) throws(RunError) -> TrainingRun {
    try resumeOrStart(
      setup(of: folder, overrides: overrides), output: folder, upTo: steps,
      acceptsDifferentArithmetic: acceptsDifferentArithmetic)
  }

  /// The run in `folder` as its own `config.yaml` says, with its data open.
  ///
  /// - Throws: `RunError.input` where the folder holds no run, or it cannot go on.
  package static func setup(of folder: String, overrides: [ConfigurationOverride]) throws(RunError) -> RunSetup {
    let place = try asInput { () throws(RunFolderError) in try RunFolder.open(folder) }
    let item = try asInput { () throws(FileError) in try Folder.item(at: place.configurationFile) }
    if item == .missing, let text = place.recordedConfiguration {
      // A fork that was killed before it had written the file; or somebody has removed it.
      let opened = try asInput { () throws(ConfigurationErrors) in
        try OpenedConfiguration(
          bytes: Array(text.utf8), file: place.configurationFile, overrides: overrides, folder: folder,
          files: .reopened(place.recordedPreprocessing))
      }
      return try RunSetup(opened)
    }
    if item == .missing {
      throw .input(
        "\(place.configurationFile): there is no such file. Go on by `lockstep train CONFIG --output \(folder) --resume`."
      )
    }
    let opened = try asInput { () throws(ConfigurationErrors) in
      try OpenedConfiguration(
        file: place.configurationFile, overrides: overrides, files: .reopened(place.recordedPreprocessing))
    }
    return try RunSetup(opened)
  }
}

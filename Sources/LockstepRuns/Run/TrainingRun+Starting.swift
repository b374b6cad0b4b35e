import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepKernels
import LockstepModel
import LockstepTraining

/// The data sets of a run.
package struct RunData {
  package var train: any Dataset
  package var validation: (any Dataset)?

  /// - Parameter configuration: with its files open.
  package init(_ configuration: RunConfiguration) throws(RunError) {
    if let sets = configuration.data.files?.sets {
      (train, validation) = sets
      return
    }
    train = try asInput { () throws(DatasetError) in
      try configuration.data.train.makeDataset(runSeed: configuration.seed)
    }
    if let source = configuration.data.validation {
      validation = try asInput { () throws(DatasetError) in try source.makeDataset(runSeed: configuration.seed) }
    }
  }
}

/// Where a run goes on.
struct Resumption {
  var state: RunState
  /// What to tell about it.
  var events: [RunEvent]
  var saved: (step: Int, receipt: CheckpointFile.Receipt)
  /// Where nothing is left to do: the summary that says so.
  var storedSummary: RunSummary?
}

extension TrainingRun {
  /// Begins a new run in the folder `output`.
  ///
  /// - Parameter steps: where it pauses, at most the configured length, which stays the horizon of the schedule; nil
  ///   for that length.
  /// - Throws: `RunError.input` where the configuration cannot work or the folder holds another run; nothing is
  ///   overwritten.
  public static func start(
    _ configuration: RunConfiguration, output: String, upTo steps: Int? = nil
  ) throws(RunError) -> TrainingRun {
    let configuration = try asInput { () throws(ConfigurationErrors) in try configuration.prepared() }
    let target = try target(configuration, upTo: steps)
    let data = try RunData(configuration)
    try configuration.checkMemory(runningOn: data.train)
    let trainer = try makeTrainer(configuration, data)
    let weights = try initialize(trainer, configuration)
    let (folder, lock) = try asInput { () throws(RunFolderError) in
      let folder = try RunFolder.create(output)
      let lock = try FolderLock.take(in: folder)
      // Another may have begun, and ended, before the lock was ours.
      try RunFolder.requireNoRun(in: output)
      return (folder, lock)
    }
    return try begin(configuration, folder, lock, trainer, data, target, weights)
  }

  /// Goes on with the run in the folder `output` from its newest valid checkpoint, or begins it if there is no
  /// checkpoint at all.
  ///
  /// - Parameters:
  ///   - configuration: that of the run; only keys that do not touch the bits may differ from the checkpoint's.
  ///   - steps: where it pauses, at most the configured length and at least what is done.
  ///   - acceptsDifferentArithmetic: whether to go on where this machine's arithmetic is not the checkpoint's; recorded
  ///     in what is saved from then on.
  /// - Throws: `RunError.input` where all checkpoints are damaged, or one is of a newer format, another arithmetic,
  ///   another model or other data; nothing is overwritten.
  public static func resumeOrStart(
    _ configuration: RunConfiguration, output: String, upTo steps: Int? = nil, acceptsDifferentArithmetic: Bool = false
  ) throws(RunError) -> TrainingRun {
    let configuration = try asInput { () throws(ConfigurationErrors) in try configuration.prepared() }
    let target = try target(configuration, upTo: steps)
    let data = try RunData(configuration)
    try configuration.checkMemory(runningOn: data.train)
    let trainer = try makeTrainer(configuration, data)
    let (folder, lock) = try asInput { () throws(RunFolderError) in
      let folder = try RunFolder.openOrCreate(output)
      return (folder, try FolderLock.take(in: folder))
    }
    let store = CheckpointStore(folder: folder.checkpointsFolder, keep: configuration.checkpoint.keep)
    guard let newest = try newestCheckpoint(store, configuration, trainer) else {
      let weights = try initialize(trainer, configuration)
      return try begin(configuration, folder, lock, trainer, data, target, weights)
    }

    let checkpoint = newest.checkpoint
    var constants = try constants(configuration, data, classWeights: trainer.options.classWeights)
    let (state, warning) = try compatibleState(
      of: checkpoint, configuration, data, acceptsDifferentArithmetic, &constants)
    try check(target: target, upTo: steps, done: state.trainer.step, checkpoint.path)
    let isDone =
      state.trainer.step == target || state.earlyStopping.ends(under: configuration.training.earlyStopping)
    try asInput { () throws(CheckpointError) in try checkpoint.copy(into: trainer.tensors.map(TensorRecord.init)) }
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
      configuration, folder: folder, lock: lock, trainer: trainer, data: data, constants: constants, target: target,
      going: Resumption(state: state, events: events, saved: (state.trainer.step, receipt), storedSummary: summary))
  }

  /// The newest checkpoint that is whole, if there is any. Its tensors are compared with those of `trainer` before
  /// memory is taken for them.
  private static func newestCheckpoint(
    _ store: CheckpointStore, _ configuration: RunConfiguration, _ trainer: Trainer
  ) throws(RunError) -> CheckpointStore.Newest? {
    do throws(CheckpointError) {
      return try store.newestValid(expecting: trainer.tensors.map { ($0.name, $0.shape) }, checkingFinite: true)
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
  private static func prepare(
    _ folder: RunFolder, _ lock: FolderLock?, _ store: CheckpointStore, _ configuration: RunConfiguration
  ) throws(RunError) {
    lock?.announce()
    try asFailure { () throws(FileError) in
      try store.prepare()
      try folder.removeTemporaries()
      try folder.writeConfiguration(configuration.resolvedYAML)
    }
  }

  /// The trainer that a configuration describes.
  package static func makeTrainer(_ configuration: RunConfiguration, _ data: RunData) throws(RunError) -> Trainer {
    let options = try configuration.options(on: data.train)
    return try asInput { () throws(TrainingError) in
      let trainer = try Trainer(
        configuration.model, loss: configuration.loss, optimizer: configuration.optimizer, options: options)
      try trainer.attach(data.train)
      return trainer
    }
  }

  /// Only where a run begins: its checkpoints hold what came of it.
  ///
  /// - Returns: the digest of the weights that it starts from, where these come from a file.
  private static func initialize(_ trainer: Trainer, _ configuration: RunConfiguration) throws(RunError) -> String? {
    try asInput { () throws(TrainingError) in try trainer.initializeFromData() }
    return try configuration.loadWeights(into: trainer)
  }

  private static func begin(
    _ configuration: RunConfiguration, _ folder: RunFolder, _ lock: FolderLock?, _ trainer: Trainer, _ data: RunData,
    _ target: Int, _ initialWeights: String?
  ) throws(RunError) -> TrainingRun {
    // A run that was killed before it saved begins again, its lines too.
    let store = CheckpointStore(folder: folder.checkpointsFolder, keep: configuration.checkpoint.keep)
    try prepare(folder, lock, store, configuration)
    var constants = try constants(configuration, data, classWeights: trainer.options.classWeights)
    constants[Key.initialWeights] = initialWeights
    return try TrainingRun(
      configuration, folder: folder, lock: lock, trainer: trainer, data: data, constants: constants, target: target,
      going: nil)
  }
}

extension DataSource {
  /// The data set itself; of synthetic data, since files are opened with the whole configuration.
  package func makeDataset(runSeed: UInt64) throws(DatasetError) -> any Dataset {
    switch self {
    case .synthetic(let specification): return try specification.makeDataset(runSeed: runSeed)
    case .file(let source):
      throw DatasetError(
        "\(source.kind): the file has not been opened: read the configuration, or call prepared() on it")
    }
  }
}

extension RunConfiguration {
  /// The trainer's options on the data that it trains on.
  func options(on data: any Dataset) throws(RunError) -> Trainer.Options {
    var options = options
    options.classWeights = try asInput { () throws(DatasetError) in
      try classWeights?.resolved(on: data, names: self.data.classNames)
    }
    return options
  }

  /// The same, but for weights of classes, which may follow from the data.
  var options: Trainer.Options {
    Trainer.Options(
      batch: training.batchSize, shards: training.shards, threads: training.threads, seed: seed,
      regularization: regularization, clip: training.gradientClip, schedule: schedule, horizon: totalSteps,
      dropLast: training.dropLast, lsuv: initialization, accumulate: training.accumulate,
      weightAverage: training.weightAverage)
  }
}

extension TrainingRun {
  /// Goes on with the run in `folder`, whose own `config.yaml` says what it is.
  ///
  /// - Parameters:
  ///   - overrides: what to change; only keys that do not touch the bits may be.
  ///   - steps: where it pauses, at most the configured length and at least what is done.
  /// - Throws: `RunError.input` where the folder holds no run, or it cannot go on.
  public static func resume(
    _ folder: String, overrides: [ConfigurationOverride] = [], upTo steps: Int? = nil,
    acceptsDifferentArithmetic: Bool = false
  ) throws(RunError) -> TrainingRun {
    let place = try asInput { () throws(RunFolderError) in try RunFolder.open(folder) }
    let kind = try asInput { () throws(FileError) in try Folder.kind(of: place.configurationFile) }
    if kind == .missing {
      throw .input(
        "\(place.configurationFile): there is no such file. Go on by `lockstep train CONFIG --output \(folder) --resume`."
      )
    }
    let configuration = try asInput { () throws(ConfigurationErrors) in
      try RunConfiguration(
        file: place.configurationFile, overrides: overrides, files: .reopened(place.recordedPreprocessing))
    }
    return try resumeOrStart(
      configuration, output: folder, upTo: steps, acceptsDifferentArithmetic: acceptsDifferentArithmetic)
  }
}

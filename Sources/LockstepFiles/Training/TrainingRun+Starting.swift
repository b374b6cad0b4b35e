import LockstepKernels
import LockstepModel
import LockstepTraining

/// The data sets of a run.
struct RunData {
  var train: any Dataset
  var validation: (any Dataset)?

  init(_ configuration: RunConfiguration) throws(RunError) {
    train = try asInput { () throws(DatasetError) in try configuration.data.train.makeDataset(runSeed: configuration.seed) }
    if let source = configuration.data.validation {
      validation = try asInput { () throws(DatasetError) in try source.makeDataset(runSeed: configuration.seed) }
    }
  }
}

/// Where a run goes on.
struct Resumption {
  var state: RunState
  var event: RunEvent
  var saved: (step: Int, receipt: CheckpointFile.Receipt)
}

extension TrainingRun {
  /// Begins a new run in the folder `output`.
  ///
  /// - Throws: `RunError.input` where the configuration cannot work or the folder holds another run; nothing is overwritten.
  public static func start(_ configuration: RunConfiguration, output: String) throws(RunError) -> TrainingRun {
    let data = try RunData(configuration)
    let trainer = try makeTrainer(configuration, data)
    let folder = try asInput { () throws(RunFolderError) in try RunFolder.create(output) }
    return try begin(configuration, folder, trainer, data)
  }

  /// Goes on with the run in the folder `output` from its newest valid checkpoint, or begins it if there is no checkpoint at all.
  ///
  /// - Parameters:
  ///   - configuration: that of the run; only keys that do not touch the bits may differ from the checkpoint's.
  ///   - acceptsDifferentArithmetic: whether to go on where this machine's arithmetic is not the checkpoint's; recorded in what is saved from then on.
  /// - Throws: `RunError.input` where all checkpoints are damaged, or one is of a newer format, another arithmetic, another model or other data.
  public static func resumeOrStart(
    _ configuration: RunConfiguration, output: String, acceptsDifferentArithmetic: Bool = false
  ) throws(RunError) -> TrainingRun {
    let data = try RunData(configuration)
    let trainer = try makeTrainer(configuration, data)
    let folder = try asInput { () throws(RunFolderError) in try RunFolder.openOrCreate(output) }
    let store = CheckpointStore(folder: folder.checkpointsFolder, keep: configuration.checkpoint.keep)
    let newest = try asInput { () throws(CheckpointError) in try store.newestValid() }
    guard let newest else { return try begin(configuration, folder, trainer, data) }

    let checkpoint = newest.checkpoint
    var constants = try constants(configuration, data)
    let state = try compatibleState(of: checkpoint, configuration, data, acceptsDifferentArithmetic, &constants)
    try asInput { () throws(CheckpointError) in try checkpoint.copy(into: trainer.tensors.map(TensorRecord.init)) }
    trainer.resume(from: state.trainer)
    try asFailure { () throws(FileError) in
      try store.prepare()
      try folder.removeTemporaries()
      try MetricsLog.mend(folder.metricsFile, keepingUpTo: state.trainer.step)
      try folder.writeConfiguration(configuration.resolvedYAML)
    }
    let event = RunEvent.resumed(
      step: state.trainer.step, checkpoint: checkpoint.path, skipped: newest.skipped.map(\.description))
    let receipt = CheckpointFile.Receipt(path: checkpoint.path, fileSize: 0, weightsDigest: checkpoint.weightsDigest)
    return try TrainingRun(
      configuration, folder: folder, trainer: trainer, data: data, constants: constants,
      going: Resumption(state: state, event: event, saved: (state.trainer.step, receipt)))
  }

  /// The trainer that a configuration describes.
  static func makeTrainer(_ configuration: RunConfiguration, _ data: RunData) throws(RunError) -> Trainer {
    try asInput { () throws(TrainingError) in
      let trainer = try Trainer(
        configuration.model, loss: configuration.loss, optimizer: configuration.optimizer, options: configuration.options)
      try trainer.attach(data.train)
      return trainer
    }
  }

  private static func begin(
    _ configuration: RunConfiguration, _ folder: RunFolder, _ trainer: Trainer, _ data: RunData
  ) throws(RunError) -> TrainingRun {
    try asFailure { () throws(FileError) in
      try CheckpointStore(folder: folder.checkpointsFolder, keep: configuration.checkpoint.keep).prepare()
      try folder.removeTemporaries()
      // A run that was killed before it saved begins again, its lines too.
      try MetricsLog.mend(folder.metricsFile, keepingUpTo: -1)
      try folder.writeConfiguration(configuration.resolvedYAML)
    }
    return try TrainingRun(
      configuration, folder: folder, trainer: trainer, data: data, constants: try constants(configuration, data), going: nil)
  }
}

extension DataSource {
  /// The data set itself.
  func makeDataset(runSeed: UInt64) throws(DatasetError) -> any Dataset {
    switch self {
    case .synthetic(let specification): try specification.makeDataset(runSeed: runSeed)
    }
  }
}

extension RunConfiguration {
  /// The trainer's options.
  var options: Trainer.Options {
    Trainer.Options(
      batch: training.batchSize, shards: training.shards, threads: training.threads, seed: seed,
      regularization: regularization, clip: training.gradientClip, schedule: schedule, horizon: totalSteps,
      dropLast: training.dropLast)
  }
}

extension TrainingRun {
  /// Goes on with the run in `folder`, whose own `config.yaml` says what it is.
  ///
  /// - Parameter overrides: what to change; only keys that do not touch the bits may be.
  /// - Throws: `RunError.input` where the folder holds no run, or it cannot go on.
  public static func resume(
    _ folder: String, overrides: [ConfigurationOverride] = [], acceptsDifferentArithmetic: Bool = false
  ) throws(RunError) -> TrainingRun {
    let place = try asInput { () throws(RunFolderError) in try RunFolder.open(folder) }
    let text = try asInput { () throws(FileError) in try place.readConfiguration() }
    guard let text else {
      throw .input("\(place.configurationFile): there is no such file. Go on by `lockstep train CONFIG --output \(folder) --resume`.")
    }
    let configuration = try asInput { () throws(ConfigurationErrors) in
      try RunConfiguration(yaml: text, file: place.configurationFile, overrides: overrides)
    }
    return try resumeOrStart(configuration, output: folder, acceptsDifferentArithmetic: acceptsDifferentArithmetic)
  }
}

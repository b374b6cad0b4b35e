import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepTraining

/// What a checkpoint, verified to the last byte, tells of its run: what training that run again is held against. Its
/// tensors are read when they are asked for.
package struct CheckpointRecord: Sendable {
  package let path: String
  package let step: Int
  /// SHA-256 of its tensors' bytes, recomputed.
  package let weightsDigest: String
  /// The checkpoint before it; nil for a run's first, and for those of earlier versions.
  package let predecessor: CheckpointLink?
  /// The configuration that it was trained with; its data files are not open.
  package let configuration: RunConfiguration
  /// The version of Lockstep that wrote it.
  package let version: String?
  package let arithmetic: ArithmeticFingerprint?
  /// The fingerprint of the data that it was trained with.
  package let trainData: String?
  /// SHA-256 of the tensors of the file that its run's weights came from.
  package let initialWeights: String?
  /// Where its run was forked from.
  package let origin: Origin?
  /// At which step and how the length of its run was changed, where its schedule follows the length; a line each time.
  package let changedLength: String?
  /// From which step on its run went on with an arithmetic that was not that of the checkpoint before.
  package let acceptedArithmetic: String?
  /// Where the trainer stood; nil where an evaluation was still to be done, which may change it.
  package let trainer: TrainerState?
  /// How often its run had been taken back.
  package let restores: Int
  private let configurationText: String
  private let preprocessing: Preprocessing?

  /// Reads the whole file, in memory that does not grow with it.
  ///
  /// - Throws: `RunError.input` where it is damaged, or none of a run.
  package init(verifying path: String) throws(RunError) {
    let header = try asInput { () throws(CheckpointError) in
      try CheckpointFile.readHeader(path, verifyingSeal: true)
    }
    configuration = try RunConfiguration(of: header, path)
    let expected = try configuration.checkpointTensors()
    let summary = try asInput { () throws(CheckpointError) in try CheckpointFile.summarize(path, expecting: expected) }
    let metadata = summary.metadata
    guard let state = RunState(metadata: metadata), metadata[CheckpointKey.step] == String(state.trainer.step) else {
      throw .input("\(path): the checkpoint does not say where its run stands, expected one that a run has saved")
    }
    if let record = metadata[Recalibration.key] {
      throw .input("\(path): found a checkpoint that was recalibrated (\(record)), expected the run's own")
    }
    self.path = path
    (step, weightsDigest, predecessor) = (state.trainer.step, summary.weightsDigest, state.predecessor)
    (version, arithmetic) = (metadata[TrainingRun.Key.version], ArithmeticFingerprint(metadata: metadata))
    (trainData, initialWeights) = (metadata[TrainingRun.Key.trainData], metadata[TrainingRun.Key.initialWeights])
    origin = try Origin(metadata: metadata, of: path, until: step)
    (changedLength, acceptedArithmetic) = (metadata[TrainingRun.Key.length], metadata[TrainingRun.Key.accepted])
    trainer = state.isEvaluationPending ? nil : state.trainer
    restores = state.divergences.restores
    configurationText = metadata[TrainingRun.Key.configuration] ?? ""
    preprocessing = metadata[Preprocessing.key].flatMap(Preprocessing.init)
  }

  /// Whether the trainings to this checkpoint and to `other` begin with the same setup.
  package func hasSetup(of other: CheckpointRecord) -> Bool {
    configurationText == other.configurationText && preprocessing?.json == other.preprocessing?.json
  }

  /// The way to a trainer as its run had it, its data opened. How the data is prepared is found out anew, but for a
  /// fork, which may prepare its own as another run's.
  ///
  /// - Parameter overrides: settings that no bit depends on, such as where the files stand by now.
  package func setup(_ overrides: [ConfigurationOverride] = []) throws(RunError) -> RunSetup {
    let files = KnownFiles.forked(nil, readBy: nil)
    return try RunSetup(
      asInput { () throws(ConfigurationErrors) in
        try OpenedConfiguration(
          bytes: Array(configurationText.utf8), file: "\(path) (its configuration)", overrides: overrides,
          files: origin == nil ? files : .reopened(preprocessing))
      })
  }

  /// The checkpoint with its tensors, verified.
  package func read() throws(RunError) -> LoadedCheckpoint {
    try asInput { () throws(CheckpointError) in try CheckpointFile.read(path, checkingFinite: true) }
  }

  /// Begins the folder of a run that goes on from this checkpoint.
  package func copy(toRun folder: String) throws(RunError) {
    let checkpoint = try read()
    var metadata = checkpoint.metadata
    for key in [CheckpointKey.formatVersion, CheckpointKey.weightsDigest] { metadata[key] = nil }
    let place = try asFailure { () throws(RunFolderError) in try RunFolder.create(folder) }
    let store = CheckpointStore(folder: place.checkpointsFolder, keep: 1)
    try asFailure { () throws(CheckpointError) in
      _ = try store.save(CheckpointContent(tensors: checkpoint.tensors, metadata: metadata), step: step)
    }
  }
}

import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepModel
import LockstepTraining

extension TrainingRun {
  enum Key {
    static let configuration = "configuration"
    static let trainData = "data.train"
    static let accepted = "accepted_different_arithmetic"
    static let length = "changed_length"
    static let classWeights = "class_weights"
    static let initialWeights = "initial_weights_digest"
    static let samplesSeen = "samples_seen"
    static let version = "lockstep_version"
  }

  /// The texts that every checkpoint of a run carries.
  static func constants(_ setup: RunSetup, classWeights: [Float]?) -> [String: String] {
    let configuration = setup.configuration
    var constants = ArithmeticFingerprint.current.metadata
    constants[Key.configuration] = configuration.resolvedYAML
    constants[Key.trainData] = setup.train.fingerprint
    constants[Key.version] = LockstepVersion.current
    constants["zstd_version"] = compressionLibrary
    // For people: going on counts them again, from the same data.
    constants[Key.classWeights] = classWeights.map { JSONValue.array($0.map { .number(Double($0)) }).text }
    constants[Preprocessing.key] = configuration.data.preprocessing.map { JSONValue.object($0.json).text }
    return constants
  }

  /// Verifies every byte of a checkpoint and says what it holds, in memory that does not grow with it. Numbers need not
  /// be finite.
  ///
  /// - Throws: `RunError.input` where the file is damaged, of a newer format or not a checkpoint, or its tensors are
  ///   not those of the model in its configuration, where it has one that this version reads.
  public static func inspect(_ path: String) throws(RunError) -> CheckpointSummary {
    let header = try asInput { () throws(CheckpointError) in
      try CheckpointFile.readHeader(path, verifyingSeal: true)
    }
    let expected = try? RunConfiguration(of: header, path).checkpointTensors()
    return try asInput { () throws(CheckpointError) in try CheckpointFile.summarize(path, expecting: expected) }
  }

  /// Throws where `configuration` would not give the bits of the run whose checkpoint is at `path`.
  ///
  /// - Returns: the configuration that the checkpoint holds.
  @discardableResult
  static func checkBits(
    _ configuration: RunConfiguration, _ header: SafetensorsHeader, _ path: String
  ) throws(RunError) -> RunConfiguration {
    let saved = try RunConfiguration(of: header, path)
    let hasDiverged = RunState(metadata: header.metadata)?.divergences != Divergences()
    // What is done about steps that diverge has no part in the bits as long as none has.
    let changes = configuration.differences(from: saved).filter {
      $0.touchesBits && (hasDiverged || !$0.key.hasPrefix("training.on_divergence"))
    }
    guard let change = changes.first else { return saved }
    throw .input(
      "\(path): the run was configured with \(change.key): \(change.old ?? "none"), found \(change.key): \(change.new ?? "none"). "
        + "Going on would not give the bits of this run: take the old value, or start a new run in another folder"
        + fork(of: path, saved, configuration))
  }

  /// The command that does what was wanted in a new run; where the model has other tensors, how that begins.
  private static func fork(of path: String, _ saved: RunConfiguration, _ configuration: RunConfiguration) -> String {
    guard configuration.hasTensors(of: saved) else { return ", from these weights by model: {weights: FILE}." }
    let run = RunFolder(path: Folder.parent(of: Folder.parent(of: path)))
    let settings = configuration.differences(from: saved).map { (key: $0.key, value: $0.new ?? "null") }
    return ", from this checkpoint by\n\(run.forkCommand(setting: settings))"
  }

  /// The fingerprint of the data that a checkpoint was trained with.
  static func trainData(of checkpoint: LoadedCheckpoint) -> String? { checkpoint.metadata[Key.trainData] }

  /// Checks that going on from `checkpoint` gives the bits of a run that was never stopped.
  ///
  /// - Parameter constants: gains a record where a difference was accepted or the length was changed.
  /// - Returns: where the run stands, and what a person should know.
  static func compatibleState(
    of checkpoint: LoadedCheckpoint, _ setup: RunSetup, _ acceptsDifferentArithmetic: Bool,
    _ constants: inout [String: String]
  ) throws(RunError) -> (state: RunState, warning: String?) {
    let configuration = setup.configuration
    let saved = try checkBits(configuration, checkpoint.header, checkpoint.path)
    try checkData(of: checkpoint, setup)
    if let record = checkpoint.metadata[Recalibration.key] {
      throw .input(
        "\(checkpoint.path): the checkpoint was recalibrated (\(record)). Going on from it would not give the bits of this run: "
          + "put the run's own checkpoint in its place.")
    }
    for key in [Key.accepted, Key.length, Key.initialWeights, Origin.key] { constants[key] = checkpoint.metadata[key] }
    try checkArithmetic(of: checkpoint, acceptsDifferentArithmetic, &constants)
    var state = try state(of: checkpoint)
    if configuration.training.onDivergence.isRestore, !saved.training.onDivergence.isRestore {
      state.restoresFrom = state.trainer.step
    }
    return (state, recordLength(configuration, saved, state.trainer.step, &constants))
  }

  /// Where the run stands that `checkpoint` is of.
  static func state(of checkpoint: LoadedCheckpoint) throws(RunError) -> RunState {
    guard let state = RunState(metadata: checkpoint.metadata), state.trainer.step == checkpoint.step else {
      throw .input(
        "\(checkpoint.path): the checkpoint does not say where its run stands. Expected one that `lockstep train` has saved."
      )
    }
    return state
  }

  /// Throws where the data is not that of the run that `checkpoint` belongs to.
  static func checkData(of checkpoint: LoadedCheckpoint, _ setup: RunSetup) throws(RunError) {
    guard checkpoint.metadata[Key.trainData] == setup.train.fingerprint else {
      throw .input(
        "\(checkpoint.path): the training data is not what the run was trained with: found \(setup.train.fingerprint), "
          + "expected \(checkpoint.metadata[Key.trainData] ?? "none").")
    }
  }

  /// A run may be made longer or shorter; where its schedule reckons with the length, that is another run than one of
  /// this length from the start.
  ///
  /// - Returns: what a person should know of it.
  private static func recordLength(
    _ configuration: RunConfiguration, _ saved: RunConfiguration, _ step: Int, _ constants: inout [String: String]
  ) -> String? {
    let (old, new) = (saved.totalSteps, configuration.totalSteps)
    guard configuration.schedule.dependsOnHorizon, old != new else { return nil }
    record("step \(step): from \(old) to \(new) steps", under: Key.length, in: &constants)
    return
      "from step \(step) on this is no longer the run that was first configured: its length was \(old) steps and is \(new), and its schedule follows "
      + "the length. It ends with other bits than a run of \(new) steps from the start; checkpoints record the change."
  }

  private static func record(_ text: String, under key: String, in constants: inout [String: String]) {
    constants[key] = constants[key].map { "\($0)\n\(text)" } ?? text
  }

  private static func checkArithmetic(
    of checkpoint: LoadedCheckpoint, _ accepts: Bool, _ constants: inout [String: String]
  ) throws(RunError) {
    guard let text = try otherArithmetic(of: checkpoint) else { return }
    guard accepts else {
      throw .input(
        "\(checkpoint.path): this machine's arithmetic is another: \(text). Going on would not give the bits of this run; "
          + "if that is all right, say --accept-different-arithmetic, which is recorded.")
    }
    record("step \(checkpoint.step ?? 0): \(text)", under: Key.accepted, in: &constants)
  }

  /// Records that a run which begins at `checkpoint` goes on with another arithmetic.
  ///
  /// - Returns: what a person should know of it, if it does.
  static func noteArithmetic(
    of checkpoint: LoadedCheckpoint, _ constants: inout [String: String]
  ) throws(RunError) -> [String] {
    guard let text = try otherArithmetic(of: checkpoint) else { return [] }
    record("step \(checkpoint.step ?? 0): \(text)", under: Key.accepted, in: &constants)
    return ["the checkpoint was computed with another arithmetic than this machine's: \(text)"]
  }

  /// In what this machine's arithmetic differs from that of the checkpoint; nil where it does not.
  private static func otherArithmetic(of checkpoint: LoadedCheckpoint) throws(RunError) -> String? {
    guard let fingerprint = ArithmeticFingerprint(metadata: checkpoint.metadata) else {
      throw .input("\(checkpoint.path): the checkpoint does not say with what arithmetic it was computed.")
    }
    return ArithmeticFingerprint.current.difference(from: fingerprint)
  }
}

extension RunSetup {
  /// The texts of a checkpoint of `trainer`, which was trained without a run's folder.
  package func metadata(of trainer: Trainer) -> [String: String] {
    var metadata = TrainingRun.constants(self, classWeights: trainer.options.classWeights)
    metadata[CheckpointKey.step] = String(trainer.state.step)
    metadata[TrainingRun.Key.samplesSeen] = String(trainer.sampler?.samplesSeen(before: trainer.state.step) ?? 0)
    return metadata
  }
}

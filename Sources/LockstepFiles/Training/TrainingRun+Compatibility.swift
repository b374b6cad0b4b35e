import LockstepTraining

extension TrainingRun {
  private enum Key {
    static let configuration = "configuration"
    static let trainData = "data.train"
    static let accepted = "accepted_different_arithmetic"
    static let version = "lockstep_version"
  }

  /// The texts that every checkpoint of a run carries.
  static func constants(_ configuration: RunConfiguration, _ data: RunData) throws(RunError) -> [String: String] {
    var constants = ArithmeticFingerprint.current.metadata
    constants[Key.configuration] = configuration.resolvedYAML
    constants[Key.trainData] = data.train.fingerprint
    constants[Key.version] = LockstepVersion.current
    constants["zstd_version"] = LockstepVersion.zstd
    return constants
  }

  /// The configuration that a checkpoint was trained with.
  static func configuration(of checkpoint: LoadedCheckpoint) throws(RunError) -> RunConfiguration {
    guard let text = checkpoint.metadata[Key.configuration] else {
      throw .input("\(checkpoint.path): the checkpoint holds no configuration. Expected one that `lockstep train` has saved.")
    }
    return try asInput { () throws(ConfigurationErrors) in
      try RunConfiguration(yaml: text, file: "\(checkpoint.path) (its configuration)")
    }
  }

  /// Checks that going on from `checkpoint` gives the bits of a run that was never stopped.
  ///
  /// - Parameter constants: gains a record where a difference was accepted.
  /// - Returns: where the run stands.
  static func compatibleState(
    of checkpoint: LoadedCheckpoint, _ configuration: RunConfiguration, _ data: RunData, _ acceptsDifferentArithmetic: Bool,
    _ constants: inout [String: String]
  ) throws(RunError) -> RunState {
    let saved = try Self.configuration(of: checkpoint)
    if let change = configuration.differences(from: saved).first(where: \.touchesBits) {
      throw .input(
        "\(checkpoint.path): the run was configured with \(change.key): \(change.old ?? "none"), found \(change.key): \(change.new ?? "none"). "
          + "Going on would not give the bits of this run: take the old value, or start a new run in another folder.")
    }
    guard checkpoint.metadata[Key.trainData] == data.train.fingerprint else {
      throw .input(
        "\(checkpoint.path): the training data is not what the run was trained with: found \(data.train.fingerprint), "
          + "expected \(checkpoint.metadata[Key.trainData] ?? "none").")
    }
    constants[Key.accepted] = checkpoint.metadata[Key.accepted]
    try checkArithmetic(of: checkpoint, acceptsDifferentArithmetic, &constants)
    guard let state = checkpoint.metadata[RunState.key].flatMap(RunState.init), state.trainer.step == checkpoint.step else {
      throw .input("\(checkpoint.path): the checkpoint does not say where its run stands. Expected one that `lockstep train` has saved.")
    }
    return state
  }

  private static func checkArithmetic(
    of checkpoint: LoadedCheckpoint, _ accepts: Bool, _ constants: inout [String: String]
  ) throws(RunError) {
    guard let fingerprint = ArithmeticFingerprint(metadata: checkpoint.metadata) else {
      throw .input("\(checkpoint.path): the checkpoint does not say with what arithmetic it was computed.")
    }
    let differences = ArithmeticFingerprint.current.differences(from: fingerprint)
    if differences.isEmpty { return }
    let text = differences.joined(separator: "; ")
    guard accepts else {
      throw .input(
        "\(checkpoint.path): this machine's arithmetic is another: \(text). Going on would not give the bits of this run; "
          + "if that is all right, say --accept-different-arithmetic, which is recorded.")
    }
    let record = "step \(checkpoint.step ?? 0): \(text)"
    constants[Key.accepted] = constants[Key.accepted].map { "\($0)\n\(record)" } ?? record
  }
}

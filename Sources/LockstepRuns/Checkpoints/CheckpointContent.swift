import LockstepFormats
import LockstepKernels
import LockstepTraining

/// What a checkpoint holds: every parameter, running statistic and optimizer slot, and texts about them.
public struct CheckpointContent: Sendable {
  /// The tensors in the order of the file.
  public var tensors: [Tensor]
  /// Texts by name. A run's are its step, configuration, versions and whatever else it needs to go on. `format_version`
  /// and `weights_digest` are added when the checkpoint is written.
  public var metadata: [String: String]

  /// The tensors share memory with those given here; nothing is copied.
  public init(tensors: [Tensor], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }
}

/// The names of those texts of a checkpoint that reading and writing rely on.
public enum CheckpointKey {
  /// The version of the format, a whole number.
  public static let formatVersion = "format_version"
  /// SHA-256 of the tensors' bytes, in hexadecimal.
  public static let weightsDigest = "weights_digest"
  /// How many steps had been done when it was saved, a whole number.
  public static let step = "step"
}

/// SHA-256, in hexadecimal, of the bytes of all `tensors` one after the other: what shows that two runs have the same
/// bits.
///
/// Anyone can recompute it from a checkpoint: it is the SHA-256 of everything after the safetensors header.
public func weightsDigest(of tensors: [Tensor]) -> String {
  var digest = SHA256Digest()
  for tensor in tensors { tensor.values.withBytes { digest.update($0) } }
  return SHA256Digest.hexadecimal(digest.finish())
}

/// The version of Lockstep, which checkpoints, exports and `--version` tell.
public enum LockstepVersion {
  /// Major, minor and patch, joined by dots.
  public static let current = "0.1.0"
}

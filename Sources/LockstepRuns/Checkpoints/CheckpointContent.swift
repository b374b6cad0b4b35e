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
  /// `weightsDigest(of:)` the tensors, where that is known already.
  var weightsDigest: String?

  /// The tensors share memory with those given here; nothing is copied.
  public init(tensors: [Tensor], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }

  init(tensors: [Tensor], metadata: [String: String], weightsDigest: String) {
    self.init(tensors: tensors, metadata: metadata)
    self.weightsDigest = weightsDigest
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
  /// The step of the checkpoint before it in its run, a whole number; for the first of a forked run its own, which is
  /// that of the checkpoint that the fork began at. Absent where none was before, and in those of earlier versions.
  public static let previousStep = "previous_step"
  /// The `weights_digest` of the checkpoint before it: a chain, by which the newest vouches for all.
  public static let previousDigest = "previous_digest"
}

/// The checkpoint that another came after: a link of the chain from a run's newest back to its first.
package struct CheckpointLink: Sendable, Equatable {
  package var step: Int
  /// SHA-256 of its tensors' bytes.
  package var weightsDigest: String

  package init(step: Int, weightsDigest: String) { (self.step, self.weightsDigest) = (step, weightsDigest) }

  /// nil where the metadata of a checkpoint tell of none.
  package init?(metadata: [String: String]) {
    guard let step = metadata[CheckpointKey.previousStep].flatMap({ Int($0) }), step >= 0,
      let digest = metadata[CheckpointKey.previousDigest]
    else { return nil }
    self.init(step: step, weightsDigest: digest)
  }

  /// Puts it into the metadata of the checkpoint that comes after.
  func write(to metadata: inout [String: String]) {
    metadata[CheckpointKey.previousStep] = String(step)
    metadata[CheckpointKey.previousDigest] = weightsDigest
  }
}

/// SHA-256, in hexadecimal, of the bytes of all `tensors` one after the other: what shows that two runs have the same
/// bits.
///
/// Anyone can recompute it from a checkpoint: it is the SHA-256 of everything after the safetensors header.
public func weightsDigest(of tensors: [Tensor]) -> String {
  var digest = SHA256Digest()
  for tensor in tensors { tensor.eachPiece { $0.withBytes { digest.update($0) } } }
  return SHA256Digest.hexadecimal(digest.finish())
}

/// The version of Lockstep, which checkpoints, exports and `--version` tell.
public enum LockstepVersion {
  /// Major, minor and patch, joined by dots.
  public static let current = "0.1.0"
}

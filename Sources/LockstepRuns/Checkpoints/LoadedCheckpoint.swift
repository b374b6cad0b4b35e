import LockstepFormats
import LockstepKernels
import LockstepTraining

/// A checkpoint that has been read and verified, in memory of its own.
public final class LoadedCheckpoint: Sendable {
  /// The file that it was read from.
  public let path: String
  package let header: SafetensorsHeader
  /// The tensors in the order of the file.
  public let tensors: [Tensor]

  /// Makes room for the tensors of `header`, filled with zeros.
  init(path: String, header: SafetensorsHeader) {
    self.path = path
    self.header = header
    tensors = Tensor.zeros(header.entries.map(\.tensor))
  }

  /// The texts about its tensors, by name.
  public var metadata: [String: String] { header.metadata }

  /// SHA-256 of the tensors' bytes, verified.
  public var weightsDigest: String { metadata[CheckpointKey.weightsDigest] ?? "" }

  /// How many steps had been done when it was saved; nil where its metadata do not say.
  public var step: Int? { metadata[CheckpointKey.step].flatMap { Int($0) } }

  /// Copies the tensors into `targets`, by name. All names and shapes are compared first, in both directions: if any
  /// differs, nothing is changed.
  ///
  /// - Parameter prefix: takes, and compares, only those tensors of the checkpoint whose names begin with it, such as
  ///   "model.".
  /// - Throws: `otherModel`, naming every tensor that is missing, extra or misshapen.
  public func copy(into targets: [Tensor], prefix: String = "") throws(CheckpointError) {
    let taken = tensors.filter { $0.name.hasPrefix(prefix) }
    let problems = CheckpointFile.differences(taken.map(\.info), expected: targets.map(\.info))
    if !problems.isEmpty { throw .otherModel(path: path, problems: problems) }
    let byName = Dictionary(taken.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for target in targets {
      if let source = byName[target.name] { target.values.copy(from: source.values) }
    }
  }
}

import LockstepFormats
import LockstepKernels

/// A named tensor: row-major float32 values of a shape, a view into somebody's arena.
public struct TensorRecord: Sendable {
  /// `model.<layer path>.<name>` or `optimizer.<slot>.<parameter>`.
  public let name: String
  /// Sizes of the dimensions; none for a single number.
  public let shape: [Int]
  public let values: Vector
  /// Whose memory the values are in; the record keeps it alive.
  public let owner: Arena?

  /// - Parameter owner: the arena of `values`; without it, the caller keeps that alive.
  public init(name: String, shape: [Int], values: Vector, owner: Arena? = nil) {
    precondition(shape.reduce(1, *) == values.count, "tensor \(name): shape \(shape) and \(values.count) values")
    self.name = name
    self.shape = shape
    self.values = values
    self.owner = owner
  }

  /// Tensors of these names and shapes in memory of their own, filled with zeros. Every tensor begins on a cache line.
  static func zeros(_ tensors: [(name: String, shape: [Int])]) -> [TensorRecord] {
    var offsets: [Int] = []
    var end = 0
    for tensor in tensors {
      offsets.append(end)
      end += Arena.aligned(tensor.shape.reduce(1, *))
    }
    let arena = Arena(count: end)
    return zip(tensors, offsets).map { tensor, offset in
      let values = arena.vector(at: offset, count: tensor.shape.reduce(1, *))
      return TensorRecord(name: tensor.name, shape: tensor.shape, values: values, owner: arena)
    }
  }
}

/// What a checkpoint holds: every parameter, optimizer slot and running statistic in the order of the file, and texts
/// about them.
public struct CheckpointContent: Sendable {
  public var tensors: [TensorRecord]
  /// Step, samples seen, configuration, versions and whatever else is needed to go on. `format_version` and
  /// `weights_digest` are added when it is written.
  public var metadata: [String: String]

  /// Tensors in the order of the file, and texts about them.
  public init(tensors: [TensorRecord], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }
}

/// The names that checkpoints give to the texts that this module writes and reads itself.
public enum CheckpointKey {
  public static let formatVersion = "format_version"
  public static let weightsDigest = "weights_digest"
  public static let step = "step"
}

/// SHA-256, in hexadecimal, of the bytes of all `tensors` one after the other: what shows that two runs have the same
/// bits.
///
/// Anyone can recompute it from a checkpoint: it is the SHA-256 of everything after the safetensors header.
public func weightsDigest(of tensors: [TensorRecord]) -> String {
  var digest = SHA256Digest()
  for tensor in tensors { tensor.values.withBytes { digest.update($0) } }
  return SHA256Digest.hexadecimal(digest.finish())
}

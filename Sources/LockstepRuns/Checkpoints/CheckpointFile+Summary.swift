import LockstepFormats
import LockstepKernels

/// A checkpoint without the numbers of its tensors.
public struct CheckpointSummary: Sendable {
  /// A tensor and two figures of its numbers.
  public struct Figures: Sendable {
    /// Its name and shape.
    public let tensor: TensorInfo
    /// √(Σ x² / count); 0 for a tensor without elements.
    public let rootMeanSquare: Double
    /// The smallest and the largest element; zeros for a tensor without elements.
    public let range: (min: Float, max: Float)
  }

  /// All tensors in the order of the file.
  public let tensors: [Figures]
  /// The texts about the tensors, by name.
  public let metadata: [String: String]
  /// SHA-256 of the tensors' bytes, verified.
  public var weightsDigest: String { metadata[CheckpointKey.weightsDigest] ?? "" }
}

extension CheckpointFile {
  /// Elements that are looked at together.
  private static let piece = 1 << 18
  /// Weights hardly compress: a file that grows more than this was made to keep its reader busy.
  private static let largestRatio = 1000

  /// Verifies every byte of a checkpoint as `read` does, in memory that does not grow with it.
  ///
  /// - Parameter expected: names and shapes that the tensors must have; a difference is `otherModel`. Without them, a
  ///   file whose content is more than a thousand times as large is refused as `notACheckpoint`.
  public static func summarize(
    _ path: String, expecting expected: [TensorInfo]? = nil
  ) throws(CheckpointError) -> CheckpointSummary {
    var file = try CheckpointError.wrapping(path) { () throws(ZstdError) in try SealedZstdReader(path) }
    let header = try readHeader(&file, path, expecting: expected)
    if expected == nil, header.dataSize / largestRatio > file.fileSize {
      throw .notACheckpoint(
        path: path,
        problem:
          "its \(file.fileSize) bytes stand for \(header.dataSize), and no configuration in it says of what model")
    }
    let buffer = Arena(count: min(piece, header.dataSize / 4))
    var digest = SHA256Digest()
    var tensors: [CheckpointSummary.Figures] = []
    do throws(ZstdError) {
      for entry in header.entries {
        var (squares, range) = (0.0, nil as (min: Float, max: Float)?)
        var remaining = entry.tensor.count
        while remaining > 0 {
          let values = buffer.vector(at: 0, count: min(piece, remaining))
          try values.withMutableBytes { (bytes) throws(ZstdError) in try file.read(into: &bytes) }
          values.withBytes { digest.update($0) }
          squares += values.sumOfSquares
          range = values.range(joining: range)
          remaining -= values.count
        }
        let mean = entry.tensor.count == 0 ? 0 : squares / Double(entry.tensor.count)
        tensors.append(.init(tensor: entry.tensor, rootMeanSquare: mean.squareRoot(), range: range ?? (0, 0)))
      }
      try file.finish()
    } catch {
      throw CheckpointError(error, path: path)
    }
    try compare(SHA256Digest.hexadecimal(digest.finish()), with: header, path)
    return CheckpointSummary(tensors: tensors, metadata: header.metadata)
  }
}

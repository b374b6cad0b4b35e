import LockstepFormats

/// The format of a checkpoint: a safetensors file in one zstd frame, closed by a seal.
///
/// `zstd -d` gives the safetensors file. Its metadata hold `format_version`, `weights_digest` and the texts of the
/// content.
public enum CheckpointFile {
  /// The version that this Lockstep writes, and the newest that it reads.
  package static let formatVersion = 1
  /// zstd's fastest regular level. On trained weights and Adam's moments it saves the same 7 to 8 % as higher ones, at
  /// 660 MB/s where level 2 reaches 430. The negative levels reach 1 800 and save nothing.
  public static let defaultLevel = 1

  /// A checkpoint that has been written.
  public struct Receipt: Sendable, Equatable {
    /// The file, as `write` was given it.
    public let path: String
    /// Bytes of the compressed file.
    public let fileSize: Int
    /// SHA-256 of the tensors' bytes, in hexadecimal; see `weightsDigest(of:)`.
    public let weightsDigest: String
  }

  /// Writes a checkpoint. At every instant `path` is what it was before or the complete new file; on return it is the
  /// new file, and stays it through a power cut.
  ///
  /// - Parameter level: of zstd, 1 to 19.
  /// - Throws: `cannotWrite` where names or sizes do not fit into the format, `file` where the system refuses; then
  ///   `path` is as it was.
  @discardableResult
  public static func write(
    _ content: CheckpointContent, to path: String, level: Int = defaultLevel
  ) throws(CheckpointError) -> Receipt {
    var metadata = content.metadata
    for key in [CheckpointKey.formatVersion, CheckpointKey.weightsDigest] where metadata[key] != nil {
      throw .cannotWrite(path: path, problem: "its metadata already hold \(key)")
    }
    let digest = content.weightsDigest ?? weightsDigest(of: content.tensors)
    metadata[CheckpointKey.formatVersion] = String(formatVersion)
    metadata[CheckpointKey.weightsDigest] = digest
    let header: SafetensorsHeader
    let start: [UInt8]
    do throws(SafetensorsError) {
      header = try SafetensorsHeader(metadata: metadata, tensors: content.tensors.map(\.info))
      start = try header.encoded()
    } catch {
      throw .cannotWrite(path: path, problem: error.description)
    }

    do throws(ZstdError) {
      var file = try SealedZstdWriter(replacing: path, contentSize: start.count + header.dataSize, level: level)
      try file.write(start)
      for tensor in content.tensors {
        try tensor.eachPiece { (piece) throws(ZstdError) in
          try piece.withBytes { (bytes) throws(ZstdError) in try file.write(bytes) }
        }
      }
      try file.commit()
      return Receipt(path: path, fileSize: file.fileSize, weightsDigest: digest)
    } catch {
      // A missing folder must not be reported as a missing checkpoint.
      if case .file(let error) = error { throw .file(error) }
      throw CheckpointError(error, path: path)
    }
  }
}

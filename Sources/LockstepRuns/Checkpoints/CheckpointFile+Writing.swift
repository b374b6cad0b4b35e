import LockstepFormats

/// The format of a checkpoint: a safetensors file in one zstd frame, closed by a seal.
///
/// `zstd -d` gives the safetensors file. Its metadata hold `format_version`, `weights_digest` and the texts of the
/// content.
public enum CheckpointFile {
  /// The version that this Lockstep writes, and the newest that it reads.
  package static let formatVersion = 1
  /// zstd's fastest regular level: on trained weights and Adam's moments it takes the same 7 to 8 % off as higher ones,
  /// at 660 MB/s where level 2 makes 430. The negative levels make 1 800 and take nothing off.
  public static let defaultLevel = 1

  /// What was written.
  public struct Receipt: Sendable, Equatable {
    public let path: String
    /// Bytes of the compressed file.
    public let fileSize: Int
    public let weightsDigest: String
  }

  /// Writes a checkpoint so that `path` is, at every instant, what it was before or the new file, and the new one for
  /// good on return.
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
    let digest = weightsDigest(of: content.tensors)
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
        try tensor.values.withBytes { (bytes) throws(ZstdError) in try file.write(bytes) }
      }
      try file.commit()
      return Receipt(path: path, fileSize: file.fileSize, weightsDigest: digest)
    } catch {
      // A folder that is missing is not a checkpoint that is missing.
      if case .file(let error) = error { throw .file(error) }
      throw CheckpointError(error, path: path)
    }
  }
}

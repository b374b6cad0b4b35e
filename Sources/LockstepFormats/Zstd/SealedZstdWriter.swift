/// Writes bytes as one zstd frame and a seal, so that the finished file appears at once or not at all.
package struct SealedZstdWriter: ~Copyable {
  private var file: TemporaryFile
  private var compressor: ZstdCompressor
  private var digest = SHA256Digest()
  private var buffer = [UInt8](repeating: 0, count: 1 << 18)

  /// Bytes that stand in the file so far.
  package private(set) var fileSize = 0

  /// - Parameters:
  ///   - contentSize: bytes that will be written in all.
  ///   - level: of zstd, 1 (fast) to 19.
  package init(replacing path: String, contentSize: Int, level: Int) throws(ZstdError) {
    let compressor = try ZstdCompressor(level: level, contentSize: contentSize)
    let file = try ZstdError.wrapping { () throws(FileError) in try TemporaryFile(replacing: path) }
    self.compressor = compressor
    self.file = file
  }

  package mutating func write(_ bytes: RawSpan) throws(ZstdError) {
    try compress(bytes, finishing: false)
  }

  package mutating func write(_ bytes: [UInt8]) throws(ZstdError) {
    try unsafe compress(bytes.span.bytes, finishing: false)
  }

  /// Ends the frame, adds the seal, and puts the file in its place; see `TemporaryFile.commit`.
  package mutating func commit() throws(ZstdError) {
    let nothing: [UInt8] = []
    try unsafe compress(nothing.span.bytes, finishing: true)
    let seal = FileSeal.bytes(sealing: digest.finish())
    do throws(FileError) {
      try file.write(seal, 0..<seal.count)
      try file.commit()
    } catch {
      throw .file(error)
    }
    fileSize += seal.count
  }

  private mutating func compress(_ bytes: RawSpan, finishing: Bool) throws(ZstdError) {
    var position = 0
    var produced = 0
    var isDone = false
    while !isDone {
      isDone = try compressor.compress(
        bytes, from: &position, finishing: finishing, into: &buffer, produced: &produced)
      if produced == 0 { continue }
      digest.update(buffer, 0..<produced)
      do throws(FileError) {
        try file.write(buffer, 0..<produced)
      } catch {
        throw .file(error)
      }
      fileSize += produced
    }
  }
}

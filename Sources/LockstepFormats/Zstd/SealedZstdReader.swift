/// Reads what `SealedZstdWriter` wrote, and trusts none of it: the seal is checked first, then the frame while it is
/// decompressed.
package struct SealedZstdReader: ~Copyable {
  /// Bytes that the frame holds, as it says itself.
  package let contentSize: Int
  /// Bytes that the file itself takes.
  package let fileSize: Int
  /// Bytes read so far.
  package private(set) var position = 0

  private let file: FileDescriptor
  private var decompressor: ZstdDecompressor
  private var buffer: [UInt8]
  private var buffered = 0
  private var consumed = 0
  private var remainingInFile: Int

  /// - Parameter verifyingSeal: false to look at the beginning of a file without reading all of it.
  package init(_ path: String, verifyingSeal: Bool = true) throws(ZstdError) {
    let file = try ZstdError.wrapping { () throws(FileError) in try FileDescriptor.reading(path) }
    let size = verifyingSeal ? try Self.verifySeal(of: file) : try Self.size(of: file)
    let contentSize = try Self.contentSize(of: file)
    // A small file that claims a large content lies; this is found without decompressing or allocating anything.
    guard contentSize / ZstdDecompressor.largestRatio <= size else {
      throw .damaged("its zstd frame promises \(contentSize) bytes, more than a file of \(size) bytes can hold")
    }
    let decompressor = try ZstdDecompressor()
    self.file = file
    self.decompressor = decompressor
    self.contentSize = contentSize
    fileSize = size
    buffer = [UInt8](repeating: 0, count: min(1 << 18, size))
    remainingInFile = size
  }

  /// Fills `bytes` with what comes next.
  package mutating func read(into bytes: inout MutableRawSpan) throws(ZstdError) {
    try require(bytes.byteCount)
    var filled = 0
    while filled < bytes.byteCount {
      try refill()
      try decompressor.decompress(buffer, count: buffered, from: &consumed, into: &bytes, filled: &filled)
      if decompressor.isComplete && filled < bytes.byteCount {
        throw .damaged("its zstd frame holds \(position + filled) bytes and promises \(contentSize)")
      }
    }
    position += filled
  }

  /// The next `count` bytes.
  package mutating func read(_ count: Int) throws(ZstdError) -> [UInt8] {
    try require(count)
    var bytes = [UInt8](repeating: 0, count: count)
    var span = bytes.mutableSpan
    var raw = unsafe span.mutableBytes
    try read(into: &raw)
    return bytes
  }

  /// Throws unless all of the frame has been read, its checksum agrees and nothing follows but the seal.
  package mutating func finish() throws(ZstdError) {
    guard position == contentSize else {
      throw .damaged("it holds \(contentSize) bytes where its header speaks of \(position)")
    }
    var nothing = [UInt8]()
    var span = nothing.mutableSpan
    var raw = unsafe span.mutableBytes
    var filled = 0
    while !decompressor.isComplete {
      try refill()
      try decompressor.decompress(buffer, count: buffered, from: &consumed, into: &raw, filled: &filled)
    }
    let rest = buffered - consumed + remainingInFile
    if rest > 0 { throw .damaged("\(rest) bytes stand between its zstd frame and the seal at its end") }
  }

  /// Throws where the frame promises fewer than `count` more bytes.
  private func require(_ count: Int) throws(ZstdError) {
    guard count <= contentSize - position else {
      throw .truncated("it holds \(contentSize) bytes, fewer than its header speaks of")
    }
  }

  /// Reads more of the file once all that was read is used up; throws at the end of the file.
  private mutating func refill() throws(ZstdError) {
    if consumed < buffered { return }
    guard remainingInFile > 0 else { throw .truncated("it ends before its zstd frame is complete") }
    if remainingInFile < buffer.count { buffer = [UInt8](repeating: 0, count: remainingInFile) }
    do throws(FileError) {
      buffered = try file.read(into: &buffer)
    } catch {
      throw .file(error)
    }
    guard buffered == buffer.count else { throw .truncated("it became shorter while it was read") }
    consumed = 0
    remainingInFile -= buffered
  }

  private static func verifySeal(of file: borrowing FileDescriptor) throws(ZstdError) -> Int {
    do throws(ZstdError) {
      return try FileSeal.verify(file)
    } catch {
      // A file that is something else altogether has no seal either; then its first bytes say more.
      if case .truncated = error { _ = try contentSize(of: file) }
      throw error
    }
  }

  private static func size(of file: borrowing FileDescriptor) throws(ZstdError) -> Int {
    try ZstdError.wrapping { () throws(FileError) in try file.size }
  }

  /// The size in the frame's header; the file is left at its beginning.
  private static func contentSize(of file: borrowing FileDescriptor) throws(ZstdError) -> Int {
    var start = [UInt8](repeating: 0, count: ZstdDecompressor.longestHeader)
    do throws(FileError) {
      try file.seek(to: 0)
      let count = try file.read(into: &start)
      start.removeLast(start.count - count)
      try file.seek(to: 0)
    } catch {
      throw .file(error)
    }
    return try ZstdDecompressor.contentSize(ofFrame: start)
  }
}

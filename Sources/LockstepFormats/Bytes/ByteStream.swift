/// The bytes of a file or of standard input, read once from the first to the last. What is packed by gzip or zstd,
/// which its first bytes tell and not its name, is unpacked.
package final class ByteStream {
  /// The path that means standard input.
  package static let standardInput = "-"

  /// The path as messages show it.
  let path: String
  /// Digests everything read so far.
  private var digest = SHA256Digest()
  private let file: FileDescriptor
  private let packing: Packing
  private let inflater: Inflater?
  private var decompressor: ZstdDecompressor?
  private var input: [UInt8]
  private var available: Int
  private var consumed = 0
  private var isAtEnd = false

  enum Packing: Sendable {
    case none, gzip, zstd

    /// How a file whose first bytes are `start` is packed.
    static func of(_ start: [UInt8]) -> Packing {
      if start.starts(with: [0x1F, 0x8B]) { return .gzip }
      return start.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) ? .zstd : .none
    }
  }

  /// - Parameter isStopped: asked while standard input has nothing to read yet; once it returns true, reading throws.
  package init(_ path: String, isStopped: (@Sendable () -> Bool)? = nil) throws(DataFileError) {
    let isStandardInput = path == Self.standardInput
    let file = try DataFileError.wrapping { () throws(FileError) in
      try isStandardInput ? FileDescriptor.standardInput(isStopped: isStopped) : FileDescriptor.reading(path)
    }
    let path = file.path
    var input = [UInt8](repeating: 0, count: 1 << 18)
    let available = try DataFileError.wrapping { () throws(FileError) in try file.read(into: &input) }
    if available == 0 {
      throw DataFileError(path, found: isStandardInput ? "nothing" : "an empty file", expected: "a file of data")
    }
    packing = Packing.of(Array(input[0..<min(4, available)]))
    inflater = packing == .gzip ? try Inflater(.gzip, for: path) : nil
    (self.path, self.input, self.available) = (path, input, available)
    self.file = file
    if packing == .zstd { decompressor = try Self.makeDecompressor(path) }
  }

  private static func makeDecompressor(_ path: String) throws(DataFileError) -> ZstdDecompressor {
    do throws(ZstdError) { return try ZstdDecompressor() } catch {
      throw DataFileError(path, found: "\(error)", expected: "zstd to work")
    }
  }

  /// Fills `buffer` from byte `start` on.
  ///
  /// - Returns: how many bytes were written; 0 only at the end of the content.
  func read(into buffer: inout [UInt8], from start: Int) throws(DataFileError) -> Int {
    var filled = start
    while filled == start && !isAtEnd {
      if consumed == available {
        isAtEnd = try !refill()
        if isAtEnd {
          try checkComplete()
          break
        }
      }
      switch packing {
      case .none:
        let count = min(available - consumed, buffer.count - filled)
        buffer.replaceSubrange(filled..<filled + count, with: input[consumed..<consumed + count])
        (consumed, filled) = (consumed + count, filled + count)
      case .gzip: try inflate(into: &buffer, &filled)
      case .zstd: try decompress(into: &buffer, &filled)
      }
    }
    digest.update(buffer, start..<filled)
    return filled - start
  }

  /// SHA-256 of what has been read, in hexadecimal; what is read afterwards begins a new digest.
  func contentDigest() -> String { SHA256Digest.hexadecimal(digest.finish()) }

  /// Reads the rest of the content into memory.
  func readAll() throws(DataFileError) -> FileBytes {
    var bytes = GrowingBytes(for: path)
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = try read(into: &buffer, from: 0)
      if count == 0 { return try FileBytes(bytes) }
      unsafe try bytes.append(buffer.span.extracting(first: count).bytes)
    }
  }

  private func refill() throws(DataFileError) -> Bool {
    do throws(FileError) { available = try file.read(into: &input) } catch { throw DataFileError(error) }
    consumed = 0
    return available > 0
  }

  private func inflate(into buffer: inout [UInt8], _ filled: inout Int) throws(DataFileError) {
    // gzip files may follow one another; zeros behind the last are padding.
    if inflater?.isComplete == true {
      while consumed < available, input[consumed] == 0 { consumed += 1 }
      if consumed == available { return }
      inflater?.restart()
    }
    var position = consumed
    let problem = unsafe inflater?.inflate(
      input.span.extracting(first: available).bytes, from: &position, into: &buffer, filled: &filled)
    consumed = position
    if let problem { throw damaged("gzip", problem) }
  }

  private func decompress(into buffer: inout [UInt8], _ filled: inout Int) throws(DataFileError) {
    var span = buffer.mutableSpan
    var raw = unsafe span.mutableBytes
    var position = consumed
    do throws(ZstdError) {
      try decompressor?.decompress(input, count: available, from: &position, into: &raw, filled: &filled)
    } catch { throw damaged("zstd", "\(error)") }
    consumed = position
  }

  private func checkComplete() throws(DataFileError) {
    if inflater?.isComplete == false { throw damaged("gzip", "it ends too early") }
    if packing == .zstd && !isAtFrameEnd { throw damaged("zstd", "it ends too early") }
  }

  private var isAtFrameEnd: Bool {
    switch decompressor {
    case .some(let decompressor): decompressor.isAtFrameEnd
    case nil: true
    }
  }

  private func damaged(_ format: String, _ problem: String) -> DataFileError {
    DataFileError(
      path, found: "a damaged \(format) file: \(problem)", expected: "one that unpacks",
      hint: "test it with \(format) -t")
  }
}

extension FileBytes {
  /// The content of a file: mapped where it stands as it is, in memory where it is packed.
  static func content(of path: String) throws(DataFileError) -> FileBytes {
    let mapped = try FileBytes(mapping: path)
    if ByteStream.Packing.of(mapped.copy(0..<min(4, mapped.count))) == .none { return mapped }
    let stream = try ByteStream(path)
    return try stream.readAll()
  }
}

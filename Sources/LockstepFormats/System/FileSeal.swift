/// The last 40 bytes of a file: a skippable zstd frame (RFC 8878, section 3.1.2) that holds the SHA-256 of all bytes
/// before it.
///
/// zstd ignores some bits of a frame, and cannot know that a file was cut between two frames; with the seal every
/// flipped bit and every missing byte is seen. `zstd -d` skips it.
///
/// ```
/// 5D 2A 4D 18   magic number, one of the sixteen that mark a frame to be skipped
/// 20 00 00 00   32 bytes follow
/// 32 bytes      SHA-256
/// ```
enum FileSeal {
  static let byteCount = 40
  private static let start: [UInt8] = [0x5D, 0x2A, 0x4D, 0x18, 0x20, 0, 0, 0]

  /// The seal for a file whose bytes have this digest.
  static func bytes(sealing digest: [UInt8]) -> [UInt8] { start + digest }

  /// Reads the whole file and compares it with its seal.
  ///
  /// - Returns: the bytes before the seal.
  /// - Throws: `truncated` where there is no seal at the end, `damaged` where it does not agree with the file.
  static func verify(_ file: borrowing FileDescriptor) throws(ZstdError) -> Int {
    let size = try ZstdError.wrapping { () throws(FileError) in try file.size }
    let content = size - byteCount
    guard content > 0 else { throw size == 0 ? .notZstd : .truncated("it has \(size) bytes and no seal at its end") }
    try ZstdError.wrapping { () throws(FileError) in try file.seek(to: content) }
    var end = [UInt8](repeating: 0, count: byteCount)
    try read(&end, of: file)
    guard end[0..<start.count] == start[...] else {
      throw .truncated("its last \(byteCount) bytes are not the seal that every checkpoint ends with")
    }

    try ZstdError.wrapping { () throws(FileError) in try file.seek(to: 0) }
    var digest = SHA256Digest()
    var buffer = [UInt8](repeating: 0, count: min(1 << 18, content))
    var remaining = content
    while remaining > 0 {
      if remaining < buffer.count { buffer = [UInt8](repeating: 0, count: remaining) }
      try read(&buffer, of: file)
      digest.update(buffer)
      remaining -= buffer.count
    }
    guard digest.finish() == Array(end[start.count...]) else {
      throw .damaged("its bytes do not agree with the SHA-256 in the seal at its end")
    }
    return content
  }

  private static func read(_ buffer: inout [UInt8], of file: borrowing FileDescriptor) throws(ZstdError) {
    do throws(FileError) {
      if try file.read(into: &buffer) == buffer.count { return }
    } catch {
      throw .file(error)
    }
    throw .truncated("it became shorter while it was read")
  }
}

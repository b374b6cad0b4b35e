internal import CZlib

/// Undoes the deflate compression (RFC 1951) of gzip files (RFC 1952) and of the members of zip archives, piece by
/// piece.
///
/// zlib, because every Unix has it and its answer to damaged input has been looked at for thirty years. `@safe`: the
/// stream is made, used and freed here alone.
@safe
final class Inflater {
  enum Format {
    /// Deflated data with header, checksum and length.
    case gzip
    /// Deflated data alone.
    case raw
  }

  private let stream: UnsafeMutablePointer<z_stream>
  /// Whether the last byte of a gzip member, or of raw data, has been read and its checksum agrees.
  private(set) var isComplete = false
  private let format: Format

  /// - Parameter path: of the file, for the message where the system has no memory for zlib.
  init(_ format: Format, for path: String) throws(DataFileError) {
    self.format = format
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    // What did not begin may be ended all the same.
    guard unsafe lockstep_inflate_begin(stream, format == .gzip ? 31 : -15) == Z_OK else {
      throw DataFileError(
        path, found: "compressed data for whose reading the system has no memory", expected: "what fits")
    }
  }

  deinit {
    unsafe inflateEnd(stream)
    unsafe stream.deallocate()
  }

  /// Reads `input` from byte `position` to `end` and fills `output` from byte `filled` on, as far as both go, and moves
  /// the two along.
  ///
  /// - Returns: zlib's words for what is wrong, or nil.
  func inflate(
    _ input: RawSpan, from position: inout Int, into output: inout [UInt8], filled: inout Int
  ) -> String? {
    let (start, begun) = (position, filled)
    var status: Int32 = Z_OK
    unsafe input.withUnsafeBytes { source in
      unsafe output.withUnsafeMutableBytes { target in
        let count = min(source.count - start, 1 << 30)
        let room = min(target.count - begun, 1 << 30)
        guard let from = source.baseAddress, let to = target.baseAddress else { return }
        unsafe stream.pointee.next_in = UnsafeMutableRawPointer(mutating: from + start).assumingMemoryBound(
          to: UInt8.self)
        unsafe stream.pointee.avail_in = UInt32(count)
        unsafe stream.pointee.next_out = (to + begun).assumingMemoryBound(to: UInt8.self)
        unsafe stream.pointee.avail_out = UInt32(room)
        status = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
        unsafe position = start + count - Int(stream.pointee.avail_in)
        unsafe filled = begun + room - Int(stream.pointee.avail_out)
      }
    }
    isComplete = status == Z_STREAM_END
    switch status {
    case Z_OK, Z_STREAM_END, Z_BUF_ERROR: return nil
    default: return unsafe stream.pointee.msg.map { unsafe String(cString: $0) } ?? "error \(status)"
    }
  }

  /// Begins the next gzip file; several may follow one another.
  func restart() {
    unsafe inflateReset(stream)
    isComplete = false
  }

  /// CRC-32 of `bytes` as zip archives carry it, going on from that of what stood before them.
  static func checksum(_ bytes: RawSpan, after sum: UInt32 = 0) -> UInt32 {
    unsafe bytes.withUnsafeBytes {
      UInt32(
        truncatingIfNeeded: unsafe crc32_z(UInt(sum), $0.baseAddress?.assumingMemoryBound(to: UInt8.self), $0.count))
    }
  }
}

internal import CZstd

/// Compresses a known number of bytes, arriving in pieces, into one standard zstd frame (RFC 8878) with content size
/// and checksum.
///
/// `@safe`: the context is made, used and freed here alone.
@safe
struct ZstdCompressor: ~Copyable {
  /// Levels whose frames a reader with a window of 8 MiB can decompress.
  static let levels = 1...19

  private let context: OpaquePointer

  /// - Parameter contentSize: bytes that will be given in all; giving another number is reported as an error.
  init(level: Int, contentSize: Int) throws(ZstdError) {
    precondition(Self.levels.contains(level), "compression level \(level) is not in \(Self.levels)")
    guard let context = unsafe ZSTD_createCCtx() else { throw .library("no memory for a compressor") }
    let settings = [
      (ZSTD_c_compressionLevel, Int32(level)), (ZSTD_c_checksumFlag, 1), (ZSTD_c_contentSizeFlag, 1),
    ]
    do throws(ZstdError) {
      for (parameter, value) in settings {
        try unsafe Self.check(ZSTD_CCtx_setParameter(context, parameter, value))
      }
      try unsafe Self.check(ZSTD_CCtx_setPledgedSrcSize(context, UInt64(contentSize)))
    } catch {
      _ = unsafe ZSTD_freeCCtx(context)
      throw error
    }
    unsafe self.context = context
  }

  deinit { _ = unsafe ZSTD_freeCCtx(context) }

  /// Compresses `input` from byte `position` on, as far as `output` has room, and moves `position` along.
  ///
  /// - Parameters:
  ///   - finishing: whether the frame ends with `input`.
  ///   - produced: becomes the number of bytes put into `output`.
  /// - Returns: whether all of `input` is taken, and, if finishing, the frame is complete.
  mutating func compress(
    _ input: RawSpan, from position: inout Int, finishing: Bool, into output: inout [UInt8], produced: inout Int
  ) throws(ZstdError) -> Bool {
    let start = position
    var consumed = 0
    var written = 0
    let rest = unsafe input.withUnsafeBytes { source in
      unsafe output.withUnsafeMutableBytes { target in
        var from = unsafe ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: start)
        var to = unsafe ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
        let rest = unsafe ZSTD_compressStream2(context, &to, &from, finishing ? ZSTD_e_end : ZSTD_e_continue)
        consumed = unsafe from.pos
        written = unsafe to.pos
        return rest
      }
    }
    let remaining = try Self.check(rest)
    position = consumed
    produced = written
    return finishing ? remaining == 0 : position == input.byteCount
  }

  /// `result`, unless it is one of the library's error codes.
  @discardableResult
  private static func check(_ result: Int) throws(ZstdError) -> Int {
    if ZSTD_isError(result) != 0 { throw .library(unsafe String(cString: ZSTD_getErrorName(result))) }
    return result
  }
}

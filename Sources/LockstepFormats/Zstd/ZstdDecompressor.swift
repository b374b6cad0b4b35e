internal import CZstd

/// Decompresses one zstd frame of known size, piece by piece.
///
/// `@safe`: the context is made, used and freed here alone.
@safe
struct ZstdDecompressor: ~Copyable {
  /// Frames may ask for a window of at most 2^23 bytes, so that a hostile one cannot make the reader allocate more.
  private static let largestWindowLog: Int32 = 23
  /// Bytes of the longest frame header.
  static let longestHeader = 18
  /// Most bytes that a byte of a frame can stand for: a block gives at most 128 KiB and takes at least 4 bytes (RFC
  /// 8878, section 3.1.1.2).
  static let largestRatio = 1 << 15

  /// 0xFD2FB528, little-endian: how every frame begins.
  private static let magic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]

  private let context: OpaquePointer
  /// Whether the frame, its checksum included, has been read and agrees.
  private(set) var isComplete = false
  /// Whether what has been read ends where a frame does; frames may follow one another.
  private(set) var isAtFrameEnd = false

  init() throws(ZstdError) {
    guard let context = unsafe ZSTD_createDCtx() else { throw .library("no memory for a decompressor") }
    let status = unsafe ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.largestWindowLog)
    if ZSTD_isError(status) != 0 {
      _ = unsafe ZSTD_freeDCtx(context)
      throw .library(unsafe String(cString: ZSTD_getErrorName(status)))
    }
    unsafe self.context = context
  }

  deinit { _ = unsafe ZSTD_freeDCtx(context) }

  /// The number of bytes that the frame promises, from its first bytes.
  static func contentSize(ofFrame start: [UInt8]) throws(ZstdError) -> Int {
    guard !start.isEmpty, zip(start, magic).allSatisfy(==) else { throw .notZstd }
    guard start.count >= magic.count else { throw .truncated("it ends within its first bytes") }
    let size = unsafe start.withUnsafeBytes { unsafe ZSTD_getFrameContentSize($0.baseAddress, $0.count) }
    // ZSTD_CONTENTSIZE_UNKNOWN and ZSTD_CONTENTSIZE_ERROR, macros that Swift does not see.
    if size == UInt64.max { throw .unsupported("its zstd frame does not say how many bytes it holds") }
    if size == UInt64.max - 1 { throw .truncated("its zstd frame header is cut or damaged") }
    guard let size = Int(exactly: size) else { throw .damaged("its zstd frame promises \(size) bytes") }
    return size
  }

  /// Reads `input` from byte `position` on and fills `output` from byte `filled` on, as far as both go, and moves the
  /// two along.
  mutating func decompress(
    _ input: [UInt8], count: Int, from position: inout Int, into output: inout MutableRawSpan, filled: inout Int
  ) throws(ZstdError) {
    let (start, begun) = (position, filled)
    var consumed = 0
    var written = 0
    let rest = unsafe input.withUnsafeBytes { source in
      unsafe output.withUnsafeMutableBytes { target in
        var from = unsafe ZSTD_inBuffer(src: source.baseAddress, size: count, pos: start)
        var to = unsafe ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: begun)
        let rest = unsafe ZSTD_decompressStream(context, &to, &from)
        consumed = unsafe from.pos
        written = unsafe to.pos
        return rest
      }
    }
    if ZSTD_isError(rest) != 0 {
      let reason = unsafe String(cString: ZSTD_getErrorName(rest))
      if ZSTD_getErrorCode(rest) == ZSTD_error_frameParameter_windowTooLarge {
        throw .unsupported("its zstd frame needs a window of more than \(1 << (Self.largestWindowLog - 20)) MiB")
      }
      throw .damaged("its compressed bytes are damaged (zstd: \(reason))")
    }
    position = consumed
    filled = written
    if rest == 0 { isComplete = true }
    if consumed > start || written > begun { isAtFrameEnd = rest == 0 }
  }
}

/// Version of the compression library, such as `zstd 1.5.4`.
package let compressionLibrary = "zstd \(unsafe String(cString: ZSTD_versionString()))"

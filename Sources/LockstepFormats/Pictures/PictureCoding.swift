internal import CPictures

/// How a picture is written in a file. What it is, its first bytes say, never its name.
///
/// libpng, because it has been looked at for thirty years and is mended within days where something is found;
/// libjpeg-turbo, because it is the fastest, and its pixels are those of nearly every other tool.
package enum PictureCoding: String, Sendable {
  /// ISO/IEC 15948.
  case png = "PNG"
  /// ITU-T T.81.
  case jpeg = "JPEG"

  /// That of the file `path`, whose bytes are given.
  init(of bytes: RawSpan, _ path: String) throws(DataFileError) {
    func starts(_ start: [UInt8]) -> Bool {
      bytes.byteCount >= start.count
        && start.indices.allSatisfy { unsafe bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) == start[$0] }
    }
    if starts([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = .png
    } else if starts([0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else {
      let other = Self.others.first { starts(Array($0.start.utf8)) }
      throw DataFileError(
        path,
        found: bytes.isEmpty
          ? "an empty file"
          : other.map { "a picture in the format \($0.name)" } ?? "bytes that are neither a PNG's nor a JPEG's",
        expected: "a PNG or JPEG picture", hint: other.map { _ in "convert it, as with: magick in.gif out.png" })
    }
  }

  private static let others = [
    (start: "GIF8", name: "GIF"), (start: "BM", name: "BMP"), (start: "RIFF", name: "WebP"),
    (start: "II*\0", name: "TIFF"), (start: "MM\0*", name: "TIFF"),
  ]

  /// What the header says, unproven.
  func facts(_ bytes: RawSpan, _ path: String) throws(DataFileError) -> lk_picture {
    var facts = lk_picture()
    unsafe try call(bytes, &facts, nil, path)
    return facts
  }

  /// Decodes the pixels into the first bytes of `pixels`, which has room for all that `header` says.
  func decode(
    _ bytes: RawSpan, _ header: PictureHeader, into pixels: inout [UInt8], _ path: String
  ) throws(DataFileError) {
    precondition(pixels.count >= header.height * header.width * header.channels, "a picture without room")
    var facts = lk_picture()
    // The closure of a typed error would have to be spelt out: the error passes beside it.
    var failure: DataFileError?
    unsafe pixels.withUnsafeMutableBufferPointer { target in
      do throws(DataFileError) { unsafe try call(bytes, &facts, target.baseAddress, path) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  private func call(
    _ bytes: RawSpan, _ facts: inout lk_picture, _ pixels: UnsafeMutablePointer<UInt8>?, _ path: String
  ) throws(DataFileError) {
    var message = [CChar](repeating: 0, count: Int(LK_PICTURE_MESSAGE))
    let isRead = unsafe bytes.withUnsafeBytes { source in
      let start = unsafe source.baseAddress?.assumingMemoryBound(to: UInt8.self)
      return unsafe message.withUnsafeMutableBufferPointer { text in
        switch self {
        case .png: unsafe lk_png_read(start, source.count, &facts, pixels, text.baseAddress)
        case .jpeg: unsafe lk_jpeg_read(start, source.count, &facts, pixels, text.baseAddress)
        }
      }
    }
    guard isRead == 1 else {
      let problem = String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      throw DataFileError(
        path, found: "a damaged \(rawValue): \(Display.plain(problem))", expected: "a picture that can be decoded",
        hint: "it may be cut off; if another program shows it whole, save it again there")
    }
  }
}

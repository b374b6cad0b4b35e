/// What a picture file says of itself before its pixels.
package struct PictureHeader: Sendable, Equatable {
  package let coding: PictureCoding
  package let height: Int
  package let width: Int
  /// Of its pixels: 1 for grey, 3 for colours.
  package let channels: Int

  /// Most pixels of a picture: 16,384 × 16,384.
  package static let mostPixels = 1 << 28

  /// Reads the header of the file `path`, whose bytes are given. No memory is taken because a header asks for it.
  package init(_ bytes: RawSpan, of path: String) throws(DataFileError) {
    coding = try PictureCoding(of: bytes, path)
    let facts = try coding.facts(bytes, path)
    (height, width, channels) = (Int(facts.height), Int(facts.width), Int(facts.channels))
    guard height * width <= Self.mostPixels else {
      throw DataFileError(
        path, found: "\(Self.size(height, width)) pixels", expected: "at most \(Format.count(Self.mostPixels))")
    }
    // A byte of a PNG, which is packed by deflate, holds 1,032 at most, and a bit of a JPEG 8 × 8 pixels.
    let least = coding == .png ? height * (Int(facts.row_bytes) + 1) / 1032 : height * width / 512
    guard least <= bytes.byteCount else {
      throw DataFileError(
        path, found: "\(Self.size(height, width)) pixels in \(Format.count(bytes.byteCount)) bytes",
        expected: "a whole picture", hint: "it may be cut off")
    }
    guard channels <= 3 else {
      throw DataFileError(
        path, found: "a JPEG of four inks (CMYK)", expected: "grey, or red, green and blue",
        hint: "convert it, as with: magick in.jpg -colorspace sRGB out.jpg")
    }
  }

  /// Height and width as messages show them.
  package static func size(_ height: Int, _ width: Int) -> String { "\(height) × \(width)" }
}

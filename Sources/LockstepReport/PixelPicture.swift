import LockstepFormats

/// Which number is black in a picture and which white; between them it goes evenly.
struct Shades: Equatable {
  var low: Float
  var high: Float

  /// From the least of `values` to the largest; what is not finite does not count.
  init(_ values: some Sequence<Float>) {
    (low, high) = (.infinity, -.infinity)
    for value in values where value.isFinite { (low, high) = (min(low, value), max(high, value)) }
  }

  /// Of pictures as files hold them: from 0 to 1 where all of `values` lie there, but for what standardising has
  /// rounded off, else from the least to the largest.
  init(ofPictures values: some Sequence<Float>) {
    self.init(values)
    if low >= -1e-4 && high <= 1.0001 { (low, high) = (0, 1) }
  }

  /// From 0 to 255; where there is but one number, that is in the middle.
  func byte(_ value: Float) -> UInt8 {
    guard value.isFinite else { return value == .infinity ? 255 : 0 }
    guard high > low else { return 128 }
    let share = (Double(value) - Double(low)) / (Double(high) - Double(low))
    return UInt8((255 * min(1, max(0, share))).rounded())
  }
}

/// Numbers as a picture of pixels, as a PNG inside the page.
struct PixelPicture {
  /// Most pixels of a side; larger pictures are scaled down, so that a page stays small.
  static let mostPixels = 96

  private let picture: Picture

  /// - Parameters:
  ///   - values: height × width × channels, channels last. One channel is grey, three are red, green and blue; of any
  ///     other number the first is shown.
  init(_ values: [Float], height: Int, width: Int, channels: Int, _ shades: Shades) {
    let isColored = channels == 3
    let shown = isColored ? values : stride(from: 0, to: values.count, by: channels).map { values[$0] }
    let whole = Picture(
      height: height, width: width, channels: isColored ? 3 : 1, bytes: shown.map { shades.byte($0) })
    let longer = max(height, width)
    guard longer > Self.mostPixels else {
      picture = whole
      return
    }
    var (resizer, scaled) = (
      PictureResizer(
        height: max(1, height * Self.mostPixels / longer), width: max(1, width * Self.mostPixels / longer), fit: .scale
      ), Picture()
    )
    _ = resizer.resize(whole, into: &scaled)
    picture = scaled
  }

  /// - Parameters:
  ///   - side: what the longer side takes on the page at most, in CSS's pixels, if it has fewer: a pixel then takes
  ///     several.
  ///   - words: what is to be seen, for whoever does not see it, and for whoever points at it.
  func html(side: Int, _ words: String) -> HTML {
    let times = max(1, side / max(picture.height, picture.width))
    return .element(
      "img",
      [
        ("src", "data:image/png;base64,\(Base64.text(picture.png))"), ("width", "\(picture.width * times)"),
        ("height", "\(picture.height * times)"), ("alt", words), ("title", words),
      ])
  }
}

/// Bytes as text: RFC 4648, section 4.
enum Base64 {
  private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func text(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let word = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      for place in 0...3 {
        text.append(place <= group.count ? digits[word >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}

import TestSupport
import Testing

@testable import LockstepFormats

@Suite("PNG pictures") struct PNGTests {
  /// Every kind of colour and number of bits, interlaced or not, with every filter, in sizes that leave passes empty
  /// and bytes half full.
  @Test(arguments: PNGFile.Color.allCases, testSeeds)
  func everyKindIsRight(color: PNGFile.Color, seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    for depth in color.depths {
      for (height, width) in [(1, 1), (1, 9), (7, 1), (2, 3), (8, 8), (11, 17), (33, 40)] {
        for isInterlaced in [false, true] {
          let most = 1 << (color == .palette ? min(depth, 4) : depth)
          let count = height * width * color.channels
          var file = PNGFile(
            height: height, width: width, color: color, depth: depth,
            samples: (0..<count).map { _ in Int.random(in: 0..<most, using: &random) })
          file.isInterlaced = isInterlaced
          if color == .palette { file.palette = (0..<3 * most).map { _ in UInt8.random(in: 0...255, using: &random) } }
          let picture = try decoded(file.bytes)
          #expect(picture.height == height && picture.width == width)
          #expect(picture.channels == (color == .grey || color == .greyAlpha ? 1 : 3))
          #expect(picture.bytes == expected(file), "\(color), \(depth) bits, \(height) × \(width), \(isInterlaced)")
        }
      }
    }
  }

  /// What stands in each pixel, by the words of the standard.
  private func expected(_ file: PNGFile) -> [UInt8] {
    let channels = file.color.channels
    return (0..<file.height * file.width).flatMap { pixel in
      let samples = file.samples[pixel * channels..<(pixel + 1) * channels]
      let bytes = samples.map { sample in
        file.depth == 16 ? UInt8(sample >> 8) : UInt8(truncatingIfNeeded: sample * 255 / ((1 << file.depth) - 1))
      }
      switch file.color {
      case .palette: return Array(file.palette[3 * file.samples[pixel]..<3 * file.samples[pixel] + 3])
      case .grey, .greyAlpha: return [bytes[0]]
      case .rgb, .rgbAlpha: return Array(bytes[..<3])
      }
    }
  }

  /// Transparency, gamma and whatever else a file may say of its colours change no pixel, and a damaged remark does not
  /// matter.
  @Test func whatIsSaidOfColorsIsPassedOver() throws {
    var file = PNGFile(height: 2, width: 2, color: .palette, depth: 2, samples: [0, 1, 2, 1])
    file.palette = [10, 20, 30, 40, 50, 60, 70, 80, 90]
    file.chunks = [("gAMA", [0, 0, 0x27, 0x10]), ("sRGB", [0]), ("tEXt", Array("a\0b".utf8)), ("iCCP", [1, 2, 3])]
    let bytes = file.bytes
    #expect(try decoded(bytes).bytes == [10, 20, 30, 40, 50, 60, 70, 80, 90, 40, 50, 60])
    var damaged = bytes
    damaged[try #require(bytes.firstRange(of: Array("tEXt".utf8))).lowerBound + 4] ^= 1
    #expect(try decoded(damaged).bytes == decoded(bytes).bytes)
    // Behind the palette, as it must.
    let place = try #require(bytes.firstRange(of: Array("IDAT".utf8))).lowerBound - 4
    let transparent = bytes[..<place] + PNGFile.chunk("tRNS", [0, 128]) + bytes[place...]
    #expect(try decoded(Array(transparent)).bytes == decoded(bytes).bytes)
  }

  @Test func channelsAreWhatIsAskedFor() throws {
    let colors = PNGFile(height: 1, width: 3, pixels: [255, 0, 0, 0, 255, 0, 10, 20, 200]).bytes
    var picture = Picture()
    try picture.decode(colors.span.bytes, of: "a.png", channels: 1)
    #expect(picture.bytes == [76, 150, 38] && picture.channels == 1)
    let grey = PNGFile(height: 2, width: 1, pixels: [7, 255]).bytes
    try picture.decode(grey.span.bytes, of: "a.png", channels: 3)
    #expect(picture.bytes == [7, 7, 7, 255, 255, 255] && picture.channels == 3)
    try picture.decode(grey.span.bytes, of: "a.png")
    #expect(picture.bytes == [7, 255] && picture.channels == 1)
  }

  /// A file that ends anywhere, and one of which any bit is another, is told from a whole one, or its pixels are the
  /// same: every chunk that they follow from has a checksum.
  @Test func everyDamageIsSeen() throws {
    var file = PNGFile(height: 5, width: 6, color: .palette, depth: 4, samples: (0..<30).map { $0 % 16 })
    file.palette = (0..<48).map { UInt8($0) }
    let bytes = file.bytes
    let pixels = try decoded(bytes).bytes
    for count in 0..<bytes.count { #expect(throws: DataFileError.self) { try decoded(Array(bytes[..<count])) } }
    for place in bytes.indices {
      for bit in 0..<8 {
        var damaged = bytes
        damaged[place] ^= 1 << bit
        if let picture = try? decoded(damaged) { #expect(picture.bytes == pixels, "bit \(bit) of byte \(place)") }
      }
    }
  }

  private func decoded(_ bytes: [UInt8]) throws -> Picture {
    var picture = Picture()
    try picture.decode(bytes.span.bytes, of: "a.png")
    return picture
  }
}

import TestSupport
import Testing

@testable import LockstepFormats

@Suite("PNG files that are written") struct PNGWritingTests {
  @Test(arguments: testSeeds)
  func pixelsComeBack(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    for (height, width) in [(1, 1), (1, 9), (7, 1), (8, 8), (11, 17), (96, 61), (300, 257)] {
      for channels in [1, 3] {
        for most in [UInt8(0), 1, 255] {
          let bytes = (0..<height * width * channels).map { _ in UInt8.random(in: 0...most, using: &random) }
          let picture = Picture(height: height, width: width, channels: channels, bytes: bytes)
          let png = picture.png
          #expect(png == picture.png)
          var read = Picture()
          try read.decode(png.span.bytes, of: "a.png")
          #expect(read.height == height && read.width == width && read.channels == channels)
          #expect(read.bytes == bytes, "\(height) × \(width) × \(channels), to \(most)")
        }
      }
    }
  }

  /// Memory that has held a larger picture.
  @Test func onlyThePictureIsWritten() throws {
    var resizer = PictureResizer(height: 2, width: 3, fit: .scale)
    var small = Picture(height: 9, width: 9, channels: 1, bytes: [UInt8](repeating: 7, count: 81))
    _ = resizer.resize(Picture(height: 4, width: 6, channels: 1, bytes: Array(0..<24)), into: &small)
    var read = Picture()
    let png = small.png
    try read.decode(png.span.bytes, of: "a.png")
    #expect(read.height == 2 && read.width == 3 && read.bytes == small.bytes)
  }
}

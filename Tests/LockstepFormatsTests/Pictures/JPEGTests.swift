import Foundation
import TestSupport
import Testing

@testable import LockstepFormats

/// Pictures that Tests/Fixtures/pictures/make_pictures.py has written, and what Pillow decodes of them.
@Suite("JPEG pictures") struct JPEGTests {
  private static let folder = "\(PrivatePython.repository)/Tests/Fixtures/pictures"

  @Test(arguments: ["grey", "color", "full", "progressive", "turned"])
  func pixelsArePillows(name: String) throws {
    let picture = try decoded(bytes(of: "\(Self.folder)/\(name).jpg"))
    #expect(picture.height == 13 && picture.width == 21 && picture.channels == (name == "grey" ? 1 : 3))
    #expect(picture.bytes == (try bytes(of: "\(Self.folder)/\(name).pixels")))
  }

  @Test func inksAreRefused() throws {
    let error = #expect(throws: DataFileError.self) { try decoded(bytes(of: "\(Self.folder)/inks.jpg")) }
    #expect(error?.found == "a JPEG of four inks (CMYK)" && error?.file == "a.jpg")
  }

  /// A file that ends anywhere before its last mark is refused, also where libjpeg would make up the rest.
  @Test(arguments: ["grey", "color", "progressive"])
  func anEndTooEarlyIsSeen(name: String) throws {
    let whole = try bytes(of: "\(Self.folder)/\(name).jpg")
    for count in 0..<whole.count - 2 {
      #expect(throws: DataFileError.self, "\(count) of \(whole.count)") { try decoded(Array(whole[..<count])) }
    }
  }

  /// Whatever a byte is changed to, there is an error or a picture of the size that the header then says.
  @Test func anyByteMayBeAnother() throws {
    for name in ["grey", "color", "progressive", "inks"] {
      let whole = try bytes(of: "\(Self.folder)/\(name).jpg")
      for place in whole.indices {
        for change in [1, 0x80, 0xFF] as [UInt8] {
          var damaged = whole
          damaged[place] ^= change
          if let picture = try? decoded(damaged) {
            #expect(picture.bytes.count == picture.height * picture.width * picture.channels && picture.height > 0)
          }
        }
      }
    }
  }

  private func decoded(_ bytes: [UInt8]) throws -> Picture {
    var picture = Picture()
    try picture.decode(bytes.span.bytes, of: "a.jpg")
    return picture
  }
}

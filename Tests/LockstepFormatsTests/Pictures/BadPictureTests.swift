import TestSupport
import Testing

@testable import LockstepFormats

@Suite("Pictures that cannot be read") struct BadPictureTests {
  @Test(arguments: [
    ([], "p: found an empty file, expected a PNG or JPEG picture"),
    (Array("hello".utf8), "p: found bytes that are neither a PNG's nor a JPEG's, expected a PNG or JPEG picture"),
    (
      Array("GIF89a".utf8),
      "p: found a picture in the format GIF, expected a PNG or JPEG picture (convert it, as with: magick in.gif out.png)"
    ),
    (
      [0xFF, 0xD8, 0xFF, 0xE0],
      "p: found a damaged JPEG: "
    ),
    (
      [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0],
      "p: found a damaged PNG: it ends too early, expected a picture that can be decoded (it may be cut off; if another "
        + "program shows it whole, save it again there)"
    ),
  ])
  func theErrorSaysWhatStandsThere(bytes: [UInt8], message: String) throws {
    let found = problem { try PictureHeader(bytes.span.bytes, of: "p") }
    #expect(found.hasPrefix(message), "\(found)")
  }

  /// The error that `body` throws, in words; empty where it throws none.
  private func problem(_ body: () throws -> PictureHeader) -> String {
    do {
      _ = try body()
      return ""
    } catch { return "\(error)" }
  }

  /// A few bytes that promise more than they can hold take no memory for it.
  @Test func bombsAreRefusedByTheirHeader() throws {
    var file = PNGFile(height: 1, width: 1, pixels: [0])
    let whole = file.bytes
    func header(_ height: Int, _ width: Int) throws -> PictureHeader {
      file.height = height
      file.width = width
      // Its pixels stay one.
      let sized = PNGFile.chunk("IHDR", Array(facts(file)))
      let bytes = Array(whole[..<8]) + sized + whole[33...]
      return try PictureHeader(bytes.span.bytes, of: "p")
    }
    let wide = problem { try header(20_000, 20_000) }
    #expect(wide == "p: found 20000 × 20000 pixels, expected at most \(Format.count(1 << 28))")
    let empty = problem { try header(10_000, 10_000) }
    #expect(empty.hasPrefix("p: found 10000 × 10000 pixels in 82 bytes, expected a whole picture"), "\(empty)")
    #expect(throws: DataFileError.self) { try header(0, 5) }
    #expect(throws: DataFileError.self) { try header(1 << 31, 1 << 31) }
    #expect(throws: DataFileError.self) { try header(2_000_000, 1) }
  }

  private func facts(_ file: PNGFile) -> [UInt8] {
    func word(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
    return word(file.width) + word(file.height) + [8, 0, 0, 0, 0]
  }

  @Test func filesAreReadOneAfterTheOther() throws {
    try withTemporaryFolder { folder in
      var reader = PictureReader()
      // Larger and smaller in turn: what is left of one is not the next one's.
      for (size, grey) in [(3, 10), (40, 20), (1, 30), (8, 40)] as [(Int, UInt8)] {
        let path = "\(folder)/\(size).png"
        try write(
          PNGFile(height: size, width: size, pixels: .init(repeating: grey, count: size * size)).bytes, to: path)
        try reader.read(path)
        #expect(reader.picture.bytes == .init(repeating: grey, count: size * size))
        #expect(try reader.header(of: path).width == size)
      }
      #expect(throws: DataFileError.self) { try reader.read("\(folder)/none.png") }
      #expect(throws: DataFileError.self) { try reader.read(folder) }
      try write([UInt8](), to: "\(folder)/empty.png")
      #expect(throws: DataFileError.self) { try reader.read("\(folder)/empty.png") }
    }
  }
}

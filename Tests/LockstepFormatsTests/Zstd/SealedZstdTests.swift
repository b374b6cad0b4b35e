import LockstepKernels
import TestSupport
import Testing

@testable import LockstepFormats

@Suite("Sealed zstd files")
struct SealedZstdTests {
  @Test(arguments: [0, 1, 2, 17, 1000, 262_143, 262_144, 262_145, 3_000_001], [1, 3, 19])
  func contentReadsBack(size: Int, level: Int) throws {
    if size > 1_000_000 && level > 3 { return }
    try withTemporaryFolder { folder in
      let path = "\(folder)/file.zst"
      let content = (0..<size).map { UInt8(truncatingIfNeeded: ($0 / 3) &* ($0 % 7)) }
      var writer = try SealedZstdWriter(replacing: path, contentSize: size, level: level)
      // In uneven pieces, empty ones among them.
      var start = 0
      for piece in [0, size / 3, size / 2, 0, size - size / 3 - size / 2] {
        try writer.write(Array(content[start..<(start + piece)]))
        start += piece
      }
      try writer.commit()
      #expect(try bytes(of: path).count == writer.fileSize)

      var reader = try SealedZstdReader(path)
      #expect(reader.contentSize == size)
      let first = try reader.read(size / 2)
      let rest = try reader.read(size - size / 2)
      try reader.finish()
      #expect(first + rest == content)
    }
  }

  @Test func anotherSizeThanPromisedIsAnErrorAndLeavesNothing() throws {
    try withTemporaryFolder { folder throws in
      for size in [3, 5] {
        #expect(throws: ZstdError.self) {
          var writer = try SealedZstdWriter(replacing: "\(folder)/file.zst", contentSize: size, level: 1)
          try writer.write([1, 2, 3, 4])
          try writer.commit()
        }
      }
      #expect(try Folder.names(in: folder) == [])
    }
  }

  @Test func readingMoreOrLessThanThereIsIsAnError() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/file.zst"
      try writeFile([1, 2, 3, 4], path)
      var reader = try SealedZstdReader(path)
      _ = try reader.read(3)
      #expect(throws: ZstdError.self) { try reader.read(2) }
      #expect(throws: ZstdError.self) { try reader.finish() }
    }
  }

  @Test func otherFilesAreToldApart() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/file"
      for content in [[], [1], Array("PK\u{3}\u{4} something else that is longer than a seal, by far".utf8)]
        as [[UInt8]]
      {
        try write(content, to: path)
        #expect(throws: ZstdError.notZstd) { _ = try SealedZstdReader(path).contentSize }
      }
      #expect(throws: ZstdError.self) { _ = try SealedZstdReader(folder).contentSize }
      #expect(throws: ZstdError.self) { _ = try SealedZstdReader("\(folder)/missing").contentSize }
    }
  }

  /// Well sealed, but the frame inside is not what it should be.
  @Test func aSealDoesNotMakeAFrameTrustworthy() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/file.zst"
      try writeFile(Array(repeating: 7, count: 1000), path)
      let frame = Array(try bytes(of: path).dropLast(FileSeal.byteCount))
      let hostile: [[UInt8]] = [
        frame + [0], frame + frame, Array(frame.dropLast()), Array(frame.dropLast(4)), Array(frame.prefix(9)),
        Array(frame.prefix(4)),
        // A frame that promises 2^63 bytes, and one without a content size.
        [0x28, 0xB5, 0x2F, 0xFD, 0xE0, 0, 0, 0, 0, 0, 0, 0, 0x80, 1, 0, 0],
        [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x58, 0x01, 0x00, 0x00],
        // A window of 2^31 bytes.
        [0x28, 0xB5, 0x2F, 0xFD, 0xC0, 0xA8, 0, 0, 0, 0, 1, 0, 0, 0, 0x0B, 0, 0, 1],
      ]
      for bytes in hostile {
        var digest = SHA256Digest()
        digest.update(bytes)
        try write(bytes + FileSeal.bytes(sealing: digest.finish()), to: path)
        #expect(throws: ZstdError.self) {
          var reader = try SealedZstdReader(path)
          _ = try reader.read(min(reader.contentSize, 1000))
          try reader.finish()
        }
      }
    }
  }

  private func writeFile(_ content: [UInt8], _ path: String) throws {
    var writer = try SealedZstdWriter(replacing: path, contentSize: content.count, level: 1)
    try writer.write(content)
    try writer.commit()
  }
}

import TestSupport
import Testing

@testable import LockstepData
@testable import LockstepFormats

/// Zip archives, byte for byte: the bytes are those that Python's `zipfile` writes.
@Suite struct ZipTests {
  /// Bytes by their digits in base 16.
  private func bytes(_ digits: String) throws -> [UInt8] {
    let digits = Array(digits.utf8.filter { $0 != 0x20 && $0 != 0x0A })
    return try stride(from: 0, to: digits.count, by: 2).map {
      try #require(UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16))
    }
  }

  /// `123456789` as `a`, nothing as `b/c.txt`, both stored, at zip's epoch.
  private static let stored = """
    504b0304140000000000000021002639f4cb09000000090000000100000061313233343536373839504b0304140000000000
    0000210000000000000000000000000007000000622f632e747874504b01021400140000000000000021002639f4cb090000
    000900000001000000000000000000000000000000000061504b010214001400000000000000210000000000000000000000
    0000070000000000000000000000000028000000622f632e747874504b05060000000002000200640000004d0000000000
    """

  /// `abc` twenty times as `d.bin`, deflated; `xyz` as `s`, stored; a comment behind it all that begins as a record
  /// does.
  private static let deflated = """
    504b0304140000000800000021002dfa91e1080000003c00000005000000642e62696e4b4c4a4e24170100504b0304140000
    0000000000210067ba8eeb0300000003000000010000007378797a504b01021400140000000800000021002dfa91e1080000
    003c000000050000000000000000000000000000000000642e62696e504b010214001400000000000000210067ba8eeb0300
    00000300000001000000000000000000000000002b00000073504b05060000000002000200620000004d0000000d00504b05
    206120636f6d6d656e74
    """

  @Test func whatIsWritten() throws {
    try withTemporaryFolder { folder in
      var zip = try ZipWriter(replacing: "\(folder)/x.zip")
      let rest = Array("456789".utf8)
      try zip.add("a", Array("123".utf8), rest.span.bytes)
      try zip.add("b/c.txt", [], [UInt8]().span.bytes)
      try zip.commit()
      #expect(try TestSupport.bytes(of: "\(folder)/x.zip") == bytes(Self.stored))
    }
  }

  /// The members of an archive and what they hold.
  private func members(_ digits: String) throws -> [String: String] {
    try withTemporaryFolder { folder in
      try write(try bytes(digits), to: "\(folder)/x.npz")
      let archive = try ZipArchive(FileBytes(mapping: "\(folder)/x.npz"))
      var found: [String: String] = [:]
      for member in archive.members {
        let content = try archive.content(of: member)
        found[member.name] = String(decoding: content.bytes.copy(content.range), as: UTF8.self)
      }
      return found
    }
  }

  @Test func whatIsRead() throws {
    #expect(try members(Self.stored) == ["a": "123456789", "b/c.txt": ""])
    #expect(try members(Self.deflated) == ["d.bin": String(repeating: "abc", count: 20), "s": "xyz"])
  }

  /// Whichever bit of what is deflated is flipped, its checksum or its length sees it; a cut archive has no directory.
  @Test func damage() throws {
    let good = try bytes(Self.deflated)
    try withTemporaryFolder { folder in
      func content(_ damaged: [UInt8]) throws -> [UInt8] {
        try write(damaged, to: "\(folder)/x.npz")
        let archive = try ZipArchive(FileBytes(mapping: "\(folder)/x.npz"))
        let content = try archive.content(of: try #require(archive.members.first))
        return content.bytes.copy(content.range)
      }
      let expected = Array(String(repeating: "abc", count: 20).utf8)
      let whole = try content(good)
      #expect(whole == expected)
      // Behind its header of 30 bytes and its name of 5.
      for bit in 35 * 8..<43 * 8 {
        var damaged = good
        damaged[bit / 8] ^= 1 << (bit % 8)
        // A bit that means nothing, behind the last of the stream, may change.
        if let found = try? content(damaged) { #expect(found == expected, "bit \(bit)") }
      }
      #expect(throws: DataFileError.self) { try content(Array(good.prefix(good.count - 40))) }
    }
  }
}

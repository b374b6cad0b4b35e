import TestSupport
import Testing

@testable import LockstepFormats

@Suite struct EventRecordTests {
  private static func crc32c(_ bytes: [UInt8]) -> UInt32 {
    var checksum = CRC32(.castagnoli)
    checksum.update(bytes.span.bytes)
    return checksum.value
  }

  /// The vectors of RFC 3720, appendix B.4, whose bytes are in the order of the wire.
  @Test func checksumsOfTheStandard() {
    #expect(Self.crc32c([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(Self.crc32c([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    #expect(Self.crc32c(Array(0...31)) == 0x46DD_794E)
    #expect(Self.crc32c(Array((0...31).reversed())) == 0x113F_DB5C)
    let read: [UInt8] =
      [
        0x01, 0xC0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0, 0, 0, 0, 0, 0x04, 0, 0, 0, 0, 0x14, 0, 0, 0,
        0x18,
      ]
      + [0x28, 0, 0, 0, 0, 0, 0, 0, 0x02, 0, 0, 0, 0, 0, 0, 0]
    #expect(Self.crc32c(read) == 0xD996_3A56)
    // Of zip's polynomial, from the same code.
    var zip = CRC32()
    zip.update(Array("123456789".utf8).span.bytes)
    #expect(zip.value == 0xCBF4_3926)
  }

  private func records(_ path: String) throws -> [[UInt8]] {
    let file = try FileDescriptor.reading(path)
    var records: [[UInt8]] = []
    while let record = try EventRecord.next(in: file) { records.append(record) }
    return records
  }

  @Test func readBack() throws {
    try withTemporaryFolder { folder in
      let written: [[UInt8]] = [[], [7], Array("a record".utf8), [UInt8](repeating: 3, count: 70_000)]
      let path = "\(folder)/events"
      try write(written.flatMap(EventRecord.framed), to: path)
      #expect(try records(path) == written)
    }
  }

  /// Wherever a file is cut, and whichever bit of it is flipped, the records before are read and nothing else.
  @Test func cutAndDamaged() throws {
    try withTemporaryFolder { folder in
      let written = (1...3).map { [UInt8](repeating: $0, count: 5) }
      let bytes = written.flatMap(EventRecord.framed)
      let path = "\(folder)/events"
      for length in 0..<bytes.count {
        try write(Array(bytes[..<length]), to: path)
        #expect(try records(path) == Array(written.prefix(length / 21)), "\(length) bytes")
      }
      for bit in 0..<bytes.count * 8 {
        var damaged = bytes
        damaged[bit / 8] ^= 1 << (bit % 8)
        try write(damaged, to: path)
        #expect(try records(path) == Array(written.prefix(bit / 8 / 21)), "bit \(bit)")
      }
    }
  }

  /// A length of 2⁶² bytes with a checksum that agrees is not believed.
  @Test func lengthsAreBounded() throws {
    try withTemporaryFolder { folder in
      let length: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0x40]
      let checksum = EventRecord.maskedChecksum(length)
      try write(
        length + (0..<4).map { UInt8(truncatingIfNeeded: checksum >> (8 * $0)) } + [1, 2, 3], to: "\(folder)/events")
      #expect(try records("\(folder)/events").isEmpty)
    }
  }
}

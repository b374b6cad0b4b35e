import TestSupport
import Testing

@testable import LockstepFormats

/// The frame of a TFRecord, byte for byte: what Lockstep writes, and what it reads of others.
@Suite struct EventMaskTests {
  /// TensorBoard's own `masked_crc32c`; those of 8 bytes are how every file of events with TensorFlow's first record of
  /// 24 bytes begins, 18 00 00 00 00 00 00 00 a3 7f 4b 22.
  @Test func maskedChecksums() {
    #expect(EventRecord.maskedChecksum([]) == 0xA282_EAD8)
    #expect(EventRecord.maskedChecksum(Array("123456789".utf8)) == 0xC78A_B0E5)
    #expect(EventRecord.maskedChecksum([UInt8](repeating: 0, count: 32)) == 0x0FD7_FFFA)
    #expect(EventRecord.maskedChecksum(Array("brain.Event:2".utf8)) == 0x7C06_01EE)
    #expect(EventRecord.maskedChecksum([24, 0, 0, 0, 0, 0, 0, 0]) == 0x224B_7FA3)
  }

  @Test func aFrame() throws {
    let data = Array("123456789".utf8)
    let length: [UInt8] = [24, 0, 0, 0, 0, 0, 0, 0, 0xA3, 0x7F, 0x4B, 0x22]
    let long = [UInt8](repeating: 0, count: 24)
    #expect(Array(EventRecord.framed(long)[..<12]) == length)
    let framed = EventRecord.framed(data)
    #expect(framed.count == EventRecord.framedCount(data) && framed.count == 25)
    #expect(Array(framed[..<8]) == [9, 0, 0, 0, 0, 0, 0, 0] && Array(framed[12..<21]) == data)
    #expect(Array(framed[21...]) == [0xE5, 0xB0, 0x8A, 0xC7])
  }
}

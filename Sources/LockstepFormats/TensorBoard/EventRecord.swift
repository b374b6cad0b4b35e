import SwiftProtobuf

/// One record of a file of events, framed as TensorFlow's TFRecord frames it: the length in 8 bytes, its checksum in 4,
/// the data, its checksum in 4, all little-endian.
///
/// Source: "TFRecord and tf.train.Example", https://www.tensorflow.org/tutorials/load_data/tfrecord
package enum EventRecord {
  /// Bytes before the data and after it.
  private static let (header, footer) = (12, 4)
  /// Longer data is not read; what Lockstep writes has far less.
  private static let longest = 1 << 20

  /// CRC32C, rotated by 15 bits and offset by a constant, so that checksums of data that holds checksums stay reliable.
  static func maskedChecksum(_ bytes: [UInt8]) -> UInt32 {
    var checksum = CRC32(.castagnoli)
    unsafe checksum.update(bytes.span.bytes)
    let value = checksum.value
    return (value >> 15 | value << 17) &+ 0xA282_EAD8
  }

  package static func framed(_ data: [UInt8]) -> [UInt8] {
    let length = bytes(UInt64(data.count))
    return length + bytes(maskedChecksum(length)) + data + bytes(maskedChecksum(data))
  }

  /// Bytes of a record with its frame.
  package static func framedCount(_ data: [UInt8]) -> Int { header + data.count + footer }

  /// Reads what comes next.
  ///
  /// - Returns: nil at the end of the file, and where what comes next is cut or damaged.
  package static func next(in file: borrowing FileDescriptor) throws(FileError) -> [UInt8]? {
    guard let header = try read(header, from: file) else { return nil }
    let length = Array(header[..<8])
    guard bytes(maskedChecksum(length)) == Array(header[8...]) else { return nil }
    let count = length.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard count <= longest, let rest = try read(Int(count) + footer, from: file) else { return nil }
    let data = Array(rest.dropLast(footer))
    return bytes(maskedChecksum(data)) == Array(rest.suffix(footer)) ? data : nil
  }

  private static func read(_ count: Int, from file: borrowing FileDescriptor) throws(FileError) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    return try file.read(into: &bytes) == count ? bytes : nil
  }

  private static func bytes<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }
}

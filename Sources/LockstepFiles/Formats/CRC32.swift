/// The checksum of zip files: the remainder by the polynomial 0x04C11DB7, bits reflected (ISO 3309, as in zlib).
struct CRC32 {
  /// The remainder of every byte.
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { remainder, _ in remainder & 1 == 1 ? 0xEDB8_8320 ^ remainder >> 1 : remainder >> 1 }
  }

  private var remainder = UInt32.max

  var value: UInt32 { ~remainder }

  mutating func update(_ bytes: RawSpan) {
    let table = Self.table
    var remainder = remainder
    for offset in bytes.byteOffsets {
      let byte = unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
      remainder = table[Int(truncatingIfNeeded: (remainder ^ UInt32(byte)) & 0xFF)] ^ remainder >> 8
    }
    self.remainder = remainder
  }
}

/// A cyclic redundancy check of 32 bits: the remainder of the bytes by a polynomial, bits reflected.
struct CRC32 {
  /// A polynomial as the remainder of every byte.
  struct Polynomial: Sendable {
    fileprivate let table: [UInt32]

    private init(reflected polynomial: UInt32) {
      table = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { remainder, _ in remainder & 1 == 1 ? polynomial ^ remainder >> 1 : remainder >> 1
        }
      }
    }

    /// Of zip files: 0x04C11DB7 (ISO 3309, as in zlib).
    static let zip = Polynomial(reflected: 0xEDB8_8320)
    /// Of CRC32C: 0x1EDC6F41 (Castagnoli, Bräuer, Herrmann 1993; RFC 3720, appendix B.4).
    static let castagnoli = Polynomial(reflected: 0x82F6_3B78)
  }

  private let polynomial: Polynomial
  private var remainder = UInt32.max

  init(_ polynomial: Polynomial = .zip) { self.polynomial = polynomial }

  var value: UInt32 { ~remainder }

  mutating func update(_ bytes: RawSpan) {
    let table = polynomial.table
    var remainder = remainder
    for offset in bytes.byteOffsets {
      let byte = unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
      remainder = table[Int(truncatingIfNeeded: (remainder ^ UInt32(byte)) & 0xFF)] ^ remainder >> 8
    }
    self.remainder = remainder
  }
}

/// SHA-256 of bytes that arrive in pieces — FIPS 180-4.
package struct SHA256Digest: ~Copyable {
  /// Bytes of a digest.
  package static let byteCount = 32

  private var engine = SHA256Engine()

  package init() {}

  package mutating func update(_ bytes: RawSpan) { engine.update(bytes) }

  package mutating func update(_ bytes: [UInt8]) {
    update(bytes, 0..<bytes.count)
  }

  /// Takes the bytes `range`.
  package mutating func update(_ bytes: [UInt8], _ range: Range<Int>) {
    unsafe update(bytes.span.bytes.extracting(range))
  }

  /// The digest of everything given so far, 32 bytes. Afterwards a new digest begins.
  package mutating func finish() -> [UInt8] { engine.finish() }

  /// `digest` as lower-case hexadecimal digits, two a byte.
  package static func hexadecimal(_ digest: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(2 * digest.count)
    for byte in digest {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The digest of `bytes` in hexadecimal.
  package static func hexadecimal(of bytes: [UInt8]) -> String {
    var digest = SHA256Digest()
    digest.update(bytes)
    return hexadecimal(digest.finish())
  }
}

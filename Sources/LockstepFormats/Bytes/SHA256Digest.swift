internal import CCrypto

/// SHA-256 of bytes that arrive in pieces — FIPS 180-4, computed by OpenSSL's libcrypto.
///
/// `@safe`: the context is made, used and freed here alone.
@safe
package struct SHA256Digest: ~Copyable {
  /// Bytes of a digest.
  package static let byteCount = 32

  private let context: OpaquePointer

  package init() {
    guard let context = unsafe EVP_MD_CTX_new(), unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      preconditionFailure("libcrypto offers no SHA-256")
    }
    unsafe self.context = context
  }

  deinit { unsafe EVP_MD_CTX_free(context) }

  package mutating func update(_ bytes: RawSpan) {
    let status = unsafe bytes.withUnsafeBytes { unsafe EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
    precondition(status == 1, "EVP_DigestUpdate failed")
  }

  package mutating func update(_ bytes: [UInt8]) {
    update(bytes, 0..<bytes.count)
  }

  /// Takes the bytes `range`.
  package mutating func update(_ bytes: [UInt8], _ range: Range<Int>) {
    unsafe update(bytes.span.bytes.extracting(range))
  }

  /// The digest of everything given so far, 32 bytes. Afterwards a new digest begins.
  package mutating func finish() -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: Self.byteCount)
    let status = unsafe digest.withUnsafeMutableBufferPointer {
      unsafe EVP_DigestFinal_ex(context, $0.baseAddress, nil)
    }
    precondition(status == 1, "EVP_DigestFinal_ex failed")
    let restart = unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil)
    precondition(restart == 1, "EVP_DigestInit_ex failed")
    return digest
  }

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

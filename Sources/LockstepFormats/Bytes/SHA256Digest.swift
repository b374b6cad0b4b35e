internal import CCrypto

/// SHA-256 of bytes that arrive in pieces — FIPS 180-4, computed by OpenSSL's libcrypto.
///
/// `@safe`: the context is made, used and freed here alone.
@safe
public struct SHA256Digest: ~Copyable {
  /// Bytes of a digest.
  public static let byteCount = 32

  private let context: OpaquePointer

  public init() {
    guard let context = unsafe EVP_MD_CTX_new(), unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      preconditionFailure("libcrypto offers no SHA-256")
    }
    unsafe self.context = context
  }

  deinit { unsafe EVP_MD_CTX_free(context) }

  public mutating func update(_ bytes: RawSpan) {
    let status = unsafe bytes.withUnsafeBytes { unsafe EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
    precondition(status == 1, "EVP_DigestUpdate failed")
  }

  public mutating func update(_ bytes: [UInt8]) {
    update(bytes, 0..<bytes.count)
  }

  /// Takes the bytes `range`.
  public mutating func update(_ bytes: [UInt8], _ range: Range<Int>) {
    unsafe update(bytes.span.bytes.extracting(range))
  }

  /// The digest of everything given, 32 bytes; what is given afterwards begins a new one.
  public mutating func finish() -> [UInt8] {
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
  public static func hexadecimal(_ digest: [UInt8]) -> String {
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
  public static func hexadecimal(of bytes: [UInt8]) -> String {
    var digest = SHA256Digest()
    digest.update(bytes)
    return hexadecimal(digest.finish())
  }
}

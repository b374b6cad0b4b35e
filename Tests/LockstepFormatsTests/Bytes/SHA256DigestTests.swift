import LockstepFormats
import Testing

@Suite("SHA-256")
struct SHA256DigestTests {
  /// The examples of FIPS 180-4's test vectors.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func publishedVectors(text: String, digest: String) {
    #expect(SHA256Digest.hexadecimal(of: Array(text.utf8)) == digest)
  }

  @Test func piecesGiveTheDigestOfTheWhole() {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 * 7) }
    let whole = SHA256Digest.hexadecimal(of: bytes)
    for size in [1, 3, 63, 64, 65, 999] {
      var digest = SHA256Digest()
      for start in stride(from: 0, to: bytes.count, by: size) {
        digest.update(bytes, start..<min(start + size, bytes.count))
      }
      #expect(SHA256Digest.hexadecimal(digest.finish()) == whole)
    }
  }

  @Test func aFinishedDigestBeginsAnew() {
    var digest = SHA256Digest()
    digest.update([1, 2, 3])
    _ = digest.finish()
    digest.update(Array("abc".utf8))
    #expect(SHA256Digest.hexadecimal(digest.finish()).hasPrefix("ba7816bf"))
  }
}

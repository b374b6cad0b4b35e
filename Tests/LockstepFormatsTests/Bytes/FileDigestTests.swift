import TestSupport
import Testing

@testable import LockstepFormats

@Suite struct FileDigestTests {
  static let sha256sum = program("sha256sum")

  /// Against `sha256sum`: no byte, fewer and more than are read at once, exactly as many.
  @Test(.enabled(if: sha256sum != nil), arguments: [0, 1, 1 << 20 - 1, 1 << 20, 1 << 20 + 1, 3 << 20])
  func isThatOfSha256sum(count: Int) throws {
    let program = try #require(Self.sha256sum)
    try withTemporaryFolder { folder in
      let path = "\(folder)/file"
      try write((0..<count).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }, to: path)
      let expected = try runProgram(program, [path]).output.prefix(64)
      #expect(try SHA256Digest.hexadecimal(ofFile: path) == expected)
    }
  }

  @Test func whatCannotBeReadIsAnError() throws {
    try withTemporaryFolder { folder in
      #expect(throws: FileError.self) { try SHA256Digest.hexadecimal(ofFile: folder) }
      let error = #expect(throws: FileError.self) { try SHA256Digest.hexadecimal(ofFile: "\(folder)/none") }
      #expect(error?.isMissing == true)
    }
  }
}

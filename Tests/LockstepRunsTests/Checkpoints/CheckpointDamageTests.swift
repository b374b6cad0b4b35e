import LockstepKernels
import TestSupport
import Testing

@testable import LockstepFormats
@testable import LockstepRuns

/// Whatever happens to a checkpoint's bytes, it is refused.
@Suite("Damaged checkpoints")
struct CheckpointDamageTests {
  @Test func everyTruncationIsSeen() throws {
    try withCheckpoint { path, original in
      for length in 0..<original.count {
        try write(Array(original[..<length]), to: path)
        let error = #expect(throws: CheckpointError.self) { try CheckpointFile.read(path) }
        switch error {
        case .truncated where length > 0, .notACheckpoint where length == 0: break
        default: Issue.record("\(length) bytes: \(String(describing: error))")
        }
      }
    }
  }

  @Test func everyFlippedBitIsSeen() throws {
    try withCheckpoint { path, original in
      for bit in 0..<(8 * original.count) {
        var flipped = original
        flipped[bit / 8] ^= 1 << (bit % 8)
        try write(flipped, to: path)
        let error = #expect(throws: CheckpointError.self) { try CheckpointFile.read(path) }
        switch error {
        case .damaged, .truncated, .notACheckpoint: break
        default: Issue.record("bit \(bit): \(String(describing: error))")
        }
      }
    }
  }

  @Test func everythingAddedIsSeen() throws {
    try withCheckpoint { path, original in
      for extra in [[0], [0x28, 0xB5, 0x2F, 0xFD], original] as [[UInt8]] {
        try write(original + extra, to: path)
        #expect(throws: CheckpointError.self) { try CheckpointFile.read(path) }
      }
    }
  }

  @Test func eachKindHasAMessageOfItsOwn() throws {
    try withCheckpoint { path, original in
      let missing = #expect(throws: CheckpointError.self) { try CheckpointFile.read(path + "x") }
      #expect(missing == .missing(path: path + "x"))
      #expect(missing?.description.contains("Check the path") == true)

      try write("name: quickstart\n# a configuration, given by mistake where a checkpoint was meant\n", to: path)
      let other = #expect(throws: CheckpointError.self) { try CheckpointFile.read(path) }
      #expect(other?.description.contains("not a Lockstep checkpoint") == true)

      try write(Array(original.dropLast(7)), to: path)
      let truncated = #expect(throws: CheckpointError.self) { try CheckpointFile.read(path) }
      #expect(truncated?.description.contains("truncated") == true)

      var flipped = original
      flipped[100] ^= 4
      try write(flipped, to: path)
      let damaged = #expect(throws: CheckpointError.self) { try CheckpointFile.read(path) }
      #expect(damaged?.description.contains("damaged") == true)
      for error in [missing, other, truncated, damaged] { #expect(error?.description.hasPrefix(path) == true) }

      let folder = #expect(throws: CheckpointError.self) { try CheckpointFile.read(Folder.parent(of: path)) }
      #expect(folder?.description.contains("it is a folder") == true)
    }
  }

  /// Files that are sealed and compressed as they should be, and lie inside.
  @Test func headersAreNotTrusted() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/a"
      let tensor = #""w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}"#
      let data = [UInt8](repeating: 1, count: 8)
      let digest = SHA256Digest.hexadecimal(of: data)
      let metadata = #""__metadata__":{"format_version":"1","weights_digest":"\#(digest)"}"#

      try seal(header: "{\(metadata),\(tensor)}", data, path)
      #expect(try CheckpointFile.read(path).tensors.count == 1)

      try seal(header: "{\(metadata),\(tensor)}", data + [0], path)
      try expect(path, contains: "9 bytes follow")
      try seal(header: "{\(metadata),\(tensor)}", Array(data.dropLast()), path)
      try expect(path, contains: "7 bytes follow")
      try seal(header: "{\(metadata),\(tensor)}", [UInt8](repeating: 2, count: 8), path)
      try expect(path, contains: "weights_digest")
      try seal(header: #"{"__metadata__":{"format_version":"1"},\#(tensor)}"#, data, path)
      try expect(path, contains: "has none")
      try seal(header: "{\(tensor)}", data, path)
      try expect(path, contains: "no format_version")
      try seal(header: #"{"__metadata__":{"format_version":"0"},\#(tensor)}"#, data, path)
      try expect(path, contains: "format_version is \"0\"")
      try seal(header: "{\(metadata),\(tensor),}", data, path)
      try expect(path, contains: "JSON")
      // It promises more tensors than the file holds, and far more than any machine.
      let vast = tensor.replacing("[2]", with: "[1000000000000]").replacing("[0,8]", with: "[0,4000000000000]")
      try seal(header: "{\(metadata),\(vast)}", data, path)
      try expect(path, contains: "4000000000000 bytes")
      // A header of 100 MB, promised and not there.
      try sealBytes([0, 0x84, 0xD7, 0x17, 0, 0, 0, 0] + data, path)
      try expect(path, contains: "header has 400000000 bytes")
      try sealBytes([200, 0, 0, 0, 0, 0, 0, 0] + data, path)
      try expect(path, contains: "fewer than its header speaks of")
      try sealBytes([1, 2], path)
      try expect(path, contains: "fewer than its header speaks of")
    }
  }

  @Test func aNewerFormatIsNamedWhateverItsTensorsAre() throws {
    try withTemporaryFolder { folder in
      let header = #"{"w":{"dtype":"BF16","shape":[2],"chunks":[{"a":[1,2.5]}]},"__metadata__":{"format_version":"2"}}"#
      try seal(header: header, [1, 2, 3], "\(folder)/a")
      let expected = CheckpointError.newerFormat(path: "\(folder)/a", found: 2, supported: 1)
      #expect(throws: expected) { try CheckpointFile.read("\(folder)/a") }
      #expect(throws: expected) { try CheckpointFile.readHeader("\(folder)/a") }
    }
  }

  private func withCheckpoint(_ body: (String, [UInt8]) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/step-00000001.safetensors.zst"
      try CheckpointFile.write(
        CheckpointContent(tensors: TestTensors.small().records, metadata: ["step": "1"]), to: path)
      try body(path, try bytes(of: path))
    }
  }

  private func seal(header: String, _ data: [UInt8], _ path: String) throws {
    let json = Array(header.utf8)
    let prefix = (0..<8).map { UInt8(truncatingIfNeeded: json.count >> (8 * $0)) }
    try sealBytes(prefix + json + data, path)
  }

  private func sealBytes(_ content: [UInt8], _ path: String) throws {
    var writer = try SealedZstdWriter(replacing: path, contentSize: content.count, level: 1)
    try writer.write(content)
    try writer.commit()
  }

  private func expect(_ path: String, contains words: String, _ location: SourceLocation = #_sourceLocation) throws {
    let error = #expect(throws: CheckpointError.self, sourceLocation: location) { try CheckpointFile.read(path) }
    let description = error?.description ?? ""
    #expect(description.contains(words), "\(description)", sourceLocation: location)
  }
}

import LockstepKernels
import TestSupport
import Testing

@testable import LockstepFormats
@testable import LockstepRuns

@Suite("Checkpoint file")
struct CheckpointFileTests {
  @Test(arguments: 1...5)
  func oddShapesReadBack(seed: UInt64) throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/a.safetensors.zst"
      let tensors = TestTensors.oddShapes(seed: seed)
      let content = CheckpointContent(
        tensors: tensors.records, metadata: ["step": "12", "text": "zwei\nZeilen \"é\" 😀"])
      let receipt = try CheckpointFile.write(content, to: path)
      let read = try CheckpointFile.read(
        path, expecting: tensors.records.map(\.info), checkingFinite: true)
      #expect(read.tensors.map(\.name) == tensors.records.map(\.name))
      #expect(read.tensors.map(\.shape) == tensors.records.map(\.shape))
      #expect(read.tensors.map(\.values.array) == tensors.values)
      #expect(read.metadata["text"] == "zwei\nZeilen \"é\" 😀")
      #expect(read.metadata["format_version"] == "1")
      #expect(read.step == 12)
      #expect(read.weightsDigest == receipt.weightsDigest)
      #expect(read.weightsDigest == weightsDigest(of: tensors.records))
      #expect(try bytes(of: path).count == receipt.fileSize)
      #expect(try CheckpointFile.readHeader(path) == read.header)
      #expect(try Folder.names(in: folder) == ["a.safetensors.zst"])
    }
  }

  @Test func bitsAreKeptWhateverTheyMean() throws {
    try withTemporaryFolder { folder in
      let tensors = TestTensors([("w", [6])])
      let values: [Float] = [
        -0.0, .leastNonzeroMagnitude, .infinity, -.infinity, Float(nan: 5, signaling: false), .greatestFiniteMagnitude,
      ]
      tensors.records[0].values.copy(from: values)
      try CheckpointFile.write(CheckpointContent(tensors: tensors.records), to: "\(folder)/a")
      let read = try CheckpointFile.read("\(folder)/a")
      #expect(read.tensors[0].values.array.map(\.bitPattern) == values.map(\.bitPattern))
      let error = #expect(throws: CheckpointError.self) { try CheckpointFile.read("\(folder)/a", checkingFinite: true) }
      guard case .notFinite(_, "w", 2, .infinity) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
    }
  }

  @Test func noTensorsAtAll() throws {
    try withTemporaryFolder { folder in
      try CheckpointFile.write(CheckpointContent(tensors: []), to: "\(folder)/a")
      #expect(try CheckpointFile.read("\(folder)/a").tensors.isEmpty)
    }
  }

  @Test func manyTensorsAndALargeOne() throws {
    try withTemporaryFolder { folder in
      let tensors = TestTensors(
        (0..<2000).map { ("model.\($0).bias", [$0 % 5]) } + [("model.large.weight", [1031, 1021])])
      try CheckpointFile.write(CheckpointContent(tensors: tensors.records), to: "\(folder)/a")
      #expect(try CheckpointFile.read("\(folder)/a").tensors.map(\.values.array) == tensors.values)
    }
  }

  @Test func theDigestCoversEveryBitAndTheOrder() {
    let tensors = TestTensors.small()
    let digest = weightsDigest(of: tensors.records)
    #expect(weightsDigest(of: tensors.records.reversed()) != digest)
    let value = tensors.records[1].values[2]
    tensors.records[1].values[2] = Float(bitPattern: value.bitPattern ^ 1)
    #expect(weightsDigest(of: tensors.records) != digest)
  }

  @Test func copyingComparesEverythingBeforeItChangesAnything() throws {
    try withTemporaryFolder { folder in
      let tensors = TestTensors.small()
      try CheckpointFile.write(CheckpointContent(tensors: tensors.records), to: "\(folder)/a")
      let checkpoint = try CheckpointFile.read("\(folder)/a")

      // In another order: by name.
      let same = TestTensors(tensors.records.reversed().map { ($0.name, $0.shape) }, seed: 9)
      try checkpoint.copy(into: same.records)
      #expect(same.values == tensors.values.reversed())

      let parameters = TestTensors([("model.0.bias", [3]), ("model.0.weight", [2, 3])], seed: 9)
      try checkpoint.copy(into: parameters.records, prefix: "model.")
      #expect(parameters.values == [tensors.values[1], tensors.values[0]])

      let other = TestTensors([("model.0.weight", [3, 2]), ("model.0.bias", [3]), ("model.1.bias", [4])], seed: 9)
      let before = other.values
      let error = #expect(throws: CheckpointError.self) { try checkpoint.copy(into: other.records) }
      #expect(other.values == before)
      #expect(
        error
          == .otherModel(
            path: "\(folder)/a",
            problems: [
              #"tensor "model.0.weight" has shape [2, 3], expected [3, 2]"#,
              #"tensor "model.1.bias" of shape [4] is missing"#,
              #"tensor "optimizer.first.model.0.bias" of shape [3] is not part of the model"#,
            ]))
      #expect(throws: try #require(error)) {
        try CheckpointFile.read("\(folder)/a", expecting: other.records.map(\.info))
      }
    }
  }

  @Test func contentThatDoesNotFitIsRefusedAndNothingIsWritten() throws {
    try withTemporaryFolder { folder throws in
      let tensors = TestTensors.small().records
      let contents = [
        CheckpointContent(tensors: tensors + tensors),
        CheckpointContent(tensors: [], metadata: ["weights_digest": "x"]),
        CheckpointContent(tensors: [], metadata: ["k": String(repeating: "x", count: SafetensorsHeader.largestHeader)]),
      ]
      for content in contents {
        let error = #expect(throws: CheckpointError.self) { try CheckpointFile.write(content, to: "\(folder)/a") }
        guard case .cannotWrite = error else {
          Issue.record("\(String(describing: error))")
          return
        }
      }
      #expect(try Folder.names(in: folder) == [])
    }
  }

  @Test func aFailedWriteLeavesTheFormerCheckpoint() throws {
    let tensors = TestTensors.small()
    let content = CheckpointContent(tensors: tensors.records)
    try withTemporaryFolder { folder in
      let error = #expect(throws: CheckpointError.self) { try CheckpointFile.write(content, to: "\(folder)/none/a") }
      guard case .file(let error) = error, error.isMissing else {
        Issue.record("\(String(describing: error))")
        return
      }
      try Folder.create("\(folder)/a/inside")
      #expect(throws: CheckpointError.self) { try CheckpointFile.write(content, to: "\(folder)/a") }
      #expect(try Folder.names(in: folder) == ["a"])
    }
    // Nobody, the superuser included, makes files there.
    #expect(throws: CheckpointError.self) { try CheckpointFile.write(content, to: "/proc/self/a") }
  }

  @Test func tensorsBeyondTheMemoryAreRefusedBeforeTheyAreStaged() throws {
    try withTemporaryFolder { folder in
      try CheckpointFile.write(CheckpointContent(tensors: TestTensors.small().records), to: "\(folder)/a")
      #expect(throws: CheckpointError.tooLarge(path: "\(folder)/a", bytes: 48, limit: 47)) {
        try CheckpointFile.read("\(folder)/a", memoryLimit: 47)
      }
    }
  }
}

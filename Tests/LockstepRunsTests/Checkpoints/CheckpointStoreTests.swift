import LockstepKernels
import TestSupport
import Testing

@testable import LockstepFormats
@testable import LockstepRuns

@Suite("Checkpoint store")
struct CheckpointStoreTests {
  @Test func namesSortByNumber() {
    #expect(CheckpointStore.fileName(step: 1000) == "step-00001000.safetensors.zst")
    #expect(CheckpointStore.fileName(step: 12_345_678_901) == "step-12345678901.safetensors.zst")
    for step in [0, 1, 99_999_999, 100_000_000, Int.max] {
      #expect(CheckpointStore.step(fileName: CheckpointStore.fileName(step: step)) == step)
    }
    for name in [
      "step-1.safetensors.zst", "step-000000001.safetensors.zst", "step--0000001.safetensors.zst",
      "step-+0000001.safetensors.zst",
      "step-.safetensors.zst", "step-00000001.safetensors", "xstep-00000001.safetensors.zst",
      "step-99999999999999999999.safetensors.zst",
      ".step-00000001.safetensors.zst.1-1.partial", "step-0000000１.safetensors.zst", "",
    ] {
      #expect(CheckpointStore.step(fileName: name) == nil, "\(name)")
    }
  }

  @Test func theNewestStay() throws {
    try withStore(keep: 3) { store, tensors in
      for step in [5, 10, 99_999_999, 100_000_000, 100_000_001] {
        let saved = try store.save(CheckpointContent(tensors: tensors.records), step: step)
        #expect(saved.notDeleted.isEmpty)
        #expect(saved.receipt.path == "\(store.folder)/\(CheckpointStore.fileName(step: step))")
      }
      #expect(try store.list().map(\.step) == [99_999_999, 100_000_000, 100_000_001])
      #expect(try store.newestValid()?.checkpoint.step == 100_000_001)
    }
  }

  @Test func filesOfLaterStepsAreNeitherCountedNorDeleted() throws {
    try withStore(keep: 2) { store, tensors in
      try write("damaged", to: "\(store.folder)/\(CheckpointStore.fileName(step: 900))")
      for step in [100, 200, 300] { _ = try store.save(CheckpointContent(tensors: tensors.records), step: step) }
      #expect(try store.list().map(\.step) == [200, 300, 900])
      // Until the run gets there again.
      _ = try store.save(CheckpointContent(tensors: tensors.records), step: 900)
      #expect(try store.list().map(\.step) == [300, 900])
    }
  }

  @Test func otherFilesAreLeftAlone() throws {
    try withStore(keep: 1) { store, tensors in
      try write("mine", to: "\(store.folder)/notes.txt")
      for step in 1...3 { _ = try store.save(CheckpointContent(tensors: tensors.records), step: step) }
      #expect(try Folder.names(in: store.folder) == ["notes.txt", CheckpointStore.fileName(step: 3)])
    }
  }

  @Test func staleTemporariesAreRemovedAtTheStart() throws {
    try withStore(keep: 3) { store, tensors in
      _ = try store.save(CheckpointContent(tensors: tensors.records), step: 1)
      try write("half", to: "\(store.folder)/.step-00000002.safetensors.zst.4242-1.partial")
      try store.prepare()
      #expect(try Folder.names(in: store.folder) == [CheckpointStore.fileName(step: 1)])
    }
  }

  @Test func damagedOnesArePassedOverAndReported() throws {
    try withStore(keep: 5) { store, tensors in
      for step in 1...4 { _ = try store.save(CheckpointContent(tensors: tensors.records), step: step) }
      let entries = try store.list()
      try write(Array(try bytes(of: entries[3].path).dropLast(10)), to: entries[3].path)
      try write("something else", to: entries[2].path)
      let newest = try store.newestValid()
      #expect(newest?.entry == entries[1])
      #expect(newest?.skipped.count == 2)
      guard case .truncated(entries[3].path, _)? = newest?.skipped.first,
        case .notACheckpoint(entries[2].path, _)? = newest?.skipped.last
      else {
        Issue.record("\(String(describing: newest?.skipped))")
        return
      }
    }
  }

  @Test func aRenamedCheckpointIsNotTakenForAnother() throws {
    try withStore(keep: 5) { store, tensors in
      _ = try store.save(CheckpointContent(tensors: tensors.records), step: 7)
      try write(
        try bytes(of: "\(store.folder)/\(CheckpointStore.fileName(step: 7))"),
        to: "\(store.folder)/\(CheckpointStore.fileName(step: 8))")
      let newest = try store.newestValid()
      #expect(newest?.entry.step == 7)
      #expect(newest?.skipped.first?.description.contains("named after step 8") == true)
    }
  }

  @Test func noneAndNoneUsableAreToldApart() throws {
    try withStore(keep: 5) { store, tensors in
      #expect(try store.newestValid() == nil)
      #expect(try CheckpointStore(folder: "\(store.folder)/none", keep: 1).newestValid() == nil)
      for step in [1, 2] { try write("x", to: "\(store.folder)/\(CheckpointStore.fileName(step: step))") }
      let error = #expect(throws: CheckpointError.self) { try store.newestValid() }
      guard case .noneUsable(store.folder, let reasons) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(reasons.count == 2)
      #expect(error?.description.contains("step-00000001") == true)
    }
  }

  @Test func aNewerFormatStopsTheSearch() throws {
    try withStore(keep: 5) { store, tensors in
      _ = try store.save(CheckpointContent(tensors: tensors.records), step: 1)
      let path = "\(store.folder)/\(CheckpointStore.fileName(step: 2))"
      let content = try SafetensorsHeader(metadata: ["format_version": "3"], tensors: []).encoded()
      var writer = try SealedZstdWriter(replacing: path, contentSize: content.count, level: 1)
      try writer.write(content)
      try writer.commit()
      #expect(throws: CheckpointError.newerFormat(path: path, found: 3, supported: 1)) { try store.newestValid() }
    }
  }

  @Test func anotherModelStopsTheSearch() throws {
    try withStore(keep: 5) { store, tensors in
      _ = try store.save(CheckpointContent(tensors: tensors.records), step: 1)
      #expect(throws: CheckpointError.self) {
        try store.newestValid(expecting: [TensorInfo("model.0.weight", shape: [2, 3])])
      }
    }
  }

  /// What a file says of its tensors counts only where its bytes are whole: one that is sealed, but of which the
  /// frame's checksum does not agree, is damaged, not another model's.
  @Test func damageIsNoOtherModel() throws {
    try withStore(keep: 5) { store, tensors in
      for step in [1, 2] { _ = try store.save(CheckpointContent(tensors: tensors.records), step: step) }
      let paths = [1, 2].map { "\(store.folder)/\(CheckpointStore.fileName(step: $0))" }
      var frame = Array(try bytes(of: paths[1]).dropLast(FileSeal.byteCount))
      frame[frame.count - 1] ^= 1
      var digest = SHA256Digest()
      digest.update(frame)
      try write(frame + FileSeal.bytes(sealing: digest.finish()), to: paths[1])
      let error = #expect(throws: CheckpointError.self) {
        try store.newestValid(expecting: [TensorInfo("model.0.weight", shape: [2, 3])])
      }
      guard case .otherModel(let path, _) = error else {
        Issue.record("found \(String(describing: error)), expected the tensors of the first")
        return
      }
      #expect(path == paths[0])
    }
  }

  private func withStore(keep: Int, _ body: (CheckpointStore, TestTensors) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let store = CheckpointStore(folder: "\(folder)/checkpoints", keep: keep)
      try store.prepare()
      try body(store, TestTensors.small())
    }
  }
}

extension CheckpointStore.Newest? {
  fileprivate static func == (newest: Self, none: _OptionalNilComparisonType) -> Bool {
    if case .none = newest { true } else { false }
  }
}

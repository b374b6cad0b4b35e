import TestSupport
import Testing

@testable import LockstepFormats
@testable import LockstepRuns

@Suite("Run folder")
struct RunFolderTests {
  @Test func aNewRunGetsItsFolders() throws {
    try withTemporaryFolder { folder in
      let run = try RunFolder.create("\(folder)/runs/a")
      #expect(try Folder.item(at: run.checkpointsFolder) == .folder)
      #expect(try run.readSummary() == nil)
      try run.writeConfiguration("name: a\n")
      try run.writeSummary(["steps": 10, "final_loss": 0.5])
      #expect(try bytes(of: run.configurationFile) == Array("name: a\n".utf8))
      #expect(try run.readSummary() == ["steps": 10, "final_loss": 0.5])
      #expect(try Folder.names(in: run.path) == ["checkpoints", "config.yaml", "summary.json"])
      #expect(try RunFolder.open("\(folder)/runs/a") == run)
    }
  }

  @Test(arguments: [
    "config.yaml", "metrics.jsonl", "metrics.csv", "tensorboard", "summary.json",
    "checkpoints/step-00000001.safetensors.zst",
  ])
  func aFolderThatHoldsARunIsRefused(file: String) throws {
    try withTemporaryFolder { folder in
      try Folder.create("\(folder)/checkpoints")
      try write("precious", to: "\(folder)/\(file)")
      let error = #expect(throws: RunFolderError.self) { try RunFolder.create(folder) }
      #expect(error == .holdsAnotherRun(path: folder, found: file))
      #expect(error?.description.contains("--resume") == true && error?.description.contains("--output") == true)
      #expect(try bytes(of: "\(folder)/\(file)") == Array("precious".utf8))
      #expect(try RunFolder.open(folder).path == folder)
      #expect(try RunFolder.openOrCreate(folder).path == folder)
    }
  }

  @Test func whatElseStandsThereIsLeftAlone() throws {
    try withTemporaryFolder { folder in
      try write("mine", to: "\(folder)/notes.txt")
      _ = try RunFolder.create(folder)
      #expect(try bytes(of: "\(folder)/notes.txt") == Array("mine".utf8))
    }
  }

  @Test func otherPlacesAreRefused() throws {
    try withTemporaryFolder { folder in
      try write("x", to: "\(folder)/file")
      let error = #expect(throws: RunFolderError.self) { try RunFolder.create("\(folder)/file") }
      #expect(error?.description.contains("a file of that name stands there") == true)
      for path in ["\(folder)/file", "\(folder)/none", folder] {
        #expect(throws: RunFolderError.self) { try RunFolder.open(path) }
      }
    }
  }

  @Test func leftoversAreRemoved() throws {
    try withTemporaryFolder { folder in
      let run = try RunFolder.create(folder)
      try run.writeConfiguration("a")
      try write("half", to: "\(folder)/.summary.json.77-1.partial")
      try write("mine", to: "\(folder)/.notes.77-1.partial")
      try run.removeTemporaries()
      #expect(try Folder.names(in: folder) == [".notes.77-1.partial", "checkpoints", "config.yaml"])
    }
  }

  @Test func aDamagedSummaryCountsAsNone() throws {
    try withTemporaryFolder { folder in
      let run = try RunFolder.create(folder)
      try write("{\"steps\": 1", to: run.summaryFile)
      #expect(try run.readSummary() == nil)
    }
  }
}

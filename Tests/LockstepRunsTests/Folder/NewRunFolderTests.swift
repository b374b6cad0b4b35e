import Foundation
import LockstepTraining
import RunSupport
import Synchronization
import TestSupport
import Testing

@testable import LockstepFormats
@testable import LockstepRuns

@Suite struct NewRunFolderTests {
  /// Those that begin at the same time get a folder each, and no number is left out.
  @Test func numbersAreGivenOnce() throws {
    try withTemporaryFolder { folder in
      let taken = Mutex<[String]>([])
      DispatchQueue.concurrentPerform(iterations: 24) { _ in
        do {
          let (run, lock) = try NewRunFolder.numbered("\(folder)/a").take()
          try run.writeConfiguration("name: a\n")
          taken.withLock { $0.append(run.path) }
          _ = lock
        } catch { Issue.record(error) }
      }
      let expected = ["a"] + (2...24).map { "a-\($0)" }
      #expect(Set(taken.withLock { $0 }.map { Folder.lastName(of: $0) }) == Set(expected))
    }
  }

  /// What is no run of that number is neither taken nor changed.
  @Test func whatStandsThereIsPassedOver() throws {
    try withTemporaryFolder { folder in
      try write("mine", to: "\(folder)/a")
      try Folder.create("\(folder)/a-2")
      try write("{}", to: "\(folder)/a-2/summary.json")
      try Folder.create("\(folder)/a-3")
      let (_, lock) = try NewRunFolder.at("\(folder)/a-4").take()
      // One that is free is free, whatever comes behind it.
      #expect(try NewRunFolder.numbered("\(folder)/a").take().folder.path == "\(folder)/a-3")
      #expect(lock != nil)
      try write("x: 1", to: "\(folder)/a-3/config.yaml")
      #expect(try NewRunFolder.numbered("\(folder)/a").take().folder.path == "\(folder)/a-5")
      #expect(try bytes(of: "\(folder)/a") == Array("mine".utf8))
    }
  }

  @Test func namesOfNumbers() {
    for name in ["r/a", "r/a-2", "r/a-10"] { #expect(NewRunFolder.isNumbered(name, after: "r/a")) }
    for name in ["r/a-", "r/a-1", "r/a-02", "r/a-+2", "r/a-x", "r/ab", "r/a2", "r", "r/b-2"] {
      #expect(!NewRunFolder.isNumbered(name, after: "r/a"), "\(name)")
    }
  }

  /// What a run has written goes, and nothing else.
  @Test func overwriting() throws {
    let configuration = try tinyRun("logging.tensorboard=true")
    let fresh = try withTemporaryFolder { folder in
      _ = try TrainingRun.start(configuration, output: folder, upTo: 8).train()
      return try Set(contents(of: folder).keys.filter { !$0.contains("tfevents") })
    }
    try withTemporaryFolder { folder in
      _ = try TrainingRun.start(configuration, output: folder).train()
      for name in ["notes.txt", "report.html", "checkpoints/mine.txt"] { try write("mine", to: "\(folder)/\(name)") }
      let run = try TrainingRun.start(RunSetup(configuration), in: .at(folder, overwriting: true), upTo: 8)
      let summary = try run.train()
      #expect(summary.json["steps"] == 8)
      let files = try Set(contents(of: folder).keys.filter { !$0.contains("tfevents") })
      #expect(files.subtracting(fresh) == ["notes.txt", "report.html", "checkpoints/mine.txt"])
      #expect(try Folder.names(in: "\(folder)/tensorboard/train").count == 1)
      #expect(try run.lines.allSatisfy { $0["step"]?.integer ?? 99 <= 8 })
    }
  }

  /// Where the new run cannot begin, the old one stays; and so does what is none, or goes on.
  @Test func whatIsNotOverwritten() throws {
    try withTemporaryFolder { folder in
      let place = NewRunFolder.at("\(folder)/run", overwriting: true)
      _ = try TrainingRun.start(RunSetup(tinyRun()), in: place, upTo: 8).train()
      func expectRefusal(_ words: String, _ change: () throws -> RunSetup, steps: Int? = nil) throws {
        let before = try contents(of: folder)
        let error = try #require(throws: RunError.self) {
          try TrainingRun.start(change(), in: place, upTo: steps)
        }
        #expect("\(error)".contains(words), "\(error)")
        #expect(try contents(of: folder) == before)
      }
      try expectRefusal("--steps 21", { try RunSetup(tinyRun()) }, steps: 21)
      var wrong = try tinyRun()
      wrong.training.shards = 0
      try expectRefusal("training.shards", { try RunSetup(wrong) })
      let lock = try FolderLock.take(in: RunFolder.open("\(folder)/run"))
      try expectRefusal("a run is going on in this folder", { try RunSetup(tinyRun()) })
      #expect(lock != nil)
      // Somebody's own configuration.
      try Folder.removeFile("\(folder)/run/lock")
      try expectRefusal("found config.yaml without lock, expected the folder of a run", { try RunSetup(tinyRun()) })
    }
  }

  @Test func theNewestBeganOrWentOnLast() throws {
    try withTemporaryFolder { folder in
      #expect(try RunFolder.newest(in: "\(folder)/none") == nil && RunFolder.newest(in: folder) == nil)
      for name in ["b", "a", "c", "a-2"] {
        _ = try TrainingRun.start(tinyRun(), output: "\(folder)/\(name)", upTo: 3).train()
        #expect(try RunFolder.newest(in: folder)?.path == "\(folder)/\(name)")
      }
      try Folder.create("\(folder)/z")
      _ = try TrainingRun.resume("\(folder)/a", upTo: 5).train()
      #expect(try RunFolder.newest(in: folder)?.path == "\(folder)/a")
      // Nothing is left to do, so it does not go on.
      _ = try TrainingRun.resume("\(folder)/b", upTo: 3).train()
      #expect(try RunFolder.newest(in: folder)?.path == "\(folder)/a")
      _ = try TrainingRun.resume("\(folder)/c", upTo: 5).train()
      #expect(try RunFolder.newest(in: folder, of: "\(folder)/a")?.path == "\(folder)/a")
      _ = try TrainingRun.resume("\(folder)/a-2", upTo: 5).train()
      #expect(try RunFolder.newest(in: folder, of: "\(folder)/a")?.path == "\(folder)/a-2")
    }
  }
}

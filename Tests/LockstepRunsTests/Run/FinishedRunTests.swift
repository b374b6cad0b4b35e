import Foundation
import LockstepConfiguration
import LockstepRuns
import RunSupport
import TestSupport
import Testing

/// A run that has nothing left to do stays as it is.
@Suite struct FinishedRunTests {
  @Test func resumingWritesNothing() throws {
    try withTemporaryFolder { folder in
      let summary = try TrainingRun.start(tinyRun(), output: folder).train()
      // What a read-only copy may lack.
      try FileManager.default.removeItem(atPath: "\(folder)/metrics.jsonl")
      let before = try contents(of: folder)
      let events = Events()
      for configuration in try [tinyRun(), tinyRun("metrics.every.steps=1", "training.threads=1", "name=other")] {
        let run = try TrainingRun.resumeOrStart(configuration, output: folder)
        let again = try run.train(observe: events.observe)
        #expect(again == summary && again.end == .finished)
      }
      #expect(try TrainingRun.resume(folder).train() == summary)
      #expect(try TrainingRun.resume(folder, upTo: 20).train() == summary)
      #expect(try contents(of: folder) == before)
      #expect(events.saved.isEmpty && events.evaluated.isEmpty)
    }
  }

  /// So does one that was told to pause where it stands.
  @Test func pausedWhereItStands() throws {
    try withTemporaryFolder { folder in
      let summary = try TrainingRun.start(tinyRun(), output: folder, upTo: 7).train()
      #expect(summary.end == .paused)
      let before = try contents(of: folder)
      #expect(try TrainingRun.resume(folder, upTo: 7).train() == summary)
      #expect(try contents(of: folder) == before)
    }
  }

  /// A summary that is missing, damaged, or of another step is made again.
  @Test(arguments: [nil, "{", "{\"status\": \"finished\", \"steps\": 20, \"weights_digest\": \"00\"}"])
  func summaryOfAnother(text: String?) throws {
    try withTemporaryFolder { folder in
      let summary = try TrainingRun.start(tinyRun(), output: folder).train()
      let file = "\(folder)/summary.json"
      if let text { try write(text, to: file) } else { try FileManager.default.removeItem(atPath: file) }
      let again = try TrainingRun.resume(folder).train()
      #expect(again.end == .finished && again.digest == summary.digest)
      #expect(again.json["validation"] == summary.json["validation"])
      #expect(try TrainingRun.resume(folder).folder.readSummary() == again.json)
    }
  }

  /// A finished run that is made longer goes on, and its summary is the longer one's.
  @Test func madeLonger() throws {
    try withTemporaryFolder { folder in
      _ = try TrainingRun.start(tinyRun(), output: folder).train()
      let longer = try TrainingRun.resume(folder, overrides: [ConfigurationOverride("training.steps=25")]).train()
      #expect(longer.end == .finished && longer.json["steps"] == 25)
      try withTemporaryFolder { other in
        let whole = try TrainingRun.start(tinyRun("training.steps=25"), output: other).train()
        #expect(whole.digest == longer.digest)
      }
    }
  }
}

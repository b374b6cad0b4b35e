import LockstepConfiguration
import LockstepRuns
import RunSupport
import TestSupport
import Testing

/// A run may be made longer. Where its schedule follows the length, that is told and recorded.
@Suite struct ChangedLengthTests {
  private func records(_ folder: String) throws -> String? {
    let store = CheckpointStore(folder: "\(folder)/checkpoints", keep: 2)
    return try store.newestValid()?.checkpoint.metadata["changed_length"]
  }

  private func resume(_ folder: String, _ length: Int, upTo steps: Int? = nil) throws -> [String] {
    let events = Events()
    let overrides = [try ConfigurationOverride("training.steps=\(length)")]
    _ = try TrainingRun.resume(folder, overrides: overrides, upTo: steps).train(observe: events.observe)
    return events.warnings
  }

  @Test(arguments: ["{cosine: {}}", "{polynomial: {}}", "{one_cycle: {}}"])
  func thatAScheduleFollows(schedule: String) throws {
    try withTemporaryFolder { folder in
      _ = try TrainingRun.start(tinyRun("schedule=\(schedule)"), output: folder, upTo: 6).train()
      #expect(try records(folder) == nil)
      // The same length is no change.
      #expect(try resume(folder, 20, upTo: 8).isEmpty && records(folder) == nil)
      let warnings = try resume(folder, 30, upTo: 12)
      #expect(warnings.count == 1)
      #expect(warnings.first?.contains("from step 8 on this is no longer the run that was first configured") == true)
      #expect(try records(folder) == "step 8: from 20 to 30 steps")
      // Later checkpoints keep the record, and a second change is added.
      #expect(try resume(folder, 30, upTo: 18).isEmpty)
      #expect(try resume(folder, 24).count == 1)
      #expect(try records(folder) == "step 8: from 20 to 30 steps\nstep 18: from 30 to 24 steps")
    }
  }

  @Test func thatNothingFollows() throws {
    try withTemporaryFolder { folder in
      _ = try TrainingRun.start(tinyRun("schedule={exponential: {rate: 0.9, every: 5}}"), output: folder).train()
      #expect(try resume(folder, 25).isEmpty && records(folder) == nil)
    }
  }

  /// A length that is behind the run is refused, and the folder stays as it is.
  @Test func behindTheRun() throws {
    try withTemporaryFolder { folder in
      _ = try TrainingRun.start(tinyRun("schedule={cosine: {}}"), output: folder, upTo: 12).train()
      let before = try contents(of: folder)
      let error = try #require(throws: RunError.self) { try resume(folder, 11) }
      guard case .input(let text) = error else { throw error }
      #expect(text.contains("12 steps") && text.contains("a run of 11 steps") && text.contains("at least 12"))
      #expect(try contents(of: folder) == before)
    }
  }
}

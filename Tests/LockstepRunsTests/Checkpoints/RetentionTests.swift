import LockstepTraining
import RunSupport
import TestSupport
import Testing

@testable import LockstepRuns

/// Which checkpoints stay: the multiples of `keep_every` for good, and the beginning is none of them.
@Suite struct RetentionTests {
  @Test func multiples() {
    let retention = Retention(steps: [7], every: 5)
    #expect((0...16).filter(retention.spares) == [5, 7, 10, 15])
    #expect((0...9).filter(Retention(every: 1).spares) == Array(1...9))
    #expect((0...9).filter(Retention().spares) == [])
    // The beginning is one to go back to where that is asked for.
    #expect((0...9).filter(Retention(steps: [0], every: 4).spares) == [0, 4, 8])
  }

  /// The checkpoint of step 0, there to go back to, goes once nobody would.
  @Test func theBeginningGoes() throws {
    for (tries, kept) in [(1, [10, 20]), (2, [10, 15, 20]), (9, [0, 5, 10, 15, 20])] {
      let configuration = try tinyRun(
        "training.on_divergence={restore: {tries: \(tries)}}",
        "checkpoint={every: {steps: 5}, keep: 1, keep_every: 10}")
      try withTemporaryFolder { folder in
        let events = Events()
        _ = try TrainingRun.start(configuration, output: folder).train(observe: events.observe)
        #expect(events.saved == [0, 5, 10, 15, 20])
        #expect(try CheckpointStore(folder: "\(folder)/checkpoints", keep: 1).list().map(\.step) == kept)
      }
    }
  }
}

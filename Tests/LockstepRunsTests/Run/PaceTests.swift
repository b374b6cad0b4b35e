import Foundation
import LockstepRuns
import RunSupport
import TestSupport
import Testing

/// What `samples_per_second` counts: the steps after the first five, and the time of whatever runs beside them.
@Suite struct PaceTests {
  /// The line of a step counts that step.
  @Test func firstLineWithASpeed() throws {
    try withTemporaryFolder { folder in
      let run = try TrainingRun.start(tinyRun("metrics.every.steps=1"), output: folder, upTo: 8)
      _ = try run.train()
      let lines = try MetricsLog.lines(run.folder.metricsFile).filter { $0.event == "train" }
      let speeds = lines.map { $0.values["samples_per_second"] }
      #expect(speeds.prefix(5).allSatisfy { $0 == .null })
      #expect(speeds.dropFirst(5).count == 3 && speeds.dropFirst(5).allSatisfy { $0?.number ?? 0 > 0 })
    }
  }

  /// The last save counts, whether it was due or not; an evaluation does not.
  @Test(arguments: ["{steps: 20}", "{steps: 1000}"]) func theLastSave(every: String) throws {
    try withTemporaryFolder { folder in
      let run = try TrainingRun.start(tinyRun("checkpoint.every=\(every)"), output: folder)
      let pause = 0.3
      let summary = try run.train { event in
        switch event {
        // As if the disk were slow.
        case .saved, .evaluated: Thread.sleep(forTimeInterval: pause)
        default: break
        }
      }
      let speed = try #require(summary.json["samples_per_second"]?.number)
      let samples = 15.0 * 32
      #expect(speed <= samples / pause, "the save is left out")
      // Four evaluations after the fifth step would take four times as long.
      #expect(speed > samples / (4 * pause), "evaluations are counted")
    }
  }
}

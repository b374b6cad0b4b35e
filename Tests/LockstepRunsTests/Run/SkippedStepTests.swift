import LockstepTraining
import RunSupport
import TestSupport
import Testing

@testable import LockstepConfiguration
@testable import LockstepRuns

/// `on_divergence: {skip: {limit: n}}` counts steps in a row: a good one between them begins anew.
@Suite struct SkippedStepTests {
  /// Trains a run in which the steps `bad` diverge, whatever is done about them.
  private func train(_ run: TrainingRun, bad: Set<Int>, stopAfter: Int? = nil) throws -> RunSummary {
    let stop = StopRequest()
    var kept: [Float] = []
    let weights = run.trainer.tensors[0].values
    func prepare(after step: Int) {
      if bad.contains(step + 1) {
        if kept.isEmpty { kept = weights.array }
        weights.fill(.nan)
      }
      if step == stopAfter { stop.request(signal: 15) }
    }
    return try run.train(stop: stop) { event in
      switch event {
      case .step(let result, _): prepare(after: result.step)
      case .skipped(let step, _):
        weights.copy(from: kept)
        kept = []
        prepare(after: step)
      default: break
      }
    }
  }

  private func configuration(limit: Int) throws -> RunConfiguration {
    try tinyRun("training.on_divergence={skip: {limit: \(limit)}}", "checkpoint.every.steps=20")
  }

  @Test(arguments: [
    (1, [3, 5, 7, 9, 11]), (1, [2, 20]), (2, [3, 4, 6, 7, 9, 10]), (3, [5, 6, 7, 9, 10, 11, 13]),
  ])
  func goodStepsBeginAnew(limit: Int, bad: [Int]) throws {
    try withTemporaryFolder { folder in
      let run = try TrainingRun.start(configuration(limit: limit), output: folder)
      let summary = try train(run, bad: Set(bad))
      #expect(summary.end == .finished && summary.json["skipped_steps"]?.integer == bad.count)
      #expect(try run.lines.filter { $0["event"] == "skipped" }.compactMap { $0["step"]?.integer } == bad)
    }
  }

  @Test(arguments: [(1, [3, 4], 4), (2, [3, 4, 6, 7, 8], 8), (3, [5, 7, 8, 9, 10, 11], 10)])
  func oneMoreThanTheLimitEndsIt(limit: Int, bad: [Int], end: Int) throws {
    try withTemporaryFolder { folder in
      let run = try TrainingRun.start(configuration(limit: limit), output: folder)
      let error = try #require(throws: RunError.self) { try train(run, bad: Set(bad)) }
      guard case .failed(let text) = error else { throw error }
      #expect(text.contains("step \(end): ") && text.contains("\(limit) steps before it"), "\(text)")
    }
  }

  /// A run that goes on has not forgotten how many it has passed over, in a row and in all.
  @Test func theCountIsKept() throws {
    try withTemporaryFolder { folder in
      // After the first of two.
      let stopped = try train(
        try TrainingRun.start(configuration(limit: 1), output: folder), bad: [4, 9], stopAfter: 9)
      #expect(stopped.end == .stopped(signal: 15) && stopped.json["steps"]?.integer == 9)
      #expect(stopped.json["skipped_steps"] == 2)
      let going = try TrainingRun.resume(folder)
      #expect(going.state.divergences.skippedInARow == 1 && going.state.divergences.skipped == 2)
      going.trainer.tensors[0].values.fill(.nan)
      let error = try #require(throws: RunError.self) { try going.train() }
      guard case .failed(let text) = error else { throw error }
      #expect(text.contains("step 10: ") && text.contains("1 steps before it"), "\(text)")
      // Without a second one it goes on to the end.
      let summary = try TrainingRun.resume(folder).train()
      #expect(summary.end == .finished && summary.json["skipped_steps"] == 2)
    }
  }
}

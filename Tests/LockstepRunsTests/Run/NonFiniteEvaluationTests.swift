import Foundation
import LockstepTraining
import RunSupport
import TestSupport
import Testing

@testable import LockstepConfiguration
@testable import LockstepRuns

/// Evaluations whose figures are no numbers, while training goes on: said once, no improvement, and the same in every
/// file however the run was stopped.
@Suite struct NonFiniteEvaluationTests {
  /// Trains with a running mean so large at the evaluations `steps` that inference overflows.
  private func train(
    _ run: TrainingRun, overflowingAt steps: Set<Int>, _ events: Events = Events()
  ) throws -> RunSummary {
    func setMean(_ value: Float) {
      run.trainer.tensors.first { $0.name == "model.batch_norm0.running_mean" }?.values.fill(value)
    }
    events.then = { event in
      switch event {
      case .step(let result, _) where steps.contains(result.step): setMean(-3e38)
      case .evaluated(let step, _) where steps.contains(step): setMean(0)
      default: break
      }
    }
    return try run.train(observe: events.observe)
  }

  private func configuration(_ changes: String...) throws -> RunConfiguration {
    try RunConfiguration(
      yaml: tinyRun("model.layers.2=relu", "model.layers.0.dense.initializer=glorot_uniform").resolvedYAML,
      overrides: changes.map { try ConfigurationOverride($0) })
  }

  @Test func isSaidAtTheFirstOfSeveral() throws {
    try withTemporaryFolder { folder in
      let events = Events()
      let run = try TrainingRun.start(configuration(), output: folder)
      _ = try train(run, overflowingAt: [4, 8, 16], events)
      let warnings = events.warnings.filter { $0.contains("not finite") }
      #expect(warnings.count == 2, "\(warnings)")
      #expect(warnings.first?.contains("step 4: loss, ") == true && warnings.last?.contains("step 16: ") == true)
      let values = try run.lines.filter { $0["event"] == "validation" }.map { $0["loss"] }
      #expect(values.map { $0 == .null } == [true, true, false, true, false])
    }
  }

  @Test(arguments: [
    ([4, 8], "loss was not finite for 2 evaluations"),
    ([8, 12], "loss has not improved for 2 evaluations, and is not finite at the last; it was best, "),
  ]) func isTheReason(steps: [Int], expected: String) throws {
    try withTemporaryFolder { folder in
      let run = try TrainingRun.start(configuration("training.early_stopping={patience: 1}"), output: folder)
      let summary = try train(run, overflowingAt: Set(steps))
      #expect(summary.end == .stoppedEarly && summary.json["steps"]?.integer == steps.last)
      let reason = summary.json["stopped_early"]?.object?["message"]?.string ?? ""
      #expect(reason.hasPrefix(expected), "\(reason)")
    }
  }

  /// `metrics.csv` as it was written line by line, and as it is made anew where the run goes on.
  @Test(arguments: [5, 8, 9]) func theTableIsTheSame(stopAfter: Int) throws {
    func table(_ folder: String) throws -> [[Substring]] {
      try String(contentsOfFile: "\(folder)/metrics.csv", encoding: .utf8).split(separator: "\n").map { line in
        // Without the speed, which no two runs share.
        line.split(separator: ",", omittingEmptySubsequences: false).enumerated().filter { $0.offset != 8 }
          .map(\.element)
      }
    }
    let whole = try withTemporaryFolder { folder in
      _ = try train(TrainingRun.start(configuration(), output: folder), overflowingAt: [4, 8, 16])
      return try table(folder)
    }
    let stopped = try withTemporaryFolder { folder in
      _ = try train(
        TrainingRun.start(configuration(), output: folder, upTo: stopAfter), overflowingAt: [4, 8, 16])
      let live = try table(folder)
      #expect(live == Array(whole.prefix(live.count)))
      _ = try train(TrainingRun.resume(folder), overflowingAt: [4, 8, 16])
      return try table(folder)
    }
    #expect(stopped == whole)
    #expect(whole.joined().allSatisfy { !$0.contains("null") && !$0.contains("nan") && !$0.contains("inf") })
  }
}

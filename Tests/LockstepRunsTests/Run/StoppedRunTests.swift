import Foundation
import LockstepConfiguration
import LockstepFormats
import LockstepModel
import LockstepRuns
import LockstepTraining
import RunSupport
import TestSupport
import Testing

/// A run that is asked to stop during an evaluation leaves it for later, and later is as if nothing had happened.
@Suite struct StoppedRunTests {
  /// Every evaluation without a large improvement divides the learning rate by 3, so whoever loses or repeats one ends
  /// with other bits.
  private static func configuration() throws -> RunConfiguration {
    try tinyRun("schedule={reduce_on_plateau: {factor: 0.3, patience: 0, threshold: 0.5}}")
  }

  /// Trains in `folder`, is asked to stop when `event` comes, and returns what it ends with and what it has told.
  private func stop(_ run: TrainingRun, when event: (RunEvent) -> Bool) throws -> (RunSummary, Events) {
    let (request, events) = (StopRequest(), Events())
    let summary = try run.train(stop: request) {
      events.observe($0)
      if event($0) { request.request(signal: 15) }
    }
    return (summary, events)
  }

  /// What a run ends with and its log, if nothing disturbs it.
  private func undisturbed(_ configuration: RunConfiguration) throws -> (RunSummary, [JSONObject]) {
    try withTemporaryFolder { folder in
      let run = try TrainingRun.start(configuration, output: folder)
      return (try run.train(), try run.lines)
    }
  }

  /// At step 8 nothing but the evaluation is due, at step 12 a checkpoint too, step 20 is the last.
  @Test(arguments: [8, 12, 20]) func scheduledEvaluation(step: Int) throws {
    let (expected, lines) = try undisturbed(StoppedRunTests.configuration())
    try withTemporaryFolder { folder in
      let run = try TrainingRun.start(StoppedRunTests.configuration(), output: folder)
      let (summary, events) = try stop(run) { if case .step(let result, _) = $0 { result.step == step } else { false } }
      #expect(summary.end == .stopped(signal: 15) && summary.json["status"] == "stopped")
      #expect(summary.json["steps"]?.integer == step && events.saved.last == step)
      #expect(events.evaluated == Array(stride(from: 4, to: step, by: 4)))

      // Asked again before it is done, it still waits.
      let request = StopRequest()
      request.request(signal: 2)
      let waiting = try TrainingRun.resume(folder)
      #expect(try waiting.train(stop: request).end == .stopped(signal: 2))
      #expect(waiting.trainer.state.step == step)

      let resumed = try TrainingRun.resume(folder)
      let later = Events()
      // Killed right after the evaluation has been done late, the run has its line in the log but not in a checkpoint.
      let copy = "\(folder)-killed"
      defer { try? FileManager.default.removeItem(atPath: copy) }
      later.then = { event in
        guard case .evaluated(step, _) = event else { return }
        try FileManager.default.copyItem(atPath: folder, toPath: copy)
      }
      let end = try resumed.train(observe: later.observe)
      #expect(later.evaluated == Array(stride(from: step, through: 20, by: 4)))
      #expect(end.end == .finished && end.digest == expected.digest)
      #expect(end.json["validation"] == expected.json["validation"])
      #expect(try resumed.lines == lines)

      let afterTheKill = try TrainingRun.resume(copy)
      let last = try afterTheKill.train()
      #expect(last.end == .finished && last.digest == expected.digest)
      #expect(try afterTheKill.lines == lines)
    }
  }

  /// A late evaluation is saved where a checkpoint is due, and at the end; then nothing is left to do.
  @Test(arguments: [(12, [12, 18, 20]), (20, [20]), (8, [12, 18, 20])])
  func lateEvaluationIsSaved(step: Int, saved: [Int]) throws {
    try withTemporaryFolder { folder in
      let run = try TrainingRun.start(StoppedRunTests.configuration(), output: folder)
      _ = try stop(run) { if case .step(let result, _) = $0 { result.step == step } else { false } }
      let events = Events()
      let summary = try TrainingRun.resume(folder).train(observe: events.observe)
      #expect(events.saved == saved)
      let before = try contents(of: folder)
      #expect(try TrainingRun.resume(folder).train() == summary)
      #expect(try contents(of: folder) == before)
    }
  }

  /// The evaluation that only the summary asks for is left out, and made up for by whoever goes on.
  @Test func evaluationForTheSummary() throws {
    let configuration = try tinyRun("evaluation.every.steps=15")
    let (expected, lines) = try undisturbed(configuration)
    try withTemporaryFolder { folder in
      let run = try TrainingRun.start(configuration, output: folder)
      let (summary, _) = try stop(run) { if case .saved(20, _, _) = $0 { true } else { false } }
      #expect(summary.end == .stopped(signal: 15) && summary.json["steps"] == 20)
      #expect(summary.json["status"] == "stopped" && summary.digest == expected.digest)
      // That of step 15 is told.
      let fifteenth = lines.first { $0["event"] == "validation" }
      #expect(summary.json["validation"]?.object?["loss"] == fifteenth?["loss"])
      let resumed = try TrainingRun.resume(folder)
      let end = try resumed.train()
      #expect(end.end == .finished && end.json["validation"] == expected.json["validation"])
      #expect(end.digest == expected.digest)
      #expect(try resumed.lines == lines)
    }
  }

  /// Without data to evaluate on there is nothing to stop once the last step is done.
  @Test func afterTheLastStep() throws {
    var configuration = try tinyRun()
    (configuration.data.validation, configuration.evaluation) = (nil, nil)
    try withTemporaryFolder { folder in
      let run = try TrainingRun.start(configuration, output: folder)
      let (summary, _) = try stop(run) { if case .saved(20, _, _) = $0 { true } else { false } }
      #expect(summary.end == .finished)
    }
  }

  /// Where the validation data has been taken out of the configuration meanwhile, nothing is pending.
  @Test func validationTakenOut() throws {
    try withTemporaryFolder { folder in
      let run = try TrainingRun.start(tinyRun(), output: folder)
      _ = try stop(run) { if case .step(let result, _) = $0 { result.step == 8 } else { false } }
      var configuration = try tinyRun()
      (configuration.data.validation, configuration.evaluation) = (nil, nil)
      let summary = try TrainingRun.resumeOrStart(configuration, output: folder).train()
      let expected = try undisturbed(tinyRun()).0
      #expect(summary.end == .finished && summary.digest == expected.digest)
    }
  }
}

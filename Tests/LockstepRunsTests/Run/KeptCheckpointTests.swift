import Foundation
import LockstepModel
import LockstepTraining
import RunSupport
import TestSupport
import Testing

@testable import LockstepConfiguration
@testable import LockstepRuns

/// Checkpoints that stay beside the newest few: the best one, and those at the multiples of an interval.
@Suite struct KeptCheckpointTests {
  private func steps(_ folder: String) throws -> [Int] {
    try CheckpointStore(folder: "\(folder)/checkpoints", keep: 1).list().map(\.step)
  }

  private func losses(_ run: TrainingRun) throws -> [(step: Int, loss: Double)] {
    try run.lines.filter { $0["event"] == "validation" }.compactMap { line in
      guard let step = line["step"]?.integer, let loss = line["loss"]?.number else { return nil }
      return (step, loss)
    }
  }

  /// The best evaluation's step is saved although none is due then, and outlives all that come after it, stops
  /// included.
  @Test(arguments: [Metric.Mode.min, .max]) func theBestStays(mode: Metric.Mode) throws {
    // The loss falls and falls: the last is best, or the first.
    let configuration = try tinyRun(
      "checkpoint.keep_best={metric: loss, mode: \(mode.rawValue)}", "checkpoint.keep=1", "checkpoint.every.steps=7",
      "evaluation.every.steps=2")
    let (lines, digest) = try withTemporaryFolder { folder in
      let run = try TrainingRun.start(configuration, output: folder)
      let (summary, losses) = (try run.train(), try losses(run))
      let best = try #require(mode == .min ? losses.min { $0.loss < $1.loss } : losses.max { $0.loss < $1.loss })
      #expect(losses.count == 10)
      #expect(try steps(folder) == Set([best.step, 20]).sorted())
      #expect(summary.json["best"]?.object?["step"]?.integer == best.step)
      #expect(summary.json["best"]?.object?["loss"]?.number == best.loss)
      let path = try #require(summary.json["best"]?.object?["checkpoint"]?.string)
      #expect(try CheckpointFile.read(path).step == best.step)
      return (try run.lines, summary.digest)
    }
    for step in [1, 2, 3, 9, 14, 19] {
      try withTemporaryFolder { folder in
        _ = try TrainingRun.start(configuration, output: folder, upTo: step).train()
        let again = try TrainingRun.resume(folder)
        let (summary, found) = (try again.train(), try again.lines)
        #expect(summary.digest == digest && found == lines, "stopped after \(step)")
        let best = try #require(summary.json["best"]?.object?["step"]?.integer)
        #expect(try steps(folder) == Set([best, 20]).sorted(), "stopped after \(step)")
      }
    }
  }

  @Test func multiplesStay() throws {
    for every in ["10", "{steps: 10}", "{epochs: 2}"] {
      let configuration = try tinyRun(
        "checkpoint={every: {steps: 2}, keep: 1, keep_every: \(every)}", "training.steps=25")
      #expect(configuration.steps(in: try #require(configuration.checkpoint.keepEvery)) == 10)
      try withTemporaryFolder { folder in
        _ = try TrainingRun.start(configuration, output: folder).train()
        #expect(try steps(folder) == [10, 20, 25])
      }
      let estimate = try RunEstimate(configuration)
      #expect(estimate.disk.bytes == 4 * estimate.disk.checkpointBytes)
    }
  }

  /// The best of steps that came to nothing does not push out the one that is gone back to.
  @Test func theBestBeforeTheRunWasTakenBackStays() throws {
    let configuration = try tinyRun(
      "training.on_divergence=restore", "checkpoint.keep_best={metric: loss}", "checkpoint.keep=1",
      "checkpoint.every.steps=10", "evaluation.every.steps=2", "optimizer.adam.learning_rate=0.002")
    try withTemporaryFolder { folder in
      let run = try TrainingRun.start(configuration, output: folder)
      var best: Int?
      _ = try run.train { event in
        switch event {
        case .step(let result, _) where result.step == 17 && run.trainer.state.learningRateFactor == 1:
          #expect((run.state.best?.step ?? 0) > 10)
          run.trainer.tensors[0].values.fill(.nan)
        case .restored:
          best = run.state.best?.step
          #expect(best.map { $0 <= 10 } == true)
          #expect((try? steps(folder)) == best.map { Set([0, $0, 10]).sorted() })
        default: break
        }
      }
      #expect(best != nil)
    }
  }

  @Test(
    arguments: [
      ("checkpoint.keep_every=9", "checkpoint.keep_every", "a multiple of checkpoint.every"),
      ("checkpoint.keep_best={metric: accuracy}", "checkpoint.keep_best.metric", "one of loss"),
      ("checkpoint.keep_best={}", "checkpoint.keep_best", "metric"),
      ("checkpoint.keep_best={metric: loss, mode: least}", "checkpoint.keep_best.mode", "one of min, max"),
      ("training.on_divergence=retry", "training.on_divergence", "one of stop, skip, restore"),
      ("training.on_divergence={restore: {factor: 1}}", "training.on_divergence.restore.factor", "between 0 and 1"),
      ("training.on_divergence={skip: {limit: 0}}", "training.on_divergence.skip.limit", "an integer from 1"),
    ])
  func badInput(override: String, path: String, expected: String) throws {
    let error = try #require(throws: ConfigurationErrors.self) { try tinyRun(override) }
    #expect("\(error)".contains(path) && "\(error)".contains(expected), "\(error)")
  }

  @Test func modeFollowsTheMetric() {
    for metric in Metric.allCases {
      #expect(RunConfiguration.Checkpoints.Best(metric: metric).mode == metric.mode)
    }
    let best = RunConfiguration.Checkpoints.Best(metric: .loss)
    #expect(best.isBetter(1, than: nil) && best.isBetter(1, than: 2) && !best.isBetter(2, than: 2))
    #expect(!best.isBetter(.nan, than: nil) && !best.isBetter(-.infinity, than: 1))
  }
}

import Foundation
import LockstepModel
import LockstepTraining
import RunSupport
import TestSupport
import Testing

@testable import LockstepConfiguration
@testable import LockstepFormats
@testable import LockstepRuns

/// What a run says of itself beforehand: what it will lack, and how much is left of it.
@Suite struct ForesightTests {
  @Test(arguments: [
    ("checkpoint.keep_best=loss", "evaluation.every=21", "checkpoint.keep_best will see no evaluation"),
    ("schedule={reduce_on_plateau: {}}", "evaluation.every=21", "schedule.reduce_on_plateau will see no evaluation"),
    ("checkpoint.keep_best={metric: loss, mode: max}", "name=x", "takes the largest loss for the best"),
    ("schedule={reduce_on_plateau: {metric: r2, mode: min}}", "name=x", "takes the smallest r2 for the best"),
    ("training.early_stopping={mode: max}", "name=x", "training.early_stopping takes the largest loss"),
    ("checkpoint.every=21", "name=x", "checkpoint.every is longer than the run"),
    ("schedule={exponential: {rate: 1e-9, every: 1}}", "name=x", "at step 6 of 20 the learning rate is 0"),
    ("schedule={piecewise: {boundaries: [10], factors: [1, 0]}}", "name=x", "at step 11 of 20 the learning rate is 0"),
  ]) func warnings(change: String, other: String, expected: String) throws {
    let configuration = try tinyRun(change, other)
    #expect(
      configuration.warnings.count == 1 && configuration.warnings[0].contains(expected), "\(configuration.warnings)")
    #expect(try RunEstimate(configuration).warnings.contains(configuration.warnings[0]))
    try withTemporaryFolder { folder in
      let events = Events()
      _ = try TrainingRun.start(configuration, output: folder, upTo: 1).train(observe: events.observe)
      #expect(events.warnings.contains(configuration.warnings[0]))
    }
  }

  /// Schedules that end at 0 do so on purpose, and what is watched the right way is no news.
  @Test(arguments: [
    "schedule=cosine", "schedule={polynomial: {power: 4}}", "schedule=one_cycle", "checkpoint.keep_best=r2",
    "training.early_stopping={metric: mean_absolute_error}", "schedule={reduce_on_plateau: {metric: r2}}",
  ]) func nothingToSay(change: String) throws {
    #expect(try tinyRun(change).warnings == [])
  }

  @Test(arguments: ["1e-46", "1e-39", "1e39"]) func ratesThatSinglePrecisionDoesNotHold(rate: String) {
    for optimizer in ["sgd", "adam", "nadam", "adagrad"] {
      #expect(throws: ConfigurationErrors.self) {
        try tinyRun("optimizer={\(optimizer): {learning_rate: \(rate)}}")
      }
    }
  }

  /// Samples and evaluations that are left, against a walk over the steps.
  @Test(arguments: [1, 4, 5, 7, 20, 21], [false, true]) func whatIsLeft(every: Int, dropLast: Bool) throws {
    // 150 samples: four batches of 32 and one of 22 an epoch.
    let configuration = try tinyRun(
      "data.train.synthetic.samples=150", "training.drop_last=\(dropLast)", "evaluation.every=\(every)")
    let sampler = try configuration.sampler()
    for target in [13, 20] {
      for step in 0...target {
        let left = configuration.left(after: step, until: target, sampler)
        #expect(left.samples == (step..<target).reduce(0) { $0 + sampler.rows(of: $1) })
        // Those that are due, and one at the end.
        let due = target > step ? (step + 1...target).filter { $0 % every == 0 || $0 == target } : []
        #expect(
          left.evaluations == (target == step ? (target % every == 0 ? 0 : 1) : due.count), "\(step) to \(target)")
      }
    }
  }

  /// Evaluations that are left take as long as the last one: here all but a thousandth of what is left.
  @Test func timeLeftCountsEvaluations() throws {
    let configuration = try tinyRun(
      "data.validation.synthetic.samples=30000", "evaluation.every.steps=7", "checkpoint.every.steps=1000")
    try withTemporaryFolder { folder in
      let run = try TrainingRun.start(configuration, output: folder)
      var seen = 0
      _ = try run.train { event in
        guard case .step(let result, let progress) = event, let one = run.pace.evaluationSeconds, result.step < 20
        else { return }
        seen += 1
        // One at step 14, which comes after this is told of it, and one at the end.
        let evaluations = result.step <= 14 ? 2.0 : 1
        #expect((progress.secondsLeft ?? 0) >= evaluations * one, "step \(result.step)")
      }
      #expect(seen == 12)
    }
  }

  /// A checkpoint holds weights, their average and both moments of Adam, however large beside its texts.
  @Test func diskOfOneCheckpoint() throws {
    for (change, copies) in [("name=x", 3), ("training.weight_average={decay: 0.9}", 4)] {
      let configuration = try tinyRun("model.layers=[{dense: {units: 3000, bias: false}}, {dense: {units: 1}}]", change)
      let numbers = (5 * 3000 + 3000 + 1) * copies * 4
      let bytes = try RunEstimate(configuration).disk.checkpointBytes
      #expect(bytes >= numbers && bytes <= numbers + 16_384, "\(change)")
    }
  }

  /// The count that `check` names is the sum of its parts, and no run has more files at a time.
  @Test(arguments: [
    ("checkpoint={every: 2, keep: 3}", 4), ("checkpoint={every: 2, keep: 1, keep_every: 4}", 7),
    ("checkpoint={every: 2, keep: 2, keep_every: 10, keep_best: loss}", 6), ("checkpoint={every: 30, keep: 5}", 2),
  ]) func disk(change: String, count: Int) throws {
    let configuration = try tinyRun(change)
    let estimate = try RunEstimate(configuration).disk
    #expect(estimate.count == count && estimate.bytes == count * estimate.checkpointBytes)
    #expect(estimate.summary.hasPrefix("\(count) checkpoints of ") && estimate.summary.hasSuffix("1 being written"))
    try withTemporaryFolder { folder in
      var most = 0
      _ = try TrainingRun.start(configuration, output: folder).train { _ in
        let files = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/checkpoints")) ?? []
        most = max(most, files.count)
        for file in files {
          let size = (try? FileManager.default.attributesOfItem(atPath: "\(folder)/checkpoints/\(file)"))?[.size]
          #expect((size as? Int ?? 0) <= estimate.checkpointBytes)
        }
      }
      #expect(most >= 1 && most <= count)
    }
    // A device without room is warned of, one with room is not.
    let free = try #require(Folder.freeBytes(at: "/"))
    #expect(Folder.freeBytes(at: "/no/such/folder") != nil && free > 0)
    var large = estimate
    large.checkpointBytes = free / count * 2
    #expect(large.warning(in: "/", present: 0)?.contains("the run may need") == true)
    #expect(large.warning(in: "/", present: large.bytes) == nil && estimate.warning(in: "/", present: 0) == nil)
  }
}

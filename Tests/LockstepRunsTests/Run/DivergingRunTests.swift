import Foundation
import LockstepTraining
import RunSupport
import TestSupport
import Testing

@testable import LockstepConfiguration
@testable import LockstepRuns

/// Numbers that are no more, under every policy: what the run does follows from its steps alone, so it ends with the
/// same bits however it is disturbed.
@Suite struct DivergingRunTests {
  /// A run that diverges in the step after `last` as long as its learning rates are what they were at first.
  private struct Diverging {
    var configuration: RunConfiguration
    var last = 14

    func train(_ run: TrainingRun, stopAfter step: Int? = nil, _ events: Events = Events()) throws -> RunSummary {
      let stop = StopRequest()
      events.then = { event in
        guard case .step(let result, _) = event else { return }
        if result.step == last, run.trainer.state.learningRateFactor == 1 {
          run.trainer.tensors.first?.values.fill(.nan)
        }
        if result.step == step { stop.request(signal: 15) }
      }
      return try run.train(stop: stop, observe: events.observe)
    }
  }

  private func restoring(_ changes: String...) throws -> Diverging {
    var configuration = try tinyRun("training.on_divergence=restore", "checkpoint.keep=1")
    for change in changes {
      configuration = try RunConfiguration(
        yaml: configuration.resolvedYAML, overrides: [ConfigurationOverride(change)])
    }
    return Diverging(configuration: configuration)
  }

  private func steps(_ folder: String) throws -> [Int] {
    try CheckpointStore(folder: "\(folder)/checkpoints", keep: 1).list().map(\.step)
  }

  /// From the checkpoint that was due at step 12 with half the learning rate, as if that had been asked for.
  @Test func goesOnWithASmallerRate() throws {
    try withTemporaryFolder { folder in
      let diverging = try restoring()
      let (run, events) = (try TrainingRun.start(diverging.configuration, output: folder), Events())
      let summary = try diverging.train(run, events)
      #expect(summary.end == .finished)
      #expect(summary.json["restores"] == 1 && summary.json["skipped_steps"] == 0)
      #expect(events.saved == [0, 6, 12, 12, 18, 20])
      let restored = events.all.compactMap {
        if case .restored(let step, let rate, _) = $0 { (step, rate) } else { nil }
      }
      #expect(restored.count == 1 && restored[0] == (12, 0.5))
      let lines = try run.lines
      let line = try #require(lines.first { $0["event"] == "restored" })
      #expect(line["step"] == 12 && line["diverged_after"] == 14 && line["learning_rate_factor"] == 0.5)
      #expect(line["message"]?.string?.contains("step 15: the loss of shard 0 is not finite") == true)
      #expect(lines.filter { $0["event"] == "train" }.map { $0["step"]?.integer } == [3, 6, 9, 12, 15, 18, 20])

      let trainer = try RunSetup(diverging.configuration).trainer()
      for step in 0..<20 {
        if step == 12 {
          trainer.resume(from: TrainerState(step: 12, optimizer: trainer.state.optimizer, learningRateFactor: 0.5))
        }
        #expect(try trainer.step().learningRate == (step < 12 ? 0.05 : 0.025))
      }
      #expect(weightsDigest(of: trainer.tensors) == summary.digest)
    }
  }

  /// Stopped after any step, on another number of threads: the digest, the log and the checkpoints are those of the run
  /// that was never stopped. With `keep: 1` the checkpoint to go back to outlives those that a signal caused.
  @Test func doesNotDependOnStops() throws {
    let diverging = try restoring()
    let (expected, lines, kept) = try withTemporaryFolder { folder in
      let run = try TrainingRun.start(diverging.configuration, output: folder)
      return (try diverging.train(run), try run.lines, try steps(folder))
    }
    // At step 14 there is nothing that could be saved.
    for step in 1...19 where step != 14 {
      try withTemporaryFolder { folder in
        let begun = try TrainingRun.start(diverging.configuration, output: folder)
        #expect(try diverging.train(begun, stopAfter: step).end == .stopped(signal: 15), "step \(step)")
        let again = try TrainingRun.resume(
          folder, overrides: [ConfigurationOverride("training.threads=\(step % 4 + 1)")])
        let summary = try diverging.train(again)
        #expect(summary.digest == expected.digest && summary.json["restores"] == 1, "stopped after \(step)")
        #expect(try again.lines == lines, "stopped after \(step)")
        #expect(try steps(folder) == kept, "stopped after \(step)")
      }
    }
  }

  /// Whatever of going back was done when the process ended, and whichever of the old checkpoints are still there.
  @Test func endsTheSameWhenGoingBackIsInterrupted() throws {
    let diverging = try restoring()
    let expected = try withTemporaryFolder {
      try diverging.train(try TrainingRun.start(diverging.configuration, output: $0))
    }
    try withTemporaryFolder { folder in
      // A checkpoint that a signal caused, of the steps that come to nothing.
      _ = try diverging.train(try TrainingRun.start(diverging.configuration, output: folder), stopAfter: 13)
      #expect(try steps(folder) == [0, 6, 12, 13])
      let path = "\(folder)/checkpoints/\(CheckpointStore.fileName(step: 13))"
      let abandoned = try bytes(of: path)
      // Killed once the run was taken back and saved, before the later checkpoint was removed.
      _ = try diverging.train(try TrainingRun.resume(folder, upTo: 15))
      #expect(try steps(folder) == [0, 6, 12, 15])
      try FileManager.default.removeItem(atPath: "\(folder)/checkpoints/\(CheckpointStore.fileName(step: 15))")
      try write(abandoned, to: path)
      let again = try TrainingRun.resume(folder)
      #expect(try diverging.train(again).digest == expected.digest)
      #expect(try again.lines.filter { $0["event"] == "restored" }.count == 1)
      #expect(try steps(folder) == [6, 12, 18, 20])
    }
    try withTemporaryFolder { folder in
      // The run cannot be saved anew, because its log cannot be replaced by a file.
      let run = try TrainingRun.start(diverging.configuration, output: folder)
      let log = "\(folder)/metrics.jsonl"
      let error = try #require(throws: RunError.self) {
        _ = try run.train { event in
          guard case .step(let result, _) = event, result.step == 14 else { return }
          run.trainer.tensors.first?.values.fill(.nan)
          try? FileManager.default.moveItem(atPath: log, toPath: "\(folder)/aside")
          try? FileManager.default.createDirectory(atPath: log, withIntermediateDirectories: false)
        }
      }
      guard case .failed = error else { throw error }
      try FileManager.default.removeItem(atPath: log)
      try FileManager.default.moveItem(atPath: "\(folder)/aside", toPath: log)
      #expect(try diverging.train(try TrainingRun.resume(folder)).digest == expected.digest)
    }
  }

  /// A checkpoint that was due and could not be written is not replaced by an older one: then the bits would follow
  /// from the disk.
  @Test func stopsWithoutTheCheckpoint() throws {
    try withTemporaryFolder { folder in
      let diverging = try restoring()
      let run = try TrainingRun.start(diverging.configuration, output: folder)
      let (events, path) = (Events(), "\(folder)/checkpoints/\(CheckpointStore.fileName(step: 12))")
      let error = try #require(throws: RunError.self) {
        _ = try run.train { event in
          events.observe(event)
          guard case .step(let result, _) = event, result.step == 14 else { return }
          run.trainer.tensors.first?.values.fill(.nan)
          run.awaitSave { _ in }
          try? FileManager.default.removeItem(atPath: path)
        }
      }
      guard case .failed(let text) = error else { throw error }
      #expect(text.contains("cannot be taken back to the checkpoint of step 12: \(path)"), "\(text)")
      #expect(try run.lines.last?["event"] == "diverged")
    }
  }

  /// Weights that are beyond help when they are saved: the second time it goes back one checkpoint further, and so on;
  /// each time is in the log.
  @Test func goesBackFurther() throws {
    try withTemporaryFolder { folder in
      let run = try TrainingRun.start(restoring().configuration, output: folder)
      let events = Events()
      events.then = { event in
        // Whatever the rate, from the checkpoints of steps 18 and 12 the run diverges at once.
        guard case .step(let result, _) = event, result.step == 19 || result.step == 13 else { return }
        if result.step == 19 || run.state.divergences.returnedTo == 12 && result.step == 13 {
          run.trainer.tensors.first?.values.fill(.nan)
        }
      }
      let error = try #require(throws: RunError.self) { try run.train(observe: events.observe) }
      guard case .failed(let text) = error else { throw error }
      #expect(text.contains("taken back 3 times before"), "\(text)")
      let restored = try run.lines.filter { $0["event"] == "restored" }
      #expect(restored.map { $0["step"]?.integer } == [18, 12, 6])
      #expect(restored.map { $0["restores"]?.integer } == [1, 2, 3])
      #expect(restored.map { $0["diverged_after"]?.integer } == [19, 19, 13])
      #expect(run.trainer.state.learningRateFactor == 0.125)
    }
  }

  /// Before the first checkpoint is due the run begins anew; after `tries` it ends.
  @Test func triesAreCounted() throws {
    try withTemporaryFolder { folder in
      let configuration = try restoring("training.on_divergence={restore: {factor: 0.25, tries: 2}}").configuration
      let run = try TrainingRun.start(configuration, output: folder)
      let events = Events()
      events.then = { event in
        if case .step(let result, _) = event, result.step == 3 { run.trainer.tensors.first?.values.fill(.infinity) }
      }
      let error = try #require(throws: RunError.self) { try run.train(observe: events.observe) }
      guard case .failed(let text) = error else { throw error }
      #expect(text.contains("step 4: ") && text.contains("The run was taken back 2 times before."), "\(text)")
      #expect(events.saved == [0, 0, 0])
      #expect(
        try run.lines.filter { $0["event"] == "restored" }.map { $0["learning_rate_factor"]?.number } == [0.25, 0.0625])
    }
  }

  /// What is only found when it is saved, at a step where a checkpoint is due.
  @Test func goesBackFromWhatCannotBeSaved() throws {
    try withTemporaryFolder { folder in
      let diverging = try restoring()
      let run = try TrainingRun.start(diverging.configuration, output: folder)
      let events = Events()
      events.then = { event in
        guard case .step(let result, _) = event, result.step == 12, run.trainer.state.learningRateFactor == 1 else {
          return
        }
        run.trainer.tensors.last?.values[0] = .nan
      }
      let summary = try run.train(observe: events.observe)
      #expect(summary.end == .finished && events.saved == [0, 6, 6, 12, 18, 20])
    }
  }

  @Test func aStepIsPassedOver() throws {
    try withTemporaryFolder { folder in
      let configuration = try tinyRun("training.on_divergence=skip")
      let run = try TrainingRun.start(configuration, output: folder)
      let events = Events()
      var kept: [Float] = []
      events.then = { event in
        let weights = run.trainer.tensors[0].values
        switch event {
        // Steps 9 and 12, of which the latter has everything due at it.
        case .step(let result, _) where [8, 11].contains(result.step):
          kept = weights.array
          weights.fill(.nan)
        case .skipped: weights.copy(from: kept)
        default: break
        }
      }
      let summary = try run.train(observe: events.observe)
      #expect(summary.end == .finished && summary.json["skipped_steps"] == 2 && summary.json["steps"] == 20)
      #expect(try run.lines.filter { $0["event"] == "skipped" }.map { $0["step"]?.integer } == [9, 12])
      #expect(try run.lines.filter { $0["event"] == "train" }.map { $0["step"]?.integer } == [3, 6, 9, 12, 15, 18, 20])
      #expect(events.saved == [6, 12, 18, 20] && events.evaluated == [4, 8, 12, 16, 20])

      let trainer = try RunSetup(configuration).trainer()
      for step in 1...20 {
        if [9, 12].contains(step) { trainer.skip() } else { try trainer.step() }
      }
      #expect(weightsDigest(of: trainer.tensors) == summary.digest)
    }
  }

  @Test func stepsInARowEndTheRun() throws {
    try withTemporaryFolder { folder in
      let run = try TrainingRun.start(tinyRun("training.on_divergence={skip: {limit: 3}}"), output: folder)
      let events = Events()
      events.then = { event in
        if case .step(let result, _) = event, result.step == 7 { run.trainer.tensors[0].values.fill(.nan) }
      }
      let error = try #require(throws: RunError.self) { try run.train(observe: events.observe) }
      guard case .failed(let text) = error else { throw error }
      #expect(text.contains("step 11: ") && text.contains("3 steps before it, one after the other, were passed over."))
      #expect(try run.lines.filter { $0["event"] == "skipped" }.count == 3)
    }
  }

  /// As long as no step has diverged, another policy gives the bits of a run that had it from the start.
  @Test func thePolicyMayChangeBeforeItActs() throws {
    try withTemporaryFolder { folder in
      _ = try TrainingRun.start(tinyRun(), output: folder, upTo: 8).train()
      let restore = try ConfigurationOverride("training.on_divergence={restore: {factor: 0.5}}")
      let diverging = try restoring()
      let resumed = try TrainingRun.resume(folder, overrides: [restore])
      let expected = try withTemporaryFolder {
        try diverging.train(try TrainingRun.start(diverging.configuration, output: $0))
      }
      #expect(try diverging.train(resumed).digest == expected.digest)
      let error = try #require(throws: RunError.self) {
        try TrainingRun.resume(
          folder, overrides: [ConfigurationOverride("training.on_divergence={restore: {factor: 0.1}}")])
      }
      guard case .input(let text) = error else { throw error }
      #expect(text.contains("training.on_divergence.restore.factor: 0.5"), "\(text)")
      // Where it goes back to is part of the bits.
      #expect(throws: RunError.self) {
        try TrainingRun.resume(folder, overrides: [ConfigurationOverride("checkpoint.every={steps: 5}")])
      }
    }
  }
}

/// Restoring that is switched on for a run which had diverged under `stop`.
@Suite struct LateRestoreTests {
  /// Trains until step 19, at which it diverges as long as its learning rates are what they were, and again where
  /// `often` says so.
  private func train(
    _ run: TrainingRun, often: Int = 1, stopAfter: Int? = nil, _ events: Events = Events()
  ) throws -> RunSummary {
    let stop = StopRequest()
    events.then = { event in
      guard case .step(let result, _) = event else { return }
      if result.step == 19 || result.step == 7, run.state.divergences.restores < often {
        run.trainer.tensors.first?.values.fill(.nan)
      }
      if result.step == stopAfter { stop.request(signal: 15) }
    }
    return try run.train(stop: stop, observe: events.observe)
  }

  private func configuration(_ changes: String...) throws -> RunConfiguration {
    try RunConfiguration(
      yaml: tinyRun("checkpoint.every.steps=5").resolvedYAML, overrides: changes.map { try ConfigurationOverride($0) })
  }

  private func steps(_ folder: String) throws -> [Int] {
    try CheckpointStore(folder: "\(folder)/checkpoints", keep: 1).list().map(\.step)
  }

  private static let restore = [ConfigurationOverride(path: "training.on_divergence", value: "restore")]

  /// Back to the newest checkpoint, then to the one before it as long as there is one, then to the beginning, whose
  /// weights are drawn anew; each time as if the checkpoint had always been there.
  @Test(
    arguments: [(2, [15, 10, 15]), (1, [15, 0, 5])], ["training.on_divergence=stop", "model.initialization=lsuv"])
  func goesOn(kept: (count: Int, restored: [Int]), change: String) throws {
    let often = kept.restored.count
    func outcome(stopAfter: Int?) throws -> (digest: String?, restored: [Int]) {
      try withTemporaryFolder { folder in
        let diverging = try configuration("checkpoint.keep=\(kept.count)", change)
        let first = try TrainingRun.start(diverging, output: folder)
        // At step 7 it is not to diverge before the policy is another.
        #expect(throws: RunError.self) {
          _ = try first.train { event in
            if case .step(let result, _) = event, result.step == 19 {
              first.trainer.tensors.first?.values.fill(.nan)
            }
          }
        }
        #expect(try steps(folder) == [10, 15].suffix(kept.count))
        let events = Events()
        let second = try TrainingRun.resume(folder, overrides: Self.restore)
        var summary = try train(second, often: often, stopAfter: stopAfter, events)
        if case .stopped = summary.end {
          summary = try train(TrainingRun.resume(folder), often: often, events)
        }
        #expect(summary.end == .finished && summary.json["restores"]?.integer == often)
        return (
          summary.json["weights_digest"]?.string,
          events.all.compactMap { if case .restored(let step, _, _) = $0 { step } else { nil } }
        )
      }
    }
    let undisturbed = try outcome(stopAfter: nil)
    #expect(undisturbed.restored == kept.restored)
    for step in [1, 4, 12, 16] {
      let stopped = try outcome(stopAfter: step)
      #expect(stopped.digest == undisturbed.digest, "stopped after step \(step)")
    }
  }

  /// From its beginning a run goes on as one that has been given the smaller rates from the start.
  @Test func theBeginningIsTheBeginning() throws {
    let digest = try withTemporaryFolder { folder in
      let first = try TrainingRun.start(configuration("checkpoint.keep=1"), output: folder)
      #expect(throws: RunError.self) {
        _ = try first.train { event in
          if case .step(let result, _) = event, result.step == 7 { first.trainer.tensors.first?.values.fill(.nan) }
        }
      }
      #expect(try steps(folder) == [5])
      return try train(TrainingRun.resume(folder, overrides: Self.restore), often: 2).json["weights_digest"]
    }
    // Twice taken back: twice half the rate, from the initial weights.
    let expected = try withTemporaryFolder { folder in
      let rate = try #require(try configuration().optimizer.learningRate as Double?) / 4
      return try TrainingRun.start(
        configuration("optimizer.adam.learning_rate=\(rate)"), output: folder
      ).train().json["weights_digest"]
    }
    #expect(digest == expected && digest != nil)
  }
}

import LockstepKernels
import LockstepTraining
import RunSupport
import TestSupport
import Testing

@testable import LockstepConfiguration
@testable import LockstepRuns

/// A run that keeps an average of its weights: what checkpoints hold, what is evaluated and used, and that no stop
/// shows.
@Suite struct AveragedRunTests {
  private func configuration(_ change: String = "metrics.every.steps=3") throws -> RunConfiguration {
    try tinyRun("training.weight_average={decay: 0.8}", "checkpoint={every: {steps: 1}, keep: 30}", change)
  }

  private func checkpoint(_ folder: String, _ step: Int) throws -> LoadedCheckpoint {
    try RestoredRun(checkpoint: CheckpointStore(folder: "\(folder)/checkpoints", keep: 30).path(step: step)).checkpoint
  }

  /// Computed again in Double from the weights of the checkpoints, one a step.
  @Test func checkpointsHoldIt() throws {
    try withTemporaryFolder { folder in
      let run = try TrainingRun.start(configuration(), output: folder)
      let names = run.trainer.network.parameters.entries.map(\.name)
      var expected = Dictionary(
        uniqueKeysWithValues: run.trainer.tensors.map { ($0.name, $0.values.array.map(Double.init)) })
      _ = try run.train()
      for t in 1...20 {
        let tensors = try checkpoint(folder, t).tensors
        #expect(tensors.suffix(names.count).map(\.name) == names.map { "average.\($0)" })
        let decay = min(0.8, Double(1 + t) / Double(10 + t))
        for name in names {
          let weights = try #require(tensors.first { $0.name == "model.\(name)" }).values.array
          let average = try #require(tensors.first { $0.name == "average.\(name)" }).values.array
          let next = zip(try #require(expected["model.\(name)"]), weights).map { decay * $0 + (1 - decay) * Double($1) }
          expected["model.\(name)"] = next
          for (found, expected) in zip(average, next) {
            #expect(abs(Double(found) - expected) < 2e-6, "\(name), step \(t)")
          }
        }
      }
    }
  }

  /// Stopped after every step and gone on with on other threads, in other parts: digest, log and evaluations are those
  /// of the run that was never stopped.
  @Test func doesNotDependOnStops() throws {
    let (expected, lines) = try withTemporaryFolder { folder in
      let run = try TrainingRun.start(configuration(), output: folder)
      return (try run.train(), try run.lines)
    }
    try withTemporaryFolder { folder in
      _ = try TrainingRun.start(configuration(), output: folder, upTo: 1).train()
      for step in 2...20 {
        let run = try TrainingRun.resume(
          folder,
          overrides: [
            ConfigurationOverride("training.threads=\(1 + step % 3)"),
            ConfigurationOverride("training.accumulate=\(1 + step % 4)"),
          ], upTo: step)
        let summary = try run.train()
        guard step == 20 else { continue }
        #expect(summary.digest == expected.digest && summary.json["validation"] == expected.json["validation"])
        #expect(try run.lines == lines)
      }
    }
  }

  /// What a run evaluates, and what becomes of its checkpoint, is the average; the others may be asked for.
  @Test func itIsWhatIsUsed() throws {
    try withTemporaryFolder { folder in
      let summary = try TrainingRun.start(configuration(), output: folder).train()
      let path = try #require(summary.json["checkpoint"]?.string)
      func loss(_ weights: TrainedWeights?) throws -> Double {
        try #require(EvaluationReport(checkpoint: path, weights: weights).means.first).value
      }
      let logged = try #require(summary.json["validation"]?.object?["loss"]?.number)
      #expect(try loss(nil) == logged && loss(.averaged) == logged && loss(.raw) != logged)

      let row: [[Float]] = [[0.1, 0.2, 0.3, 0.4, 0.5]]
      let (averaged, raw) = (try TrainedModel(checkpoint: path), try TrainedModel(checkpoint: path, weights: .raw))
      #expect(try averaged.predict(row) != raw.predict(row))
      let loaded = try checkpoint(folder, 20)
      for (model, prefix) in [(averaged, "average."), (raw, "model.")] {
        for tensor in model.tensors where !tensor.name.contains("running") {
          let name = tensor.name.replacing("model.", with: prefix)
          #expect(tensor.values.array == loaded.tensors.first { $0.name == name }?.values.array, "\(name)")
        }
      }
    }
    try withTemporaryFolder { folder in
      let summary = try TrainingRun.start(tinyRun(), output: folder).train()
      let path = try #require(summary.json["checkpoint"]?.string)
      #expect {
        try TrainedModel(checkpoint: path, weights: .averaged)
      } throws: {
        "\($0)".contains("found no average of the weights, expected a run with training.weight_average")
      }
      #expect(
        try EvaluationReport(checkpoint: path, weights: .raw).means.map(\.value)
          == EvaluationReport(checkpoint: path).means.map(\.value))
    }
  }

  /// A run that diverges goes back to the average of then: the same as one that was stopped there, with smaller
  /// learning rates.
  @Test func isTakenBackToo() throws {
    try withTemporaryFolder { folder in
      let run = try TrainingRun.start(configuration("training.on_divergence=restore"), output: folder)
      _ = try run.train { event in
        guard case .step(let result, _) = event, result.step == 14, run.trainer.state.learningRateFactor == 1 else {
          return
        }
        for tensor in run.trainer.tensors where tensor.name.hasPrefix("model.dense0") { tensor.values.fill(.nan) }
      }
      #expect(run.state.divergences.restores == 1)
      let trainer = try RunSetup(configuration()).trainer()
      for step in 0..<20 {
        if step == 13 {
          trainer.resume(from: TrainerState(step: 13, optimizer: trainer.state.optimizer, learningRateFactor: 0.5))
        }
        try trainer.step()
      }
      #expect(trainer.tensors.map { $0.values.array } == run.trainer.tensors.map { $0.values.array })
    }
  }

  /// It is what the run was configured with.
  @Test func aChangedDecayIsRefused() throws {
    try withTemporaryFolder { folder in
      _ = try TrainingRun.start(configuration(), output: folder, upTo: 3).train()
      for change in ["training.weight_average.decay=0.9", "training.weight_average=null"] {
        #expect {
          try TrainingRun.resume(folder, overrides: [ConfigurationOverride(change)])
        } throws: {
          "\($0)".contains("the run was configured with training.weight_average")
        }
      }
    }
  }

  /// The estimate is of what is there.
  @Test func theEstimateCountsIt() throws {
    let (with, without) = (try RunEstimate(configuration()), try RunEstimate(tinyRun()))
    #expect(with.memory.contains { $0.purpose == "average" } && !without.memory.contains { $0.purpose == "average" })
    #expect(with.disk.checkpointBytes > without.disk.checkpointBytes)
  }
}

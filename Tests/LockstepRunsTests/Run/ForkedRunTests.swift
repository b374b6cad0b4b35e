import Foundation
import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepKernels
import LockstepModel
import LockstepTraining
import RunSupport
import TestSupport
import Testing

@testable import LockstepRuns

/// A run that begins at a checkpoint of another: with the same settings it has its bits, with others the bits that
/// follow from the checkpoint and the settings, on any threads and through any stop.
@Suite("Same bits: forked runs") struct ForkedRunTests {
  /// Nearly everything that a run remembers: slots, an average, running statistics, a plateau that has fallen, early
  /// stopping, a window of figures.
  static func configuration(_ changes: String...) throws -> RunConfiguration {
    try tinyRun(
      "training.weight_average={decay: 0.8}",
      "schedule={reduce_on_plateau: {factor: 0.5, patience: 0, threshold: 0.3}}",
      "training.early_stopping={patience: 9}", "checkpoint={every: {steps: 1}, keep: 30, keep_best: {metric: loss}}"
    ).changed(changes)
  }

  /// In `folder`/a; its checkpoints of all steps stay.
  static func origin(in folder: String, _ configuration: RunConfiguration) throws -> (RunSummary, [JSONObject]) {
    let run = try TrainingRun.start(configuration, output: "\(folder)/a")
    return (try run.train(), try run.lines)
  }

  static func fork(
    _ folder: String, _ name: String, step: Int? = nil, _ changes: [String] = [], upTo steps: Int? = nil
  ) throws -> TrainingRun {
    try TrainingRun.fork(
      "\(folder)/a", step: step, overrides: changes.map { try ConfigurationOverride($0) }, output: "\(folder)/\(name)",
      upTo: steps)
  }

  /// Wherever it begins, its weights, its evaluations and its log are those of the run that goes on.
  @Test func unchangedItIsTheSameRun() throws {
    try withTemporaryFolder { folder in
      let (expected, lines) = try Self.origin(in: folder, Self.configuration())
      let before = try contents(of: "\(folder)/a")
      for step in [1, 3, 4, 6, 11, 12, 19] {
        let run = try Self.fork(folder, "\(step)", step: step, ["training.threads=\(1 + step % 3)"])
        let summary = try run.train()
        #expect(summary.digest == expected.digest, "\(step)")
        #expect(summary.json["validation"] == expected.json["validation"])
        #expect(summary.json["final_loss"] == expected.json["final_loss"])
        #expect(try run.lines.first?["event"] == "forked" && run.lines.first?["step"]?.integer == step)
        #expect(try Array(run.lines.dropFirst()) == lines.filter { $0["step"]?.integer ?? 0 > step }, "\(step)")
        #expect(run.origin?.changes == [] && run.origin?.step == step && run.origin?.run == "\(folder)/a")
      }
      #expect(try contents(of: "\(folder)/a") == before)
    }
  }

  static let changes: [[String]] = [
    ["optimizer.adam.learning_rate=0.01"], ["optimizer.adam.beta1=0.5"],
    ["optimizer={sgd: {learning_rate: 0.01, momentum: 0.9}}"],
    ["optimizer={adamw: {learning_rate: 0.02}}"], ["schedule={cosine: {}}"],
    ["schedule=constant", "training.steps=26"],
    ["training.gradient_clip={global_norm: 0.1}"], ["training.batch_size=48"], ["training.shards=2"],
    ["data.train.synthetic.samples=200"], ["data.train.synthetic.seed=9"], ["regularization.l2=0.01"],
    ["training.early_stopping.patience=1"], ["training.weight_average=null"], ["loss={huber: {delta: 0.3}}"],
    ["seed=5", "training.epochs=5"], ["model.layers.2=relu"],
  ]

  /// The bits of a fork are those that a trainer comes to which is given the tensors of the checkpoint.
  @Test(arguments: changes) func otherSettings(changes: [String]) throws {
    try withTemporaryFolder { folder in
      let (whole, _) = try Self.origin(in: folder, Self.configuration())
      let run = try Self.fork(folder, "b", step: 7, changes)
      let summary = try run.train()
      #expect(summary.digest != whole.digest || changes == ["training.early_stopping.patience=1"])
      // On other threads, stopped and resumed at every second step, killed in between.
      for threads in [1, 3] {
        let name = "c\(threads)"
        _ = try Self.fork(folder, name, step: 7, changes + ["training.threads=\(threads)"], upTo: 8).train()
        for step in stride(from: 10, to: 20, by: 2) {
          let (copy, path) = ("\(folder)/\(name)-\(step)", "\(folder)/\(name)")
          let killed = try TrainingRun.resume(path, upTo: step)
          let events = Events()
          events.then = { if case .step(let result, _) = $0, result.step == step - 1 { try copyRun(path, to: copy) } }
          _ = try killed.train(observe: events.observe)
          guard FileManager.default.fileExists(atPath: copy) else { continue }
          let end = try TrainingRun.resume(copy)
          #expect(try end.train().digest == summary.digest, "\(step)")
          #expect(try end.lines == run.lines, "\(step)")
        }
        let end = try TrainingRun.resume("\(folder)/\(name)")
        #expect(try end.train().digest == summary.digest)
        #expect(try end.lines == run.lines && end.origin?.step == 7)
      }
    }
  }

  /// By hand: a new trainer, the tensors copied, the steps done.
  @Test func isWhatATrainerDoes() throws {
    let plain = try tinyRun("checkpoint={every: {steps: 1}, keep: 30}")
    for (change, keeps) in [
      ("optimizer.adam.learning_rate=0.01", true), ("optimizer={adam: {learning_rate: 0.05, beta1: 0.7}}", true),
      ("training.batch_size=48", true), ("training.shards=2", true), ("training.weight_average={decay: 0.8}", true),
      ("optimizer={adagrad: {learning_rate: 0.02}}", false), ("optimizer={sgd: {learning_rate: 0.01}}", false),
    ] {
      try withTemporaryFolder { folder in
        _ = try Self.origin(in: folder, plain)
        let summary = try Self.fork(folder, "b", step: 7, [change]).train()
        let trainer = try RunSetup(plain.changed([change])).trainer(threads: .count(1))
        let path = CheckpointStore(folder: "\(folder)/a/checkpoints", keep: 30).path(step: 7)
        let checkpoint = try RestoredRun(checkpoint: path).checkpoint
        let byName = Dictionary(uniqueKeysWithValues: checkpoint.tensors.map { ($0.name, $0.values) })
        for tensor in trainer.tensors where keeps || tensor.name.hasPrefix("model.") {
          if let values = byName[tensor.name] { tensor.values.copy(from: values) }
        }
        // One that comes begins at the weights.
        trainer.restartAverage()
        var state = try #require(RunState(metadata: checkpoint.metadata)).trainer
        if !keeps { state.optimizer = OptimizerProgress() }
        trainer.resume(from: state)
        while trainer.state.step < 20 { try trainer.step() }
        #expect(weightsDigest(of: trainer.tensors) == summary.digest, "\(change)")
      }
    }
  }

  /// What each setting leaves of what the run remembers.
  @Test func whatIsRemembered() throws {
    let saved = try Self.configuration()
    var state = RunState()
    state.trainer = TrainerState(
      step: 8, optimizer: OptimizerProgress(updates: 7, momentumProduct: 0.5),
      plateau: PlateauState(factor: 0.25, best: 0.5, evaluationsWithoutImprovement: 1), learningRateFactor: 0.5)
    state.window.steps = 2
    state.lastLoss = 0.75
    state.divergences.restores = 1
    state.evaluation = ScheduledEvaluation(step: 8, metrics: [("loss", 0.6)])
    state.best = BestEvaluation(step: 4, value: 0.5)
    state.earlyStopping.best = state.best
    state.earlyStopping.evaluationsWithoutImprovement = 3
    func forked(_ changes: String..., otherSamples: Bool = false) throws -> RunState {
      let fork = Fork(of: saved, as: try saved.changed(changes), hasOtherSamples: otherSamples)
      let forked = fork.state(from: state)
      #expect(forked.trainer.step == 8 && forked.restoresFrom == 0)
      return forked
    }
    var same = state
    // The checkpoint of step 4 is not in the new folder.
    same.best = BestEvaluation(step: 8, value: 0.6)
    #expect(try forked() == same)
    #expect(try forked("training.threads=3", "metrics.every.steps=1", "name=x") == same)
    #expect(try forked("checkpoint.keep_best=null").best == nil)
    // Patience alone is no other run, as where one goes on.
    #expect(try forked("training.early_stopping.patience=1").earlyStopping == state.earlyStopping)
    let smaller = try forked("optimizer.adam.learning_rate=0.01")
    #expect(smaller.trainer.optimizer == state.trainer.optimizer)
    #expect(smaller.trainer.learningRateFactor == 1 && smaller.trainer.plateau == PlateauState())
    #expect(smaller.window == MetricWindow() && smaller.lastLoss == nil && smaller.divergences == Divergences())
    #expect(smaller.evaluation == state.evaluation && smaller.earlyStopping.best == state.earlyStopping.best)
    #expect(smaller.earlyStopping.evaluationsWithoutImprovement == 0)
    let decayed = try forked("optimizer.adam.beta2=0.9")
    #expect(decayed.trainer.learningRateFactor == 0.5 && decayed.trainer.plateau == state.trainer.plateau)
    let sgd = try forked("optimizer={sgd: {learning_rate: 0.05}}")
    #expect(sgd.trainer.optimizer == OptimizerProgress() && sgd.trainer.learningRateFactor == 1)
    #expect(try forked("schedule=constant").trainer.plateau == PlateauState())
    #expect(try forked("training.early_stopping.minimum_delta=0.1").earlyStopping == EarlyStoppingState())
    for other in [try forked("data.validation.synthetic.samples=40"), try forked(otherSamples: true)] {
      #expect(other.evaluation == nil && other.best == nil && other.earlyStopping == EarlyStoppingState())
      #expect(other.trainer.plateau == PlateauState(factor: 0.25))
    }
  }

  /// It is never taken back further than where it began, and that checkpoint stays.
  @Test func takenBack() throws {
    try withTemporaryFolder { folder in
      // Diverges soon after the fork, whose rate is far too large, until that has been divided often enough.
      let plain = try tinyRun(
        "optimizer={sgd: {learning_rate: 0.01}}", "loss=mean_squared_error", "model.layers.2=softplus",
        "checkpoint={every: {steps: 6}, keep: 1}")
      _ = try TrainingRun.start(plain, output: "\(folder)/a", upTo: 8).train()
      let changes = [
        "optimizer.sgd.learning_rate=1e30", "training.on_divergence={restore: {factor: 1e-16, tries: 3}}",
      ]
      let events = Events()
      let run = try Self.fork(folder, "b", changes)
      let summary = try run.train(observe: events.observe)
      let backs = events.all.compactMap { if case .restored(let step, _, _) = $0 { step } else { nil } }
      #expect(!backs.isEmpty && backs.allSatisfy { $0 >= 8 }, "\(backs)")
      let steps = try CheckpointStore(folder: "\(folder)/b/checkpoints", keep: 1).list().map(\.step)
      #expect(steps.contains(8) && steps.last == 20)
      for threads in [1, 3] {
        _ = try Self.fork(folder, "c\(threads)", changes + ["training.threads=\(threads)"], upTo: 9).train()
        #expect(try TrainingRun.resume("\(folder)/c\(threads)").train().digest == summary.digest)
      }
    }
  }

  /// Where the process is killed before it has written the configuration, the checkpoint has it.
  @Test func killedWhileItBegan() throws {
    try withTemporaryFolder { folder in
      _ = try Self.origin(in: folder, Self.configuration())
      let expected = try Self.fork(folder, "b", step: 7, ["training.batch_size=48"]).train()
      _ = try Self.fork(folder, "c", step: 7, ["training.batch_size=48"])
      for name in ["config.yaml", "metrics.jsonl", "metrics.csv"] {
        try FileManager.default.removeItem(atPath: "\(folder)/c/\(name)")
      }
      let run = try TrainingRun.resume("\(folder)/c")
      #expect(try run.train().digest == expected.digest)
      #expect(try run.lines.first?["event"] == "forked" && RunRecord("\(folder)/c").origin == run.origin)
    }
  }

  @Test func isTold() throws {
    try withTemporaryFolder { folder in
      _ = try Self.origin(in: folder, Self.configuration())
      let run = try Self.fork(folder, "b", step: 7, ["training.batch_size=48", "schedule=constant"])
      let summary = try run.train()
      let origin = try #require(run.origin)
      let path = CheckpointStore(folder: "\(folder)/a/checkpoints", keep: 1).path(step: 7)
      #expect(origin.checkpoint == Folder.lastName(of: path))
      #expect(try origin.weightsDigest == TrainingRun.inspect(path).weightsDigest)
      #expect(origin.changes.map(\.key) == ["schedule", "training.batch_size"])
      #expect(origin.changes.last == .init(key: "training.batch_size", old: "32", new: "48"))
      #expect(summary.json["forked_from"] == .object(origin.json))
      #expect(try RunRecord("\(folder)/b").origin == origin)
      // A fork of a fork tells of the nearer one.
      let second = try TrainingRun.fork("\(folder)/b", step: 9, output: "\(folder)/c")
      #expect(second.origin?.run == "\(folder)/b" && second.origin?.changes == [])
    }
  }

  static let refusals: [(changes: [String], step: Int?, words: String)] = [
    (["model.layers.0.dense.units=9"], 7, "found a model of other tensors"),
    (["model.layers.0.dense.bias=true"], 7, "model: {weights: FILE"),
    (["data.train.synthetic.features=6", "data.validation.synthetic.features=6"], 7, "found data of 6 features"),
    ([], 5000, "--step 5000"), ([], nil, "nothing left to do"), (["training.steps=6"], 7, "found 7 steps done"),
    (["optimizer.adm=1"], 7, "optimizer.adm"), (["model.weights=x.safetensors"], 7, "model.weights"),
  ]

  /// Nothing is made, and nothing changed.
  @Test(arguments: refusals.indices) func isRefused(index: Int) throws {
    let (changes, step, words) = Self.refusals[index]
    try withTemporaryFolder { folder in
      _ = try Self.origin(in: folder, Self.configuration())
      let before = try contents(of: folder)
      let error = try #require(throws: (any Error).self) { try Self.fork(folder, "b", step: step, changes) }
      #expect("\(error)".contains(words), "\(error)")
      #expect(try contents(of: folder) == before)
    }
  }

  /// Not even where it is asked for.
  @Test func theOriginIsNotOverwritten() throws {
    try withTemporaryFolder { folder in
      _ = try Self.origin(in: folder, Self.configuration())
      let before = try contents(of: folder)
      let error = try #require(throws: RunError.self) {
        try TrainingRun.fork("\(folder)/a", step: 7) { (_) throws(RunError) in
          .at("\(folder)/a/", overwriting: true)
        }
      }
      #expect("\(error)".contains("found the run that is forked"))
      #expect(try contents(of: folder) == before)
    }
  }
}

extension RunConfiguration {
  /// This one with changes, as `--set` takes them.
  fileprivate func changed(_ changes: [String]) throws -> RunConfiguration {
    try RunConfiguration(yaml: resolvedYAML, overrides: changes.map { try ConfigurationOverride($0) })
  }
}

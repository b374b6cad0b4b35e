import Foundation
import LockstepData
import LockstepTraining
import RunSupport
import TestSupport
import Testing

@testable import LockstepConfiguration
@testable import LockstepRuns
@testable import LockstepStudies

@Suite struct ComparisonTests {
  private func plan(
    _ vary: String..., trials: Comparison.Trials = .folds(3), metric: String? = nil, set changes: [String] = []
  ) throws -> Comparison.Plan {
    let configuration = try RunConfiguration(
      yaml: tinyRun("training.shards=2", "training.batch_size=16").resolvedYAML,
      overrides: changes.map { try ConfigurationOverride($0) })
    return try Comparison.Plan(configuration, varying: vary.map { try Variation($0) }, over: trials, metric: metric)
  }

  /// Without the times.
  private func figures(_ comparison: Comparison) -> Comparison {
    var comparison = comparison
    for cell in comparison.cells.indices {
      for trial in comparison.cells[cell].trials.indices {
        comparison.cells[cell].trials[trial].stepSeconds = nil
        comparison.cells[cell].trials[trial].inferenceSeconds = 0
      }
    }
    return comparison
  }

  /// The mean over the folds is that of trainers that hold out one fold each, trained by hand.
  @Test func aCellIsACrossValidation() throws {
    let comparison = try plan("activation=relu,tanh", "optimizer.adam.learning_rate=0.05,0.001").run()
    #expect(comparison.metric == .loss && comparison.cells.count == 4)
    #expect(comparison.cells.allSatisfy { $0.trials.count == 3 })
    let means = comparison.cells.compactMap(\.mean)
    #expect(means == means.sorted() && means.count == 4)
    let cell = try #require(
      comparison.cells.first { $0.choices.map(\.value) == ["tanh", "0.001"] })
    let configuration = try tinyRun(
      "training.shards=2", "training.batch_size=16", "optimizer.adam.learning_rate=0.001")
    var losses: [Double] = []
    for fold in 0..<3 {
      let (train, validation) = try RunSetup(configuration).train.fold(fold, of: 3, seed: 1)
      let trainer = try Trainer(
        configuration.model, loss: configuration.loss, optimizer: configuration.optimizer,
        options: configuration.options)
      try trainer.attach(train)
      for _ in 0..<20 { try trainer.step() }
      losses.append(try trainer.evaluate(on: validation).loss)
    }
    #expect(cell.trials.map(\.metric) == losses)
    #expect(cell.mean == losses.reduce(0, +) / 3)
  }

  @Test func differencesArePaired() throws {
    let comparison = try plan("activation=relu,tanh,sigmoid", trials: .seeds(4)).run()
    let best = comparison.cells[0]
    #expect(best.difference == nil)
    for cell in comparison.cells.dropFirst() {
      let pairs = zip(cell.trials, best.trials).map { ($0.metric ?? .nan) - ($1.metric ?? .nan) }
      let (sample, difference) = (Sample(pairs), try #require(cell.difference))
      #expect(difference.mean == sample.mean && difference.mean > 0)
      let margin = try #require(sample.margin(overlap: 0))
      #expect(difference.interval == sample.mean - margin...sample.mean + margin)
    }
    // Seeds draw other weights and other data.
    #expect(Set(best.trials.map(\.weightsDigest)).count == 4)
  }

  @Test func doesNotDependOnThreads() throws {
    let expected = figures(try plan("activation=relu,selu", "batch_norm=none,shard,batch").run())
    for threads in [1, 2] {
      let found = try plan(
        "activation=relu,selu", "batch_norm=none,shard,batch", set: ["training.threads=\(threads)"]
      ).run()
      #expect(figures(found) == expected, "\(threads) threads")
    }
  }

  /// A finished trial is not done again; another value costs its own trials alone, and a damaged file counts as none.
  @Test func goesOnWhereItWasStopped() throws {
    try withTemporaryFolder { folder in
      func files() throws -> [String: FileContent] { try contents(of: folder) }
      let first = try plan("activation=relu,tanh").run(in: folder)
      let kept = try files()
      #expect(kept.count == 6)
      // Times too are those of the first time.
      #expect(try plan("activation=relu,tanh").run(in: folder) == first)
      #expect(try files() == kept)
      let wider = try plan("activation=relu,tanh,elu", set: ["training.threads=1", "name=other"]).run(in: folder)
      let more = try files()
      #expect(more.count == 9 && kept.allSatisfy { more[$0.key] == $0.value })
      #expect(wider.cells.filter { $0.title != "elu" }.map(\.trials) == first.cells.map(\.trials))
      // Everything that a figure follows from is part of the name.
      _ = try plan("activation=relu", set: ["seed=2"]).run(in: folder)
      #expect(try files().count == 12)
      let one = try #require(kept.keys.first)
      try write("{\"metric\":", to: "\(folder)/\(one)")
      #expect(figures(try plan("activation=relu,tanh").run(in: folder)) == figures(first))
    }
  }

  /// A fold of a file is opened once, whatever is varied but how it is read.
  @Test func opensEachTrialOnce() throws {
    try withTemporaryFolder { folder in
      let rows = (0..<90).map { "\($0 % 7),\($0 % 5),\(["a", "b", "c"][$0 % 3])\n" }
      try write("p,q,y\n" + rows.joined(), to: "\(folder)/t.csv")
      try write(
        """
        data: {train: {csv: {path: t.csv, target: y}}}
        model: {layers: [{dense: {units: 8}}, relu, {dense: {units: 3}}]}
        loss: softmax_cross_entropy
        optimizer: adam
        training: {batch_size: 16, shards: 2, steps: 5}
        """, to: "\(folder)/c.yaml")
      let plan = try Comparison.Plan(
        OpenedConfiguration(file: "\(folder)/c.yaml", unknown: .ignore),
        varying: [Variation("activation=relu,tanh"), Variation("data.standardize=true,false")], over: .folds(3))
      func files(_ cell: Int, _ trial: Int) throws -> FileData {
        try #require(try plan.setting(cell, trial).setup.opened.files)
      }
      for trial in 0..<3 {
        let first = try files(0, trial)
        // Standardised or not with relu, then with tanh.
        #expect(try files(0, trial) === first && files(2, trial) === first && files(1, trial) !== first)
        #expect(try files(3, trial) === files(1, trial))
        #expect(first.preprocessing.samples == 60)
      }
      #expect(try files(0, 0) !== files(0, 1))
    }
  }

  /// A cell that diverges is a result: last on the board, with the step, and kept like any other.
  @Test func divergenceIsAResult() throws {
    try withTemporaryFolder { folder in
      for _ in 0..<2 {
        let comparison = try plan(
          "optimizer={sgd: {learning_rate: 0.01}},{sgd: {learning_rate: 1e35}}", "activation=softplus",
          "batch_norm=none",
          set: ["loss=mean_squared_error"]
        ).run(in: folder)
        let last = try #require(comparison.cells.last)
        #expect(last.choices[0].value.contains("1e35"))
        #expect(last.mean == nil && last.stddev == nil && last.difference == nil)
        #expect(last.diverged?.hasPrefix("step ") == true, "\(last.diverged ?? "")")
        #expect(comparison.cells[0].mean != nil)
        let json = try #require(comparison.json.array)
        #expect(json.count == 2 && json[1].object?["mean"] == .null)
        #expect(json[1].object?["diverged"]?.string == last.diverged)
      }
    }
  }

  @Test func json() throws {
    let comparison = try plan("activation=relu,tanh", trials: .seeds(1), metric: "mean_absolute_error").run()
    let cells = try #require(comparison.json.array).compactMap { $0.object }
    #expect(Set(cells.compactMap { $0["activation"]?.string }) == ["relu", "tanh"])
    for (object, cell) in zip(cells, comparison.cells) {
      #expect(object["metric"] == "mean_absolute_error" && object["mean"]?.number == cell.mean)
      #expect(object["stddev"] == .null)
      #expect((object["step_seconds"]?.number ?? 0) > 0 && (object["inference_seconds"]?.number ?? 0) > 0)
      #expect(object["verdict"]?.array?.isEmpty == false)
    }
    // Of a single trial nothing is known about how sure it is.
    #expect(comparison.cells[1].difference?.interval == nil)
    #expect(comparison.cells.first { $0.title == "relu" }?.dead != nil)
    #expect(comparison.cells.first { $0.title == "tanh" }?.dead == nil)
  }

  /// Epochs are those of the samples that are left for training, and a plateau sees the fold that is held out.
  @Test func lengthAndPlateau() throws {
    let plan = try plan(
      "schedule=constant,{reduce_on_plateau: {patience: 0, threshold: 0.9}}", set: ["training.epochs=3"])
    // 160 samples, of which 106 or 107 are left: 7 batches of 16.
    #expect(try plan.setting(0, 0).setup.steps == 21)
    let comparison = try plan.run()
    #expect(comparison.cells[0].mean != comparison.cells[1].mean)
  }

  @Test(
    arguments: [
      ("activation=relu", Comparison.Trials.folds(1), nil, [], "--folds 1: a cross-validation: found 1 folds"),
      ("activation=relu", .folds(161), nil, [], "--folds 161: a cross-validation: found 161 folds of 160 samples"),
      ("activation=relu", .seeds(0), nil, [], "--seeds 0"),
      (
        "activation=relu", .seeds(2), nil, ["evaluation=null", "data.validation=null"],
        "--seeds: found no data.validation"
      ),
      ("activation=relu", .folds(2), "accuracy", [], "--metric accuracy: found no such metric"),
      // 80 samples are left, and the last batch of 60 has 20 of them.
      ("training.shards=2,16", .folds(2), nil, ["training.batch_size=60"], "leaves a shard with fewer than 2 rows"),
    ] as [(String, Comparison.Trials, String?, [String], String)])
  func badInput(vary: String, trials: Comparison.Trials, metric: String?, changes: [String], expected: String) throws {
    let error = try #require(throws: RunError.self) {
      try plan(vary, trials: trials, metric: metric, set: changes)
    }
    guard case .input(let text) = error else { throw error }
    #expect(text.contains(expected), "\(text)")
  }
}

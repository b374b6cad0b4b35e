import Foundation
import LockstepConfiguration
import LockstepFormats
import LockstepTraining
import RunSupport
import TestSupport
import Testing

@testable import LockstepRuns
@testable import LockstepStudies

/// A run that nobody has touched is the same when it is trained again.
@Suite("Same bits: verification") struct VerificationTests {
  static let settings: [[String]] = [
    [], ["checkpoint.keep=1"], ["evaluation=null", "data.validation=null", "metrics.digest_every=null"],
    [
      "schedule={reduce_on_plateau: {factor: 0.5, patience: 0, threshold: 0.3}}",
      "training.weight_average={decay: 0.8}",
    ],
    ["training.early_stopping={patience: 1, minimum_delta: 0.5}", "checkpoint.keep_best={metric: loss}"],
    ["optimizer={sgd: {learning_rate: 0.01, momentum: 0.9}}", "schedule={cosine: {}}", "training.accumulate=2"],
    ["model.initialization=lsuv", "training.batch_size=48", "metrics.layers_every={steps: 2}"],
    ["training.on_divergence=restore", "logging={tensorboard: {histograms_every: {steps: 5}}}"],
  ]

  /// Whatever it remembers, stopped and resumed, on any threads; and its folder stays as it is.
  @Test(arguments: settings) func untouched(settings: [String]) throws {
    try withTemporaryFolder { folder in
      let configuration = try RunConfiguration(
        yaml: tinyRun().resolvedYAML, overrides: settings.map { try ConfigurationOverride($0) })
      _ = try TrainingRun.start(configuration, output: folder, upTo: 4).train()
      _ = try TrainingRun.resume(folder, upTo: 13).train()
      _ = try TrainingRun.resume(folder).train()
      let before = try contents(of: folder)
      for threads in 1...3 {
        let verification = try #require(try Verification.Plan(folder).run(threads: threads))
        #expect(verification.isSame, "\(settings): \(verification)")
        #expect(verification.intervals.map(\.from) == [0] + verification.intervals.dropLast().map(\.to))
        #expect(verification.allIntervals == verification.intervals.count && verification.seed == nil)
      }
      #expect(try contents(of: folder) == before)
    }
  }

  /// What is trained again goes back where the run went back.
  @Test func takenBack() throws {
    try withTemporaryFolder { folder in
      let configuration = try tinyRun(
        "training.on_divergence={restore: {factor: 1e-22, tries: 2}}", "checkpoint.keep=9",
        "optimizer={sgd: {learning_rate: 1e20}}", "loss=mean_squared_error")
      let summary = try TrainingRun.start(configuration, output: folder).train()
      #expect(summary.json["restores"]?.integer ?? 0 > 0)
      let verification = try #require(try Verification.Plan(folder).run())
      #expect(verification.isSame && verification.intervals.count == 4, "\(verification)")
    }
  }

  @Test func forked() throws {
    try withTemporaryFolder { folder in
      _ = try TrainingRun.start(tinyRun(), output: "\(folder)/a").train()
      _ = try TrainingRun.fork(
        "\(folder)/a", step: 18, overrides: [ConfigurationOverride("training.steps=30")], output: "\(folder)/b"
      ).train()
      let verification = try #require(try Verification.Plan("\(folder)/b").run())
      #expect(verification.isSame && verification.intervals.first?.from == 18, "\(verification)")
      #expect(try links(of: "\(folder)/b").map(\.words) == ["18 after 18", "24 after 18", "30 after 24"])
      #expect(verification.notes.contains { $0.contains("forked from \(folder)/a, step 18") })
    }
  }

  /// A run may be made longer where it stands, and where it stood the checkpoint is kept.
  @Test func madeLonger() throws {
    try withTemporaryFolder { folder in
      _ = try TrainingRun.start(tinyRun("schedule={cosine: {}}"), output: folder).train()
      let longer = [try ConfigurationOverride("training.steps=26"), try ConfigurationOverride("checkpoint.keep=1")]
      let first = try #require(try Verification.Plan(folder).run())
      #expect(first.isSame)
      _ = try TrainingRun.resume(folder, overrides: longer).train()
      // The checkpoint of step 20, from which on it was another run, is gone.
      let verification = try #require(try Verification.Plan(folder).run())
      guard case .notTrained(let reason) = verification.intervals.first?.outcome else {
        Issue.record("\(verification)")
        return
      }
      #expect(reason.contains("the length of the run was changed between these checkpoints (step 20: from 20 to 26"))
    }
  }

  @Test func someIntervals() throws {
    try withTemporaryFolder { folder in
      _ = try TrainingRun.start(
        tinyRun("checkpoint={every: {steps: 2}, keep: 30}"), output: folder
      ).train()
      let all = try Verification.Plan(folder)
      #expect(all.intervals == stride(from: 0, to: 20, by: 2).map { $0...$0 + 2 })
      #expect(try Verification.Plan(folder, from: 4, to: 10).intervals == [4...6, 6...8, 8...10])
      #expect(try Verification.Plan(folder, to: 2).intervals == [0...2])
      var picked: Set<[Int]> = []
      for seed in UInt64(0)..<12 {
        let verification = try #require(try all.run(sample: 3, seed: seed))
        let steps = verification.intervals.map(\.from)
        #expect(verification.isSame && Set(steps).count == 3 && steps == steps.sorted() && verification.seed == seed)
        #expect(try all.run(sample: 3, seed: seed)?.intervals.map(\.from) == steps)
        picked.insert(steps)
      }
      #expect(picked.count > 6)
      for (from, to, said) in [
        (3, nil, "--from 3: found no checkpoint of that step"), (nil, 7, "--to 7: found no checkpoint of that step"),
        (6, 4, "--from 6 --to 4: expected an earlier and a later step"), (6, 6, "--from 6 --to 6: expected"),
      ] as [(Int?, Int?, String)] {
        let error = try #require(throws: RunError.self) { try Verification.Plan(folder, from: from, to: to) }
        #expect("\(error)".hasPrefix(said))
      }
    }
  }

  /// No more threads work at the same time than were asked for.
  @Test func threadsOfIntervals() {
    func shares(_ threads: Int, _ steps: [Int]) -> String {
      let shares = IntervalWorkers.shares(of: threads, steps)
      return "\(shares.threads) \(shares.beside)"
    }
    #expect(shares(1, [5, 5, 5]) == "[1, 1, 1] 1")
    #expect(shares(16, [100]) == "[16] 1")
    #expect(shares(16, [80, 10, 10]) == "[12, 1, 1] 3")
    #expect(shares(16, [10, 10, 10, 10, 10]) == "[3, 3, 3, 3, 3] 5")
    #expect(shares(4, [10, 10, 10, 10, 10, 10]) == "[1, 1, 1, 1, 1, 1] 4")
    var random = SeededGenerator(seed: 5)
    for _ in 0..<1000 {
      let steps = (0..<Int.random(in: 1...20, using: &random)).map { _ in Int.random(in: 1...1000, using: &random) }
      let threads = Int.random(in: 1...64, using: &random)
      let (each, beside) = IntervalWorkers.shares(of: threads, steps)
      #expect(each.allSatisfy { $0 >= 1 } && each.sorted(by: >).prefix(beside).reduce(0, +) <= threads, "\(steps)")
    }
  }

  @Test func stopped() throws {
    try withTemporaryFolder { folder in
      _ = try TrainingRun.start(tinyRun(), output: folder).train()
      let stop = StopRequest()
      stop.request(signal: 2)
      #expect(try Verification.Plan(folder).run(stop: stop) == nil)
    }
  }

  /// A checkpoint, and what it says of the one before it.
  private struct Link {
    let step: Int
    let link: CheckpointLink?
    var words: String { "\(step) after \(link.map { "\($0.step)" } ?? "none")" }
  }

  /// The links of a run's checkpoints; those to checkpoints that are there have their digests.
  private func links(of folder: String) throws -> [Link] {
    let records = try CheckpointStore(folder: "\(folder)/checkpoints", keep: 1).list().map {
      try CheckpointRecord(verifying: $0.path)
    }
    let digests = Dictionary(uniqueKeysWithValues: records.map { ($0.step, $0.weightsDigest) })
    for record in records {
      guard let link = record.predecessor else { continue }
      #expect(digests[link.step] == nil || digests[link.step] == link.weightsDigest)
    }
    return records.map { Link(step: $0.step, link: $0.predecessor) }
  }

  /// One to which a run was taken back keeps the one before it.
  @Test func chainOfARunThatWentBack() throws {
    try withTemporaryFolder { folder in
      let run = try TrainingRun.start(
        tinyRun("training.on_divergence=restore", "checkpoint.keep=9"), output: folder)
      var isSpoilt = false
      _ = try run.train { event in
        if case .step(let result, _) = event, result.step == 14, !isSpoilt {
          isSpoilt = true
          run.trainer.tensors.first?.values.fill(.infinity)
        }
      }
      #expect(
        try links(of: folder).map(\.words) == [
          "0 after none", "6 after 0", "12 after 6", "18 after 12", "20 after 18",
        ])
    }
  }

  /// Each checkpoint holds the digest of the one before, also of one that was deleted, or that a stop has saved.
  @Test func chain() throws {
    try withTemporaryFolder { folder in
      _ = try TrainingRun.start(tinyRun("checkpoint.keep_every={steps: 6}"), output: folder, upTo: 8).train()
      #expect(try links(of: folder).map(\.words) == ["6 after none", "8 after 6"])
      _ = try TrainingRun.resume(folder).train()
      #expect(try links(of: folder).map(\.words) == ["6 after none", "12 after 8", "18 after 12", "20 after 18"])
      let verification = try #require(try Verification.Plan(folder).run())
      #expect(verification.isSame)
      #expect(
        verification.notes == [
          "the chain has 1 gap, where checkpoints were not kept: the first between steps 6 and 12"
        ])
    }
  }
}

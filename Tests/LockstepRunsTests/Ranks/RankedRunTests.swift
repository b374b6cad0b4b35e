import Foundation
import LockstepConfiguration
import LockstepFormats
import LockstepTraining
import RunSupport
import Synchronization
import TestSupport
import Testing

@testable import LockstepRuns

/// A run of several ranks, here threads of one process, is in its files the run of one.
@Suite struct RankedRunTests {
  /// What came of a run, and the status that each of the other ranks ended with.
  private struct Outcome {
    var summary: RunSummary?
    var error: String?
    var statuses: [Int32]
    var refused: [String]
  }

  /// - Parameters:
  ///   - configuration: of a rank.
  ///   - stops: what asks a rank to stop.
  ///   - lead: makes the run at rank 0.
  private func run(
    _ ranks: Int, _ configuration: @escaping @Sendable (Int) throws -> RunConfiguration,
    stops: [StopRequest]? = nil, observe: @escaping @Sendable (TrainingRun, RunEvent) -> Void = { _, _ in },
    lead: @escaping @Sendable (RunSetup) throws(RunError) -> TrainingRun
  ) throws -> Outcome {
    let others = Mutex<(statuses: [Int32], refused: [String])>(([], []))
    let stops = stops ?? (0..<ranks).map { _ in StopRequest() }
    let (summary, error) = try withRanks(ranks) { (communicator) -> (RunSummary?, String?) in
      let cluster = Cluster(communicator)
      do {
        var setup = try RunSetup(configuration(communicator.rank))
        setup.cluster = cluster
        guard cluster.leads else {
          let status = try setup.follow(stops[communicator.rank])
          others.withLock { $0.statuses.append(status) }
          return (nil, nil)
        }
        let run = try lead(setup)
        let summary = try run.train(stop: stops[0]) { observe(run, $0) }
        cluster.end(status: 7)
        return (summary, nil)
      } catch {
        let speaks = cluster.fail("\(error)", status: 2)
        if !cluster.leads { others.withLock { $0.refused.append("\(error)") } }
        return (nil, speaks ? "\(error)" : nil)
      }
    }
    let (statuses, refused) = others.withLock { ($0.statuses, $0.refused) }
    return Outcome(summary: summary, error: error, statuses: statuses, refused: refused)
  }

  private func checkpoints(_ folder: String) throws -> [String: [UInt8]] {
    try contents(of: "\(folder)/checkpoints").mapValues(\.bytes)
  }

  /// The same checkpoints, byte for byte, and the same log.
  @Test(arguments: [
    [], ["training.weight_average=0.9"], ["training.gradient_clip={global_norm: 0.1}"],
    ["schedule={reduce_on_plateau: {patience: 0}}", "training.early_stopping={patience: 1}"],
    ["checkpoint.keep_best=r2", "metrics.layers_every={steps: 2}"],
  ])
  func filesAreThoseOfOneRank(changes: [String]) throws {
    try withTemporaryFolder { folder in
      let configuration = try RunConfiguration(
        yaml: tinyRun().resolvedYAML, overrides: changes.map { try ConfigurationOverride($0) })
      let alone = try TrainingRun.start(configuration, output: "\(folder)/alone")
      let expected = try alone.train()
      for ranks in [2, 3, 4] {
        let place = "\(folder)/\(ranks)"
        let outcome = try run(ranks) { _ in
          configuration
        } lead: { (setup) throws(RunError) in
          try TrainingRun.start(setup, in: .at(place, overwriting: false))
        }
        let summary = try #require(outcome.summary)
        #expect(summary.digest == expected.digest && summary.json["ranks"] == .integer(ranks))
        #expect(summary.json["validation"] == expected.json["validation"])
        #expect(outcome.statuses == Array(repeating: 7, count: ranks - 1))
        #expect(try checkpoints(place) == checkpoints("\(folder)/alone"), "\(changes), \(ranks) ranks")
        #expect(
          try RunFolder.open(place).lines == RunFolder.open("\(folder)/alone").lines, "\(changes), \(ranks) ranks")
      }
    }
  }

  /// Stopped on one layout by a signal to any of its ranks, and gone on with on another.
  @Test(arguments: [[3, 1], [1, 4], [2, 3, 4], [4, 2, 1]], [0, 1])
  func layoutsMayChange(layouts: [Int], asked: Int) throws {
    try withTemporaryFolder { folder in
      let configuration = try tinyRun("training.weight_average=0.9")
      let expected = try TrainingRun.start(configuration, output: "\(folder)/alone").train()
      var steps = 0
      for (index, ranks) in layouts.enumerated() {
        steps += 5
        let (last, stops) = (steps, (0..<ranks).map { _ in StopRequest() })
        let isLast = index == layouts.count - 1
        let outcome = try run(
          ranks, { _ in configuration }, stops: stops,
          observe: { _, event in
            guard case .step(let result, _) = event, result.step == last, !isLast else { return }
            stops[min(asked, ranks - 1)].request(signal: 15)
          }
        ) { (setup) throws(RunError) in
          try TrainingRun.resumeOrStart(setup, output: "\(folder)/run")
        }
        let summary = try #require(outcome.summary)
        guard !isLast else {
          #expect(summary.end == .finished && summary.digest == expected.digest)
          continue
        }
        // Another rank is heard with the next step.
        let done = asked == 0 || ranks == 1 ? last : last + 1
        #expect(summary.end == .stopped(signal: 15) && summary.json["steps"] == .integer(done))
      }
    }
  }

  /// Taken back to a checkpoint, and passed over: as one rank does.
  @Test(arguments: ["restore", "{skip: {limit: 3}}"])
  func divergence(policy: String) throws {
    try withTemporaryFolder { folder in
      let configuration = try tinyRun(
        "training.on_divergence=\(policy)", "optimizer={sgd: {learning_rate: 1e35}}", "checkpoint.every={steps: 2}")
      func train(_ run: TrainingRun) -> String {
        do { return try run.train().digest ?? "" } catch { return "\(error)" }
      }
      let alone = train(try TrainingRun.start(configuration, output: "\(folder)/run"))
      let log = try RunFolder.open("\(folder)/run").lines
      try FileManager.default.removeItem(atPath: "\(folder)/run")
      let outcome = try run(3) { _ in
        configuration
      } lead: { (setup) throws(RunError) in
        try TrainingRun.start(setup, in: .at("\(folder)/run", overwriting: false))
      }
      #expect((outcome.summary?.digest ?? outcome.error) == alone)
      #expect(try RunFolder.open("\(folder)/run").lines == log && log.count > 2)
    }
  }

  /// What differs between ranks is said with the rank's name, and nothing is begun.
  @Test(arguments: [
    ("seed=5", "seed: 5, expected seed: 1"),
    ("training.batch_size=40", "training.batch_size: 40, expected training.batch_size: 32"),
    (
      "data.train.synthetic.samples=150",
      "data.train.synthetic.samples: 150, expected data.train.synthetic.samples: 160"
    ),
  ])
  func differencesAreRefused(_ difference: (change: String, message: String)) throws {
    try withTemporaryFolder { folder in
      let outcome = try run(3) { rank in
        rank == 2 ? try tinyRun(difference.change) : try tinyRun()
      } lead: { (setup) throws(RunError) in
        try TrainingRun.start(setup, in: .at("\(folder)/run", overwriting: false))
      }
      let expected = "rank 2 (host2): found \(difference.message)"
      #expect(outcome.error?.hasPrefix(expected) == true, "\(outcome.error ?? "none")")
      #expect(outcome.refused.count == 2 && outcome.refused.allSatisfy { $0.hasPrefix(expected) }, "\(outcome.refused)")
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/run"))
    }
  }

  /// What does not touch the bits may differ: rank 0's counts.
  @Test func threadsMayDiffer() throws {
    try withTemporaryFolder { folder in
      let expected = try TrainingRun.start(tinyRun(), output: "\(folder)/alone").train()
      let outcome = try run(2) { rank in
        try tinyRun("training.threads=\(1 + rank)", "checkpoint.every={steps: \(5 + rank)}")
      } lead: { (setup) throws(RunError) in
        try TrainingRun.start(setup, in: .at("\(folder)/run", overwriting: false))
      }
      #expect(outcome.summary?.digest == expected.digest)
    }
  }

  /// A rank that cannot begin ends the job with what it has to say; rank 0 as well.
  @Test(arguments: [0, 1, 2])
  func failuresAreToldToAll(failing: Int) throws {
    try withTemporaryFolder { folder in
      let outcome = try run(3) { rank in
        rank == failing ? try tinyRun("training.batch_size=0") : try tinyRun()
      } lead: { (setup) throws(RunError) in
        try TrainingRun.start(setup, in: .at("\(folder)/run", overwriting: false))
      }
      let error = try #require(outcome.error)
      #expect(error.contains("batch_size"))
      #expect(error.hasPrefix("rank \(failing) (host\(failing)): ") == (failing > 0), "\(error)")
      #expect(outcome.refused.count == 2 && outcome.statuses.isEmpty)
    }
  }

  /// Rank 0 fails once the others wait for its orders: they end with its status.
  @Test func foldersThatAreTaken() throws {
    try withTemporaryFolder { folder in
      _ = try TrainingRun.start(tinyRun(), output: "\(folder)/run").train()
      let outcome = try run(3) { _ in
        try tinyRun()
      } lead: { (setup) throws(RunError) in
        try TrainingRun.start(setup, in: .at("\(folder)/run", overwriting: false))
      }
      #expect(outcome.error?.contains("run") == true && outcome.summary == nil)
      #expect(outcome.statuses == [2, 2])
    }
  }
}

extension RunFolder {
  /// The lines of the log without the speed, which no two runs share.
  fileprivate var lines: [JSONObject] {
    get throws {
      try MetricsLog.lines(metricsFile).map {
        var values = $0.values
        values["samples_per_second"] = nil
        return values
      }
    }
  }
}

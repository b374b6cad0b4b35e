import Foundation
import LockstepModel
import LockstepTraining
import RunSupport
import Synchronization
import TestSupport
import Testing

@testable import LockstepConfiguration
@testable import LockstepRuns
@testable import LockstepStudies

/// A search from its plan to its best trial.
@Suite struct SearchTests {
  private func plan(
    _ vary: String..., trials: Int = 9, strategy: Search.Strategy = .halving(), seed: UInt64 = 1, metric: String? = nil,
    set changes: [String] = []
  ) throws -> Search.Plan {
    let configuration = try RunConfiguration(
      yaml: tinyRun().resolvedYAML, overrides: changes.map { try ConfigurationOverride($0) })
    return try Search.Plan(
      configuration, varying: vary.map { try Search.Setting($0) }, trials: trials, strategy: strategy, seed: seed,
      metric: metric)
  }

  private static let rate = "optimizer.adam.learning_rate=log:1e-4..1"

  /// What a folder holds that follows from the search alone: no times.
  private func records(_ folder: String) throws -> [String: [UInt8]] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder)
    let kept = names.filter { $0.hasSuffix("trial.json") || ["search.json", "best.yaml"].contains($0) }
    return Dictionary(uniqueKeysWithValues: try kept.map { ($0, try bytes(of: "\(folder)/\($0)")) })
  }

  /// Every trial of a rung has the bits of a run that was trained to there in one go, and those that go on are the best
  /// of their rung.
  @Test func halvingIsTrainingInOneGo() throws {
    try withTemporaryFolder { folder in
      let plan = try plan(Self.rate, "model.layers.0.dense.units=4..16")
      let search = try plan.run(in: "\(folder)/s")
      #expect(search.end == .finished && search.metric == .loss && search.trials.count == 9)
      #expect(search.rungs == [(9, 9), (3, 3), (1, 1)].map { Search.Rung(trials: $0.0, divisor: $0.1) })
      for (place, steps) in [2, 6, 20].enumerated() {
        let there = search.trials.filter { $0.results.count > place }
        #expect(there.count == [9, 3, 1][place])
        #expect(there.allSatisfy { $0.results[place].steps == steps })
        let losses = there.compactMap { $0.results[place].metric }
        let promoted = search.trials.filter { $0.results.count > place + 1 }.compactMap { $0.results[place].metric }
        #expect(promoted.sorted() == Array(losses.sorted().prefix(promoted.count)))
        for trial in there {
          let configuration = try RunConfiguration(
            yaml: tinyRun().resolvedYAML,
            overrides: trial.choices.map { ConfigurationOverride(path: $0.key, value: $0.value) })
          let run = try TrainingRun.start(
            configuration, output: "\(folder)/\(trial.number)-\(steps)", upTo: steps)
          let summary = try run.train()
          #expect(summary.digest == trial.results[place].weightsDigest, "trial \(trial.number), \(steps) steps")
          #expect(summary.json["validation"]?.object?["loss"]?.number == trial.results[place].metric)
        }
      }
      let best = try #require(search.best)
      #expect(best == search.trials[0] && best.steps == 20)
      let units = search.trials.compactMap { Int($0.choices[1].value) }
      #expect(units.count == 9 && units.allSatisfy { (4...16).contains($0) } && Set(units).count > 3)
      // What stands in best.yaml trains to the same bits.
      let again = try TrainingRun.start(RunConfiguration(file: "\(folder)/s/best.yaml"), output: "\(folder)/best")
      #expect(again.configuration.name == "tiny")
      #expect(try again.train().digest == best.results.last?.weightsDigest)
    }
  }

  /// What each rank of a job ends with; rank 0 searches, and the others follow.
  private func search(
    ranks: Int, in folder: String, seed: @escaping @Sendable (Int) -> UInt64 = { _ in 1 },
    stop: StopRequest = StopRequest(), vary: String = Self.rate, trials: Int = 9, strategy: Search.Strategy = .halving()
  ) throws -> (end: RunSummary.End?, error: String?, statuses: [Int32]) {
    let others = Mutex<[Int32]>([])
    let found = try withRanks(ranks) { (communicator) -> (RunSummary.End?, String?) in
      let cluster = Cluster(communicator)
      do {
        var plan = try plan(
          vary, "activation=relu,tanh", trials: trials, strategy: strategy, seed: seed(communicator.rank))
        plan.cluster = cluster
        guard cluster.leads else {
          let status = try plan.follow(cluster, StopRequest())
          others.withLock { $0.append(status) }
          return (nil, nil)
        }
        let search = try plan.run(in: folder, stop: stop)
        cluster.end(status: 7)
        return (search.end, nil)
      } catch {
        return (nil, cluster.fail("\(error)", status: 2) ? "\(error)" : nil)
      }
    }
    return (found.0, found.1, others.withLock { $0 })
  }

  /// Every trial is trained by all ranks; a search that was stopped goes on with any number of them. Trials that
  /// diverge end no job.
  @Test func doesNotDependOnRanks() throws {
    try withTemporaryFolder { folder in
      for (name, vary) in [("all", Self.rate), ("diverging", "optimizer.adam.learning_rate=0.01,1e30")] {
        _ = try plan(vary, "activation=relu,tanh").run(in: "\(folder)/\(name)")
        let expected = try records("\(folder)/\(name)")
        for ranks in 2...3 {
          let found = try search(ranks: ranks, in: "\(folder)/\(name)-\(ranks)", vary: vary)
          #expect(found.end == .finished && found.statuses == Array(repeating: 7, count: ranks - 1))
          #expect(try records("\(folder)/\(name)-\(ranks)") == expected, "\(ranks) ranks")
        }
      }
      // Stopped before its first trial, then on another number of ranks, then alone.
      let stop = StopRequest()
      stop.request(signal: 15)
      let place = "\(folder)/stopped"
      #expect(try search(ranks: 3, in: place, stop: stop).end == .stopped(signal: 15))
      #expect(try search(ranks: 2, in: place).end == .finished)
      #expect(try plan(Self.rate, "activation=relu,tanh").run(in: place).end == .finished)
      #expect(try records(place) == records("\(folder)/all"))
    }
  }

  /// Trials drawn by what those before have come to: the first ten are those of random search, settings are not tried
  /// twice, and the records are the same on any ranks, stopped anywhere, and where trials are added later.
  @Test func learnsFromTrials() throws {
    try withTemporaryFolder { folder in
      func plan(_ trials: Int, _ strategy: Search.Strategy = .tpe, set: [String] = []) throws -> Search.Plan {
        try self.plan(
          Self.rate, "activation=relu,tanh", trials: trials, strategy: strategy, set: set)
      }
      let search = try plan(14).run(in: "\(folder)/all")
      let expected = try records("\(folder)/all")
      #expect(search.trials.count == 14 && search.trials.allSatisfy { $0.steps == 20 && $0.results.count == 1 })
      #expect(search.course == "14 trials to the end")
      let (learned, random) = (search.trials.sorted { $0.number < $1.number }, try plan(14, .random).choices)
      #expect(learned.prefix(10).map(\.choices) == Array(random.prefix(10)))
      #expect(zip(learned, random).dropFirst(10).allSatisfy { $0.choices != $1 })
      for (place, trial) in learned.enumerated() {
        #expect(!learned[..<place].contains { $0.choices == trial.choices })
      }

      for ranks in 2...3 {
        let found = try self.search(ranks: ranks, in: "\(folder)/\(ranks)", trials: 14, strategy: .tpe)
        #expect(found.end == .finished && found.statuses == Array(repeating: 7, count: ranks - 1))
        #expect(try records("\(folder)/\(ranks)") == expected, "\(ranks) ranks")
      }
      for place in 0..<14 {
        let stop = StopRequest()
        let part = try plan(14).run(in: "\(folder)/parts", stop: stop) { done, all, _ in
          #expect(all == 14)
          if done == place { stop.request(signal: 2) }
        }
        #expect(part.end == .stopped(signal: 2))
      }
      #expect(try plan(14).run(in: "\(folder)/parts") == search)
      #expect(try records("\(folder)/parts") == expected)
      for trials in [5, 12, 14] { _ = try plan(trials).run(in: "\(folder)/more") }
      let more = try records("\(folder)/more")
      #expect(more == expected)
      #expect(try plan(14, set: ["training.threads=3"]).run(in: "\(folder)/threads") == search)

      // Where there is nothing else left, settings are tried again; what diverges is learned from, too.
      let few = try self.plan(
        "optimizer.sgd.learning_rate=1e-3,1e35", "activation=softplus,relu", trials: 14, strategy: .tpe,
        set: ["loss=mean_squared_error", "optimizer={sgd: {learning_rate: 1}}"])
      let last = try few.run(in: "\(folder)/few").trials.filter { $0.number > 10 }
      #expect(last.count == 4 && last.count { $0.choices[0].value == "1e-3" } >= 3)
    }
  }

  /// A rank with another search is named, and nothing is begun; where rank 0 cannot go on, all end.
  @Test func ranksAgree() throws {
    try withTemporaryFolder { folder in
      let other = try search(ranks: 3, in: "\(folder)/a") { $0 == 2 ? 5 : 1 }
      #expect(
        other.error?.contains("rank 2 (") == true && other.error?.contains("--seed: 5, expected --seed: 1") == true)
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/a"))
      _ = try plan(Self.rate, "activation=relu,tanh", seed: 9).run(in: "\(folder)/b")
      let taken = try search(ranks: 2, in: "\(folder)/b")
      #expect(taken.error?.contains("the search was begun with --seed: 9") == true && taken.statuses == [2])
      let many = try search(ranks: 5, in: "\(folder)/c")
      #expect(many.error?.contains("found 5 ranks for") == true)
    }
  }

  @Test func doesNotDependOnThreads() throws {
    try withTemporaryFolder { folder in
      for threads in 1...3 {
        _ = try plan(Self.rate, "activation=relu,tanh", set: ["training.threads=\(threads)"]).run(
          in: "\(folder)/\(threads)")
      }
      let expected = try records("\(folder)/1")
      #expect(expected.count == 11)
      for threads in 2...3 {
        var found = try records("\(folder)/\(threads)")
        // The one place where a person says how many there are.
        found["best.yaml"] = found["best.yaml"].map {
          Array(String(decoding: $0, as: UTF8.self).replacing("threads: \(threads)", with: "threads: 1").utf8)
        }
        #expect(found == expected, "\(threads) threads")
      }
    }
  }

  /// Stopped before every training in turn, it goes on to the same records; and what is done is not done again.
  @Test func goesOnWhereItWasStopped() throws {
    try withTemporaryFolder { folder in
      let whole = try plan(Self.rate).run(in: "\(folder)/whole")
      let expected = try records("\(folder)/whole")
      let path = "\(folder)/parts"
      for place in 0..<13 {
        let stop = StopRequest()
        let part = try plan(Self.rate).run(in: path, stop: stop) { done, all, _ in
          #expect(all == 13)
          if done == place { stop.request(signal: 2) }
        }
        #expect(part.end == .stopped(signal: 2) && part.best == nil)
        #expect(part.trials.reduce(0) { $0 + $1.results.count } == place)
      }
      #expect(try plan(Self.rate).run(in: path) == whole)
      #expect(try records(path) == expected)
      let kept = try contents(of: path)
      #expect(try plan(Self.rate).run(in: path) == whole)
      let after = try contents(of: path)
      #expect(after.allSatisfy { $0.key == "best.yaml" || $0.value.bytes.isEmpty || kept[$0.key] == $0.value })
      // A damaged record is an error; without its folder, its trial alone is trained again.
      try write("{\"results\":", to: "\(path)/trial-0004/trial.json")
      let error = #expect(throws: RunError.self) { try plan(Self.rate).run(in: path) }
      #expect("\(error.map { "\($0)" } ?? "")".hasPrefix("\(path)/trial-0004/trial.json: found no results of a trial"))
      try FileManager.default.removeItem(atPath: "\(path)/trial-0004")
      #expect(try plan(Self.rate).run(in: path) == whole)
      #expect(try records(path) == expected)
    }
  }

  /// Trial k is the same whatever the number of trials, and more of them go on with those that are done.
  @Test func moreTrials() throws {
    try withTemporaryFolder { folder in
      let few = try plan(Self.rate, trials: 3, strategy: .random).run(in: "\(folder)/s")
      let kept = try contents(of: "\(folder)/s/trial-0002")
      let more = try plan(Self.rate, trials: 5, strategy: .random).run(in: "\(folder)/s")
      #expect(few.trials.allSatisfy(more.trials.contains))
      #expect(try contents(of: "\(folder)/s/trial-0002") == kept)
      #expect(more.trials.count == 5 && more.trials.allSatisfy { $0.steps == 20 })
      #expect(try plan(Self.rate, trials: 5, strategy: .random).run(in: "\(folder)/other") == more)
      // Another key leaves the values of this one as they are; another seed does not.
      let two = try plan("training.batch_size=16,32", Self.rate, trials: 5)
      #expect(two.choices.map { $0[1] } == (try plan(Self.rate, trials: 5)).choices.map { $0[0] })
      #expect(try plan(Self.rate, trials: 5, seed: 2).choices != plan(Self.rate, trials: 5).choices)
    }
  }

  /// Trials that diverge come last, in their order, told with the step; none of them goes on.
  @Test func divergenceIsAResult() throws {
    try withTemporaryFolder { folder in
      let changes = ["loss=mean_squared_error", "optimizer={sgd: {learning_rate: 1}}"]
      let vary = "optimizer.sgd.learning_rate=1e-3,1e35"
      for _ in 0..<2 {
        let search = try plan(vary, "batch_norm=none", "activation=softplus", trials: 9, set: changes).run(
          in: "\(folder)/s")
        let diverged = search.trials.filter { $0.diverged != nil }
        #expect(diverged.count >= 2 && diverged.count <= 7)
        #expect(Array(search.trials.suffix(diverged.count)) == diverged)
        #expect(diverged.map(\.number) == diverged.map(\.number).sorted())
        #expect(diverged.allSatisfy { $0.choices[0].value == "1e35" && $0.results.count == 1 && $0.metric == nil })
        #expect(
          diverged.allSatisfy { $0.diverged?.hasPrefix("step ") == true && $0.diverged?.contains(folder) == false })
        #expect(search.best?.choices[0].value == "1e-3")
      }
      let none = try plan(
        "optimizer.sgd.learning_rate=1e35,1e36", "batch_norm=none", "activation=softplus", trials: 4, set: changes
      ).run(in: "\(folder)/none")
      #expect(none.best == nil && none.end == .finished && none.trials.map(\.number) == [1, 2, 3, 4])
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/none/best.yaml"))
    }
  }

  @Test func oneTrial() throws {
    try withTemporaryFolder { folder in
      let search = try plan(Self.rate, trials: 1).run(in: "\(folder)/s")
      #expect(search.rungs == [Search.Rung(trials: 1, divisor: 1)] && search.best?.number == 1)
    }
  }

  /// Of equal metrics the smaller number goes first, at every rung.
  @Test func equalMetrics() throws {
    try withTemporaryFolder { folder in
      // Nothing that is trained follows from it.
      let search = try plan("training.accumulate=1,2", trials: 9).run(in: "\(folder)/s")
      #expect(Set(search.trials.compactMap { $0.results.first?.metric }).count == 1)
      #expect(search.trials.map(\.number) == Array(1...9))
      #expect(search.trials.map(\.results.count) == [3, 2, 2, 1, 1, 1, 1, 1, 1])
    }
  }

  private func ranked(_ trials: [(Int, [Double?])], by metric: Metric) -> [Int] {
    let all = trials.map { number, values in
      Search.Trial(
        number: number, choices: [],
        results: values.enumerated().map { place, value in
          Search.Result(steps: place + 1, metric: value, diverged: value == nil ? "step 1" : nil)
        })
    }
    let search = Search(metric: metric, strategy: .random, settings: [], rungs: [], trials: all)
    return search.trials.map(\.number)
  }

  /// A later rung before a better value at an earlier one; then the value, by its direction; then the number.
  @Test func ranking() {
    let trials: [(Int, [Double?])] = [
      (1, [0.1]), (2, [0.3, 0.4]), (3, [0.2, nil]), (4, [0.3, 0.2]), (5, [0.1]), (6, []), (7, [nil]), (8, [0.3, 0.4]),
      (9, [0.05]),
    ]
    #expect(ranked(trials, by: .loss) == [4, 2, 8, 9, 1, 5, 6, 3, 7])
    #expect(ranked(trials.reversed(), by: .loss) == [4, 2, 8, 9, 1, 5, 6, 3, 7])
    #expect(ranked(trials, by: .accuracy) == [2, 8, 4, 1, 5, 9, 6, 3, 7])
  }

  /// A metric that the run does not watch by itself, and one that is better the higher.
  @Test func anyMetric() throws {
    try withTemporaryFolder { folder in
      let search = try plan(Self.rate, trials: 3, strategy: .random, metric: "r2").run(in: "\(folder)/s")
      let values = search.trials.compactMap(\.metric)
      #expect(values.count == 3 && values == values.sorted(by: >))
      let run = "\(folder)/s/trial-000\(search.trials[0].number)"
      let report = try EvaluationReport(checkpoint: "\(run)/checkpoints/step-00000020.safetensors.zst")
      #expect(report.further.first { $0.0 == "r2" }?.1 == values[0])
    }
  }

  /// Steps are shares of each trial's own length.
  @Test func lengthsMayDiffer() throws {
    try withTemporaryFolder { folder in
      let search = try plan(
        "training.batch_size=16,32", trials: 4, strategy: .halving(eta: 2), set: ["training.epochs=4"]
      )
      .run(in: "\(folder)/s")
      for trial in search.trials {
        let length = trial.choices[0].value == "16" ? 40 : 20
        #expect(trial.results.map(\.steps) == [length / 4, length / 2, length].prefix(trial.results.count).map(\.self))
      }
    }
  }

  @Test func titles() throws {
    let keys = [
      "optimizer.adam.learning_rate", "model.layers.0.dense.units", "model.layers.2.dense.units",
      "model.layers.4.dense",
      "seed", "a.0",
    ]
    let search = Search(
      metric: .loss, strategy: .random, settings: keys.map { Search.Setting(key: $0, domain: .choices(["1"])) },
      rungs: [], trials: [])
    let titles = [
      "adam.learning_rate", "layers.0.dense.units", "layers.2.dense.units", "layers.4.dense", "seed", "a.0",
    ]
    #expect(search.titles == titles)
    #expect(KeyTitle.of([]) == [] && KeyTitle.of(["activation", "seed", "activation"]).count == 3)
  }

  @Test func json() throws {
    try withTemporaryFolder { folder in
      let search = try plan(Self.rate, trials: 3).run(in: "\(folder)/s")
      let trials = try #require(search.json["trials"]?.array).compactMap(\.object)
      #expect(search.json["best"]?.integer == search.best?.number && search.json["mode"]?.string == "min")
      #expect(trials.map { $0["trial"]?.integer } == search.trials.map(\.number))
      #expect(trials.map { $0["metric"]?.number } == search.trials.map(\.metric))
      #expect(
        trials[0]["settings"]?.object?["optimizer.adam.learning_rate"]?.string == search.trials[0].choices[0].value)
      for trial in search.trials {
        let results = try #require(trial.stored["results"]?.array)
        #expect(results.compactMap { $0.object.flatMap(Search.Result.init) } == trial.results)
      }
    }
  }

  @Test(
    arguments: [
      ([rate], 0, [], "--trials 0: expected at least 1"), ([rate], -1, [], "--trials -1"),
      ([rate, rate], 3, [], "--vary optimizer.adam.learning_rate: found the key twice, expected it once"),
      (["optimizer.adam.learning_rat=0..1"], 3, [], "found an unknown key"),
      (["activtion=relu,elu"], 3, [], "--vary activtion: found an unknown key"),
      (["data.standardize=0..1"], 3, [], "--vary data.standardize=0"),
      (["activation=1..2"], 3, [], "--vary activation=1"),
      (["training.batch_size=0.5..8"], 3, [], "--vary training.batch_size=0.5"),
      (["training.batch_size=16..1e9"], 3, [], "--vary training.batch_size=1000000000"),
      (["optimizer.adam.learning_rate=-1..1"], 3, [], "--vary optimizer.adam.learning_rate=-1"),
      (["activation=relu,rleu"], 1, [], "--vary activation=rleu: found the unknown activation rleu"),
      ([rate], 3, ["evaluation=null", "data.validation=null"], "found no data.validation"),
    ] as [([String], Int, [String], String)])
  func badInput(vary: [String], trials: Int, changes: [String], expected: String) throws {
    let error = try #require(throws: RunError.self) {
      let configuration = try RunConfiguration(
        yaml: tinyRun().resolvedYAML, overrides: changes.map { try ConfigurationOverride($0) })
      _ = try Search.Plan(configuration, varying: vary.map { try Search.Setting($0) }, trials: trials)
    }
    guard case .input(let text) = error else { throw error }
    #expect(text.contains(expected), "\(text)")
  }

  /// A folder that holds another search, or a run, is left as it is.
  @Test func otherFolders() throws {
    try withTemporaryFolder { folder in
      _ = try plan(Self.rate, trials: 3).run(in: "\(folder)/s")
      let before = try contents(of: folder)
      for (other, expected) in [
        (try plan(Self.rate, trials: 3, seed: 2), "begun with --seed: 1, found --seed: 2"),
        (try plan(Self.rate, trials: 9), "shares of the rungs: 1/3, 1/1, found shares of the rungs: 1/9, 1/3, 1/1"),
        (try plan(Self.rate, trials: 3, metric: "mean_absolute_error"), "--metric: loss"),
        (
          try plan("optimizer.adam.learning_rate=log:1e-3..1", trials: 3),
          "--vary optimizer.adam.learning_rate: log:0.0001..1"
        ),
        (try plan(Self.rate, "training.shards=2,4", trials: 3), "--vary training.shards: none"),
        (try plan(Self.rate, trials: 3, set: ["training.shards=2"]), "training.shards: 4, found training.shards: 2"),
        (try plan(Self.rate, trials: 3, set: ["training.steps=30"]), "training.steps: 20"),
        (
          try plan(Self.rate, trials: 3, set: ["data.validation.synthetic.samples=71"]), "validation samples: "
        ),
      ] {
        let error = #expect(throws: RunError.self) { try other.run(in: "\(folder)/s") }
        #expect("\(error.map { "\($0)" } ?? "")".contains(expected), "\(error.map { "\($0)" } ?? "")")
      }
      let error = #expect(throws: RunError.self) { try plan(Self.rate).run(in: "\(folder)/s/trial-0001") }
      #expect("\(error.map { "\($0)" } ?? "")".contains("found the folder of a run"))
      #expect(try contents(of: folder) == before)
      // Names, threads and where checkpoints are kept are no part of it.
      let same = try plan(Self.rate, trials: 3, set: ["name=other", "training.threads=1", "checkpoint.keep=1"])
      #expect(try same.run(in: "\(folder)/s").best != nil)
    }
  }
}

import LockstepKernels
import LockstepModel
import Testing

@testable import LockstepTraining

/// How workers are shared out.
@Suite struct TeamPlanTests {
  private func network(_ features: Int, _ widths: Int...) throws -> Network {
    try Network(
      Model(
        features: features,
        layers: widths.dropLast().flatMap { [Dense($0).layer, ReLU().layer] } + [Dense(widths[widths.count - 1]).layer]),
      seed: 1)
  }

  private func plan(
    _ network: Network, rows: Int, shards: Int, threads: Int, teams: Int? = nil
  ) -> TeamPlan {
    TeamPlan(for: network, rows: rows, shards: shards, threads: .count(threads), slots: 2, teams: teams)
  }

  /// Every shard is in one team, every worker too, and none is without the other.
  @Test func everyShardHasAWorker() throws {
    let network = try network(64, 256, 256, 10)
    for shards in [1, 2, 3, 5, 8, 16] {
      for threads in [1, 2, 3, 4, 7, 8, 16, 64] {
        let plan = plan(network, rows: 512, shards: shards, threads: threads)
        #expect(plan.shards.flatMap { Array($0) } == Array(0..<shards), "\(shards) shards on \(threads) threads")
        #expect(plan.workers == threads && plan.members.allSatisfy { $0 > 0 } && plan.shards.allSatisfy { !$0.isEmpty })
      }
    }
  }

  /// A number of teams that is asked for is taken as far as there are shards and workers.
  @Test func askedFor() throws {
    let network = try network(64, 256, 10)
    #expect(plan(network, rows: 512, shards: 8, threads: 4, teams: 2).members == [2, 2])
    #expect(plan(network, rows: 512, shards: 8, threads: 4, teams: 9).members == [1, 1, 1, 1])
    #expect(plan(network, rows: 512, shards: 3, threads: 8, teams: 3).members == [2, 3, 3])
  }

  /// Weights that are much larger than the batch are dealt out, not read and summed by everybody; a small network is
  /// left to workers that do not wait for each other.
  @Test func teamsFollowFromTheNetwork() throws {
    let heavy = try network(1000, 2048, 2048, 100)
    #expect(plan(heavy, rows: 256, shards: 8, threads: 2).members == [2])
    #expect(plan(heavy, rows: 256, shards: 8, threads: 2).deal == .columns)
    #expect(plan(try network(32, 64, 64, 4), rows: 1024, shards: 8, threads: 2).members == [1, 1])
    // With fewer shards than workers no worker is left out.
    #expect(plan(heavy, rows: 1024, shards: 8, threads: 16).members.reduce(0, +) == 16)
  }

  /// `auto` takes every core where there is work for them, and one where a step is next to nothing.
  @Test func automaticThreads() throws {
    let cores = Processor.availableCores
    func automatic(_ network: Network, rows: Int) -> Int {
      TeamPlan(for: network, rows: rows, shards: 1, threads: .auto, slots: 2).workers
    }
    #expect(automatic(try network(512, 1024, 1024, 10), rows: 1024) == cores)
    #expect(automatic(try network(4, 8, 2), rows: 16) == 1)
  }
}

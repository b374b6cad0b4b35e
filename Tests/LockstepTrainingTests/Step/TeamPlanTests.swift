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

  /// Values of images decide how many shards go through the network at a time: enough of them, and more than there are
  /// parameters.
  @Test func microBatches() throws {
    func parts(_ model: Model, shardRows: Int, teams: Int, asked: Int = 1) throws -> Int {
      TeamPlan(workers: teams, shards: 8, teams: teams)
        .microBatches(of: try Network(model, seed: 1), shardRows: shardRows, asked: asked)
    }
    // A row has 1024 + 8192 + 8192 values, in place those of the activation, and 10.
    let images = Model(input: .image(height: 32, width: 32, channels: 1)) {
      Conv2D(8, kernel: 3, padding: .same)
      ReLU()
      Conv2D(8, kernel: 3, padding: .same)
      GlobalAveragePool()
      Dense(10)
    }
    #expect(try [1, 2, 3, 8].map { try parts(images, shardRows: 16, teams: $0) } == [8, 4, 3, 1])
    // One, two, four of them are 2^18.
    #expect(try [8, 4, 1].map { try parts(images, shardRows: $0, teams: 1) } == [4, 2, 1])
    #expect(try parts(images, shardRows: 1, teams: 1, asked: 4) == 4)
    let heavy = Model(input: .image(height: 32, width: 32, channels: 1)) {
      Conv2D(8, kernel: 3, padding: .same)
      Flatten()
      Dense(500)
    }
    // 4.1 million parameters beside 155 thousand values, then 2.5 million.
    #expect(try [16, 256].map { try parts(heavy, shardRows: $0, teams: 1) } == [1, 2])
    #expect(try parts(Model(features: 4096) { Dense(4096) }, shardRows: 4096, teams: 1) == 1)
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

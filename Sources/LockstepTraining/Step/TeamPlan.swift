import LockstepData
import LockstepKernels
import LockstepModel

/// How workers share the shards of a step: in teams of consecutive workers, each with consecutive shards. No bit
/// depends on it.
package struct TeamPlan: Sendable, Equatable {
  /// Of each team.
  package let shards: [Range<Int>]
  /// Workers of each team.
  package let members: [Int]
  /// What the members of a team deal out.
  package let deal: Team.Deal

  /// - Parameter teams: 1 … `shards` and `workers`.
  package init(workers: Int, shards: Int, teams: Int, deal: Team.Deal = .columns) {
    self.init(workers: workers, shards: 0..<shards, teams: teams, deal: deal)
  }

  /// - Parameter shards: those that a rank owns.
  package init(workers: Int, shards: Range<Int>, teams: Int, deal: Team.Deal = .columns) {
    precondition(
      (1...min(workers, shards.count)).contains(teams), "\(teams) teams of \(workers) workers for \(shards) shards")
    self.shards = (0..<teams).map {
      let run = Shard.owned(by: $0, of: teams, shards: shards.count)
      return run.lowerBound + shards.lowerBound..<run.upperBound + shards.lowerBound
    }
    members = (0..<teams).map { Shard.owned(by: $0, of: teams, shards: workers).count }
    self.deal = deal
  }

  /// What a step of a network is expected to be fastest with on this machine.
  ///
  /// - Parameters:
  ///   - rows: of the batch.
  ///   - shards: of the batch.
  ///   - own: those that a rank owns; nil for all.
  ///   - slots: of the optimizer.
  ///   - teams: how many, where that is given.
  ///   - cores: that there are for `auto`.
  package init(
    for network: Network, rows: Int, shards: Int, of own: Range<Int>? = nil, threads: Trainer.Threads, slots: Int,
    teams: Int? = nil, cores: Int = Processor.availableCores
  ) {
    let own = own ?? 0..<shards
    let candidates: [TeamPlan] = TeamPlan.counts(threads, cores: cores).flatMap { workers in
      let counts = teams.map { [min($0, workers, own.count)] } ?? Array(1...min(workers, own.count))
      return counts.flatMap { count in
        // A team of one has everything.
        (count == workers ? [.columns] : Team.Deal.allCases).map {
          TeamPlan(workers: workers, shards: own, teams: count, deal: $0)
        }
      }
    }
    let seconds = candidates.map { $0.seconds(network, rows: rows, shards: shards, slots: slots) }
    // Of those that are nearly as good, the fewest workers in the most teams: what waits the least.
    let limit = 1.02 * (seconds.min() ?? 0)
    let good = candidates.indices.filter { seconds[$0] <= limit }
    let best = good.min {
      (candidates[$0].workers, -candidates[$0].members.count, seconds[$0])
        < (candidates[$1].workers, -candidates[$1].members.count, seconds[$1])
    }
    self = candidates[best ?? 0]
  }

  /// The numbers of workers that are thought of: for `auto`, from 1 up to that of the cores.
  private static func counts(_ threads: Trainer.Threads, cores: Int) -> [Int] {
    switch threads {
    case .count(let count): return [count]
    case .auto:
      return (1...cores).filter { $0 <= 8 || cores % $0 == 0 || $0 % 8 == 0 }
    }
  }

  /// What a step is expected to take; see `StepWork`.
  package func seconds(_ network: Network, rows: Int, shards count: Int, slots: Int) -> Double {
    let nodes = shards.reduce(0) { $0 + Tree.nodes(in: $1, of: count).count }
    // Most teams are alike.
    let sizes = zip(shards, members).map { shards, members in
      let first = Shard.rows(shards.lowerBound, of: count, batch: rows).lowerBound
      let end = Shard.rows(shards.upperBound - 1, of: count, batch: rows).upperBound
      return TeamSize(rows: end - first, shards: shards.count, members: members)
    }
    return Set(sizes).map { size in
      let work = network.work(
        rows: size.rows, shards: size.shards, members: size.members, deal, workers: workers, nodes: nodes, slots: slots)
      return work.seconds(members: size.members, workers: workers)
    }.max() ?? 0
  }

  private struct TeamSize: Hashable {
    let rows: Int
    let shards: Int
    let members: Int
  }

  /// Of all teams.
  package var workers: Int { members.reduce(0, +) }

  /// In how many micro-batches each team goes through its shards at most: as many as are asked for, or more. No bit
  /// depends on it.
  ///
  /// Values of images outnumber the weights that make them, and are gone from the caches before the next stage reads
  /// them, let alone the backward pass. So of images as few shards go through the network at a time as have values that
  /// fill a second cache, and twice as many as there are parameters, whose gradients each micro-batch adds to those
  /// before. Of features all shards go through a stage while its weights are in cache.
  package func microBatches(of network: Network, shardRows: Int, asked: Int) -> Int {
    guard network.hasImages, !network.hasBatchStatistics else { return asked }
    let values = shardRows * network.valueElements
    var together = 1
    while together * values < max(TeamPlan.secondCache, 2 * network.parameters.count) { together *= 2 }
    let longest = shards.map(\.count).max() ?? 1
    return max(asked, (longest + together - 1) / together)
  }

  /// Numbers that a second cache holds at least: 1 MiB.
  private static let secondCache = 1 << 18
}

extension WorkspaceSize {
  /// A batch of `rows` cut into `shards`, which the teams of a plan share.
  package init(
    rows: Int, shards: Int, _ plan: TeamPlan, microBatches: Int = 1, targetColumns: Int, goesBackward: Bool = true,
    precision: Precision = .float32
  ) {
    self.init(
      runs: plan.shards, of: shards, members: plan.members, deal: plan.deal, microBatches: microBatches,
      shardRows: (rows + shards - 1) / shards, targetColumns: targetColumns, goesBackward: goesBackward,
      precision: precision)
  }

  /// A batch that a network is trained with or evaluated on.
  ///
  /// - Parameter accumulate: micro-batches that are asked for.
  package init(
    rows: Int, shards: Int, _ plan: TeamPlan, for network: Network, accumulate: Int, targetColumns: Int,
    goesBackward: Bool = true, precision: Precision
  ) {
    let parts = plan.microBatches(of: network, shardRows: (rows + shards - 1) / shards, asked: accumulate)
    self.init(
      rows: rows, shards: shards, plan, microBatches: parts, targetColumns: targetColumns, goesBackward: goesBackward,
      precision: precision)
  }

  /// The batch of a trainer with these options.
  init(
    _ options: Trainer.Options, _ plan: TeamPlan, for network: Network, targetColumns: Int, goesBackward: Bool = true
  ) {
    self.init(
      rows: options.batch, shards: options.shards, plan, for: network, accumulate: options.accumulate,
      targetColumns: targetColumns, goesBackward: goesBackward, precision: options.precision)
  }
}

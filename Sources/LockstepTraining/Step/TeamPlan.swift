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

  /// - Parameter teams: 1 … `shards` and `workers`.
  package init(workers: Int, shards: Int, teams: Int) {
    precondition(
      (1...min(workers, shards)).contains(teams), "\(teams) teams of \(workers) workers for \(shards) shards")
    self.shards = (0..<teams).map { Shard.owned(by: $0, of: teams, shards: shards) }
    members = (0..<teams).map { Shard.owned(by: $0, of: teams, shards: workers).count }
  }

  /// What a step of a network is expected to be fastest with on this machine.
  ///
  /// - Parameters:
  ///   - rows: of the batch.
  ///   - teams: how many, where that is given.
  package init(for network: Network, rows: Int, shards: Int, threads: Trainer.Threads, teams: Int? = nil) {
    let workers = threads.workers
    self.init(workers: workers, shards: shards, teams: min(teams ?? workers, workers, shards))
  }

  /// Of all teams.
  package var workers: Int { members.reduce(0, +) }
}

extension WorkspaceSize {
  /// A batch of `rows` cut into `shards`, which the teams of a plan share.
  package init(
    rows: Int, shards: Int, _ plan: TeamPlan, microBatches: Int = 1, targetColumns: Int, goesBackward: Bool = true
  ) {
    self.init(
      runs: plan.shards, members: plan.members, microBatches: microBatches, shardRows: (rows + shards - 1) / shards,
      targetColumns: targetColumns, goesBackward: goesBackward)
  }

  /// The batch of a trainer with these options.
  init(_ options: Trainer.Options, _ plan: TeamPlan, targetColumns: Int, goesBackward: Bool = true) {
    self.init(
      rows: options.batch, shards: options.shards, plan, microBatches: options.accumulate,
      targetColumns: targetColumns, goesBackward: goesBackward)
  }
}

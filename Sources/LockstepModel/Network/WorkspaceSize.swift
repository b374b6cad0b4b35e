import LockstepKernels

/// What decides how much memory passes over a batch take: how the batch is divided, and what stands beside the values
/// of a row.
package struct WorkspaceSize: Sendable {
  /// The shards of each team, consecutive; of a rank's teams, its own.
  package var runs: [Range<Int>]
  /// All shards of a batch.
  package var shards: Int
  /// How many workers are in each team.
  package var members: [Int]
  /// What they deal out.
  package var deal: Team.Deal
  /// In how many micro-batches each team goes through its shards, at most.
  package var microBatches = 1
  /// Most rows of a shard.
  package var shardRows: Int
  /// Numbers of a row's target.
  package var targetColumns: Int
  /// Whether there is memory for gradients.
  package var goesBackward = true
  /// The products that there is memory for: those in bfloat16 take more.
  package var precision = Precision.float32

  /// - Parameters:
  ///   - shards: of a batch; nil for those of the teams.
  ///   - members: of each team; nil for one worker in each.
  package init(
    runs: [Range<Int>], of shards: Int? = nil, members: [Int]? = nil, deal: Team.Deal = .columns, microBatches: Int = 1,
    shardRows: Int,
    targetColumns: Int, goesBackward: Bool = true, precision: Precision = .float32
  ) {
    (self.runs, self.microBatches, self.shardRows) = (runs, microBatches, shardRows)
    self.shards = shards ?? runs.last?.upperBound ?? 0
    self.members = members ?? runs.map { _ in 1 }
    self.deal = deal
    (self.targetColumns, self.goesBackward, self.precision) = (targetColumns, goesBackward, precision)
  }

  /// Of all teams.
  package var workers: Int { members.reduce(0, +) }

  func microBatches(of team: Int) -> MicroBatchPlan {
    MicroBatchPlan(through: runs[team], of: shards, atMost: microBatches)
  }

  /// Gradient slots that all teams need, each as large as the parameters: one for every node of the tree that one of
  /// them owns whole, and what they need in between where there are several micro-batches.
  package var gradientSlots: Int { runs.indices.reduce(0) { $0 + microBatches(of: $1).slots } }
}

extension Network {
  /// Float32 elements of memory that team number `team` needs beside its gradient slots.
  package func workspaceElements(of team: Int, _ size: WorkspaceSize) -> Int {
    let microBatches = size.microBatches(of: team)
    let plan = WorkspacePlan(network: self, microBatches, size)
    let seats = Team.seats(size.members[team], size.deal, spins: 0)
    let scratch = seats.reduce(0) {
      $0
        + ProductScratch.elements(
          size.precision, shards: microBatches.widestNode, shardRows: size.shardRows, weights: productShapes(of: $1))
        + convolutionElements(size.precision, shards: microBatches.widestNode)
        + JoinMemory.elements(network: self, shards: size.shards)
    }
    let shard = TeamMemory.statisticsCount(self, plan) + parameters.shardCount
    return (size.goesBackward ? plan.count : plan.valueCount) + shard * size.runs[team].count + scratch
  }
}

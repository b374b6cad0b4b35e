import LockstepKernels

/// What decides how much memory passes over a batch take: how the batch is divided, and what stands beside the values
/// of a row.
package struct WorkspaceSize: Sendable {
  /// The shards of each worker, consecutive.
  package var runs: [Range<Int>]
  /// In how many micro-batches each worker goes through its shards, at most.
  package var microBatches = 1
  /// Most rows of a shard.
  package var shardRows: Int
  /// Numbers of a row's target.
  package var targetColumns: Int
  /// Whether there is memory for gradients.
  package var goesBackward = true

  package init(
    runs: [Range<Int>], microBatches: Int = 1, shardRows: Int, targetColumns: Int, goesBackward: Bool = true
  ) {
    (self.runs, self.microBatches, self.shardRows) = (runs, microBatches, shardRows)
    (self.targetColumns, self.goesBackward) = (targetColumns, goesBackward)
  }

  /// Of all workers.
  var shards: Int { runs.last?.upperBound ?? 0 }

  func microBatches(of worker: Int) -> MicroBatchPlan {
    MicroBatchPlan(through: runs[worker], of: shards, atMost: microBatches)
  }

  /// Gradient slots that all workers need, each as large as the parameters: one for every node of the tree that one of
  /// them owns whole, and what they need in between where there are several micro-batches.
  package var gradientSlots: Int { runs.indices.reduce(0) { $0 + microBatches(of: $1).slots } }
}

extension Network {
  /// Float32 elements of memory that `worker` needs beside its gradient slots.
  package func workspaceElements(of worker: Int, _ size: WorkspaceSize) -> Int {
    let microBatches = size.microBatches(of: worker)
    let plan = WorkspacePlan(network: self, microBatches, size)
    let scratch = ProductScratch.elements(
      shards: microBatches.widestNode, shardRows: size.shardRows, weights: productShapes)
    let shard = statisticsCount + Arena.aligned(plan.widest) + parameters.shardCount
    return (size.goesBackward ? plan.count : plan.valueCount) + shard * size.runs[worker].count + scratch
      + JoinMemory.elements(network: self, shards: size.shards)
  }
}

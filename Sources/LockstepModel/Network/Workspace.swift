import LockstepKernels

/// All memory that passes over a batch write to: a `WorkerMemory` a worker, and the gradient slots.
package final class Workspace: Sendable {
  package let workers: [WorkerMemory]
  /// Every worker's shards, in order.
  package let shards: [ShardMemory]
  /// A gradient slot a shard, `gradientStride` elements apart, each in the layout of the parameters.
  private let gradients: Arena
  private let gradientStride: Int
  /// Which nodes of the tree stand summed in the slots after the way back.
  private let nodes: Slots<Int32>

  /// - Parameters:
  ///   - networks: the same network, built once a worker.
  ///   - runs: the shards of each worker, consecutive.
  ///   - shardRows: most rows of a shard.
  ///   - parameters: the arena of the network's parameters.
  ///   - running: the arena of its running statistics.
  package init(
    networks: [Network], runs: [Range<Int>], shardRows: Int, targetColumns: Int, parameters: Arena, running: Arena
  ) {
    let count = runs.last?.upperBound ?? 0
    gradientStride = parameters.count
    // Memory that is never touched is never given: where nothing goes backward this costs addresses alone.
    let gradients = Arena(count: count * parameters.count)
    self.gradients = gradients
    workers = zip(networks, runs).map { network, run in
      WorkerMemory(
        network: network, shards: run, shardRows: shardRows, targetColumns: targetColumns, parameters: parameters,
        running: running, gradients: gradients, of: count)
    }
    shards = workers.flatMap(\.shards)
    nodes = Tree.nodeSizes(runs.flatMap { Tree.nodes(in: $0, of: count) }, of: count)
  }

  /// The gradient over `range` of the parameters once `reduce` has summed it.
  package func gradient(_ range: Range<Int>) -> Vector { gradients.vector(at: range.lowerBound, count: range.count) }

  /// Sums the shards' gradients over `range` of the parameters along the tree.
  @discardableResult
  package func reduce(_ range: Range<Int>) -> Vector {
    let sum = gradient(range)
    Tree.sum(gradients.all, nodes: nodes, stride: gradientStride, at: range.lowerBound, into: sum)
    return sum
  }
}

import LockstepKernels

/// All memory that passes over a batch write to: one `ShardMemory` a shard, one `JoinMemory` a worker, and the gradient slots.
package final class Workspace: Sendable {
  package let shards: [ShardMemory]
  let joins: [JoinMemory]
  /// A gradient slot a shard, `gradientStride` elements apart, each in the layout of the parameters.
  package let gradients: Arena
  package let gradientStride: Int

  /// - Parameters:
  ///   - rows: most rows of a shard.
  ///   - parameters: the arena of the network's parameters.
  ///   - running: the arena of its running statistics.
  package init(
    network: Network, shards: Int, rows: Int, targetColumns: Int, workers: Int, parameters: Arena, running: Arena
  ) {
    gradientStride = network.parameters.count
    // Memory that is never touched is never given: an unused arena costs addresses alone.
    let gradients = Arena(count: shards * gradientStride)
    let plan = WorkspacePlan(network: network, rows: rows, targetColumns: targetColumns)
    self.gradients = gradients
    self.shards = (0..<shards).map {
      ShardMemory(shard: $0, plan: plan, parameters: parameters, running: running, gradients: gradients)
    }
    joins = (0..<workers).map { _ in JoinMemory(network: network, shards: shards, gradients: gradients) }
  }
}

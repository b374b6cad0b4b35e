import LockstepKernels

/// All memory that passes over a batch write to: a `WorkerMemory` a worker, an `Exchange` between them, and a gradient
/// slot for every node of the tree that a worker owns whole.
package final class Workspace: Sendable {
  /// By worker: all that it writes to.
  package let workers: [WorkerMemory]
  /// Each worker's end.
  package let exchanges: [Exchange]
  /// Every worker's shards of all micro-batches, in order.
  package let shards: [ShardMemory]

  /// - Parameters:
  ///   - networks: the same network, built once a worker.
  ///   - tensors: the network's parameters and running statistics.
  ///   - spins: how often a worker that waits for the others looks before it parks.
  package init(networks: [Network], size: WorkspaceSize, tensors: NetworkTensors, spins: Int = 100) {
    let plans = size.runs.indices.map(size.microBatches)
    let stride = size.goesBackward ? tensors.parameters.count : 0
    let owned = plans.flatMap(\.nodes)
    let slots = Arena(count: owned.count * stride)
    var firstSlots = [0]
    for plan in plans { firstSlots.append(firstSlots[firstSlots.count - 1] + plan.nodes.count) }
    let nodes = Slots<Int32>(repeating: 0, count: owned.count)
    for (index, node) in owned.enumerated() { nodes[index] = Int32(node.count) }
    let workers = networks.indices.map { worker in
      let own = slots.vector(at: firstSlots[worker] * stride, count: plans[worker].nodes.count * stride)
      return WorkerMemory(
        network: networks[worker], plans[worker], size, tensors,
        slots: GradientSlots(
          own: own, spare: Arena(count: (plans[worker].slots - plans[worker].nodes.count) * stride), stride: stride))
    }
    let shards = workers.flatMap(\.ownShards)
    let gradients = GradientSums(
      slots: slots, stride: stride, nodes: nodes, firstSlots: firstSlots,
      terms: workers.reduce(0) { $0 + $1.ownNodes.count })
    let outcomes = SharedOutcomes(
      shards: shards.count, blocks: networks[0].parameters.blocks, workers: networks.count)
    let barrier = Barrier(parties: networks.count, spins: spins)
    exchanges = networks.indices.map { worker in
      Exchange(
        worker: worker, barrier: barrier, shards: shards, gradients: gradients, outcomes: outcomes,
        join: JoinMemory(network: networks[worker], shards: shards.count))
    }
    (self.workers, self.shards) = (workers, shards)
  }
}

/// What a network learns and follows, as all workers read it.
package struct NetworkTensors: Sendable {
  /// In the layout `Network.parameters`.
  package let parameters: Arena
  /// In the layout `Network.runningStatistics`.
  package let running: Arena

  /// The tensors in memory that is there already.
  package init(parameters: Arena, running: Arena) { (self.parameters, self.running) = (parameters, running) }

  /// Memory for them, all zero.
  package init(of network: Network) {
    self.init(
      parameters: Arena(count: network.parameters.count), running: Arena(count: network.runningStatistics.count))
  }
}

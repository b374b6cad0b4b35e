import LockstepKernels

/// All memory that passes over a batch write to: a `WorkerMemory` a worker, an `Exchange` between them, and a gradient
/// slot for every node of the tree that a team owns whole.
package final class Workspace: Sendable {
  /// By worker, team after team: all that it writes to.
  package let workers: [WorkerMemory]
  /// Each worker's end.
  package let exchanges: [Exchange]
  /// The shards of all micro-batches, in order.
  package let shards: [ShardMemory]

  /// - Parameters:
  ///   - networks: the same network, built once a worker.
  ///   - tensors: the network's parameters and running statistics.
  ///   - spins: how often a worker that waits for the others looks before it parks.
  package init(networks: [Network], size: WorkspaceSize, tensors: NetworkTensors, spins: Int = 100) {
    precondition(networks.count == size.workers, "\(networks.count) networks for \(size.workers) workers")
    let plans = size.runs.indices.map(size.microBatches)
    let stride = size.goesBackward ? tensors.parameters.count : 0
    let owned = plans.flatMap(\.nodes)
    let slots = Arena(count: owned.count * stride)
    let nodes = Slots<Int32>(repeating: 0, count: owned.count)
    for (index, node) in owned.enumerated() { nodes[index] = Int32(node.count) }
    var workers: [WorkerMemory] = []
    var shards: [ShardMemory] = []
    var firstSlots: [Int] = []
    var firstSlot = 0
    for (team, plan) in plans.enumerated() {
      let own = slots.vector(at: firstSlot * stride, count: plan.nodes.count * stride)
      let memory = TeamMemory(
        network: networks[0], plan, size, tensors,
        slots: GradientSlots(
          own: own, spare: Arena(count: (plan.slots - plan.nodes.count) * stride), stride: stride))
      for seat in Team.seats(size.members[team], size.deal, spins: spins) {
        workers.append(WorkerMemory(network: networks[workers.count], team: seat, plan, size, tensors, memory))
        firstSlots.append(firstSlot)
        if seat.member == 0 { shards += workers[workers.count - 1].teamShards }
      }
      firstSlot += plan.nodes.count
    }
    let gradients = GradientSums(
      slots: slots, stride: stride, nodes: nodes, terms: plans.reduce(0) { $0 + $1.nodeCount })
    let outcomes = SharedOutcomes(
      shards: shards.count, blocks: networks[0].parameters.blocks, workers: networks.count)
    let barrier = Barrier(parties: networks.count, spins: spins)
    exchanges = networks.indices.map { worker in
      Exchange(
        worker: worker, barrier: barrier, shards: shards, gradients: gradients, firstSlot: firstSlots[worker],
        outcomes: outcomes, join: JoinMemory(network: networks[worker], shards: shards.count))
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

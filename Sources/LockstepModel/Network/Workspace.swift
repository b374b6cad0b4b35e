import LockstepKernels

/// All memory that passes over a batch write to: a `WorkerMemory` a worker, an `Exchange` between them, and a gradient
/// slot for every node of the tree that a team owns whole.
package final class Workspace: Sendable {
  /// By worker, team after team: all that it writes to.
  package let workers: [WorkerMemory]
  /// Each worker's end.
  package let exchanges: [Exchange]
  /// The shards of all micro-batches, in order; of a rank, its own.
  package let shards: [ShardMemory]

  /// - Parameters:
  ///   - networks: the same network, built once a worker.
  ///   - tensors: the network's parameters and running statistics.
  ///   - spins: how often a worker that waits for the others looks before it parks.
  ///   - ranks: all, where there are several.
  package init(
    networks: [Network], size: WorkspaceSize, tensors: NetworkTensors, spins: Int = 100, ranks: Ranks? = nil
  ) {
    precondition(networks.count == size.workers, "\(networks.count) networks for \(size.workers) workers")
    let plans = size.runs.indices.map(size.microBatches)
    let stride = size.goesBackward ? tensors.parameters.count : 0
    let gradients = GradientSums(
      plans.flatMap(\.nodes), stride: stride, terms: plans.reduce(0) { $0 + $1.nodeCount }, shards: size.shards, ranks)
    var workers: [WorkerMemory] = []
    var shards: [ShardMemory] = []
    var firstSlots: [Int] = []
    var firstSlot = gradients.firstSlot
    for (team, plan) in plans.enumerated() {
      let own = gradients.slots.vector(at: firstSlot * stride, count: plan.nodes.count * stride)
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
    let statistics = StatisticsTree(shards, of: size.shards, networks[0], ranks)
    let outcomes = SharedOutcomes(
      shards: size.shards, blocks: networks[0].parameters.blocks, workers: networks.count, ranks)
    let barrier = Barrier(parties: networks.count, spins: spins)
    let schedule = ranks.map { BucketSchedule(networks[0], $0.buckets) }
    let progress = Traffic.Progress(workers: ranks == nil ? 0 : networks.count, spins: spins)
    exchanges = networks.indices.map { worker in
      let seat = workers[worker].team
      let team = worker - seat.member..<worker - seat.member + seat.members
      let join = JoinMemory(network: networks[worker], shards: size.shards)
      let traffic = ranks.flatMap { ranks in
        schedule.map {
          Traffic(
            worker: worker, team: team, ranks, gradients, statistics, join, networks[worker], tensors, $0, progress)
        }
      }
      return Exchange(
        worker: worker, barrier: barrier, statistics: statistics, gradients: gradients, firstSlot: firstSlots[worker],
        outcomes: outcomes, join: join, norms: networks[worker].batchNorms.count, ranks: ranks, traffic: traffic)
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

import LockstepKernels

/// One worker's part in bringing buckets of the parameters from rank to rank beside the passes of a step.
///
/// Gradients: when all workers of a team have passed the layers of a bucket, each sums its share of what the shards
/// have of it; when all teams have, the workers sum what the tree allows; then it departs. New parameters depart bucket
/// by bucket as they are updated, and the next forward pass waits for each where it needs it. The moments of BatchNorms
/// depart once the forward pass is done, merged as far as the tree allows, to the rank that has the running statistics,
/// and the new ones come back behind the parameters. No worker waits for another on the way: each does what has become
/// ready whenever it is done with a layer. The first worker alone deals with other ranks.
///
/// `@unchecked Sendable`: each worker has one of its own, and what they say to each other goes by `Milestones`.
package final class Traffic: @unchecked Sendable {
  private let worker: Int
  private let workers: Int
  private let team: Range<Int>
  private let ranks: Ranks
  private let gradients: GradientSums
  private let statistics: StatisticsTree
  private let join: JoinMemory
  private let tensors: NetworkTensors
  /// The BatchNorms whose moments stand with the shards until they are merged, and the ranks that they go to.
  private let shardNorms: [(place: StatisticsPlace, owner: Int)]
  /// Of every BatchNorm: the running statistics, and the rank that has them.
  private let running: [(range: Range<Int>, owner: Int)]
  private let stages: Int
  private let schedule: BucketSchedule
  private let progress: Progress
  /// Whether the teams' sums of a bucket are summed before it departs.
  private let joinsTeams: Bool
  /// Whether something becomes ready for all workers only when the last of them is done with the backward pass.
  let meets: Bool
  /// This rank's buckets, in order, and what the worker updates of each.
  private let own: [(bucket: Int, slice: Range<Int>)]

  /// How far all workers are.
  final class Progress: Sendable {
    let workers: Int
    /// By worker: stages that its backward pass has passed.
    let passed: Milestones
    /// By worker: whether it has merged its share of the moments.
    let merged: Milestones
    /// By worker: departures of which it has summed its share over its team's shards.
    let summed: Milestones
    /// By worker: departures of which it has joined its share of the teams' sums.
    let joined: Milestones
    /// By worker: buckets of this rank of which it has updated its slice.
    let updated: Milestones
    /// Of worker 0 alone: buckets of new parameters that have arrived.
    let arrived: Milestones

    init(workers: Int, spins: Int) {
      func milestones(_ parties: Int) -> Milestones { Milestones(parties: parties, spins: spins) }
      self.workers = workers
      (passed, merged) = (milestones(workers), milestones(workers))
      (summed, joined, updated) = (milestones(workers), milestones(workers), milestones(workers))
      arrived = milestones(1)
    }
  }

  // Counts of the present step. What workers tell each other is `base` more, which grows by more than any of them with
  // each step, so that no worker takes the count of a step before for one of this step.
  @exclusivity(unchecked) private var base: UInt32 = 0
  @exclusivity(unchecked) private var hasMerged = false
  @exclusivity(unchecked) private var hasSentMoments = false
  @exclusivity(unchecked) private var summed = 0
  @exclusivity(unchecked) private var joined = 0
  @exclusivity(unchecked) private var departed = 0
  @exclusivity(unchecked) private var updated = 0
  @exclusivity(unchecked) private var shared = 0
  /// Of the step that has last shared parameters; nil for none.
  @exclusivity(unchecked) private var sharedBase: UInt32?
  /// Of its buckets, how many this worker knows to have arrived.
  @exclusivity(unchecked) private var arrived = 0
  /// By bucket: the messages that have begun when its own has.
  @exclusivity(unchecked) private var tickets: [Int]

  /// - Parameter team: the workers of this one's team.
  init(
    worker: Int, team: Range<Int>, _ ranks: Ranks, _ gradients: GradientSums, _ statistics: StatisticsTree,
    _ join: JoinMemory, _ network: Network, _ tensors: NetworkTensors, _ schedule: BucketSchedule, _ progress: Progress
  ) {
    (self.worker, self.team, self.ranks, self.gradients) = (worker, team, ranks, gradients)
    (self.statistics, self.join, self.tensors) = (statistics, join, tensors)
    (stages, self.schedule, self.progress) = (network.stages.count, schedule, progress)
    let workers = progress.workers
    self.workers = workers
    shardNorms = network.shardNorms.map { (network.batchNorms[$0].place, ranks.owner(ofNorm: $0)) }
    running = network.batchNorms.enumerated().map { ($1.running, ranks.owner(ofNorm: $0)) }
    joinsTeams = gradients.ownNodes.contains { $0.parts.count > 1 }
    meets = workers > 1 && (joinsTeams || !shardNorms.isEmpty)
    own = ranks.buckets.indices.filter { ranks.owner(of: $0) == ranks.rank }.map {
      ($0, network.parameters.slice(of: worker, workers: workers, in: ranks.buckets[$0]))
    }
    tickets = ranks.buckets.map { _ in 0 }
  }

  private func all(_ workers: Range<Int>, in milestones: Milestones, have count: Int) -> Bool {
    workers.allSatisfy { milestones.has($0, reached: base &+ UInt32(count)) }
  }
}

// MARK: - Gradients

extension Traffic {
  /// A step begins: every worker calls it before its first pass.
  package func begin() {
    base &+= UInt32(max(stages, ranks.buckets.count) + 1)
    // Nobody waits for moments that there are none of: without them a worker may be done before another has begun.
    (hasMerged, hasSentMoments) = (shardNorms.isEmpty, shardNorms.isEmpty)
    (summed, joined, departed) = (0, 0, 0)
    guard worker == 0 else { return }
    for norm in shardNorms where norm.owner == ranks.rank {
      for other in ranks.communicator.others {
        statistics.receive(StatisticsPlace.moments, at: norm.place, from: other, ranks.background)
      }
    }
    for bucket in schedule.departures where ranks.owner(of: bucket) == ranks.rank {
      gradients.receive(ranks.buckets[bucket], ranks)
    }
  }

  /// The worker's backward pass is done with all stages from number `index` on, in its last micro-batch.
  func pass(_ index: Int, _ memory: WorkerMemory) {
    progress.passed.reach(worker, base &+ UInt32(stages - index))
    advance(memory)
  }

  /// Does what has become ready.
  func advance(_ memory: WorkerMemory) {
    let departures = schedule.departures
    if !hasMerged, all(0..<workers, in: progress.passed, have: 1) {
      mergeMoments()
      hasMerged = true
      progress.merged.reach(worker, base &+ 1)
    }
    while summed < departures.count,
      all(team, in: progress.passed, have: stages - schedule.firstStages[departures[summed]])
    {
      memory.sumGradients(ranks.buckets[departures[summed]])
      summed += 1
      progress.summed.reach(worker, base &+ UInt32(summed))
    }
    if joinsTeams {
      while joined < departures.count, all(0..<workers, in: progress.summed, have: joined + 1) {
        joinTeams(departures[joined])
        joined += 1
        progress.joined.reach(worker, base &+ UInt32(joined))
      }
    }
    if worker == 0 {
      if !hasSentMoments, all(0..<workers, in: progress.merged, have: 1) {
        sendMoments()
        hasSentMoments = true
      }
      let ready = joinsTeams ? progress.joined : progress.summed
      while hasSentMoments, departed < departures.count, all(0..<workers, in: ready, have: departed + 1) {
        gradients.send(ranks.buckets[departures[departed]], to: ranks.owner(of: departures[departed]), ranks)
        departed += 1
      }
      ranks.background.progress()
    }
  }

  private func mergeMoments() {
    for index in stride(from: worker, to: shardNorms.count, by: workers) {
      statistics.mergeMoments(at: shardNorms[index].place, join)
    }
  }

  private func sendMoments() {
    for norm in shardNorms where norm.owner != ranks.rank {
      statistics.send(StatisticsPlace.moments, at: norm.place, to: norm.owner, ranks.background)
    }
  }

  private func joinTeams(_ bucket: Int) {
    if ranks.owner(of: bucket) == ranks.rank { return }
    let part = ranks.buckets[bucket]
    let blocks = part.count / ParameterLayout.block
    let (first, last) = (worker * blocks / workers, (worker + 1) * blocks / workers)
    if first == last { return }
    gradients.sumOwnNodes(
      part.lowerBound + first * ParameterLayout.block..<part.lowerBound + last * ParameterLayout.block)
  }
}

// MARK: - Parameters and running statistics

extension Traffic {
  /// The update begins: every worker calls it once none of them reads parameters of other ranks.
  package func beginUpdate() {
    (updated, shared, arrived, sharedBase) = (0, 0, 0, base)
    guard worker == 0 else { return }
    for (bucket, part) in ranks.buckets.enumerated() {
      let owner = ranks.owner(of: bucket)
      if owner != ranks.rank {
        ranks.background.receive(parameters(part), from: owner)
      }
      tickets[bucket] = ranks.background.begun
    }
    for norm in running where norm.owner != ranks.rank {
      ranks.background.receive(tensors.running.all[norm.range], from: norm.owner)
    }
  }

  /// The worker has updated all that is its own of the parameters up to `end`.
  package func update(through end: Int) {
    let before = updated
    while updated < own.count, own[updated].slice.upperBound <= end { updated += 1 }
    if updated == before { return }
    progress.updated.reach(worker, base &+ UInt32(updated))
    share()
  }

  /// The worker has updated all that is its own, of running statistics, too.
  ///
  /// - Parameter barrier: lets all workers meet.
  package func finishUpdate(barrier: () -> Void) {
    update(through: .max)
    barrier()
    share()
    guard worker == 0 else { return }
    for norm in running where norm.owner == ranks.rank {
      for other in ranks.communicator.others { ranks.background.send(tensors.running.all[norm.range], to: other) }
    }
  }

  private func parameters(_ part: Range<Int>) -> Vector {
    tensors.parameters.vector(at: part.lowerBound, count: part.count)
  }

  private func share() {
    guard worker == 0 else { return }
    while shared < own.count, all(0..<workers, in: progress.updated, have: shared + 1) {
      let part = ranks.buckets[own[shared].bucket]
      for other in ranks.communicator.others {
        ranks.background.send(parameters(part), to: other)
      }
      shared += 1
    }
    ranks.background.progress()
  }

  /// Whether there is anything to wait for before the forward pass comes to stage number `index`.
  func awaits(_ index: Int) -> Bool { sharedBase != nil && schedule.arrivals[index] > arrived }

  /// Waits for the parameters of that stage.
  func awaitParameters(of index: Int) {
    awaitParameters(schedule.arrivals[index]) { ranks.background.complete(through: tickets[$0 - 1]) }
  }

  /// Waits for all parameters and running statistics, and until no other rank is still told those of this one.
  func awaitParameters() { awaitParameters(ranks.buckets.count) { _ in ranks.background.complete() } }

  private func awaitParameters(_ count: Int, complete: (Int) -> Void) {
    guard let sharedBase else { return }
    let milestone = sharedBase &+ UInt32(count)
    if worker == 0 {
      complete(count)
      progress.arrived.reach(0, milestone)
    } else {
      progress.arrived.wait(for: 0, toReach: milestone)
    }
    arrived = count
  }
}

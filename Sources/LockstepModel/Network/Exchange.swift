import LockstepKernels

/// One worker's end of all that is exchanged between workers, and by the first of them between ranks: whatever is
/// summed over shards, or waits for them, goes through here.
///
/// A worker writes what is its own: the moments of its shards, the gradients of its nodes, a loss for every shard, a
/// square for every block, a magnitude of its own. After `synchronize()` it reads what all have written, combined along
/// the tree over the shards, or over the blocks, or in the order of the workers where the result does not depend on it
/// (a maximum, the first). So every worker reads the same, whoever owns what.
///
/// Each worker has an object of its own, because reading one counts references, and a count that several workers change
/// moves between their caches.
package final class Exchange: Sendable {
  /// Who this is; worker 0 leads.
  package let worker: Int
  /// How many there are.
  package let workers: Int
  private let barrier: Barrier
  private let statistics: StatisticsTree
  private let gradients: GradientSums
  private let outcomes: SharedOutcomes
  /// What this worker joins from all shards.
  let join: JoinMemory
  /// The BatchNorms whose running statistics are this rank's, and this worker's turn.
  let ownNorms: [Int]
  /// The first gradient slot of its team.
  private let firstSlot: Int
  /// All ranks, where there are several.
  private let ranks: Ranks?
  /// Between them, beside the passes.
  package let traffic: Traffic?
  /// Seconds that this worker has waited for other ranks, since that was last asked.
  private let secondsApart = Slots(repeating: 0.0, count: 1)

  init(
    worker: Int, barrier: Barrier, statistics: StatisticsTree, gradients: GradientSums, firstSlot: Int,
    outcomes: SharedOutcomes, join: JoinMemory, norms: Int, ranks: Ranks?, traffic: Traffic?
  ) {
    (self.worker, workers, self.barrier, self.firstSlot) = (worker, barrier.parties, barrier, firstSlot)
    (self.statistics, self.gradients, self.outcomes, self.join) = (statistics, gradients, outcomes, join)
    (self.ranks, self.traffic) = (ranks, traffic)
    let own = (0..<norms).filter { norm in ranks.map { $0.owner(ofNorm: norm) == $0.rank } ?? true }
    ownNorms = stride(from: worker, to: own.count, by: workers).map { own[$0] }
  }

  /// Waits until every worker of the rank has come as far; each calls it the same number of times. What one has written
  /// before, all of them read after it.
  package func synchronize() { barrier.wait(worker) }

  /// Waits until every worker of every rank has come as far, and has been told what the others have noted.
  ///
  /// - Parameter share: begins to hand over what this rank's workers have noted; the first of them calls it.
  package func synchronize(sharing share: (Ranks) -> Void) {
    barrier.wait(worker)
    guard let ranks else { return }
    apart {
      if worker == 0 {
        share(ranks)
        ranks.communicator.complete()
      }
      barrier.wait(worker)
    }
  }

  /// Waits for other ranks, and takes the time.
  private func apart(_ wait: () -> Void) {
    let begin = MonotonicClock.seconds()
    wait()
    secondsApart[0] += MonotonicClock.seconds() - begin
  }

  /// Seconds that this worker has waited for other ranks since this was last asked.
  package func takeSecondsApart() -> Double {
    defer { secondsApart[0] = 0 }
    return secondsApart[0]
  }

  /// Hands something over between ranks while no worker is at work: the thread that leads them calls it.
  package func share(_ share: (Ranks) -> Void) {
    guard let ranks else { return }
    share(ranks)
    ranks.communicator.complete()
  }

  /// Which of `count` things, such as tensors or BatchNorms, are this worker's to do: they go round in turns.
  package func turns(of count: Int) -> StrideTo<Int> { stride(from: worker, to: count, by: workers) }
}

// MARK: - Statistics of BatchNorms

extension Exchange {
  /// The shards of other ranks take their rows of a batch, which count in statistics.
  ///
  /// - Parameter rows: of shard k.
  package func begin(rows: (Int) -> Range<Int>) {
    if worker == 0 { statistics.begin(rows: rows) }
  }

  /// Waits until the moments of all shards at a BatchNorm are known.
  func synchronizeMoments(at place: StatisticsPlace) { synchronize { shareMoments(at: place, $0) } }

  /// Waits until Σ dy · x̂ and Σ dy of all shards at a BatchNorm are known.
  func synchronizeGradientSums(at place: StatisticsPlace) {
    synchronize { ranks in
      statistics.sumGradients(at: place, join)
      statistics.share(StatisticsPlace.gradientSums, at: place, ranks.communicator)
    }
  }

  /// Begins to give all ranks the moments of all shards at every BatchNorm.
  package func shareMoments(of network: Network, _ ranks: Ranks) {
    for norm in network.batchNorms { shareMoments(at: norm.place, ranks) }
  }

  private func shareMoments(at place: StatisticsPlace, _ ranks: Ranks) {
    statistics.mergeMoments(at: place, join)
    statistics.share(StatisticsPlace.moments, at: place, ranks.communicator)
  }

  /// The moments of the batch at a BatchNorm, merged along the tree over the shards. The result is a view of scratch,
  /// valid until the next such call.
  func moments(at place: StatisticsPlace) -> Moments {
    join.mergedMoments(of: statistics, in: 0..<statistics.count, at: place)
  }

  /// Σ dy · x̂ and Σ dy over the rows of the batch, summed along the tree over the shards; views of scratch likewise.
  func gradientSums(at place: StatisticsPlace) -> (gamma: Vector, beta: Vector) {
    join.summedGradients(of: statistics, in: 0..<statistics.count, at: place)
  }
}

// MARK: - Gradients

extension Exchange {
  /// The gradient over `range` of the parameters once this worker has summed it: it stands in its team's first slot,
  /// where no other core writes this range.
  package func gradient(_ range: Range<Int>) -> Vector {
    gradients.slots.vector(at: firstSlot * gradients.stride + range.lowerBound, count: range.count)
  }

  /// Waits until the gradients of every rank's shards are with those who own them, and all know what came of the
  /// shards.
  ///
  /// - Parameter share: begins to hand over what else has been noted.
  package func synchronizeGradients(of memory: WorkerMemory, _ share: (Ranks) -> Void) {
    if let traffic, traffic.meets {
      barrier.wait(worker)
      traffic.advance(memory)
    }
    synchronize { ranks in
      // What is left of the gradients.
      traffic?.advance(memory)
      ranks.share(overShards: outcomes.losses)
      outcomes.magnitudes.share(ranks)
      share(ranks)
      ranks.background.complete()
    }
  }

  /// Does with gradients what a backward pass does that has nothing to compute.
  package func passGradients(of memory: WorkerMemory) {
    traffic?.pass(0, memory)
    barrier.wait(worker)
    traffic?.advance(memory)
  }

  /// Waits until the parameters of a stage are those that all ranks have.
  func awaitParameters(of stage: Int) {
    guard let traffic, traffic.awaits(stage) else { return }
    apart { traffic.awaitParameters(of: stage) }
  }

  /// Waits until all parameters are those that all ranks have, and no other rank is still told those of this one.
  package func awaitParameters() {
    guard let traffic else { return }
    apart { traffic.awaitParameters() }
  }

  /// Hands over what this rank has updated of parameters and running statistics, once every worker has updated its own.
  package func finishUpdate() { traffic?.finishUpdate { barrier.wait(worker) } }

  /// Begins to hand over the sums of squares of the blocks.
  package func shareSquares(_ ranks: Ranks) {
    let block = ParameterLayout.block
    for (index, bucket) in ranks.buckets.enumerated() {
      let blocks = bucket.lowerBound / block..<bucket.upperBound / block
      ranks.give(outcomes.squares, blocks, from: ranks.owner(of: index))
    }
    outcomes.nonFiniteNorms.share(ranks)
  }

  /// Begins to hand over the sums of loss and metrics of the shards.
  package func shareLosses(_ ranks: Ranks) { ranks.share(overShards: outcomes.losses) }

  /// Sums the nodes' gradients over `range` of the parameters along the tree.
  @discardableResult
  package func reduce(_ range: Range<Int>) -> Vector {
    let sum = gradient(range)
    Tree.sum(gradients.slots.all, nodes: gradients.nodes, stride: gradients.stride, at: range.lowerBound, into: sum)
    return sum
  }

  /// Sums the nodes' gradients over a slice of whole blocks along the tree, and notes the sum of squares of each block,
  /// so that the norm does not depend on who owns which slice.
  package func reduceWithSquares(_ slice: Range<Int>) {
    let block = ParameterLayout.block
    for start in stride(from: slice.lowerBound, to: slice.upperBound, by: block) {
      outcomes.squares[start / block] = reduce(start..<start + block).sumOfSquares
    }
  }

  /// √ of Σ g² over all parameters, summed along the tree over the blocks.
  package var gradientNorm: Double {
    let squares = outcomes.squares
    return Tree.sum(0..<squares.count) { squares[$0] }.squareRoot()
  }
}

// MARK: - What came of the shards

extension Exchange {
  /// Notes the sums of loss and metrics over the rows of `shard`, which is the worker's to measure.
  package func note(_ sums: LossSums, of shard: Int) { outcomes.losses[shard] = sums }

  /// Over all shards, along the tree.
  package var sums: LossSums { reduce(overShards: outcomes.losses, +) }

  /// The first shard whose loss is not finite.
  package var firstNonFiniteLoss: Int? { first(overShards: { outcomes.losses[$0].loss.isFinite ? nil : () })?.shard }

  /// What every shard's owner has written, combined along the tree.
  package func reduce<Value>(overShards values: Slots<Value>, _ combine: (Value, Value) -> Value) -> Value {
    Tree.reduce(0..<statistics.count, leaf: { values[$0] }, combine: combine)
  }

  /// The sum along the tree of what every shard's owner has written, from `offset` on.
  package func sum(overShards values: Slots<Double>, from offset: Int) -> Double {
    Tree.sum(0..<statistics.count) { values[offset + $0] }
  }

  /// What the lowest shard says that has something to say, of what every shard's owner has noted: which of several
  /// errors is reported does not depend on who came first.
  package func first<Value>(overShards value: (Int) -> Value?) -> (shard: Int, value: Value)? {
    for shard in 0..<statistics.count {
      if let value = value(shard) { return (shard, value) }
    }
    return nil
  }

  /// The sum along the tree of what the owners of the parameters' `pieces` have noted of each.
  package func sum(overPieces pieces: Range<Int>, _ value: (Int) -> Double) -> Double { Tree.sum(pieces, value) }
}

// MARK: - Whether sums are finite

extension Exchange {
  /// Notes how large the gradients and statistics are that this worker hands on to be summed over shards.
  package func noteMagnitudes(of memory: WorkerMemory) {
    outcomes.magnitudes[worker] = SharedOutcomes.Magnitudes(
      gradient: memory.largestGradient, statistic: memory.largestStatistic, terms: gradients.terms)
  }

  /// No element of the reduced gradient is larger; not a number where one may not be.
  package var largestSummedGradient: Double { largestSum(of: outcomes.magnitudes.combined) }

  private func largestSum(of gradients: SharedOutcomes.Magnitudes) -> Double {
    gradients.gradient.value * Double(gradients.terms * (ranks?.count ?? 1))
  }

  /// Whether no sum over the shards can have overflowed: what is summed is so small that the sums need not be looked
  /// at. Each sum has a term a node, or, for a variance, a term of at most (2 · 10¹⁵)² a row.
  package var isCertainlyFinite: Bool {
    let (limit, largest) = (Double(Float.greatestFiniteMagnitude) / 2, outcomes.magnitudes.combined)
    return largestSum(of: largest) <= limit && largest.statistic.value <= 1e15
  }

  /// Looks for the first BatchNorm, among those whose running statistics are the worker's to update, of which the
  /// batch's statistics are not finite, and notes it.
  package func noteNonFiniteStatistics(of network: Network) {
    var found: Int?
    for index in ownNorms where found == nil {
      let moments = moments(at: network.batchNorms[index].place)
      if moments.mean.firstNonFinite != nil || moments.m2.firstNonFinite != nil { found = index }
    }
    outcomes.nonFiniteNorms[worker] = FirstNote(found)
  }

  /// Notes that there is none, without looking.
  package func noteFiniteStatistics() { outcomes.nonFiniteNorms[worker] = FirstNote() }

  /// The first BatchNorm, by its number, of which a worker has noted that the batch's statistics are not finite.
  package var firstNonFiniteNorm: Int? { outcomes.nonFiniteNorms.combined.value }
}

/// What workers note for all to read.
struct SharedOutcomes: Sendable {
  /// The largest of what a worker hands on to be summed over shards.
  struct Magnitudes: WorkerNote {
    var gradient = Magnitude()
    var statistic = Magnitude()
    /// Of its rank's gradients that are summed, how many.
    var terms = 0

    static func combine(_ a: Magnitudes, _ b: Magnitudes) -> Magnitudes {
      var largest = a
      largest.gradient.note(b.gradient)
      largest.statistic.note(b.statistic)
      largest.terms = max(a.terms, b.terms)
      return largest
    }
  }

  /// By shard.
  let losses: Slots<LossSums>
  /// By block of the parameters: Σ g².
  let squares: Slots<Double>
  let magnitudes: WorkerNotes<Magnitudes>
  /// The first of a worker's BatchNorms whose statistics are not finite, where that has been looked for.
  let nonFiniteNorms: WorkerNotes<FirstNote<Int>>

  init(shards: Int, blocks: Int, workers: Int, _ ranks: Ranks?) {
    losses = Slots(repeating: LossSums(), count: shards)
    squares = Slots(repeating: 0, count: blocks)
    magnitudes = WorkerNotes(repeating: Magnitudes(), workers: workers, ranks)
    nonFiniteNorms = WorkerNotes(repeating: FirstNote(), workers: workers, ranks)
  }
}

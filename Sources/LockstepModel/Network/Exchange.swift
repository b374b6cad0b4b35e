import LockstepKernels

/// One worker's end of all that is exchanged between workers: whatever is summed over shards, or waits for them, goes
/// through here.
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
  /// Every worker's, in order.
  private let shards: [ShardMemory]
  private let gradients: GradientSums
  private let outcomes: SharedOutcomes
  /// What this worker joins from all shards.
  let join: JoinMemory
  /// The first gradient slot of its team.
  private let firstSlot: Int

  init(
    worker: Int, barrier: Barrier, shards: [ShardMemory], gradients: GradientSums, firstSlot: Int,
    outcomes: SharedOutcomes, join: JoinMemory
  ) {
    (self.worker, workers, self.barrier, self.firstSlot) = (worker, barrier.parties, barrier, firstSlot)
    (self.shards, self.gradients, self.outcomes, self.join) = (shards, gradients, outcomes, join)
  }

  /// Waits until every worker has come as far; each calls it the same number of times. What one has written before, all
  /// read after it.
  package func synchronize() { barrier.wait(worker) }

  /// Which of `count` things, such as tensors or BatchNorms, are this worker's to do: they go round in turns.
  package func turns(of count: Int) -> StrideTo<Int> { stride(from: worker, to: count, by: workers) }
}

// MARK: - Statistics of BatchNorms

extension Exchange {
  /// The moments of the batch at a BatchNorm, merged along the tree over the shards. The result is a view of scratch,
  /// valid until the next such call.
  func moments(at place: StatisticsPlace) -> Moments { join.mergedMoments(of: shards, at: place) }

  /// Σ dy · x̂ and Σ dy over the rows of the batch, summed along the tree over the shards; views of scratch likewise.
  func gradientSums(at place: StatisticsPlace) -> (gamma: Vector, beta: Vector) {
    join.summedGradients(of: shards, at: place)
  }
}

// MARK: - Gradients

extension Exchange {
  /// The gradient over `range` of the parameters once this worker has summed it: it stands in its team's first slot,
  /// where no other core writes this range.
  package func gradient(_ range: Range<Int>) -> Vector {
    gradients.slots.vector(at: firstSlot * gradients.stride + range.lowerBound, count: range.count)
  }

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
    Tree.reduce(0..<shards.count, leaf: { values[$0] }, combine: combine)
  }

  /// The sum along the tree of what every shard's owner has written, from `offset` on.
  package func sum(overShards values: Slots<Double>, from offset: Int) -> Double {
    Tree.sum(0..<shards.count) { values[offset + $0] }
  }

  /// What the lowest shard says that has something to say, of what every shard's owner has noted: which of several
  /// errors is reported does not depend on who came first.
  package func first<Value>(overShards value: (Int) -> Value?) -> (shard: Int, value: Value)? {
    for shard in 0..<shards.count {
      if let value = value(shard) { return (shard, value) }
    }
    return nil
  }

  /// The sum along the tree of what the owners of the parameters' `pieces` have noted of each.
  package func sum(overPieces pieces: Range<Int>, _ value: (Int) -> Double) -> Double { Tree.sum(pieces, value) }

  /// Whether some worker has set its flag number `index`; each has `stride` of them.
  package func hasAny(_ flags: Slots<UInt8>, at index: Int, stride: Int) -> Bool {
    for worker in 0..<workers where flags[worker * stride + index] != 0 { return true }
    return false
  }

  /// What every worker has written, combined in their order.
  package func reduce<Value>(overWorkers values: Slots<Value>, _ combine: (Value, Value) -> Value) -> Value {
    var result = values[0]
    for worker in 1..<workers { result = combine(result, values[worker]) }
    return result
  }
}

// MARK: - Whether sums are finite

extension Exchange {
  /// Notes how large the gradients and statistics are that this worker hands on to be summed over shards.
  package func noteMagnitudes(of memory: WorkerMemory) {
    outcomes.magnitudes[worker] = SharedOutcomes.Magnitudes(
      gradient: memory.largestGradient, statistic: memory.largestStatistic)
  }

  /// No element of the reduced gradient is larger; not a number where one may not be.
  package var largestSummedGradient: Double {
    var largest = Magnitude()
    for worker in 0..<workers { largest.note(outcomes.magnitudes[worker].gradient) }
    return largest.value * Double(gradients.terms)
  }

  /// Whether no sum over the shards can have overflowed: what is summed is so small that the sums need not be looked
  /// at. Each sum has a term a node, or, for a variance, a term of at most (2 · 10¹⁵)² a row.
  package var isCertainlyFinite: Bool {
    var statistic = Magnitude()
    for worker in 0..<workers { statistic.note(outcomes.magnitudes[worker].statistic) }
    let limit = Double(Float.greatestFiniteMagnitude) / 2
    return largestSummedGradient <= limit && statistic.value <= 1e15
  }

  /// Looks for the first BatchNorm, among those whose turn it is, of which the batch's statistics are not finite, and
  /// notes it.
  package func noteNonFiniteStatistics(of network: Network) {
    var found: Int?
    for index in turns(of: network.batchNorms.count) where found == nil {
      let moments = moments(at: network.batchNorms[index].place)
      if moments.mean.firstNonFinite != nil || moments.m2.firstNonFinite != nil { found = index }
    }
    outcomes.nonFiniteNorms[worker] = found
  }

  /// Notes that there is none, without looking.
  package func noteFiniteStatistics() { outcomes.nonFiniteNorms[worker] = nil }

  /// The first BatchNorm, by its number, of which a worker has noted that the batch's statistics are not finite.
  package var firstNonFiniteNorm: Int? {
    var first: Int?
    for worker in 0..<workers {
      if let norm = outcomes.nonFiniteNorms[worker] { first = min(first ?? norm, norm) }
    }
    return first
  }
}

/// The slots of the nodes' gradients.
struct GradientSums: Sendable {
  /// In order, `stride` elements apart, each in the layout of the parameters.
  let slots: Arena
  let stride: Int
  /// Shards of each node.
  let nodes: Slots<Int32>
  /// Nodes of the tree whose gradients are noted and summed over: terms of every reduced gradient.
  let terms: Int
}

/// What workers note for all to read.
struct SharedOutcomes: Sendable {
  /// The largest of what a worker hands on to be summed over shards.
  struct Magnitudes: BitwiseCopyable {
    var gradient = Magnitude()
    var statistic = Magnitude()
  }

  /// By shard.
  let losses: Slots<LossSums>
  /// By block of the parameters: Σ g².
  let squares: Slots<Double>
  /// By worker.
  let magnitudes: Slots<Magnitudes>
  /// By worker: the first of its BatchNorms whose statistics are not finite, where that has been looked for.
  let nonFiniteNorms: Slots<Int?>

  init(shards: Int, blocks: Int, workers: Int) {
    losses = Slots(repeating: LossSums(), count: shards)
    squares = Slots(repeating: 0, count: blocks)
    magnitudes = Slots(repeating: Magnitudes(), count: workers)
    nonFiniteNorms = Slots(repeating: nil, count: workers)
  }
}

import LockstepKernels

/// Everything that one worker writes to in a pass: the shards of its team, all their rows together, and a network of
/// its own.
///
/// What stands in memory is the team's, and each member sees it through objects of its own. A team goes through its
/// shards in micro-batches, most often one: there is memory for the rows of one, and what a pass works on is the
/// micro-batch that has begun. Statistics and the gradients of vectors are a shard's own, whatever its micro-batch.
///
/// The network is built once a worker, because reading it counts references, and a count that several workers change
/// moves between their caches.
///
/// `@unchecked Sendable`: it belongs to one worker, which writes its part of the team's memory; what others read of
/// that they read after a barrier. Nothing checks exclusive access to its variables, as in `BatchRows`.
package final class WorkerMemory: @unchecked Sendable {
  /// The worker's own copy of the description, with the stages that it goes through.
  package let network: Network
  /// Which part of everything is its own.
  package let team: Team
  /// The present micro-batch's shards, in order.
  @exclusivity(unchecked) package private(set) var shards: [ShardMemory]
  /// All their rows.
  package let all: BatchRows
  /// The nodes of the tree that the micro-batch holds whole, in order: its shards in groups.
  @exclusivity(unchecked) private(set) var nodes: [GradientNode]
  @exclusivity(unchecked) private var moves: [MicroBatchPlan.Move]
  @exclusivity(unchecked) private(set) var isLastMicroBatch: Bool
  /// The team's shards of all micro-batches, in order.
  package let teamShards: [ShardMemory]
  let teamNodes: [GradientNode]
  private let microBatches: [MicroBatch]
  private let slots: GradientSlots
  let products: ProductScratch
  let convolutions: ConvolutionScratch
  private let memory: TeamMemory

  private struct MicroBatch {
    var shards: [ShardMemory]
    var nodes: [GradientNode]
    var moves: [MicroBatchPlan.Move]
  }

  /// - Parameter memory: what the members of the team share.
  init(
    network: Network, team: Team, _ plan: MicroBatchPlan, _ size: WorkspaceSize, _ tensors: NetworkTensors,
    _ memory: TeamMemory
  ) {
    let first = plan.microBatches[0].shards.lowerBound
    let places = memory.places
    let (statisticsCount, gradientCount) = (TeamMemory.statisticsCount(network, places), network.parameters.shardCount)
    let vectors = network.parameters.entries.filter(\.training.isTrainable).map(\.place).filter {
      $0.shardOffset != nil
    }
    let storage = RowStorage(
      plan: places, values: memory.values.all, valueGradients: memory.valueGradients.all,
      parameters: tensors.parameters.all, running: tensors.running.all)
    func shardMemory(_ shard: Int) -> ShardMemory {
      ShardMemory(
        shard: shard, storage,
        statistics: memory.statistics.vector(
          at: (shard - first) * statisticsCount, count: network.statisticsCount + places.widest),
        gradients: memory.shardGradients.vector(at: (shard - first) * gradientCount, count: gradientCount))
    }
    func gradientNode(_ node: Range<Int>, _ slot: Int) -> GradientNode {
      GradientNode(
        shards: node.count, storage, vectors: vectors, slot: memory.slots[slot],
        shardGradients: memory.shardGradients.vector(
          at: (node.lowerBound - first) * gradientCount, count: node.count * gradientCount))
    }
    microBatches = plan.microBatches.map { microBatch in
      MicroBatch(
        shards: microBatch.shards.map(shardMemory),
        nodes: microBatch.nodes.enumerated().map { gradientNode($1, microBatch.firstSlot + $0) },
        moves: microBatch.moves)
    }
    (self.network, self.team, self.memory) = (network, team, memory)
    all = BatchRows(storage)
    (shards, nodes, moves) = (microBatches[0].shards, microBatches[0].nodes, microBatches[0].moves)
    isLastMicroBatch = microBatches.count == 1
    (teamShards, teamNodes) = (microBatches.flatMap(\.shards), microBatches.flatMap(\.nodes))
    slots = memory.slots
    products = ProductScratch(
      size.precision, shards: plan.widestNode, shardRows: size.shardRows, weights: network.productShapes(of: team))
    convolutions = ConvolutionScratch(
      elements: network.convolutionElements(size.precision, shards: plan.widestNode))
  }

  /// How many micro-batches the team goes through.
  package var microBatchCount: Int { microBatches.count }

  /// Takes the rows of a batch that are those of its shards in micro-batch `index`, in whose memory those of the one
  /// before stand: once every member is done with them.
  ///
  /// - Parameter rows: of shard k, consecutive from one shard to the next.
  package func begin(microBatch index: Int = 0, rows: (Int) -> Range<Int>) {
    if index > 0 { team.synchronize() }
    let microBatch = microBatches[index]
    (shards, nodes, moves) = (microBatch.shards, microBatch.nodes, microBatch.moves)
    isLastMicroBatch = index == microBatches.count - 1
    guard let first = shards.first, let last = shards.last else { return }
    let start = rows(first.shard).lowerBound
    all.begin(rows: start..<rows(last.shard).upperBound, offset: 0)
    var next = 0
    for node in nodes {
      let begin = rows(shards[next].shard).lowerBound
      for index in 0..<node.shardRows.count {
        let range = rows(shards[next].shard)
        shards[next].begin(rows: range, offset: range.lowerBound - start)
        node.shardRows[index] = range.count
        next += 1
      }
      node.begin(rows: begin..<rows(shards[next - 1].shard).upperBound, offset: begin - start)
    }
  }

  /// Writes `value` wherever the team's passes write values and their gradients: the member's share of it.
  func fillValues(_ value: Float) {
    for arena in [memory.values, memory.valueGradients] { arena.all[team.share(of: arena.count)].fill(value) }
  }

  /// Completes the sums over the nodes of the present micro-batch in `range` of the parameters, and adds them to those
  /// of the micro-batches before, as far as the tree allows: the member's share of it, once the backward pass of every
  /// member is done there.
  func sumGradients(_ range: Range<Int>) {
    let part = team.share(of: range.count)
    let share = range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound
    for node in nodes { node.sumVectors(share) }
    for move in moves {
      let (from, into) = (slots[move.from][share], slots[move.into][share])
      if move.adds { add(into, from, into: into) } else { into.copy(from: from) }
    }
  }
}

// What is the member's own.
extension WorkerMemory {
  /// The rows of the micro-batch and the columns of a value of this shape.
  func part(of shape: Shape) -> Part {
    Part(rows: team.rows(all.rows, shape: shape), columns: team.columns(of: shape))
  }

  /// The same of one shard's rows.
  func part(of shard: ShardMemory, shape: Shape) -> Part {
    let own = team.rows(all.rows, shape: shape)
    let start = shard.firstRow - all.firstRow
    let rows = own.clamped(to: start..<start + shard.rows)
    return Part(rows: rows.lowerBound - start..<rows.upperBound - start, columns: team.columns(of: shape))
  }

  /// The rows of a shard that are this member's to fill.
  package func share(of shard: ShardMemory) -> Range<Int> {
    let start = shard.firstRow - all.firstRow
    let rows = team.share(of: all.rows).clamped(to: start..<start + shard.rows)
    return rows.lowerBound - start..<rows.upperBound - start
  }

  /// The shards of the micro-batch that are this member's to look at.
  package func ownShards() -> ShardTurns {
    ShardTurns(shards: shards, turns: team.turns(of: shards.count).makeIterator())
  }

  /// Those that are this member's to sum over, of the channels that are (`Team.summedChannels`).
  func summedShards(_ shape: Shape) -> ShardTurns {
    ShardTurns(shards: shards, turns: team.turns(of: shards.count, shape: shape).makeIterator())
  }

  /// What takes sums over the rows of each shard, and then does something to them all: to a shard at once, where the
  /// member has all of its rows.
  ///
  /// - Parameters:
  ///   - shape: of the value.
  ///   - sum: for a shard whose sums are the member's to take, of its channels.
  ///   - apply: for its part of each shard, once the sums are taken.
  func eachShard(shape: Shape, sum: (ShardMemory) -> Void, then apply: (ShardMemory, Part) -> Void) {
    if team.down(shape) == 1 {
      let columns = team.columns(of: shape)
      for shard in shards {
        sum(shard)
        apply(shard, Part(rows: 0..<shard.rows, columns: columns))
      }
      return
    }
    team.synchronize()
    for shard in summedShards(shape) { sum(shard) }
    team.synchronize()
    for shard in shards { apply(shard, part(of: shard, shape: shape)) }
  }
}

/// Every so many of some shards.
package struct ShardTurns: Sequence, IteratorProtocol {
  let shards: [ShardMemory]
  var turns: StrideToIterator<Int>

  package mutating func next() -> ShardMemory? { turns.next().map { shards[$0] } }
}

/// What the members of a team share, each writing its part of it.
final class TeamMemory: Sendable {
  let places: WorkspacePlan
  let values: Arena
  let valueGradients: Arena
  /// A shard after the other: of all BatchNorms, and behind them scratch for the widest value.
  let statistics: Arena
  /// A shard after the other: of all vectors.
  let shardGradients: Arena
  let slots: GradientSlots
  private let tensors: NetworkTensors

  /// - Parameter slots: as many as the micro-batches use, empty ones where nothing goes backward.
  init(
    network: Network, _ plan: MicroBatchPlan, _ size: WorkspaceSize, _ tensors: NetworkTensors, slots: GradientSlots
  ) {
    let shards = plan.microBatches.reduce(0) { $0 + $1.shards.count }
    places = WorkspacePlan(network: network, plan, size)
    values = Arena(count: places.valueCount)
    valueGradients = Arena(count: size.goesBackward ? places.gradientCount : 0)
    statistics = Arena(count: TeamMemory.statisticsCount(network, places) * shards)
    shardGradients = Arena(count: network.parameters.shardCount * shards)
    (self.slots, self.tensors) = (slots, tensors)
  }

  /// Elements of `statistics` a shard.
  static func statisticsCount(_ network: Network, _ places: WorkspacePlan) -> Int {
    network.statisticsCount + Arena.aligned(places.widest)
  }
}

/// A team's gradient slots, each in the layout of the parameters: those of the nodes that it owns whole, which all
/// workers read in the end, come first.
struct GradientSlots: Sendable {
  let own: Vector
  /// What is used in between, where there are several micro-batches.
  let spare: Arena
  let stride: Int

  subscript(_ slot: Int) -> Vector {
    let start = slot * stride
    return start < own.count
      ? own[start..<start + stride] : spare.vector(at: start - own.count, count: stride)
  }
}

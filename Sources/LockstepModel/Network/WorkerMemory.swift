import LockstepKernels

/// Everything that one worker writes to in a pass: its shards, all their rows together, and a network of its own.
///
/// The worker goes through its shards in micro-batches, most often one: there is memory for the rows of one, and what a
/// pass works on is the micro-batch that has begun. Statistics and the gradients of vectors are a shard's own, whatever
/// its micro-batch.
///
/// The network is built once a worker, because reading it counts references, and a count that several workers change
/// moves between their caches.
///
/// `@unchecked Sendable`: it belongs to one worker; what others read of its shards and nodes they read after a barrier.
package final class WorkerMemory: @unchecked Sendable {
  /// The worker's own copy of the description, with the stages that it goes through.
  package let network: Network
  /// The present micro-batch's shards, in order.
  package private(set) var shards: [ShardMemory]
  /// All their rows.
  package let all: BatchRows
  /// The nodes of the tree that the micro-batch holds whole, in order: its shards in groups.
  private(set) var nodes: [GradientNode]
  private(set) var moves: [MicroBatchPlan.Move]
  /// The worker's shards of all micro-batches, in order.
  package let ownShards: [ShardMemory]
  let ownNodes: [GradientNode]
  private let microBatches: [MicroBatch]
  private let slots: GradientSlots
  let products: ProductScratch
  private let arenas: [Arena]

  private struct MicroBatch {
    var shards: [ShardMemory]
    var nodes: [GradientNode]
    var moves: [MicroBatchPlan.Move]
  }

  /// - Parameter slots: as many as the micro-batches use, empty ones where nothing goes backward.
  init(
    network: Network, _ plan: MicroBatchPlan, _ size: WorkspaceSize, _ tensors: NetworkTensors, slots: GradientSlots
  ) {
    let own = plan.microBatches.reduce(0) { $0 + $1.shards.count }
    let first = plan.microBatches[0].shards.lowerBound
    let places = WorkspacePlan(network: network, plan, size)
    let values = Arena(count: places.valueCount)
    let valueGradients = Arena(count: size.goesBackward ? places.gradientCount : 0)
    let statisticsCount = network.statisticsCount + Arena.aligned(places.widest)
    let statistics = Arena(count: statisticsCount * own)
    let gradientCount = network.parameters.shardCount
    let shardGradients = Arena(count: gradientCount * own)
    let vectors = network.parameters.entries.filter(\.training.isTrainable).map(\.place).filter {
      $0.shardOffset != nil
    }
    let storage = RowStorage(
      plan: places, values: values.all, valueGradients: valueGradients.all, parameters: tensors.parameters.all,
      running: tensors.running.all)
    func shardMemory(_ shard: Int) -> ShardMemory {
      ShardMemory(
        shard: shard, storage,
        statistics: statistics.vector(
          at: (shard - first) * statisticsCount, count: network.statisticsCount + places.widest),
        gradients: shardGradients.vector(at: (shard - first) * gradientCount, count: gradientCount))
    }
    func gradientNode(_ node: Range<Int>, _ slot: Int) -> GradientNode {
      GradientNode(
        shards: node.count, storage, vectors: vectors, slot: slots[slot],
        shardGradients: shardGradients.vector(
          at: (node.lowerBound - first) * gradientCount, count: node.count * gradientCount))
    }
    microBatches = plan.microBatches.map { microBatch in
      MicroBatch(
        shards: microBatch.shards.map(shardMemory),
        nodes: microBatch.nodes.enumerated().map { gradientNode($1, microBatch.firstSlot + $0) },
        moves: microBatch.moves)
    }
    self.network = network
    all = BatchRows(storage)
    (shards, nodes, moves) = (microBatches[0].shards, microBatches[0].nodes, microBatches[0].moves)
    (ownShards, ownNodes) = (microBatches.flatMap(\.shards), microBatches.flatMap(\.nodes))
    self.slots = slots
    products = ProductScratch(shards: plan.widestNode, shardRows: size.shardRows, weights: network.productShapes)
    arenas = [values, valueGradients, statistics, shardGradients, tensors.parameters, tensors.running]
  }

  /// How many micro-batches it goes through.
  package var microBatchCount: Int { microBatches.count }

  /// Takes the rows of a batch that are those of its shards in micro-batch `index`, in whose memory those of the one
  /// before stand.
  ///
  /// - Parameter rows: of shard k, consecutive from one shard to the next.
  package func begin(microBatch index: Int = 0, rows: (Int) -> Range<Int>) {
    let microBatch = microBatches[index]
    (shards, nodes, moves) = (microBatch.shards, microBatch.nodes, microBatch.moves)
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

  /// Adds what the present micro-batch has summed to what those before have, as far as the tree allows.
  func foldNodes() {
    for move in moves {
      let (from, into) = (slots[move.from], slots[move.into])
      if move.adds { add(into, from, into: into) } else { into.copy(from: from) }
    }
  }
}

/// A worker's gradient slots, each in the layout of the parameters: those of the nodes that it owns whole, which the
/// other workers read in the end, come first.
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

import LockstepKernels

/// Everything that one worker writes to in a pass: its shards, all their rows together, what it joins from others, and
/// a network of its own.
///
/// The worker goes through its shards in parts, most often one: there is memory for the rows of one part, and what a
/// pass works on is the part that has begun. Statistics and the gradients of vectors are a shard's own, whatever its
/// part.
///
/// The network is built once a worker, because reading it counts references, and a count that several workers change
/// moves between their caches.
///
/// `@unchecked Sendable`: it belongs to one worker; what others read of its shards and nodes they read after a barrier.
package final class WorkerMemory: @unchecked Sendable {
  package let network: Network
  /// The present part's shards, in order.
  package private(set) var shards: [ShardMemory]
  /// All their rows.
  package let all: Portion
  /// The nodes of the tree that the part holds whole, in order: its shards in groups.
  private(set) var nodes: [GradientNode]
  private(set) var moves: [Passage.Move]
  /// The worker's shards of all parts, in order.
  package let ownShards: [ShardMemory]
  let ownNodes: [GradientNode]
  private let parts: [Part]
  private let slots: GradientSlots
  let join: JoinMemory
  let products: ProductScratch
  private let arenas: [Arena]

  private struct Part {
    var shards: [ShardMemory]
    var nodes: [GradientNode]
    var moves: [Passage.Move]
  }

  /// - Parameters:
  ///   - goesBackward: whether there is memory for the gradients of values.
  ///   - slots: as many as the passage uses, empty ones where nothing goes backward.
  init(
    network: Network, shards range: Range<Int>, passage: Passage, shardRows: Int, targetColumns: Int, parameters: Arena,
    running: Arena, goesBackward: Bool, slots: GradientSlots, of count: Int
  ) {
    let shardsAtOnce = passage.parts.map(\.shards.count).max() ?? 0
    let plan = WorkspacePlan(network: network, rows: shardRows * shardsAtOnce, targetColumns: targetColumns)
    let values = Arena(count: plan.valueCount)
    let valueGradients = Arena(count: goesBackward ? plan.gradientCount : 0)
    let statisticsCount = network.statisticsCount + Arena.aligned(plan.widest)
    let statistics = Arena(count: statisticsCount * range.count)
    let layout = network.parameters
    let shardGradients = Arena(count: layout.shardCount * range.count)
    self.network = network
    all = Portion(
      plan: plan, values: values.all, valueGradients: valueGradients.all, parameters: parameters.all,
      running: running.all)
    func shardMemory(_ shard: Int) -> ShardMemory {
      let index = shard - range.lowerBound
      return ShardMemory(
        shard: shard, plan: plan, values: values.all, valueGradients: valueGradients.all,
        statistics: statistics.vector(at: index * statisticsCount, count: network.statisticsCount + plan.widest),
        parameters: parameters.all, running: running.all,
        gradients: shardGradients.vector(at: index * layout.shardCount, count: layout.shardCount))
    }
    func gradientNode(_ node: Range<Int>, _ slot: Int) -> GradientNode {
      GradientNode(
        shards: node.count, plan: plan, values: values.all, valueGradients: valueGradients.all,
        parameters: parameters.all, running: running.all, layout: layout, slot: slots[slot],
        shardGradients: shardGradients.vector(
          at: (node.lowerBound - range.lowerBound) * layout.shardCount, count: node.count * layout.shardCount))
    }
    parts = passage.parts.map { part in
      Part(
        shards: part.shards.map(shardMemory),
        nodes: part.nodes.enumerated().map { gradientNode($1, part.firstSlot + $0) }, moves: part.moves)
    }
    (shards, nodes, moves) = (parts[0].shards, parts[0].nodes, parts[0].moves)
    (ownShards, ownNodes) = (parts.flatMap(\.shards), parts.flatMap(\.nodes))
    self.slots = slots
    join = JoinMemory(network: network, shards: count)
    products = ProductScratch(shards: passage.widestNode, shardRows: shardRows, weights: network.productShapes)
    arenas = [values, valueGradients, statistics, shardGradients, parameters, running]
  }

  /// How many parts it goes through.
  package var partCount: Int { parts.count }

  /// Takes the rows of a batch that are those of its shards in part `part`, in whose memory those of the part before
  /// stand.
  ///
  /// - Parameter rows: of shard k, consecutive from one shard to the next.
  package func begin(part: Int = 0, batchRows: Int, rows: (Int) -> Range<Int>) {
    (shards, nodes, moves) = (parts[part].shards, parts[part].nodes, parts[part].moves)
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

  /// Adds what the present part has summed to what the parts before have, as far as the tree allows.
  func foldNodes() {
    for move in moves {
      let (from, into) = (slots[move.from], slots[move.into])
      if move.adds { add(into, from, into: into) } else { into.copy(from: from) }
    }
  }
}

/// A worker's gradient slots, each in the layout of the parameters: those that are left for the other workers first.
struct GradientSlots: Sendable {
  let left: Vector
  /// What is used on the way there.
  let spare: Vector
  let stride: Int

  subscript(_ slot: Int) -> Vector {
    let start = slot * stride
    return start < left.count
      ? left[start..<start + stride] : spare[start - left.count..<start - left.count + stride]
  }
}

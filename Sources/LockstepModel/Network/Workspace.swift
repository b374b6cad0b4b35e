import LockstepKernels

/// All memory that passes over a batch write to: a `WorkerMemory` a worker, and a gradient slot for every node of the
/// tree that a worker owns whole.
package final class Workspace: Sendable {
  package let workers: [WorkerMemory]
  /// Every worker's shards of all parts, in order.
  package let shards: [ShardMemory]
  /// The nodes' slots in order, `stride` elements apart, each in the layout of the parameters.
  private let slots: Arena
  /// By worker: the slots that it needs on its way through several parts.
  private let spares: [Arena]
  private let stride: Int
  /// Shards of each node.
  private let nodes: Slots<Int32>
  /// The first slot of each worker.
  private let firstSlots: [Int]

  /// - Parameters:
  ///   - networks: the same network, built once a worker.
  ///   - runs: the shards of each worker, consecutive.
  ///   - parts: in which each goes through its shards, at most.
  ///   - shardRows: most rows of a shard.
  ///   - parameters: the arena of the network's parameters.
  ///   - running: the arena of its running statistics.
  ///   - goesBackward: whether there is memory for gradients.
  package init(
    networks: [Network], runs: [Range<Int>], parts: Int = 1, shardRows: Int, targetColumns: Int, parameters: Arena,
    running: Arena, goesBackward: Bool = true
  ) {
    let count = runs.last?.upperBound ?? 0
    let passages = runs.map { Passage(through: $0, of: count, parts: parts) }
    let owned = passages.map(\.nodes)
    let stride = goesBackward ? parameters.count : 0
    let slots = Arena(count: owned.joined().count * stride)
    let spares = passages.map { Arena(count: ($0.slots - $0.nodes.count) * stride) }
    var firstSlots = [0]
    for nodes in owned { firstSlots.append(firstSlots[firstSlots.count - 1] + nodes.count) }
    self.spares = spares
    workers = networks.indices.map { worker in
      WorkerMemory(
        network: networks[worker], shards: runs[worker], passage: passages[worker], shardRows: shardRows,
        targetColumns: targetColumns, parameters: parameters, running: running, goesBackward: goesBackward,
        slots: GradientSlots(
          left: slots.vector(at: firstSlots[worker] * stride, count: owned[worker].count * stride),
          spare: spares[worker].all, stride: stride), of: count)
    }
    self.firstSlots = firstSlots
    shards = workers.flatMap(\.ownShards)
    terms = workers.reduce(0) { $0 + $1.ownNodes.count }
    nodes = Slots(repeating: 0, count: owned.joined().count)
    for (index, node) in owned.joined().enumerated() { nodes[index] = Int32(node.count) }
    self.slots = slots
    self.stride = stride
  }

  /// Nodes of the tree whose gradients are noted and summed over: terms of every reduced gradient.
  package let terms: Int

  /// The gradient over `range` of the parameters once `worker` has summed it: it stands in the worker's own slot, whose
  /// memory no other core writes.
  package func gradient(_ range: Range<Int>, by worker: Int) -> Vector {
    slots.vector(at: firstSlots[worker] * stride + range.lowerBound, count: range.count)
  }

  /// Sums the nodes' gradients over `range` of the parameters along the tree.
  @discardableResult
  package func reduce(_ range: Range<Int>, by worker: Int) -> Vector {
    let sum = gradient(range, by: worker)
    Tree.sum(slots.all, nodes: nodes, stride: stride, at: range.lowerBound, into: sum)
    return sum
  }

  /// Gradient slots that so many workers need for so many shards: one for every node of the tree that one of them owns
  /// whole, and what they need on the way there in `parts` parts.
  package static func slots(shards: Int, runs: [Range<Int>], parts: Int = 1) -> Int {
    runs.reduce(0) { $0 + Passage(through: $1, of: shards, parts: parts).slots }
  }
}

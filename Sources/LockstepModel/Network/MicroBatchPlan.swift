import LockstepKernels

/// How a worker goes through its shards: all at once, or in micro-batches of which one is in memory at a time, as
/// gradient accumulation asks for.
///
/// Every node of the tree that a micro-batch holds whole is summed into a slot of its own. Once a micro-batch is done,
/// its nodes are added to their siblings from those before, as a binary counter carries: what is left in the end are
/// the nodes that the worker owns whole, and no sum is made that the tree does not contain.
struct MicroBatchPlan: Sendable {
  struct MicroBatch: Sendable {
    let shards: Range<Int>
    /// The largest nodes of the tree in it, in order.
    let nodes: [Range<Int>]
    /// The slot of the first node; the others follow.
    let firstSlot: Int
    /// What is done with the slots once the nodes are summed, in this order.
    let moves: [Move]
  }

  /// A slot is added to another, or takes its place.
  struct Move: Sendable {
    let from: Int
    let into: Int
    let adds: Bool
  }

  let microBatches: [MicroBatch]
  /// The nodes that the worker owns whole, in the first slots once all micro-batches are done.
  let nodes: [Range<Int>]
  /// Slots that are in use at the same time, at most.
  let slots: Int
  /// Most shards of a micro-batch.
  let shardsAtOnce: Int

  /// - Parameters:
  ///   - run: the worker's shards, of `count` in all.
  ///   - most: how many micro-batches at most; each has a shard at least.
  init(through run: Range<Int>, of count: Int, atMost most: Int) {
    let size = max(1, (run.count + most - 1) / most)
    var microBatches: [MicroBatch] = []
    var sums: [Range<Int>] = []
    var slots = 0
    for start in stride(from: run.lowerBound, to: run.upperBound, by: size) {
      let shards = start..<min(start + size, run.upperBound)
      let (nodes, firstSlot) = (Tree.nodes(in: shards, of: count), sums.count)
      slots = max(slots, firstSlot + nodes.count)
      var moves: [Move] = []
      for (index, node) in nodes.enumerated() {
        let slot = firstSlot + index
        guard let last = sums.last, Self.isNode(last.lowerBound..<node.upperBound, of: count) else {
          if slot != sums.count { moves.append(Move(from: slot, into: sums.count, adds: false)) }
          sums.append(node)
          continue
        }
        moves.append(Move(from: slot, into: sums.count - 1, adds: true))
        sums[sums.count - 1] = last.lowerBound..<node.upperBound
        while sums.count > 1, Self.isNode(sums[sums.count - 2].lowerBound..<node.upperBound, of: count) {
          moves.append(Move(from: sums.count - 1, into: sums.count - 2, adds: true))
          sums.removeLast()
          sums[sums.count - 1] = sums[sums.count - 1].lowerBound..<node.upperBound
        }
      }
      microBatches.append(MicroBatch(shards: shards, nodes: nodes, firstSlot: firstSlot, moves: moves))
    }
    // A worker without shards goes through nothing, once.
    if microBatches.isEmpty { microBatches.append(MicroBatch(shards: run, nodes: [], firstSlot: 0, moves: [])) }
    (self.microBatches, nodes, self.slots, shardsAtOnce) = (microBatches, sums, slots, size)
  }

  /// Nodes whose gradients are noted, of all micro-batches.
  var nodeCount: Int { microBatches.reduce(0) { $0 + $1.nodes.count } }

  /// Shards of the widest node.
  var widestNode: Int { microBatches.lazy.flatMap(\.nodes).map(\.count).max() ?? 0 }

  private static func isNode(_ range: Range<Int>, of count: Int) -> Bool {
    Tree.nodes(in: range, of: count).count == 1
  }
}

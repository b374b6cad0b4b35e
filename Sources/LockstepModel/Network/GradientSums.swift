import LockstepKernels

/// The slots of the nodes' gradients, and how they come to those who finish the sum.
struct GradientSums: Sendable {
  /// In order, `stride` elements apart, each in the layout of the parameters. Of nodes of other ranks only what this
  /// one owns is ever written.
  let slots: Arena
  let stride: Int
  /// Shards of each node.
  let nodes: Slots<Int32>
  /// Nodes of the tree whose gradients are noted and summed over: terms of every reduced gradient.
  let terms: Int
  /// The nodes that each rank owns whole; empty for a rank that is alone.
  private let rankNodes: [[RankNode]]
  private let rank: Int

  /// A node of the tree that a rank owns whole.
  struct RankNode: Sendable {
    /// Where its sum is handed over from, or received.
    let slot: Int
    /// Shards of each node that a team of the rank owns whole of it; of other ranks', those of all.
    let parts: Slots<Int32>
  }

  /// - Parameters:
  ///   - owned: the nodes that each team of this rank owns whole.
  ///   - stride: elements of a slot.
  ///   - shards: of a batch.
  init(_ owned: [Range<Int>], stride: Int, terms: Int, shards: Int, _ ranks: Ranks?) {
    var all: [Range<Int>] = []
    var rankNodes: [[RankNode]] = []
    for rank in 0..<(ranks?.count ?? 0) {
      guard let ranks else { break }
      rankNodes.append([])
      for node in Tree.nodes(in: ranks.shards[rank], of: shards) {
        let parts = rank == ranks.rank ? owned.filter { node.contains($0.lowerBound) } : [node]
        rankNodes[rank].append(RankNode(slot: all.count, parts: Self.counts(parts)))
        all += parts
      }
    }
    if ranks == nil { all = owned }
    slots = Arena(count: all.count * stride)
    nodes = Self.counts(all)
    (self.stride, self.terms, self.rankNodes, rank) = (stride, terms, rankNodes, ranks?.rank ?? 0)
  }

  private static func counts(_ nodes: [Range<Int>]) -> Slots<Int32> {
    let counts = Slots<Int32>(repeating: 0, count: nodes.count)
    for (index, node) in nodes.enumerated() { counts[index] = Int32(node.count) }
    return counts
  }

  /// The first slot of this rank's teams.
  var firstSlot: Int { rankNodes.isEmpty ? 0 : rankNodes[rank].first?.slot ?? 0 }
  /// The nodes that this rank owns whole; none where it is alone.
  var ownNodes: [RankNode] { rankNodes.isEmpty ? [] : rankNodes[rank] }

  /// Sums what the teams have of each of this rank's nodes over a slice of the parameters that another rank owns.
  func sumOwnNodes(_ slice: Range<Int>) {
    for node in ownNodes where node.parts.count > 1 {
      let start = node.slot * stride + slice.lowerBound
      Tree.sum(
        slots.all, nodes: node.parts, stride: stride, at: start, into: slots.vector(at: start, count: slice.count))
    }
  }

  /// Begins to hand a bucket of this rank's nodes over to its owner, if that is another.
  func send(_ bucket: Range<Int>, to owner: Int, _ ranks: Ranks) {
    if owner == rank || bucket.isEmpty { return }
    for node in rankNodes[rank] { ranks.background.send(vector(node, bucket), to: owner) }
  }

  /// Begins to receive a bucket of this rank's of all other ranks' nodes.
  func receive(_ bucket: Range<Int>, _ ranks: Ranks) {
    if bucket.isEmpty { return }
    for other in ranks.communicator.others {
      for node in rankNodes[other] { ranks.background.receive(vector(node, bucket), from: other) }
    }
  }

  private func vector(_ node: RankNode, _ bucket: Range<Int>) -> Vector {
    slots.vector(at: node.slot * stride + bucket.lowerBound, count: bucket.count)
  }
}

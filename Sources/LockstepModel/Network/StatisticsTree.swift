import LockstepKernels

/// The statistics of BatchNorms over all rows of a batch, along the tree over its shards: of this rank's shards each,
/// of other ranks' what those have merged of every node that they own whole.
struct StatisticsTree: Sendable {
  /// All shards of a batch.
  let count: Int
  /// This rank's.
  private let shards: [ShardMemory]
  private let firstShard: Int
  /// The nodes that each rank owns whole; none for a rank that is alone.
  private let rankNodes: [[StatisticsNode]]
  /// By its first shard: a node of another rank's.
  private let farNodes: [StatisticsNode?]
  private let rank: Int
  private let memory: Arena

  /// - Parameters:
  ///   - shards: this rank's, in order.
  ///   - count: of all shards of a batch.
  init(_ shards: [ShardMemory], of count: Int, _ network: Network, _ ranks: Ranks?) {
    let nodes = ranks.map { ranks in ranks.shards.map { Tree.nodes(in: $0, of: count) } } ?? []
    let stride = network.statisticsCount
    let memory = Arena(count: nodes.reduce(0) { $0 + $1.count } * stride)
    var (rankNodes, offset): ([[StatisticsNode]], Int) = ([], 0)
    for nodes in nodes {
      rankNodes.append([])
      for node in nodes {
        rankNodes[rankNodes.count - 1].append(
          StatisticsNode(shards: node, Statistics(memory.vector(at: offset, count: stride))))
        offset += stride
      }
    }
    (self.shards, self.count, firstShard) = (shards, count, shards.first?.shard ?? 0)
    (self.rankNodes, self.memory, rank) = (rankNodes, memory, ranks?.rank ?? 0)
    var farNodes = [StatisticsNode?](repeating: nil, count: rankNodes.isEmpty ? 0 : count)
    for (rank, nodes) in rankNodes.enumerated() where rank != self.rank {
      for node in nodes { farNodes[node.shards.lowerBound] = node }
    }
    self.farNodes = farNodes
  }

  /// The nodes take their rows of a batch.
  ///
  /// - Parameter rows: of shard k.
  func begin(rows: (Int) -> Range<Int>) {
    for nodes in rankNodes {
      for node in nodes {
        node.rows = rows(node.shards.upperBound - 1).upperBound - rows(node.shards.lowerBound).lowerBound
      }
    }
  }

  /// The moments of a shard, or of a node that another rank has merged; nil for what has to be merged here.
  func moments(of range: Range<Int>, at place: StatisticsPlace) -> Moments? {
    if let node = farNode(range) { return node.moments(at: place) }
    return range.count == 1 ? shards[range.lowerBound - firstShard].moments(place) : nil
  }

  /// Σ dy · x̂ and Σ dy likewise.
  func gradientSums(of range: Range<Int>, at place: StatisticsPlace) -> (gamma: Vector, beta: Vector)? {
    if let node = farNode(range) { return (node.statistics.gammaSum(place), node.statistics.betaSum(place)) }
    if range.count > 1 { return nil }
    let shard = shards[range.lowerBound - firstShard]
    return (shard.gammaSum(place), shard.betaSum(place))
  }

  private func farNode(_ range: Range<Int>) -> StatisticsNode? {
    guard !farNodes.isEmpty, let node = farNodes[range.lowerBound], node.shards == range else { return nil }
    return node
  }
}

// MARK: - Between ranks

extension StatisticsTree {
  /// Merges the moments of this rank's shards at a BatchNorm, as far as the tree allows.
  func mergeMoments(at place: StatisticsPlace, _ join: JoinMemory) {
    for node in ownNodes {
      let (merged, whole) = (join.mergedMoments(of: self, in: node.shards, at: place), node.moments(at: place))
      whole.mean.copy(from: merged.mean)
      whole.meanLow.copy(from: merged.meanLow)
      whole.m2.copy(from: merged.m2)
    }
  }

  /// Sums Σ dy · x̂ and Σ dy of this rank's shards likewise.
  func sumGradients(at place: StatisticsPlace, _ join: JoinMemory) {
    for node in ownNodes {
      let sums = join.summedGradients(of: self, in: node.shards, at: place)
      node.statistics.gammaSum(place).copy(from: sums.gamma)
      node.statistics.betaSum(place).copy(from: sums.beta)
    }
  }

  /// Begins to send some of what this rank has merged to another.
  func send(_ parts: Range<Int>, at place: StatisticsPlace, to other: Int, _ communicator: any Communicator) {
    for node in ownNodes { communicator.send(node.statistics.parts(parts, place), to: other) }
  }

  /// Begins to receive the same from another.
  func receive(_ parts: Range<Int>, at place: StatisticsPlace, from other: Int, _ communicator: any Communicator) {
    for node in rankNodes[other] { communicator.receive(node.statistics.parts(parts, place), from: other) }
  }

  /// Begins to give all ranks some of what each has merged.
  func share(_ parts: Range<Int>, at place: StatisticsPlace, _ communicator: any Communicator) {
    for other in communicator.others {
      receive(parts, at: place, from: other, communicator)
      send(parts, at: place, to: other, communicator)
    }
  }

  private var ownNodes: [StatisticsNode] { rankNodes.isEmpty ? [] : rankNodes[rank] }
}

extension Ranks {
  /// Elements of statistics that this rank sends in a step: of each node of the tree that it owns whole, the moments of
  /// a BatchNorm to the rank that has its running statistics, or, over the batch, moments and sums to every other; and
  /// the running statistics that it has itself to every other.
  package func statisticsElements(of network: Network) -> Int {
    let (nodes, others, shardNorms) = (Tree.nodes(in: own, of: total).count, count - 1, Set(network.shardNorms))
    return network.batchNorms.enumerated().reduce(0) { sum, norm in
      let (place, isOwn) = (norm.element.place, owner(ofNorm: norm.offset) == rank)
      let moments = nodes * place.parts(StatisticsPlace.moments).count
      let sums = nodes * place.parts(StatisticsPlace.gradientSums).count
      let merged = shardNorms.contains(norm.offset) ? (isOwn ? 0 : moments) : others * (moments + sums)
      return sum + merged + (isOwn ? others * norm.element.running.count : 0)
    }
  }
}

/// A node of the tree over all shards that one rank owns whole, as BatchNorms see it: how many rows its shards have,
/// and their statistics merged.
///
/// `@unchecked Sendable`: one worker writes the rows, and others read them after a barrier.
private final class StatisticsNode: @unchecked Sendable {
  let shards: Range<Int>
  let statistics: Statistics
  @exclusivity(unchecked) var rows = 0

  init(shards: Range<Int>, _ statistics: Statistics) { (self.shards, self.statistics) = (shards, statistics) }

  func moments(at place: StatisticsPlace) -> Moments { statistics.moments(place, rows: rows) }
}

/// The statistics of some rows at every BatchNorm, where they stand.
struct Statistics: Sendable {
  private let elements: Vector

  init(_ elements: Vector) { self.elements = elements }

  /// Mean and M2 of so many rows, and their positions, at a BatchNorm.
  func moments(_ place: StatisticsPlace, rows: Int) -> Moments {
    Moments(count: Double(rows * place.positions), mean: part(0, place), meanLow: part(1, place), m2: part(2, place))
  }

  func inverseDeviation(_ place: StatisticsPlace) -> Vector { part(3, place) }
  /// Σ dy · x̂ over the rows.
  func gammaSum(_ place: StatisticsPlace) -> Vector { part(4, place) }
  /// Σ dy over the rows.
  func betaSum(_ place: StatisticsPlace) -> Vector { part(5, place) }

  /// Some of the parts of a BatchNorm's statistics, one after the other.
  func parts(_ range: Range<Int>, _ place: StatisticsPlace) -> Vector { elements[place.parts(range)] }

  var largestMagnitude: Magnitude { elements.largestMagnitude }

  private func part(_ index: Int, _ place: StatisticsPlace) -> Vector { elements[place.vectors.vector(index)] }
}

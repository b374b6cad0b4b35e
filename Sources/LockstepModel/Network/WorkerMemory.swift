import LockstepKernels

/// Everything that one worker writes to in a pass: its shards, all their rows together, what it joins from others, and a network of its own.
///
/// The network is built once a worker, because reading it counts references, and a count that several workers change moves between their caches.
///
/// `@unchecked Sendable`: it belongs to one worker; what others read of its shards they read after a barrier.
package final class WorkerMemory: @unchecked Sendable {
  package let network: Network
  /// The worker's shards, in order.
  package let shards: [ShardMemory]
  /// All their rows.
  package let all: Portion
  let join: JoinMemory
  /// The shards as portions, for what has to be done shard by shard.
  private let apart: [Portion]
  private let together: [Portion]
  /// The tree's nodes that the worker owns whole: their first shard and their shards.
  private let nodes: [Range<Int>]
  private let gradients: Vector
  private let gradientStride: Int
  /// Which products may take all rows at once, by rows of the batch; see `probeProducts`.
  private var probed: [(batchRows: Int, table: ProductTable)] = []
  private var table: ProductTable
  private var batchRows = 0
  private let arenas: [Arena]

  init(
    network: Network, shards range: Range<Int>, shardRows: Int, targetColumns: Int, parameters: Arena, running: Arena,
    gradients: Arena, of count: Int
  ) {
    let plan = WorkspacePlan(network: network, rows: shardRows * range.count, targetColumns: targetColumns)
    let values = Arena(count: plan.valueCount)
    let valueGradients = Arena(count: plan.gradientCount)
    let statisticsCount = network.statisticsCount + Arena.aligned(plan.widest)
    let statistics = Arena(count: statisticsCount * range.count)
    self.network = network
    all = Portion(
      plan: plan, values: values.all, valueGradients: valueGradients.all, parameters: parameters.all,
      running: running.all)
    shards = range.map { shard in
      ShardMemory(
        shard: shard, plan: plan, values: values.all, valueGradients: valueGradients.all,
        statistics: statistics.vector(
          at: (shard - range.lowerBound) * statisticsCount, count: network.statisticsCount + plan.widest),
        parameters: parameters.all, running: running.all,
        gradients: gradients.vector(at: shard * parameters.count, count: parameters.count))
    }
    join = JoinMemory(network: network, shards: count)
    apart = shards
    together = [all]
    nodes = Tree.nodes(in: range, of: count)
    self.gradients = gradients.all
    gradientStride = parameters.count
    table = ProductTable(network)
    arenas = [values, valueGradients, statistics, parameters, running, gradients]
  }

  /// Takes its shards' rows of a batch.
  ///
  /// - Parameter rows: of shard k, consecutive from one shard to the next.
  package func begin(batchRows: Int, rows: (Int) -> Range<Int>) {
    let start = shards.first.map { rows($0.shard).lowerBound } ?? 0
    for shard in shards {
      let range = rows(shard.shard)
      shard.begin(rows: range, offset: range.lowerBound - start)
    }
    all.begin(rows: start..<(shards.last.map { rows($0.shard).upperBound } ?? 0), offset: 0)
    if batchRows != self.batchRows {
      self.batchRows = batchRows
      table = probed.first { $0.batchRows == batchRows }?.table ?? ProductTable(network)
    }
  }

  /// The portions that product `ordinal` goes through on its way forward: all rows at once where that has been shown to give the same bits, else shard by shard.
  func forwardPortions(_ ordinal: Int) -> [Portion] { table.forward[ordinal] ? together : apart }

  /// The same for the input gradient.
  func backwardPortions(_ ordinal: Int) -> [Portion] { table.backward[ordinal] ? together : apart }

  /// Sums the gradients of `range` over every node of the tree that the worker owns whole, into the slot of its first shard, while they are in cache.
  func combineGradients(_ range: Range<Int>) {
    for node in nodes where node.count > 1 {
      let start = node.lowerBound * gradientStride + range.lowerBound
      Tree.sum(
        gradients, leaves: node.count, stride: gradientStride, at: start, into: gradients[start..<start + range.count])
    }
  }

  /// Finds out, for the present rows, which products may take all rows at once: those whose result on fixed data is, bit for bit, that of a product a shard.
  package func probeProducts() {
    guard shards.count > 1, !probed.contains(where: { $0.batchRows == batchRows }) else { return }
    let rows = shards.map(\.rows)
    table = ProductTable(network, rows: rows)
    probed.append((batchRows, table))
  }
}

/// Which dense layers' products may take all of a worker's rows at once, by the layer's ordinal.
struct ProductTable: Sendable {
  /// Rows of a shard beyond which nothing is gained by taking several at once.
  private static let mostRows = 512

  var forward: [Bool]
  var backward: [Bool]

  /// None.
  init(_ network: Network) {
    forward = Array(repeating: false, count: network.denseShapes.count)
    backward = forward
  }

  /// Those that a probe over shards of `rows` rows has shown to make no difference.
  init(_ network: Network, rows: [Int]) {
    self.init(network)
    // A product of this many rows is as fast alone, and the probe's own products would take as long as a step.
    guard rows.allSatisfy({ $0 <= ProductTable.mostRows }) else { return }
    var known: [ProductProbe: Bool] = [:]
    func isSafe(_ probe: ProductProbe) -> Bool {
      if let result = known[probe] { return result }
      let result = probe.rowsAreIndependent()
      known[probe] = result
      return result
    }
    for (ordinal, shape) in network.denseShapes.enumerated() {
      forward[ordinal] = isSafe(
        ProductProbe(rows: rows, inner: shape.inputs, columns: shape.units, transposesSecond: false))
      backward[ordinal] = isSafe(
        ProductProbe(rows: rows, inner: shape.units, columns: shape.inputs, transposesSecond: true))
    }
  }
}

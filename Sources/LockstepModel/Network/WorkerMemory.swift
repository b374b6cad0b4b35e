import LockstepKernels

/// Everything that one worker writes to in a pass: its shards, all their rows together, what it joins from others, and a network of its own.
///
/// The network is built once a worker, because reading it counts references, and a count that several workers change moves between their caches.
///
/// `@unchecked Sendable`: it belongs to one worker; what others read of its shards and nodes they read after a barrier.
package final class WorkerMemory: @unchecked Sendable {
  package let network: Network
  /// The worker's shards, in order.
  package let shards: [ShardMemory]
  /// All their rows.
  package let all: Portion
  /// The nodes of the tree that the worker owns whole, in order: its shards in groups.
  let nodes: [GradientNode]
  let join: JoinMemory
  let products: ProductScratch
  private let arenas: [Arena]

  /// - Parameter slots: one for each of its nodes, in order.
  init(
    network: Network, shards range: Range<Int>, shardRows: Int, targetColumns: Int, parameters: Arena, running: Arena,
    slots: Vector, of count: Int
  ) {
    let plan = WorkspacePlan(network: network, rows: shardRows * range.count, targetColumns: targetColumns)
    let values = Arena(count: plan.valueCount)
    let valueGradients = Arena(count: plan.gradientCount)
    let statisticsCount = network.statisticsCount + Arena.aligned(plan.widest)
    let statistics = Arena(count: statisticsCount * range.count)
    let layout = network.parameters
    let shardGradients = Arena(count: layout.shardCount * range.count)
    self.network = network
    all = Portion(
      plan: plan, values: values.all, valueGradients: valueGradients.all, parameters: parameters.all,
      running: running.all)
    shards = range.map { shard in
      let index = shard - range.lowerBound
      return ShardMemory(
        shard: shard, plan: plan, values: values.all, valueGradients: valueGradients.all,
        statistics: statistics.vector(at: index * statisticsCount, count: network.statisticsCount + plan.widest),
        parameters: parameters.all, running: running.all,
        gradients: shardGradients.vector(at: index * layout.shardCount, count: layout.shardCount))
    }
    let owned = Tree.nodes(in: range, of: count)
    nodes = owned.enumerated().map { index, node in
      GradientNode(
        shards: node.count, plan: plan, values: values.all, valueGradients: valueGradients.all,
        parameters: parameters.all, running: running.all, layout: layout,
        slot: slots[index * layout.count..<(index + 1) * layout.count],
        shardGradients: shardGradients.vector(
          at: (node.lowerBound - range.lowerBound) * layout.shardCount, count: node.count * layout.shardCount))
    }
    join = JoinMemory(network: network, shards: count)
    products = ProductScratch(
      shards: owned.map(\.count).max() ?? 0, shardRows: shardRows, weights: network.denseShapes)
    arenas = [values, valueGradients, statistics, shardGradients, parameters, running]
  }

  /// Takes its shards' rows of a batch.
  ///
  /// - Parameter rows: of shard k, consecutive from one shard to the next.
  package func begin(batchRows: Int, rows: (Int) -> Range<Int>) {
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
}

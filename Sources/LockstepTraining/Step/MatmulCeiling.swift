import LockstepData
import LockstepKernels
import LockstepModel

/// What a step would reach if only its matrix products took time: every worker makes those that it makes in a step
/// (`WorkerProducts`), with no other work, and waits for the others at the end alone.
package struct MatmulCeiling {
  private let work: Work
  private let rows: Int

  /// `@unchecked Sendable`: `repetitions` changes only while no worker runs.
  private final class Work: @unchecked Sendable {
    var repetitions = 1
    /// Holds the memory that workers see.
    private let workspace: Workspace
    private let workers: [WorkerProducts]
    private let shardRows: [Range<Int>]
    private let precision: Precision

    init(_ workspace: Workspace, shardRows: [Range<Int>], _ precision: Precision) {
      (self.workspace, self.precision) = (workspace, precision)
      workers = workspace.workers.map { WorkerProducts($0) }
      self.shardRows = shardRows
    }

    var count: Int { workers.count }

    func prepare(_ worker: Int) { workers[worker].prepare() }

    func run(_ worker: Int) {
      let (products, shardRows, precision) = (workers[worker], shardRows, precision)
      for _ in 0..<repetitions { products.multiply(in: precision) { shardRows[$0] } }
    }
  }

  /// - Parameters:
  ///   - network: whose products are made.
  ///   - batch: rows of the global batch, cut into `shards`.
  ///   - plan: how workers share them.
  ///   - microBatches: in which each team goes through its shards.
  ///   - precision: of the products.
  /// - Throws: `TrainingError` where there are not enough worker threads left.
  package init(
    _ network: Network, batch: Int, shards: Int, _ plan: TeamPlan, microBatches: Int = 1,
    precision: Precision = .float32
  ) throws(TrainingError) {
    let tensors = NetworkTensors(of: network)
    WorkerProducts.spread(tensors.parameters, of: network)
    let workspace = Workspace(
      networks: try network.copies(threads: plan.workers),
      size: WorkspaceSize(
        rows: batch, shards: shards, plan, microBatches: microBatches, targetColumns: 1,
        precision: precision),
      tensors: tensors)
    work = Work(workspace, shardRows: (0..<shards).map { Shard.rows($0, of: shards, batch: batch) }, precision)
    rows = batch
    // Each worker touches its own memory first.
    try pool { [work] in work.prepare($0) }.run()
  }

  /// Those of a trainer's steps.
  package init(of trainer: Trainer) throws(TrainingError) {
    try self.init(
      trainer.network, batch: trainer.options.batch, shards: trainer.options.shards, trainer.plan,
      microBatches: trainer.microBatches, precision: trainer.options.precision)
  }

  /// Runs the products for about `seconds` and returns samples a second.
  ///
  /// - Throws: `TrainingError` where there are not enough worker threads left.
  package func measure(seconds: Double) throws(TrainingError) -> Double {
    let work = work
    let pool = try pool { work.run($0) }
    // Once to warm up and to learn how many repetitions fill the time.
    pool.run()
    var start = MonotonicClock.seconds()
    pool.run()
    let once = max(1e-7, MonotonicClock.seconds() - start)
    work.repetitions = max(1, Int(seconds / once))
    start = MonotonicClock.seconds()
    pool.run()
    let rate = Double(rows * work.repetitions) / (MonotonicClock.seconds() - start)
    work.repetitions = 1
    return rate
  }

  private func pool(_ body: @escaping @Sendable (Int) -> Void) throws(TrainingError) -> WorkerPool {
    try WorkerPool(workers: work.count, cores: Processor.availableCores, body: body)
  }
}

import LockstepKernels

/// A model built for computing: the list of operations, how they are wired, and the layout of everything they read and
/// write.
public struct Network: Sendable {
  /// An operation in a box, so that walking over the operations counts one reference each.
  final class Stage: Sendable {
    let operation: any Operation
    init(_ operation: any Operation) { self.operation = operation }
  }

  public let model: Model
  /// Units of the last value.
  public let outputs: Int
  public let parameters: ParameterLayout
  public let runningStatistics: ParameterLayout
  let stages: [Stage]
  let batchNorms: [BatchNormTensors]
  let initializers: [Initializer]
  let seed: UInt64
  let valueWidths: [Int]
  let factorWidths: [Int]
  let gradientBuffers: Int
  let statisticsCount: Int
  let widestStatistics: Int
  let joinCount: Int
  /// Inputs and units of the dense layers, in order.
  let denseShapes: [(inputs: Int, units: Int)]

  /// - Parameters:
  ///   - model: what to build.
  ///   - seed: of initial weights and random layers.
  ///   - separatingStages: whether every layer's value and gradient stands in memory of its own, for those who look at
  ///     them. Otherwise a layer applies the activation that follows in place, and the one after multiplies by its
  ///     derivative. The bits are the same either way.
  /// - Throws: `ModelError` where the description is impossible, naming the layer.
  public init(_ model: Model, seed: UInt64, separatingStages: Bool = false) throws(ModelError) {
    var builder = NetworkBuilder(features: model.features, seed: seed, separatingStages: separatingStages)
    try builder.build(model)
    let wired = builder.wireGradients()
    self.model = model
    self.seed = seed
    outputs = builder.width
    parameters = builder.parameters
    runningStatistics = builder.runningStatistics
    stages = wired.operations.map(Stage.init)
    batchNorms = wired.operations.compactMap(\.batchNorm)
    gradientBuffers = wired.buffers
    initializers = builder.initializers
    valueWidths = builder.valueWidths
    factorWidths = builder.factorWidths
    statisticsCount = builder.statisticsCount
    widestStatistics = builder.widestStatistics
    joinCount = builder.joinCount
    denseShapes = builder.denseShapes
  }

  /// Whether some BatchNorm takes its statistics over each shard, which then needs two rows or none.
  public var hasShardStatistics: Bool {
    stages.contains { $0.operation is ShardBatchNormOperation }
  }

  /// Whether some BatchNorm takes its statistics over the batch, all of which then has to be in memory.
  public var hasBatchStatistics: Bool {
    stages.contains { $0.operation is SynchronizedBatchNormOperation }
  }

  /// Float32 elements of memory that a worker needs beside its gradient slots.
  ///
  /// - Parameters:
  ///   - run: its shards, of `shards` in all.
  ///   - parts: in which it goes through them, at most.
  ///   - shardRows: most rows of a shard.
  package func workspaceElements(
    run: Range<Int>, of shards: Int, parts: Int = 1, shardRows: Int, targetColumns: Int, goesBackward: Bool = true
  ) -> Int {
    let rows = shardRows * Passage.shardsAtOnce(run, parts: parts)
    let plan = WorkspacePlan(network: self, rows: rows, targetColumns: targetColumns)
    let passage = Passage(through: run, of: shards, parts: parts)
    let scratch = ProductScratch.elements(shards: passage.widestNode, shardRows: shardRows, weights: denseShapes)
    let shard = statisticsCount + Arena.aligned(plan.widest) + parameters.shardCount
    return (goesBackward ? plan.count : plan.valueCount) + shard * run.count + scratch
      + JoinMemory.elements(network: self, shards: shards)
  }
}

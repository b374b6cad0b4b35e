import LockstepKernels

/// A model built for computing: the list of operations, how they are wired, and the layout of everything they read and write.
public struct Network: Sendable {
  /// One station on the way: most go shard by shard, a synchronised BatchNorm joins all shards half-way.
  enum Stage: Sendable {
    case local(any Operation)
    case joined(SynchronizedBatchNormOperation)

    var wired: any Wired {
      switch self {
      case .local(let operation): operation
      case .joined(let operation): operation
      }
    }
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
  /// - Throws: `ModelError` where the description is impossible, naming the layer.
  public init(_ model: Model, seed: UInt64) throws(ModelError) {
    var builder = NetworkBuilder(features: model.features, seed: seed)
    try builder.build(model)
    let wired = builder.wireGradients()
    self.model = model
    self.seed = seed
    outputs = builder.width
    parameters = builder.parameters
    runningStatistics = builder.runningStatistics
    stages = wired.stages
    batchNorms = wired.stages.compactMap(\.batchNorm)
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
    stages.contains {
      if case .local(let operation) = $0 { return operation is ShardBatchNormOperation }
      return false
    }
  }

  /// Float32 elements of memory that one shard of `rows` rows needs beside its gradient slot.
  public func workspaceElements(rows: Int, targetColumns: Int) -> Int {
    let plan = WorkspacePlan(network: self, rows: rows, targetColumns: targetColumns)
    return plan.count + statisticsCount + Arena.aligned(plan.widest)
  }
}

extension Network.Stage {
  var batchNorm: BatchNormTensors? {
    switch self {
    case .joined(let operation): operation.tensors
    case .local(let operation): (operation as? ShardBatchNormOperation)?.tensors
    }
  }
}

import LockstepKernels

/// A model built for computing: the list of stages, how they are connected, and the layout of everything that they read
/// and write.
package struct Network: Sendable {
  /// What it was built from.
  package let model: Model
  /// The shape of the last value.
  package let output: Shape
  /// Where every tensor that is learned stands; gradients and optimizer slots share the layout.
  package let parameters: ParameterLayout
  /// Where the running means and variances of the BatchNorms stand.
  package let runningStatistics: ParameterLayout
  let stages: [Stage]
  let batchNorms: [BatchNormTensors]
  let initializers: [Initializer]
  /// Of initial weights and random layers.
  package let seed: UInt64
  /// Value 0 is the input.
  let values: [NetworkValue]
  let factorShapes: [Shape]
  let gradientBuffers: Int
  /// Elements of the statistics that a shard has of all BatchNorms.
  let statisticsCount: Int
  let widestStatistics: Int
  let joinCount: Int

  /// Numbers of the last value.
  package var outputs: Int { output.count }

  /// - Parameters:
  ///   - model: what to build.
  ///   - seed: of initial weights and random layers.
  ///   - separatingStages: whether every layer's value and gradient stands in memory of its own, for those who look at
  ///     them. Otherwise a layer applies the activation that follows in place, and the one after multiplies by its
  ///     derivative. The bits are the same either way.
  /// - Throws: `ModelError` where the description is impossible, naming the layer.
  package init(_ model: Model, seed: UInt64, separatingStages: Bool = false) throws(ModelError) {
    var builder = NetworkBuilder(input: model.input, seed: seed, separatingStages: separatingStages)
    try builder.build(model)
    let (stages, gradientBuffers) = builder.stages()
    self.model = model
    self.seed = seed
    output = builder.values[builder.values.count - 1].shape
    parameters = builder.parameters
    runningStatistics = builder.runningStatistics
    self.stages = stages
    batchNorms = stages.compactMap(\.content.batchNorm)
    self.gradientBuffers = gradientBuffers
    initializers = builder.initializers
    values = builder.values
    factorShapes = builder.factorShapes
    statisticsCount = builder.statisticsCount
    widestStatistics = builder.widestStatistics
    joinCount = builder.joinCount
  }

  /// Whether some BatchNorm takes its statistics over each shard.
  package var hasShardStatistics: Bool {
    stages.contains { if case .shardBatchNorm = $0.content { true } else { false } }
  }

  /// The numbers of those BatchNorms among all that measure what they normalise.
  var shardNorms: [Int] {
    stages.lazy.filter { $0.content.batchNorm != nil }.enumerated().compactMap { number, stage in
      if case .shardBatchNorm = stage.content { number } else { nil }
    }
  }

  /// Whether some value is an image.
  package var hasImages: Bool { values.contains { $0.shape.isImage } }

  /// Numbers of all values of a row that stand in memory of their own.
  package var valueElements: Int { values.lazy.filter { $0.source == nil }.reduce(0) { $0 + $1.shape.count } }

  /// Whether some BatchNorm takes its statistics over the batch, all of which then has to be in memory.
  package var hasBatchStatistics: Bool {
    stages.contains { if case .synchronizedBatchNorm = $0.content { true } else { false } }
  }
}

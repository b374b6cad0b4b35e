/// What is inside a layer, and what is common to those with weights: where a layer is asked for either, it is asked
/// here.
extension Layer {
  /// The lists of layers inside it: of a repeat one, of a residual its layers and its projection.
  package var inner: [[Layer]] {
    switch self {
    case .repeated(_, let layers): [layers]
    case .residual(let layers, let projection): [layers, projection]
    case .dense, .convolution, .depthwiseConvolution, .maxPool, .averagePool, .globalAveragePool, .flatten, .batchNorm,
      .activation, .dropout, .spatialDropout, .alphaDropout:
      []
    }
  }

  /// The same layer with other lists inside.
  package func mapInner(_ change: ([Layer]) -> [Layer]) -> Layer {
    switch self {
    case .repeated(let times, let layers): .repeated(times: times, change(layers))
    case .residual(let layers, let projection):
      .residual(change(layers), projection: projection.isEmpty ? [] : change(projection))
    case .dense, .convolution, .depthwiseConvolution, .maxPool, .averagePool, .globalAveragePool, .flatten, .batchNorm,
      .activation, .dropout, .spatialDropout, .alphaDropout:
      self
    }
  }

  /// It, where it has weights that multiply what it reads.
  package var weighted: (any WeightedLayer)? {
    switch self {
    case .dense(let dense): dense
    case .convolution(let convolution): convolution
    case .depthwiseConvolution(let convolution): convolution
    case .maxPool, .averagePool, .globalAveragePool, .flatten, .batchNorm, .activation, .dropout, .spatialDropout,
      .alphaDropout, .repeated, .residual:
      nil
    }
  }
}

extension Layer {
  /// Whether it holds a BatchNorm, not a frozen one, that takes its statistics over each shard.
  package var hasShardStatistics: Bool { hasBatchNorm(.shard) }
  /// Whether it holds one that takes them over the batch.
  package var hasBatchStatistics: Bool { hasBatchNorm(.batch) }

  private func hasBatchNorm(_ statistics: BatchNorm.Statistics) -> Bool {
    if case .batchNorm(let norm) = self { return norm.training.isTrainable && norm.statistics == statistics }
    return inner.joined().contains { $0.hasBatchNorm(statistics) }
  }
}

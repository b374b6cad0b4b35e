import LockstepKernels

/// Mean and variance of what every BatchNorm of a network normalises, over the rows of many batches with the same
/// weights: the population's statistics, of which running ones are only a moving average — Wu, Johnson 2021,
/// "Rethinking 'Batch' in BatchNorm", https://arxiv.org/abs/2105.07576 (PreciseBN).
package final class PopulationStatistics: Sendable {
  private let network: Network
  /// One a BatchNorm.
  private let moments: [PooledMoments]

  /// Those of no batch yet.
  package init(of network: Network) {
    self.network = network
    moments = network.batchNorms.map { PooledMoments(columns: $0.place.width) }
  }

  /// The first BatchNorm whose statistics are not finite, by the name of its running mean.
  package var firstNonFinite: String? {
    for (norm, pooled) in zip(network.batchNorms, moments) where !pooled.isFinite {
      return network.runningStatistics.entries.first { $0.place == norm.runningMean }?.name
    }
    return nil
  }

  /// Puts them in the place of the running statistics.
  package func replace(running: Arena) {
    for (norm, pooled) in zip(network.batchNorms, moments) {
      pooled.write(mean: running.all[norm.runningMean.range], variance: running.all[norm.runningVariance.range])
    }
  }
}

extension PopulationStatistics {
  /// Adds a batch's statistics, for the BatchNorms whose turn it is: the shards' along the tree, then the batch's in
  /// Double after those of the batches before.
  package func add(_ exchange: Exchange) {
    for index in exchange.turns(of: moments.count) {
      moments[index].add(exchange.moments(at: network.batchNorms[index].place))
    }
  }
}

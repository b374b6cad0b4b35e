import LockstepKernels

/// Mean and variance of what every BatchNorm of a network normalises, over the rows of many batches with the same
/// weights: the population's statistics, which running ones only follow — Wu, Johnson 2021, "Rethinking 'Batch' in
/// BatchNorm", https://arxiv.org/abs/2105.07576 (PreciseBN).
package final class PopulationStatistics: Sendable {
  private let network: Network
  /// One a BatchNorm.
  fileprivate let moments: [PooledMoments]

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

extension WorkerMemory {
  /// Adds the batch's statistics to those of the population, for the BatchNorms whose turn is `worker`'s: the shards'
  /// along the tree, then the batch's in Double after those of the batches before.
  package func pool(
    into population: PopulationStatistics, from all: [ShardMemory], worker: Int, workers: Int
  ) {
    for index in stride(from: worker, to: network.batchNorms.count, by: workers) {
      population.moments[index].add(join.mergedMoments(of: all, at: network.batchNorms[index].place))
    }
  }
}

import LockstepKernels

/// A shard's rows, its statistics, and the gradients of its vectors: biases, γ, β and slopes.
///
/// `@unchecked Sendable` as its rows are: of its statistics and gradients, too, each member of the team writes its own
/// columns, and others read them after a barrier.
package final class ShardMemory: BatchRows, @unchecked Sendable {
  /// Its number among all shards of the batch.
  package let shard: Int
  /// The gradients of this shard alone.
  package let gradients: Vector
  let scratch: Vector
  private let statistics: Statistics

  /// - Parameters:
  ///   - statistics: of all BatchNorms, and behind them scratch for the widest value.
  ///   - gradients: of all vectors.
  init(shard: Int, _ storage: RowStorage, statistics: Vector, gradients: Vector) {
    self.shard = shard
    self.gradients = gradients
    self.statistics = Statistics(statistics[0..<statistics.count - storage.plan.widest])
    scratch = statistics[statistics.count - storage.plan.widest..<statistics.count]
    super.init(storage)
  }

  func gradient(_ place: ParameterLayout.Place) -> Vector {
    guard let start = place.shardOffset else { preconditionFailure("a weight has no gradient of one shard") }
    return gradients[start..<start + place.count]
  }

  /// Mean and M2 of this shard's rows, and their positions, at a BatchNorm.
  func moments(_ place: StatisticsPlace) -> Moments { statistics.moments(place, rows: rows) }

  func inverseDeviation(_ place: StatisticsPlace) -> Vector { statistics.inverseDeviation(place) }
  /// Σ dy · x̂ over this shard's rows.
  func gammaSum(_ place: StatisticsPlace) -> Vector { statistics.gammaSum(place) }
  /// Σ dy over this shard's rows.
  func betaSum(_ place: StatisticsPlace) -> Vector { statistics.betaSum(place) }

  /// Of all its statistics.
  var largestStatistic: Magnitude { statistics.largestMagnitude }
}

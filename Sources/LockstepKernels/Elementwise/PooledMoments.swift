/// Count, mean and M2 = Σ (x − mean)² of every column over a growing number of rows, kept in Double.
///
/// Groups of rows are added one after the other, by Chan, Golub, LeVeque 1979: with n and m the counts and δ the
/// difference of the means, mean ← mean + δ m / (n + m) and M2 ← M2 + M2′ + δ² n m / (n + m).
///
/// `@unchecked Sendable`: one worker adds to it between two barriers; others read it after the next.
package final class PooledMoments: @unchecked Sendable {
  package private(set) var count = 0.0
  private let mean: Slots<Double>
  private let m2: Slots<Double>

  package init(columns: Int) {
    mean = Slots(repeating: 0, count: columns)
    m2 = Slots(repeating: 0, count: columns)
  }

  /// Adds a group of rows; one without rows changes nothing.
  package func add(_ group: Moments) {
    precondition(group.mean.count == mean.count, "\(group.mean.count) columns for \(mean.count)")
    guard group.count > 0 else { return }
    let total = count + group.count
    for column in 0..<mean.count {
      let delta = Double(group.mean[column]) + Double(group.meanLow[column]) - mean[column]
      mean[column] += delta * (group.count / total)
      m2[column] += Double(group.m2[column]) + delta * delta * (count * group.count / total)
    }
    count = total
  }

  /// Whether mean and variance are numbers that single precision holds.
  package var isFinite: Bool {
    (0..<mean.count).allSatisfy { Float(mean[$0]).isFinite && Float(m2[$0] / count).isFinite }
  }

  /// Writes the means and the biased variances, M2 / count.
  package func write(mean means: Vector, variance: Vector) {
    precondition(means.count == mean.count && variance.count == mean.count && count > 0)
    for column in 0..<mean.count {
      means[column] = Float(mean[column])
      variance[column] = Float(m2[column] / count)
    }
  }
}

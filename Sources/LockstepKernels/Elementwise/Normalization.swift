internal import CKernels

/// Count, mean and M2 = Σ (x − mean)² of every column of a group of rows: what BatchNorm needs of a shard, and what two
/// shards can be merged from.
///
/// A mean is the sum of two float32 numbers: of 1,000 ± 0.01, the nearest alone may lie 0.003 deviations away.
package struct Moments: Sendable {
  package var count: Double
  package let mean: Vector
  /// What rounding took from the mean.
  package let meanLow: Vector
  package let m2: Vector

  package init(count: Double, mean: Vector, meanLow: Vector, m2: Vector) {
    precondition(mean.count == m2.count && meanLow.count == m2.count)
    self.count = count
    self.mean = mean
    self.meanLow = meanLow
    self.m2 = m2
  }

  /// Measures `x` in two passes, the second of which corrects the mean of the first — Chan, Golub, LeVeque 1983,
  /// "Algorithms for computing the sample variance", https://doi.org/10.1080/00031305.1983.10483115. The count becomes
  /// the rows of `x`. A column of equal numbers has that number for its mean, and an M2 of 0.
  package mutating func measure(_ x: Matrix) {
    precondition(x.columns == mean.count)
    lk_column_moments(x.rows, x.columns, x.stride, x.base, mean.base, meanLow.base, m2.base)
    count = Double(x.rows)
  }

  /// The moments of the rows of `a` and `b` together, written to the memory of `result`, which may be that of `a` or
  /// `b` — Chan, Golub, LeVeque 1979.
  package static func merge(_ a: Moments, _ b: Moments, into result: Moments) -> Moments {
    let columns = result.mean.count
    precondition(a.mean.count == columns && b.mean.count == columns)
    lk_merge_moments(
      columns, a.count, a.mean.base, a.meanLow.base, a.m2.base, b.count, b.mean.base, b.meanLow.base, b.m2.base,
      result.mean.base, result.meanLow.base, result.m2.base)
    return Moments(count: a.count + b.count, mean: result.mean, meanLow: result.meanLow, m2: result.m2)
  }

  /// inverse = 1 / √(M2 / count + epsilon), the biased variance.
  package func inverseDeviation(epsilon: Float, into inverse: Vector) {
    precondition(inverse.count == mean.count)
    lk_inverse_deviation(mean.count, m2.base, count, epsilon, inverse.base)
  }

  /// running = momentum · running + (1 − momentum) · batch, for the mean and the biased variance.
  package func fold(momentum: Float, intoMean runningMean: Vector, variance runningVariance: Vector) {
    precondition(runningMean.count == mean.count && runningVariance.count == mean.count)
    lk_fold_running(
      mean.count, momentum, count, mean.base, meanLow.base, m2.base, runningMean.base, runningVariance.base)
  }
}

/// Batch normalisation of [rows, columns] — Ioffe, Szegedy 2015, https://arxiv.org/abs/1502.03167.
package enum Normalization {
  /// inverse = 1 / √(variance + epsilon)
  package static func inverseDeviation(variance: Vector, epsilon: Float, into inverse: Vector) {
    precondition(inverse.count == variance.count)
    lk_inverse_deviation(variance.count, variance.base, 1, epsilon, inverse.base)
  }

  /// y = f((x − mean) · inverse · gamma + beta), f applied to rows while they are in cache; `y` may be `x`.
  ///
  /// - Parameter meanLow: what the mean is more than `mean`; nil for nothing, as of a running mean.
  package static func forward(
    _ x: Matrix, mean: Vector, meanLow: Vector? = nil, inverse: Vector, gamma: Vector, beta: Vector,
    then function: ActivationFunction? = nil, into y: Matrix
  ) {
    precondition(x.rows == y.rows && x.columns == y.columns && x.stride == y.stride)
    precondition(mean.count == x.columns && inverse.count == x.columns)
    precondition(gamma.count == x.columns && beta.count == x.columns && (meanLow?.count ?? x.columns) == x.columns)
    withFinish(function, value: nil) {
      lk_batch_norm_forward(
        x.rows, x.columns, x.stride, x.base, mean.base, meanLow?.base, inverse.base, gamma.base, beta.base, $0, y.base)
    }
  }

  /// gammaGradient = Σ dy · x̂ and betaGradient = Σ dy over the rows.
  package static func backwardSums(
    x: Matrix, mean: Vector, meanLow: Vector, inverse: Vector, dy: Matrix, gammaGradient: Vector, betaGradient: Vector
  ) {
    precondition(x.rows == dy.rows && x.columns == dy.columns && x.stride == dy.stride)
    precondition(mean.count == x.columns && inverse.count == x.columns)
    precondition(gammaGradient.count == x.columns && betaGradient.count == x.columns && meanLow.count == x.columns)
    lk_batch_norm_backward_sums(
      x.rows, x.columns, x.stride, x.base, mean.base, meanLow.base, inverse.base, dy.base, gammaGradient.base,
      betaGradient.base)
  }

  /// dx = gamma · inverse · (dy − betaGradient / count − x̂ · gammaGradient / count), where count is the number of rows
  /// the statistics and the two sums were taken over; `dx` may be `dy`.
  package static func backwardInput(
    x: Matrix, count: Double, mean: Vector, meanLow: Vector, inverse: Vector, gamma: Vector, gammaGradient: Vector,
    betaGradient: Vector, dy: Matrix, into dx: Matrix
  ) {
    precondition(x.rows == dy.rows && x.columns == dy.columns && x.rows == dx.rows && x.columns == dx.columns)
    precondition(x.stride == dy.stride && x.stride == dx.stride)
    precondition(mean.count == x.columns && inverse.count == x.columns && gamma.count == x.columns)
    precondition(gammaGradient.count == x.columns && betaGradient.count == x.columns && meanLow.count == x.columns)
    lk_batch_norm_backward_input(
      x.rows, x.columns, x.stride, count, x.base, mean.base, meanLow.base, inverse.base, gamma.base, gammaGradient.base,
      betaGradient.base, dy.base, dx.base)
  }

  /// dx = gamma · inverse · dy, where the statistics do not depend on x; `dx` may be `dy`.
  package static func backwardFixed(inverse: Vector, gamma: Vector, dy: Matrix, into dx: Matrix) {
    precondition(dy.rows == dx.rows && dy.columns == dx.columns && dy.stride == dx.stride)
    precondition(inverse.count == dx.columns && gamma.count == dx.columns)
    lk_batch_norm_backward_fixed(dy.rows, dy.columns, dy.stride, inverse.base, gamma.base, dy.base, dx.base)
  }
}

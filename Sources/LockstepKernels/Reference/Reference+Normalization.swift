/// Batch normalisation of x [rows, columns] — Ioffe, Szegedy 2015, https://arxiv.org/abs/1502.03167
extension Reference {
  /// Number of rows, mean and M2 = Σ (x − mean)² of every column.
  package struct Moments: Sendable {
    package var count: Double
    package var mean: [Double]
    package var m2: [Double]

    package init(count: Double, mean: [Double], m2: [Double]) {
      self.count = count
      self.mean = mean
      self.m2 = m2
    }

    /// Of the rows of x.
    package init(_ x: [Double], rows: Int, columns: Int) {
      count = Double(rows)
      mean = columnSums(x, rows: rows, columns: columns).map { rows == 0 ? 0 : $0 / Double(rows) }
      m2 = [Double](repeating: 0, count: columns)
      for row in 0..<rows {
        for column in 0..<columns {
          let deviation = x[row * columns + column] - mean[column]
          m2[column] += deviation * deviation
        }
      }
    }

    /// M2 / count, the biased variance.
    package var variance: [Double] { m2.map { $0 / count } }

    /// The moments of both groups' rows together: with δ = mean₂ − mean₁ and n = n₁ + n₂, mean = mean₁ + δ n₂ / n and
    /// M2 = M2₁ + M2₂ + δ² n₁ n₂ / n — Chan, Golub, LeVeque 1979, "Updating formulae and a pairwise algorithm for
    /// computing sample variances".
    package func merged(with other: Moments) -> Moments {
      if count == 0 { return other }
      if other.count == 0 { return self }
      let total = count + other.count
      var result = self
      result.count = total
      for column in mean.indices {
        let delta = other.mean[column] - mean[column]
        result.mean[column] += delta * other.count / total
        result.m2[column] += other.m2[column] + delta * delta * count * other.count / total
      }
      return result
    }
  }

  /// y = (x − mean) / √(variance + epsilon) · gamma + beta
  package static func normalize(
    _ x: [Double], mean: [Double], variance: [Double], gamma: [Double], beta: [Double], epsilon: Double
  ) -> [Double] {
    let columns = mean.count
    return x.indices.map { index in
      let column = index % columns
      return (x[index] - mean[column]) / (variance[column] + epsilon).squareRoot() * gamma[column] + beta[column]
    }
  }

  /// BatchNorm in training: x normalised with its own mean and biased variance.
  package static func batchNorm(
    _ x: [Double], rows: Int, gamma: [Double], beta: [Double], epsilon: Double
  ) -> [Double] {
    let moments = Moments(x, rows: rows, columns: gamma.count)
    return normalize(
      x, mean: moments.mean, variance: moments.variance, gamma: gamma, beta: beta, epsilon: epsilon)
  }

  /// The gradients of `batchNorm`, the statistics' dependence on x included. With x̂ the normalised x and n the rows,
  /// dγ = Σ dy x̂, dβ = Σ dy, dx = γ / √(variance + epsilon) · (dy − dβ / n − x̂ dγ / n).
  package static func batchNormBackward(
    _ x: [Double], rows: Int, gamma: [Double], dy: [Double], epsilon: Double
  ) -> (dx: [Double], gamma: [Double], beta: [Double]) {
    let columns = gamma.count
    let moments = Moments(x, rows: rows, columns: columns)
    let inverse = moments.variance.map { 1 / ($0 + epsilon).squareRoot() }
    let zeros = [Double](repeating: 0, count: columns)
    let ones = [Double](repeating: 1, count: columns)
    let normalized = normalize(
      x, mean: moments.mean, variance: moments.variance, gamma: ones, beta: zeros, epsilon: epsilon)
    let dBeta = columnSums(dy, rows: rows, columns: columns)
    let dGamma = columnSums(zip(dy, normalized).map { $0 * $1 }, rows: rows, columns: columns)
    let dx = x.indices.map { index in
      let column = index % columns
      return gamma[column] * inverse[column]
        * (dy[index] - dBeta[column] / Double(rows) - normalized[index] * dGamma[column] / Double(rows))
    }
    return (dx, dGamma, dBeta)
  }

  /// running = momentum · running + (1 − momentum) · batch
  package static func folded(_ batch: [Double], into running: [Double], momentum: Double) -> [Double] {
    zip(running, batch).map { momentum * $0 + (1 - momentum) * $1 }
  }
}

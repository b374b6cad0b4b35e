import Libc

/// What surrounds an optimizer's update; the updates themselves stand with the optimizers. `p` are the parameters, `g`
/// their gradient, t ≥ 1 the number of the update, η the learning rate; `decay` is decoupled weight decay,
/// p ← p (1 − η · decay) before the step.
extension Reference {
  /// Parameters, and what their optimizer remembers; which of it is used is the optimizer's affair.
  package struct OptimizerState {
    package var parameter: [Double]
    package var first: [Double]
    package var second: [Double]
    /// Updates so far, the one that is being done among them.
    package var updates = 0
    package var momentumProduct = 1.0

    package init(_ parameter: [Double]) {
      self.parameter = parameter
      first = [Double](repeating: 0, count: parameter.count)
      second = first
    }
  }

  /// The gradient as the optimizer sees it: clamp(g · scale, ±limit) + l1 · sign(p) + l2 · p
  package static func preparedGradient(
    _ gradient: [Double], parameter: [Double], scale: Double, limit: Double, l1: Double, l2: Double
  ) -> [Double] {
    zip(gradient, parameter).map { g, p in
      min(max(g * scale, -limit), limit) + l1 * (p > 0 ? 1 : p < 0 ? -1 : 0) + l2 * p
    }
  }

  /// Every column of W [rows, columns] whose Euclidean norm exceeds `limit`, scaled down to it — Srebro, Shraibman 2005
  package static func maxNorm(_ weight: [Double], columns: Int, limit: Double) -> [Double] {
    let rows = columns == 0 ? 0 : weight.count / columns
    let norms = columnSums(weight.map { $0 * $0 }, rows: rows, columns: columns).map { $0.squareRoot() }
    return weight.indices.map { index in
      let norm = norms[index % columns]
      return norm > limit ? weight[index] * limit / norm : weight[index]
    }
  }
}

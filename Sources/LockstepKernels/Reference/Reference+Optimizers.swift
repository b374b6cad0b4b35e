import Libc

/// One update of every optimizer, as PyTorch defines it. `p` are the parameters, `g` their gradient, t ≥ 1 the number
/// of this update, η the learning rate; `decay` is decoupled weight decay, p ← p (1 − η · decay) before the step.
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

  /// v ← momentum v + g; p ← p − η (nesterov ? g + momentum v : v) — Sutskever et al. 2013
  package static func sgd(
    _ parameter: inout [Double], gradient: [Double], velocity: inout [Double], learningRate: Double, momentum: Double,
    nesterov: Bool, decay: Double = 0
  ) {
    for i in parameter.indices {
      velocity[i] = momentum * velocity[i] + gradient[i]
      let direction = nesterov ? gradient[i] + momentum * velocity[i] : velocity[i]
      parameter[i] = parameter[i] * (1 - learningRate * decay) - learningRate * direction
    }
  }

  /// s ← s + g²; p ← p − η g / (√s + ε) — Duchi, Hazan, Singer 2011
  package static func adagrad(
    _ parameter: inout [Double], gradient: [Double], sum: inout [Double], learningRate: Double, epsilon: Double,
    decay: Double = 0
  ) {
    for i in parameter.indices {
      sum[i] += gradient[i] * gradient[i]
      let step = learningRate * gradient[i] / (sum[i].squareRoot() + epsilon)
      parameter[i] = parameter[i] * (1 - learningRate * decay) - step
    }
  }

  /// v ← ρ v + (1 − ρ) g²; p ← p − η g / (√v + ε) — Tieleman, Hinton 2012
  package static func rmsprop(
    _ parameter: inout [Double], gradient: [Double], square: inout [Double], learningRate: Double, rho: Double,
    epsilon: Double, decay: Double = 0
  ) {
    for i in parameter.indices {
      square[i] = rho * square[i] + (1 - rho) * gradient[i] * gradient[i]
      let step = learningRate * gradient[i] / (square[i].squareRoot() + epsilon)
      parameter[i] = parameter[i] * (1 - learningRate * decay) - step
    }
  }

  /// m ← β₁ m + (1 − β₁) g; v ← β₂ v + (1 − β₂) g²; p ← p − η m̂ / (√v̂ + ε) with m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 −
  /// β₂ᵗ) — Kingma, Ba 2014, https://arxiv.org/abs/1412.6980; with `decay`, AdamW — Loshchilov, Hutter 2017,
  /// https://arxiv.org/abs/1711.05101
  package static func adam(
    _ parameter: inout [Double], gradient: [Double], first: inout [Double], second: inout [Double], step t: Int,
    learningRate: Double, beta1: Double, beta2: Double, epsilon: Double, decay: Double = 0
  ) {
    for i in parameter.indices {
      first[i] = beta1 * first[i] + (1 - beta1) * gradient[i]
      second[i] = beta2 * second[i] + (1 - beta2) * gradient[i] * gradient[i]
      let mean = first[i] / (1 - pow(beta1, Double(t)))
      let root = (second[i] / (1 - pow(beta2, Double(t)))).squareRoot()
      parameter[i] = parameter[i] * (1 - learningRate * decay) - learningRate * mean / (root + epsilon)
    }
  }

  /// Adam with Nesterov's look ahead: with μₜ = β₁ (1 − ½ · 0.96^(t ψ)) and Πₜ = μ₁ ⋯ μₜ,
  /// p ← p − η ((1 − μₜ) / (1 − Πₜ) g + μₜ₊₁ / (1 − Πₜ₊₁) m) / (√v̂ + ε) — Dozat 2016
  ///
  /// - Parameters:
  ///   - momentumDecay: ψ, 0.004 in PyTorch.
  ///   - momentumProduct: Πₜ₋₁ on entry (1 before the first update), Πₜ afterwards.
  package static func nadam(
    _ parameter: inout [Double], gradient: [Double], first: inout [Double], second: inout [Double], step t: Int,
    learningRate: Double, beta1: Double, beta2: Double, epsilon: Double, momentumDecay: Double,
    momentumProduct: inout Double, decay: Double = 0
  ) {
    let momentum = beta1 * (1 - 0.5 * pow(0.96, Double(t) * momentumDecay))
    let nextMomentum = beta1 * (1 - 0.5 * pow(0.96, Double(t + 1) * momentumDecay))
    momentumProduct *= momentum
    for i in parameter.indices {
      first[i] = beta1 * first[i] + (1 - beta1) * gradient[i]
      second[i] = beta2 * second[i] + (1 - beta2) * gradient[i] * gradient[i]
      let root = (second[i] / (1 - pow(beta2, Double(t)))).squareRoot() + epsilon
      let now = (1 - momentum) / (1 - momentumProduct) * gradient[i]
      let ahead = nextMomentum / (1 - momentumProduct * nextMomentum) * first[i]
      parameter[i] = parameter[i] * (1 - learningRate * decay) - learningRate * (now + ahead) / root
    }
  }

  /// m as Adam's; u ← max(β₂ u, |g| + ε); p ← p − η / (1 − β₁ᵗ) · m / u — Kingma, Ba 2014, section 7.1
  package static func adamax(
    _ parameter: inout [Double], gradient: [Double], first: inout [Double], norm: inout [Double], step t: Int,
    learningRate: Double, beta1: Double, beta2: Double, epsilon: Double, decay: Double = 0
  ) {
    for i in parameter.indices {
      first[i] = beta1 * first[i] + (1 - beta1) * gradient[i]
      norm[i] = max(beta2 * norm[i], abs(gradient[i]) + epsilon)
      let step = learningRate / (1 - pow(beta1, Double(t))) * first[i] / norm[i]
      parameter[i] = parameter[i] * (1 - learningRate * decay) - step
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

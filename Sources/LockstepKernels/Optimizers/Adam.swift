internal import CKernels
import Libc
import LockstepDeclarations

extension Optimizer {
  /// Adam, t the update from 1:
  ///
  /// ```
  /// m = β₁ m + (1 − β₁) g
  /// v = β₂ v + (1 − β₂) g²
  /// p −= rate · m̂ / (√v̂ + epsilon),   m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ)
  /// ```
  ///
  /// Source: Kingma, Ba 2014, https://arxiv.org/abs/1412.6980
  public static func adam(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8
  ) -> Optimizer {
    Optimizer(Adam(learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon))
  }
}

/// See `Optimizer.adam`.
struct Adam: OptimizerFormula {
  var learningRate: Double
  var beta1: Double
  var beta2: Double
  var epsilon: Double

  static let declaration = Declaration<Optimizer>(
    "adam", .adam(), main: "learning_rate",
    "p −= rate · m̂ / (√v̂ + epsilon), moving averages m of g and v of g² — Kingma, Ba 2014, https://arxiv.org/abs/1412.6980",
    .learningRate, .beta1, .beta2, .epsilon,
    make: { .adam(learningRate: $0, beta1: $1, beta2: $2, epsilon: $3) },
    take: { ($0.formula as? Adam).map { ($0.learningRate, $0.beta1, $0.beta2, $0.epsilon) } })

  let slots = ["first_moment", "second_moment"]

  func rates(at rate: Double, _ progress: inout OptimizerProgress) -> UpdateRates {
    let t = Double(progress.updates)
    return UpdateRates(rate: Float(rate / (1 - Scalar.pow(beta1, t))), rootCorrection: rootCorrection(t))
  }

  /// 1 / √(1 − β₂ᵗ)
  func rootCorrection(_ t: Double) -> Float { Float(1 / (1 - Scalar.pow(beta2, t)).squareRoot()) }

  func update(_ parameter: Vector, gradient: Vector, slots: UpdateSlots, keep: Float, _ rates: UpdateRates) {
    guard let first = slots.first, let second = slots.second else { preconditionFailure("Adam without its slots") }
    UpdateKernels.adam(
      parameter, gradient: gradient, first: first, second: second, keep: keep, rate: rates.rate,
      gradientRate: rates.gradientRate, beta1: beta1, beta2: beta2, rootCorrection: rates.rootCorrection,
      epsilon: Float(epsilon))
  }

  func reference(_ state: inout Reference.OptimizerState, gradient: [Double], rate: Double, decay: Double) {
    Reference.adam(
      &state.parameter, gradient: gradient, first: &state.first, second: &state.second, step: state.updates,
      learningRate: rate, beta1: beta1, beta2: beta2, epsilon: epsilon, decay: decay)
  }

  /// m = β₁ m + (1 − β₁) g is momentum whose steps are 1 − β₁ as long.
  func descent(updates: Double) -> Descent {
    let correction = 1 - Scalar.pow(beta2, updates)
    return Descent(
      bound: 2 * (1 + beta1) / (1 - beta1),
      divisor: ("second_moment", { [epsilon] in ($0 / correction).squareRoot() + epsilon }))
  }

  func bound(_ bounds: inout UpdateBounds, gradient: Double, _ rates: UpdateRates) -> UpdateFraction {
    bounds.first = max(bounds.first, gradient)
    bounds.second = max(bounds.second, gradient * gradient)
    return UpdateFraction(
      numerator: Double(rates.gradientRate).magnitude * gradient + Double(rates.rate).magnitude * bounds.first,
      denominator: Double(Float(epsilon)))
  }
}

extension UpdateKernels {
  /// m = β₁m + (1 − β₁)g; v = β₂v + (1 − β₂)g²; p −= (gradientRate · g + rate · m) / (√v · rootCorrection + epsilon) —
  /// Kingma, Ba 2014, https://arxiv.org/abs/1412.6980; with a `gradientRate`, NAdam (Dozat 2016).
  package static func adam(
    _ parameter: Vector, gradient: Vector, first: Vector, second: Vector, keep: Float, rate: Float, gradientRate: Float,
    beta1: Double, beta2: Double, rootCorrection: Float, epsilon: Float
  ) {
    precondition(gradient.count == parameter.count && first.count == parameter.count && second.count == parameter.count)
    lk_adam(
      parameter.count, keep, rate, gradientRate, Float(beta1), Float(1 - beta1), Float(beta2), Float(1 - beta2),
      rootCorrection, epsilon, gradient.base, first.base, second.base, parameter.base)
  }
}

extension Reference {
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
}

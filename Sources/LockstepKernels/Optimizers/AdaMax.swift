internal import CKernels
import Libc
import LockstepDeclarations

extension Optimizer {
  /// Adam under the infinity norm, t the update from 1:
  ///
  /// ```
  /// m = β₁ m + (1 − β₁) g
  /// u = max(β₂ u, |g| + epsilon)
  /// p −= rate / (1 − β₁ᵗ) · m / u
  /// ```
  ///
  /// Source: Kingma, Ba 2014, section 7.1, https://arxiv.org/abs/1412.6980
  public static func adamax(
    learningRate: Double = 0.002, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8
  ) -> Optimizer {
    Optimizer(AdaMax(learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon))
  }
}

/// See `Optimizer.adamax`.
struct AdaMax: OptimizerFormula {
  var learningRate: Double
  var beta1: Double
  var beta2: Double
  var epsilon: Double

  static let declaration = Declaration<Optimizer>(
    "adamax", .adamax(), main: "learning_rate",
    "p −= rate · m̂ / u, u = max(beta2 · u, |g| + epsilon) — Kingma, Ba 2014, section 7.1",
    .learningRate, .beta1, .beta2, .epsilon,
    make: { .adamax(learningRate: $0, beta1: $1, beta2: $2, epsilon: $3) },
    take: { ($0.formula as? AdaMax).map { ($0.learningRate, $0.beta1, $0.beta2, $0.epsilon) } })

  let slots = ["first_moment", "infinity_norm"]

  func rates(at rate: Double, _ progress: inout OptimizerProgress) -> UpdateRates {
    UpdateRates(rate: Float(rate / (1 - Scalar.pow(beta1, Double(progress.updates)))))
  }

  func update(_ parameter: Vector, gradient: Vector, slots: UpdateSlots, keep: Float, _ rates: UpdateRates) {
    guard let first = slots.first, let norm = slots.second else { preconditionFailure("AdaMax without its slots") }
    UpdateKernels.adamax(
      parameter, gradient: gradient, first: first, norm: norm, keep: keep, rate: rates.rate, beta1: beta1, beta2: beta2,
      epsilon: Float(epsilon))
  }

  func reference(_ state: inout Reference.OptimizerState, gradient: [Double], rate: Double, decay: Double) {
    Reference.adamax(
      &state.parameter, gradient: gradient, first: &state.first, norm: &state.second, step: state.updates,
      learningRate: rate, beta1: beta1, beta2: beta2, epsilon: epsilon, decay: decay)
  }

  /// As Adam's; a norm of epsilon has never had a gradient.
  func descent(updates: Double) -> Descent {
    Descent(
      bound: 2 * (1 + beta1) / (1 - beta1), divisor: ("infinity_norm", { [epsilon] in $0 > epsilon ? $0 : .infinity }))
  }

  func bound(_ bounds: inout UpdateBounds, gradient: Double, _ rates: UpdateRates) -> UpdateFraction {
    bounds.first = max(bounds.first, gradient)
    bounds.second = max(bounds.second, gradient + Double(Float(epsilon)))
    return UpdateFraction(
      numerator: Double(rates.rate).magnitude * bounds.first, denominator: Double(Float(epsilon)))
  }
}

extension UpdateKernels {
  /// m as Adam's; u = max(β₂ · u, |g| + epsilon); p −= rate · m / u — Kingma, Ba 2014, section 7.1
  package static func adamax(
    _ parameter: Vector, gradient: Vector, first: Vector, norm: Vector, keep: Float, rate: Float, beta1: Double,
    beta2: Double, epsilon: Float
  ) {
    precondition(gradient.count == parameter.count && first.count == parameter.count && norm.count == parameter.count)
    lk_adamax(
      parameter.count, keep, rate, Float(beta1), Float(1 - beta1), Float(beta2), epsilon, gradient.base, first.base,
      norm.base, parameter.base)
  }
}

extension Reference {
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
}

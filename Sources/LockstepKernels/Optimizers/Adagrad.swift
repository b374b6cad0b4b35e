internal import CKernels
import LockstepDeclarations

extension Optimizer {
  /// Adagrad:
  ///
  /// ```
  /// s += g²
  /// p −= rate · g / (√s + epsilon)
  /// ```
  ///
  /// Source: Duchi, Hazan, Singer 2011, https://jmlr.org/papers/v12/duchi11a.html
  public static func adagrad(learningRate: Double = 0.01, epsilon: Double = 1e-10) -> Optimizer {
    Optimizer(Adagrad(learningRate: learningRate, epsilon: epsilon))
  }
}

/// See `Optimizer.adagrad`.
struct Adagrad: OptimizerFormula {
  var learningRate: Double
  var epsilon: Double

  static let declaration = Declaration<Optimizer>(
    "adagrad", .adagrad(), main: "learning_rate",
    "s += g²; p −= rate · g / (√s + epsilon) — Duchi, Hazan, Singer 2011", .learningRate, .epsilon,
    make: { .adagrad(learningRate: $0, epsilon: $1) },
    take: { ($0.formula as? Adagrad).map { ($0.learningRate, $0.epsilon) } })

  let slots = ["sum"]

  func update(_ parameter: Vector, gradient: Vector, slots: UpdateSlots, keep: Float, _ rates: UpdateRates) {
    guard let sum = slots.first else { preconditionFailure("Adagrad without its slot") }
    UpdateKernels.adagrad(
      parameter, gradient: gradient, sum: sum, keep: keep, rate: rates.rate, epsilon: Float(epsilon))
  }

  func reference(_ state: inout Reference.OptimizerState, gradient: [Double], rate: Double, decay: Double) {
    Reference.adagrad(
      &state.parameter, gradient: gradient, sum: &state.first, learningRate: rate, epsilon: epsilon, decay: decay)
  }

  func descent(updates: Double) -> Descent {
    Descent(bound: 2, divisor: ("sum", { [epsilon] in $0.squareRoot() + epsilon }))
  }

  func bound(_ bounds: inout UpdateBounds, gradient: Double, _ rates: UpdateRates) -> UpdateFraction {
    bounds.first += gradient * gradient
    return UpdateFraction(
      numerator: Double(rates.rate).magnitude * gradient, denominator: Double(Float(epsilon)))
  }
}

extension UpdateKernels {
  /// s += g²; p −= rate · g / (√s + epsilon) — Duchi, Hazan, Singer 2011
  package static func adagrad(
    _ parameter: Vector, gradient: Vector, sum: Vector, keep: Float, rate: Float, epsilon: Float
  ) {
    precondition(gradient.count == parameter.count && sum.count == parameter.count)
    lk_adagrad(parameter.count, keep, rate, epsilon, gradient.base, sum.base, parameter.base)
  }
}

extension Reference {
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
}

internal import CKernels
import LockstepDeclarations

extension Optimizer {
  /// RMSProp, centred on nothing:
  ///
  /// ```
  /// v = decay · v + (1 − decay) · g²
  /// p −= rate · g / (√v + epsilon)
  /// ```
  ///
  /// Source: Tieleman, Hinton 2012, "Lecture 6.5: rmsprop". `decay` is PyTorch's alpha.
  public static func rmsprop(learningRate: Double = 0.01, decay: Double = 0.99, epsilon: Double = 1e-8) -> Optimizer {
    Optimizer(RMSProp(learningRate: learningRate, decay: decay, epsilon: epsilon))
  }
}

/// See `Optimizer.rmsprop`.
struct RMSProp: OptimizerFormula {
  var learningRate: Double
  var decay: Double
  var epsilon: Double

  static let declaration = Declaration<Optimizer>(
    "rmsprop", .rmsprop(), main: "learning_rate",
    "v = decay · v + (1 − decay) · g²; p −= rate · g / (√v + epsilon) — Tieleman, Hinton 2012", .learningRate,
    .number("decay", .belowOne, "what an update keeps of the mean square"), .epsilon,
    make: { .rmsprop(learningRate: $0, decay: $1, epsilon: $2) },
    take: { ($0.formula as? RMSProp).map { ($0.learningRate, $0.decay, $0.epsilon) } })

  let slots = ["square"]

  func update(_ parameter: Vector, gradient: Vector, slots: UpdateSlots, keep: Float, _ rates: UpdateRates) {
    guard let square = slots.first else { preconditionFailure("RMSProp without its slot") }
    UpdateKernels.rmsprop(
      parameter, gradient: gradient, square: square, keep: keep, rate: rates.rate, decay: decay, epsilon: Float(epsilon)
    )
  }

  func reference(_ state: inout Reference.OptimizerState, gradient: [Double], rate: Double, decay: Double) {
    Reference.rmsprop(
      &state.parameter, gradient: gradient, square: &state.first, learningRate: rate, rho: self.decay,
      epsilon: epsilon, decay: decay)
  }

  func descent(updates: Double) -> Descent {
    Descent(bound: 2, divisor: ("square", { [epsilon] in $0.squareRoot() + epsilon }))
  }

  func bound(_ bounds: inout UpdateBounds, gradient: Double, _ rates: UpdateRates) -> UpdateFraction {
    bounds.first = max(bounds.first, gradient * gradient)
    return UpdateFraction(
      numerator: Double(rates.rate).magnitude * gradient, denominator: Double(Float(epsilon)))
  }
}

extension UpdateKernels {
  /// v = decay · v + (1 − decay) · g²; p −= rate · g / (√v + epsilon) — Tieleman, Hinton 2012
  package static func rmsprop(
    _ parameter: Vector, gradient: Vector, square: Vector, keep: Float, rate: Float, decay: Double, epsilon: Float
  ) {
    precondition(gradient.count == parameter.count && square.count == parameter.count)
    lk_rmsprop(
      parameter.count, keep, rate, Float(decay), Float(1 - decay), epsilon, gradient.base, square.base, parameter.base)
  }
}

extension Reference {
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
}

internal import CKernels
import LockstepDeclarations

extension Optimizer {
  /// Stochastic gradient descent:
  ///
  /// ```
  /// v = momentum · v + g
  /// p −= rate · v                      nesterov: rate · (g + momentum · v)
  /// ```
  ///
  /// Source: Polyak 1964; Sutskever, Martens, Dahl, Hinton 2013, https://proceedings.mlr.press/v28/sutskever13.html
  public static func sgd(learningRate: Double = 0.001, momentum: Double = 0, nesterov: Bool = false) -> Optimizer {
    Optimizer(SGD(learningRate: learningRate, momentum: momentum, nesterov: nesterov))
  }
}

/// See `Optimizer.sgd`.
struct SGD: OptimizerFormula {
  var learningRate: Double
  var momentum: Double
  var nesterov: Bool

  static let declaration = Declaration<Optimizer>(
    "sgd", .sgd(), main: "learning_rate", "v = momentum · v + g; p −= rate · v — Polyak 1964",
    .learningRate,
    .number("momentum", .belowOne, "what an update keeps of the velocity"),
    .flag("nesterov", "whether the gradient is looked at behind the velocity's step"),
    make: { .sgd(learningRate: $0, momentum: $1, nesterov: $2) },
    take: { ($0.formula as? SGD).map { ($0.learningRate, $0.momentum, $0.nesterov) } },
    problems: {
      guard let sgd = $0.formula as? SGD, sgd.nesterov, sgd.momentum == 0 else { return [] }
      return [
        SettingProblem(
          ["nesterov"], found: "nesterov without momentum", expected: "a momentum above 0", hint: "add momentum: 0.9")
      ]
    })

  var slots: [String] { momentum == 0 ? [] : ["momentum"] }

  func update(_ parameter: Vector, gradient: Vector, slots: UpdateSlots, keep: Float, _ rates: UpdateRates) {
    UpdateKernels.sgd(
      parameter, gradient: gradient, velocity: slots.first, keep: keep, rate: rates.rate, momentum: Float(momentum),
      nesterov: nesterov)
  }

  func reference(_ state: inout Reference.OptimizerState, gradient: [Double], rate: Double, decay: Double) {
    Reference.sgd(
      &state.parameter, gradient: gradient, velocity: &state.first, learningRate: rate, momentum: momentum,
      nesterov: nesterov, decay: decay)
  }

  func descent(updates: Double) -> Descent {
    Descent(bound: nesterov ? (2 + 2 * momentum) / (1 + 2 * momentum) : 2 * (1 + momentum))
  }

  func bound(_ bounds: inout UpdateBounds, gradient: Double, _ rates: UpdateRates) -> UpdateFraction {
    let (rate, momentum) = (Double(rates.rate).magnitude, Double(Float(momentum)))
    if momentum == 0 { return UpdateFraction(numerator: rate * gradient) }
    bounds.first = momentum * bounds.first + gradient
    return UpdateFraction(numerator: rate * (nesterov ? momentum * bounds.first + gradient : bounds.first))
  }
}

extension UpdateKernels {
  /// v = momentum · v + g; p −= rate · (nesterov ? g + momentum · v : v). Without momentum there is no `velocity`.
  package static func sgd(
    _ parameter: Vector, gradient: Vector, velocity: Vector?, keep: Float, rate: Float, momentum: Float, nesterov: Bool
  ) {
    precondition(gradient.count == parameter.count && (velocity.map { $0.count == parameter.count } ?? (momentum == 0)))
    lk_sgd(
      parameter.count, keep, rate, momentum, nesterov ? 1 : 0, gradient.base, velocity?.base, parameter.base)
  }
}

extension Reference {
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
}

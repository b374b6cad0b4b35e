import Libc
import LockstepDeclarations

extension Optimizer {
  /// Adam with Nesterov's momentum, t the update from 1, ψ the `momentumDecay`:
  ///
  /// ```
  /// μₜ = β₁ (1 − 0.96^(t ψ) / 2),   Mₜ = Π μ₁ … μₜ
  /// m = β₁ m + (1 − β₁) g
  /// v = β₂ v + (1 − β₂) g²
  /// p −= rate · (g (1 − μₜ) / (1 − Mₜ) + m μₜ₊₁ / (1 − Mₜ μₜ₊₁)) / (√v̂ + epsilon),   v̂ = v / (1 − β₂ᵗ)
  /// ```
  ///
  /// Source: Dozat 2016, https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ
  public static func nadam(
    learningRate: Double = 0.002, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    momentumDecay: Double = 0.004
  ) -> Optimizer {
    let adam = Adam(learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon)
    return Optimizer(NAdam(adam: adam, momentumDecay: momentumDecay))
  }
}

/// See `Optimizer.nadam`.
struct NAdam: OptimizerFormula {
  var adam: Adam
  var momentumDecay: Double

  static let declaration = Declaration<Optimizer>(
    "nadam", .nadam(), main: "learning_rate",
    "Adam with Nesterov's momentum μₜ = beta1 (1 − 0.96^(t · momentum_decay) / 2) — Dozat 2016",
    .learningRate, .beta1, .beta2, .epsilon,
    .number("momentum_decay", .nonNegative, "how fast the momentum grows to beta1"),
    make: { .nadam(learningRate: $0, beta1: $1, beta2: $2, epsilon: $3, momentumDecay: $4) },
    take: {
      ($0.formula as? NAdam).map {
        ($0.adam.learningRate, $0.adam.beta1, $0.adam.beta2, $0.adam.epsilon, $0.momentumDecay)
      }
    })

  var learningRate: Double {
    get { adam.learningRate }
    set { adam.learningRate = newValue }
  }

  var slots: [String] { adam.slots }

  func rates(at rate: Double, _ progress: inout OptimizerProgress) -> UpdateRates {
    let t = Double(progress.updates)
    let mu = adam.beta1 * (1 - 0.5 * Scalar.pow(0.96, t * momentumDecay))
    let next = adam.beta1 * (1 - 0.5 * Scalar.pow(0.96, (t + 1) * momentumDecay))
    progress.momentumProduct *= mu
    let product = progress.momentumProduct
    return UpdateRates(
      rate: Float(rate * next / (1 - product * next)), gradientRate: Float(rate * (1 - mu) / (1 - product)),
      rootCorrection: adam.rootCorrection(t))
  }

  func update(_ parameter: Vector, gradient: Vector, slots: UpdateSlots, keep: Float, _ rates: UpdateRates) {
    adam.update(parameter, gradient: gradient, slots: slots, keep: keep, rates)
  }

  func reference(_ state: inout Reference.OptimizerState, gradient: [Double], rate: Double, decay: Double) {
    Reference.nadam(
      &state.parameter, gradient: gradient, first: &state.first, second: &state.second, step: state.updates,
      learningRate: rate, beta1: adam.beta1, beta2: adam.beta2, epsilon: adam.epsilon, momentumDecay: momentumDecay,
      momentumProduct: &state.momentumProduct, decay: decay)
  }

  /// The gradient itself counts 1 − μ, and the momentum μ, which is taken as it is at the next update.
  func descent(updates: Double) -> Descent {
    let next = adam.beta1 * (1 - 0.5 * Scalar.pow(0.96, (updates + 1) * momentumDecay))
    var descent = adam.descent(updates: updates)
    descent.bound = 2 * (1 + adam.beta1) / (1 + adam.beta1 - 2 * adam.beta1 * next)
    return descent
  }

  func bound(_ bounds: inout UpdateBounds, gradient: Double, _ rates: UpdateRates) -> UpdateFraction {
    adam.bound(&bounds, gradient: gradient, rates)
  }
}

extension Reference {
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
}

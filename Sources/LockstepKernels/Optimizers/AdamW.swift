import LockstepDeclarations

extension Optimizer {
  /// Adam whose weight decay acts on the weights, not through the gradient: p is multiplied by 1 − rate · decay before
  /// the update.
  ///
  /// The decay is `Regularization.decoupled`; configurations give it 0.01 where they say nothing.
  ///
  /// Source: Loshchilov, Hutter 2017, https://arxiv.org/abs/1711.05101
  public static func adamw(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8
  ) -> Optimizer {
    Optimizer(AdamW(adam: Adam(learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon)))
  }
}

/// See `Optimizer.adamw`.
struct AdamW: OptimizerFormula {
  var adam: Adam

  static let declaration = Declaration<Optimizer>(
    "adamw", .adamw(), main: "learning_rate",
    "Adam whose weight decay acts on the weights — Loshchilov, Hutter 2017, https://arxiv.org/abs/1711.05101",
    .learningRate, .beta1, .beta2, .epsilon,
    make: { .adamw(learningRate: $0, beta1: $1, beta2: $2, epsilon: $3) },
    take: {
      ($0.formula as? AdamW).map { ($0.adam.learningRate, $0.adam.beta1, $0.adam.beta2, $0.adam.epsilon) }
    })

  var learningRate: Double {
    get { adam.learningRate }
    set { adam.learningRate = newValue }
  }

  var slots: [String] { adam.slots }
  var decouplesWeightDecay: Bool { true }

  func rates(at rate: Double, _ progress: inout OptimizerProgress) -> UpdateRates { adam.rates(at: rate, &progress) }

  func update(_ parameter: Vector, gradient: Vector, slots: UpdateSlots, keep: Float, _ rates: UpdateRates) {
    adam.update(parameter, gradient: gradient, slots: slots, keep: keep, rates)
  }

  func reference(_ state: inout Reference.OptimizerState, gradient: [Double], rate: Double, decay: Double) {
    adam.reference(&state, gradient: gradient, rate: rate, decay: decay)
  }

  func descent(updates: Double) -> Descent { adam.descent(updates: updates) }

  func bound(_ bounds: inout UpdateBounds, gradient: Double, _ rates: UpdateRates) -> UpdateFraction {
    adam.bound(&bounds, gradient: gradient, rates)
  }
}

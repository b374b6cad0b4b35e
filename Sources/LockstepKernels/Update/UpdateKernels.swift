internal import CKernels

/// Update rules over a slice of the parameters, after PyTorch's. `keep` multiplies the parameter first (1 − learning
/// rate · decay for decoupled weight decay, else 1); what depends on the step alone arrives as a number. A decay and
/// what it leaves for the new value, 1 − decay, are rounded from Double each on its own, as in PyTorch.
package enum UpdateKernels {
  /// g = clamp(g · scale, ±limit) + l1 · sign(p) + l2 · p
  package static func clipAndRegularize(
    gradient: Vector, parameter: Vector, scale: Float, limit: Float, l1: Float, l2: Float
  ) {
    precondition(gradient.count == parameter.count)
    lk_clip_and_regularize(gradient.count, scale, limit, l1, l2, parameter.base, gradient.base)
  }

  /// v = momentum · v + g; p −= rate · (nesterov ? g + momentum · v : v). Without momentum there is no `velocity`.
  package static func sgd(
    _ parameter: Vector, gradient: Vector, velocity: Vector?, keep: Float, rate: Float, momentum: Float, nesterov: Bool
  ) {
    precondition(gradient.count == parameter.count && (velocity.map { $0.count == parameter.count } ?? (momentum == 0)))
    lk_sgd(
      parameter.count, keep, rate, momentum, nesterov ? 1 : 0, gradient.base, velocity?.base, parameter.base)
  }

  /// a += rest · (p − a): the exponential moving average a of p takes the next value.
  package static func moveAverage(_ average: Vector, _ parameter: Vector, rest: Float) {
    precondition(average.count == parameter.count)
    lk_move_average(parameter.count, rest, parameter.base, average.base)
  }

  /// s += g²; p −= rate · g / (√s + epsilon) — Duchi, Hazan, Singer 2011
  package static func adagrad(
    _ parameter: Vector, gradient: Vector, sum: Vector, keep: Float, rate: Float, epsilon: Float
  ) {
    precondition(gradient.count == parameter.count && sum.count == parameter.count)
    lk_adagrad(parameter.count, keep, rate, epsilon, gradient.base, sum.base, parameter.base)
  }

  /// v = decay · v + (1 − decay) · g²; p −= rate · g / (√v + epsilon) — Tieleman, Hinton 2012
  package static func rmsprop(
    _ parameter: Vector, gradient: Vector, square: Vector, keep: Float, rate: Float, decay: Double, epsilon: Float
  ) {
    precondition(gradient.count == parameter.count && square.count == parameter.count)
    lk_rmsprop(
      parameter.count, keep, rate, Float(decay), Float(1 - decay), epsilon, gradient.base, square.base, parameter.base)
  }

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

  /// Scales every column of `weight` whose norm exceeds `limit` down to it — Srebro, Shraibman 2005. `scratch` holds
  /// one value a column.
  package static func maxNorm(_ weight: Matrix, limit: Float, scratch: Vector) {
    precondition(scratch.count >= weight.columns)
    lk_max_norm(weight.rows, weight.columns, limit, weight.base, scratch.base)
  }
}

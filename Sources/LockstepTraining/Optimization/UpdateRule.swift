import LockstepKernels
import LockstepModel

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What an optimizer remembers beside its slots; part of every checkpoint.
public struct OptimizerProgress: Sendable, Equatable {
  /// Updates applied so far. A skipped step is none.
  public var updates: Int
  /// Π μₜ of NAdam.
  public var momentumProduct: Double

  public init(updates: Int = 0, momentumProduct: Double = 1) {
    self.updates = updates
    self.momentumProduct = momentumProduct
  }
}

extension Optimizer {
  /// The names of its slots, each an arena in the layout of the parameters.
  public var slots: [String] {
    switch self {
    case .sgd(_, let momentum, _): momentum == 0 ? [] : ["momentum"]
    case .adagrad: ["sum"]
    case .rmsprop: ["square"]
    case .adam, .adamw, .nadam: ["first_moment", "second_moment"]
    case .adamax: ["first_moment", "infinity_norm"]
    }
  }

  /// Whether weight decay given with the optimizer acts on the weights themselves.
  public var decouplesWeightDecay: Bool {
    if case .adamw = self { return true }
    return false
  }

  /// What an update needs that depends on the step alone, worked out in Double once a step.
  ///
  /// - Parameters:
  ///   - factor: the schedule's.
  ///   - progress: before this update; taken on by one.
  func rule(factor: Double, progress: inout OptimizerProgress) -> UpdateRule {
    progress.updates += 1
    let t = Double(progress.updates)
    let rate = learningRate * factor
    var rule = UpdateRule(kind: .sgd(momentum: 0, nesterov: false), learningRate: rate, rate: Float(rate))
    switch self {
    case .sgd(_, let momentum, let nesterov):
      rule.kind = .sgd(momentum: Float(momentum), nesterov: nesterov)
    case .adagrad(_, let epsilon):
      rule.kind = .adagrad(epsilon: Float(epsilon))
    case .rmsprop(_, let decay, let epsilon):
      rule.kind = .rmsprop(decay: decay, epsilon: Float(epsilon))
    case .adam(_, let beta1, let beta2, let epsilon), .adamw(_, let beta1, let beta2, let epsilon):
      rule.rate = Float(rate / (1 - pow(beta1, t)))
      rule.kind = .adam(
        gradientRate: 0, beta1: beta1, beta2: beta2,
        rootCorrection: Float(1 / (1 - pow(beta2, t)).squareRoot()), epsilon: Float(epsilon))
    case .nadam(_, let beta1, let beta2, let epsilon, let decay):
      let mu = beta1 * (1 - 0.5 * pow(0.96, t * decay))
      let next = beta1 * (1 - 0.5 * pow(0.96, (t + 1) * decay))
      progress.momentumProduct *= mu
      let product = progress.momentumProduct
      rule.rate = Float(rate * next / (1 - product * next))
      rule.kind = .adam(
        gradientRate: Float(rate * (1 - mu) / (1 - product)), beta1: beta1, beta2: beta2,
        rootCorrection: Float(1 / (1 - pow(beta2, t)).squareRoot()), epsilon: Float(epsilon))
    case .adamax(_, let beta1, let beta2, let epsilon):
      rule.rate = Float(rate / (1 - pow(beta1, t)))
      rule.kind = .adamax(beta1: beta1, beta2: beta2, epsilon: Float(epsilon))
    }
    return rule
  }
}

/// One update's numbers: which kernel, and everything that depends on the step alone.
struct UpdateRule: Sendable {
  enum Kind: Sendable {
    case sgd(momentum: Float, nesterov: Bool)
    case adagrad(epsilon: Float)
    case rmsprop(decay: Double, epsilon: Float)
    case adam(gradientRate: Float, beta1: Double, beta2: Double, rootCorrection: Float, epsilon: Float)
    case adamax(beta1: Double, beta2: Double, epsilon: Float)
  }

  var kind: Kind
  /// The learning rate of this step, before any bias correction.
  var learningRate: Double
  var rate: Float

  /// Updates a slice. `first` and `second` are the optimizer's slots over the same slice, as many as it has.
  func apply(to parameter: Vector, gradient: Vector, first: Vector?, second: Vector?, keep: Float) {
    switch (kind, first, second) {
    case (.sgd(let momentum, let nesterov), _, _):
      UpdateKernels.sgd(
        parameter, gradient: gradient, velocity: first, keep: keep, rate: rate, momentum: momentum, nesterov: nesterov)
    case (.adagrad(let epsilon), let sum?, _):
      UpdateKernels.adagrad(parameter, gradient: gradient, sum: sum, keep: keep, rate: rate, epsilon: epsilon)
    case (.rmsprop(let decay, let epsilon), let square?, _):
      UpdateKernels.rmsprop(
        parameter, gradient: gradient, square: square, keep: keep, rate: rate, decay: decay, epsilon: epsilon)
    case (.adam(let gradientRate, let beta1, let beta2, let rootCorrection, let epsilon), let first?, let second?):
      UpdateKernels.adam(
        parameter, gradient: gradient, first: first, second: second, keep: keep, rate: rate, gradientRate: gradientRate,
        beta1: beta1, beta2: beta2, rootCorrection: rootCorrection, epsilon: epsilon)
    case (.adamax(let beta1, let beta2, let epsilon), let first?, let norm?):
      UpdateKernels.adamax(
        parameter, gradient: gradient, first: first, norm: norm, keep: keep, rate: rate, beta1: beta1, beta2: beta2,
        epsilon: epsilon)
    default:
      preconditionFailure("an optimizer without its slots")
    }
  }
}

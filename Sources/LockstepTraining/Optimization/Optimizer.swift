/// The rule by which a gradient changes the parameters, after PyTorch's implementations.
public enum Optimizer: Sendable, Equatable {
  /// v = momentum · v + g; p −= rate · v (nesterov: rate · (g + momentum · v)) — Polyak 1964; Sutskever et al. 2013
  case sgd(learningRate: Double, momentum: Double = 0, nesterov: Bool = false)
  /// s += g²; p −= rate · g / (√s + ε) — Duchi, Hazan, Singer 2011
  case adagrad(learningRate: Double, epsilon: Double = 1e-10)
  /// v = ρv + (1 − ρ)g²; p −= rate · g / (√v + ε) — Tieleman, Hinton 2012. `decay` is PyTorch's alpha, 0.99.
  case rmsprop(learningRate: Double, decay: Double = 0.99, epsilon: Double = 1e-8)
  /// Kingma, Ba 2014, https://arxiv.org/abs/1412.6980
  case adam(learningRate: Double, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8)
  /// Adam whose weight decay acts on the weights, not through the gradient — Loshchilov, Hutter 2017,
  /// https://arxiv.org/abs/1711.05101. Its decay is `Regularization.decoupled` and defaults to 0.01 in configurations.
  case adamw(learningRate: Double, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8)
  /// Adam with Nesterov momentum, μₜ = β₁(1 − 0.5 · 0.96^(t·momentumDecay)) — Dozat 2016
  case nadam(
    learningRate: Double, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    momentumDecay: Double = 0.004)
  /// Adam under the infinity norm — Kingma, Ba 2014, section 7
  case adamax(learningRate: Double, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8)

  public var learningRate: Double {
    switch self {
    case .sgd(let rate, _, _), .adagrad(let rate, _), .rmsprop(let rate, _, _), .adam(let rate, _, _, _),
      .adamw(let rate, _, _, _), .nadam(let rate, _, _, _, _), .adamax(let rate, _, _, _):
      rate
    }
  }

  /// The name that configurations use.
  public var name: String {
    switch self {
    case .sgd: "sgd"
    case .adagrad: "adagrad"
    case .rmsprop: "rmsprop"
    case .adam: "adam"
    case .adamw: "adamw"
    case .nadam: "nadam"
    case .adamax: "adamax"
    }
  }
}

/// What keeps weights small. Biases, BatchNorm's γ and β and PReLU's slopes are left out unless `everything` is asked
/// for.
public struct Regularization: Sendable, Equatable {
  /// Added to the gradient: l1 · sign(p) + l2 · p.
  public var l1: Double
  public var l2: Double
  /// Decoupled weight decay: p is multiplied by 1 − rate · decoupled before the update.
  public var decoupled: Double
  /// Upper bound on the norm of the weights that enter a unit — Srebro, Shraibman 2005. Acts on Dense weights.
  public var maxNorm: Double?
  /// Also decay biases, γ, β and slopes.
  public var everything: Bool

  public init(l1: Double = 0, l2: Double = 0, decoupled: Double = 0, maxNorm: Double? = nil, everything: Bool = false) {
    self.l1 = l1
    self.l2 = l2
    self.decoupled = decoupled
    self.maxNorm = maxNorm
    self.everything = everything
  }

  public static let none = Regularization()
}

/// What is done to a reduced gradient that is too large — Pascanu, Mikolov, Bengio 2012,
/// https://arxiv.org/abs/1211.5063
public enum GradientClip: Sendable, Equatable {
  /// Scales the whole gradient so that its Euclidean norm is at most this.
  case globalNorm(Double)
  /// Clamps every element to ±this.
  case value(Double)
}

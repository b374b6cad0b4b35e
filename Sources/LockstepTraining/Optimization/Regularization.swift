import LockstepDeclarations

/// What keeps weights small. Biases, BatchNorm's γ and β and PReLU's slopes are left out unless `everything` is asked
/// for.
public struct Regularization: Sendable, Equatable {
  /// l1 · sign(p) is added to the gradient.
  public var l1: Double
  /// l2 · p is added to the gradient.
  public var l2: Double
  /// Decoupled weight decay: p is multiplied by 1 − rate · decoupled before the update.
  public var decoupled: Double
  /// Upper bound on the norm of the weights that enter a unit — Srebro, Shraibman 2005. Acts on Dense weights.
  public var maxNorm: Double?
  /// Also decay biases, γ, β and slopes.
  public var everything: Bool

  /// Whatever is left out does nothing.
  public init(l1: Double = 0, l2: Double = 0, decoupled: Double = 0, maxNorm: Double? = nil, everything: Bool = false) {
    self.l1 = l1
    self.l2 = l2
    self.decoupled = decoupled
    self.maxNorm = maxNorm
    self.everything = everything
  }

  /// Leaves gradients and weights as they are.
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

extension GradientClip: Declared {
  package static let noun = "gradient clip"

  package static let declarations: [Declaration<GradientClip>] = [
    Declaration(
      "global_norm", .globalNorm(1), main: "norm",
      "scales the whole gradient so that its Euclidean norm is at most this",
      Setting.number("norm", .positive, "the largest norm"),
      make: { .globalNorm($0) }, take: { if case .globalNorm(let norm) = $0 { norm } else { nil } }
    ).writtenShort(NumberRule.positive.text),
    Declaration(
      "value", .value(1), main: "limit", "clamps every element to ± this",
      Setting.number("limit", .positive, "the largest magnitude"),
      make: { .value($0) }, take: { if case .value(let limit) = $0 { limit } else { nil } }
    ).writtenShort(NumberRule.positive.text),
  ]
}

extension Regularization: Declared {
  package static let noun = "regularization"

  package static let declarations = [
    Declaration<Regularization>(
      "regularization", Regularization(), "what keeps weights small",
      Setting.number("l1", .nonNegative, "added to the gradient: l1 · sign(p)"),
      Setting.number("l2", .nonNegative, "added to the gradient: l2 · p"),
      Setting.number("decoupled", .nonNegative, "p is multiplied by 1 − rate · decoupled before an update"),
      Setting.number("max_norm", .positiveSingle, "the largest norm of the weights that enter a unit").absent(
        NumberRule.positiveSingle.text),
      Setting.flag("everything", "whether biases, gamma, beta and slopes decay too"),
      make: { Regularization(l1: $0, l2: $1, decoupled: $2, maxNorm: $3, everything: $4) },
      take: { ($0.l1, $0.l2, $0.decoupled, $0.maxNorm, $0.everything) })
  ]
}

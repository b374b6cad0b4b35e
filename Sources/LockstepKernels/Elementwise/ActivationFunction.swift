internal import CKernels
import LockstepDeclarations

/// An activation that is a fixed function of one number. (PReLU has parameters of its own and RReLU is random: they
/// are layers.)
///
/// The derivative at 0 is that of the negative branch.
public enum ActivationFunction: Sendable, Equatable {
  /// 1 / (1 + e⁻ˣ)
  case sigmoid
  /// (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)
  case tanh
  /// max(0, x) — Nair, Hinton 2010
  case relu
  /// x > 0 ? x : slope · x — Maas, Hannun, Ng 2013
  case leakyReLU(negativeSlope: Float)
  /// x > 0 ? x : alpha · (eˣ − 1) — Clevert, Unterthiner, Hochreiter 2015, https://arxiv.org/abs/1511.07289
  case elu(alpha: Float)
  /// λ · ELU(x, α), α 1.6732632423543772, λ 1.0507009873554805 — Klambauer et al. 2017,
  /// https://arxiv.org/abs/1706.02515
  case selu
  /// ln(1 + eˣ)
  case softplus
  /// x / (1 + |x|)
  case softsign
  /// x · Φ(x), Φ the normal distribution function — Hendrycks, Gimpel 2016, https://arxiv.org/abs/1606.08415
  case gelu
  /// GELU by x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³)))
  case geluTanh
  /// x · sigmoid(x) — Elfwing, Uchibe, Doya 2017
  case silu
  /// x · tanh(softplus(x)) — Misra 2019
  case mish

  var kind: lk_activation {
    switch self {
    case .sigmoid: LK_SIGMOID
    case .tanh: LK_TANH
    case .relu: LK_RELU
    case .leakyReLU: LK_LEAKY_RELU
    case .elu: LK_ELU
    case .selu: LK_SELU
    case .softplus: LK_SOFTPLUS
    case .softsign: LK_SOFTSIGN
    case .gelu: LK_GELU
    case .geluTanh: LK_GELU_TANH
    case .silu: LK_SILU
    case .mish: LK_MISH
    }
  }

  var parameter: Float {
    switch self {
    case .leakyReLU(let negativeSlope): negativeSlope
    case .elu(let alpha): alpha
    case .sigmoid, .tanh, .relu, .selu, .softplus, .softsign, .gelu, .geluTanh, .silu, .mish: 0
    }
  }

  /// Whether f′(x) follows from f(x) alone, so that x need not be kept.
  package var derivesFromValue: Bool {
    switch self {
    case .sigmoid, .tanh, .relu, .selu, .softplus: true
    // With a negative one, f(x) > 0 does not say x > 0.
    case .leakyReLU(let slope): slope >= 0
    case .elu(let alpha): alpha >= 0
    case .softsign, .gelu, .geluTanh, .silu, .mish: false
    }
  }

  /// What becomes of a signal that passes it layer after layer. Which weights fit before it and what is said where a
  /// signal fades follow from that.
  package enum Bend: Sendable, Equatable {
    /// Flat on both sides. |f′| is at most `steepest`, and at least 5 % of that where f(x) is in `steep`.
    case saturating(steepest: Float, steep: ClosedRange<Float>)
    /// Passes what is above 0 and takes what is below by a constant slope, or to 0: such a unit can be on that side for
    /// every sample.
    case rectifying
    /// Passes what is above 0 and comes to a limit below.
    case rectifyingToLimit
    /// A rectifier far out, with a slope of about ½ at 0: small signals shrink.
    case rectifyingSmoothly
    /// Draws mean and variance to 0 and 1.
    case normalizing
    /// Above 0 everywhere.
    case positive
  }

  package var bend: Bend {
    switch self {
    // f′ = y (1 − y)
    case .sigmoid:
      let edge = Float((1 - (1 - 0.05).squareRoot()) / 2)
      return .saturating(steepest: 0.25, steep: edge...1 - edge)
    // f′ = 1 − y²
    case .tanh: return .saturating(steepest: 1, steep: -Float((0.95).squareRoot())...Float((0.95).squareRoot()))
    // f′ = (1 − |y|)²
    case .softsign:
      return .saturating(steepest: 1, steep: -Float(1 - (0.05).squareRoot())...Float(1 - (0.05).squareRoot()))
    case .relu, .leakyReLU: return .rectifying
    case .elu: return .rectifyingToLimit
    case .gelu, .geluTanh, .silu, .mish: return .rectifyingSmoothly
    case .selu: return .normalizing
    case .softplus: return .positive
    }
  }

  /// f in operations that other tools have.
  package var formula: Formula {
    switch self {
    case .sigmoid: .apply(.sigmoid, .x)
    case .tanh: .apply(.tanh, .x)
    case .relu: .apply(.relu, .x)
    case .leakyReLU(let slope): .apply(.leakyReLU(negativeSlope: slope), .x)
    case .elu(let alpha): .apply(.elu(alpha: alpha), .x)
    case .selu: .apply(.selu, .x)
    case .softplus: .apply(.softplus, .x)
    case .softsign: .apply(.softsign, .x)
    // x / 2 · (1 + erf(x / √2))
    case .gelu: .x * 0.5 * (.apply(.erf, .x * Float((0.5).squareRoot())) + 1)
    // x / 2 · (1 + tanh(√(2/π) · x · (1 + 0.044715 x²)))
    case .geluTanh:
      .x * 0.5 * (.apply(.tanh, .x * (.x * .x * 0.044715 + 1) * Float((2 / Double.pi).squareRoot())) + 1)
    case .silu: .x * .apply(.sigmoid, .x)
    case .mish: .x * .apply(.tanh, .apply(.softplus, .x))
    }
  }

  /// y = f(x); `y` may be `x`.
  package func forward(_ x: Vector, into y: Vector) {
    precondition(x.count == y.count)
    lk_activation_forward(kind, parameter, x.count, x.base, y.base)
  }

  /// dx = dy · f′(x), given y = f(x); `dx` may be `dy`.
  package func backward(x: Vector, y: Vector, dy: Vector, into dx: Vector) {
    precondition(x.count == y.count && x.count == dy.count && x.count == dx.count)
    lk_activation_backward(kind, parameter, x.count, x.base, y.base, dy.base, dx.base)
  }
}

extension ActivationFunction: Declared {
  package static let noun = "activation"

  package static let declarations: [Declaration<ActivationFunction>] = [
    Declaration("sigmoid", .sigmoid, "1 / (1 + e⁻ˣ)"),
    Declaration("tanh", .tanh, "the hyperbolic tangent"),
    Declaration("relu", .relu, "max(0, x) — Nair, Hinton 2010"),
    Declaration(
      "leaky_relu", .leakyReLU(negativeSlope: 0.3), main: "negative_slope",
      "x > 0 ? x : slope · x — Maas, Hannun, Ng 2013",
      Setting.single("negative_slope", .nonNegative, "the slope where x is below 0"),
      make: { .leakyReLU(negativeSlope: $0) },
      take: { if case .leakyReLU(let slope) = $0 { slope } else { nil } }),
    Declaration(
      "elu", .elu(alpha: 1), main: "alpha",
      "x > 0 ? x : alpha · (eˣ − 1) — Clevert, Unterthiner, Hochreiter 2015, https://arxiv.org/abs/1511.07289",
      Setting.single("alpha", .positive, "−alpha is what it comes to far below 0"),
      make: { .elu(alpha: $0) }, take: { if case .elu(let alpha) = $0 { alpha } else { nil } }),
    Declaration(
      "selu", .selu,
      "λ · ELU(x, α), α 1.6732632423543772, λ 1.0507009873554805 — Klambauer et al. 2017, https://arxiv.org/abs/1706.02515"
    ),
    Declaration("softplus", .softplus, "ln(1 + eˣ)"),
    Declaration("softsign", .softsign, "x / (1 + |x|)"),
    Declaration(
      "gelu", .gelu,
      "x · Φ(x), Φ the normal distribution function — Hendrycks, Gimpel 2016, https://arxiv.org/abs/1606.08415"
    ),
    Declaration("gelu_tanh", .geluTanh, "GELU by x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³)))"),
    Declaration("silu", .silu, "x · sigmoid(x) — Elfwing, Uchibe, Doya 2017"),
    Declaration("mish", .mish, "x · tanh(softplus(x)) — Misra 2019"),
  ]

  /// The name in configurations, such as `leaky_relu`.
  public var name: String { declared.name }

  /// Each with its settings at their defaults.
  package static let all: [ActivationFunction] = declarations.map(\.standard)
}

/// Calls `body` with what it does to finished rows: apply `function`, or multiply by its derivative at the x whose f(x)
/// is `value`.
func withFinish(
  _ function: ActivationFunction?, value: Matrix?, _ body: (UnsafePointer<lk_finish>?) -> Void
) {
  guard let function else { return body(nil) }
  precondition(function.derivesFromValue, "the derivative of \(function) needs its argument")
  var finish = lk_finish(
    function: function.kind, parameter: function.parameter, value: UnsafePointer(value?.base))
  body(&finish)
}

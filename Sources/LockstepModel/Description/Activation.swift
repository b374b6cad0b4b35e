import LockstepDeclarations
import LockstepKernels

/// A nonlinearity between two layers.
public enum Activation: Sendable, Equatable, LayerConvertible {
  /// A fixed function of one number.
  case function(ActivationFunction)
  /// x > 0 ? x : a · x, a ~ U(lower, upper) for every element in training, their mean in inference — Xu et al. 2015,
  /// https://arxiv.org/abs/1505.00853
  case rrelu(lower: Float, upper: Float)
  /// x > 0 ? x : a · x, a learned: one a unit, or one for the layer — He et al. 2015, https://arxiv.org/abs/1502.01852
  case prelu(initial: Float, slopes: Slopes, training: LayerTraining = LayerTraining())

  /// A function of a program's own.
  case custom(NamedActivation)

  /// How many slopes a PReLU learns.
  public enum Slopes: String, Sendable, Equatable, CaseIterable {
    /// One a unit.
    case unit
    /// One for the layer.
    case shared
  }

  /// The activation as a layer of a model.
  public var layer: Layer { .activation(self) }

  /// 1 / (1 + e⁻ˣ)
  public static let sigmoid = Activation.function(.sigmoid)
  /// (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)
  public static let tanh = Activation.function(.tanh)
  /// max(0, x)
  public static let relu = Activation.function(.relu)
  /// x > 0 ? x : 0.3 · x
  public static let leakyReLU = leakyReLU()
  /// x > 0 ? x : negativeSlope · x
  public static func leakyReLU(negativeSlope: Float = 0.3) -> Activation {
    .function(.leakyReLU(negativeSlope: negativeSlope))
  }
  /// x > 0 ? x : a · x, a ~ U(1/8, 1/3) for every element in training
  public static let rrelu = rrelu(lower: 1 / 8, upper: 1 / 3)
  /// x > 0 ? x : a · x, a learned for every unit, at first 0.25
  public static let prelu = prelu(initial: 0.25, slopes: .unit)
  /// x > 0 ? x : eˣ − 1
  public static let elu = elu()
  /// x > 0 ? x : alpha · (eˣ − 1)
  public static func elu(alpha: Float = 1) -> Activation { .function(.elu(alpha: alpha)) }
  /// λ · ELU(x, α), α 1.6732632423543772, λ 1.0507009873554805
  public static let selu = Activation.function(.selu)
  /// ln(1 + eˣ)
  public static let softplus = Activation.function(.softplus)
  /// x / (1 + |x|)
  public static let softsign = Activation.function(.softsign)
  /// x · Φ(x), Φ the normal distribution function
  public static let gelu = Activation.function(.gelu)
  /// x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³)))
  public static let geluTanh = Activation.function(.geluTanh)
  /// x · sigmoid(x)
  public static let silu = Activation.function(.silu)
  /// x · tanh(softplus(x))
  public static let mish = Activation.function(.mish)
}

extension Activation: Declared {
  package static let noun = "activation"

  package static let declarations: [Declaration<Activation>] =
    ActivationFunction.declarations.map { declaration in
      declaration.lifted({ .function($0) }, { if case .function(let function) = $0 { function } else { nil } })
    } + [
      Declaration(
        "rrelu", .rrelu,
        "x > 0 ? x : a · x, a drawn from U(lower, upper) for every element in training, their mean in inference — Xu et al. 2015, https://arxiv.org/abs/1505.00853",
        Setting.single("lower", .nonNegative, "the smallest slope"),
        Setting.single("upper", .nonNegative, "the largest slope"),
        make: { .rrelu(lower: $0, upper: $1) },
        take: { if case .rrelu(let lower, let upper) = $0 { (lower, upper) } else { nil } },
        problems: {
          guard case .rrelu(let lower, let upper) = $0, lower > upper else { return [] }
          return [SettingProblem(found: "lower \(lower) above upper \(upper)", expected: "lower at most upper")]
        }),
      Declaration(
        "prelu", .prelu, main: "initial",
        "x > 0 ? x : a · x, a learned — He, Zhang, Ren, Sun 2015, https://arxiv.org/abs/1502.01852",
        Setting.single("initial", .finite, "the slopes before the first step"),
        Setting.word("slopes", Slopes.self, "how many there are: one a unit, or one for the layer"),
        LayerTraining.trainable, LayerTraining.factor,
        make: { .prelu(initial: $0, slopes: $1, training: LayerTraining($2, $3)) },
        take: {
          guard case .prelu(let initial, let slopes, let training) = $0 else { return nil }
          return (initial, slopes, training.writtenTrainable, training.writtenFactor)
        }),
      Declaration(
        "custom_activation", .custom(NamedActivation(named: "own")), main: "name",
        "a function that a program gave, which it alone can give again",
        Setting.name("name", "what the program calls it").required,
        make: { .custom(NamedActivation(named: $0)) },
        take: { if case .custom(let named) = $0 { named.name } else { nil } },
        problems: { if case .custom(let named) = $0 { catalogue.problems(ofOwn: named.name) } else { [] } }),
    ]

  /// The name in configurations, such as `leaky_relu`.
  public var name: String { declared.name }
}

// Activations as the words of a model's builder: `Dense(256); ReLU()`.

/// 1 / (1 + e⁻ˣ)
public struct Sigmoid: LayerConvertible {
  public init() {}
  public var layer: Layer { .activation(.sigmoid) }
}

/// (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)
public struct Tanh: LayerConvertible {
  public init() {}
  public var layer: Layer { .activation(.tanh) }
}

/// max(0, x) — Nair, Hinton 2010
public struct ReLU: LayerConvertible {
  public init() {}
  public var layer: Layer { .activation(.relu) }
}

/// x > 0 ? x : negativeSlope · x — Maas, Hannun, Ng 2013
public struct LeakyReLU: LayerConvertible {
  /// What x below 0 is multiplied by, at least 0.
  public var negativeSlope: Float
  /// The slope is 0.3 unless it is given.
  public init(negativeSlope: Float = 0.3) { self.negativeSlope = negativeSlope }
  public var layer: Layer { .activation(.leakyReLU(negativeSlope: negativeSlope)) }
}

/// x > 0 ? x : a · x, a ~ U(lower, upper) for every element in training, their mean in inference — Xu et al. 2015,
/// https://arxiv.org/abs/1505.00853
public struct RReLU: LayerConvertible {
  /// The smallest slope, at least 0.
  public var lower: Float
  /// The largest slope, at least `lower`.
  public var upper: Float
  /// The slopes reach from 1/8 to 1/3 unless they are given.
  public init(lower: Float = 1 / 8, upper: Float = 1 / 3) { (self.lower, self.upper) = (lower, upper) }
  public var layer: Layer { .activation(.rrelu(lower: lower, upper: upper)) }
}

/// x > 0 ? x : a · x, a learned — He et al. 2015, https://arxiv.org/abs/1502.01852
public struct PReLU: LayerConvertible {
  /// The slopes before the first step.
  public var initial: Float
  /// Whether every unit learns a slope of its own.
  public var slopes: Activation.Slopes
  /// A slope a unit, at first 0.25, unless they are given.
  public init(initial: Float = 0.25, slopes: Activation.Slopes = .unit) {
    (self.initial, self.slopes) = (initial, slopes)
  }
  public var layer: Layer { .activation(.prelu(initial: initial, slopes: slopes)) }
}

/// x > 0 ? x : alpha · (eˣ − 1) — Clevert, Unterthiner, Hochreiter 2015, https://arxiv.org/abs/1511.07289
public struct ELU: LayerConvertible {
  /// −alpha is the limit for x → −∞; above 0.
  public var alpha: Float
  /// alpha is 1 unless it is given.
  public init(alpha: Float = 1) { self.alpha = alpha }
  public var layer: Layer { .activation(.elu(alpha: alpha)) }
}

/// λ · ELU(x, α), α 1.6732632423543772, λ 1.0507009873554805 — Klambauer et al. 2017,
/// https://arxiv.org/abs/1706.02515
public struct SELU: LayerConvertible {
  public init() {}
  public var layer: Layer { .activation(.selu) }
}

/// ln(1 + eˣ)
public struct Softplus: LayerConvertible {
  public init() {}
  public var layer: Layer { .activation(.softplus) }
}

/// x / (1 + |x|)
public struct Softsign: LayerConvertible {
  public init() {}
  public var layer: Layer { .activation(.softsign) }
}

/// x · Φ(x), Φ the normal distribution function — Hendrycks, Gimpel 2016, https://arxiv.org/abs/1606.08415
public struct GELU: LayerConvertible {
  /// Whether it is computed by x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³))).
  public var approximate: Bool
  /// Exact unless `approximate`.
  public init(approximate: Bool = false) { self.approximate = approximate }
  public var layer: Layer { .activation(approximate ? .geluTanh : .gelu) }
}

/// x · sigmoid(x) — Elfwing, Uchibe, Doya 2017
public struct SiLU: LayerConvertible {
  public init() {}
  public var layer: Layer { .activation(.silu) }
}

/// x · tanh(softplus(x)) — Misra 2019
public struct Mish: LayerConvertible {
  public init() {}
  public var layer: Layer { .activation(.mish) }
}

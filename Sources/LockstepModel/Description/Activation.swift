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
  case prelu(initial: Float, slopes: Slopes)

  /// How many slopes a PReLU learns.
  public enum Slopes: String, Sendable, Equatable, CaseIterable {
    case unit
    case shared
  }

  public var layer: Layer { .activation(self) }

  public static let sigmoid = Activation.function(.sigmoid)
  public static let tanh = Activation.function(.tanh)
  public static let relu = Activation.function(.relu)
  public static let leakyReLU = leakyReLU()
  public static func leakyReLU(negativeSlope: Float = 0.3) -> Activation {
    .function(.leakyReLU(negativeSlope: negativeSlope))
  }
  public static let rrelu = rrelu(lower: 1 / 8, upper: 1 / 3)
  public static let prelu = prelu(initial: 0.25, slopes: .unit)
  public static let elu = elu()
  public static func elu(alpha: Float = 1) -> Activation { .function(.elu(alpha: alpha)) }
  public static let selu = Activation.function(.selu)
  public static let softplus = Activation.function(.softplus)
  public static let softsign = Activation.function(.softsign)
  public static let gelu = Activation.function(.gelu)
  public static let geluTanh = Activation.function(.geluTanh)
  public static let silu = Activation.function(.silu)
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
        make: { .prelu(initial: $0, slopes: $1) },
        take: { if case .prelu(let initial, let slopes) = $0 { (initial, slopes) } else { nil } }),
    ]

  /// The name that configurations use.
  public var name: String { declared.name }
}

// Activations as the words of a model's builder: `Dense(256); ReLU()`.

public struct Sigmoid: LayerConvertible {
  public init() {}
  public var layer: Layer { .activation(.sigmoid) }
}

public struct Tanh: LayerConvertible {
  public init() {}
  public var layer: Layer { .activation(.tanh) }
}

public struct ReLU: LayerConvertible {
  public init() {}
  public var layer: Layer { .activation(.relu) }
}

public struct LeakyReLU: LayerConvertible {
  public var negativeSlope: Float
  public init(negativeSlope: Float = 0.3) { self.negativeSlope = negativeSlope }
  public var layer: Layer { .activation(.leakyReLU(negativeSlope: negativeSlope)) }
}

public struct RReLU: LayerConvertible {
  public var lower: Float
  public var upper: Float
  public init(lower: Float = 1 / 8, upper: Float = 1 / 3) { (self.lower, self.upper) = (lower, upper) }
  public var layer: Layer { .activation(.rrelu(lower: lower, upper: upper)) }
}

public struct PReLU: LayerConvertible {
  public var initial: Float
  public var slopes: Activation.Slopes
  public init(initial: Float = 0.25, slopes: Activation.Slopes = .unit) {
    (self.initial, self.slopes) = (initial, slopes)
  }
  public var layer: Layer { .activation(.prelu(initial: initial, slopes: slopes)) }
}

public struct ELU: LayerConvertible {
  public var alpha: Float
  public init(alpha: Float = 1) { self.alpha = alpha }
  public var layer: Layer { .activation(.elu(alpha: alpha)) }
}

public struct SELU: LayerConvertible {
  public init() {}
  public var layer: Layer { .activation(.selu) }
}

public struct Softplus: LayerConvertible {
  public init() {}
  public var layer: Layer { .activation(.softplus) }
}

public struct Softsign: LayerConvertible {
  public init() {}
  public var layer: Layer { .activation(.softsign) }
}

public struct GELU: LayerConvertible {
  public var approximate: Bool
  public init(approximate: Bool = false) { self.approximate = approximate }
  public var layer: Layer { .activation(approximate ? .geluTanh : .gelu) }
}

public struct SiLU: LayerConvertible {
  public init() {}
  public var layer: Layer { .activation(.silu) }
}

public struct Mish: LayerConvertible {
  public init() {}
  public var layer: Layer { .activation(.mish) }
}

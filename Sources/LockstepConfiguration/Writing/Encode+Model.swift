import LockstepKernels
import LockstepModel

extension Encode {
  static func layer(_ layer: Layer) -> ResolvedValue {
    switch layer {
    case .dense(let dense): self.dense(dense)
    case .batchNorm(let norm):
      .named(
        "batch_norm",
        [
          ("statistics", .text(norm.statistics.rawValue)), ("momentum", .number(norm.momentum)),
          ("epsilon", .number(norm.epsilon)),
        ])
    case .activation(let activation): self.activation(activation)
    case .dropout(let dropout): .named("dropout", [("rate", .number(dropout.rate))])
    case .alphaDropout(let dropout): .named("alpha_dropout", [("rate", .number(dropout.rate))])
    case .repeated(let times, let layers):
      .named("repeat", [("times", .integer(times)), ("layers", .list(layers.map(self.layer)))])
    case .residual(let layers): .mapping([("residual", .list(layers.map(self.layer)))])
    }
  }

  private static func dense(_ dense: Dense) -> ResolvedValue {
    var keys: Parameters = [
      ("units", .integer(dense.units)), ("initializer", initializer(dense.initializer)), ("bias", .flag(dense.bias)),
    ]
    if dense.bias { keys.append(("bias_initializer", initializer(dense.biasInitializer))) }
    return .named("dense", keys)
  }

  private static func activation(_ activation: Activation) -> ResolvedValue {
    switch activation {
    case .function(let function): self.function(function)
    case .rrelu(let lower, let upper): .named("rrelu", [("lower", .number(lower)), ("upper", .number(upper))])
    case .prelu(let initial, let slopes):
      .named("prelu", [("initial", .number(initial)), ("slopes", .text(slopes.rawValue))])
    }
  }

  static func function(_ function: ActivationFunction) -> ResolvedValue {
    switch function {
    case .leakyReLU(let negativeSlope): .named(function.name, [("negative_slope", .number(negativeSlope))])
    case .elu(let alpha): .named(function.name, [("alpha", .number(alpha))])
    default: .named(function.name)
    }
  }

  private static func initializer(_ initializer: Initializer) -> ResolvedValue {
    // The short name, where there is one.
    if let named = Decode.namedInitializers.first(where: { $0.initializer == initializer }) {
      return .named(named.name)
    }
    return switch initializer {
    case .varianceScaling(let scale, let mode, let distribution):
      .named(
        "variance_scaling",
        [("scale", .number(scale)), ("mode", .text(mode.rawValue)), ("distribution", .text(distribution.rawValue))])
    case .normal(let mean, let stddev): .named("normal", [("mean", .number(mean)), ("stddev", .number(stddev))])
    case .uniform(let min, let max): .named("uniform", [("min", .number(min)), ("max", .number(max))])
    case .orthogonal(let gain): .named("orthogonal", [("gain", .number(gain))])
    case .constant(let value): .named("constant", [("value", .number(value))])
    }
  }
}

import LockstepDeclarations

/// How a weight [inputs, units] starts. Names and formulas are Keras's: the variance is scale / fan.
public enum Initializer: Sendable, Equatable {
  /// σ² = scale / fan; uniform limit √(3σ²); `truncatedNormal` is cut at two standard deviations and its σ divided by
  /// 0.87962566103423978, so that σ² is what remains after the cut.
  case varianceScaling(scale: Float, mode: Fan, distribution: Distribution)
  /// N(mean, stddev²)
  case normal(mean: Float, stddev: Float)
  /// U(min, max), max itself left out
  case uniform(min: Float, max: Float)
  /// A random matrix with orthonormal rows or columns, times gain — Saxe, McClelland, Ganguli 2013,
  /// https://arxiv.org/abs/1312.6120
  case orthogonal(gain: Float)
  /// One number everywhere.
  case constant(Float)

  /// What the scale is divided by.
  public enum Fan: String, Sendable, Equatable, CaseIterable {
    /// Inputs.
    case fanIn = "fan_in"
    /// Units.
    case fanOut = "fan_out"
    /// (inputs + units) / 2.
    case fanAverage = "fan_avg"
  }

  /// What has mean 0 and variance scale / fan.
  public enum Distribution: String, Sendable, Equatable, CaseIterable {
    case uniform
    /// Cut at two standard deviations of what it was before.
    case truncatedNormal = "truncated_normal"
    case untruncatedNormal = "untruncated_normal"
  }

  /// Uniform, σ² = 2 / (inputs + units), for linear, tanh, sigmoid and softmax — Glorot, Bengio 2010
  public static let glorotUniform = varianceScaling(scale: 1, mode: .fanAverage, distribution: .uniform)
  /// Truncated normal, σ² = 2 / (inputs + units) — Glorot, Bengio 2010
  public static let glorotNormal = varianceScaling(scale: 1, mode: .fanAverage, distribution: .truncatedNormal)
  /// Uniform, σ² = 2 / inputs, for ReLU and its variants — He, Zhang, Ren, Sun 2015
  public static let heUniform = varianceScaling(scale: 2, mode: .fanIn, distribution: .uniform)
  /// Truncated normal, σ² = 2 / inputs, for ReLU and its variants — He, Zhang, Ren, Sun 2015
  public static let heNormal = varianceScaling(scale: 2, mode: .fanIn, distribution: .truncatedNormal)
  /// Uniform, σ² = 1 / inputs, for SELU — LeCun, Bottou, Orr, Müller 1998
  public static let lecunUniform = varianceScaling(scale: 1, mode: .fanIn, distribution: .uniform)
  /// Truncated normal, σ² = 1 / inputs, for SELU — LeCun, Bottou, Orr, Müller 1998
  public static let lecunNormal = varianceScaling(scale: 1, mode: .fanIn, distribution: .truncatedNormal)
  /// 0 everywhere.
  public static let zeros = constant(0)
  /// 1 everywhere.
  public static let ones = constant(1)
}

extension Initializer: Declared {
  package static let noun = "initializer"

  package static let declarations: [Declaration<Initializer>] = [
    Declaration("glorot_uniform", .glorotUniform, "uniform, σ² = 2 / (inputs + units) — Glorot, Bengio 2010"),
    Declaration("glorot_normal", .glorotNormal, "truncated normal, σ² = 2 / (inputs + units) — Glorot, Bengio 2010"),
    Declaration("he_uniform", .heUniform, "uniform, σ² = 2 / inputs — He, Zhang, Ren, Sun 2015"),
    Declaration("he_normal", .heNormal, "truncated normal, σ² = 2 / inputs — He, Zhang, Ren, Sun 2015"),
    Declaration("lecun_uniform", .lecunUniform, "uniform, σ² = 1 / inputs — LeCun, Bottou, Orr, Müller 1998"),
    Declaration("lecun_normal", .lecunNormal, "truncated normal, σ² = 1 / inputs — LeCun, Bottou, Orr, Müller 1998"),
    Declaration("zeros", .zeros, "0 everywhere"),
    Declaration("ones", .ones, "1 everywhere"),
    Declaration(
      "variance_scaling", .varianceScaling(scale: 1, mode: .fanIn, distribution: .truncatedNormal),
      "σ² = scale / fan; a uniform one reaches to ±√(3σ²), a truncated one is cut at two standard deviations of what it was before",
      Setting.single("scale", .positive, "what the fan divides"),
      Setting.word("mode", Fan.self, "the fan: inputs, units, or their mean"),
      Setting.word("distribution", Distribution.self, "the distribution that has this variance"),
      make: { .varianceScaling(scale: $0, mode: $1, distribution: $2) },
      take: {
        if case .varianceScaling(let scale, let mode, let distribution) = $0 {
          (scale, mode, distribution)
        } else {
          nil
        }
      }),
    Declaration(
      "normal", .normal(mean: 0, stddev: 0.05), "N(mean, stddev²)",
      Setting.single("mean", .finite, "the mean"), Setting.single("stddev", .nonNegative, "the standard deviation"),
      make: { .normal(mean: $0, stddev: $1) },
      take: { if case .normal(let mean, let deviation) = $0 { (mean, deviation) } else { nil } }),
    Declaration(
      "uniform", .uniform(min: -0.05, max: 0.05), "U(min, max)",
      Setting.single("min", .finite, "the least"), Setting.single("max", .finite, "what all are below"),
      make: { .uniform(min: $0, max: $1) },
      take: { if case .uniform(let min, let max) = $0 { (min, max) } else { nil } },
      problems: {
        guard case .uniform(let min, let max) = $0, min > max else { return [] }
        return [SettingProblem(found: "min \(min) above max \(max)", expected: "min at most max")]
      }),
    Declaration(
      "orthogonal", .orthogonal(gain: 1), main: "gain",
      "a random matrix with orthonormal rows or columns, times gain — Saxe, McClelland, Ganguli 2013, https://arxiv.org/abs/1312.6120",
      Setting.single("gain", .positive, "what every element is multiplied by"),
      make: { .orthogonal(gain: $0) }, take: { if case .orthogonal(let gain) = $0 { gain } else { nil } }),
    Declaration(
      "constant", .constant(0), main: "value", "one number everywhere",
      Setting.single("value", .finite, "the number"),
      make: { .constant($0) }, take: { if case .constant(let value) = $0 { value } else { nil } }),
  ]
}

/// How a weight [inputs, units] starts. Names and formulas are Keras's: the variance is scale / fan.
public enum Initializer: Sendable, Equatable {
  /// σ² = scale / fan; uniform limit √(3σ²); `truncatedNormal` is cut at two standard deviations and its σ divided by
  /// 0.87962566103423978, so that σ² is what remains after the cut.
  case varianceScaling(scale: Float, mode: Fan, distribution: Distribution)
  case normal(mean: Float, stddev: Float)
  case uniform(min: Float, max: Float)
  /// A random matrix with orthonormal rows or columns, times gain — Saxe, McClelland, Ganguli 2013,
  /// https://arxiv.org/abs/1312.6120
  case orthogonal(gain: Float)
  case constant(Float)

  public enum Fan: String, Sendable, Equatable, CaseIterable {
    case fanIn = "fan_in"
    case fanOut = "fan_out"
    case fanAverage = "fan_avg"
  }

  public enum Distribution: String, Sendable, Equatable, CaseIterable {
    case uniform
    case truncatedNormal = "truncated_normal"
    case untruncatedNormal = "untruncated_normal"
  }

  /// Glorot, Bengio 2010: σ² = 2 / (inputs + units), for linear, tanh, sigmoid and softmax.
  public static let glorotUniform = varianceScaling(scale: 1, mode: .fanAverage, distribution: .uniform)
  public static let glorotNormal = varianceScaling(scale: 1, mode: .fanAverage, distribution: .truncatedNormal)
  /// He, Zhang, Ren, Sun 2015: σ² = 2 / inputs, for ReLU and its variants.
  public static let heUniform = varianceScaling(scale: 2, mode: .fanIn, distribution: .uniform)
  public static let heNormal = varianceScaling(scale: 2, mode: .fanIn, distribution: .truncatedNormal)
  /// LeCun, Bottou, Orr, Müller 1998: σ² = 1 / inputs, for SELU.
  public static let lecunUniform = varianceScaling(scale: 1, mode: .fanIn, distribution: .uniform)
  public static let lecunNormal = varianceScaling(scale: 1, mode: .fanIn, distribution: .truncatedNormal)
  public static let zeros = constant(0)
  public static let ones = constant(1)
}

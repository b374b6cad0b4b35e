/// The family of initializers that suits the weights before an activation.
package enum InitializerFamily {
  /// Variance 2 / (inputs + units): keeps signal and gradient where the activation is the identity near 0.
  case glorot
  /// Variance 2 / inputs: compensates for the half that a rectifier cuts off.
  case he
  /// Variance 1 / inputs: SELU's fixed point.
  case lecun

  /// - Parameter activation: nil for a linear layer.
  /// - Returns: nil where no rule is known.
  package init?(_ activation: Activation?) {
    guard let activation else {
      self = .glorot
      return
    }
    switch activation.fittingInitializer {
    case .heNormal?: self = .he
    case .lecunNormal?: self = .lecun
    case .some: self = .glorot
    case nil: return nil
    }
  }

  /// The initializer that stands for it, as configurations name it.
  package var value: String {
    switch self {
    case .glorot: "glorot_uniform"
    case .he: "he_normal"
    case .lecun: "lecun_normal"
    }
  }

  /// Who found it.
  package var source: String {
    switch self {
    case .glorot: "Glorot, Bengio 2010, https://proceedings.mlr.press/v9/glorot10a.html"
    case .he: "He, Zhang, Ren, Sun 2015, https://arxiv.org/abs/1502.01852"
    case .lecun: "Klambauer et al. 2017, https://arxiv.org/abs/1706.02515"
    }
  }

  /// The variance that it gives the elements of a weight.
  package func variance(of weight: TensorShape) -> Double {
    switch self {
    case .glorot: 2 / Double(weight.fans.in + weight.fans.out)
    case .he: 2 / Double(weight.fans.in)
    case .lecun: 1 / Double(weight.fans.in)
    }
  }

  /// Whether weights of variance `scale` / fan belong to the family. A leaky rectifier wants a little less than 2, tanh
  /// bears a little more than 1.
  fileprivate func holds(scale: Double) -> Bool {
    switch self {
    case .glorot: (0.7..<1.4).contains(scale)
    case .he: (1.4...2.6).contains(scale)
    case .lecun: (0.95...1.05).contains(scale)
    }
  }
}

extension Initializer {
  /// Whether it starts a weight as the family does.
  package func fits(_ family: InitializerFamily, _ weight: TensorShape) -> Bool {
    switch self {
    case .varianceScaling(let scale, let mode, let distribution):
      if family == .lecun, mode != .fanIn || distribution == .uniform { return false }
      return family.holds(scale: Double(scale))
    case .orthogonal(let gain):
      return family.holds(scale: Double(gain) * Double(gain))
    case .normal, .uniform:
      let ratio = deviation(of: weight) / family.variance(of: weight).squareRoot()
      return (0.7...1.4).contains(ratio)
    case .constant: return true
    }
  }

  /// The standard deviation of the weights, about 0.
  package func deviation(of weight: TensorShape) -> Double {
    switch self {
    case .varianceScaling(let scale, let mode, _):
      return Initializer.standardDeviation(scale: Double(scale), mode: mode, shape: weight)
    case .normal(let mean, let stddev):
      return (Double(mean) * Double(mean) + Double(stddev) * Double(stddev)).squareRoot()
    case .uniform(let min, let max):
      let (low, high) = (Double(min), Double(max))
      return ((low * low + low * high + high * high) / 3).squareRoot()
    case .orthogonal(let gain): return Double(gain) / Double(Swift.max(weight.rows, weight.columns)).squareRoot()
    case .constant(let value): return abs(Double(value))
    }
  }
}

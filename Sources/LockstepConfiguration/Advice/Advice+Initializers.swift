import LockstepDeclarations
import LockstepFormats
import LockstepKernels
import LockstepModel

/// The family of initializers that suits the weights before an activation.
private enum Family {
  /// Variance 2 / (inputs + units): keeps signal and gradient where the activation is the identity near 0.
  case glorot
  /// Variance 2 / inputs: compensates for the half that a rectifier cuts off.
  case he
  /// Variance 1 / inputs: SELU's fixed point.
  case lecun

  /// - Parameter activation: nil for a linear layer.
  /// - Returns: nil where no rule is known.
  init?(_ activation: Activation?) {
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

  var value: String {
    switch self {
    case .glorot: "glorot_uniform"
    case .he: "he_normal"
    case .lecun: "lecun_normal"
    }
  }

  var source: String {
    switch self {
    case .glorot: "Glorot, Bengio 2010, https://proceedings.mlr.press/v9/glorot10a.html"
    case .he: "He, Zhang, Ren, Sun 2015, https://arxiv.org/abs/1502.01852"
    case .lecun: "Klambauer et al. 2017, https://arxiv.org/abs/1706.02515"
    }
  }

  func variance(of weight: TensorShape) -> Double {
    switch self {
    case .glorot: 2 / Double(weight.fans.in + weight.fans.out)
    case .he: 2 / Double(weight.fans.in)
    case .lecun: 1 / Double(weight.fans.in)
    }
  }

  /// Whether weights of variance `scale` / fan belong to the family. A leaky rectifier wants a little less than 2, tanh
  /// bears a little more than 1.
  func holds(scale: Double) -> Bool {
    switch self {
    case .glorot: (0.7..<1.4).contains(scale)
    case .he: (1.4...2.6).contains(scale)
    case .lecun: (0.95...1.05).contains(scale)
    }
  }
}

extension RunConfiguration {
  /// Initializers that do not fit the activation behind them. A BatchNorm between the two makes the scale of the
  /// weights immaterial (Ioffe, Szegedy 2015, section 3.3), so nothing is said there.
  func initializerAdvice(_ layers: [WrittenLayer]) -> [Advice] {
    let places = layers.indices.filter { layers[$0].weighted != nil }
    return places.enumerated().compactMap { number, place in
      guard let initializer = layers[place].weighted?.initializer else { return nil }
      let isLast = number == places.count - 1
      let following = layers[(place + 1)..<(isLast ? layers.count : places[number + 1])]
      let activation = following.first { $0.activation != nil }
      if case .constant(let value) = initializer, !isLast || value != 0 {
        return symmetry(layers[place], activation?.activation)
      }
      let between = following.prefix { $0.activation == nil }
      // The end of a branch is added to its skip, and what that wants depends on their number.
      let isOpen = activation == nil && layers[place].isInResidual
      if isOpen || between.contains(where: \.isBatchNorm) { return nil }
      return misfit(layers[place], initializer, activation?.activation)
    }
  }

  private func misfit(_ place: WrittenLayer, _ initializer: Initializer, _ activation: Activation?) -> Advice? {
    guard let weight = place.weight, let family = Family(activation), !initializer.fits(family, weight) else {
      return nil
    }
    let wanted = family.variance(of: weight).squareRoot()
    let found = initializer.deviation(of: weight)
    let name = activation?.name ?? "the linear output"
    let figures =
      "its weights start with a standard deviation of \(Format.significant(found, 2)), "
      + "and \(Format.significant(wanted, 2)) would keep the signal's size"
    let rule =
      switch family {
      case .he: "\(initializer.word) before \(name): \(figures) through a rectifier"
      case .glorot: "\(initializer.word) before \(name): \(figures) both ways"
      case .lecun: "\(initializer.word) before selu: its fixed point, mean 0 and variance 1, needs lecun_normal"
      }
    return Advice(
      id: "initializer", layer: place.path, rule: rule, source: family.source,
      key: "\(place.key).\(place.layer.word).initializer",
      value: family.value)
  }

  private func symmetry(_ place: WrittenLayer, _ activation: Activation?) -> Advice? {
    Advice(
      id: "symmetry", layer: place.path,
      rule: "equal weights: all its units compute the same, get the same gradient and stay the same",
      source: "Goodfellow, Bengio, Courville 2016, https://www.deeplearningbook.org/contents/optimization.html",
      key: "\(place.key).\(place.layer.word).initializer", value: (Family(activation) ?? .glorot).value)
  }
}

extension Initializer {
  fileprivate func fits(_ family: Family, _ weight: TensorShape) -> Bool {
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
  fileprivate func deviation(of weight: TensorShape) -> Double {
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

  /// The name that configurations use.
  fileprivate var word: String {
    if declared.settings.isEmpty { return declared.name }
    return switch self {
    case .varianceScaling(let scale, let mode, _): "variance_scaling(\(scale), \(mode.rawValue))"
    case .normal(let mean, let stddev): "normal(\(mean), \(stddev))"
    case .uniform(let min, let max): "uniform(\(min), \(max))"
    case .orthogonal(let gain): "orthogonal(\(gain))"
    case .constant(let value): "constant(\(value))"
    }
  }
}

import LockstepDeclarations
import LockstepFormats
import LockstepKernels
import LockstepModel

extension RunConfiguration {
  /// Initializers that do not fit the activation behind them. A BatchNorm between the two makes the scale of the
  /// weights immaterial (Ioffe, Szegedy 2015, section 3.3), so nothing is said there.
  func initializerAdvice(_ layers: [WrittenLayer]) -> [Advice] {
    let places = layers.indices.filter { layers[$0].weighted != nil }
    return places.enumerated().compactMap { number, place in
      guard let initializer = layers[place].weighted?.initializer else { return nil }
      let isLast = number == places.count - 1
      let following = layers[(place + 1)..<(isLast ? layers.count : places[number + 1])].prefix {
        !$0.beginsProjection
      }
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
    guard let weight = place.weight, let family = InitializerFamily(activation), !initializer.fits(family, weight)
    else {
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
      key: "\(place.key).\(place.layer.word).initializer", value: (InitializerFamily(activation) ?? .glorot).value)
  }
}

extension Initializer {
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

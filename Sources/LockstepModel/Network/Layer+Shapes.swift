/// A tensor that a layer learns: what it is to the layer, its shape, and how it starts.
package struct LayerTensor: Sendable {
  /// What it is to the layer; with the layer's path its name.
  package let role: ParameterLayout.Role
  /// What its axes mean.
  package let shape: TensorShape
  /// What it is filled with before training.
  let initializer: Initializer
}

extension Layer {
  /// The word that paths and configurations use.
  package var word: String {
    switch self {
    case .dense: "dense"
    case .batchNorm: "batch_norm"
    case .activation(let activation): activation.name
    case .dropout: "dropout"
    case .alphaDropout: "alpha_dropout"
    case .repeated: "repeat"
    case .residual: "residual"
    }
  }

  /// What it learns where it reads values of the shape `input`, in the order of the arena. What is inside a repeat or a
  /// residual is not its own.
  func parameters(reading input: Shape) -> [LayerTensor] {
    switch self {
    case .dense(let dense):
      let weight = TensorShape.matrix(inputs: input.count, units: dense.units)
      let bias = LayerTensor(role: .bias, shape: .vector(dense.units), initializer: dense.biasInitializer)
      let initializer = dense.initializer ?? Initializer(fitting: nil)
      return [LayerTensor(role: .weight, shape: weight, initializer: initializer)] + (dense.bias == false ? [] : [bias])
    case .batchNorm:
      let shape = TensorShape.vector(input.channels)
      return [
        LayerTensor(role: .gamma, shape: shape, initializer: .ones),
        LayerTensor(role: .beta, shape: shape, initializer: .zeros),
      ]
    case .activation(.prelu(let initial, let slopes, _)):
      let shape = TensorShape.vector(slopes == .shared ? 1 : input.channels)
      return [LayerTensor(role: .slope, shape: shape, initializer: .constant(initial))]
    case .activation(.function), .activation(.rrelu), .dropout, .alphaDropout, .repeated, .residual: return []
    }
  }

  /// The shape that it gives for `place.input`; elementwise layers give the shape that they read.
  ///
  /// - Throws: `ModelError` where it is not defined on that shape, or has no units or too many weights.
  func output(of place: PlacedLayer) throws(ModelError) -> Shape {
    let input = place.input
    switch self {
    case .dense(let dense):
      try requireFeatures(place)
      guard dense.units >= 1 else { throw ModelError(place, "found \(dense.units) units, expected at least 1") }
      guard dense.units <= Model.widest, input.count * dense.units <= 1 << 34 else {
        throw ModelError(
          place, "found \(input.count) × \(dense.units) weights, expected at most 2³⁴",
          .weights(place.key, inputs: input.count, units: dense.units))
      }
      return .features(dense.units)
    case .batchNorm, .activation(.prelu):
      try requireFeatures(place)
      return input
    case .activation(.function), .activation(.rrelu), .dropout, .alphaDropout, .repeated, .residual: return input
    }
  }

  private func requireFeatures(_ place: PlacedLayer) throws(ModelError) {
    switch place.input {
    case .features: return
    case .image: throw ModelError(place, "found an image of \(place.input), expected features")
    }
  }
}

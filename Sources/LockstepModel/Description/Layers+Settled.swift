/// What a layer's output meets on its way forward.
private struct Following {
  /// The activation that it reaches before the next layer with weights; nil for none, where it stays linear.
  var activation: Activation?
  /// Whether it enters a BatchNorm, and nothing else.
  var isBatchNorm = false

  /// What the layer before `layer` meets, where this is what `layer` itself does.
  func before(_ layer: Layer) -> Following {
    switch layer {
    case .dense, .convolution, .depthwiseConvolution: Following()
    case .activation(let activation): Following(activation: activation)
    case .batchNorm: Following(activation: activation, isBatchNorm: true)
    case .dropout, .spatialDropout, .alphaDropout, .maxPool, .averagePool, .globalAveragePool, .flatten:
      Following(activation: activation)
    case .repeated(_, let layers): before(layers)
    // What enters a residual also goes past its layers.
    case .residual(let layers, _): Following(activation: before(layers).activation)
    }
  }

  func before(_ layers: [Layer]) -> Following { layers.reversed().reduce(self) { $0.before($1) } }
}

extension [Layer] {
  /// These layers, with what layers with weights leave to their neighbours filled in: the initializer fits the
  /// activation that their output reaches, and there is no bias before a BatchNorm, which would subtract it with the
  /// mean, unless it is said how that starts. The last layer of a repetition meets the first of the next.
  package var settled: [Layer] { settled(before: Following()) }

  private func settled(before following: Following) -> [Layer] {
    var following = following
    let backwards = reversed().map { layer in
      defer { following = following.before(layer) }
      if var layer = layer.weighted {
        layer.initializer = layer.initializer ?? Initializer(fitting: following.activation)
        layer.bias = layer.bias ?? !(following.isBatchNorm && layer.biasInitializer == .zeros)
        return layer.layer
      }
      switch layer {
      case .repeated(let times, let layers):
        return .repeated(
          times: times, layers.settled(before: times > 1 ? following.before(layers) : following))
      case .residual:
        return layer.mapInner { $0.settled(before: Following(activation: following.activation)) }
      case .dense, .convolution, .depthwiseConvolution, .maxPool, .averagePool, .globalAveragePool, .flatten,
        .batchNorm, .activation, .dropout, .spatialDropout, .alphaDropout:
        return layer
      }
    }
    return backwards.reversed()
  }
}

extension Activation {
  /// The initializer that keeps the signal's size through it; nil where no rule is known.
  package var fittingInitializer: Initializer? {
    switch self {
    case .prelu, .rrelu: .heNormal
    case .custom: nil
    case .function(let function):
      switch function.bend {
      case .saturating: .glorotUniform
      case .rectifying, .rectifyingToLimit, .rectifyingSmoothly: .heNormal
      case .normalizing: .lecunNormal
      case .positive: nil
      }
    }
  }
}

extension Initializer {
  /// The one that fits a layer whose output reaches `activation`; nil for a linear one.
  init(fitting activation: Activation?) { self = activation?.fittingInitializer ?? .glorotUniform }
}

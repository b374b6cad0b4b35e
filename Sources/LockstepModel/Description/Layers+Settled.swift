/// What a layer's output meets on its way forward.
private struct Following {
  /// The activation that it reaches before the next dense layer; nil for none, where it stays linear.
  var activation: Activation?
  /// Whether it enters a BatchNorm, and nothing else.
  var isBatchNorm = false

  /// What the layer before `layer` meets, where this is what `layer` itself does.
  func before(_ layer: Layer) -> Following {
    switch layer {
    case .dense: Following()
    case .activation(let activation): Following(activation: activation)
    case .batchNorm: Following(activation: activation, isBatchNorm: true)
    case .dropout, .alphaDropout: Following(activation: activation)
    case .repeated(_, let layers): before(layers)
    // What enters a residual also goes past its layers.
    case .residual(let layers): Following(activation: before(layers).activation)
    }
  }

  func before(_ layers: [Layer]) -> Following { layers.reversed().reduce(self) { $0.before($1) } }
}

extension [Layer] {
  /// These layers, with what dense layers leave to their neighbours filled in: the initializer fits the activation that
  /// their output reaches, and there is no bias before a BatchNorm, which would subtract it with the mean, unless it is
  /// said how that starts. The last layer of a repetition meets the first of the next.
  package var settled: [Layer] { settled(before: Following()) }

  private func settled(before following: Following) -> [Layer] {
    var following = following
    let backwards = reversed().map { layer in
      defer { following = following.before(layer) }
      switch layer {
      case .dense(var dense):
        dense.initializer = dense.initializer ?? Initializer(fitting: following.activation)
        dense.bias = dense.bias ?? !(following.isBatchNorm && dense.biasInitializer == .zeros)
        return Layer.dense(dense)
      case .repeated(let times, let layers):
        return .repeated(
          times: times, layers.settled(before: times > 1 ? following.before(layers) : following))
      case .residual(let layers):
        return .residual(layers.settled(before: Following(activation: following.activation)))
      case .batchNorm, .activation, .dropout, .alphaDropout: return layer
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

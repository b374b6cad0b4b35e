import LockstepKernels

/// What kind of layer gives a value.
package enum LayerKind: Sendable, Equatable {
  case dense
  case convolution
  case depthwiseConvolution
  case maxPool
  case averagePool
  case globalAveragePool
  case flatten
  case batchNorm
  case function(ActivationFunction)
  /// One of a program's own, by its name.
  case custom(String)
  case prelu
  case rrelu
  case dropout
  case spatialDropout
  case alphaDropout
  /// The sum of a residual's branch and its skip.
  case residual

  /// The word that configurations use.
  package var name: String {
    switch self {
    case .dense: "dense"
    case .convolution: "conv2d"
    case .depthwiseConvolution: "depthwise_conv2d"
    case .maxPool: "max_pool"
    case .averagePool: "average_pool"
    case .globalAveragePool: "global_average_pool"
    case .flatten: "flatten"
    case .batchNorm: "batch_norm"
    case .function(let function): function.name
    case .custom(let name): name
    case .prelu: "prelu"
    case .rrelu: "rrelu"
    case .dropout: "dropout"
    case .spatialDropout: "spatial_dropout"
    case .alphaDropout: "alpha_dropout"
    case .residual: "residual"
    }
  }

  /// Whether it is a nonlinearity: one by which a layer's signal is looked at.
  package var isActivation: Bool {
    switch self {
    case .function, .custom, .prelu, .rrelu: true
    case .dense, .convolution, .depthwiseConvolution, .maxPool, .averagePool, .globalAveragePool, .flatten, .batchNorm,
      .dropout, .spatialDropout, .alphaDropout, .residual:
      false
    }
  }

  /// Whether it passes what is above 0 and takes what is below by a constant slope, or to 0: such a unit can be on that
  /// side for every sample.
  package var isRectifier: Bool {
    switch self {
    case .function(let function): function.bend == .rectifying
    case .prelu, .rrelu: true
    case .custom, .dense, .convolution, .depthwiseConvolution, .maxPool, .averagePool, .globalAveragePool, .flatten,
      .batchNorm, .dropout, .spatialDropout, .alphaDropout, .residual:
      false
    }
  }

  /// Whether it has weights that multiply what it reads.
  package var isWeighted: Bool {
    switch self {
    case .dense, .convolution, .depthwiseConvolution: true
    case .maxPool, .averagePool, .globalAveragePool, .flatten, .batchNorm, .function, .custom, .prelu, .rrelu, .dropout,
      .spatialDropout, .alphaDropout, .residual:
      false
    }
  }
}

extension LayerKind {
  /// The layers with weights among a network's layers or stages, and for each the place where its signal is looked at:
  /// the first activation that follows before the next of them, or else the last BatchNorm, or else itself.
  ///
  /// - Parameter kinds: nil for a stage that gives no value of its own.
  package static func signals(_ kinds: [LayerKind?]) -> [(weighted: Int, signal: Int)] {
    let places = kinds.indices.filter { kinds[$0]?.isWeighted == true }
    return zip(places, places.dropFirst() + [kinds.endIndex]).map { place, end in
      let activation = (place..<end).first { kinds[$0]?.isActivation == true }
      return (place, activation ?? (place..<end).last { kinds[$0] == .batchNorm } ?? place)
    }
  }
}

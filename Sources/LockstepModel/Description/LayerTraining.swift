import LockstepDeclarations

/// How the parameters of one layer are trained: `Dense(256).frozen()`, `Dense(10).learningRate(times: 0.1)`.
public struct LayerTraining: Sendable, Equatable {
  /// Whether training changes them. Where not, the layer is frozen: it has no gradient, no update, no decay and no part
  /// in the gradient's norm, and a BatchNorm normalises by its running statistics, which stay as they are. The gradient
  /// passes through it to what is before.
  public var isTrainable: Bool
  /// What the optimizer's learning rate is multiplied by, and with it a decoupled weight decay; above 0.
  public var learningRateFactor: Double

  /// As every layer is trained unless something else is said.
  public init(isTrainable: Bool = true, learningRateFactor: Double = 1) {
    (self.isTrainable, self.learningRateFactor) = (isTrainable, learningRateFactor)
  }
}

extension LayerTraining {
  static let trainable = Setting.flag("trainable", "whether training changes its parameters").following
  static let factor = Setting.number(
    "learning_rate", .positiveSingle, "what the optimizer's learning rate is multiplied by here"
  ).following

  /// Of what is written; what is not stays as it is.
  init(_ trainable: Bool?, _ factor: Double?) {
    self.init(isTrainable: trainable ?? true, learningRateFactor: factor ?? 1)
  }

  /// As they are written: not at all where they change nothing.
  var writtenTrainable: Bool? { isTrainable ? nil : false }
  var writtenFactor: Double? { learningRateFactor == 1 ? nil : learningRateFactor }
}

extension LayerConvertible {
  /// This layer, and all that are inside, as they are: training does not change them.
  public func frozen() -> Layer { layer.trained(LayerTraining(isTrainable: false)) }

  /// This layer, and all that are inside, with the optimizer's learning rate times `factor`, on top of a factor that
  /// they have.
  public func learningRate(times factor: Double) -> Layer { layer.trained(LayerTraining(learningRateFactor: factor)) }
}

extension Layer {
  /// How its parameters are trained; nil where it has none of its own.
  package var training: LayerTraining? {
    switch self {
    case .dense, .convolution, .depthwiseConvolution: weighted?.training
    case .batchNorm(let norm): norm.training
    case .activation(.prelu(_, _, let training)): training
    case .activation(.function), .activation(.rrelu), .activation(.custom), .maxPool, .averagePool, .globalAveragePool,
      .flatten, .dropout,
      .spatialDropout, .alphaDropout, .repeated, .residual:
      nil
    }
  }

  /// This layer, and all that are inside, trained as `outer` says beside what each says of itself.
  func trained(_ outer: LayerTraining) -> Layer {
    func joined(_ own: LayerTraining) -> LayerTraining {
      LayerTraining(
        isTrainable: own.isTrainable && outer.isTrainable,
        learningRateFactor: own.learningRateFactor * outer.learningRateFactor)
    }
    if var layer = weighted {
      layer.training = joined(layer.training)
      return layer.layer
    }
    switch self {
    case .batchNorm(var norm):
      norm.training = joined(norm.training)
      return .batchNorm(norm)
    case .activation(.prelu(let initial, let slopes, let training)):
      return .activation(.prelu(initial: initial, slopes: slopes, training: joined(training)))
    case .repeated, .residual: return mapInner { $0.map { $0.trained(outer) } }
    case .activation(.function), .activation(.rrelu), .activation(.custom), .dense, .convolution, .depthwiseConvolution,
      .maxPool,
      .averagePool, .globalAveragePool, .flatten, .dropout, .spatialDropout, .alphaDropout:
      return self
    }
  }
}

import LockstepDeclarations
import LockstepKernels

/// The description of a layer: plain values, no weights. A `Model` is a list of these.
public indirect enum Layer: Sendable, Equatable {
  /// y = x W + b.
  case dense(Dense)
  /// A convolution of images.
  case convolution(Conv2D)
  /// A convolution of every channel with a kernel of its own.
  case depthwiseConvolution(DepthwiseConv2D)
  /// The largest of every window.
  case maxPool(PoolWindows)
  /// The mean of every window.
  case averagePool(PoolWindows)
  /// The mean of every channel.
  case globalAveragePool
  /// An image as a row of numbers.
  case flatten
  /// Each unit or channel normalised over the samples, and over the positions of an image.
  case batchNorm(BatchNorm)
  /// y = f(x), element by element.
  case activation(Activation)
  /// Units set to 0 at random in training.
  case dropout(Dropout)
  /// Channels set to 0 at random in training.
  case spatialDropout(SpatialDropout)
  /// Units set to SELU's limit at random in training.
  case alphaDropout(AlphaDropout)
  /// The list, `times` times over, each with weights of its own.
  case repeated(times: Int, [Layer])
  /// y = g(x) + f(x), f the list and g the projection, which is x itself where it is empty; both must end with the same
  /// shape — He, Zhang, Ren, Sun 2015, https://arxiv.org/abs/1512.03385
  case residual([Layer], projection: [Layer] = [])
}

extension Layer: Declared {
  package static let noun = "layer"

  /// Which lists of layers there can be.
  package static let list = ListRule(
    "a list of layers", nonEmpty: "layer", hint: "each layer on a line of its own, after a dash")

  package static let declarations: [Declaration<Layer>] =
    [
      denseDeclaration, batchNormDeclaration, dropoutDeclaration, alphaDropoutDeclaration, repeatDeclaration,
      residualDeclaration,
    ] + imageDeclarations
    + Activation.declarations.map { declaration in
      declaration.lifted({ .activation($0) }, { if case .activation(let one) = $0 { one } else { nil } })
    }

  private static let denseDeclaration = Declaration<Layer>(
    "dense", .dense(Dense(1)), main: "units", "y = x W + b, W [inputs, units], b [units]",
    Setting.integer("units", .size, "numbers that it gives").required,
    Setting.thing("initializer", Initializer.self, "how W starts").following,
    Setting.flag("bias", "whether there is b").following,
    Setting.thing("bias_initializer", Initializer.self, "how b starts")
      .absent("no bias_initializer where bias is false"), LayerTraining.trainable, LayerTraining.factor,
    make: {
      var dense = Dense($0, initializer: $1, bias: $2, biasInitializer: $3 ?? .zeros)
      dense.training = LayerTraining($4, $5)
      return .dense(dense)
    },
    take: {
      guard case .dense(let dense) = $0 else { return nil }
      return (
        dense.units, dense.initializer, dense.bias, dense.bias != false ? dense.biasInitializer : nil,
        dense.training.writtenTrainable, dense.training.writtenFactor
      )
    })

  private static let batchNormDeclaration = Declaration<Layer>(
    "batch_norm", .batchNorm(BatchNorm()),
    "y = (x − mean) / √(variance + epsilon) · gamma + beta, column by column — Ioffe, Szegedy 2015, https://arxiv.org/abs/1502.03167",
    Setting.word("statistics", BatchNorm.Statistics.self, "over which rows mean and variance are taken in training"),
    Setting.single("momentum", .belowOne, "what a step keeps of the running statistics"),
    Setting.single("epsilon", .positiveSingle, "what is added to the variance"),
    LayerTraining.trainable, LayerTraining.factor,
    make: {
      var norm = BatchNorm(statistics: $0, momentum: $1, epsilon: $2)
      norm.training = LayerTraining($3, $4)
      return .batchNorm(norm)
    },
    take: {
      guard case .batchNorm(let norm) = $0 else { return nil }
      let training = norm.training
      return (norm.statistics, norm.momentum, norm.epsilon, training.writtenTrainable, training.writtenFactor)
    })

  private static let dropoutDeclaration = Declaration<Layer>(
    "dropout", .dropout(Dropout(rate: 0)), main: "rate",
    "0 with probability rate in training, and the others divided by 1 − rate — Srivastava et al. 2014",
    Setting.single("rate", .belowOne, "the share of units that are set to 0").required,
    make: { .dropout(Dropout(rate: $0)) },
    take: { if case .dropout(let dropout) = $0 { dropout.rate } else { nil } })

  private static let alphaDropoutDeclaration = Declaration<Layer>(
    "alpha_dropout", .alphaDropout(AlphaDropout(rate: 0)), main: "rate",
    "dropout that keeps SELU's mean 0 and variance 1 — Klambauer et al. 2017, https://arxiv.org/abs/1706.02515",
    Setting.single("rate", .belowOne, "the share of units that are set to SELU's limit").required,
    make: { .alphaDropout(AlphaDropout(rate: $0)) },
    take: { if case .alphaDropout(let dropout) = $0 { dropout.rate } else { nil } })

  /// Of a repeat or a residual they are those of all layers inside, where they are kept and written.
  private static let repeatDeclaration = Declaration<Layer>(
    "repeat", .repeated(times: 1, []), "the layers, times over, each with weights of its own",
    Setting.integer("times", .times, "how often").required,
    Setting.thing("layers", Layer.self, "what is repeated").list(list).required,
    LayerTraining.trainable, LayerTraining.factor,
    make: { .repeated(times: $0, $1).trained(LayerTraining($2, $3)) },
    take: { if case .repeated(let times, let layers) = $0 { (times, layers, nil, nil) } else { nil } })

  private static let residualDeclaration = Declaration<Layer>(
    "residual", .residual([]), main: "layers",
    "y = x + f(x), f the layers — He, Zhang, Ren, Sun 2015, https://arxiv.org/abs/1512.03385",
    Setting.thing("layers", Layer.self, "f, which gives the shape that it takes, or that of the projection").list(list)
      .required,
    Setting.thing("projection", Layer.self, "layers that x goes through before it is added").list(list).following,
    LayerTraining.trainable, LayerTraining.factor,
    make: { .residual($0, projection: $1 ?? []).trained(LayerTraining($2, $3)) },
    take: {
      guard case .residual(let layers, let projection) = $0 else { return nil }
      return (layers, projection.isEmpty ? nil : projection, nil, nil)
    }
  ).writtenShort("a list of layers")
}

/// A type whose values can be lines of a model, such as `Dense`.
public protocol LayerConvertible {
  /// The layer that it stands for.
  var layer: Layer { get }
}

extension Layer: LayerConvertible {
  /// Itself.
  public var layer: Layer { self }
}

/// y = x W + b with x [rows, inputs], W [inputs, units] and b [units].
public struct Dense: Sendable, Equatable, WeightedLayer {
  /// Columns of y, at least 1.
  public var units: Int
  /// How W starts; nil for the initializer that fits the activation behind the layer: `heNormal` before rectifiers,
  /// `lecunNormal` before SELU, `glorotUniform` before tanh, sigmoid, and at the end.
  public var initializer: Initializer?
  /// Whether there is b; nil for where no BatchNorm follows at once, which would subtract it with the mean.
  public var bias: Bool?
  /// How b starts, if there is one.
  public var biasInitializer: Initializer
  /// How W and b are trained.
  public var training = LayerTraining()

  /// A layer that gives `units` numbers; how many it takes follows from the layer before.
  public init(
    _ units: Int, initializer: Initializer? = nil, bias: Bool? = nil, biasInitializer: Initializer = .zeros
  ) {
    self.units = units
    self.initializer = initializer
    self.bias = bias
    self.biasInitializer = biasInitializer
  }

  public var layer: Layer { .dense(self) }
}

/// y = (x − mean) / √(variance + epsilon) · gamma + beta, column by column — Ioffe, Szegedy 2015,
/// https://arxiv.org/abs/1502.03167
public struct BatchNorm: Sendable, Equatable, LayerConvertible {
  /// Which rows the mean and the (biased) variance are taken over in training. Inference uses the running statistics of
  /// the whole batch.
  public enum Statistics: String, Sendable, Equatable, CaseIterable {
    /// Each shard its own rows.
    case shard
    /// All rows of the batch, synchronised forward and backward.
    case batch
  }

  /// Which rows mean and variance are taken over.
  public var statistics: Statistics
  /// Share of the old value that a step keeps: running = momentum · running + (1 − momentum) · batch.
  public var momentum: Float
  /// Added to the variance before the root is taken; above 0.
  public var epsilon: Float
  /// How gamma and beta are trained. Where they are frozen, `statistics` and `momentum` have no part.
  public var training = LayerTraining()

  /// gamma starts at 1, beta at 0.
  public init(statistics: Statistics = .shard, momentum: Float = 0.9, epsilon: Float = 1e-5) {
    self.statistics = statistics
    self.momentum = momentum
    self.epsilon = epsilon
  }

  public var layer: Layer { .batchNorm(self) }
}

/// Sets units to zero with probability `rate` in training and scales the others by 1 / (1 − rate) — Srivastava et al.
/// 2014
public struct Dropout: Sendable, Equatable, LayerConvertible {
  /// The probability of a unit to be set to 0, in [0, 1).
  public var rate: Float
  /// In inference every unit stays as it is.
  public init(rate: Float) { self.rate = rate }
  public var layer: Layer { .dropout(self) }
}

/// Dropout that keeps SELU's mean 0 and variance 1 — Klambauer et al. 2017, https://arxiv.org/abs/1706.02515
public struct AlphaDropout: Sendable, Equatable, LayerConvertible {
  /// The probability of a unit to be set to SELU's limit for x → −∞, in [0, 1).
  public var rate: Float
  /// In inference every unit stays as it is.
  public init(rate: Float) { self.rate = rate }
  public var layer: Layer { .alphaDropout(self) }
}

/// The layers, `times` times over, each time with weights of their own.
public struct Repeat: Sendable, Equatable, LayerConvertible {
  /// How often, at least 1.
  public var times: Int
  /// What is repeated.
  public var layers: [Layer]

  /// ```swift
  /// Repeat(times: 20) {
  ///   Dense(256)
  ///   ReLU()
  /// }
  /// ```
  public init(times: Int, @LayerBuilder layers: () -> [Layer]) {
    self.times = times
    self.layers = layers()
  }

  public var layer: Layer { .repeated(times: times, layers) }
}

/// y = x + f(x), f the layers, which end with the shape that they began with; or y = g(x) + f(x), g the projection,
/// where they do not — He, Zhang, Ren, Sun 2015, https://arxiv.org/abs/1512.03385
public struct Residual: Sendable, Equatable, LayerConvertible {
  /// f; x skips it.
  public var layers: [Layer]
  /// g; x itself where it is empty.
  public var projection: [Layer]

  /// ```swift
  /// Residual {
  ///   Dense(256)
  ///   ReLU()
  /// }
  /// ```
  public init(@LayerBuilder layers: () -> [Layer]) { (self.layers, projection) = (layers(), []) }

  /// ```swift
  /// Residual {
  ///   Conv2D(32, kernel: 3, stride: 2, padding: .same)
  /// } projection: {
  ///   Conv2D(32, kernel: 1, stride: 2)
  /// }
  /// ```
  public init(@LayerBuilder layers: () -> [Layer], @LayerBuilder projection: () -> [Layer]) {
    (self.layers, self.projection) = (layers(), projection())
  }

  public var layer: Layer { .residual(layers, projection: projection) }
}

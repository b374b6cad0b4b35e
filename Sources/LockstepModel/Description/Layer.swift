import LockstepKernels

/// A layer as a person describes it: plain values, no weights. A `Model` is a list of these; `Network` is what it is
/// built into.
public indirect enum Layer: Sendable, Equatable {
  case dense(Dense)
  case batchNorm(BatchNorm)
  case activation(Activation)
  case dropout(Dropout)
  case alphaDropout(AlphaDropout)
  /// The list, `times` times over, each with weights of its own.
  case repeated(times: Int, [Layer])
  /// y = x + f(x), f the list; it must end with as many units as it began — He, Zhang, Ren, Sun 2015,
  /// https://arxiv.org/abs/1512.03385
  case residual([Layer])
}

/// Whatever stands for a layer in a model's builder.
public protocol LayerConvertible {
  var layer: Layer { get }
}

extension Layer: LayerConvertible {
  public var layer: Layer { self }
}

/// y = x W + b with W [inputs, units] and b [units].
public struct Dense: Sendable, Equatable, LayerConvertible {
  public var units: Int
  public var initializer: Initializer
  public var bias: Bool
  public var biasInitializer: Initializer

  public init(
    _ units: Int, initializer: Initializer = .glorotUniform, bias: Bool = true, biasInitializer: Initializer = .zeros
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

  public var statistics: Statistics
  /// Share of the old value that a step keeps: running = momentum · running + (1 − momentum) · batch.
  public var momentum: Float
  public var epsilon: Float

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
  public var rate: Float
  public init(rate: Float) { self.rate = rate }
  public var layer: Layer { .dropout(self) }
}

/// Dropout that keeps SELU's mean 0 and variance 1 — Klambauer et al. 2017, https://arxiv.org/abs/1706.02515
public struct AlphaDropout: Sendable, Equatable, LayerConvertible {
  public var rate: Float
  public init(rate: Float) { self.rate = rate }
  public var layer: Layer { .alphaDropout(self) }
}

/// The layers, `times` times over.
public struct Repeat: Sendable, Equatable, LayerConvertible {
  public var times: Int
  public var layers: [Layer]

  public init(times: Int, @LayerBuilder layers: () -> [Layer]) {
    self.times = times
    self.layers = layers()
  }

  public var layer: Layer { .repeated(times: times, layers) }
}

/// y = x + f(x), f the layers.
public struct Residual: Sendable, Equatable, LayerConvertible {
  public var layers: [Layer]
  public init(@LayerBuilder layers: () -> [Layer]) { self.layers = layers() }
  public var layer: Layer { .residual(layers) }
}

import LockstepDeclarations
import LockstepModel

/// What a network's signal and gradient do layer by layer, at the start of training and after some steps, and what is
/// to be made of it.
///
/// ```swift
/// let diagnosis = try Diagnosis.measure(configuration, steps: 100)
/// print(diagnosis.verdicts)   // [.vanishingGradient]
/// ```
///
/// Everything is a function of the configuration alone: the batches are the ones that training takes next, passes run
/// shard by shard on one thread, and sums are in Double in the order of the rows.
public struct Diagnosis: Sendable, Equatable {
  /// The start, and the end of the steps if there were any.
  public var stages: [Stage]

  /// What is wrong at the last stage, the worst first; `[.healthy]` if nothing is.
  public var verdicts: [Verdict] { stages.last?.verdicts ?? [.healthy] }

  /// The probabilities of the quantiles that are taken of every layer's output.
  public static let quantiles = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]
  /// Bars of a histogram.
  package static let bins = 32
}

extension Diagnosis {
  /// The network at one moment of its training.
  public struct Stage: Sendable, Equatable {
    /// Updates done.
    public var step: Int
    /// In the order of the forward pass.
    public var layers: [Layer]
    /// Where growth is measured: the outputs of the activations.
    package var points: [Point]
    /// The factor by which the signal's RMS changes from one dense layer to the next, fitted; nil with fewer than two
    /// points.
    public var signalGrowth: Double?
    /// The factor by which the gradient's RMS changes, fitted *in the order of the layers*: a gradient that shrinks in
    /// the backward pass, towards the first layer, has a growth above 1.
    public var gradientGrowth: Double?
    /// What is wrong, the worst first.
    public var findings: [Finding]
    /// Samples that the figures were taken from.
    public var rows: Int
    /// Batches that these samples came in.
    public var batches: Int
    /// Why training ended here before the steps were done; nil where it did not.
    public var stopped: String?
    /// What the schedule left of the optimizer's learning rate in the step whose updates the layers tell.
    public var learningRateFactor = 1.0
    /// Of the last value that is an image; nil where no layer gives one.
    public var receptiveField: ReceptiveField?

    /// One a finding, the worst first; `[.healthy]` if there are none.
    public var verdicts: [Verdict] { findings.isEmpty ? [.healthy] : findings.map(\.verdict) }
  }

  /// One layer's output over all samples seen, in training mode, and the gradient that reaches it. What is not finite,
  /// or has no meaning for the layer, is nil.
  public struct Layer: Sendable, Equatable {
    /// Path such as `repeat0.3.dense0`.
    public var name: String
    /// The layer's name in configurations, such as `batch_norm`.
    public var kind: String
    /// Of its output.
    public var shape: Shape
    /// Mean over all units and samples.
    public var mean: Double?
    /// The standard deviation of each unit over the samples, averaged over the units.
    public var stddev: Double?
    /// √ of the mean square over all units and samples.
    public var rms: Double?
    /// In how many directions samples differ: the participation ratio of their covariance's eigenvalues, over at most
    /// 256 rows.
    public var rank: Double?
    /// Quantiles of all values, in the order of `Diagnosis.quantiles`.
    public var quantiles: [Double]
    /// Of all values; nil where one is not finite.
    public var histogram: Histogram?
    /// Sigmoid, tanh and softsign: the share of values, over units and samples, where |f′| is below 5 % of its maximum.
    public var saturated: Double?
    /// ReLU and its like: the share of units that were not above 0 for a single sample; of an image that of channels,
    /// over all positions.
    public var dead: Double?
    /// Euclidean norm of d(mean loss of a batch)/d(output) [rows, units]; over several batches its root mean square.
    public var gradientNorm: Double?
    /// √ of the mean square of the gradient's elements over all units and samples.
    public var gradientRMS: Double?
    /// ‖ΔW‖ / ‖W‖ of the layer's weight (γ of a BatchNorm, the slopes of a PReLU) in the first step, or in the last one
    /// done.
    public var updateRatio: Double?
    /// Of that weight's elements with a gradient, the share that the step left as they were, to the last bit: what it
    /// would have added is less than half a unit in the last place.
    public var updateLost: Double?
    /// In bfloat16, of a layer with weights: of the same elements, the share that rounds to the same number as before,
    /// so that products do not see the step yet.
    public var updateHidden: Double?
    /// In bfloat16: the spread (as `stddev`) of the difference from the same pass in float32, over the spread in
    /// float32.
    public var signalRounding: Double?
    /// In bfloat16: Euclidean norm of the gradient's difference from that of the same pass in float32, over its norm in
    /// float32.
    public var gradientRounding: Double?
    /// In bfloat16, of a layer with weights: of the gradient's elements that are not 0 in float32, the share that is 0
    /// as an operand.
    public var gradientFlushed: Double?
    /// Of an image, channel by channel; empty for features.
    public var channels: [Channel] = []

    /// Numbers of its output, a row.
    public var units: Int { shape.count }
    /// Whether that is an image.
    package var isImage: Bool { shape.isImage }
  }

  /// One channel of an image, over all samples and positions.
  public struct Channel: Sendable, Equatable {
    /// √ of the mean square.
    public var rms: Double?
    /// √ of the mean square of the gradient's elements.
    public var gradientRMS: Double?
    /// As a layer's.
    public var saturated: Double?
    /// Of ReLU and its like: whether it was not above 0 for a single sample, at any position.
    public var isDead: Bool?
  }

  /// How much of the input the last value that is an image is computed from, and how much of that matters.
  public struct ReceptiveField: Sendable, Equatable {
    /// The path of the layer that gives that value.
    public var layer: String
    /// The pixels of the input.
    public var image: Extent
    /// The pixels that a position may depend on: what kernels, strides, dilations and pools along the deepest path let
    /// through, counted beyond the edges of the input too.
    public var theoretical: Extent
    /// Rows and columns of the narrowest bands of the input that hold 95 % of |d centre / d input|, averaged over
    /// samples and channels; nil where that is 0 or not finite.
    public var effective: Extent?
  }

  /// Shares of the values in classes of equal width from `low` to `high`, the quantiles 0.001 and 0.999.
  public struct Histogram: Sendable, Equatable {
    /// The lower bound of the first class.
    public var low: Double
    /// The upper bound of the last class.
    public var high: Double
    /// Of each class, in [0, 1].
    public var shares: [Double]

    package init(low: Double, high: Double, shares: [Double]) {
      (self.low, self.high, self.shares) = (low, high, shares)
    }
  }

  /// A dense layer and where its value has passed the activation that follows (and the BatchNorm between).
  package struct Point: Sendable, Equatable {
    /// The dense layer's place among the dense layers.
    package var dense: Int
    /// Its path.
    package var name: String
    /// The place of the layer whose output is looked at, among the stage's.
    package var layer: Int
    /// Whether a gradient comes there: not below the lowest layer that is trained.
    package var hasGradient = true
  }
}

extension Diagnosis.Stage {
  /// A figure of the layers at `points`.
  package func values(_ figure: KeyPath<Diagnosis.Layer, Double?>) -> [Double?] {
    points.map { layers[$0.layer][keyPath: figure] }
  }
}

/// What a diagnosis comes to. The raw value is the word in reports and JSON; docs/diagnosis.md has the thresholds.
public enum Verdict: String, Sendable, Equatable, CaseIterable {
  /// Signal and gradient keep their size, and units are neither saturated nor dead.
  case healthy
  /// The RMS of the activations' outputs shrinks from layer to layer.
  case vanishingSignal = "vanishing_signal"
  /// The RMS of the activations' outputs grows from layer to layer, or is not finite.
  case explodingSignal = "exploding_signal"
  /// The RMS of the gradient shrinks from layer to layer in the backward pass.
  case vanishingGradient = "vanishing_gradient"
  /// The RMS of the gradient grows from layer to layer in the backward pass, or is not finite.
  case explodingGradient = "exploding_gradient"
  /// Over half of a layer's values lie where the slope of its activation is below 5 % of its maximum.
  case saturated
  /// Units that were alive at the start are not above 0 for a single sample.
  case dying
  /// Nine of ten elements of a layer's weight are the same after a step, to the last bit, although a gradient came.
  case lostUpdates = "lost_updates"
  /// Rounding to bfloat16 changes over half of what tells samples apart.
  case imprecise
}

extension Diagnosis {
  /// One thing that is wrong, with where and how much.
  public struct Finding: Sendable, Equatable {
    /// Which of the verdicts; never `healthy`.
    public var verdict: Verdict
    /// The first layer that shows it, in the order of the pass: forward for the signal, backward for the gradient.
    public var layer: String
    /// The last layer of the pass.
    public var end: String
    /// The fitted factor by which it changes at a dense layer: in the forward pass for the signal, in the backward pass
    /// for the gradient.
    public var factor: Double?
    /// RMS at the end of the pass over RMS at its beginning; nil where the end is not finite.
    public var ratio: Double?
    /// The largest share in a layer: of values that are saturated, of units that have died, of weights whose update is
    /// lost, of the spread between samples that rounding changes.
    public var share: Double?
    /// Decades between the beginning and the end, by which findings are ordered.
    var severity: Double

    package init(
      verdict: Verdict, layer: String, end: String, factor: Double? = nil, ratio: Double? = nil, share: Double? = nil,
      severity: Double = 0
    ) {
      (self.verdict, self.layer, self.end, self.factor, self.ratio) = (verdict, layer, end, factor, ratio)
      (self.share, self.severity) = (share, severity)
    }
  }

  /// When a figure that changes from layer to layer is called vanishing or exploding.
  ///
  /// Both have to be large: the total, because that is what the first layers feel, and the factor a layer, because a
  /// deep and narrow network strays at random (ln RMS of a ReLU network of width n after L layers has a standard
  /// deviation of about ½ √(5 L / n)) without anything being wrong with its layers.
  package enum Threshold {
    /// Over all layers: a hundredth. One learning rate cannot fit layers whose gradients are farther apart than two
    /// decades.
    package static let total = 100.0
    /// A layer: a tenth less, or more.
    package static let layer = 1.1
    /// Whatever the factor a layer: beyond it float32, with its seven digits, loses one end beside the other.
    package static let extreme = 1e6
    /// Against the beginning of the pass: where a trend has become visible.
    package static let visible = 10.0
    /// Share of a layer's values where |f′| is below 5 % of its maximum.
    package static let saturated = 0.5
    /// Standard deviation over RMS below which samples can hardly be told apart.
    package static let alike = 1e-4
    /// Share of a layer's units that have died since the start.
    package static let dying = 0.2
    /// Share of a weight's elements that a step leaves as they were. At a half the larger updates still arrive, which
    /// are nearly all of the step's length.
    package static let lost = 0.9
    /// What a schedule has to leave of the learning rate for lost updates to be a fault.
    package static let rate = 0.1
    /// What rounding may change of the spread between samples: beyond it there is more of it than of them.
    package static let imprecise = 0.5
  }
}

import LockstepDeclarations

/// An exponential moving average of all parameters beside them: what a model that has been trained is evaluated and
/// used with. It has no part in training — Polyak, Juditsky 1992, "Acceleration of stochastic approximation by
/// averaging"; as TensorFlow's `ExponentialMovingAverage` with `num_updates`.
///
/// ```
/// a₀ = θ₀,  aₜ = aₜ₋₁ + (1 − dₜ) (θₜ − aₜ₋₁),  dₜ = min(decay, (1 + t) / (10 + t))
/// ```
///
/// θₜ are the parameters after update t: weights, biases, γ, β and slopes. The smaller decay of the first updates takes
/// the place of a bias correction: what is left of the initial weights is Π dₜ, 10⁻⁷ after 50 updates. A step that is
/// skipped is no update.
public struct WeightAverage: Sendable, Equatable {
  /// What is kept of the average in an update, once there have been many.
  public var decay: Double

  /// - Parameter decay: in [0, 1).
  public init(decay: Double = 0.999) { self.decay = decay }

  /// 1 − dₜ.
  func rest(update t: Int) -> Float { Float(1 - min(decay, Double(1 + t) / Double(10 + t))) }
}

extension WeightAverage: Declared {
  package static let noun = "weight average"

  package static let declarations = [
    Declaration<WeightAverage>(
      "weight_average", WeightAverage(), main: "decay",
      "a moving average of the parameters, which is evaluated and used",
      Setting.number("decay", .belowOne, "what is kept of the average in an update"),
      make: { WeightAverage(decay: $0) }, take: { $0.decay })
  ]
}

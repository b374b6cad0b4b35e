import LockstepDeclarations
import LockstepKernels
import LockstepModel

/// Lowers the learning rate when a validation metric stops improving. Looked at only at scheduled evaluations, so that
/// its state is a function of the steps done. As PyTorch's `ReduceLROnPlateau`.
public struct Plateau: Sendable, Equatable {
  /// The watched validation metric.
  public var metric: Metric
  /// Whether its smallest value is the best or its largest.
  public var mode: Metric.Mode
  /// What the learning rate is multiplied by, in (0, 1).
  public var factor: Double
  /// Evaluations without improvement that are waited out.
  public var patience: Int
  /// Evaluations after a fall in which none is counted as one without improvement.
  public var cooldown: Int
  /// An improvement is a change of more than this.
  public var threshold: Double
  /// What the threshold is measured by.
  public var thresholdMode: ThresholdMode
  /// The learning rate's factor never falls below this.
  public var minimumFactor: Double

  /// What a threshold is measured by.
  public enum ThresholdMode: String, Sendable, Equatable, CaseIterable {
    /// It is a share of the best value's magnitude.
    case relative
    /// It is a difference to the best value.
    case absolute
  }

  /// Nothing is checked here; `Trainer` throws where a number is impossible.
  ///
  /// - Parameter mode: nil for that of the metric.
  public init(
    metric: Metric = .loss, mode: Metric.Mode? = nil, factor: Double = 0.1, patience: Int = 10,
    cooldown: Int = 0, threshold: Double = 1e-4, thresholdMode: ThresholdMode = .relative, minimumFactor: Double = 0
  ) {
    self.metric = metric
    self.mode = mode ?? metric.mode
    self.factor = factor
    self.patience = patience
    self.cooldown = cooldown
    self.threshold = threshold
    self.thresholdMode = thresholdMode
    self.minimumFactor = minimumFactor
  }
}

/// What `Schedule.reduceOnPlateau` remembers between evaluations; part of every checkpoint.
public struct PlateauState: Sendable, Equatable {
  /// What the learning rate is multiplied by now.
  public var factor = 1.0
  /// The best value of the metric so far; nil before the first evaluation.
  public var best: Double?
  /// Evaluations since the best one, or since the factor last fell, or since the cooldown after that.
  public var evaluationsWithoutImprovement = 0
  /// Evaluations of the cooldown that are still to come.
  public var cooldownLeft = 0

  /// No evaluation seen, unless it is said otherwise.
  public init(factor: Double = 1, best: Double? = nil, evaluationsWithoutImprovement: Int = 0, cooldownLeft: Int = 0) {
    self.factor = factor
    self.best = best
    self.evaluationsWithoutImprovement = evaluationsWithoutImprovement
    self.cooldownLeft = cooldownLeft
  }

  /// Takes one evaluation into account. A value that is not finite is no improvement.
  package mutating func observe(_ value: Double, _ plateau: Plateau) {
    withFloatingPointEnvironment { take(value, plateau) }
  }

  private mutating func take(_ value: Double, _ plateau: Plateau) {
    let improves =
      best.map { best in
        let margin = plateau.thresholdMode == .relative ? abs(best) * plateau.threshold : plateau.threshold
        return plateau.mode.isBetter(value, than: plateau.mode == .min ? best - margin : best + margin)
      } ?? true
    if improves && value.isFinite {
      best = value
      evaluationsWithoutImprovement = 0
    } else {
      evaluationsWithoutImprovement += 1
    }
    if cooldownLeft > 0 {
      cooldownLeft -= 1
      evaluationsWithoutImprovement = 0
    }
    if evaluationsWithoutImprovement > plateau.patience {
      factor = max(factor * plateau.factor, plateau.minimumFactor)
      cooldownLeft = plateau.cooldown
      evaluationsWithoutImprovement = 0
    }
  }
}

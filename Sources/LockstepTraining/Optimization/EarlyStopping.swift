import LockstepDeclarations
import LockstepFormats
import LockstepModel

/// Ends a run whose validation metric has stopped improving. Looked at only at scheduled evaluations, so that where the
/// run ends is a function of the steps done.
///
/// Source: Prechelt, "Early stopping, but when?", in Neural Networks: Tricks of the Trade, 1998;
/// https://doi.org/10.1007/3-540-49430-8_3
public struct EarlyStopping: Sendable, Equatable {
  /// The watched validation metric.
  public var metric: Metric
  /// Whether its smallest value is the best or its largest.
  public var mode: Metric.Mode
  /// Evaluations without improvement that are waited out; the next one ends the run.
  public var patience: Int
  /// An improvement is a change of more than this.
  public var minimumDelta: Double

  /// - Parameter mode: nil for that of the metric.
  public init(metric: Metric = .loss, mode: Metric.Mode? = nil, patience: Int = 5, minimumDelta: Double = 0) {
    self.metric = metric
    self.mode = mode ?? metric.mode
    self.patience = patience
    self.minimumDelta = minimumDelta
  }

  /// Whether `value` is better than the best so far by enough. One that is not finite is not.
  package func isImprovement(_ value: Double, on best: Double?) -> Bool {
    guard value.isFinite, let best else { return value.isFinite }
    return mode.isBetter(value, than: mode == .min ? best - minimumDelta : best + minimumDelta)
  }
}

extension EarlyStopping: Declared {
  package static let noun = "early stopping"

  package static let declarations = [
    Declaration<EarlyStopping>(
      "early_stopping", EarlyStopping(), "the evaluation after so many without improvement ends the run",
      Setting.word("metric", Metric.self, "the validation metric that is watched"),
      Setting.word("mode", Metric.Mode.self, "which way the metric is better").following,
      Setting.integer("patience", .countOrZero, "evaluations without improvement that are waited out"),
      Setting.number("minimum_delta", .nonNegative, "the change that is an improvement"),
      make: { EarlyStopping(metric: $0, mode: $1, patience: $2, minimumDelta: $3) },
      take: { ($0.metric, $0.mode, $0.patience, $0.minimumDelta) })
  ]
}

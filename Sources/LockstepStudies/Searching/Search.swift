import LockstepFormats
import LockstepModel
import LockstepRuns
import LockstepTraining

/// A search for the settings of a configuration with which it learns best: trials, each with settings of its own drawn
/// at random, ranked by a metric of the validation data.
///
/// ```swift
/// let plan = try Search.Plan(
///   configuration, varying: [Search.Setting("optimizer.adam.learning_rate=log:1e-4..1e-1")], trials: 40)
/// let search = try plan.run(in: "runs/search")
/// ```
///
/// Trials, their order and the best follow from the configuration, the settings, the strategy and the seed: not from
/// the number of threads, nor from how often the search was stopped.
public struct Search: Sendable, Equatable {
  /// One training of the configuration with settings of its own.
  public struct Trial: Sendable, Equatable {
    /// From 1, in the order in which trials are drawn.
    public var number: Int
    /// A value for each setting, in their order.
    public var choices: [Comparison.Choice]
    /// What was measured, a result a rung, as far as it has come.
    public var results: [Result]

    /// The last result's metric; nil where training diverged, or has not come to a result.
    public var metric: Double? { results.last?.metric }
    /// Steps that it was trained for.
    public var steps: Int { results.last?.steps ?? 0 }
    /// When and how the numbers stopped being finite, as in `step 12: …`; nil if they did not.
    public var diverged: String? { results.last?.diverged }
  }

  /// What a trial has come to after some of its steps, or all.
  public struct Result: Sendable, Equatable {
    /// The steps for which it was to be trained.
    public var steps: Int
    /// The metric on the validation data; nil where it, or training, diverged.
    public var metric: Double?
    /// When and how the numbers stopped being finite; nil if they did not.
    public var diverged: String?
    /// SHA-256 of the trained tensors' bytes; nil where training diverged.
    public var weightsDigest: String?
  }

  /// What trials are ranked by.
  public var metric: Metric
  /// How many were to be trained for how long.
  public var strategy: Strategy
  /// What was varied.
  public var settings: [Setting]
  /// The stages of the strategy.
  public var rungs: [Rung]
  /// All trials, the best first.
  public var trials: [Trial]
  /// Whether all of it is done, or what has asked it to stop.
  public var end: RunSummary.End

  /// - Parameter trials: in any order.
  init(
    metric: Metric, strategy: Strategy, settings: [Setting], rungs: [Rung], trials: [Trial],
    end: RunSummary.End = .finished
  ) {
    (self.metric, self.strategy, self.settings, self.rungs, self.end) = (metric, strategy, settings, rungs, end)
    self.trials = trials.sorted { Self.isBetter($0, $1, by: metric) }
  }

  /// Whether `one` ranks before `other`: what has diverged comes last; of the others that which has come to a later
  /// rung is before, then the better metric, then the smaller number.
  static func isBetter(_ one: Trial, _ other: Trial, by metric: Metric) -> Bool {
    if (one.diverged == nil) != (other.diverged == nil) { return one.diverged == nil }
    if one.diverged == nil {
      if one.results.count != other.results.count { return one.results.count > other.results.count }
      if let a = one.metric, let b = other.metric, a != b { return metric.mode.isBetter(a, than: b) }
    }
    return one.number < other.number
  }

  /// The best of the trials that were trained to their end; nil where there is none.
  public var best: Trial? { trials.first.flatMap { $0.diverged == nil && $0.results.count == rungs.count ? $0 : nil } }

  /// What each setting is called where it need only be told from the others, such as `adam.learning_rate`.
  public var titles: [String] { KeyTitle.of(settings.map(\.key)) }
}

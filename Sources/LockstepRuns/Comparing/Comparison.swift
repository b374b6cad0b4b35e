import LockstepModel
import LockstepTraining

/// A leaderboard of configurations that differ in some values, each trained several times over, on the folds of a
/// cross-validation or with several seeds.
///
/// ```swift
/// let plan = try Comparison.Plan(configuration, varying: [Variation("activation=relu,elu,selu")], over: .folds(5))
/// let comparison = try plan.run(in: "comparisons/quickstart")
/// ```
///
/// All figures but times are a function of the configuration. Trials that belong together, the same fold or seed, see
/// the same samples, so that their differences are paired.
public struct Comparison: Sendable, Equatable {
  /// Over what a cell is trained again.
  public enum Trials: Sendable, Equatable {
    /// Each fold of data.train is held out once.
    case folds(Int)
    /// The configuration's seed and those after it, evaluated on data.validation.
    case seeds(Int)

    /// How often a cell is trained.
    public var count: Int {
      switch self {
      case .folds(let count), .seeds(let count): count
      }
    }
  }

  /// One choice of values, and what came of it.
  public struct Cell: Sendable, Equatable {
    public var choices: [Choice]
    public var trials: [Trial]
    /// Against the best cell; nil for that itself, and where a trial of either diverged.
    public var difference: Difference?

    /// What a trial diverged with, if one did.
    public var diverged: String? { trials.lazy.compactMap(\.diverged).first }
    /// Of the metric over the trials; nil where one diverged.
    public var mean: Double? { diverged == nil ? Sample(trials.compactMap(\.metric)).mean : nil }
    /// Over the trials; unknown of a single one.
    public var stddev: Double? { diverged == nil ? Sample(trials.compactMap(\.metric)).deviation : nil }
    /// Those of the fastest trial.
    public var stepSeconds: Double? { trials.compactMap(\.stepSeconds).min() }
    /// Those of the fastest trial, for one row.
    public var inferenceSeconds: Double? { trials.map(\.inferenceSeconds).min() }
    /// Share of the units of rectifiers that are dead at the end, on average; nil without rectifiers.
    public var dead: Double? {
      let shares = trials.compactMap(\.dead)
      return shares.isEmpty ? nil : Sample(shares).mean
    }
    /// What the diagnosis of any trial found, in the order of `Verdict`.
    public var verdicts: [Verdict] {
      let found = Set(trials.flatMap(\.verdicts)).subtracting([.healthy])
      return found.isEmpty ? [.healthy] : Verdict.allCases.filter(found.contains)
    }
  }

  /// The value of one key that was varied.
  public struct Choice: Sendable, Equatable {
    public var key: String
    public var value: String
  }

  /// The mean of the paired differences to the best cell, and its 95 % confidence interval by Student's t, for folds
  /// with the correction of Nadeau and Bengio; nil for a single trial. It is that of one difference: the best cell was
  /// chosen by the same trials, so that of several cells it looks better than it is.
  public struct Difference: Sendable, Equatable {
    public var mean: Double
    public var interval: ClosedRange<Double>?
  }

  /// What is compared: a metric of the evaluation at the end of training.
  public var metric: Metric
  public var trials: Trials
  /// Best first; those that diverged last.
  public var cells: [Cell]

  /// - Parameter overlap: validation samples over training samples, for the folds of a cross-validation; else 0.
  init(metric: Metric, trials: Trials, cells: [Cell], overlap: Double) {
    (self.metric, self.trials) = (metric, trials)
    // Equal ones stay in the order in which they were asked for.
    let order = cells.indices.sorted { a, b in
      switch (cells[a].mean, cells[b].mean) {
      case (let x?, let y?) where x != y: metric.mode.isBetter(x, than: y)
      case (.some, nil): true
      case (nil, .some): false
      default: a < b
      }
    }
    self.cells = order.map { cells[$0] }
    guard let best = self.cells.first, best.mean != nil else { return }
    for index in self.cells.indices.dropFirst() where self.cells[index].mean != nil {
      let pairs = zip(self.cells[index].trials, best.trials)
      let sample = Sample(pairs.compactMap { mine, its in mine.metric.flatMap { a in its.metric.map { a - $0 } } })
      let margin = sample.margin(overlap: overlap)
      self.cells[index].difference = Difference(
        mean: sample.mean, interval: margin.map { sample.mean - $0...sample.mean + $0 })
    }
  }
}

extension Comparison.Cell {
  /// Its values in words: `elu, batch_norm none`. An activation or an initializer needs no key.
  public var title: String {
    choices.map { ["activation", "initializer"].contains($0.key) ? $0.value : "\($0.key) \($0.value)" }
      .joined(separator: ", ")
  }
}

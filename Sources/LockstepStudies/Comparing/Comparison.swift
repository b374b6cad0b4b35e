import LockstepModel
import LockstepTraining

/// A leaderboard of configurations that differ in some values. Each is trained several times: on the folds of a
/// cross-validation, or with several seeds.
///
/// ```swift
/// let plan = try Comparison.Plan(configuration, varying: [Variation("activation=relu,elu,selu")], over: .folds(5))
/// let comparison = try plan.run(in: "comparisons/quickstart")
/// ```
///
/// All figures but the times follow from the configuration alone. Trials of the same fold or seed see the same samples,
/// so that their differences are paired.
public struct Comparison: Sendable, Equatable {
  /// What differs between the trainings of one cell.
  public enum Trials: Sendable, Equatable {
    /// Which of so many folds of `data.train` is held out for evaluation.
    case folds(Int)
    /// The seed: the configuration's and those after it, so many in all; evaluated on `data.validation`.
    case seeds(Int)

    /// How often each cell is trained.
    public var count: Int {
      switch self {
      case .folds(let count), .seeds(let count): count
      }
    }
  }

  /// One combination of values, and its results.
  public struct Cell: Sendable, Equatable {
    /// A value for each key that was varied, in the order of the variations.
    public var choices: [Choice]
    /// Its trainings, in the order of folds or seeds.
    public var trials: [Trial]
    /// Its difference from the best cell; nil for the best cell itself, and where a trial of either diverged.
    public var difference: Difference?

    /// The message of the first trial that diverged; nil if none did.
    public var diverged: String? { trials.lazy.compactMap(\.diverged).first }
    /// Mean of the metric over the trials; nil where one diverged.
    public var mean: Double? { diverged == nil ? Sample(trials.compactMap(\.metric)).mean : nil }
    /// Standard deviation of the metric over the trials, with n − 1 below; nil for a single trial, and where one
    /// diverged.
    public var stddev: Double? { diverged == nil ? Sample(trials.compactMap(\.metric)).deviation : nil }
    /// `stepSeconds` of the fastest trial; nil where no step was timed.
    public var stepSeconds: Double? { trials.compactMap(\.stepSeconds).min() }
    /// `inferenceSeconds` of the fastest trial.
    public var inferenceSeconds: Double? { trials.map(\.inferenceSeconds).min() }
    /// Mean of `dead` over the trials; nil without rectifiers.
    public var dead: Double? {
      let shares = trials.compactMap(\.dead)
      return shares.isEmpty ? nil : Sample(shares).mean
    }
    /// All that the diagnoses of the trials found, in the order of `Verdict`; `healthy` alone where they found nothing.
    public var verdicts: [Verdict] {
      let found = Set(trials.flatMap(\.verdicts)).subtracting([.healthy])
      return found.isEmpty ? [.healthy] : Verdict.allCases.filter(found.contains)
    }
  }

  /// The value of one key that was varied.
  public struct Choice: Sendable, Equatable {
    /// As in `Variation.key`.
    public var key: String
    /// One of `Variation.values`.
    public var value: String
  }

  /// How a cell differs from another, in a comparison from the best one, trial by trial.
  public struct Difference: Sendable, Equatable {
    /// Mean of (metric − metric of the other) over the pairs of trials.
    public var mean: Double
    /// The 95 % confidence interval of `mean` by Student's t, for folds with the correction of Nadeau and Bengio; nil
    /// for a single trial. It is the interval of one difference alone: a best cell was chosen by the same trials, so
    /// that among several cells it looks better than it is.
    public var interval: ClosedRange<Double>?
  }

  /// What is compared: a metric of the evaluation at the end of training.
  public var metric: Metric
  /// Over what each cell was trained.
  public var trials: Trials
  /// All cells, the best first, those that diverged last.
  public var cells: [Cell]

  /// - Parameter overlap: validation samples per training sample for the folds of a cross-validation; else 0.
  init(metric: Metric, trials: Trials, cells: [Cell], overlap: Double) {
    (self.metric, self.trials) = (metric, trials)
    // Equal cells stay in the order in which they were asked for.
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
    for index in self.cells.indices.dropFirst() {
      self.cells[index].difference = self.cells[index].difference(from: best, overlap: overlap)
    }
  }
}

extension Comparison.Cell {
  /// How it differs from another cell; nil where a trial of either diverged.
  func difference(from other: Comparison.Cell, overlap: Double) -> Comparison.Difference? {
    guard mean != nil, other.mean != nil else { return nil }
    let pairs = zip(trials, other.trials)
    let sample = Sample(pairs.compactMap { mine, its in mine.metric.flatMap { a in its.metric.map { a - $0 } } })
    let margin = sample.margin(overlap: overlap)
    return Comparison.Difference(mean: sample.mean, interval: margin.map { sample.mean - $0...sample.mean + $0 })
  }

  /// Its values in words: `elu, batch_norm none`. The keys `activation` and `initializer` are left out.
  public var title: String {
    choices.map { ["activation", "initializer"].contains($0.key) ? $0.value : "\($0.key) \($0.value)" }
      .joined(separator: ", ")
  }
}

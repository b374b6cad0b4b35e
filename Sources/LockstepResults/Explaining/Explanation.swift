import LockstepConfiguration
import LockstepData
import LockstepKernels
import LockstepModel
import LockstepRuns
import LockstepStudies
import LockstepTraining

/// What a model goes by: how much worse it does when a feature's cells are shuffled among the samples, and what it
/// predicts, on average, as a feature takes one value after the other.
///
/// ```swift
/// let explanation = try Explanation(checkpoint: path, on: source)
/// for feature in explanation.features.prefix(3) { print(feature.name, feature.mean) }
/// ```
public struct Explanation: Sendable {
  /// Of the run that trained the model, and how many steps it did.
  public let (name, step): (String, Int)
  /// What gets worse.
  public let metric: Metric
  /// Its value where nothing is shuffled.
  public let baseline: Double
  /// Samples that were taken, and that there are; where these are more, those lie evenly apart.
  public let (samples, available): (Int, Int)
  /// How often each feature was shuffled, and the seed of that.
  public let (repeats, seed): (Int, UInt64)
  /// Each column of features, the most important first.
  public let features: [FeatureImportance]
  /// Whether the outputs are numbers, each in a unit of its own; else they are probabilities.
  public let predictsNumbers: Bool
  /// Of the most important, in that order.
  public let dependences: [PartialDependence]

  /// Missing cells and unknown categories of the file that it was measured on.
  public let gaps: ReadingGaps

  /// Samples that are taken at most, unless it is said otherwise, and features whose partial dependence is told.
  package static let (mostSamples, mostDependences) = (10_000, 6)

  /// How it is measured.
  public struct Plan: Sendable {
    /// How often each feature is shuffled, at least 1.
    public var repeats = 5
    /// Of the permutations.
    public var seed: UInt64 = 1
    /// By its name; nil for accuracy, or R² of a regression.
    public var metric: String?
    /// Samples that are taken at most, evenly apart.
    public var samples = Explanation.mostSamples

    /// Five times, with the seed 1.
    public init() {}
  }

  /// Reads a checkpoint and measures its model.
  ///
  /// - Parameters:
  ///   - path: the checkpoint.
  ///   - source: the samples; nil for the run's own validation data.
  ///   - weights: which weights to use; nil for the average where the run kept one.
  ///   - threads: nil for the configuration's; no figure depends on it.
  ///   - reading: what becomes of gaps in `source`; by default what the run did with them.
  ///   - observe: is told before each evaluation how many are done, and how many there will be.
  /// - Throws: `RunError.input` where the checkpoint or the data cannot be read or do not fit each other, where samples
  ///   are images, or have no such metric.
  public init(
    checkpoint path: String, on source: DataSource? = nil, _ plan: Plan = Plan(), weights: TrainedWeights? = nil,
    threads: Int? = nil, reading: ReadingOverrides = ReadingOverrides(),
    observe: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws(RunError) {
    let model = try ModelOnData(checkpoint: path, on: source, weights: weights, reading: reading)
    let (configuration, data) = (model.configuration, model.data)
    guard !data.shape.isImage else {
      throw .input(
        "\(path): found a model of images (\(data.shape.phrase)), expected one of features: one pixel among its neighbours tells it next to nothing, and no column of a file stands for more (lockstep report shows what it makes of pictures)"
      )
    }
    let further = EvaluationFigures.metrics(of: data.task)
    let usual: Metric = if case .regression = data.task { .r2 } else { .accuracy }
    let metric = try Metric.chosen(plan.metric, of: [configuration.loss.summedMetrics + further], usual: usual)
    let chosen = EvenChoice(plan.samples, of: data.count)
    let table = try FeatureTable(chosen, of: data, model.preprocessing)
    let evaluator = try model.restored.evaluator(
      averaged: model.isAveraged, threads: threads, precision: .float32)
    let total = 1 + table.places.count * plan.repeats
    var done = 0
    func score(_ shuffled: (inputs: Range<Int>, sources: [Int])?) throws(RunError) -> Double {
      observe(done, total)
      done += 1
      let samples = ShuffledDataset(table, like: data, shuffled: shuffled)
      let wanted = further.contains(metric) ? [metric] : []
      let found = try asFailure { () throws(TrainingError) in try evaluator.evaluate(on: samples, measuring: wanted) }
      return found[metric] ?? .nan
    }
    let baseline = try score(nil)
    guard baseline.isFinite else {
      throw .input(
        "--metric \(metric.rawValue): found no such figure of these samples, such as where all are of one class, expected another metric or other data"
      )
    }
    var features: [FeatureImportance] = []
    for (column, inputs) in table.places.enumerated() {
      var drops: [Double] = []
      for repetition in 0..<plan.repeats {
        let sources = Self.permutation(count: table.count, seed: plan.seed, repeat: repetition, column: column)
        let value = try score((inputs, sources))
        drops.append(metric.mode == .max ? baseline - value : value - baseline)
      }
      features.append(FeatureImportance(column: column, name: model.columnNames[column], drops: drops))
    }
    features.sort { ($1.mean, $0.column) < ($0.mean, $1.column) }
    let average = try DependenceAverage(model, table, threads: threads)
    dependences = try features.prefix(Self.mostDependences).map { feature throws(RunError) in
      try average.dependence(onColumn: feature.column)
    }
    gaps = source == nil ? ReadingGaps() : try model.gaps()
    predictsNumbers = if case .regression = data.task { true } else { false }
    (name, step) = (configuration.name, model.restored.checkpoint.step ?? 0)
    (self.metric, self.baseline, self.features) = (metric, baseline, features)
    (samples, available, repeats, seed) = (chosen.count, chosen.available, plan.repeats, plan.seed)
  }

  /// The sample that each sample takes its cells of a column from: a function of these numbers alone.
  package static func permutation(count: Int, seed: UInt64, repeat repetition: Int, column: Int) -> [Int] {
    let key = RandomKey(seed: seed, purpose: .importance, index: UInt64(column))
    let order = KeyedPermutation(count: count, stream: key.stream(UInt64(repetition)))
    var sources = [Int](repeating: 0, count: count)
    var places = sources.mutableSpan
    order.fill(&places, positions: 0..<count)
    return sources
  }
}

/// How much a model relies on a column of features: what its metric loses when the cells are shuffled among the
/// samples, so that they have the same values but say nothing of the target.
///
/// ```
/// dropᵣ = s − sᵣ, or sᵣ − s where less is better
/// s the metric as it is, sᵣ with the column in the order of permutation r
/// ```
/// Breiman 2001, "Random forests", https://doi.org/10.1023/A:1010933404324; Fisher, Rudin, Dominici 2019, "All models
/// are wrong, but many are useful", https://arxiv.org/abs/1801.01489
public struct FeatureImportance: Sendable, Equatable {
  /// Its place among the columns, from 0.
  public let column: Int
  /// Its column's name in the file, or `feature` and its number.
  public let name: String
  /// What is lost, permutation by permutation; below 0 where the model does better without.
  public let drops: [Double]

  /// Their mean.
  public var mean: Double { Sample(drops).mean }
  /// Their standard deviation, with n − 1 below; nil for a single one.
  public var deviation: Double? { Sample(drops).deviation }
  /// Half the width of the 95 % confidence interval of the mean (Student's t): what other permutations would change,
  /// not what other samples or another training would; nil for a single one.
  public var margin: Double? { Sample(drops).margin(overlap: 0) }
}

import LockstepConfiguration
import LockstepData
import LockstepKernels
import LockstepModel
import LockstepRuns
import LockstepTraining

/// What a trained model makes of a data set, as a page shows it: who is taken for whom, how well scores rank and
/// probabilities mean what they say, how far numbers are off, and which samples are worst.
///
/// ```swift
/// let results = try ModelResults(checkpoint: path, on: source)
/// if case .classes(let found) = results.outcome { print(found.reliability.expectedError) }
/// ```
public struct ModelResults: Sendable {
  /// A class, or a label.
  public struct Category: Sendable, Equatable {
    /// Its name in the file, or its number from 0.
    public var name: String
    /// As `EvaluationReport.ClassFigures`.
    public var (precision, recall, f1): (Double, Double, Double)
    /// Samples of the class, or with the label.
    public var support: Int
    /// Of the class against all others; nil where all samples are of it, or none, and where scores were too many to be
    /// kept.
    public var curves: RankingCurves?
    /// Of a label: what its probability means. Of a class nil: see `Classes.reliability`.
    public var reliability: Reliability?
    /// Of a label: samples by whether they have it (outer) and whether that is predicted (inner), no before yes.
    public var confusion: [[Int]]?

  }

  /// Of samples that have one class each.
  public struct Classes: Sendable, Equatable {
    /// In the order of the outputs.
    public var classes: [Category]
    /// Samples by true class (outer) and predicted class (inner); nil for more than 1,024 classes.
    public var confusion: [[Int]]?
    /// Of the probability of the predicted class.
    public var reliability: Reliability
  }

  /// A target of a regression.
  public struct Target: Sendable, Equatable {
    /// What is true of a sample, and what is predicted, in the target's unit.
    public struct Pair: Sendable, Equatable {
      /// By the file, and by the model.
      public var (truth, predicted): (Double, Double)

    }

    /// Its column's name in the file, or its number from 0.
    public var name: String
    /// Over all samples, in the target's unit.
    public var figures: RegressionFigures
    /// Of at most 500 samples, evenly apart.
    public var pairs: [Pair]
    /// Predicted less true, of at most 100,000 samples over the number of targets, evenly apart; nil where none is
    /// finite.
    public var residuals: Histogram?
  }

  /// By what is learned.
  public enum Outcome: Sendable, Equatable {
    case classes(Classes)
    case labels([Category])
    case targets([Target])
  }

  /// Of the run that trained the model.
  public let name: String
  /// Steps that the model was trained.
  public let step: Int
  /// Whether its weights are the average that the run kept.
  public let isAveraged: Bool
  /// Samples that went through it.
  public let samples: Int
  /// Samples that there are; where they are more, those lie evenly apart.
  public let available: Int
  /// Loss and metrics by name, as `EvaluationReport.means` and `further`; sums over other chunks, so that they may
  /// differ from those in the last digits.
  public let figures: [(name: String, value: Double)]
  /// What came of it, by what is learned.
  public let outcome: Outcome
  /// The largest losses first, at most 12.
  public let worst: [WorstSample]
  /// Names of the features' columns, which the cells of `worst` belong to.
  public let columns: [String]
  /// What the samples are.
  public let data: DataSummary
  /// Whether curves are left out because there are too many scores to be kept.
  public let lacksCurves: Bool

  /// Reads a checkpoint, and takes samples through its model.
  ///
  /// - Parameters:
  ///   - path: the checkpoint.
  ///   - source: the samples; nil for the run's own validation data.
  ///   - weights: which weights to use; nil for the average where the run kept one.
  ///   - threads: nil for one a core; no figure depends on it.
  ///   - precision: of the products.
  ///   - reading: what becomes of gaps in `source`; by default what the run did with them.
  /// - Throws: `RunError` where the checkpoint or the data cannot be read, or do not fit each other.
  public init(
    checkpoint path: String, on source: DataSource? = nil, weights: TrainedWeights? = nil, threads: Int? = nil,
    precision: Precision = .float32, reading: ReadingOverrides = ReadingOverrides()
  ) throws(RunError) {
    let model = try ModelOnData(checkpoint: path, on: source, weights: weights, reading: reading)
    try self.init(model, threads: threads, precision: precision)
  }

  /// Of all samples.
  init(_ model: ModelOnData, threads: Int?, precision: Precision) throws(RunError) {
    try self.init(model, EvenChoice(.max, of: model.data.count), threads: threads, precision: precision)
  }

  /// The same of a run's own validation data, in bounded time: at most 10,000 samples, and no more than 4 · 10¹¹
  /// multiply-adds, about ten seconds of a core, but a hundred samples anyway.
  package init(boundedOf path: String) throws(RunError) {
    let model = try ModelOnData(checkpoint: path, on: nil)
    let affordable = max(100, 4e11 / max(1, model.work))
    let most = affordable < 10_000 ? Int(affordable) : 10_000
    try self.init(model, EvenChoice(most, of: model.data.count), threads: nil, precision: .float32)
  }

  private init(
    _ model: ModelOnData, _ chosen: EvenChoice, threads: Int?, precision: Precision
  ) throws(RunError) {
    var gatherer = ResultGatherer(model, chosen)
    let threads = threads ?? min(16, Processor.availableCores)
    try model.pass(chosen, threads: threads, precision: precision) { gatherer.add($0, $1) }
    name = model.configuration.name
    (step, isAveraged) = (model.restored.checkpoint.step ?? 0, model.isAveraged)
    (samples, available) = (chosen.count, chosen.available)
    (outcome, figures) = withFloatingPointEnvironment { [gatherer] in (gatherer.outcome, gatherer.figures) }
    worst = gatherer.worst.traced(in: model.data)
    columns = model.columnNames
    data = gatherer.data.summary
    lacksCurves = gatherer.lacksCurves
  }
}

import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepKernels
import LockstepModel
import LockstepTraining

/// All that can be said of a checkpoint on a data set: the means that training logs, and what fits the loss beside
/// them, sample by sample.
public struct EvaluationReport: Sendable {
  /// What there is to say of one class.
  public struct ClassFigures: Sendable, Equatable {
    public var name: String
    public var precision: Double
    public var recall: Double
    public var f1: Double
    /// Samples of the class.
    public var support: Int
    /// Against all other classes; nil where there is no sample of the class, or none of another.
    public var areaUnderROC: Double?
  }

  /// Of one label, of which a sample may have any number.
  public struct LabelFigures: Sendable, Equatable {
    public var name: String
    public var accuracy: Double
    /// Precision, recall and F1 are those of having the label.
    public var precision: Double
    public var recall: Double
    public var f1: Double
    /// Samples that have the label.
    public var support: Int
    /// nil where all samples have it, or none.
    public var areaUnderROC: Double?
  }

  /// And of one target of a regression.
  public struct TargetFigures: Sendable, Equatable {
    public var name: String
    public var figures: RegressionFigures
  }

  public var samples: Int
  /// Loss and metrics as training logs them, from the same chunks and sums: the same bits.
  public var means: [(name: String, value: Double)]
  /// What is beside them. Of classes: `top_5_accuracy`, `precision`, `recall` and `f1` (means over the classes that
  /// occur), `roc_auc`. Of labels: `subset_accuracy` (all labels of a sample right), `precision`, `recall`, `f1` (means
  /// over the labels), `f1_micro`, `roc_auc` (mean over the labels that have one). Of numbers:
  /// `root_mean_squared_error`, `r2`.
  public var further: [(name: String, value: Double)] = []
  public var classes: [ClassFigures] = []
  /// Samples of each true class (outer) by predicted class; nil for more than 1,024 classes, and where there are none.
  public var confusion: [[Int]]?
  public var labels: [LabelFigures] = []
  public var targets: [TargetFigures] = []
  /// Whether the loss is that of standardised targets; all other figures are in the units of the files.
  public var standardizesTargets = false
  /// What the model did not know of a file that it was evaluated on.
  public var gaps = ReadingGaps()
}

extension EvaluationReport {
  /// - Parameters:
  ///   - path: the checkpoint.
  ///   - data: the samples; nil for the run's own validation data.
  ///   - weights: nil for the average where the run kept one.
  ///   - threads: nil for those of the configuration; nothing depends on it.
  ///   - reading: what becomes of gaps in `data`, where that is to be other than the run had it.
  public init(
    checkpoint path: String, on data: DataSource? = nil, weights: TrainedWeights? = nil, threads: Int? = nil,
    reading: ReadingOverrides = ReadingOverrides()
  ) throws(RunError) {
    let restored = try RestoredRun(checkpoint: path)
    let configuration = restored.configuration
    let isAveraged = try configuration.takesAverage(weights, path)
    let preprocessing = try configuration.preprocessing.reading(reading, path)
    let dataset = try Self.dataset(data, of: restored, preprocessing)
    let evaluator = try restored.evaluator(averaged: isAveraged, threads: threads)
    let found: Evaluation
    do throws(TrainingError) { found = try evaluator.evaluate(on: dataset, measuring: Metric.allCases) } catch {
      throw .input("\(data == nil ? path : "--data"): \(error)")
    }
    means = configuration.loss.metrics(found.sums)
    samples = dataset.count
    standardizesTargets = !preprocessing.targetScales.isEmpty
    if data != nil, let file = dataset as? FileDataset {
      gaps = try asInput { () throws(DatasetError) in try file.gaps() }
    }
    let names =
      if case .classes(let names) = preprocessing.targets { names } else { preprocessing.targetNames }
    if let figures = found.figures { withFloatingPointEnvironment { tell(figures, names) } }
  }

  private static func dataset(
    _ source: DataSource?, of restored: RestoredRun, _ preprocessing: Preprocessing
  ) throws(RunError) -> any Dataset {
    let (configuration, checkpoint) = (restored.configuration, restored.checkpoint)
    let data = configuration.data
    switch source ?? data.validation {
    case .file(let file)?:
      return try asInput { () throws(DataFileError) in
        try FileData.samples(
          of: file, preprocessing, withTargets: true, dropsMissingTargets: data.missingTarget == .drop)
      }
    case let synthetic?:
      do throws(DatasetError) { return try synthetic.makeDataset(runSeed: configuration.seed) } catch {
        throw .input("\(source == nil ? checkpoint.path : "--data"): \(error)")
      }
    case nil:
      guard let description = data.fileDescription(configuration.loss), description.split != nil else {
        throw .input("\(checkpoint.path): the run had no validation data: say by --data what to evaluate on")
      }
      let setup = try restored.setup()
      guard let validation = setup.validation, setup.train.fingerprint == TrainingRun.trainData(of: checkpoint)
      else {
        throw .input(
          "\(checkpoint.path): the data is not what the run was trained with any more: say by --data what to evaluate on"
        )
      }
      return validation
    }
  }

  /// Takes what every output has told, under the names of classes, labels or targets.
  mutating func tell(_ figures: EvaluationFigures, _ names: [String]) {
    func name(_ index: Int) -> String { index < names.count ? names[index] : "\(index)" }
    further = figures.metrics.map { ($0.metric.rawValue, $0.value) }
    switch figures {
    case .classes(let figures):
      let (matrix, areas) = (figures.matrix, figures.areas)
      confusion = matrix.rows
      classes = (0..<matrix.classes).map { index in
        ClassFigures(
          name: name(index), precision: matrix.precision(index), recall: matrix.recall(index), f1: matrix.f1(index),
          support: matrix.support[index], areaUnderROC: areas[index])
      }
    case .labels(let figures):
      let areas = figures.areas
      labels = figures.labels.enumerated().map { index, matrix in
        LabelFigures(
          name: name(index), accuracy: matrix.accuracy, precision: matrix.precision(1), recall: matrix.recall(1),
          f1: matrix.f1(1), support: matrix.support[1], areaUnderROC: areas[index])
      }
    case .targets(let figures, _):
      targets = figures.enumerated().map { TargetFigures(name: name($0), figures: $1) }
    }
  }
}

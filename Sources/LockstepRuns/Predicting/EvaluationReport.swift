import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepKernels
import LockstepModel
import LockstepTraining

/// How good a checkpoint is on a data set: the means that training logs, and further figures that fit the loss, for
/// which every output is looked at.
public struct EvaluationReport: Sendable {
  /// The figures of one class.
  public struct ClassFigures: Sendable, Equatable {
    /// Its name in the file, or its number from 0.
    public var name: String
    /// Share of the samples predicted to be of the class that are; 0 where none is predicted to be.
    public var precision: Double
    /// Share of the samples of the class that are predicted to be; 0 where it has none.
    public var recall: Double
    /// 2 · precision · recall / (precision + recall); 0 where both are 0.
    public var f1: Double
    /// Number of samples of the class.
    public var support: Int
    /// Area under the ROC curve of the class against all others; nil where there is no sample of the class, or of
    /// another.
    public var areaUnderROC: Double?
  }

  /// The figures of one label; a sample may have any number of labels.
  public struct LabelFigures: Sendable, Equatable {
    /// Its column's name in the file, or its number from 0.
    public var name: String
    /// Share of the samples that are predicted rightly to have it or not.
    public var accuracy: Double
    /// Share of the samples predicted to have it that do; 0 where none is predicted to.
    public var precision: Double
    /// Share of the samples that have it that are predicted to; 0 where none has it.
    public var recall: Double
    /// 2 · precision · recall / (precision + recall); 0 where both are 0.
    public var f1: Double
    /// Number of samples that have it.
    public var support: Int
    /// Area under the ROC curve; nil where all samples have it, or none.
    public var areaUnderROC: Double?
  }

  /// The figures of one target of a regression.
  public struct TargetFigures: Sendable, Equatable {
    /// Its column's name in the file, or its number from 0.
    public var name: String
    /// In the units of the files.
    public var figures: RegressionFigures
  }

  /// Number of samples.
  public var samples: Int
  /// Of the matrix products.
  public var products = Precision.float32
  /// Loss and metrics as training logs them; by the same chunks and sums, and so with the same bits.
  public var means: [(name: String, value: Double)]
  /// Further figures of the whole set. For classes: `top_5_accuracy`, `precision`, `recall` and `f1` (means over the
  /// classes that occur), `roc_auc`. For labels: `subset_accuracy` (all labels of a sample right), `precision`,
  /// `recall`, `f1` (means over the labels), `f1_micro`, `roc_auc` (mean over the labels that have one). For numbers:
  /// `root_mean_squared_error`, `r2`.
  public var further: [(name: String, value: Double)] = []
  /// The figures of each class, in the order of the outputs; empty unless classes are learned.
  public var classes: [ClassFigures] = []
  /// Number of samples by true class (outer) and predicted class (inner); nil for more than 1,024 classes, and unless
  /// classes are learned.
  public var confusion: [[Int]]?
  /// The figures of each label, in the order of the outputs; empty unless labels are learned.
  public var labels: [LabelFigures] = []
  /// The figures of each target, in the order of the outputs; empty unless numbers are learned.
  public var targets: [TargetFigures] = []
  /// Whether the loss is computed on standardised targets; all other figures are in the units of the files.
  public var standardizesTargets = false
  /// Missing cells and unknown categories of the file that it was evaluated on.
  public var gaps = ReadingGaps()
}

extension EvaluationReport {
  /// Reads and verifies a checkpoint, and evaluates its model.
  ///
  /// - Parameters:
  ///   - path: the checkpoint.
  ///   - data: the samples; nil for the run's own validation data.
  ///   - weights: which weights to use; nil for the average where the run kept one.
  ///   - threads: nil for the configuration's; no figure depends on it.
  ///   - precision: of the products; a run evaluates in float32, whatever its training's.
  ///   - reading: what becomes of gaps in `data`; by default what the run did with them.
  /// - Throws: `RunError` where the checkpoint or the data cannot be read, or do not fit each other.
  public init(
    checkpoint path: String, on data: DataSource? = nil, weights: TrainedWeights? = nil, threads: Int? = nil,
    precision: Precision = .float32, reading: ReadingOverrides = ReadingOverrides()
  ) throws(RunError) {
    let restored = try RestoredRun(checkpoint: path)
    let configuration = restored.configuration
    let isAveraged = try configuration.takesAverage(weights, path)
    let preprocessing = try configuration.preprocessing.reading(reading, path)
    let dataset = try Self.dataset(data, of: restored, preprocessing)
    try self.init(
      restored, averaged: isAveraged, on: dataset, preprocessing, isGiven: data != nil, threads: threads,
      precision: precision)
  }

  /// Evaluates a model on samples that are open.
  ///
  /// - Parameter isGiven: whether they are others than the run's own.
  package init(
    _ restored: RestoredRun, averaged isAveraged: Bool, on dataset: any Dataset, _ preprocessing: Preprocessing,
    isGiven: Bool, threads: Int?, precision: Precision
  ) throws(RunError) {
    let evaluator = try restored.evaluator(averaged: isAveraged, threads: threads, precision: precision)
    let found: Evaluation
    do throws(TrainingError) { found = try evaluator.evaluate(on: dataset, measuring: Metric.allCases) } catch {
      throw .input("\(isGiven ? "--data" : restored.checkpoint.path): \(error)")
    }
    products = precision
    means = restored.configuration.loss.metrics(found.sums)
    samples = dataset.count
    standardizesTargets = !preprocessing.targetScales.isEmpty
    if isGiven, let file = dataset as? FileDataset {
      gaps = try asInput { () throws(DatasetError) in try file.gaps() }
    }
    let names =
      if case .classes(let names) = preprocessing.targets { names } else { preprocessing.targetNames }
    if let figures = found.figures { withFloatingPointEnvironment { tell(figures, names) } }
  }

  /// The samples of `source`, or where that is nil the run's own validation data.
  package static func dataset(
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
    case .given?:
      throw .input("\(checkpoint.path): a program gave the data of the run: say by --data what to evaluate on")
    case let synthetic?:
      do throws(DatasetError) { return try synthetic.makeDataset(runSeed: configuration.seed) } catch {
        throw .input("\(source == nil ? checkpoint.path : "--data"): \(error)")
      }
    case nil:
      guard let description = data.fileDescription(configuration.loss), description.split != nil else {
        throw .input("\(checkpoint.path): the run had no validation data: say by --data what to evaluate on")
      }
      guard let validation = try restored.unchangedSetup()?.validation else {
        throw .input(
          "\(checkpoint.path): the data is not what the run was trained with any more: say by --data what to evaluate on"
        )
      }
      return validation
    }
  }

  /// Takes over figures of all outputs, under the names of classes, labels or targets.
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

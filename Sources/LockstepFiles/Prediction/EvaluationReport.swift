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
    let loaded = try TrainingRun.load(path)
    let checkpoint = loaded.checkpoint
    var configuration = loaded.configuration
    if let threads { configuration.training.threads = .count(threads) }
    let workers = configuration.training.threads.workers(shards: configuration.training.shards)
    let model = try TrainedModel(checkpoint, loaded.configuration, weights: weights, threads: workers, reading: reading)
    let dataset = try Self.dataset(data, model, checkpoint)
    let trainer = try asInput { () throws(TrainingError) in
      try Trainer(
        configuration.model, loss: configuration.loss, optimizer: configuration.optimizer,
        options: configuration.options)
    }
    trainer.infersFromAverage = weights != .raw
    let tensors = trainer.tensors.map(TensorRecord.init)
    try asInput { () throws(CheckpointError) in try checkpoint.copy(into: tensors) }
    let label = data == nil ? path : "--data"
    do throws(TrainingError) { means = trainer.loss.metrics(try trainer.evaluate(on: dataset)) } catch {
      throw .input("\(label): \(error)")
    }
    samples = dataset.count
    standardizesTargets = !model.preprocessing.targetScales.isEmpty
    do throws(DatasetError) {
      if data != nil, let file = dataset as? FileDataset { gaps = try file.gaps() }
      try withFloatingPointEnvironment { () throws(DatasetError) in try look(at: dataset, model) }
    } catch { throw .input("\(label): \(error)") }
  }

  private static func dataset(
    _ source: DataSource?, _ model: TrainedModel, _ checkpoint: LoadedCheckpoint
  ) throws(RunError) -> any Dataset {
    let data = model.configuration.data
    switch source ?? data.validation {
    case .file(let file)?:
      return try asInput { () throws(DataFileError) in
        try FileData.samples(
          of: file, model.preprocessing, withTargets: true, dropsMissingTargets: data.missingTarget == .drop)
      }
    case let synthetic?:
      let seed = model.configuration.seed
      do throws(DatasetError) { return try synthetic.makeDataset(runSeed: seed) } catch {
        throw .input("\(source == nil ? checkpoint.path : "--data"): \(error)")
      }
    case nil:
      guard let description = data.fileDescription(model.configuration.loss), description.split != nil else {
        throw .input("\(checkpoint.path): the run had no validation data: say by --data what to evaluate on")
      }
      let files = try asInput { () throws(DataFileError) in
        try FileData(opening: description, recorded: model.preprocessing)
      }
      guard let sets = files.sets, let validation = sets.validation,
        sets.train.fingerprint == TrainingRun.trainData(of: checkpoint)
      else {
        throw .input(
          "\(checkpoint.path): the data is not what the run was trained with any more: say by --data what to evaluate on"
        )
      }
      return validation
    }
  }

  /// Predicts every sample and gathers what follows.
  private mutating func look(at dataset: any Dataset, _ model: TrainedModel) throws(DatasetError) {
    let outputs = model.predictor.network.outputs
    let block = Predictor.chunk * 8 * model.predictor.threads
    let memory = Arena(count: Arena.aligned(block * outputs) + block * dataset.task.targetColumns)
    var gathering: any SampleFigures =
      switch dataset.task {
      case .classification(let classes): ClassSampleFigures(classes, samples: dataset.count)
      case .labels(let labels): LabelSampleFigures(labels, samples: dataset.count)
      case .regression(let targets): TargetSampleFigures(targets)
      }
    for start in stride(from: 0, to: dataset.count, by: block) {
      let rows = min(block, dataset.count - start)
      let output = memory.matrix(at: 0, rows: rows, columns: outputs)
      let target = memory.matrix(at: Arena.aligned(block * outputs), rows: rows, columns: dataset.task.targetColumns)
      try model.predictor.predict(into: output) { range, input throws(DatasetError) in
        var samples = InlineArray<256, Int>(repeating: 0)
        for row in range { samples[row - range.lowerBound] = start + row }
        try dataset.fill(samples.span.extracting(first: range.count), features: input, targets: target.rows(range))
      }
      model.preprocessing.restoreUnits(target)
      gathering.add(output, target) { model.conclude($0) }
    }
    let names =
      if case .classes(let names) = model.preprocessing.targets { names } else { model.preprocessing.targetNames }
    gathering.conclude(&self) { $0 < names.count ? names[$0] : "\($0)" }
  }
}

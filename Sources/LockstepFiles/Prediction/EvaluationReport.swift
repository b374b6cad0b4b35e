import LockstepKernels
import LockstepModel
import LockstepTraining

/// All that can be said of a checkpoint on a data set: the means that training logs, and what fits the loss beside them, sample by sample.
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

  /// And of one target of a regression.
  public struct TargetFigures: Sendable, Equatable {
    public var name: String
    public var figures: RegressionFigures
  }

  public var samples: Int
  /// Loss and metrics as training logs them, from the same chunks and sums: the same bits.
  public var means: [(name: String, value: Double)]
  /// What is beside them: `top_5_accuracy`, `precision`, `recall` and `f1` (means over the classes that occur), `roc_auc`; or `root_mean_squared_error`, `r2`.
  public var further: [(name: String, value: Double)] = []
  public var classes: [ClassFigures] = []
  /// Samples of each true class (outer) by predicted class; nil for a regression and for more than 1,024 classes.
  public var confusion: [[Int]]?
  public var targets: [TargetFigures] = []

  /// Scores that are kept for the areas under the curves, at most: half a gibibyte.
  static let mostScores = 1 << 27
  static let topK = 5

  /// - Parameters:
  ///   - path: the checkpoint.
  ///   - data: the samples; nil for the run's own validation data.
  ///   - weights: nil for the average where the run kept one.
  ///   - threads: nil for those of the configuration; nothing depends on it.
  public init(
    checkpoint path: String, on data: DataSource? = nil, weights: TrainedWeights? = nil, threads: Int? = nil
  ) throws(RunError) {
    let loaded = try TrainingRun.load(path)
    let checkpoint = loaded.checkpoint
    var configuration = loaded.configuration
    if let threads { configuration.training.threads = .count(threads) }
    let workers = configuration.training.threads.workers(shards: configuration.training.shards)
    let model = try TrainedModel(checkpoint, loaded.configuration, weights: weights, threads: workers)
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
    do throws(DatasetError) { try look(at: dataset, model) } catch { throw .input("\(label): \(error)") }
  }

  private static func dataset(
    _ source: DataSource?, _ model: TrainedModel, _ checkpoint: LoadedCheckpoint
  ) throws(RunError) -> any Dataset {
    let data = model.configuration.data
    switch source ?? data.validation {
    case .file(let file)?:
      return try asInput { () throws(DataFileError) in
        try FileData.samples(of: file, model.preprocessing, withTargets: true)
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
    var gathering = Gathering(dataset, model)
    for start in stride(from: 0, to: dataset.count, by: block) {
      let rows = min(block, dataset.count - start)
      let output = memory.matrix(at: 0, rows: rows, columns: outputs)
      let target = memory.matrix(at: Arena.aligned(block * outputs), rows: rows, columns: dataset.task.targetColumns)
      try model.predictor.predict(into: output) { range, input throws(DatasetError) in
        var samples = InlineArray<256, Int>(repeating: 0)
        for row in range { samples[row - range.lowerBound] = start + row }
        try dataset.fill(samples.span.extracting(first: range.count), features: input, targets: target.rows(range))
      }
      gathering.add(output, target, model)
    }
    gathering.conclude(&self, model.preprocessing)
  }

  /// As `--json` prints it.
  public var json: JSONObject {
    var json = JSONObject()
    for (name, value) in means + further { json[name] = .number(value) }
    json["samples"] = .integer(samples)
    if !classes.isEmpty {
      json["classes"] = .array(
        classes.map {
          [
            "name": .string($0.name), "precision": .number($0.precision), "recall": .number($0.recall),
            "f1": .number($0.f1),
            "support": .integer($0.support), "roc_auc": $0.areaUnderROC.map { .number($0) } ?? .null,
          ]
        })
    }
    if let confusion { json["confusion_matrix"] = .array(confusion.map { .array($0.map { .integer($0) }) }) }
    if !targets.isEmpty {
      json["targets"] = .array(
        targets.map {
          [
            "name": .string($0.name), "mean_absolute_error": .number($0.figures.meanAbsoluteError),
            "root_mean_squared_error": .number($0.figures.rootMeanSquaredError), "r2": .number($0.figures.r2),
          ]
        })
    }
    return json
  }
}

/// What is gathered while samples go by.
private struct Gathering {
  private var matrix: ConfusionMatrix?
  private var amongTop = 0
  /// Probabilities, class by class; nil where they would be too many.
  private var scores: [[Float]]?
  private var labels: [Int32] = []
  private var figures: [RegressionFigures] = []

  init(_ dataset: any Dataset, _ model: TrainedModel) {
    switch dataset.task {
    case .classification(let classes):
      matrix = ConfusionMatrix(classes: classes)
      // Of two classes, one score tells all.
      let kept = classes == 2 ? 1 : classes
      if dataset.count.multipliedReportingOverflow(by: kept).overflow
        || dataset.count * kept > EvaluationReport.mostScores
      {
        return
      }
      scores = Array(repeating: [], count: kept)
    case .regression(let targets): figures = Array(repeating: RegressionFigures(), count: targets)
    }
  }

  mutating func add(_ outputs: Matrix, _ targets: Matrix, _ model: TrainedModel) {
    guard matrix != nil else {
      // Both in the units of the files.
      model.conclude(outputs)
      model.preprocessing.restoreUnits(targets)
      for row in 0..<outputs.rows {
        for column in figures.indices {
          figures[column].add(true: targets[row, column], predicted: outputs[row, column])
        }
      }
      return
    }
    for row in 0..<outputs.rows {
      let (label, output) = (Int(targets[row, 0]), outputs.row(row))
      matrix?.add(true: label, predicted: output.likeliestClass)
      if outputs.columns > EvaluationReport.topK, output.rank(of: label) < EvaluationReport.topK { amongTop += 1 }
      if scores != nil { labels.append(Int32(label)) }
    }
    guard scores != nil else { return }
    model.conclude(outputs)
    for row in 0..<outputs.rows {
      if scores?.count == 1 {
        scores?[0].append(outputs[row, outputs.columns - 1])
      } else {
        for column in 0..<outputs.columns { scores?[column].append(outputs[row, column]) }
      }
    }
  }

  func conclude(_ report: inout EvaluationReport, _ preprocessing: Preprocessing) {
    guard let matrix, case .classes(let names) = preprocessing.targets else {
      return concludeRegression(&report, preprocessing)
    }
    let areas = areas(matrix.classes)
    if matrix.classes > EvaluationReport.topK {
      report.further.append(("top_\(EvaluationReport.topK)_accuracy", Double(amongTop) / Double(report.samples)))
    }
    report.further += [
      ("precision", matrix.macro(matrix.precision)), ("recall", matrix.macro(matrix.recall)),
      ("f1", matrix.macro(matrix.f1)),
    ]
    let known = areas.compactMap { $0 }
    if !known.isEmpty { report.further.append(("roc_auc", known.reduce(0, +) / Double(known.count))) }
    report.confusion = matrix.rows
    report.classes = (0..<matrix.classes).map { index in
      EvaluationReport.ClassFigures(
        name: index < names.count ? names[index] : "\(index)", precision: matrix.precision(index),
        recall: matrix.recall(index),
        f1: matrix.f1(index), support: matrix.support[index], areaUnderROC: areas[index])
    }
  }

  /// Of each class against all others; of two classes both are the same.
  private func areas(_ classes: Int) -> [Double?] {
    guard let scores else { return Array(repeating: nil, count: classes) }
    if classes == 2 {
      let area = ROC.area(scores: scores[0], isPositive: labels.map { $0 == 1 })
      return [area, area]
    }
    return (0..<classes).map { index in ROC.area(scores: scores[index], isPositive: labels.map { $0 == index }) }
  }

  private func concludeRegression(_ report: inout EvaluationReport, _ preprocessing: Preprocessing) {
    let names = preprocessing.targetNames
    report.targets = figures.enumerated().map { index, figures in
      EvaluationReport.TargetFigures(name: index < names.count ? names[index] : "\(index)", figures: figures)
    }
    let count = Double(figures.count)
    let squared = figures.reduce(0) { $0 + $1.rootMeanSquaredError * $1.rootMeanSquaredError } / count
    report.further = [
      ("root_mean_squared_error", figures.count == 1 ? figures[0].rootMeanSquaredError : squared.squareRoot()),
      ("r2", figures.reduce(0) { $0 + $1.r2 } / count),
    ]
  }
}

extension Vector {
  /// The class that a row of logits speaks for: the largest, the first of equals; of one logit the second class where it is above 0.
  var likeliestClass: Int {
    if count == 1 { return self[0] > 0 ? 1 : 0 }
    var best = 0
    for index in 1..<count where self[index] > self[best] { best = index }
    return best
  }

  /// How many classes come before class `label`.
  fileprivate func rank(of label: Int) -> Int {
    let score = self[label]
    var rank = 0
    for index in 0..<count where self[index] > score || self[index] == score && index < label { rank += 1 }
    return rank
  }
}

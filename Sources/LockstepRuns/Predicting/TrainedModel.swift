import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepKernels
import LockstepModel
import LockstepTraining

/// A model from a checkpoint, ready to predict.
///
/// ```swift
/// let model = try TrainedModel(checkpoint: "runs/quickstart/checkpoints/step-00029310.safetensors.zst")
/// let probabilities = try model.predict([features])[0]
/// ```
public final class TrainedModel {
  /// The configuration of the run that trained it.
  public let configuration: RunConfiguration
  /// How many steps it was trained.
  public let step: Int
  /// SHA-256 of the bytes of the checkpoint's tensors; see `weightsDigest(of:)`.
  public let weightsDigest: String
  /// Whether it predicts with the average of the weights or with the weights themselves.
  public let weights: TrainedWeights
  /// How inputs are made of what files hold, and what the outputs stand for.
  public let preprocessing: Preprocessing
  let predictor: Predictor
  private let encoder: SampleEncoder

  /// Reads and verifies a checkpoint.
  ///
  /// - Parameters:
  ///   - path: the checkpoint.
  ///   - activations: those of a program's own that the model has.
  ///   - weights: which weights to use; nil for the average where the run kept one. BatchNorm's running statistics are
  ///     the run's own either way.
  ///   - threads: how many threads share the rows; the predictions do not depend on it.
  ///   - precision: of the products; that of the run's training, if it was another, has to be asked for.
  ///   - reading: what becomes of gaps in files; by default what the run did with them.
  /// - Throws: `RunError.input` where the file is damaged, of a newer format or not a checkpoint, where it lacks the
  ///   average that `weights` asks for, or the means that `reading` asks for, or the model has an activation of a
  ///   program's own that is not given.
  public init(
    checkpoint path: String, activations: [any CustomActivation] = [], weights: TrainedWeights? = nil,
    threads: Int = 1, precision: Precision = .float32, reading: ReadingOverrides = ReadingOverrides()
  ) throws(RunError) {
    let restored = try RestoredRun(checkpoint: path, activations: activations)
    let isAveraged = try restored.configuration.takesAverage(weights, path)
    configuration = restored.configuration
    self.weights = isAveraged ? .averaged : .raw
    step = restored.checkpoint.step ?? 0
    weightsDigest = restored.checkpoint.weightsDigest
    preprocessing = try restored.configuration.preprocessing.reading(reading, path)
    encoder = SampleEncoder(preprocessing)
    predictor = try restored.predictor(averaged: isAveraged, threads: threads, precision: precision)
  }

  /// The model of a trainer as it stands, by a copy of its weights.
  init(
    _ configuration: RunConfiguration, step: Int, weightsDigest: String, _ weights: TrainedWeights,
    _ predictor: Predictor
  ) {
    (self.configuration, self.step, self.weightsDigest) = (configuration, step, weightsDigest)
    (self.weights, self.predictor) = (weights, predictor)
    preprocessing = configuration.preprocessing
    encoder = SampleEncoder(preprocessing)
  }

  package var network: Network { predictor.network }
  /// `preprocessing` as the metadata `preprocessing` of checkpoints and exports hold it; see docs/export.md.
  package var preprocessingText: String { JSONValue.object(preprocessing.json).text }
  /// Parameters, then running statistics, as in the network's layouts.
  package var tensors: [Tensor] { predictor.tensors }

  /// Predicts each row: the probabilities of the classes for softmax cross entropy, the probability of the second
  /// class, or of each label, for binary cross entropy, the targets in the units of the files for regression.
  ///
  /// - Parameter rows: rows of features as the training files held them, not standardised: a number for each column,
  ///   the pixels of an image with its channels last; for a category its place in `Preprocessing.Column.categories`,
  ///   for a missing cell NaN.
  /// - Throws: `RunError.input` where a row has another number of features than the model, or one that is not finite
  ///   though the model takes no missing cells.
  public func predict(_ rows: [[Double]]) throws(RunError) -> [[Float]] {
    let width = preprocessing.columns.count
    if let bad = rows.firstIndex(where: { $0.count != width }) {
      throw .input("row \(bad): found \(rows[bad].count) features, the model expects \(width)")
    }
    let (inputs, outputs) = (preprocessing.features, predictor.network.outputs)
    guard let memory = Arena(granted: Arena.aligned(rows.count * inputs) + rows.count * outputs) else {
      throw .failed("the system does not grant the memory of \(rows.count) rows at present: predict fewer at a time")
    }
    let input = memory.matrix(at: 0, rows: rows.count, columns: inputs)
    let output = memory.matrix(at: Arena.aligned(rows.count * inputs), rows: rows.count, columns: outputs)
    for (index, row) in rows.enumerated() {
      let bad = withFloatingPointEnvironment { encoder.encode(row, into: input.row(index)) }
      if let bad {
        throw .input("row \(index), column \(bad): found \(row[bad]), expected a finite number or a known category")
      }
    }
    predictor.predict(input, into: output)
    conclude(output)
    return (0..<rows.count).map { output.row($0).array }
  }

  /// Predicts rows of float32 features, which are converted to Double first.
  @_disfavoredOverload
  public func predict(_ rows: [[Float]]) throws(RunError) -> [[Float]] {
    try predict(rows.map { $0.map { Double($0) } })
  }

  /// Turns outputs into what is asked for, in place: logits into probabilities, standardised targets into numbers in
  /// their units.
  func conclude(_ outputs: Matrix) {
    withFloatingPointEnvironment {
      switch configuration.loss.targets {
      case .classes: LossKernels.softmax(outputs, into: outputs)
      case .labels: ActivationFunction.sigmoid.forward(outputs.elements, into: outputs.elements)
      case .numbers: preprocessing.restoreUnits(outputs)
      }
    }
  }

  /// Loss and metrics of a checkpoint on `data`, or on its run's own validation data where that is nil. Chunks and sums
  /// are those of training, so that the same data give the same bits.
  ///
  /// - Throws: as `EvaluationReport`, whose `means` these are.
  public static func evaluate(
    checkpoint path: String, on data: DataSource? = nil, threads: Int? = nil
  ) throws(RunError) -> [(name: String, value: Double)] {
    try EvaluationReport(checkpoint: path, on: data, threads: threads).means
  }
}

extension RunConfiguration {
  /// How the inputs of its model are made of what files hold; synthetic data are taken as they are.
  package var preprocessing: Preprocessing {
    data.preprocessing
      ?? Preprocessing(identity: data.features, image: ImageLayout(data.shape), data.task, samples: data.samples)
  }
}

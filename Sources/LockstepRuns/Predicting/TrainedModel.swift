import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepKernels
import LockstepModel
import LockstepTraining

/// A model from a checkpoint, ready to predict.
///
/// ```swift
/// let model = try TrainedModel(checkpoint: "runs/quickstart/checkpoints/step-00001173.safetensors.zst")
/// let probabilities = try model.predict([features])[0]
/// ```
public final class TrainedModel {
  public let configuration: RunConfiguration
  public let step: Int
  public let weightsDigest: String
  /// Which weights of the checkpoint it has.
  public let weights: TrainedWeights
  /// How its inputs are made of what files hold, and what its outputs are called.
  public let preprocessing: Preprocessing
  let predictor: Predictor
  private let encoder: SampleEncoder

  /// - Parameters:
  ///   - weights: nil for the average where the run kept one. BatchNorm's running statistics are the run's own either
  ///     way.
  ///   - threads: that share the rows; the predictions do not depend on it.
  ///   - reading: what becomes of gaps, where that is to be other than the run had it.
  /// - Throws: `RunError.input` where the file is damaged, of a newer format, or not a checkpoint, or has no average or
  ///   no means that are asked for.
  public init(
    checkpoint path: String, weights: TrainedWeights? = nil, threads: Int = 1,
    reading: ReadingOverrides = ReadingOverrides()
  ) throws(RunError) {
    let restored = try RestoredRun(checkpoint: path)
    let isAveraged = try restored.configuration.takesAverage(weights, path)
    configuration = restored.configuration
    self.weights = isAveraged ? .averaged : .raw
    step = restored.checkpoint.step ?? 0
    weightsDigest = restored.checkpoint.weightsDigest
    preprocessing = try restored.configuration.preprocessing.reading(reading, path)
    encoder = SampleEncoder(preprocessing)
    predictor = try restored.predictor(averaged: isAveraged, threads: threads)
  }

  package var network: Network { predictor.network }
  /// What its inputs and outputs are, as checkpoints and exports say it in their metadata `preprocessing`:
  /// docs/export.md.
  package var preprocessingText: String { JSONValue.object(preprocessing.json).text }
  /// Parameters, then running statistics, as in the network's layouts.
  package var tensors: [Tensor] { predictor.tensors }

  /// What the model says of each row of features: class probabilities for softmax cross entropy, the probability of the
  /// second class for binary cross entropy, the targets for regression.
  ///
  /// - Parameter rows: as the training files held them, before they were standardised: a number a column, of a category
  ///   its place among the sorted ones, NaN for what is missing.
  /// - Throws: `RunError.input` where a row has another number of features than the model, or one that is not finite.
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

  /// What the model says of each row of float32 features, as of those in double precision.
  @_disfavoredOverload
  public func predict(_ rows: [[Float]]) throws(RunError) -> [[Float]] {
    try predict(rows.map { $0.map { Double($0) } })
  }

  /// Makes of outputs what a person asks for, in place: probabilities of logits, and of standardised targets numbers in
  /// their units.
  func conclude(_ outputs: Matrix) {
    withFloatingPointEnvironment {
      switch configuration.loss {
      case .softmaxCrossEntropy: LossKernels.softmax(outputs, into: outputs)
      case .binaryCrossEntropy: ActivationFunction.sigmoid.forward(outputs.elements, into: outputs.elements)
      case .meanSquaredError, .meanAbsoluteError, .huber: preprocessing.restoreUnits(outputs)
      }
    }
  }

  /// Loss and metrics of a checkpoint on a data set: its own validation data if `data` is nil, by the same chunks and
  /// sums as in training, so on the same data with the same bits.
  public static func evaluate(
    checkpoint path: String, on data: DataSource? = nil, threads: Int? = nil
  ) throws(RunError) -> [(name: String, value: Double)] {
    try EvaluationReport(checkpoint: path, on: data, threads: threads).means
  }
}

extension RunConfiguration {
  /// How the inputs of its model are made of what files hold; of synthetic data, as they are.
  var preprocessing: Preprocessing {
    data.preprocessing ?? Preprocessing(identity: data.features, data.task, samples: data.samples)
  }
}

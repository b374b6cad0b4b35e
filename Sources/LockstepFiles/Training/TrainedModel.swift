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
  private let predictor: Predictor

  /// - Throws: `RunError.input` where the file is damaged, of a newer format, or not a checkpoint.
  public init(checkpoint path: String) throws(RunError) {
    let (checkpoint, configuration) = try TrainingRun.load(path)
    self.configuration = configuration
    step = checkpoint.step ?? 0
    weightsDigest = checkpoint.weightsDigest
    let model = configuration.model
    predictor = try asInput { () throws(TrainingError) in try Predictor(model) }
    let targets = predictor.tensors.map(TensorRecord.init)
    try asInput { () throws(CheckpointError) in try checkpoint.copy(into: targets, prefix: "model.") }
  }

  package var network: Network { predictor.network }
  /// Parameters, then running statistics, as in the network's layouts.
  package var tensors: [TensorRecord] { predictor.tensors.map(TensorRecord.init) }

  /// What the model says of each row of features: class probabilities for softmax cross entropy, the probability of the second class for binary
  /// cross entropy, the targets for regression.
  ///
  /// - Throws: `RunError.input` where a row has another number of features than the model.
  public func predict(_ rows: [[Float]]) throws(RunError) -> [[Float]] {
    let width = predictor.network.model.features
    if let bad = rows.firstIndex(where: { $0.count != width }) {
      throw .input("row \(bad): found \(rows[bad].count) features, the model expects \(width)")
    }
    let outputs = predictor.network.outputs
    let memory = (input: Arena(count: rows.count * width), output: Arena(count: rows.count * outputs))
    let input = memory.input.matrix(at: 0, rows: rows.count, columns: width)
    let output = memory.output.matrix(at: 0, rows: rows.count, columns: outputs)
    for (index, row) in rows.enumerated() { input.row(index).copy(from: row) }
    withFlushToZero {
      predictor.predict(input, into: output)
      switch configuration.loss {
      case .softmaxCrossEntropy: LossKernels.softmax(output, into: output)
      case .binaryCrossEntropy: ActivationFunction.sigmoid.forward(output.elements, into: output.elements)
      case .meanSquaredError, .meanAbsoluteError, .huber: break
      }
    }
    return (0..<rows.count).map { output.row($0).array }
  }

  /// Loss and metrics of a checkpoint on a data set: its own validation data if `data` is nil, by the same chunks and sums as in training, so on the
  /// same data with the same bits.
  public static func evaluate(
    checkpoint path: String, on data: DataSource? = nil, threads: Int? = nil
  ) throws(RunError) -> [(name: String, value: Double)] {
    let restored = try RestoredTrainer(checkpoint: path, threads: threads)
    let (configuration, trainer) = (restored.configuration, restored.trainer)
    guard let source = data ?? configuration.data.validation else {
      throw .input("\(path): the run had no validation data: say by --data what to evaluate on")
    }
    let seed = configuration.seed
    let label = data == nil ? path : "--data"
    let dataset: any Dataset
    do throws(DatasetError) { dataset = try source.makeDataset(runSeed: seed) } catch {
      throw .input("\(label): \(error)")
    }
    do throws(TrainingError) { return trainer.loss.metrics(try trainer.evaluate(on: dataset)) } catch {
      throw .input("\(label): \(error)")
    }
  }
}

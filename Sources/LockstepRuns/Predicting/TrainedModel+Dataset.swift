import LockstepData
import LockstepKernels
import LockstepModel
import LockstepTraining

// What a model makes of samples that a program gives.

extension TrainedModel {
  /// Predicts every sample of a data set whose features are the network's inputs; as `predict(_:)` for each.
  ///
  /// - Throws: `RunError.input` where the samples do not have the model's shape or cannot be read.
  public func predict(on data: any Dataset) throws(RunError) -> [[Float]] {
    guard data.shape == network.model.input else {
      throw .input("the data set has \(data.shape.phrase), the model expects \(network.model.input.phrase)")
    }
    let (outputs, columns) = (network.outputs, data.task.targetColumns)
    guard let memory = Arena(granted: data.count * outputs) else {
      throw .failed("the system does not grant the memory of \(data.count) rows at present: predict fewer at a time")
    }
    let output = memory.matrix(at: 0, rows: data.count, columns: outputs)
    try asInput { () throws(DatasetError) in
      try predictor.predict(into: output) { rows, input throws(DatasetError) in
        let (indices, targets) = (Array(rows), Arena(count: rows.count * columns))
        try data.fill(
          indices.span, features: input, targets: targets.matrix(at: 0, rows: rows.count, columns: columns))
      }
    }
    conclude(output)
    return (0..<data.count).map { output.row($0).array }
  }

  /// Loss and metrics on a data set, with the bits of `Trainer.evaluate`.
  ///
  /// - Parameters:
  ///   - further: metrics beside those that the loss sums.
  ///   - own: metrics of one's own.
  /// - Throws: `RunError.input` where the data does not fit the model or cannot be read.
  public func evaluate(
    on data: any Dataset, measuring further: [Metric] = [], adding own: [any CustomMetric] = []
  ) throws(RunError) -> Evaluation {
    var options = configuration.options
    options.threads = .count(predictor.threads)
    return try asInput { [options] () throws(TrainingError) in
      let evaluator = try Evaluator(configuration.model, loss: configuration.loss, options: options)
      for (mine, trained) in zip(evaluator.tensors, tensors) { mine.values.copy(from: trained.values) }
      return try evaluator.evaluate(on: data, measuring: further, adding: own)
    }
  }
}

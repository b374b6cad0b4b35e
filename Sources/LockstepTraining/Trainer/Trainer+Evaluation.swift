import LockstepData
import LockstepKernels
import LockstepModel

extension Trainer {
  /// Loss and metrics over a whole data set, in inference, with the average of the weights where there is one. It
  /// changes nothing.
  ///
  /// ```swift
  /// let found = try trainer.evaluate(on: validation, measuring: [.f1])
  /// print(found.loss, found[.accuracy] ?? .nan, found[.f1] ?? .nan)
  /// ```
  /// Samples go through in their order, in chunks of a batch; sums run along the tree in a chunk, then over the chunks.
  ///
  /// - Parameters:
  ///   - further: metrics beside those that the loss sums, which need every output.
  ///   - own: metrics of one's own, each as it is before any row.
  /// - Throws: `TrainingError` where the data does not fit the network or cannot be read.
  @discardableResult
  public func evaluate(
    on data: any Dataset, measuring further: [Metric] = [], adding own: [any CustomMetric] = []
  ) throws(TrainingError) -> Evaluation {
    // Never stopped, it has a result.
    try evaluation(on: data, measuring: further, adding: own)
      ?? Evaluation(loss, LossSums(), nil, measuring: further, own: own)
  }

  /// The same, which can be stopped.
  ///
  /// - Parameter isStopped: asked before each chunk; true ends the evaluation.
  /// - Returns: nil where `isStopped` has ended it.
  /// - Throws: `TrainingError` where the data does not fit the network or cannot be read.
  public func evaluation(
    on data: any Dataset, measuring further: [Metric] = [], adding own: [any CustomMetric] = [],
    isStopped: () -> Bool = { false }
  ) throws(TrainingError) -> Evaluation? {
    try checkIdle()
    try loss.check(network, on: data)
    return try withFloatingPointEnvironment { () throws(TrainingError) in
      try withInferenceWeights { () throws(TrainingError) in
        try coordinator.evaluate(
          on: data, batch: options.batch, measuring: further, adding: own, isStopped: isStopped)
      }
    }
  }
}

import LockstepConfiguration

/// Which weights of a checkpoint a model uses.
public enum TrainedWeights: String, Sendable, CaseIterable {
  /// The moving average of the weights, where the run kept one.
  case averaged
  /// The weights of the last step.
  case raw
}

extension RunConfiguration {
  /// Whether the average is taken: where there is one, unless `raw` is wanted.
  ///
  /// - Throws: `RunError.input` where the average is wanted and there is none.
  package func takesAverage(_ wanted: TrainedWeights?, _ path: String) throws(RunError) -> Bool {
    let isAveraged = training.weightAverage != nil
    if wanted == .averaged, !isAveraged {
      throw .input(
        "\(path): found no average of the weights, expected a run with training.weight_average, or raw weights")
    }
    return isAveraged && wanted != .raw
  }
}

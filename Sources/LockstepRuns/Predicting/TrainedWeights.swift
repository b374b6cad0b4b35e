import LockstepConfiguration

/// Which weights of a checkpoint a model is used with.
public enum TrainedWeights: String, Sendable, CaseIterable {
  /// The moving average of the run.
  case averaged
  /// Those that it trained.
  case raw
}

extension RunConfiguration {
  /// Whether the average is taken: it is where there is one, unless the others are asked for.
  ///
  /// - Throws: `RunError.input` where it is asked for and there is none.
  func takesAverage(_ wanted: TrainedWeights?, _ path: String) throws(RunError) -> Bool {
    let isAveraged = training.weightAverage != nil
    if wanted == .averaged, !isAveraged {
      throw .input(
        "\(path): found no average of the weights, expected a run with training.weight_average, or raw weights")
    }
    return isAveraged && wanted != .raw
  }
}

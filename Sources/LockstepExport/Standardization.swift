import LockstepFiles

/// What is done to features before a model sees them: x ← (x − mean) / deviation, feature by feature.
public struct Standardization: Sendable, Equatable {
  public var mean: [Double]
  public var deviation: [Double]

  public init(mean: [Double], deviation: [Double]) {
    self.mean = mean
    self.deviation = deviation
  }

  /// - Throws: `RunError.input` where there is not one finite mean and one deviation above 0 for each of `features`.
  func check(features: Int) throws(RunError) {
    guard mean.count == features, deviation.count == features else {
      throw .input(
        "standardization: found \(mean.count) means and \(deviation.count) deviations, expected \(features) of each, one a feature"
      )
    }
    guard mean.allSatisfy(\.isFinite), deviation.allSatisfy({ $0.isNormal && $0 > 0 }) else {
      throw .input("standardization: expected finite means, and deviations that are finite and above 0")
    }
  }

  /// What the inputs of a model were put through in training: its numbers are standardised, its categories 0 or 1 already. nil where nothing was.
  init?(_ preprocessing: Preprocessing) {
    guard preprocessing.isStandardized else { return nil }
    (mean, deviation) = ([], [])
    for column in preprocessing.columns {
      var (columnMean, columnDeviation) = (0.0, 1.0)
      if case .number(let mean, let deviation) = column.kind { (columnMean, columnDeviation) = (mean, deviation) }
      mean += [Double](repeating: columnMean, count: column.width)
      deviation += [Double](repeating: columnDeviation, count: column.width)
    }
  }
}

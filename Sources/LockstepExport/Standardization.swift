import LockstepFiles

/// What is done to features before a model sees them: x ← (x − mean) / deviation, feature by feature.
public struct Standardization: Sendable, Equatable {
  public var mean: [Float]
  public var deviation: [Float]

  public init(mean: [Float], deviation: [Float]) {
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
}

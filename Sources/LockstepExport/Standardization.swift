import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepRuns
import LockstepTraining

extension TrainedModel {
  /// What is done to features before a model sees them: x ← (x − mean) / deviation, feature by feature.
  public struct Standardization: Sendable, Equatable {
    /// One a feature, in the order of the model's inputs.
    public var mean: [Double]
    /// One a feature, each above 0.
    public var deviation: [Double]

    /// Nothing is checked here; `export` throws where the counts are not the model's features.
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

    /// What the inputs of a model were put through in training: its numbers are standardised, its categories 0 or 1
    /// already. nil where nothing was.
    init?(_ preprocessing: Preprocessing) {
      guard preprocessing.isStandardized else { return nil }
      (mean, deviation) = ([], [])
      for column in preprocessing.columns {
        var (columnMean, columnDeviation) = (0.0, 1.0)
        if case .number(let mean, let deviation) = column.encoding { (columnMean, columnDeviation) = (mean, deviation) }
        mean += [Double](repeating: columnMean, count: column.width)
        deviation += [Double](repeating: columnDeviation, count: column.width)
      }
    }
  }
}

/// What an exported model does with what files hold before its layers, and with what they give after.
struct Surroundings {
  /// nil where features are taken as they are.
  var standardization: TrainedModel.Standardization?
  /// What an input that is NaN becomes: its column's mean, none of the categories. nil where NaN stays NaN.
  var fill: [Double]?
  /// Whether float32 would cost features digits that count.
  var isPrecise = false
  /// What targets were standardised by; empty where they were not.
  var targets: [Preprocessing.Scale] = []

  init(_ preprocessing: Preprocessing, _ standardization: TrainedModel.Standardization?) {
    self.standardization = standardization ?? TrainedModel.Standardization(preprocessing)
    isPrecise = standardization == nil && preprocessing.needsPreciseInputs
    targets = preprocessing.targetScales
    guard preprocessing.fillsMissing else { return }
    fill = preprocessing.columns.flatMap { column -> [Double] in
      if case .number(let mean, _) = column.encoding { return [mean] }
      return [Double](repeating: 0, count: column.width)
    }
  }

  /// What files that hold tensors alone hold beside those of the model, to be applied by whoever computes with them.
  var tensors: [NamedTensor] {
    guard let standardization else { return [] }
    return [
      NamedTensor(name: TensorLayout.standardization.mean, precise: standardization.mean),
      NamedTensor(name: TensorLayout.standardization.deviation, precise: standardization.deviation),
    ]
  }

  /// What brings targets back to their units, where the model's last layer cannot take them in.
  var targetTensors: [NamedTensor] {
    if targets.isEmpty { return [] }
    return [
      NamedTensor(name: TensorLayout.targets.mean, precise: targets.map(\.mean)),
      NamedTensor(name: TensorLayout.targets.deviation, precise: targets.map(\.deviation)),
    ]
  }
}

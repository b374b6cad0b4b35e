import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepModel
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
  /// What a sample is.
  let input: Shape
  /// nil where features are taken as they are.
  var standardization: TrainedModel.Standardization?
  /// What an input that is NaN becomes: its column's mean, none of the categories. nil where NaN stays NaN.
  var fill: [Double]?
  /// Whether float32 would cost features digits that count.
  var isPrecise = false
  /// What targets were standardised by; empty where they were not.
  var targets: [Preprocessing.Scale] = []

  init(_ preprocessing: Preprocessing, _ standardization: TrainedModel.Standardization?, input: Shape) {
    self.input = input
    self.standardization = standardization ?? TrainedModel.Standardization(preprocessing)
    isPrecise = standardization == nil && preprocessing.needsPreciseInputs
    targets = preprocessing.targetScales
    guard preprocessing.fillsMissing else { return }
    fill = preprocessing.columns.flatMap { column -> [Double] in
      if case .number(let mean, _) = column.encoding { return [mean] }
      return [Double](repeating: 0, count: column.width)
    }
  }

  /// What files hold beside the tensors of the model: those that hold tensors alone, to be applied by whoever computes
  /// with them.
  func tensors(_ layout: TensorLayout) -> [NamedTensor] {
    guard let standardization else { return [] }
    return [
      tensor(TensorLayout.standardization.mean, standardization.mean, layout),
      tensor(TensorLayout.standardization.deviation, standardization.deviation, layout),
    ]
  }

  /// A number for every input, in a shape that is broadcast over samples: of images one a channel, where all positions
  /// have the same.
  func tensor(_ name: String, _ values: [Double], _ layout: TensorLayout) -> NamedTensor {
    guard case .image(let height, let width, let channels) = input else {
      return NamedTensor(name: name, precise: values)
    }
    let isOneAChannel = values.indices.allSatisfy { values[$0] == values[$0 % channels] }
    let (rows, columns) = isOneAChannel ? (1, 1) : (height, width)
    switch layout {
    case .keras:
      let shape = isOneAChannel ? [channels] : [rows, columns, channels]
      return NamedTensor(name: name, shape: shape, precise: Array(values.prefix(rows * columns * channels)))
    case .torch:
      let turned = (0..<channels).flatMap { channel in
        (0..<rows * columns).map { values[$0 * channels + channel] }
      }
      return NamedTensor(name: name, shape: [channels, rows, columns], precise: turned)
    }
  }

  /// What brings targets back to their units, where the model's last layer cannot take them in.
  ///
  /// - Parameter channels: of the flattened image that a row of targets is where channels are first.
  func targetTensors(channels: Int = 1) -> [NamedTensor] {
    if targets.isEmpty { return [] }
    let positions = targets.count / channels
    let turned = targets.indices.map { targets[$0 % positions * channels + $0 / positions] }
    return [
      NamedTensor(name: TensorLayout.targets.mean, precise: turned.map(\.mean)),
      NamedTensor(name: TensorLayout.targets.deviation, precise: turned.map(\.deviation)),
    ]
  }
}

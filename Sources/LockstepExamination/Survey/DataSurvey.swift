import LockstepData
import LockstepKernels
import LockstepModel
import LockstepRuns

/// Training samples as the network sees them, and figures of every input. Where a set is large, samples that lie evenly
/// apart stand for it.
struct DataSurvey {
  /// Of an input over the samples.
  struct Moments {
    var mean = 0.0
    var deviation = 0.0
    /// √ of the mean square.
    var magnitude: Double { (mean * mean + deviation * deviation).squareRoot() }
  }

  /// Samples that are looked at, at most: the relative error of a deviation over so many is half a percent.
  private static let samples = 20_000
  /// Inputs that are looked at, at most, of however many samples.
  private static let elements = 1 << 22
  /// Samples that are looked at however many inputs they have.
  private static let fewest = 128

  let set: any Dataset
  /// Whether the program makes the samples itself.
  let isSynthetic: Bool
  let columns: [InputColumn]
  /// Names of the classes; empty where they have none.
  let classes: [String]
  /// [samples, features]
  let inputs: Matrix
  /// [samples, target columns]
  let targets: Matrix
  /// Of each input.
  let moments: [Moments]
  private let memory: Arena

  var rows: Int { inputs.rows }

  init(_ setup: RunSetup) throws(DatasetError) {
    set = setup.train
    isSynthetic = if case .synthetic = setup.configuration.data.train { true } else { false }
    columns = InputColumn.all(of: set.shape, setup.configuration.data.preprocessing)
    classes = if case .classes(let names)? = setup.configuration.data.preprocessing?.targets { names } else { [] }
    let count = min(Self.samples, max(Self.fewest, Self.elements / max(1, set.features)))
    let samples = SampledData.spread(count, over: set)
    memory = Arena(count: samples.count * (set.features + set.task.targetColumns))
    inputs = memory.matrix(at: 0, rows: samples.count, columns: set.features)
    targets = memory.matrix(at: inputs.count, rows: samples.count, columns: set.task.targetColumns)
    try set.fill(samples.span, features: inputs, targets: targets)
    moments = Self.moments(of: inputs)
  }

  /// Of every column of a matrix: first the means, then deviations from them.
  static func moments(of matrix: Matrix) -> [Moments] {
    var moments = [Moments](repeating: Moments(), count: matrix.columns)
    for row in 0..<matrix.rows {
      for column in 0..<matrix.columns { moments[column].mean += Double(matrix[row, column]) }
    }
    for column in moments.indices { moments[column].mean /= Double(matrix.rows) }
    for row in 0..<matrix.rows {
      for column in 0..<matrix.columns {
        let distance = Double(matrix[row, column]) - moments[column].mean
        moments[column].deviation += distance * distance
      }
    }
    for column in moments.indices {
      moments[column].deviation = (moments[column].deviation / Double(matrix.rows)).squareRoot()
    }
    return moments
  }

  func title(ofClass number: Int) -> String {
    number < classes.count ? "class \"\(classes[number])\"" : "class \(number)"
  }

  /// Of a column: over its inputs, and over their places in an image.
  func deviation(of column: InputColumn) -> Double { rootMeanSquare(column) { $0.deviation } }

  /// Of a column: √ of its mean square.
  func magnitude(of column: InputColumn) -> Double { rootMeanSquare(column) { $0.magnitude } }

  private func rootMeanSquare(_ column: InputColumn, _ figure: (Moments) -> Double) -> Double {
    let sum = column.inputs.reduce(0) { $0 + figure(moments[$1]) * figure(moments[$1]) }
    return (sum / Double(max(1, column.inputs.count))).squareRoot()
  }
}

import LockstepKernels
import LockstepTraining

/// What an evaluation gathers while samples go by.
protocol SampleFigures {
  /// - Parameters:
  ///   - outputs: [rows, units], as the network gives them; they may be overwritten.
  ///   - targets: [rows, targetColumns], in the units of the files.
  ///   - conclude: makes probabilities of logits, and of standardised targets numbers in their units, in place.
  mutating func add(_ outputs: Matrix, _ targets: Matrix, conclude: (Matrix) -> Void)

  /// Tells the report what they come to.
  ///
  /// - Parameter name: of class, label or target k.
  func conclude(_ report: inout EvaluationReport, name: (Int) -> String)
}

/// Scores that are kept for the areas under the curves: probabilities, column by column.
struct KeptScores {
  /// At most: half a gibibyte.
  private static let most = 1 << 27

  /// nil where they would be too many.
  private(set) var columns: [[Float]]?

  init(_ columns: Int, samples: Int) {
    let (count, overflow) = samples.multipliedReportingOverflow(by: columns)
    if !overflow && count <= Self.most { self.columns = Array(repeating: [], count: columns) }
  }

  /// Keeps the last columns of `probabilities`, as many as there are here.
  mutating func add(_ probabilities: Matrix) {
    let first = probabilities.columns - (columns?.count ?? 0)
    for column in first..<probabilities.columns {
      for row in 0..<probabilities.rows { columns?[column - first].append(probabilities[row, column]) }
    }
  }
}

extension EvaluationReport {
  /// Adds the mean of the areas that there are.
  mutating func addMean(of areas: [Double?]) {
    let known = areas.compactMap { $0 }
    if !known.isEmpty { further.append(("roc_auc", known.reduce(0, +) / Double(known.count))) }
  }
}

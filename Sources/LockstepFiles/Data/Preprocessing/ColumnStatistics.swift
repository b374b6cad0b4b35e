import LockstepKernels
import LockstepTraining

/// Mean and standard deviation of every column over some rows of a table, and which of its categories they hold: in Double, row by row in the order of the
/// file — Welford 1962, "Note on a method for calculating corrected sums of squares and products".
struct ColumnStatistics {
  private(set) var means: [Double]
  private var squares: [Double]
  private(set) var counts: [Int]
  /// By column: whether each of its categories was seen.
  private(set) var seen: [[Bool]]
  private let categories: [Bool]

  /// - Parameter isTaken: whether a row counts.
  /// - Throws: at the first number that is not finite, and the first that is missing where none may be.
  init(of table: SampleTable, allowsMissing: Bool, isTaken: (Int) -> Bool) throws(DataFileError) {
    let columns = table.columns.count
    means = Array(repeating: 0, count: columns)
    squares = means
    counts = Array(repeating: 0, count: columns)
    seen = table.columns.map { Array(repeating: false, count: $0.categories?.count ?? 0) }
    categories = table.columns.map { $0.categories != nil }
    let memory = Arena(count: columns)
    let values = memory.all
    for index in 0..<table.count where isTaken(index) {
      table.features.read(row: index, into: values)
      if let column = take(values, allowsMissing) {
        let text = table.features.text(row: index, column: column)
        throw DataFileError(
          table.name, place: "row \(index), column \(column)", found: text, expected: "a finite number",
          hint: values[column].isNaN ? "missing: mean takes NaN for missing" : nil)
      }
    }
  }

  /// - Returns: the first column whose value cannot be.
  private mutating func take(_ values: Vector, _ allowsMissing: Bool) -> Int? {
    for column in 0..<values.count {
      let value = Double(values[column])
      guard value.isFinite else {
        if value.isNaN && allowsMissing { continue }
        return column
      }
      if categories[column] {
        seen[column][Int(value)] = true
      } else {
        counts[column] += 1
        let delta = value - means[column]
        means[column] += delta / Double(counts[column])
        squares[column] += delta * (value - means[column])
      }
    }
    return nil
  }

  /// Standard deviation of the population; 1 for a column that does not vary, which is then only moved.
  func deviation(_ column: Int) -> Double {
    let variance = counts[column] > 0 ? squares[column] / Double(counts[column]) : 0
    let deviation = variance.squareRoot()
    // What is left of a constant after rounding is no variation.
    return deviation > abs(means[column]) * 1e-12 && deviation.isNormal ? deviation : 1
  }
}

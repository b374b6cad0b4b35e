import LockstepKernels
import LockstepTraining

/// Mean and standard deviation of every column over some rows of an array, in Double, row by row in the order of the file — Welford 1962, "Note on a method for
/// calculating corrected sums of squares and products".
struct ColumnStatistics {
  private(set) var means: [Double]
  private var squares: [Double]
  private(set) var counts: [Int]
  /// The most that float32 moves a number of the column.
  private var moved: [Double]
  private var firsts: [Double]
  private var varies: [Bool]

  init(columns: Int) {
    means = Array(repeating: 0, count: columns)
    squares = means
    counts = Array(repeating: 0, count: columns)
    moved = means
    firsts = means
    varies = Array(repeating: false, count: columns)
  }

  @inline(__always)
  mutating func add(_ value: Double, column: Int) {
    counts[column] += 1
    if counts[column] == 1 { firsts[column] = value } else if value != firsts[column] { varies[column] = true }
    let delta = value - means[column]
    means[column] += delta / Double(counts[column])
    squares[column] += delta * (value - means[column])
    moved[column] = max(moved[column], abs(value - Double(Float(value))))
  }

  /// Standard deviation of the population; 1 for a column that does not vary, which is then only moved.
  func deviation(_ column: Int) -> Double {
    let variance = counts[column] > 0 ? squares[column] / Double(counts[column]) : 0
    let deviation = variance.squareRoot()
    // What is left of a constant after rounding is no variation.
    return deviation > abs(means[column]) * 1e-12 && deviation.isNormal ? deviation : 1
  }

  /// The most that float32 moves a number of the column, in deviations.
  func blur(_ column: Int) -> Double { moved[column] / deviation(column) }

  /// Whether all of several values are the same.
  func isConstant(_ column: Int) -> Bool { counts[column] > 1 && !varies[column] }
}

/// What the samples of a table say of its columns: statistics of the numbers, and which categories there are.
struct TableStatistics {
  private(set) var numbers: ColumnStatistics
  /// By column: whether each of its categories was seen.
  private(set) var seen: [[Bool]]

  /// Whether any sample has a value in the column.
  func hasValue(_ column: Int) -> Bool {
    seen[column].isEmpty ? numbers.counts[column] > 0 : seen[column].contains(true)
  }

  /// - Parameter isTaken: whether a sample counts.
  /// - Throws: at the first number that is not finite, and the first that is missing where none may be.
  init(of table: SampleTable, allowsMissing: Bool, isTaken: (Int) -> Bool) throws(DataFileError) {
    var numbers = ColumnStatistics(columns: table.columns.count)
    var seen = table.columns.map { Array(repeating: false, count: $0.categories?.count ?? 0) }
    let areCategories = table.columns.map { $0.categories != nil }
    for index in 0..<table.count where isTaken(index) {
      var bad: Int?
      let row = table.row(index)
      table.features.forEach(row: row) { column, value in
        guard value.isFinite else {
          if !(value.isNaN && allowsMissing), bad == nil { bad = column }
          return
        }
        if areCategories[column] {
          seen[column][Int(value)] = true
        } else {
          numbers.add(value, column: column)
        }
      }
      if let bad {
        let text = table.features.text(row: row, column: bad)
        throw DataFileError(
          table.name, place: "row \(row), column \(bad)", found: text, expected: "a finite number",
          hint: text == "nan" ? "missing: mean takes NaN for missing" : nil)
      }
    }
    (self.numbers, self.seen) = (numbers, seen)
  }
}

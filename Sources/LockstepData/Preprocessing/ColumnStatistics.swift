import LockstepKernels

/// Mean and standard deviation of every column over some rows of an array, in Double, row by row in the order of the
/// file — Welford 1962, "Note on a method for calculating corrected sums of squares and products".
struct ColumnStatistics {
  /// What is known of one column.
  private struct Moments {
    var count = 0
    var mean = 0.0
    var squares = 0.0
    /// The most that float32 moves a number of the column.
    var moved = 0.0
    var first = 0.0
    var varies = false

    @inline(__always)
    mutating func add(_ value: Double) {
      count += 1
      if count == 1 { first = value }
      varies = varies || value != first
      let delta = value - mean
      mean += delta / Double(count)
      squares += delta * (value - mean)
      moved = max(moved, abs(value - Double(Float(value))))
    }
  }

  private var moments: [Moments]

  init(columns: Int) { moments = Array(repeating: Moments(), count: columns) }

  mutating func add(_ value: Double, column: Int) { moments[column].add(value) }

  /// Adds a number to every column.
  mutating func add(_ row: [Double]) {
    precondition(row.count == moments.count)
    var columns = moments.mutableSpan
    for column in row.indices { columns[column].add(row[column]) }
  }

  func count(_ column: Int) -> Int { moments[column].count }
  func mean(_ column: Int) -> Double { moments[column].mean }

  /// Standard deviation of the population; 1 for a column that does not vary, which is then only moved.
  func deviation(_ column: Int) -> Double {
    let variance = moments[column].count > 0 ? moments[column].squares / Double(moments[column].count) : 0
    let deviation = variance.squareRoot()
    // A mean is off by a few units of its last place; what is smaller is no variation.
    return moments[column].varies && deviation > abs(moments[column].mean) * 1e-15 && deviation.isNormal ? deviation : 1
  }

  /// The most that float32 moves a number of the column, in deviations.
  func blur(_ column: Int) -> Double { moments[column].moved / deviation(column) }

  /// Whether all of several values are the same.
  func isConstant(_ column: Int) -> Bool { moments[column].count > 1 && !moments[column].varies }
}

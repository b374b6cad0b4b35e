import LockstepKernels

/// Mean and standard deviation of every column over some rows of an array, in Double, row by row in the order of the
/// file — Welford 1962, "Note on a method for calculating corrected sums of squares and products". Of images, whose
/// rows have channels last, a channel's columns have one mean and deviation, over all positions of all rows.
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

    init() {}

    /// Those of bytes divided by 255, of which each of the 256 occurs so often: whole numbers, which are the same in
    /// whatever order they were counted.
    init(byteCounts: [UInt64]) {
      for (byte, times) in byteCounts.enumerated() where times > 0 {
        let value = Double(byte) / 255
        if count > 0 { varies = true } else { first = value }
        count += Int(times)
        mean += Double(byte) * Double(times)
        moved = max(moved, abs(value - Double(Float(value))))
      }
      mean /= 255 * Double(max(1, count))
      for (byte, times) in byteCounts.enumerated() {
        let distance = Double(byte) / 255 - mean
        squares += distance * distance * Double(times)
      }
    }
  }

  /// One a column, or a channel.
  private var moments: [Moments]

  /// - Parameter columns: how many there are, or of images how many channels.
  init(columns: Int) { moments = Array(repeating: Moments(), count: columns) }

  /// Of pictures: by channel how often each byte occurs.
  init(byteCounts: [[UInt64]]) { moments = byteCounts.map { Moments(byteCounts: $0) } }

  mutating func add(_ value: Double, column: Int) { moments[column % moments.count].add(value) }

  /// Adds a number to every column.
  mutating func add(_ row: [Double]) {
    precondition(row.count % moments.count == 0)
    var columns = moments.mutableSpan
    for start in stride(from: 0, to: row.count, by: columns.count) {
      for column in columns.indices { columns[column].add(row[start + column]) }
    }
  }

  private func moments(_ column: Int) -> Moments { moments[column % moments.count] }

  func count(_ column: Int) -> Int { moments(column).count }
  func mean(_ column: Int) -> Double { moments(column).mean }

  /// Standard deviation of the population; 1 for a column that does not vary, which is then only moved.
  func deviation(_ column: Int) -> Double {
    let moments = moments(column)
    let variance = moments.count > 0 ? moments.squares / Double(moments.count) : 0
    let deviation = variance.squareRoot()
    // A mean is off by a few units of its last place; what is smaller is no variation.
    return moments.varies && deviation > abs(moments.mean) * 1e-15 && deviation.isNormal ? deviation : 1
  }

  /// The most that float32 moves a number of the column, in deviations.
  func blur(_ column: Int) -> Double { moments(column).moved / deviation(column) }

  /// Whether all of several values are the same.
  func isConstant(_ column: Int) -> Bool { moments(column).count > 1 && !moments(column).varies }
}

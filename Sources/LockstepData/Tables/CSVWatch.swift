import LockstepFormats
import LockstepKernels

/// The numbers of a table's first rows as the file has them, to see what a person may not have meant: columns that only
/// count rows, and numbers that float32 cannot tell apart.
struct CSVWatch {
  /// So many numbers are looked at, at most.
  private static let most = 1 << 20
  let rows: Int
  private(set) var values: [[Double]]

  /// - Parameter columns: features, then targets.
  init(columns: Int) {
    rows = min(4096, max(64, Self.most / max(1, columns)))
    values = Array(repeating: [], count: columns)
  }

  mutating func look(at reader: borrowing CSVReader, _ layout: CSVLayout, _ kind: TargetKind?) {
    for column in layout.roles.indices {
      let slot: Int
      switch layout.roles[column] {
      case .number(let feature): slot = feature
      case .target(let place) where kind == .numbers: slot = layout.features + place
      default: continue
      }
      if let value = reader.number(column, as: Double.self) { values[slot].append(value) }
    }
  }
}

/// What the numbers of a column look like.
enum ColumnSigns {
  /// Whether they go up by one from row to row, as the number of the row does.
  static func countUp(_ values: [Double]) -> Bool {
    values.count >= 3 && zip(values, values.dropFirst()).allSatisfy { $1 == $0 + 1 }
  }

  /// Two neighbours that float32 cannot tell apart, where there are many such (more than one in a hundred) and the
  /// difference counts: float32 moves numbers by more than a ten-thousandth of the deviation.
  static func blurred(_ values: [Double]) -> (Double, Double)? {
    let sorted = values.filter(\.isFinite).sorted()
    var (different, blurred, first) = (0, 0, (Double, Double)?.none)
    for (a, b) in zip(sorted, sorted.dropFirst()) where a != b {
      different += 1
      guard Float(a) == Float(b) else { continue }
      blurred += 1
      if first == nil { first = (a, b) }
    }
    guard blurred * 100 > different else { return nil }
    var statistics = ColumnStatistics(columns: 1)
    for value in sorted { statistics.add(value, column: 0) }
    return statistics.blur(0) > 1e-4 ? first : nil
  }

  /// Mean and deviation; nil of no numbers.
  static func scale(_ values: [Double]) -> Preprocessing.Scale? {
    var statistics = ColumnStatistics(columns: 1)
    for value in values where value.isFinite { statistics.add(value, column: 0) }
    return statistics.count(0) == 0 ? nil : .init(mean: statistics.mean(0), deviation: statistics.deviation(0))
  }
}

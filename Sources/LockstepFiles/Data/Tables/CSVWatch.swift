import LockstepTraining

/// The numbers of a table's first rows as the file has them, to see what a person may not have meant: columns that only count rows, and numbers that float32
/// cannot tell apart.
struct CSVWatch {
  /// So many numbers are looked at, at most.
  private static let most = 1 << 20
  let rows: Int
  private(set) var values: [[Double]]

  init(features: Int) {
    rows = min(4096, max(64, Self.most / max(1, features)))
    values = Array(repeating: [], count: features)
  }

  mutating func look(at reader: borrowing CSVReader, _ roles: [CSVLayout.Role]) {
    for column in roles.indices {
      if case .number(let slot) = roles[column], let value = reader.number(column, as: Double.self) {
        values[slot].append(value)
      }
    }
  }
}

/// What the numbers of a column look like.
enum ColumnSigns {
  /// Whether they go up by one from row to row, as the number of the row does.
  static func countUp(_ values: [Double]) -> Bool {
    values.count >= 3 && zip(values, values.dropFirst()).allSatisfy { $1 == $0 + 1 }
  }

  /// Two neighbours that float32 cannot tell apart, where there are many such: more than one in a hundred.
  static func blurred(_ values: [Double]) -> (Double, Double)? {
    let sorted = values.filter(\.isFinite).sorted()
    var (different, blurred, first) = (0, 0, (Double, Double)?.none)
    for (a, b) in zip(sorted, sorted.dropFirst()) where a != b {
      different += 1
      guard Float(a) == Float(b) else { continue }
      blurred += 1
      if first == nil { first = (a, b) }
    }
    return blurred * 100 > different ? first : nil
  }
}

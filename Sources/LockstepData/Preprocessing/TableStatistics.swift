import LockstepFormats
import LockstepKernels

/// What the samples of a table say of its columns: statistics of the numbers, and which categories there are.
struct TableStatistics {
  private(set) var numbers: ColumnStatistics
  /// By column: whether each of its categories was seen.
  private(set) var seen: [[Bool]]

  /// Whether any sample has a value in the column.
  func hasValue(_ column: Int) -> Bool {
    seen[column].isEmpty ? numbers.count(column) > 0 : seen[column].contains(true)
  }

  /// - Parameter isTaken: whether a sample counts.
  /// - Throws: at the first number that is not finite, and the first that is missing where none may be.
  init(of table: SampleTable, allowsMissing: Bool, isTaken: (Int) -> Bool) throws(DataFileError) {
    numbers = ColumnStatistics(columns: table.image?.channels ?? table.columns.count)
    seen = table.columns.map { Array(repeating: false, count: $0.categories?.count ?? 0) }
    if let pictures = table.pictures {
      numbers = ColumnStatistics(byteCounts: try pictures.byteCounts(where: isTaken))
      return
    }
    let hasCategories = table.columns.contains { $0.categories != nil }
    var row = [Double](repeating: 0, count: table.columns.count)
    for index in 0..<table.count where isTaken(index) {
      table.features.read(row: table.row(index), into: &row)
      if !hasCategories, row.allSatisfy(\.isFinite) {
        numbers.add(row)
      } else if let bad = add(row, allowsMissing) {
        let text = table.features.text(row: table.row(index), column: bad)
        throw DataFileError(
          table.name, place: table.place(row: table.row(index), column: bad), found: text, expected: "a finite number",
          hint: text == "nan" ? "missing: mean takes NaN for missing" : nil)
      }
    }
  }

  /// - Returns: the first column whose value cannot be.
  private mutating func add(_ row: [Double], _ allowsMissing: Bool) -> Int? {
    for column in row.indices {
      let value = row[column]
      if !value.isFinite {
        if value.isNaN && allowsMissing { continue }
        return column
      }
      if seen[column].isEmpty { numbers.add(value, column: column) } else { seen[column][Int(value)] = true }
    }
    return nil
  }
}

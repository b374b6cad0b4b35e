import LockstepKernels

/// What a person should know of how a table was read, and may not have meant.
struct TableFindings: Sendable {
  var warnings: [String] = []
  /// Columns that nobody looks at, by their names or numbers.
  var ignored: [String] = []
  /// Samples with a category that the model does not know.
  var unknown = UnknownCategories()

  /// Looks at the first rows of an array for numbers that float32 cannot tell apart.
  mutating func look(at array: NumericArray, isScaled: Bool) {
    guard !isScaled, !array.isExactInFloat else { return }
    let watch = CSVWatch(features: array.columns)
    var values = Array(repeating: [Double](), count: array.columns)
    for row in 0..<min(array.rows, watch.rows) {
      array.forEach(row: row) { column, value in values[column].append(value) }
    }
    for (column, values) in values.enumerated() { lookForBlur(values, "column \(column)") }
  }

  /// - Parameter title: what messages call the column.
  mutating func lookForBlur(_ values: [Double], _ title: String) {
    guard let (a, b) = ColumnSigns.blurred(values) else { return }
    warnings.append(
      "\(title): float32 cannot tell \(Format.exact(a)) from \(Format.exact(b)): standardize: true works in float64 from what the file holds"
    )
  }
}

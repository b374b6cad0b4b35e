import LockstepFormats
import LockstepKernels

/// What a person should know of how a table was read, and may not have meant.
struct TableFindings: Sendable {
  var warnings: [String] = []
  /// Features that float32 blurs, by their places.
  var blurred: Set<Int> = []
  /// Columns that nobody looks at, by their names or numbers.
  var ignored: [String] = []
  /// Of targets that are numbers, as the file has them, over its first rows; empty where nobody has looked.
  var targets: [Preprocessing.Scale] = []
  /// Samples with a category that the model does not know.
  var unknown = UnknownCategories()
  /// Cells of features that held nothing; nil for an array, whose elements nobody has looked at yet.
  var missing: Int?

  /// Looks at the first rows of an array for numbers that float32 cannot tell apart.
  mutating func look(at array: NumericArray, isScaled: Bool) {
    guard !isScaled, !array.isExactInFloat else { return }
    let watch = CSVWatch(columns: array.columns)
    var values = Array(repeating: [Double](), count: array.columns)
    for row in 0..<min(array.rows, watch.rows) {
      array.forEach(row: row) { column, value in values[column].append(value) }
    }
    for (column, values) in values.enumerated() { lookForBlur(values, "column \(column)", feature: column) }
  }

  /// - Parameters:
  ///   - title: what messages call the column.
  ///   - feature: its place among the features; nil for a target.
  mutating func lookForBlur(_ values: [Double], _ title: String, feature: Int? = nil) {
    guard let (a, b) = ColumnSigns.blurred(values) else { return }
    if let feature { blurred.insert(feature) }
    warnings.append(
      "\(title): float32 cannot tell \(Format.exact(a)) from \(Format.exact(b)): standardize: true works in float64 from what the file holds"
    )
  }
}

import LockstepFormats
import LockstepKernels

extension NumericArray {
  /// Whether it can say what each of `samples` samples counts.
  ///
  /// - Parameter taken: the rows that are samples; nil where all are.
  /// - Throws: where there is not one number a sample, at the first that is negative or not finite, and where none is
  ///   above 0.
  func checkWeights(samples: Int, name: String, taken: Slots<UInt32>? = nil) throws(DataFileError) {
    guard rows == samples, columns == 1 else {
      throw DataFileError(
        name, found: "weights of \(rows) × \(columns)", expected: "\(samples) × 1, one a sample")
    }
    let memory = Arena(count: 1)
    let cell = memory.all
    var isAnyAbove = false
    for index in 0..<(taken?.count ?? rows) {
      let row = taken.map { Int($0[index]) } ?? index
      read(row: row, into: cell)
      guard cell[0] >= 0, cell[0].isFinite else {
        throw DataFileError(
          name, place: "row \(row)", found: "the weight \(text(row: row, column: 0))",
          expected: "a finite number of at least 0")
      }
      if cell[0] > 0 { isAnyAbove = true }
    }
    guard isAnyAbove else { throw DataFileError(name, found: "weights of 0 alone", expected: "one above 0") }
  }
}

import LockstepKernels

/// Turns the numbers of a row, as a table holds them, into the inputs of a network, in place.
///
/// The row has room for all inputs and holds the raw numbers in its last elements. Going from left to right, what a column becomes never reaches a number that is
/// still to be read: every column becomes at least one input.
final class SampleEncoder: Sendable {
  /// Inputs of the network, and columns of the table.
  let features: Int
  let columns: Int
  private let numbers: ColumnScaling
  /// By column: the input of each category's number, in the order of the table's numbers; empty for a number. −1 where training knows no such category.
  private let inputs: [[Int32]]
  /// By column: how many inputs it becomes.
  private let widths: [Int]
  private let hasCategories: Bool
  private let isPlain: Bool
  private let fillsMissing: Bool

  /// - Parameter names: by column, the categories in the order of the table's numbers; nil where these are the preprocessing's own.
  init(_ preprocessing: Preprocessing, names: [[String]?]? = nil) {
    features = preprocessing.features
    columns = preprocessing.columns.count
    var (means, deviations, inputs): ([Double], [Double], [[Int32]]) = ([], [], [])
    for (index, column) in preprocessing.columns.enumerated() {
      switch column.kind {
      case .number(let mean, let deviation):
        means.append(mean)
        deviations.append(deviation)
        inputs.append([])
      case .category(let known):
        let places = Dictionary(uniqueKeysWithValues: known.enumerated().map { ($1, Int32($0)) })
        let own = names?[index] ?? known
        means.append(0)
        deviations.append(1)
        inputs.append(own.map { places[$0] ?? -1 })
      }
    }
    self.inputs = inputs
    widths = preprocessing.columns.map(\.width)
    numbers = ColumnScaling(
      means: means, deviations: deviations, isScaling: preprocessing.isStandardized,
      isFilling: preprocessing.fillsMissing)
    hasCategories = preprocessing.columns.contains(where: \.isCategory)
    isPlain = !preprocessing.isStandardized && !preprocessing.fillsMissing
    fillsMissing = preprocessing.fillsMissing
  }

  /// Where the raw numbers of a row of inputs stand.
  func raw(in row: Vector) -> Vector { row[features - columns..<features] }

  /// - Returns: the first column whose number is not finite, or whose category is unknown; nil if all is well.
  func encode(_ row: Vector) -> Int? {
    if hasCategories { return encodeMixed(row) }
    if isPlain { return row.firstNonFinite }
    if !fillsMissing, let column = row.firstNonFinite { return column }
    numbers.apply(to: row)
    return row.firstNonFinite
  }

  private func encodeMixed(_ row: Vector) -> Int? {
    let raw = raw(in: row)
    var at = 0
    for column in 0..<columns {
      let value = raw[column]
      guard value.isFinite || value.isNaN && fillsMissing else { return column }
      let places = inputs[column]
      if places.isEmpty {
        row[at] = numbers.applied(to: value, column: column)
        guard row[at].isFinite else { return column }
        at += 1
        continue
      }
      let width = widths[column]
      row[at..<at + width].fill(0)
      if !value.isNaN {
        let place = Int(places[Int(value)])
        guard place >= 0 else { return column }
        row[at + place] = 1
      }
      at += width
    }
    return nil
  }
}

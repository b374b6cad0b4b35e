import LockstepFormats

/// Where a sample comes from: a row of a file.
package struct SampleOrigin: Sendable, Equatable {
  /// The row of the file, counted from 0; the header of a table is none.
  package var row: Int
  /// The cells of its features as the file holds them, where that is a table: numbers with the digits that tell them
  /// apart, categories by name, missing ones empty.
  package var cells: [String]
}

/// Samples that know where they come from.
package protocol TracedDataset: Dataset {
  /// nil where sample `index` has a number alone.
  func origin(of index: Int) -> SampleOrigin?
}

extension FileDataset: TracedDataset {
  package func origin(of index: Int) -> SampleOrigin? {
    let row = table.row(index)
    guard table.pictures == nil, table.image == nil else { return SampleOrigin(row: row, cells: []) }
    var cells: [String] = []
    table.features.forEach(row: row) { column, value in cells.append(Self.text(value, table.columns[column])) }
    return SampleOrigin(row: row, cells: cells)
  }

  private static func text(_ value: Double, _ column: SampleTable.Column) -> String {
    if value.isNaN { return "" }
    guard let categories = column.categories else {
      // What is held in 32 bits has no more digits than they tell.
      return Double(Float(value)) == value ? Format.exact(Float(value)) : Format.exact(value)
    }
    return value >= 0 && value < Double(categories.count) ? categories[Int(value)].name : "unknown"
  }
}

extension DatasetView: TracedDataset {
  package func origin(of index: Int) -> SampleOrigin? { (base as? any TracedDataset)?.origin(of: sample(index)) }
}

extension WeightedDataset: TracedDataset {
  package func origin(of index: Int) -> SampleOrigin? { (base as? any TracedDataset)?.origin(of: index) }
}

extension Format {
  /// The fewest digits that tell a number from every other Float, a whole one without a point.
  fileprivate static func exact(_ value: Float) -> String {
    let text = "\(value)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}

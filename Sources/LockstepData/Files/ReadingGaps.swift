import LockstepFormats

/// What a file held that the model did not know, or lacked, and how often.
public struct ReadingGaps: Sendable, Equatable {
  /// Rows with a category that no training sample has, taken for none of them.
  public private(set) var unknownRows = 0
  /// The first such category behind the name of its column: `colour: "mauve"`.
  public private(set) var unknownExample: String?
  /// Cells that were missing: a number took its column's mean, a category none of its inputs.
  public private(set) var filledCells = 0

  package init(unknown: UnknownCategories = UnknownCategories(), filled: Int = 0) {
    (unknownRows, unknownExample, filledCells) = (unknown.rows, unknown.example, filled)
  }

  /// A sentence for unknown categories and one for missing cells; empty where there were none.
  public var notes: [String] {
    var lines: [String] = []
    if unknownRows > 0 {
      lines.append(
        "\(Format.count(unknownRows)) \(unknownRows == 1 ? "row has" : "rows have") a category that training has not, taken for none (\(unknownExample ?? ""))"
      )
    }
    if filledCells > 0 {
      lines.append(
        "\(Format.count(filledCells)) \(filledCells == 1 ? "cell is" : "cells are") missing: a number takes its column's mean, a category is none"
      )
    }
    return lines
  }
}

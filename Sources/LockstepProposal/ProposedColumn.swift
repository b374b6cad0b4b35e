import LockstepConfiguration
import LockstepData
import LockstepFormats

/// A column of a table, what it holds, and what a proposal does with it.
public struct ProposedColumn: Sendable, Equatable {
  /// What becomes of a column.
  public enum Use: Sendable, Equatable {
    /// An input.
    case feature
    /// What is learned.
    case target
    /// Left out, for this reason.
    case ignored(String)
  }

  /// As the header spells it, or its number from 0.
  public let name: String
  /// `numbers`, `whole numbers`, `categories`, `dates`, `mixed`, `empty`.
  public let kind: String
  /// From the least to the greatest number, or the categories.
  public let values: String
  /// Cells that hold nothing.
  public let missing: Int
  /// What becomes of it.
  public internal(set) var use: Use
  /// Whether its values are categories.
  let isCategory: Bool
  /// Whether it must be said that they are, because numbers stand among them.
  let isNamedCategory: Bool
  /// Words that stand for a missing number.
  let missingWords: [String]
}

extension ProposedColumn {
  /// A column before anything is known of a target.
  init(_ column: TableSurvey.Column, number: Int, rows: Int) {
    name = column.name ?? "\(number)"
    missing = column.missing
    missingWords = column.wordsForNothing
    let isNumber = column.isNumber || !missingWords.isEmpty
    let isMixed = !isNumber && column.numbers > 0
    let isFew = !column.hasMore && column.values.count <= Self.mostCategories && column.values.count * 2 <= column.cells
    isCategory = !isNumber && column.cells > 0
    isNamedCategory = isMixed
    if column.cells == 0 {
      (kind, values) = ("empty", "")
    } else if isNumber {
      kind = column.isWhole ? "whole numbers" : "numbers"
      values = column.range.map { "\(Self.text($0.lowerBound)) to \(Self.text($0.upperBound))" } ?? ""
    } else {
      kind = column.dates * 2 > column.cells ? "dates" : isMixed ? "mixed" : "categories"
      let shown = column.values.prefix(3).map { Display.plain($0.text) }.joined(separator: ", ")
      let more = column.values.count - 3
      values = more > 0 ? "\(shown), … (\(column.hasMore ? "over " : "")\(Format.count(column.values.count)))" : shown
    }
    let reason: String? =
      if column.cells == 0 {
        "it is empty"
      } else if column.values.count == 1, !column.hasMore, column.missing == 0 {
        "a constant"
      } else if rows >= 50, !column.hasMore, let most = column.values.map(\.rows).max(),
        column.cells - most <= Self.fewOthers
      {
        "all but \(column.cells - most) rows have the same value"
      } else if column.cells * 5 < rows {
        "most of it is missing"
      } else if kind == "dates" {
        "dates"
      } else if isNumber, column.isWhole, column.countsUp, column.missing == 0, rows >= 10 {
        "it counts the rows"
      } else if isNumber, column.isWhole, column.isUnique, Self.isIdentifier(name), rows >= 10 {
        "an id: no two rows have the same"
      } else if !isNumber, column.foreign * 2 > column.words {
        "numbers written another way (\(Display.plain(column.foreignExample ?? "")))"
      } else if isCategory, column.isUnique, rows >= 10 {
        "names or ids: no two rows have the same"
      } else if isCategory, !isFew {
        "too many different words, \(column.hasMore ? "over " : "")\(Format.count(column.values.count)), to be categories"
      } else {
        nil
      }
    use = reason.map { .ignored($0) } ?? .feature
  }

  /// So few rows that differ may all be among those that are held back.
  private static let fewOthers = 5
  /// More become too many inputs.
  private static let mostCategories = 500

  /// With the digits that it has in the file where they are few.
  private static func text(_ number: Double) -> String {
    let exact = Format.exact(number)
    return exact.count <= 9 ? Format.minus(exact) : Format.significant(number)
  }

  /// Whether a name is one of those that numbers of rows in a data base have.
  private static func isIdentifier(_ name: String) -> Bool {
    let lower = name.lowercased()
    return ["id", "index", "key", "no", "nr", "number"].contains(lower) || lower.hasPrefix("id_")
      || ["_id", " id", "-id", "_key", "_no"].contains { lower.hasSuffix($0) } || name.hasSuffix("Id")
  }
}

extension TableSurvey.Column {
  /// A few different words among many numbers, which stand for nothing: `unknown`, `-`, `*`.
  fileprivate var wordsForNothing: [String] {
    guard numbers > 0, words > 0, foreign == 0, words * 5 <= numbers else { return [] }
    let different = values.filter { Double($0.text) == nil }
    return different.count <= 2 && !hasMore ? different.map(\.text) : []
  }
}

/// How the cells of a table of text are told apart, and what they say.
public struct CSVDialect: Sendable, Equatable {
  public var delimiter: Character
  /// What stands around a cell that holds delimiters or line ends.
  public var quote: Character
  /// Before the fraction of a number.
  public var decimal: Character
  /// Between groups of three digits; nil where there is none.
  public var thousands: Character?
  /// Words that stand for nothing; nil for the usual ones, `CSVDialect.usualMissing`. An empty cell is always missing.
  public var missingWords: [String]?
  /// What it begins, outside quotes, is no part of the table, up to the end of the line.
  public var comment: Character?
  /// Lines before the table.
  public var skippedLines: Int

  /// Words that stand for a missing value where a cell holds them without quotes.
  public static let usualMissing = ["?", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "<NA>", "#N/A"]

  public init(
    delimiter: Character = ",", quote: Character = "\"", decimal: Character = ".", thousands: Character? = nil,
    missingWords: [String]? = nil, comment: Character? = nil, skippedLines: Int = 0
  ) {
    (self.delimiter, self.quote, self.decimal, self.thousands) = (delimiter, quote, decimal, thousands)
    (self.missingWords, self.comment, self.skippedLines) = (missingWords, comment, skippedLines)
  }
}
